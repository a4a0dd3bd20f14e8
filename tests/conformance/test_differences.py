"""Where the gateway answers otherwise than DynamoDB, on purpose: docs/conformance.md says why."""

import json
from typing import Any

import pytest

from tests.conformance.conftest import TABLE, Ask
from tests.conftest import StageClient

KEY: dict[str, Any] = {"id": {"S": "a"}, "at": {"N": "1"}}


@pytest.fixture
def table(tables: dict[str, str], ask: Ask) -> str:
    return tables["json"]


def bad_request(gateway: StageClient, operation: str, table: str, payload: Any, format: str = "dynamodb-json") -> str:
    reply = gateway.ask(operation, table, payload, format=format)
    assert (reply.status, reply.json["Code"]) == (400, "BadRequestError")
    message: str = reply.json["Message"]
    return message


@pytest.mark.parametrize(
    "payload",
    [{"limit": 1}, {"Limit": "1"}, {"Limit": 1.0}, {"Limit": None}, {"ConsistentRead": "true"}, {"Select": 1}],
)
def test_the_gateway_refuses_what_boto3_would_not_send(
    gateway: StageClient, table: str, payload: dict[str, Any]
) -> None:
    (name,) = payload
    assert name in bad_request(gateway, "list", table, payload)


@pytest.mark.parametrize(
    "value", [{"N": 5}, {"BOOL": "true"}, {"X": "a"}, {"S": None}, None, {"B": "no base64"}, {"B": "QQ"}, {"L": [None]}]
)
def test_the_gateway_refuses_a_value_that_is_none_in_dynamodb_json(
    gateway: StageClient, table: str, value: Any
) -> None:
    assert "payload.Item.x" in bad_request(gateway, "create", table, {"Item": {**KEY, "x": value}})


def test_plain_json_has_no_empty_set_and_typed_json_leaves_it_to_dynamodb(
    gateway: StageClient, table: str, ask: Ask
) -> None:
    plain = {"id": "a", "at": 1, "x": {"$set": []}}
    assert "payload.Item.x" in bad_request(gateway, "create", table, {"Item": plain}, "json")
    reply = gateway.ask("create", table, {"Item": {**KEY, "x": {"SS": []}}}, format="dynamodb-json")
    assert reply.json["Code"] == "ValidationException"


def test_a_refusal_has_the_status_that_http_has_for_it(gateway: StageClient, table: str, ask: Ask) -> None:
    never = {"Item": {"id": "a", "at": 1}, "ConditionExpression": "attribute_exists(id)"}
    assert gateway.ask("create", table, never).status == 409
    assert gateway.ask("list", f"{table}-missing").status == 404
    straight = ask("put_item", TableName=TABLE, Item=KEY, ConditionExpression="attribute_exists(id)")
    assert straight["status"] == 400


def test_a_number_keeps_its_value_and_not_its_spelling(gateway: StageClient, table: str) -> None:
    body = {"operation": "create", "tableName": table, "payload": {"Item": {"id": "a", "at": 1, "n": "?"}}}
    assert gateway.post(json.dumps(body).replace('"?"', "1.50e1").encode()).status == 200
    read = gateway.ask("read", table, {"Key": {"id": "a", "at": 1}})
    assert read.json["Item"]["n"] == 15
