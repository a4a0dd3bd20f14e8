"""A server on this machine answers programs and its own pages, and refuses the pages of other sites."""

import socket
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from threading import Thread

import pytest

from local.process import HOST
from local.same_site import SameSiteRequestHandler
from tests.raw_http import OWN_HOST, ask


class PongHandler(SameSiteRequestHandler):
    protocol_version = "HTTP/1.1"
    no_delay: bool

    def do_POST(self) -> None:
        PongHandler.no_delay = bool(self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "6")
        self.end_headers()
        self.wfile.write(b'"pong"')

    do_GET = do_OPTIONS = do_POST

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with ThreadingHTTPServer((HOST, 0), PongHandler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("host", ["localhost:PORT", "127.0.0.1:PORT", "[::1]:PORT", "LOCALHOST:PORT"])
def test_every_name_of_this_machine_is_answered(port: int, host: str) -> None:
    assert ask(port, ("Host", host)).json == "pong"
    assert ask(port, ("Host", host), ("Origin", f"http://{host}".replace("LOCALHOST", "localhost"))).json == "pong"


@pytest.mark.parametrize(
    "host", ["evil.example:PORT", "evil.example", "localhost", "localhost:1", "127.0.0.1.evil.example:PORT", ""]
)
def test_a_foreign_host_is_refused(port: int, host: str) -> None:
    answer = ask(port, ("Host", host))
    assert (answer.status, answer.json["Code"]) == (403, "ForbiddenError")
    assert f"localhost:{port}" in answer.json["Message"]
    assert answer.json["RequestId"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("hosts", [[], [OWN_HOST, ("Host", "evil.example")], [("Host", "evil.example"), OWN_HOST]])
def test_a_request_has_one_host(port: int, hosts: list[tuple[str, str]]) -> None:
    assert ask(port, *hosts).status == 403


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://localhost", "http://localhost:1", "https://localhost:PORT", "file://", ""],
)
@pytest.mark.parametrize("method", ["POST", "OPTIONS", "GET"])
def test_a_foreign_origin_is_refused(port: int, origin: str, method: str) -> None:
    answer = ask(port, OWN_HOST, ("Origin", origin), method=method)
    assert (answer.status, answer.json["Code"]) == (403, "ForbiddenError")
    assert "a page of another site" in answer.json["Message"]


def test_a_refused_request_ends_its_connection(port: int) -> None:
    with socket.create_connection((HOST, port), timeout=30) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 5\r\n\r\n12345GET / HTTP/1.1\r\n\r\n")
        answer = b"".join(iter(lambda: client.recv(4096), b""))
    assert answer.count(b"HTTP/1.1 403") == 1
    assert answer.count(b"HTTP/1.1") == 1


def test_answers_are_sent_at_once(port: int) -> None:
    assert ask(port, OWN_HOST).status == 200
    assert PongHandler.no_delay
