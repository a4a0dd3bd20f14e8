"""A deploy of the stack goes to a part of the requests first, and back to the version that was there before."""

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from botocore.credentials import Credentials

from tests.deployed.aws import Api, create_user, package, update_stack

LIST = {"operation": "list", "tableName": "lambda-apigateway"}


@pytest.fixture
def caller(stack: Api) -> Credentials:
    return create_user(
        stack.account, "caller-of-versions", f"arn:aws:execute-api:*:*:{stack.id}/*/POST/DynamoDBManager"
    )


def test_a_newer_version_waits_takes_a_share_takes_all_and_makes_way_for_the_one_before(
    stack: Api, stack_project: Path, caller: Credentials, tmp_path: Path
) -> None:
    def deploy(template: Path, **parameters: str) -> None:
        update_stack(stack.account, "lambda-apigateway", template, **parameters)

    def alias(name: str) -> Any:
        return stack.account.client("lambda").get_alias(FunctionName=stack.function, Name=name)

    def status() -> int:
        return stack.call(LIST, caller).status

    changed = copytree(stack_project, tmp_path / "changed")
    config = json.loads((changed / ".chalice" / "config.json").read_text())
    config["stages"]["prod"]["environment_variables"]["ALLOWED_OPERATIONS"] = "ping"
    (changed / ".chalice" / "config.json").write_text(json.dumps(config))
    newer = package(stack.account, changed)
    before = alias("live")["FunctionVersion"]
    assert status() == 200
    try:
        deploy(newer, LiveVersion=before)
        assert status() == 200
        deploy(newer, LiveVersion=before, CanaryShare="0.1")
        shares = alias("live")["RoutingConfig"]["AdditionalVersionWeights"]
        assert shares == {alias("newest")["FunctionVersion"]: 0.1}
        deploy(newer)
        assert status() == 403
        deploy(newer, LiveVersion=before)
        assert status() == 200
    finally:
        deploy(stack_project / "packaged" / "sam.yaml")
    assert status() == 200
