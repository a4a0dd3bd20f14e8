"""An HTTP proxy in front of a real engine that loses answers: after the engine has applied the request."""

import select
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Event, Thread
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Forwarded(NamedTuple):
    """An action that was forwarded, and the status that the engine answered with."""

    action: str
    status: int


# How to lose an answer: does something to the connection, which is closed then.
Loss = Callable[[socket.socket, bytes], None]


def _cut(*part: int | None) -> Loss:
    """Send a part of the answer."""
    return lambda sock, answer: sock.sendall(answer[slice(*part)])


def _be_silent(sock: socket.socket, _: bytes) -> None:
    """Wait until the other side gives up."""
    sock.recv(1)


def _reset(sock: socket.socket, _: bytes) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def _fault(sock: socket.socket, _: bytes) -> None:
    body = b'{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"lost"}'
    head = b"HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
    sock.sendall(head % len(body) + body)


LOSSES: dict[str, Loss] = {
    "before the first byte": _cut(0),
    "in the head": _cut(30),
    "in the body": _cut(-1),
    "by reset": _reset,
    "by a 500": _fault,
    "by silence": _be_silent,
}


class LosingProxy:
    """`next_loss` is asked for each answer: how to lose it, or None to pass it on."""

    def __init__(self, endpoint: str) -> None:
        self.engine = urlsplit(endpoint).netloc
        self.endpoint = ""
        self.forwarded: list[Forwarded] = []
        self.next_loss: Callable[[], Loss | None] = lambda: None
        self._is_silent = Event()

    def lose(self, loss: Loss, sock: socket.socket, answer: bytes) -> None:
        if loss is _be_silent:
            self._is_silent.set()
        loss(sock, answer)

    def connect(self, address: tuple[str, int], timeout: float) -> Any:
        """Connect to the proxy. The socket times out as soon as the proxy is silent, and not before."""
        return ImpatientSocket(socket.create_connection(address, timeout), self._is_silent)


class ImpatientSocket:
    def __init__(self, sock: socket.socket, is_silent: Event) -> None:
        self._sock = sock
        self._is_silent = is_silent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def settimeout(self, seconds: float) -> None:
        pass

    def recv(self, size: int) -> bytes:
        while not select.select([self._sock], [], [], 0.01)[0]:
            if self._is_silent.is_set():
                self._is_silent.clear()
                raise TimeoutError
        return self._sock.recv(size)


@contextmanager
def losing_proxy(endpoint: str) -> Iterator[LosingProxy]:
    """Run the proxy in front of an engine's endpoint until the block ends."""
    proxy = LosingProxy(endpoint)

    class Handler(StreamRequestHandler):
        def handle(self) -> None:
            engine = HTTPConnection(proxy.engine)
            with suppress(ConnectionError):
                while self.rfile.readline():
                    headers: dict[str, str] = {}
                    while line := self.rfile.readline().decode().strip():
                        name, _, value = line.partition(": ")
                        headers[name.lower()] = value
                    body = self.rfile.read(int(headers["content-length"]))
                    engine.request("POST", "/", body, headers)
                    response = engine.getresponse()
                    content = response.read()
                    proxy.forwarded.append(Forwarded(headers["x-amz-target"].partition(".")[2], response.status))
                    head = f"HTTP/1.1 {response.status} Status\r\nContent-Length: {len(content)}\r\n"
                    answer = f"{head}x-amzn-RequestId: engine\r\n\r\n".encode() + content
                    if loss := proxy.next_loss():
                        proxy.lose(loss, self.connection, answer)
                        return
                    self.wfile.write(answer)

    class Server(ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        request_queue_size = 128

    with Server(("127.0.0.1", 0), Handler) as server:
        proxy.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield proxy
        server.shutdown()
