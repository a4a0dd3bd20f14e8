"""`make run`: the gateway under Chalice's local server, in front of an engine that keeps its items."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError

from local.engines import ENVIRON, engine_process, use_callers_identity, use_local_identity
from local.process import HOST, PROJECT, Process, StartError, chosen_port, guarded, wait_for
from local.table_templates import Table, ensure_tables, read_tables

DATA = PROJECT / ".local"
TEMPLATE = "infrastructure/table.yaml"
# What the AWS CLI needs to use an engine of this project.
CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION")
# A key of each type, in the gateway's plain JSON.
SAMPLES = {"S": "1", "N": 1, "B": {"$binary": "MQ=="}}


class Stopped(BaseException):
    """The user or the system asked for the end; the argument says how."""


def main() -> int:
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, _stop)
    try:
        endpoint = os.environ.get("DYNAMODB_ENDPOINT")
        _run(os.environ.get("ENGINE") or "ministack", endpoint)
    except Stopped as stopped:
        print(f"Stopped ({stopped}).{'' if endpoint else ' Every item is saved.'}", flush=True)
        return 0
    except StartError as error:
        print(error, file=sys.stderr, flush=True)
    return 1


def _run(engine: str, endpoint: str | None) -> None:
    """Serve until a signal, or the end of the process that started this one, raises `Stopped`.

    Raises `StartError` where it cannot start or a process of it dies.
    """
    # Asked first, because the starter may end at any moment from now on.
    starter = os.getppid()
    port, engine_port = chosen_port("PORT", 8000, "make run"), chosen_port("ENGINE_PORT", 0, "make run")
    if port == engine_port:
        raise StartError(f"PORT and ENGINE_PORT are both {port}; the gateway and its engine need one each.")
    templates = [Path(name.strip()) for name in (os.environ.get("TABLES") or TEMPLATE).split(",")]
    tables = read_tables(templates, os.environ.get("TABLE_PARAMETERS", ""))
    own_engine = not endpoint
    with _engine(engine, endpoint, engine_port) as (endpoint, engines):
        _prepare(endpoint, tables)
        serve = [sys.executable, "-m", "local.chalice_server", str(port)]
        environ = {**os.environ, "AWS_ENDPOINT_URL_DYNAMODB": endpoint}
        with guarded("The gateway", serve, environ, cwd=PROJECT) as gateway:
            wait_for(gateway, port)
            print(_greeting(port, endpoint, tables[0], own_engine), flush=True)
            _watch([gateway, *engines], starter)


@contextmanager
def _engine(name: str, endpoint: str | None, port: int) -> Iterator[tuple[str, list[Process]]]:
    if endpoint:
        use_callers_identity()
        yield endpoint, []
        return
    use_local_identity()
    with engine_process(name, DATA / name, port) as (own, process):
        yield own, [process]


def _prepare(endpoint: str, tables: list[Table]) -> None:
    try:
        for message in ensure_tables(endpoint, tables, os.environ.get("AWS_REGION")):
            print(message, flush=True)
    except (BotoCoreError, ClientError, ValueError) as error:
        raise StartError(f"DynamoDB at {endpoint} does not answer as it should: {error}") from None


def _watch(processes: list[Process], starter: int) -> None:
    while all(process.alive for process in processes):
        if os.getppid() != starter:
            raise Stopped("what started it ended")
        time.sleep(0.2)
    dead = next(process for process in processes if not process.alive)
    raise StartError(f"{dead.last_words()}\n{dead.name} ended by itself, so everything else was ended too.".lstrip())


def _stop(number: int, frame: FrameType | None) -> None:
    # Once is enough: a second Ctrl-C must not cut the saving short.
    for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked, signal.SIG_IGN)
    raise Stopped(signal.Signals(number).name)


def _greeting(port: int, endpoint: str, table: Table, own_engine: bool) -> str:
    types = {each["AttributeName"]: each["AttributeType"] for each in table.schema["AttributeDefinitions"]}
    item = {key["AttributeName"]: SAMPLES[types[key["AttributeName"]]] for key in table.schema["KeySchema"]}
    request = {"operation": "create", "tableName": table.name, "payload": {"Item": {**item, "name": "Bob"}}}
    credentials = "".join(f"{name}={ENVIRON[name]} " for name in CREDENTIALS) if own_engine else ""
    return f"""
The gateway is ready. Try it:

curl -s http://{HOST}:{port}/DynamoDBManager -H 'Content-Type: application/json' \\
  -d '{json.dumps(request)}'

Look at the tables, and edit them, in a browser:

http://{HOST}:{port}/console

DynamoDB itself is at {endpoint}:

{credentials}aws dynamodb scan --table-name {table.name} --endpoint-url {endpoint}

Ctrl-C ends it.
"""


if __name__ == "__main__":
    sys.exit(main())
