"""A process is ready once it listens itself."""

import os
import socket
import sys

import pytest

from local.process import HOST, PROJECT, StartError, free_port, guarded, wait_for

LISTEN = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"


def test_another_listener_on_the_port_is_not_taken_for_the_process() -> None:
    with socket.create_server((HOST, 0)) as other:
        port = other.getsockname()[1]
        with (
            guarded("It", [sys.executable, "-c", "import time; time.sleep(60)"], os.environ, PROJECT) as process,
            pytest.raises(StartError, match="It did not start"),
        ):
            wait_for(process, port, seconds=0.5)


def test_a_process_that_listens_is_ready() -> None:
    port = free_port()
    with guarded("It", [sys.executable, "-c", LISTEN, str(port)], os.environ, PROJECT) as process:
        wait_for(process, port)
        assert process.listens(port)


def test_a_process_that_ends_is_reported_at_once() -> None:
    with (
        guarded("It", [sys.executable, "-c", "pass"], os.environ, PROJECT) as process,
        pytest.raises(StartError, match="It did not start"),
    ):
        wait_for(process, free_port())
