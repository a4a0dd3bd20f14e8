"""The raw request object as the Lambda function's event."""

import json
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.dynamodb import DEADLINE_SECONDS
from chalicelib.entry_points import (
    ENVELOPE_BYTES,
    MAX_BYTES_PER_BYTE,
    MAX_RESPONSE_BYTES,
    RESERVED_SECONDS,
    AnswerResponse,
    _call,
    _size,
)
from chalicelib.errors import ApiError
from chalicelib.gateway import Answer
from tests.conftest import StageClient
from tests.http_event import http_event

CONTEXT = SimpleNamespace(aws_request_id="the-request-id")


def test_an_event_gets_the_result_itself(gateway: StageClient, table: str) -> None:
    item = {"id": "1", "number": 5, "price": 0.1}
    gateway.app({"operation": "create", "tableName": table, "payload": {"Item": item}}, CONTEXT)
    result = gateway.app({"operation": "read", "tableName": table, "payload": {"Key": {"id": "1"}}}, CONTEXT)
    assert result["Item"] == item
    assert result["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_the_echo_of_the_tutorial_works_as_an_event(gateway: StageClient) -> None:
    payload = {"somekey1": "somevalue1", "somekey2": "somevalue2"}
    assert gateway.app({"operation": "echo", "payload": payload}, CONTEXT) is payload


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"operation": 5},
        {"operation": "list"},
        {"operation": "ping", "payload": 5},
        {"operation": "read", "tableName": "orders", "payload": {"Key": 5}},
        {"operation": "list", "tableName": "orders", "payload": {"Limit": 2**31}},
        {"operation": "create", "tableName": "orders", "payload": {"Item": {"id": "1"}, "TableName": "orders"}},
    ],
)
def test_an_error_is_raised_with_the_code_and_message_of_http(gateway: StageClient, event: Any) -> None:
    over_http = gateway.post(json.dumps(event).encode()).json
    with pytest.raises(Exception, match=re.escape(over_http["Message"])) as raised:
        gateway.app(event, CONTEXT)
    assert type(raised.value).__name__ == over_http["Code"]


@pytest.mark.parametrize("event", [[], None, "ping", 5])
def test_an_event_that_is_not_an_object_is_refused(gateway: StageClient, event: Any) -> None:
    with pytest.raises(Exception, match="must be a JSON object"):
        gateway.app(event, CONTEXT)


def test_a_raised_error_ends_with_the_id_of_the_invocation(gateway: StageClient) -> None:
    with pytest.raises(Exception, match=r"\(request id the-request-id\)$"):
        gateway.app({"operation": "nope"}, CONTEXT)


SECRET = "secret-4111"


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ({"operation": SECRET}, 'Unrecognized operation "…"'),
        ({"operation": "ping", SECRET: 1}, 'Unknown field "…"'),
        ({"operation": "ping", "format": SECRET}, 'Unknown format "…"'),
        ({"operation": "list", "tableName": "orders", "payload": {SECRET: 1}}, 'payload: "…" is an unknown member'),
        ({"operation": "create", "payload": {"Item": {"id": "1", SECRET: {"$set": []}}}}, "payload.Item.<2>: a $set"),
        ({"operation": "create", "payload": {"Item": {"a": {SECRET: {"$set": [1, SECRET]}}}}}, "payload.Item.<1>.<1>:"),
        (
            {"operation": "create", "payload": {"Item": {"n": {"N": SECRET}}}, "format": "dynamodb-json"},
            "DynamoDB refused PutItem: ValidationException",
        ),
        (
            {"operation": "create", "payload": {"Item": {"n": {SECRET: 1}}}, "format": "dynamodb-json"},
            'payload.Item.<1>: "…" is not a type',
        ),
        ({"operation": "echo", "payload": 4111.12345678901234}, "Lambda reads the number … of an event"),
    ],
)
def test_a_raised_error_quotes_nothing_of_an_item(
    gateway: StageClient, table: str, event: dict[str, Any], says: str
) -> None:
    with pytest.raises(Exception, match=re.escape(says)) as raised:
        gateway.app({"tableName": table, **event}, CONTEXT)
    assert "secret" not in str(raised.value)
    assert "4111" not in str(raised.value)


def test_dynamodbs_refusal_is_raised_under_its_own_name(gateway: StageClient, table: str) -> None:
    event = {
        "operation": "delete",
        "tableName": table,
        "payload": {"Key": {"id": "none"}, "ConditionExpression": "attribute_exists(id)"},
    }
    with pytest.raises(Exception, match="DynamoDB refused DeleteItem") as raised:
        gateway.app(event, CONTEXT)
    assert type(raised.value).__name__ == "ConditionalCheckFailedException"


@pytest.mark.parametrize("context", [None, {}, {"resourcePath": "/DynamoDBManager"}])
def test_a_request_object_with_a_request_context_has_an_unknown_field(gateway: StageClient, context: Any) -> None:
    with pytest.raises(Exception, match="Unknown field"):
        gateway.app({"operation": "ping", "requestContext": context}, CONTEXT)


def test_an_event_nested_too_deeply_is_refused(gateway: StageClient) -> None:
    event: Any = []
    for _ in range(sys.getrecursionlimit() * 20):
        event = [event]
    with pytest.raises(Exception, match="nested too deeply"):
        gateway.app({"operation": "echo", "payload": event}, CONTEXT)


def test_both_doors_have_the_same_fence(stage: Callable[..., StageClient]) -> None:
    fenced = stage(ALLOWED_TABLES="orders", ALLOWED_OPERATIONS="list,ping")
    for event in [{"operation": "list", "tableName": "other"}, {"operation": "echo"}]:
        assert fenced.post(json.dumps(event).encode()).status == 403
        with pytest.raises(Exception, match="does not allow"):
            fenced.app(event, CONTEXT)


def test_a_number_that_lambda_may_have_rounded_is_refused(gateway: StageClient, table: str) -> None:
    event = json.loads('{"operation": "echo", "payload": 0.12345678901234567890}')
    with pytest.raises(Exception, match="binary float"):
        gateway.app(event, CONTEXT)


def test_a_number_that_no_float_holds_leaves_with_every_digit(gateway: StageClient, table: str) -> None:
    digits = "0.12345678901234567890123456789012345678"
    item = {"id": {"S": "pi"}, "n": {"N": digits}}
    gateway.ask("create", table, {"Item": item}, format="dynamodb-json")
    result = gateway.app({"operation": "read", "tableName": table, "payload": {"Key": {"id": "pi"}}}, CONTEXT)
    assert result["Item"]["n"] == Decimal(digits)


@pytest.mark.parametrize("letter", ['"', "\n", "\x01"])
def test_an_answer_larger_than_lambda_carries_gets_a_413(gateway: StageClient, letter: str) -> None:
    """Lambda writes the answer into a JSON string of its own, in which these letters take more room."""

    def size_in_lambda(text: str) -> int:
        return len(json.dumps(json.dumps(text)))

    per_letter = size_in_lambda(letter) - size_in_lambda("")
    fitting = (MAX_RESPONSE_BYTES - ENVELOPE_BYTES - size_in_lambda("")) // per_letter
    assert gateway.ask("echo", payload=letter * fitting).status == 200
    refused = gateway.ask("echo", payload=letter * (fitting + 1))
    assert (refused.status, refused.json["Code"]) == (413, "AnswerTooLargeError")
    assert refused.json["RequestId"] == refused.headers["X-Request-Id"]
    assert "Limit" in refused.json["Message"]


def test_an_event_is_answered_without_that_string(gateway: StageClient) -> None:
    payload = "\n" * 3_000_000
    assert gateway.ask("echo", payload=payload).status == 413
    assert gateway.app({"operation": "echo", "payload": payload}, CONTEXT) == payload


NO_BASE64 = '"The body of the event is not the base64 text that it should be."'
NO_REQUEST = (
    '"The event is neither a request object nor a request to this API in the format of a REST API, which is format 1.0 '
    'of an HTTP API."'
)


def without(name: str) -> dict[str, Any]:
    event = http_event('{"operation": "ping"}')
    del event[name]
    return event


@pytest.mark.parametrize(
    ("event", "status", "says"),
    [
        (without("body"), 400, "The body is empty"),
        (without("headers"), 415, "Content-Type: application/json"),
        (without("isBase64Encoded"), 200, "pong"),
        (without("pathParameters"), 200, "pong"),
        ({**http_event("abcde"), "isBase64Encoded": True}, 400, NO_BASE64),
        ({**http_event("é"), "isBase64Encoded": True}, 400, "base64"),
        (http_event(None), 400, "The body is empty"),
        (http_event("{}", resourcePath="/elsewhere"), 400, NO_REQUEST),
        (http_event("{}", resourcePath=5), 400, "neither"),
        (http_event("{}", httpMethod=None), 400, "neither"),
        ({"requestContext": None}, 400, "neither"),
        ({"requestContext": {"http": {"method": "POST"}}, "version": "2.0"}, 400, "format 1.0"),
    ],
)
def test_an_event_that_only_looks_like_api_gateways_gets_an_answer_of_our_own_shape(
    gateway: StageClient, log_lines: list[dict[str, Any]], event: dict[str, Any], status: int, says: str
) -> None:
    answer = gateway.app(event, CONTEXT)
    assert (answer["statusCode"], says in answer["body"]) == (status, True), answer
    assert answer["headers"]["X-Request-Id"] == "the-request-id"
    assert answer["headers"]["Content-Type"] == "application/json"
    (line,) = log_lines
    assert (line["requestId"], line["lambdaRequestId"], line["status"]) == ("the-request-id", "the-request-id", status)
    if status != 200:
        body = json.loads(answer["body"])
        assert (body.keys(), body["RequestId"]) == ({"Code", "Message", "RequestId"}, "the-request-id")


@pytest.mark.parametrize(("status", "seconds"), [(429, "1"), (503, "2"), (400, None), (504, None)])
def test_a_client_is_told_how_long_to_wait(status: int, seconds: str | None) -> None:
    response = AnswerResponse(Answer(b"{}", ApiError(status, "Code", "Why."), {"code": "Code"}), "the-id")
    assert response.headers == {"Content-Type": "application/json", **({"Retry-After": seconds} if seconds else {})}
    assert (response.body, response.status_code) == ("{}", status)
    assert (response.log_fields, response.request_id) == ({"code": "Code"}, "the-id")


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain;application/json",
        "application/json, text/plain",
        "*/*",
        "",
        "application/json;x",
        "application/json; a=1; x",
        "application/json;a=1;x",
    ],
)
def test_what_a_browser_may_send_without_asking_is_a_415(gateway: StageClient, content_type: str) -> None:
    answer = gateway.app(http_event('{"operation": "ping"}', content_type), CONTEXT)
    assert (answer["statusCode"], json.loads(answer["body"])["Code"]) == (415, "UnsupportedMediaType")
    assert "Send the header Content-Type: application/json" in answer["body"]


def test_a_lone_surrogate_in_an_event_is_refused(gateway: StageClient, table: str) -> None:
    for payload in ({"Item": {"id": "\ud800"}}, {"Item": {"\ud800": "1"}}):
        with pytest.raises(Exception, match="surrogate"):
            gateway.app({"operation": "create", "tableName": table, "payload": payload}, CONTEXT)
    with pytest.raises(Exception, match="surrogate"):
        gateway.app({"operation": "echo", "payload": "\ud800"}, CONTEXT)


@pytest.mark.parametrize(("number", "passes"), [(0.123456789012345, True), (0.1234567890123456, False), (1e22, True)])
def test_a_fraction_of_an_event_has_15_digits_at_most(gateway: StageClient, number: float, passes: bool) -> None:
    if passes:
        assert gateway.app({"operation": "echo", "payload": [{"n": number}]}, CONTEXT) == [{"n": number}]
    else:
        with pytest.raises(Exception, match="binary float"):
            gateway.app({"operation": "echo", "payload": [{"n": number}]}, CONTEXT)


def test_a_fraction_of_an_event_is_stored_as_it_was_sent(gateway: StageClient, table: str) -> None:
    event = {"operation": "create", "tableName": table, "payload": {"Item": {"id": "f", "n": [0.1, -2.5e-10]}}}
    gateway.app(event, CONTEXT)
    stored = gateway.ask("read", table, {"Key": {"id": {"S": "f"}}}, format="dynamodb-json").json["Item"]["n"]
    assert [Decimal(each["N"]) for each in stored["L"]] == [Decimal("0.1"), Decimal("-2.5e-10")]


@pytest.mark.parametrize(
    ("environ", "warned"),
    [
        ({"AUTH": "iam"}, False),
        ({"AUTH": "api-key"}, True),
        ({"AUTH": "none"}, False),
        ({"AUTH": "none", "AWS_LAMBDA_FUNCTION_NAME": "gateway"}, True),
    ],
)
def test_a_stage_that_lets_every_caller_do_everything_says_so(
    stage: Callable[..., StageClient], capsys: pytest.CaptureFixture[str], environ: dict[str, str], warned: bool
) -> None:
    stage(**environ)
    written = "".join(capsys.readouterr())
    assert ('"ACCESS_RULES is not set: every caller may do whatever this stage allows."' in written) == warned


def test_dynamodb_has_what_api_gateway_waits_less_what_an_answer_takes() -> None:
    assert DEADLINE_SECONDS + RESERVED_SECONDS == 29


def seconds_left(milliseconds: float) -> float:
    return _call({}, SimpleNamespace(get_remaining_time_in_millis=lambda: milliseconds)).seconds_left()


def test_the_time_that_is_left_is_lambdas_less_what_an_answer_takes() -> None:
    assert [seconds_left(each) for each in (3_000, 10_000, 29_000, 900_000)] == [0, 7, 26, 26]
    assert 25 < _call({}, None).seconds_left() < 26


def test_without_an_id_each_request_gets_one_of_its_own() -> None:
    assert _call({"requestId": "gateways"}, CONTEXT).request_id == "gateways"
    assert _call({}, CONTEXT).request_id == "the-request-id"
    assert _call({}, None).request_id != _call({}, None).request_id
    assert _call({}, None).caller() is None


def test_the_room_around_an_answer_is_what_lambda_states() -> None:
    assert (MAX_RESPONSE_BYTES, MAX_BYTES_PER_BYTE, ENVELOPE_BYTES) == (6_291_556, 6, 1024)
    assert _size([Decimal("0.5")]) == len('["0.5"]')


def test_the_app_has_the_name_of_the_tutorial(gateway: StageClient) -> None:
    assert gateway.app.app_name == "LambdaFunctionOverHttps"
