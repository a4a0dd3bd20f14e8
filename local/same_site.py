"""What a server on this machine refuses: requests that a web page on another site makes through the browser."""

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4

from local.process import HOST

# The names of this machine that no other site can take for itself.
LOOPBACK_NAMES = ("localhost", HOST, "[::1]")
MAX_DRAINED_BYTES = 64 << 20
PIECE_BYTES = 65_536


class SameSiteRequestHandler(BaseHTTPRequestHandler):
    """A request handler that answers programs on this machine and the pages of its own server, but no other site.

    It sends each answer at once: with Nagle's algorithm, which the standard library leaves on, a client that keeps its
    connection waits 40 ms for the second half of every answer.
    """

    disable_nagle_algorithm = True
    server: HTTPServer
    # What a page of another site is told to do about it.
    way_in = ""

    def allowed_origin(self) -> str | None:
        """Return the other origin whose pages are answered, if there is one."""
        return None

    def parse_request(self) -> bool:
        """Read the request line and the headers; tells whether to go on, as the standard library's method does."""
        if not super().parse_request():
            return False
        hosts, origins = self.headers.get_all("Host", []), self.headers.get_all("Origin", [])
        port = self.server.server_port
        refusal = foreign_host(hosts, port) or foreign_origin(origins, port, self.allowed_origin(), self.way_in)
        if refusal:
            self.refuse(403, "ForbiddenError", refusal)
        return not refusal

    def refuse(self, status: int, code: str, message: str, **headers: str) -> None:
        """Answer in the shape of the gateway's errors and end the connection."""
        self.close_connection = True
        self._drain()
        body, own_headers = error_answer(code, message)
        self.send_response(status)
        for name, value in {**own_headers, "Content-Length": str(len(body)), "Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _drain(self) -> None:
        """Read the body: a connection that is closed with unread bytes is reset, and the client may lose the answer."""
        length = self.headers.get("Content-Length", "0")
        left = min(int(length), MAX_DRAINED_BYTES) if length.isdecimal() else 0
        while left and (piece := self.rfile.read(min(left, PIECE_BYTES))):
            left -= len(piece)


def error_answer(code: str, message: str) -> tuple[bytes, dict[str, str]]:
    """Return the body and the headers of an error in the gateway's shape."""
    request_id = str(uuid4())
    body = json.dumps({"Code": code, "Message": message, "RequestId": request_id}).encode()
    return body, {"Content-Type": "application/json", "X-Request-Id": request_id}


def foreign_host(hosts: list[str], port: int) -> str | None:
    """Return why a request with these `Host` headers is refused, or None.

    The name of another site may resolve to 127.0.0.1 (DNS rebinding); the browser sends that name.
    """
    own = own_hosts(port)
    if len(hosts) == 1 and hosts[0].lower() in own:
        return None
    return f"The header Host is {_listed(hosts)}; send the request to one of: {', '.join(own)}"


def foreign_origin(origins: list[str], port: int, allowed: str | None = None, way_in: str = "") -> str | None:
    """Return why a request with these `Origin` headers is refused, or None.

    A page of another site may send requests to 127.0.0.1; the browser adds where the page is from.
    """
    own = [*(f"http://{host}" for host in own_hosts(port)), allowed]
    if all(origin in own for origin in origins):
        return None
    return f"The header Origin is {_listed(origins)}, a page of another site{way_in}."


def own_hosts(port: int) -> list[str]:
    return [f"{name}:{port}" for name in LOOPBACK_NAMES]


def _listed(values: list[str]) -> str:
    return ", ".join(map(repr, values)) or "missing"
