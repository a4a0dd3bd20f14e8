"""The same function behind an HTTP API, beside the REST API that either way of deploying makes."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from chalicelib.openapi import document
from chalicelib.operations import OPERATIONS
from chalicelib.settings import read_settings
from tests.deployed.aws import ROOT, Account, Api, Pool, add_stage, create_stack, create_user, deploy
from tests.deployed.examples import every_operation
from tests.deployed.test_calls import log_lines

TEMPLATE = ROOT / "infrastructure" / "http-api.yaml"
REQUESTS = every_operation("lambda-apigateway")
PING = {"operation": "ping"}
ORIGIN = "https://example.com"


@pytest.fixture(scope="module")
def http_api(prod: Api) -> Api:
    """For callers who sign, and for the pages of one origin."""
    outputs = create_stack(prod.account, "http-api", TEMPLATE, FunctionName=prod.function, CorsAllowOrigin=ORIGIN)
    return prod._replace(id=outputs["HttpApiId"], stage="$default")


@pytest.fixture(scope="module")
def http_caller(http_api: Api) -> Credentials:
    return create_user(http_api.account, "http-caller", f"arn:aws:execute-api:*:*:{http_api.id}/*/POST/DynamoDBManager")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_works(http_api: Api, http_caller: Credentials, operation: str) -> None:
    answer = http_api.call(REQUESTS[operation], http_caller)
    assert answer.status == 200, answer.body


def test_what_the_rest_api_wrote_is_read(http_api: Api, prod: Api, http_caller: Credentials) -> None:
    rest_caller = create_user(prod.account, "rest-caller", f"arn:aws:execute-api:*:*:{prod.id}/*/POST/DynamoDBManager")
    item = {"id": "5678", "text": "ä€𝄞", "number": 12345678901234567890.5}
    prod.call({"operation": "create", "tableName": "lambda-apigateway", "payload": {"Item": item}}, rest_caller)
    assert http_api.call(read("5678"), http_caller).body["Item"] == prod.call(read("5678"), rest_caller).body["Item"]


def test_nobody_else_gets_in(http_api: Api, prod: Api, http_caller: Credentials) -> None:
    before = len(log_lines(prod))
    stranger = create_user(prod.account, "http-stranger")
    of_the_rest_api = create_user(prod.account, "http-foreigner", f"arn:aws:execute-api:*:*:{prod.id}/*/*/*")
    forger = Credentials(http_caller.access_key, "wrong")
    for signer in None, stranger, of_the_rest_api, forger:
        assert http_api.call(PING, signer).status == 403
    assert len(log_lines(prod)) == before


def test_another_path_or_method_is_not_found(http_api: Api) -> None:
    administrator = Credentials("test", "test")
    for method, path in ("GET", "/DynamoDBManager"), ("POST", "/elsewhere"), ("GET", "/health"):
        answer = http_api.call(None, administrator, method=method, path=path)
        assert (answer.status, answer.body) == (404, {"message": "Not Found"})


def test_pages_of_the_one_origin_may_call(http_api: Api, http_caller: Credentials) -> None:
    asked = http_api.call(None, headers={"Origin": ORIGIN}, method="OPTIONS")
    assert asked.status == 204
    assert "POST" in asked.headers["Access-Control-Allow-Methods"]
    assert {"authorization", "content-type"} <= set(asked.headers["Access-Control-Allow-Headers"].split(","))
    answer = http_api.call(PING, http_caller, headers={"Origin": ORIGIN})
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    foreign = http_api.call(PING, http_caller, headers={"Origin": "https://example.org"})
    assert "Access-Control-Allow-Origin" not in foreign.headers


def test_the_stage_logs_who_called(http_api: Api) -> None:
    stage = http_api.account.client("apigatewayv2").get_stage(ApiId=http_api.id, StageName="$default")
    logs = stage["AccessLogSettings"]
    assert logs["DestinationArn"].rpartition(":log-group:")[2].startswith(f"/aws/apigateway/{http_api.function}-http")
    assert json.loads(logs["Format"])["userArn"] == "$context.identity.userArn"


def test_this_api_alone_may_invoke_the_function(http_api: Api) -> None:
    policy = json.loads(http_api.account.client("lambda").get_policy(FunctionName=http_api.function)["Policy"])
    (source,) = (
        arn
        for each in policy["Statement"]
        for arn in each.get("Condition", {}).get("ArnLike", {}).values()
        if http_api.id in arn
    )
    assert source.endswith(f":{http_api.id}/*/*")


def read(id: str) -> dict[str, Any]:
    return {"operation": "read", "tableName": "lambda-apigateway", "payload": {"Key": {"id": id}}}


def test_access_rules_know_who_signed(account: Account, project: Path) -> None:
    add_stage(project, "ruled", ACCESS_RULES="deployed.json")
    rest_api = deploy(account, project, "ruled")
    outputs = create_stack(account, "http-api-with-rules", TEMPLATE, FunctionName=rest_api.function)
    for api in rest_api, rest_api._replace(id=outputs["HttpApiId"], stage="$default"):
        user = create_user(account, f"ruled-{api.id}", f"arn:aws:execute-api:*:*:{api.id}/*/POST/DynamoDBManager")
        assert [api.call(read(id), user).status for id in ("signed", "other")] == [200, 403]


@pytest.fixture(scope="module")
def with_tokens(pooled: Api, pool: Pool) -> Api:
    """For callers with a token of the pool, open for health checks, and with its document."""
    tokens = {"Auth": "cognito", "JwtIssuer": pool.issuer, "JwtAudience": pool.client}
    opened = {"HealthCheck": "on", "OpenApi": "on"}
    name, function = "http-api-with-tokens", pooled.function
    outputs = create_stack(pooled.account, name, TEMPLATE, FunctionName=function, **tokens, **opened)
    return pooled._replace(id=outputs["HttpApiId"], stage="$default")


def test_access_rules_know_whose_token_it_is(with_tokens: Api, pooled: Api, pool: Pool) -> None:
    for api in pooled, with_tokens:
        for id, status in (f"user#{pool.subject}", 200), ("user#other", 403):
            assert api.call(read(id), headers={"Authorization": pool.token}).status == status


def test_callers_get_the_document(with_tokens: Api, project: Path, pool: Pool) -> None:
    config = json.loads((project / ".chalice" / "config.json").read_text())
    expected = document(read_settings(config["stages"]["pooled"]["environment_variables"]))
    answer = with_tokens.call(None, method="GET", path="/openapi.json", headers={"Authorization": pool.token})
    assert (answer.status, answer.body) == (200, expected)
    assert with_tokens.call(None, method="GET", path="/openapi.json").status == 401


def test_health_checks_need_no_token(with_tokens: Api) -> None:
    assert with_tokens.call(None, method="GET", path="/health").body == {"status": "ok"}


def test_a_call_without_a_token_for_this_client_is_refused(with_tokens: Api, pool: Pool) -> None:
    head, claims, _ = pool.token.split(".")
    for token in "", f"{head}.{claims}.AAAA", pool.token_of_another_client:
        answer = with_tokens.call(PING, headers={"Authorization": token})
        assert (answer.status, answer.body) == (401, {"message": "Unauthorized"})


def test_the_operations_watch_it_too(with_tokens: Api, pooled: Api) -> None:
    account = with_tokens.account
    watched = {"RestApiId": pooled.id, "HttpApiId": with_tokens.id, "FunctionName": pooled.function}
    template = ROOT / "infrastructure" / "operations.yaml"
    create_stack(account, "operations-with-http-api", template, **watched, BadRequestLimit="10")

    def states() -> dict[str, str]:
        prefix = f"{pooled.function}-bad-requests-at-the-"
        alarms = account.client("cloudwatch").describe_alarms(AlarmNamePrefix=prefix)["MetricAlarms"]
        return {alarm["AlarmName"].removeprefix(prefix): alarm["StateValue"] for alarm in alarms}

    assert states()["http-api"] != "ALARM"
    for _ in range(10):
        with_tokens.call(PING)
    assert states()["http-api"] == "ALARM"
