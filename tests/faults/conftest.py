"""A gateway in front of a server that misbehaves, on a clock that only waiting moves."""

import socket
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from weakref import WeakKeyDictionary

import pytest

from chalicelib.dynamodb import DynamoDB
from tests.conftest import Gateway
from tests.faults.server import Server, misbehaving_server

# Seconds that a wait in vain for the network takes in truth, however long it takes on the clock.
MOMENT = 0.3


class Clock:
    """The time on which the gateway counts: backoffs move it, and what a socket waits for."""

    def __init__(self) -> None:
        self.now = 0.0
        # Seconds until the next byte arrives, where bytes come one by one.
        self.pace = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("chalicelib.dynamodb.clock", clock)
    monkeypatch.setattr("chalicelib.transport.clock", clock)
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=clock.sleep))
    timeouts: WeakKeyDictionary[socket.socket, float] = WeakKeyDictionary()
    settimeout = socket.socket.settimeout

    def shorten(sock: socket.socket, seconds: float | None) -> None:
        if seconds is not None:
            timeouts[sock] = seconds
        settimeout(sock, seconds and min(seconds, MOMENT))

    def counting(method: Callable[..., Any]) -> Callable[..., Any]:
        def wait(sock: socket.socket, *args: Any) -> Any:
            try:
                return method(sock, *args)
            except TimeoutError:
                clock.sleep(timeouts[sock])
                raise

        return wait

    def trickle(sock: socket.socket, buffer: memoryview, *args: Any) -> int:
        if sock not in timeouts or not clock.pace:
            return receive(sock, buffer, *args)
        clock.sleep(min(clock.pace, timeouts[sock]))
        if clock.pace > timeouts[sock]:
            raise TimeoutError
        return receive(sock, buffer[:1])

    receive: Callable[..., int] = socket.socket.recv_into
    monkeypatch.setattr(socket.socket, "settimeout", shorten)
    monkeypatch.setattr(socket.socket, "gettimeout", lambda sock: timeouts.get(sock))
    monkeypatch.setattr(socket.socket, "recv_into", counting(trickle))
    for name in ("connect", "sendall"):
        monkeypatch.setattr(socket.socket, name, counting(getattr(socket.socket, name)))
    return clock


@pytest.fixture
def server() -> Iterator[Server]:
    with misbehaving_server() as server:
        yield server


@pytest.fixture
def gateway(stage: Callable[..., Gateway], server: Server) -> Gateway:
    """A gateway in front of the server that misbehaves."""
    return stage(DynamoDB(server.endpoint))
