"""Deployed stages with access rules: two users of a pool and a group, two API keys, two IAM roles.

The emulated AWS checks tokens, keys and signatures, and writes the `requestContext` of a REST API as AWS documents it.
What it cannot show is that AWS does so.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from tests.deployed.aws import Account, Answer, Api, add_stage, deploy

TABLE = "lambda-apigateway"
FILE = "callers.json"
PASSWORD = "Secret-123"
ITEMS = ["catalog", "report", "shared"]


@pytest.fixture(scope="module")
def keys(account: Account) -> dict[str, Any]:
    """Two API keys, of which the rules know one."""
    gateway = account.client("apigateway")
    return {name: gateway.create_api_key(name=name, enabled=True) for name in ("partner", "stranger")}


@pytest.fixture(scope="module")
def ruled(project: Path, keys: dict[str, Any], account: Account) -> Path:
    """The project with the rules, the table with an item for each of them."""
    catalog = {"who": {"kind": "apiKey", "ids": [keys["partner"]["id"]]}, "do": ["read"], "where": {"id": "catalog"},
               "read": {"only": ["id", "price"]}}  # fmt: skip
    rules: list[dict[str, Any]] = [
        {"id": "own", "who": {"kind": "user"}, "do": ["*"], "where": {"id": "user#${sub}"}},
        {"id": "editors", "who": {"groups": ["editors"]}, "do": ["read", "update"], "write": {"except": ["role"]}},
        {"id": "partner", **catalog},
        {"id": "reports", "who": {"kind": "iamRole", "ids": ["000000000000/reports"]}, "do": ["list"]},
        {"id": "report", "who": {"kind": "iamRole"}, "do": ["read"], "where": {"id": "report"}},
    ]
    file = {"tables": {TABLE: {"key": ["id"]}}, "rules": [{"effect": "allow", **rule} for rule in rules]}
    (project / "chalicelib" / "access" / FILE).write_text(json.dumps(file))
    for id in ITEMS:
        item = {"id": {"S": id}, "price": {"N": "1"}, "cost": {"N": "2"}}
        account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    return project


def ask(api: Api, operation: str, payload: dict[str, Any], who: Any) -> Answer:
    request = {"operation": operation, "tableName": TABLE, "payload": payload}
    return api.call(request, signer=who) if isinstance(who, Credentials) else api.call(request, headers=who)


def key(id: str) -> dict[str, Any]:
    return {"Key": {"id": id}}


def test_users_own_their_items_and_editors_change_all_but_the_role(account: Account, ruled: Path) -> None:
    cognito = account.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="ruled")["UserPool"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool["Id"], ClientName="tests", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    cognito.create_group(UserPoolId=pool["Id"], GroupName="editors")
    cognito.create_group(UserPoolId=pool["Id"], GroupName="others")

    def token(name: str, *groups: str) -> tuple[str, dict[str, str]]:
        user = cognito.admin_create_user(UserPoolId=pool["Id"], Username=name)["User"]
        cognito.admin_set_user_password(UserPoolId=pool["Id"], Username=name, Password=PASSWORD, Permanent=True)
        for group in groups:
            cognito.admin_add_user_to_group(UserPoolId=pool["Id"], Username=name, GroupName=group)
        session = cognito.admin_initiate_auth(
            UserPoolId=pool["Id"],
            ClientId=client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )
        subject = next(each["Value"] for each in user["Attributes"] if each["Name"] == "sub")
        return f"user#{subject}", {"Authorization": session["AuthenticationResult"]["IdToken"]}

    tokens = {"AUTH": "cognito", "COGNITO_USER_POOL_ARNS": pool["Arn"]}
    add_stage(ruled, "ruled-users", ACCESS_RULES=FILE, **tokens)
    api = deploy(account, ruled, "ruled-users")
    anns, ann = token("ann", "others")
    bobs, bob = token("bob", "others", "editors")

    assert ask(api, "create", {"Item": {"id": anns}}, ann).status == 200
    assert ask(api, "read", key(anns), ann).body["Item"] == {"id": anns}
    assert [ask(api, "read", key(id), ann).status for id in (bobs, "shared")] == [403, 403]
    assert ask(api, "create", {"Item": {"id": bobs}}, ann).status == 403
    assert ask(api, "list", {}, ann).status == 403

    assert ask(api, "read", key(anns), bob).status == 200
    values = {"ExpressionAttributeValues": {":v": "x"}}
    updates = {"SET title = :v": 200, "SET title = :v, #r = :v": 403}
    for update, status in updates.items():
        names = {"ExpressionAttributeNames": {"#r": "role"}} if "#r" in update else {}
        payload = {**key("shared"), "UpdateExpression": update, **values, **names}
        assert ask(api, "update", payload, bob).status == status
        assert ask(api, "update", payload, ann).status == 403
    assert ask(api, "delete", key("shared"), bob).status == 403
    assert "role" not in account.client("dynamodb").get_item(TableName=TABLE, Key={"id": {"S": "shared"}})["Item"]


def test_a_partners_key_sees_some_attributes_and_anothers_none(
    account: Account, ruled: Path, keys: dict[str, Any]
) -> None:
    add_stage(ruled, "ruled-keys", ACCESS_RULES=FILE, AUTH="api-key")
    api = deploy(account, ruled, "ruled-keys")
    gateway = account.client("apigateway")
    plan = gateway.create_usage_plan(name="ruled", apiStages=[{"apiId": api.id, "stage": api.stage}])
    for each in keys.values():
        gateway.create_usage_plan_key(usagePlanId=plan["id"], keyId=each["id"], keyType="API_KEY")
    partner, stranger = ({"x-api-key": keys[name]["value"]} for name in ("partner", "stranger"))
    prices = {**key("catalog"), "ProjectionExpression": "price"}

    assert ask(api, "read", prices, partner).body["Item"] == {"price": 1}
    assert ask(api, "read", {**key("catalog"), "ProjectionExpression": "cost"}, partner).status == 403
    assert ask(api, "read", key("catalog"), partner).status == 403
    assert ask(api, "read", {**prices, **key("report")}, partner).status == 403
    assert ask(api, "read", prices, stranger).status == 403
    assert ask(api, "read", prices, {**stranger, "X-Caller": '{"kind": "apiKey", "id": "partner"}'}).status == 403
    assert api.call({"operation": "ping"}, headers=stranger).body == "pong"


def test_a_role_may_do_what_its_rule_says_in_whatever_session(account: Account, ruled: Path) -> None:
    add_stage(ruled, "ruled-roles", ACCESS_RULES=FILE, AUTH="iam")
    api = deploy(account, ruled, "ruled-roles")
    iam, sts = account.client("iam"), account.client("sts")
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}}
    invoke = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}
    for role in ("reports", "workers"):
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        policy = json.dumps({"Version": "2012-10-17", "Statement": [invoke]})
        iam.put_role_policy(RoleName=role, PolicyName="invoke", PolicyDocument=policy)
        for session in ("reports", "workers", "admin"):
            given = sts.assume_role(RoleArn=arn, RoleSessionName=session)["Credentials"]
            who = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
            assert ask(api, "read", key("report"), who).status == 200
            assert ask(api, "read", key("shared"), who).status == 403
            assert ask(api, "list", {}, who).status == (200 if role == "reports" else 403)
