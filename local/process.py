"""Processes that end with their starter, and the ports they listen on."""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil

PROJECT = Path(__file__).parent.parent
HOST = "127.0.0.1"
# No system takes the port of an outgoing connection from these, so that a free one stays free until it is used.
FREE_PORTS = range(20_000, 32_768)


class StartError(Exception):
    """A process cannot start or go on; the message says what to do."""


class Process(NamedTuple):
    """A guarded process: it ends when `stop` closes the guard's standard input, or when this process dies."""

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

    def listens(self, port: int) -> bool:
        """Tell whether the process itself, and not another one, listens on the port."""
        try:
            return any(_listens(each, port) for each in psutil.Process(self.guard.pid).children(recursive=True))
        except psutil.NoSuchProcess:
            return False

    def last_words(self) -> str:
        """Return the end of its log."""
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
    """Run a command until the block ends; its output goes to `log`, or to standard output.

    The process keeps the file descriptor `lock` open for as long as it lives, even if this process dies first.
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

    Raises `StartError`, with the end of the process's log, when it ends before that or takes too long.
    """
    deadline = time.monotonic() + seconds
    while not (listens(port) and process.listens(port)):
        if not process.alive or time.monotonic() > deadline:
            raise StartError(f"{process.name} did not start.\n{process.last_words()}".rstrip())
        time.sleep(0.05)


def listens(port: int) -> bool:
    """Tell whether something listens on the loopback port."""
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def chosen_port(variable: str, default: int, command: str) -> int:
    """Return the port that an environment variable names, or the default, for a server that `command` starts.

    Raises `StartError` where it is no port, or where something listens there.
    """
    value = os.environ.get(variable)
    if not value:
        port = default
    elif value.isdecimal() and 0 < int(value) < 65536:
        port = int(value)
    else:
        raise StartError(f"{variable}: {value!r} is not a port; give a number from 1 to 65535.")
    if listens(port):
        choice = f"{variable}={port + 1} {command}"
        raise StartError(f"Port {port} is taken. Stop what listens there, or choose another: {choice}")
    return port


def free_port() -> int:
    """Return a loopback port that nothing uses."""
    for port in random.sample(FREE_PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise StartError(f"No port from {FREE_PORTS.start} to {FREE_PORTS.stop - 1} is free.")


def _listens(process: psutil.Process, port: int) -> bool:
    try:
        connections = process.net_connections("tcp")
    except psutil.NoSuchProcess:
        return False
    return any(each.status == psutil.CONN_LISTEN and each.laddr.port == port for each in connections)
