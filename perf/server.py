"""DynamoDB on loopback as far as a benchmark needs it: it reads a request and sends the canned answer.

Run as a program it prints its port and serves until it is stopped.
"""

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from perf.canned import answer

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_ACTION = re.compile(rb"x-amz-target: *DynamoDB_20120810\.(\w+)", re.IGNORECASE)

canned = cache(answer)


def serve() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        print(listener.getsockname()[1], flush=True)
        while True:
            connection, _ = listener.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=converse, args=(connection,), daemon=True).start()


def converse(connection: socket.socket) -> None:
    """Answer the requests of one connection, one after another."""
    with connection:
        received = b""
        while True:
            while b"\r\n\r\n" not in received:
                if not (chunk := connection.recv(65536)):
                    return
                received += chunk
            head, _, body = received.partition(b"\r\n\r\n")
            length = int(_LENGTH.search(head)[1])  # type: ignore[index]
            while len(body) < length:
                body += connection.recv(65536)
            action = _ACTION.search(head)[1].decode()  # type: ignore[index]
            connection.sendall(canned(action, _table(body[:length])))
            received = body[length:]


def _table(body: bytes) -> str:
    request = json.loads(body)
    name: str = request.get("TableName") or next(iter(request["RequestItems"]))
    return name


@contextmanager
def serving() -> Iterator[int]:
    """Start the server in a process of its own and yield its port."""
    process = subprocess.Popen([sys.executable, "-m", "perf.server"], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    serve()
