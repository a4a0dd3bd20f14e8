"""`make run`: the gateway under `chalice local`, in front of an engine that keeps its items."""

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from local.engine import ENVIRON, PROJECT, TABLE, engine_process, ensure_table
from local.process import HOST, Process, StartError, guarded, listens, wait_for

DATA = PROJECT / ".local"


class Stopped(BaseException):
    """Someone asked for the end; its argument says how."""


def main() -> int:
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, _stop)
    try:
        _run(_port("PORT", 8000), os.environ.get("ENGINE", "ministack"), os.environ.get("DYNAMODB_ENDPOINT"))
    except Stopped as stopped:
        print(f"Stopped ({stopped}). Every item is saved.", flush=True)
        return 0
    except StartError as error:
        print(error, file=sys.stderr, flush=True)
    return 1


def _run(port: int, engine: str, endpoint: str | None) -> None:
    """Serve until a signal says `Stopped`, or a process dies: `StartError`."""
    if listens(port):
        raise StartError(f"Port {port} is taken. Stop what listens there, or choose another: PORT={port + 1} make run")
    with _engine(engine, endpoint) as (endpoint, engines):
        environ = {**os.environ, **(ENVIRON if engines else {**ENVIRON, **os.environ})}
        environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
        os.environ.update(environ)
        _prepare(endpoint)
        chalice = str(Path(sys.executable).with_name("chalice"))
        # Reloading would watch the data folder too, and restart the gateway at every write.
        serve = ["local", "--no-autoreload", "--stage", "local", "--host", HOST, "--port", str(port)]
        with guarded("chalice local", [sys.executable, chalice, *serve], environ, cwd=PROJECT) as gateway:
            wait_for(gateway, port)
            print(_greeting(port, endpoint), flush=True)
            _watch([gateway, *engines])


@contextmanager
def _engine(name: str, endpoint: str | None) -> Iterator[tuple[str, list[Process]]]:
    if endpoint:
        yield endpoint, []
        return
    with engine_process(name, DATA / name, _port("ENGINE_PORT", 0)) as (own, process):
        yield own, [process]


def _prepare(endpoint: str) -> None:
    try:
        if ensure_table(endpoint):
            print(f"Created the table {TABLE}.", flush=True)
    except (BotoCoreError, ClientError) as error:
        raise StartError(f"DynamoDB at {endpoint} does not answer as it should: {error}") from None


def _watch(processes: list[Process]) -> None:
    while all(process.alive for process in processes):
        time.sleep(0.2)
    dead = next(process for process in processes if not process.alive)
    raise StartError(f"{dead.name} ended by itself, so everything else was ended too.\n{dead.last_words()}".rstrip())


def _port(variable: str, default: int) -> int:
    value = os.environ.get(variable) or str(default)
    if not value.isdecimal() or not int(value) < 65536:
        raise StartError(f"{variable}: {value!r} is not a port; give a number below 65536.")
    return int(value)


def _stop(number: int, frame: FrameType | None) -> None:
    # Once is enough: a second Ctrl-C must not cut the saving short.
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, signal.SIG_IGN)
    raise Stopped(signal.Signals(number).name)


def _greeting(port: int, endpoint: str) -> str:
    return f"""
The gateway is ready, with DynamoDB at {endpoint}. Try it:

curl -s http://{HOST}:{port}/DynamoDBManager -H 'Content-Type: application/json' \\
  -d '{{"operation": "create", "tableName": "{TABLE}", "payload": {{"Item": {{"id": "1", "name": "Bob"}}}}}}'

Ctrl-C ends it.
"""


if __name__ == "__main__":
    sys.exit(main())
