"""The deployed role may do what the operations need, on the stage's table, and nothing else."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.credentials import Credentials

from chalicelib.operations import OPERATIONS
from tests.deployed.aws import ROOT, Api
from tests.deployed.examples import every_operation

POLICY = json.loads((ROOT / ".chalice" / "policy-prod.json").read_text())
TABLE_ACTIONS: list[str] = POLICY["Statement"][0]["Action"]


def test_lambda_alone_may_assume_the_role(api: Api) -> None:
    role = api.account.client("iam").get_role(RoleName=api.role)["Role"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert statement["Action"] == "sts:AssumeRole"


def test_the_role_has_the_file_as_its_one_policy(api: Api) -> None:
    iam = api.account.client("iam")
    (name,) = iam.list_role_policies(RoleName=api.role)["PolicyNames"]
    assert iam.get_role_policy(RoleName=api.role, PolicyName=name)["PolicyDocument"] == POLICY
    assert iam.list_attached_role_policies(RoleName=api.role)["AttachedPolicies"] == []


@pytest.mark.parametrize("action", TABLE_ACTIONS)
def test_without_an_action_exactly_the_operations_that_need_it_are_refused(
    api: Api, caller: Credentials, action: str
) -> None:
    with role_without(api, action):
        answers = {name: api.call(request, caller) for name, request in every_operation("lambda-apigateway").items()}
    needing = {name for name, operation in OPERATIONS.items() if action in operation.iam_actions}
    assert needing
    assert {name: answer.status for name, answer in answers.items()} == {
        name: 403 if name in needing else 200 for name in OPERATIONS
    }


@contextmanager
def role_without(api: Api, action: str) -> Iterator[None]:
    """Replace the role's policy with one short of an action, by the call a deploy of such a policy file makes."""
    iam = api.account.client("iam")
    (name,) = iam.list_role_policies(RoleName=api.role)["PolicyNames"]

    def put(policy: Any) -> None:
        iam.put_role_policy(RoleName=api.role, PolicyName=name, PolicyDocument=json.dumps(policy))

    table, *others = POLICY["Statement"]
    put({**POLICY, "Statement": [{**table, "Action": [each for each in TABLE_ACTIONS if each != action]}, *others]})
    try:
        yield
    finally:
        put(POLICY)
