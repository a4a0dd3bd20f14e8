"""The gateway as `make run` serves it, in front of the tests' engine, and a server that answers as it is told."""

import json
import os
import sys
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, NamedTuple

import pytest

from local.process import HOST, PROJECT, free_port, guarded, wait_for


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of the resource."""
    port = free_port()
    command = [sys.executable, "-m", "local.chalice_server", str(port)]
    log = tmp_path_factory.mktemp("served") / "log"
    with guarded("The gateway", command, os.environ, cwd=PROJECT, log=log) as process:
        wait_for(process, port)
        yield f"http://{HOST}:{port}/DynamoDBManager"


class Told(NamedTuple):
    """One answer to give: the body as it stands, or a JSON value. The status 0 closes the connection instead."""

    status: int
    body: Any = b"{}"
    headers: dict[str, str] = {}  # noqa: RUF012


class Server(NamedTuple):
    """`script` holds the next answers; when none is left, each is an empty success. `requests` holds what was sent."""

    url: str
    script: deque[Told]
    requests: list[dict[str, Any]]
    headers: list[dict[str, str]]


@pytest.fixture
def told() -> Iterator[Server]:
    """A server that answers as it is told."""
    with told_server() as server:
        yield server


@contextmanager
def told_server() -> Iterator[Server]:
    script: deque[Told] = deque()
    requests: list[dict[str, Any]] = []
    seen: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            requests.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            seen.append({name.lower(): value for name, value in self.headers.items()})
            status, body, headers = script.popleft() if script else Told(200)
            if not status:
                self.close_connection = True
                return
            content = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Server(f"http://{HOST}:{server.server_address[1]}/DynamoDBManager", script, requests, seen)
        server.shutdown()
