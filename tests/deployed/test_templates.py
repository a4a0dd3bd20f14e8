"""What the templates make of an account."""

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from tests.deployed.aws import Account, Api, chalice
from tests.deployed.test_lifecycle import SLIM


def test_the_table_has_the_tutorials_key_and_is_paid_for_on_demand(account: Account) -> None:
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


def test_the_merged_template_is_clean_and_its_package_slim(stack: Api, stack_project: Path) -> None:
    packaged = stack_project / "packaged"
    assert (packaged / "deployment.zip").stat().st_size < SLIM
    # Whether Lambda still offers a runtime depends on the Python that packages and on the day.
    lint = [str(Path(sys.executable).with_name("cfn-lint")), "--ignore-checks", "E2531", "E2533", "W2531", "--"]
    found = subprocess.run([*lint, str(packaged / "sam.yaml")], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


def test_the_stage_for_arm64_gets_its_own_machine_code_and_a_slim_package(account: Account, project: Path) -> None:
    chalice(account, project, "package", "--stage", "prod-arm64", "packaged-arm64")
    packaged = project / "packaged-arm64"
    function = json.loads((packaged / "sam.json").read_text())["Resources"]["APIHandler"]["Properties"]
    assert function["Architectures"] == ["arm64"]
    assert (packaged / "deployment.zip").stat().st_size < SLIM
    with ZipFile(packaged / "deployment.zip") as archive:
        libraries = [name for name in archive.namelist() if name.endswith(".so")]
    assert libraries
    assert all("aarch64" in name for name in libraries)
