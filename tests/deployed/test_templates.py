"""What the templates make of an account."""

import subprocess
import sys
from pathlib import Path

from tests.deployed.aws import Account, Api, copy_project, package
from tests.deployed.test_lifecycle import SLIM


def test_the_table_has_the_founding_key_and_is_paid_for_on_demand(account: Account) -> None:
    table = account.client("dynamodb").describe_table(TableName="lambda-apigateway")["Table"]
    assert table["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert table["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "S"}]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"


def test_the_stack_throttles_the_stage(stack: Api) -> None:
    stage = stack.account.client("apigateway").get_stage(restApiId=stack.id, stageName="Prod")
    everything = stage["methodSettings"]["*/*"]
    assert (everything["throttlingRateLimit"], everything["throttlingBurstLimit"]) == (100, 200)


def test_the_stack_keeps_logs_for_a_month(stack: Api) -> None:
    groups = stack.account.client("logs").describe_log_groups()["logGroups"]
    assert {each["logGroupName"]: each.get("retentionInDays") for each in groups} == {
        "/aws/lambda/LambdaFunctionOverHttps-prod": 30,
        "/aws/apigateway/LambdaFunctionOverHttps-prod": 30,
    }


def test_the_merged_template_is_clean_and_its_package_slim(account: Account, tmp_path: Path) -> None:
    template = package(account, copy_project(tmp_path / "project"))
    assert template.with_name("deployment.zip").stat().st_size < SLIM
    # Whether Lambda still offers a runtime depends on the Python that packages and on the day.
    lint = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "E2531", "E2533", "W2531", "--"]
    found = subprocess.run([*lint, str(template)], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
