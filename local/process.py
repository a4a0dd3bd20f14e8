"""Processes that end with their starter, and the ports they listen on."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HOST = "127.0.0.1"


class StartError(Exception):
    """Something that keeps it from starting or going on; the message says what to do."""


class Process(NamedTuple):
    """A guarded process: it ends when `stop` closes the guard's pipe, or when this process dies."""

    name: str
    guard: subprocess.Popen[bytes]
    log: Path | None

    @property
    def alive(self) -> bool:
        return self.guard.poll() is None

    def stop(self) -> None:
        """End the process gently and wait for it."""
        assert self.guard.stdin
        self.guard.stdin.close()
        self.guard.wait()

    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:]) if self.log else ""


@contextmanager
def guarded(
    name: str,
    command: Sequence[str],
    environ: Mapping[str, str],
    cwd: Path,
    log: Path | None = None,
    lock: int | None = None,
) -> Iterator[Process]:
    """Run a command until the block ends; its output goes to `log`, or where ours goes.

    It holds the file descriptor `lock` open for as long as it lives, should we die before it.
    """
    guard = str(Path(__file__).with_name("guard.py"))
    with open(log, "wb") if log else _no_file() as output:
        popen = subprocess.Popen(
            [sys.executable, guard, *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            env=environ,
            cwd=cwd,
            start_new_session=True,
            pass_fds=[lock] if lock else [],
        )
    process = Process(name, popen, log)
    try:
        yield process
    finally:
        process.stop()


@contextmanager
def _no_file() -> Iterator[None]:
    yield None


def wait_for(process: Process, port: int, seconds: float = 60) -> None:
    """Wait until a process listens on its port.

    Raises `StartError`, with the process's last words, when it ends before that or takes too long.
    """
    deadline = time.monotonic() + seconds
    while not listens(port):
        if not process.alive or time.monotonic() > deadline:
            raise StartError(f"{process.name} did not start.\n{process.last_words()}".rstrip())
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Tell whether something listens on the loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def free_port() -> int:
    """A loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
