"""Who may call the route, as a stage's settings have it."""

from collections.abc import Callable
from typing import Any

import pytest
from chalice.app import CognitoUserPoolAuthorizer, IAMAuthorizer
from chalice.config import Config
from chalice.local import LocalGateway

from tests.conftest import StageClient
from tests.test_settings import POOL

ORIGIN = "https://example.com"


def route(gateway: StageClient) -> Any:
    return gateway.app.routes["/DynamoDBManager"]["POST"]


def test_iam_is_the_default(stage: Callable[..., StageClient], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTH", raising=False)
    assert isinstance(route(StageClient({})).authorizer, IAMAuthorizer)


def test_cognito_demands_the_pools(stage: Callable[..., StageClient]) -> None:
    authorizer = route(stage(AUTH="cognito", COGNITO_USER_POOL_ARNS=POOL)).authorizer
    assert isinstance(authorizer, CognitoUserPoolAuthorizer)
    assert authorizer.name == "user-pool"
    assert authorizer.to_swagger()["x-amazon-apigateway-authorizer"]["providerARNs"] == [POOL]


def test_api_key_demands_a_key(stage: Callable[..., StageClient]) -> None:
    assert route(stage(AUTH="api-key")).api_key_required is True


def test_none_asks_for_nothing(gateway: StageClient) -> None:
    assert route(gateway).authorizer is None
    assert not route(gateway).api_key_required


def test_without_an_origin_there_is_no_cors(gateway: StageClient) -> None:
    assert "Access-Control-Allow-Origin" not in gateway.ask("ping").headers


def test_an_allowed_origin_gets_its_headers_on_answers_errors_and_preflight(stage: Callable[..., StageClient]) -> None:
    gateway = stage(CORS_ALLOW_ORIGIN=ORIGIN)
    # Chalice's test client has no answer to a preflight; its local API Gateway has.
    preflight = LocalGateway(gateway.app, Config.create()).handle_request("OPTIONS", "/DynamoDBManager", {}, b"")
    for headers in [gateway.ask("ping").headers, gateway.ask("nope").headers, preflight["headers"]]:
        assert headers["Access-Control-Allow-Origin"] == ORIGIN
        assert set(headers["Access-Control-Expose-Headers"].split(",")) == {"Retry-After", "X-Request-Id"}
