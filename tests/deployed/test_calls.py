"""What a caller meets, the same whichever way the API was deployed."""

import json

import pytest
from botocore.credentials import Credentials

from chalicelib.operations import OPERATIONS
from tests.deployed.aws import Api, create_user
from tests.deployed.examples import every_operation

REQUESTS = every_operation("lambda-apigateway")


def test_post_on_the_one_resource_of_the_stage_prod_is_all_that_is_open(api: Api) -> None:
    gateway = api.account.client("apigateway")
    resources = gateway.get_resources(restApiId=api.id, embed=["methods"])["items"]
    methods = {each["path"]: each.get("resourceMethods", {}) for each in resources}
    stages = gateway.get_stages(restApiId=api.id)["item"]

    assert {path: [*each] for path, each in methods.items()} == {"/": [], "/DynamoDBManager": ["POST"]}
    assert methods["/DynamoDBManager"]["POST"]["authorizationType"] == "AWS_IAM"
    assert [stage["stageName"] for stage in stages] == ["Prod"]


def test_an_unsigned_call_is_refused(api: Api) -> None:
    assert api.call({"operation": "ping"}).status == 403


def test_a_caller_without_permission_to_invoke_is_refused(api: Api) -> None:
    stranger = create_user(api.account, "stranger")
    assert api.call({"operation": "ping"}, stranger).status == 403


def test_a_caller_with_a_wrong_secret_is_refused(api: Api, caller: Credentials) -> None:
    forger = Credentials(caller.access_key, "wrong")
    assert api.call({"operation": "ping"}, forger).status == 403


def test_a_call_outside_the_permission_is_refused(api: Api, caller: Credentials) -> None:
    assert api.call({"operation": "ping"}, caller, method="GET").status == 403
    assert api.call({"operation": "ping"}, caller, path="/elsewhere").status == 403


def test_an_allowed_caller_is_answered(api: Api, caller: Credentials) -> None:
    answer = api.call({"operation": "ping"}, caller)
    assert (answer.status, answer.body) == (200, "pong")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_works(api: Api, caller: Credentials, operation: str) -> None:
    answer = api.call(REQUESTS[operation], caller)
    assert answer.status == 200, answer.body


def test_what_was_created_is_read_back(api: Api, caller: Credentials) -> None:
    item = {"id": "1234ABCD", "number": 5}
    api.call({"operation": "create", "tableName": "lambda-apigateway", "payload": {"Item": item}}, caller)
    read = {"operation": "read", "tableName": "lambda-apigateway", "payload": {"Key": {"id": "1234ABCD"}}}
    assert api.call(read, caller).body["Item"] == item


def test_the_function_answers_the_bare_request_as_its_event(api: Api) -> None:
    event = {"operation": "echo", "payload": {"somekey1": "somevalue1", "somekey2": "somevalue2"}}
    invoked = api.account.client("lambda").invoke(FunctionName=api.function, Payload=json.dumps(event))
    assert json.load(invoked["Payload"]) == event["payload"]


def test_the_log_has_one_json_line_for_each_request_and_nothing_of_an_item(api: Api, caller: Credentials) -> None:
    item = {"id": "a-secret-key", "a-secret-name": "a-secret-value"}
    before = len(log_lines(api))
    api.call({"operation": "create", "tableName": "lambda-apigateway", "payload": {"Item": item}}, caller)
    api.call({"operation": "create", "tableName": "elsewhere", "payload": {"Item": item}}, caller)

    lines = log_lines(api)[before:]
    assert [json.loads(line)["status"] for line in lines] == [200, 403]
    assert "secret" not in "".join(lines)


def log_lines(api: Api) -> list[str]:
    """What the function wrote of requests, without what it says at its start and what Lambda adds."""
    events = api.account.client("logs").get_paginator("filter_log_events")
    pages = events.paginate(logGroupName=f"/aws/lambda/{api.function}")
    lines = [event["message"].strip() for page in pages for event in page["events"]]
    return [line for line in lines if line.startswith("{") and "status" in json.loads(line)]
