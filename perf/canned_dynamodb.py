"""DynamoDB on loopback as far as a benchmark needs it: it reads a request and sends the canned answer.

Run as a program, in clear or with a certificate over TLS, it prints its port and serves until it is stopped.
"""

import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from botocore.httpsession import get_cert_path

from local.certificate import make_certificate
from perf.canned import CLOSING_TABLE, answer

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ACTION = re.compile(rb"x-amz-target: *DynamoDB_20120810\.(\w+)", re.IGNORECASE)

canned = cache(answer)


def serve(certificate: str | None) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
    if context and certificate:
        context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=converse, args=(connection, context), daemon=True).start()


def converse(connection: socket.socket, context: ssl.SSLContext | None) -> None:
    """Answer the requests of one connection, one after another."""
    # Whoever is done measuring hangs up.
    with suppress(OSError), context.wrap_socket(connection, server_side=True) if context else connection as sock:
        received = b""
        while True:
            while b"\r\n\r\n" not in received:
                if not (chunk := sock.recv(65536)):
                    return
                received += chunk
            head, _, body = received.partition(b"\r\n\r\n")
            length = int(_LENGTH.search(head)[1])  # type: ignore[index]
            while len(body) < length:
                body += sock.recv(65536)
            table = _table(body[:length])
            sock.sendall(canned(_ACTION.search(head)[1].decode(), table))  # type: ignore[index]
            if table == CLOSING_TABLE:
                return
            received = body[length:]


def _table(body: bytes) -> str:
    request = json.loads(body)
    name: str = request.get("TableName") or next(iter(request["RequestItems"]))
    return name


def sdk_environment(url: str) -> dict[str, str]:
    """The environment in which the SDK talks to an endpoint and asks nothing else of the machine."""
    return {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL_DYNAMODB": url,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        # Lambda's credentials are always those of a role and carry one.
        "AWS_SESSION_TOKEN": "bench" * 80,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


class Endpoint(NamedTuple):
    """A running server, and the certificates to trust: the SDK's own bundle and the server's."""

    url: str
    ca_bundle: Path

    def environ(self) -> dict[str, str]:
        return {**sdk_environment(self.url), "AWS_CA_BUNDLE": str(self.ca_bundle)}


@contextmanager
def serving(scheme: str) -> Iterator[Endpoint]:
    """Start a server for `http` or `https` in a process of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        certificate = make_certificate(folder)
        bundle = folder / "bundle.pem"
        # The label puts it among the roots that are trusted first, as Amazon's own are.
        label = '\n# Label: "Amazon Root CA 0"\n'
        bundle.write_text(Path(get_cert_path(True)).read_text() + label + (folder / "certificate.crt").read_text())
        command = [sys.executable, "-m", "perf.canned_dynamodb", *([str(certificate)] if scheme == "https" else [])]
        process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
        stack.callback(process.terminate)
        assert process.stdout
        yield Endpoint(f"{scheme}://127.0.0.1:{int(process.stdout.readline())}", bundle)


if __name__ == "__main__":
    serve(sys.argv[1] if len(sys.argv) > 1 else None)
