"""A stage that lets callers in by an API key or by a Cognito user pool instead of by a signature."""

from pathlib import Path

import pytest

from tests.deployed.aws import Account, Api, Pool, add_stage, deploy


@pytest.fixture(scope="module")
def keyed(account: Account, project: Path) -> Api:
    """Also lets the settings, and the settings alone, reach every table."""
    add_stage(project, "keyed", AUTH="api-key", ALLOWED_TABLES="*", CORS_ALLOW_ORIGIN="https://example.com")
    return deploy(account, project, "keyed")


@pytest.fixture(scope="module")
def api_key(keyed: Api) -> dict[str, str]:
    """The header that carries a key whose usage plan covers the stage."""
    gateway = keyed.account.client("apigateway")
    key = gateway.create_api_key(name="caller", enabled=True)
    plan = gateway.create_usage_plan(name="callers", apiStages=[{"apiId": keyed.id, "stage": keyed.stage}])
    gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
    return {"x-api-key": key["value"]}


def test_a_call_without_the_key_is_refused(keyed: Api) -> None:
    assert keyed.call({"operation": "ping"}).status == 403
    assert keyed.call({"operation": "ping"}, headers={"x-api-key": "wrong"}).status == 403


def test_a_call_with_the_key_is_answered(keyed: Api, api_key: dict[str, str]) -> None:
    assert keyed.call({"operation": "ping"}, headers=api_key).body == "pong"


def test_a_table_outside_the_policy_is_refused_even_where_the_settings_allow_every_table(
    keyed: Api, api_key: dict[str, str]
) -> None:
    inside = keyed.call({"operation": "list", "tableName": "lambda-apigateway"}, headers=api_key)
    outside = keyed.call({"operation": "list", "tableName": "lambda-apigateway-dev"}, headers=api_key)
    assert inside.status == 200
    assert (outside.status, outside.body["Code"]) == (403, "AccessDeniedException")


def test_a_browser_may_ask_first_and_read_even_an_error(keyed: Api, api_key: dict[str, str]) -> None:
    preflight = keyed.call(None, method="OPTIONS")
    error = keyed.call({"operation": "unknown"}, headers=api_key)
    assert (preflight.status, error.status) == (200, 400)
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "X-Api-Key" in preflight.headers["Access-Control-Allow-Headers"]
    for answer in preflight, error:
        assert answer.headers["Access-Control-Allow-Origin"] == "https://example.com"


def test_a_browser_may_read_a_refusal_of_the_gateway_once_it_is_told_the_origin(keyed: Api) -> None:
    gateway = keyed.account.client("apigateway")
    origin = {"gatewayresponse.header.Access-Control-Allow-Origin": "'https://example.com'"}
    for kind in "DEFAULT_4XX", "DEFAULT_5XX":
        gateway.put_gateway_response(restApiId=keyed.id, responseType=kind, responseParameters=origin)
    gateway.create_deployment(restApiId=keyed.id, stageName=keyed.stage)
    refusal = keyed.call({"operation": "ping"})
    assert refusal.status == 403
    assert refusal.headers["Access-Control-Allow-Origin"] == "https://example.com"


def test_the_generated_api_demands_the_user_pool(pooled: Api, pool: Pool) -> None:
    gateway = pooled.account.client("apigateway")
    (authorizer,) = gateway.get_authorizers(restApiId=pooled.id)["items"]
    (method,) = (
        each["resourceMethods"]["POST"]
        for each in gateway.get_resources(restApiId=pooled.id, embed=["methods"])["items"]
        if each["path"] == "/DynamoDBManager"
    )
    assert (authorizer["type"], authorizer["providerARNs"]) == ("COGNITO_USER_POOLS", [pool.arn])
    assert (method["authorizationType"], method["authorizerId"]) == ("COGNITO_USER_POOLS", authorizer["id"])


def test_a_call_without_a_token_of_the_pool_is_refused(pooled: Api, pool: Pool) -> None:
    head, claims, _ = pool.token.split(".")
    assert pooled.call({"operation": "ping"}).status == 401
    assert pooled.call({"operation": "ping"}, headers={"Authorization": f"{head}.{claims}.AAAA"}).status == 401


def test_a_call_with_a_token_of_the_pool_is_answered(pooled: Api, pool: Pool) -> None:
    assert pooled.call({"operation": "ping"}, headers={"Authorization": pool.token}).body == "pong"
