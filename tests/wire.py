"""A way to DynamoDB that can be cut: what a test closes, and opens again, between the gateway and the engine."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread
from urllib.parse import urlsplit

from local.process import HOST


@contextmanager
def open_way(port: int, endpoint: str) -> Iterator[None]:
    """Forward `port` to the engine's endpoint until the block ends, then refuse and drop every connection."""
    engine = urlsplit(endpoint)
    sockets: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection((engine.hostname or HOST, engine.port or 80))
            sockets.extend((near, far))
            for source, target in (near, far), (far, near):
                Thread(target=_pump, args=(source, target), daemon=True).start()

    with closing(_listen(port)) as listener:
        Thread(target=accept, daemon=True).start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
    for each in sockets:
        each.close()


@contextmanager
def silent_way(port: int) -> Iterator[None]:
    """Take connections on `port`, and answer nothing, until the block ends."""
    with closing(_listen(port)):
        yield


def _listen(port: int) -> socket.socket:
    return socket.create_server((HOST, port), backlog=64)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
