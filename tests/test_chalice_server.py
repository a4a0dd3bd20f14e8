"""Chalice's local server as `make run` starts it: other sites are refused, and answers are sent at once."""

import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from threading import Thread
from typing import Any
from unittest.mock import patch

import pytest

from local.chalice_server import RequestHandler, make_server
from local.process import HOST, free_port

PING = json.dumps({"operation": "ping"}).encode()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    # Chalice puts the stage's settings there.
    with patch.dict(os.environ):
        server = make_server(port)
        Thread(target=server.serve_forever, daemon=True).start()
        yield port
        server.shutdown()
        server.server.server_close()


@contextmanager
def connected(port: int) -> Iterator[HTTPConnection]:
    connection = HTTPConnection(HOST, port, timeout=30)
    yield connection
    connection.close()


def ask(port: int, *headers: tuple[str, str], method: str = "POST") -> tuple[int, Any]:
    """Send a ping with these headers and no other `Host` than theirs; `PORT` in them stands for the port."""
    with connected(port) as connection:
        connection.putrequest(method, "/DynamoDBManager", skip_host=True)
        for name, value in [*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(PING)))]:
            connection.putheader(name, value.replace("PORT", str(port)))
        connection.endheaders(PING)
        response = connection.getresponse()
        return response.status, json.loads(response.read() or b"null")


OWN_HOST = ("Host", "127.0.0.1:PORT")


@pytest.mark.parametrize("host", ["localhost:PORT", "127.0.0.1:PORT", "[::1]:PORT", "LOCALHOST:PORT"])
def test_every_name_of_this_machine_is_answered(port: int, host: str) -> None:
    assert ask(port, ("Host", host)) == (200, "pong")
    assert ask(port, ("Host", host), ("Origin", f"http://{host}".replace("LOCALHOST", "localhost"))) == (200, "pong")


@pytest.mark.parametrize(
    "host", ["evil.example:PORT", "evil.example", "localhost", "localhost:1", "127.0.0.1.evil.example:PORT", ""]
)
def test_a_foreign_host_is_refused(port: int, host: str) -> None:
    status, error = ask(port, ("Host", host))
    assert (status, error["Code"]) == (403, "ForbiddenError")
    assert f"localhost:{port}" in error["Message"]
    assert error["RequestId"]


@pytest.mark.parametrize("hosts", [[], [OWN_HOST, ("Host", "evil.example")], [("Host", "evil.example"), OWN_HOST]])
def test_a_request_has_one_host(port: int, hosts: list[tuple[str, str]]) -> None:
    assert ask(port, *hosts)[0] == 403


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost", "http://localhost:1", "https://localhost:PORT", "file://", ""],
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "GET"])
def test_a_foreign_origin_is_refused(port: int, origin: str, method: str) -> None:
    status, error = ask(port, OWN_HOST, ("Origin", origin), method=method)
    assert (status, error["Code"]) == (403, "ForbiddenError")
    assert "CORS_ALLOW_ORIGIN" in error["Message"]


def test_the_origin_that_the_stage_allows_is_answered(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ALLOW_ORIGIN", "https://app.example")
    assert ask(port, OWN_HOST, ("Origin", "https://app.example"))[0] == 200
    assert ask(port, OWN_HOST, ("Origin", "https://app.example.evil"))[0] == 403
    assert ask(port, OWN_HOST, ("Origin", "null"))[0] == 403


def test_an_allowance_for_every_origin_does_not_hold_on_a_developers_machine(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORS_ALLOW_ORIGIN", "*")
    assert ask(port, OWN_HOST, ("Origin", "https://evil.example"))[0] == 403


def test_a_refused_request_ends_its_connection(port: int) -> None:
    with socket.create_connection((HOST, port), timeout=30) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 5\r\n\r\n12345GET / HTTP/1.1\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.count(b"HTTP/1.1 403") == 1
    assert answer.count(b"HTTP/1.1") == 1


def test_answers_are_sent_at_once(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    switches: list[int] = []
    handle: Callable[[RequestHandler], None] = RequestHandler.handle

    def watched(handler: RequestHandler) -> None:
        switches.append(handler.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        handle(handler)

    monkeypatch.setattr(RequestHandler, "handle", watched)
    assert ask(port, OWN_HOST)[0] == 200
    assert switches
    assert all(switches)
