"""The second door: the bare request object as the Lambda function's event."""

import json
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.doors import ENVELOPE, MAX_RESPONSE
from tests.conftest import Gateway

CONTEXT = SimpleNamespace(aws_request_id="the-request-id")


def test_an_event_gets_the_result_itself(gateway: Gateway, table: str) -> None:
    item = {"id": "1", "number": 5, "price": 0.1}
    gateway.app({"operation": "create", "tableName": table, "payload": {"Item": item}}, CONTEXT)
    result = gateway.app({"operation": "read", "tableName": table, "payload": {"Key": {"id": "1"}}}, CONTEXT)
    assert result["Item"] == item
    assert result["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_the_founding_echo_works_as_an_event(gateway: Gateway) -> None:
    payload = {"somekey1": "somevalue1", "somekey2": "somevalue2"}
    assert gateway.app({"operation": "echo", "payload": payload}, CONTEXT) == payload


@pytest.mark.parametrize("event", [{"operation": "nope"}, {"operation": "ping", "x": 1}, {}, [], None, "ping", 5])
def test_an_error_is_raised_with_the_code_and_message_of_http(gateway: Gateway, event: Any) -> None:
    over_http = gateway.post(json.dumps(event).encode()).json
    with pytest.raises(Exception, match=re.escape(over_http["Message"])) as raised:
        gateway.app(event, CONTEXT)
    assert type(raised.value).__name__ == over_http["Code"]


def test_dynamodbs_refusal_is_raised_under_its_own_name(gateway: Gateway, table: str) -> None:
    event = {
        "operation": "delete",
        "tableName": table,
        "payload": {"Key": {"id": "none"}, "ConditionExpression": "attribute_exists(id)"},
    }
    with pytest.raises(Exception, match="The conditional request failed") as raised:
        gateway.app(event, CONTEXT)
    assert type(raised.value).__name__ == "ConditionalCheckFailedException"


@pytest.mark.parametrize("context", [None, {}, {"resourcePath": "/DynamoDBManager"}])
def test_a_request_object_with_a_request_context_has_an_unknown_field(gateway: Gateway, context: Any) -> None:
    with pytest.raises(Exception, match="unknown field `requestContext`"):
        gateway.app({"operation": "ping", "requestContext": context}, CONTEXT)


def test_an_event_nested_too_deeply_is_refused(gateway: Gateway) -> None:
    event: Any = []
    for _ in range(sys.getrecursionlimit() * 20):
        event = [event]
    with pytest.raises(Exception, match="nested too deeply"):
        gateway.app({"operation": "echo", "payload": event}, CONTEXT)


def test_both_doors_have_the_same_fence(stage: Callable[..., Gateway]) -> None:
    fenced = stage(ALLOWED_TABLES="orders", ALLOWED_OPERATIONS="list,ping")
    for event in [{"operation": "list", "tableName": "other"}, {"operation": "echo"}]:
        assert fenced.post(json.dumps(event).encode()).status == 403
        with pytest.raises(Exception, match="does not allow"):
            fenced.app(event, CONTEXT)


def test_a_number_that_lambda_may_have_rounded_is_refused(gateway: Gateway, table: str) -> None:
    event = json.loads('{"operation": "echo", "payload": 0.12345678901234567890}')
    with pytest.raises(Exception, match="binary float"):
        gateway.app(event, CONTEXT)


def test_a_number_that_no_float_holds_leaves_with_every_digit(gateway: Gateway, table: str) -> None:
    digits = "0.12345678901234567890123456789012345678"
    item = {"id": {"S": "pi"}, "n": {"N": digits}}
    gateway.ask("create", table, {"Item": item}, format="dynamodb-json")
    result = gateway.app({"operation": "read", "tableName": table, "payload": {"Key": {"id": "pi"}}}, CONTEXT)
    assert result["Item"]["n"] == Decimal(digits)


@pytest.mark.parametrize("letter", ['"', "\n", "\x01"])
def test_an_answer_larger_than_lambda_carries_gets_a_413(gateway: Gateway, letter: str) -> None:
    """Lambda writes the answer into a JSON string of its own, in which these letters take more room."""

    def size_in_lambda(text: str) -> int:
        return len(json.dumps(json.dumps(text)))

    per_letter = size_in_lambda(letter) - size_in_lambda("")
    fitting = (MAX_RESPONSE - ENVELOPE - size_in_lambda("")) // per_letter
    assert gateway.ask("echo", payload=letter * fitting).status == 200
    refused = gateway.ask("echo", payload=letter * (fitting + 1))
    assert (refused.status, refused.json["Code"]) == (413, "PayloadTooLargeError")
    assert "Limit" in refused.json["Message"]


def test_an_event_is_answered_without_that_string(gateway: Gateway) -> None:
    payload = "\n" * 3_000_000
    assert gateway.ask("echo", payload=payload).status == 413
    assert gateway.app({"operation": "echo", "payload": payload}, CONTEXT) == payload
