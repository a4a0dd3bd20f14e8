"""The embedded engine, Chalice's test client, and a table of its own for every module that asks for one."""

import json
import os
import runpy
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from chalicelib.dynamodb import DynamoDB
from local.certificate import make_certificate
from local.engines import running_engine, use_local_identity

PROJECT = Path(__file__).parent.parent

# The client is made when chalicelib loads, so what it reads must be there before any test module is.
use_local_identity()
_stack = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    endpoint = os.environ.get("DYNAMODB_ENDPOINT")
    if not endpoint:
        endpoint = _stack.enter_context(running_engine("ministack"))
    os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint


def pytest_unconfigure(config: pytest.Config) -> None:
    _stack.close()


class Reply(NamedTuple):
    status: int
    json: Any
    headers: dict[str, str]
    text: str


class StageClient:
    """A stage of the app under Chalice's test client."""

    def __init__(self, environ: dict[str, str], dynamodb: DynamoDB | None = None) -> None:
        from chalice.test import Client

        with pytest.MonkeyPatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            self.app = runpy.run_path(str(PROJECT / "app.py"))["app"]
        if dynamodb:
            self.use(dynamodb)
        self._http = Client(self.app, stage_name="local", project_dir=str(PROJECT)).http

    def use(self, dynamodb: DynamoDB) -> None:
        """Answer with another client from now on."""
        self.app.stage = self.app.stage._replace(dynamodb=dynamodb)

    def post(self, body: bytes, content_type: str = "application/json") -> Reply:
        return self.request("POST", "/DynamoDBManager", body, {"Content-Type": content_type})

    def request(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Reply:
        response = self._http.request(method, path, headers=headers or {}, body=body)
        text = response.body.decode()
        # Chalice names no type for some of its own answers, which are JSON.
        is_json = text and "json" in response.headers.get("Content-Type", "application/json")
        return Reply(response.status_code, json.loads(text) if is_json else None, response.headers, text)

    def ask(self, operation: str, table: str | None = None, payload: Any = None, **fields: Any) -> Reply:
        """Send a request object."""
        body: dict[str, Any] = {"operation": operation, **fields}
        if table is not None:
            body["tableName"] = table
        if payload is not None:
            body["payload"] = payload
        return self.post(json.dumps(body).encode())


@pytest.fixture(scope="session")
def stage() -> Callable[..., StageClient]:
    """Start a stage with settings, and a `DynamoDB`, of its own: `stage(ALLOWED_TABLES="orders")`."""
    return lambda dynamodb=None, **environ: StageClient({"AUTH": "none", "ALLOWED_TABLES": "*", **environ}, dynamodb)


@pytest.fixture(scope="session")
def gateway(stage: Callable[..., StageClient]) -> StageClient:
    """A stage that allows every table."""
    return stage()


@pytest.fixture(scope="session")
def dynamodb() -> Any:
    """A boto3 client straight to the engine."""
    import boto3

    return boto3.client("dynamodb")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, and its key, in one file."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def table(dynamodb: Any) -> Iterator[str]:
    """An empty table with the partition key `id`, a string."""
    with made_table(dynamodb, f"test-{uuid4()}") as name:
        yield name


@pytest.fixture
def tutorial_table(dynamodb: Any) -> Iterator[str]:
    """The table of the tutorial, empty."""
    with made_table(dynamodb, "lambda-apigateway") as name:
        yield name


@contextmanager
def made_table(dynamodb: Any, name: str) -> Iterator[str]:
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.fixture
def log_lines(gateway: StageClient, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The lines the gateway logs from here on, parsed."""
    lines: list[dict[str, Any]] = []

    class Stream:
        def write(self, text: str) -> None:
            lines.extend(json.loads(line) for line in text.splitlines())

        def flush(self) -> None:
            pass

    monkeypatch.setattr(gateway.app.log.handlers[0], "stream", Stream())
    # Every stage has the same logger, and the last one that was started has set its level.
    gateway.app.log.setLevel(gateway.app.stage.settings.log_level)
    return lines
