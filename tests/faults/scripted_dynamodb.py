"""A DynamoDB that answers as it is told, on loopback, and keeps what it was asked."""

import json
import socket
import socketserver
import struct
from binascii import crc32
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any, NamedTuple

# Does one thing to a connection after a request; tells whether another request may follow on it.
Act = Callable[[socket.socket], bool]

SECRET = "arn:aws:iam::123456789012:role/inside"


class Server(NamedTuple):
    """`script` holds the acts for the next requests; when none is left, every answer is an empty success."""

    endpoint: str
    script: deque[Act]
    requests: list[dict[str, Any]]


@contextmanager
def misbehaving_server() -> Iterator[Server]:
    script: deque[Act] = deque()
    requests: list[dict[str, Any]] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while self.rfile.readline():
                length = 0
                while (line := self.rfile.readline().strip()) != b"":
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                requests.append(json.loads(self.rfile.read(length)))
                if not (script.popleft() if script else answer())(self.connection):
                    return

    class Threads(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Threads(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield Server(f"http://127.0.0.1:{server.server_address[1]}", script, requests)
        server.shutdown()


def response(body: bytes, status: int = 200, **headers: str) -> bytes:
    """The bytes of an answer, by default with the length and the checksum that DynamoDB sends along."""
    known = {
        "x-amzn-RequestId": "from-dynamodb",
        "Content-Type": "application/x-amz-json-1.0",
        "Content-Length": str(len(body)),
        "x-amz-crc32": str(crc32(body)),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in known.items() if value)
    return f"HTTP/1.1 {status} Status\r\n{head}\r\n".encode() + body


def answer(body: bytes = b"{}", status: int = 200, **headers: str) -> Act:
    def act(connection: socket.socket) -> bool:
        connection.sendall(response(body, status, **headers))
        return True

    return act


def refuse(code: str, status: int = 400, message: str = f"Not for {SECRET}") -> Act:
    body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message}
    return answer(json.dumps(body).encode(), status)


def cut(text: bytes = b"") -> Act:
    """Send some bytes and close the connection."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(text)
        return False

    return act


def reset(connection: socket.socket) -> bool:
    """Close the connection with a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
    return False


def stall(text: bytes = b"") -> Act:
    """Send some bytes, and nothing more until the other side gives up."""

    def act(connection: socket.socket) -> bool:
        connection.sendall(text)
        connection.recv(1)
        return False

    return act
