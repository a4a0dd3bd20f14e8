"""GET /health, closed by default."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib import dynamodb, health
from tests.conftest import Gateway


@pytest.fixture(autouse=True)
def no_probe_yet() -> None:
    health._last.update(at=float("-inf"), healthy=False)


def test_health_is_closed_by_default(gateway: Gateway) -> None:
    assert list(gateway.app.routes) == ["/DynamoDBManager"]


@pytest.mark.parametrize("tables", ["*", "lambda-apigateway"])
def test_health_is_ok_where_dynamodb_answers(stage: Callable[..., Gateway], founding_table: str, tables: str) -> None:
    reply = stage(HEALTH_CHECK="on", ALLOWED_TABLES=tables).request("GET", "/health")
    assert (reply.status, reply.json) == (200, {"status": "ok"})


def test_health_is_unavailable_where_the_table_is_not(stage: Callable[..., Gateway]) -> None:
    reply = stage(HEALTH_CHECK="on", ALLOWED_TABLES="not-there").request("GET", "/health")
    assert (reply.status, reply.json) == (503, {"status": "unavailable"})


def test_one_probe_speaks_for_a_few_seconds(
    stage: Callable[..., Gateway], founding_table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []

    def counted(action: str, parameters: dict[str, Any]) -> dict[str, Any]:
        calls.append(action)
        return call(action, parameters)

    call = dynamodb.call
    monkeypatch.setattr(dynamodb, "call", counted)
    gateway = stage(HEALTH_CHECK="on", ALLOWED_TABLES=founding_table)
    for _ in range(5):
        assert gateway.request("GET", "/health").status == 200
    assert calls == ["GetItem"]


def test_health_needs_no_signature(stage: Callable[..., Gateway]) -> None:
    assert stage(HEALTH_CHECK="on", AUTH="iam").app.routes["/health"]["GET"].authorizer is None
