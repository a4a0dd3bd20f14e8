"""A gateway in front of a server that misbehaves, on a clock that only waiting moves."""

import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib.connections import Network
from chalicelib.dynamodb import DynamoDB
from tests.conftest import StageClient
from tests.faults.scripted_dynamodb import Server, misbehaving_server

# Seconds that a wait in vain for the network takes in truth, however long it takes on the clock.
MOMENT = 0.3


class Clock:
    """The time on which the gateway counts: pauses move it, and waits for a socket."""

    def __init__(self) -> None:
        self.now = 0.0
        # Seconds until the next byte arrives, where bytes come one by one.
        self.pace = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def connect(self, address: tuple[str, int], timeout: float) -> Any:
        try:
            return ClockedSocket(socket.create_connection(address, MOMENT), self)
        except TimeoutError:
            self.sleep(timeout)
            raise

    @property
    def network(self) -> Network:
        return Network(self.monotonic, self.sleep, self.connect)


class ClockedSocket:
    """A socket whose waits last a moment, and as long as they should on the clock."""

    def __init__(self, sock: socket.socket, clock: Clock) -> None:
        self._sock = sock
        self._clock = clock
        self._timeout = 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def settimeout(self, seconds: float) -> None:
        self._timeout = seconds
        self._sock.settimeout(min(seconds, MOMENT))

    def sendall(self, data: memoryview) -> None:
        self._wait(lambda: self._sock.sendall(data))

    def recv(self, size: int) -> bytes:
        if not self._clock.pace:
            received: bytes = self._wait(lambda: self._sock.recv(size))
            return received
        self._clock.sleep(min(self._clock.pace, self._timeout))
        if self._clock.pace > self._timeout:
            raise TimeoutError
        return self._sock.recv(1)

    def _wait(self, method: Callable[[], Any]) -> Any:
        try:
            return method()
        except TimeoutError:
            self._clock.sleep(self._timeout)
            raise


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server() -> Iterator[Server]:
    with misbehaving_server() as server:
        yield server


@pytest.fixture
def gateway(stage: Callable[..., StageClient], server: Server, clock: Clock) -> StageClient:
    """A gateway in front of the server that misbehaves."""
    return stage(DynamoDB(server.endpoint, clock.network))
