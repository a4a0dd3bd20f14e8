"""From an empty account to a deploy, an update and a removal, with `chalice` alone."""

import json
from pathlib import Path

from tests.deployed.aws import (
    ROOT,
    Account,
    Api,
    chalice,
    copy_project,
    create_stack,
    create_user,
    deploy,
    emulated_account,
)

NEW_ROUTE = """

@app.route("/version", methods=["GET"], **route_options(settings))
def version() -> dict[str, int]:
    return {"version": 2}
"""


# Bytes. What Chalice makes of the project by itself has 17 MB.
SLIM = 2_200_000


def test_an_update_keeps_address_and_limits_and_a_removal_leaves_only_data_and_logs(
    tmp_path: Path,
) -> None:
    project = copy_project(tmp_path / "project")
    with emulated_account(tmp_path) as account:
        create_stack(account, "lambda-apigateway-table", ROOT / "infrastructure" / "table.yaml")
        first = deploy(account, project)
        caller = create_user(account, "caller", f"arn:aws:execute-api:*:*:{first.id}/Prod/*")
        item = {"operation": "create", "tableName": "lambda-apigateway", "payload": {"Item": {"id": "1"}}}
        assert first.call(item, caller).status == 200
        assert first.call(None, caller, method="GET", path="/version").status == 403
        assert code_bytes(first) < SLIM
        assert code_bytes(deploy(account, project)) < SLIM

        bound_stage(first)
        app = project / "app.py"
        app.write_text(app.read_text() + NEW_ROUTE)
        second = deploy(account, project)
        assert second == first
        assert code_bytes(second) < SLIM
        assert second.call(None, caller, method="GET", path="/version").body == {"version": 2}
        assert second.call({"operation": "ping"}, caller).body == "pong"

        assert_bound(second)

        chalice(account, project, "delete", "--stage", "prod")
        assert left_behind(account) == {
            "table": ["lambda-apigateway"],
            "log": ["/aws/lambda/LambdaFunctionOverHttps-prod"],
        }
        assert account.client("dynamodb").scan(TableName="lambda-apigateway")["Count"] == 1


def code_bytes(api: Api) -> int:
    function = api.account.client("lambda").get_function(FunctionName=api.function)["Configuration"]
    size: int = function["CodeSize"]
    return size


ACCESS_LOGS = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/apigateway/LambdaFunctionOverHttps-prod"


def bound_stage(api: Api) -> None:
    """What docs/operations.md does with the AWS CLI."""
    patch = (ROOT / "infrastructure" / "stage.json").read_text().replace("ACCESS_LOGS_ARN", ACCESS_LOGS)
    gateway = api.account.client("apigateway")
    gateway.update_stage(restApiId=api.id, stageName=api.stage, patchOperations=json.loads(patch))


def assert_bound(api: Api) -> None:
    stage = api.account.client("apigateway").get_stage(restApiId=api.id, stageName=api.stage)
    everything = stage["methodSettings"]["*/*"]
    assert (everything["throttlingRateLimit"], everything["throttlingBurstLimit"]) == (100, 200)
    assert everything["metricsEnabled"]
    assert stage["accessLogSettings"]["destinationArn"] == ACCESS_LOGS
    assert json.loads(stage["accessLogSettings"]["format"])["status"] == "$context.status"


def left_behind(account: Account) -> dict[str, list[str]]:
    names = {
        "table": account.client("dynamodb").list_tables()["TableNames"],
        "log": [each["logGroupName"] for each in account.client("logs").describe_log_groups()["logGroups"]],
        "function": [each["FunctionName"] for each in account.client("lambda").list_functions()["Functions"]],
        "role": [each["RoleName"] for each in account.client("iam").list_roles()["Roles"]],
        "api": [each["name"] for each in account.client("apigateway").get_rest_apis()["items"]],
    }
    return {kind: found for kind, found in names.items() if found}
