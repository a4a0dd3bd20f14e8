"""A TCP proxy between the gateway and the engine, which a test starts and stops."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from threading import Thread
from urllib.parse import urlsplit

from local.process import HOST


@contextmanager
def forwarding(port: int, endpoint: str) -> Iterator[None]:
    """Forward `port` to the engine's endpoint until the block ends, then refuse and drop every connection."""
    engine = urlsplit(endpoint)
    sockets: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection((engine.hostname or HOST, engine.port or 80))
            sockets.extend((client, server))
            for source, target in (client, server), (server, client):
                Thread(target=_copy, args=(source, target), daemon=True).start()

    with closing(_listen(port)) as listener:
        Thread(target=accept, daemon=True).start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
    for each in sockets:
        each.close()


@contextmanager
def silence(port: int) -> Iterator[None]:
    """Accept connections on `port`, and answer nothing, until the block ends."""
    with closing(_listen(port)):
        yield


def _listen(port: int) -> socket.socket:
    return socket.create_server((HOST, port), backlog=64)


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_RDWR)
    except OSError:
        return
