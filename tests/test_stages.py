"""The stage's settings, its policy and the operation table say the same."""

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.operations import OPERATIONS
from chalicelib.settings import read_settings

CHALICE = Path(__file__).parents[1] / ".chalice"
CONFIG = json.loads((CHALICE / "config.json").read_text())
DEPLOYED = [name for name, stage in CONFIG["stages"].items() if "iam_policy_file" in stage]

pytestmark = pytest.mark.parametrize("stage", DEPLOYED)


def statements(stage: str) -> list[dict[str, Any]]:
    policy = json.loads((CHALICE / CONFIG["stages"][stage]["iam_policy_file"]).read_text())
    found: list[dict[str, Any]] = policy["Statement"]
    return found


def test_the_policy_allows_what_the_operations_need_and_no_more(stage: str) -> None:
    table, _ = statements(stage)
    assert table["Action"] == sorted({action for each in OPERATIONS.values() for action in each.iam_actions})


def test_the_policy_reaches_the_tables_the_settings_allow_and_no_others(stage: str) -> None:
    table, _ = statements(stage)
    allowed = CONFIG["stages"][stage]["environment_variables"]["ALLOWED_TABLES"].split(",")
    arns = [f"arn:*:dynamodb:*:*:table/{name}" for name in allowed]
    assert table["Resource"] == [each for arn in arns for each in (arn, f"{arn}/index/*")]


def test_the_policy_lets_the_function_write_its_own_log_and_no_other(stage: str) -> None:
    _, logs = statements(stage)
    group = f"arn:*:logs:*:*:log-group:/aws/lambda/{CONFIG['app_name']}-{stage}"
    assert logs["Action"] == ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    assert logs["Resource"] == [group, f"{group}:*"]


def test_nobody_gets_in_unsigned(stage: str) -> None:
    assert read_settings(CONFIG["stages"][stage]["environment_variables"]).auth == "iam"
