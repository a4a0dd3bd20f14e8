"""GET /health, closed by default."""

import os
import runpy
import time
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import health
from chalicelib.dynamodb import DynamoDB
from local.process import free_port
from tests.conftest import StageClient
from tests.faults.scripted_dynamodb import Act, answer, misbehaving_server, refuse
from tests.tcp_proxy import forwarding, silence

ENGINE = os.environ["AWS_ENDPOINT_URL_DYNAMODB"]


@pytest.fixture(autouse=True)
def no_probe_yet() -> None:
    health._last.update(at=float("-inf"), healthy=False)


def test_health_is_closed_by_default(gateway: StageClient) -> None:
    assert list(gateway.app.routes) == ["/DynamoDBManager"]


@pytest.mark.parametrize("tables", ["*", "lambda-apigateway"])
def test_health_is_ok_where_dynamodb_answers(
    stage: Callable[..., StageClient], tutorial_table: str, tables: str
) -> None:
    reply = stage(HEALTH_CHECK="on", ALLOWED_TABLES=tables).request("GET", "/health")
    assert (reply.status, reply.json) == (200, {"status": "ok"})


def test_health_is_unavailable_where_the_table_is_not(stage: Callable[..., StageClient]) -> None:
    reply = stage(HEALTH_CHECK="on", ALLOWED_TABLES="not-there").request("GET", "/health")
    assert (reply.status, reply.json) == (503, {"status": "unavailable"})


def test_one_probe_speaks_for_a_few_seconds(
    stage: Callable[..., StageClient],
) -> None:
    with misbehaving_server() as server:
        gateway = stage(DynamoDB(server.endpoint), HEALTH_CHECK="on")
        server.script.append(refuse("ValidationException"))
        for _ in range(5):
            assert gateway.request("GET", "/health").status == 200
    assert server.requests == [{"TableName": "health", "Key": {}}]


@pytest.fixture
def way() -> int:
    """The port by which the gateway reaches DynamoDB."""
    return free_port()


def test_health_follows_dynamodb_down_and_back(
    stage: Callable[..., StageClient], tutorial_table: str, way: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "SECONDS_BETWEEN_PROBES", 0)
    gateway = stage(DynamoDB(f"http://127.0.0.1:{way}"), HEALTH_CHECK="on", ALLOWED_TABLES=tutorial_table)
    statuses = []
    for _ in range(2):
        with forwarding(way, ENGINE):
            statuses.append(gateway.request("GET", "/health").status)
        statuses.append(gateway.request("GET", "/health").status)
    assert statuses == [200, 503, 200, 503]


def test_health_tells_a_silent_dynamodb_before_route_53_gives_up(stage: Callable[..., StageClient], way: int) -> None:
    gateway = stage(DynamoDB(f"http://127.0.0.1:{way}"), HEALTH_CHECK="on")
    with silence(way):
        started = time.monotonic()
        assert gateway.request("GET", "/health").status == 503
        assert time.monotonic() - started < 1.5


def test_a_health_check_is_logged_and_not_counted(stage: Callable[..., StageClient], capsys: Any) -> None:
    stage(HEALTH_CHECK="on").request("GET", "/health")
    (line,) = capsys.readouterr().out.splitlines()
    assert '"status":200' in line
    assert "_aws" not in line


def test_health_needs_no_signature(stage: Callable[..., StageClient]) -> None:
    assert stage(HEALTH_CHECK="on", AUTH="iam").app.routes["/health"]["GET"].authorizer is None


@pytest.mark.parametrize(
    ("act", "healthy"),
    [
        (answer(), True),
        (refuse("ValidationException"), True),
        (refuse("ThrottlingException"), True),
        (refuse("AccessDeniedException"), False),
        (refuse("ExpiredTokenException"), False),
        (refuse("InternalServerError", 500), False),
    ],
)
def test_health_is_whether_dynamodb_has_answered_the_gateways_own_request(
    stage: Callable[..., StageClient], monkeypatch: pytest.MonkeyPatch, act: Act, healthy: bool
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with misbehaving_server() as server:
        server.script.append(act)
        reply = stage(DynamoDB(server.endpoint), HEALTH_CHECK="on", ALLOWED_TABLES="orders").request("GET", "/health")
    status, code = ("ok", 200) if healthy else ("unavailable", 503)
    assert (reply.status, reply.json) == (code, {"status": status})
    assert (reply.headers["Content-Type"], reply.headers["Cache-Control"]) == ("application/json", "no-store")
    assert server.requests == [{"TableName": "orders", "Key": {}}]


def test_a_probe_is_quicker_than_a_health_checker_and_not_made_for_each() -> None:
    assert (health.PROBE_SECONDS, health.SECONDS_BETWEEN_PROBES) == (0.7, 5.0)
    assert runpy.run_path(health.__file__)["_last"] == {"at": float("-inf"), "healthy": False}
