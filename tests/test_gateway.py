"""Behind both entry points: what the adapter is asked, and what becomes of its answers and errors."""

import json
from collections.abc import Collection
from typing import Any, cast

import msgspec
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError, ReadTimeoutError

from chalicelib import errors, once
from chalicelib.access.declared_keys import DeclaredKeys
from chalicelib.dynamodb import DynamoDB
from chalicelib.gateway import Answer, Call, Stage, answer
from chalicelib.request import RawRequest
from chalicelib.settings import read_settings

METADATA = {"RequestId": "dynamodbs-id", "HTTPStatusCode": 200, "RetryAttempts": 2}
READ = RawRequest("read", "orders", {"Key": {"id": "1"}}, "json")
COUNT = RawRequest(
    "update",
    "orders",
    {"Key": {"id": "1"}, "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": 1}},
    "json",
)


class RecordingAdapter:
    """In DynamoDB's place: keeps what it is asked, and gives the answer, or raises the error, that it was made with."""

    def __init__(self, members: dict[str, Any], error: Exception | None = None) -> None:
        self._members, self._error = members, error
        self.calls: list[dict[str, Any]] = []

    def call(self, action: str, body: bytes, tables: Collection[str] = (), **options: Any) -> dict[str, Any]:
        self.calls.append({"action": action, "body": json.loads(body), "tables": set(tables), **options})
        if self._error:
            raise self._error
        members = {name: msgspec.Raw(msgspec.json.encode(value)) for name, value in self._members.items()}
        return {**members, "ResponseMetadata": METADATA}


def asked(
    raw: RawRequest | Exception, error: Exception | None = None, seconds_left: float = 20, **members: Any
) -> tuple[Answer, list[dict[str, Any]]]:
    """Answer a request; returns the answer, and what the adapter was asked."""
    adapter = RecordingAdapter(members, error)
    stage = Stage(read_settings({"ALLOWED_TABLES": "*"}), cast(DynamoDB, adapter), None, DeclaredKeys())

    def read() -> RawRequest:
        if isinstance(raw, Exception):
            raise raw
        return raw

    return answer(read, Call("the-id", lambda: seconds_left, lambda: None), stage), adapter.calls


def refused(code: str, message: str = "Why.", status: int = 400, **details: Any) -> ClientError:
    said: Any = {"Error": {"Code": code, "Message": message}, **details}
    return ClientError({**said, "ResponseMetadata": {**METADATA, "HTTPStatusCode": status}}, "GetItem")


def body_of(answered: Answer) -> Any:
    return json.loads(answered.body)


def test_the_adapter_gets_the_request_in_dynamodbs_json_and_the_time_that_is_left() -> None:
    _, (call,) = asked(READ, seconds_left=1.5)
    assert call == {
        "action": "GetItem",
        "body": {"TableName": "orders", "Key": {"id": {"S": "1"}}},
        "tables": {"orders"},
        "within": 1.5,
        "repeatable": True,
        "restate": None,
    }


def test_a_write_that_is_applied_once_goes_out_as_a_transaction() -> None:
    payload = {**COUNT.payload, once.TOKEN: "t", "ReturnConsumedCapacity": "TOTAL"}
    answered, (call,) = asked(COUNT._replace(payload=payload), ConsumedCapacity=[{"CapacityUnits": 4}])
    assert (call["action"], call["repeatable"], call["restate"]) == ("TransactWriteItems", True, once.restate_error)
    assert body_of(answered) == {"ConsumedCapacity": {"CapacityUnits": 4}, "ResponseMetadata": METADATA}
    assert asked(COUNT)[1][0]["repeatable"] is False


@pytest.mark.parametrize("seconds_left", [0, -1])
def test_without_time_nothing_is_sent(seconds_left: float) -> None:
    answered, calls = asked(READ, seconds_left=seconds_left)
    assert calls == []
    assert (answered.status, body_of(answered)["Message"]) == (504, errors.no_time_left().message)


def test_an_answer_is_in_the_format_of_the_request() -> None:
    item = {"id": {"S": "1"}, "n": {"N": "5"}}
    assert body_of(asked(READ, Item=item)[0]) == {"Item": {"id": "1", "n": 5}, "ResponseMetadata": METADATA}
    typed = READ._replace(payload={"Key": {"id": {"S": "1"}}}, format="dynamodb-json")
    assert body_of(asked(typed, Item=item)[0]) == {"Item": item, "ResponseMetadata": METADATA}


@pytest.mark.parametrize(
    ("consumed", "units"),
    [({"CapacityUnits": 0.5}, 0.5), ([{"CapacityUnits": 1}, {"CapacityUnits": 2.5}, {}], 3.5), ([], 0)],
)
def test_the_log_has_dynamodbs_id_the_retries_the_time_and_the_units(consumed: Any, units: float) -> None:
    answered, _ = asked(READ, ConsumedCapacity=consumed)
    assert answered.log_fields.pop("dynamodbMs") >= 0
    assert answered.log_fields == {
        "operation": "read",
        "table": "orders",
        "dynamodbRequestId": "dynamodbs-id",
        "retries": 2,
        "capacityUnits": units,
    }


def test_the_log_has_the_beginning_of_a_long_table_name_in_ascii() -> None:
    answered, _ = asked(READ._replace(table_name="é" * 2_000))
    assert answered.log_fields["table"] == "\\xe9" * 1024
    answered, _ = asked(RawRequest("steal", "x" * 2_000, {}, "json"))
    assert answered.log_fields == {"table": "x" * 1024, "code": "BadRequestError"}


def test_a_refusal_is_answered_with_dynamodbs_words_and_details_in_the_format_of_the_request() -> None:
    details: dict[str, Any] = {"Item": msgspec.Raw(b'{"id": {"S": "1"}}'), "Secret": msgspec.Raw(b"1")}
    error = refused("ConditionalCheckFailedException", **details)
    answered, _ = asked(READ, error)
    assert body_of(answered) == {
        "Code": "ConditionalCheckFailedException",
        "Message": "Why.",
        "Item": {"id": "1"},
        "RequestId": "the-id",
    }
    assert answered.status == 409
    assert answered.log_fields.keys() == {"operation", "table", "code", "dynamodbMs", "dynamodbRequestId", "retries"}


def test_a_refusal_has_the_hint_after_dynamodbs_words() -> None:
    answered, _ = asked(READ, refused("ResourceNotFoundException", "Requested resource not found"))
    assert (answered.status, body_of(answered)["Message"]) == (404, "Requested resource not found: orders")
    assert "cause" not in answered.log_fields
    schema = refused("ValidationException", "The provided key element does not match the schema")
    assert body_of(asked(READ, schema)[0])["Message"].endswith('send "format": "dynamodb-json".')


@pytest.mark.parametrize(("code", "status"), [("AccessDeniedException", 403), ("InternalServerError", 503)])
def test_what_the_caller_is_not_told_is_logged(code: str, status: int) -> None:
    answered, _ = asked(READ, refused(code, "arn:aws:iam::123456789012:role/x"))
    assert answered.status == status
    assert "123456789012" not in body_of(answered)["Message"]
    assert answered.log_fields["cause"] == f"{code}: arn:aws:iam::123456789012:role/x"


UNREACHED = EndpointConnectionError(endpoint_url="https://dynamodb")
UNANSWERED = ReadTimeoutError(endpoint_url="https://dynamodb")


@pytest.mark.parametrize(
    ("raw", "error", "told"),
    [
        (READ, UNREACHED, errors.unavailable()),
        (READ, UNANSWERED, errors.timed_out()),
        (COUNT, UNREACHED, errors.unavailable()),
        (COUNT, UNANSWERED, errors.timed_out(False)),
        (COUNT, refused("InternalServerError", status=500), errors.unavailable(False)),
    ],
)
def test_a_lost_answer_is_told_by_what_the_request_may_have_changed(
    raw: RawRequest, error: Exception, told: errors.ApiError
) -> None:
    answered, _ = asked(raw, error)
    assert (answered.status, body_of(answered)["Message"]) == (told.status, told.message)
    assert answered.log_fields["cause"]


def test_a_defect_is_told_by_the_id_alone() -> None:
    for error in (NoCredentialsError(), ValueError("an item's content"), KeyError("an item's content")):
        answered, _ = asked(READ, error)
        assert (answered.status, body_of(answered)) == (500, {
            "Code": "InternalServerError", "Message": errors.internal("the-id").message, "RequestId": "the-id"
        })  # fmt: skip
        assert "content" not in str(answered.log_fields)
    assert answered.log_fields["traceback"].endswith("KeyError")
    assert "in call" in answered.log_fields["traceback"]
    assert asked(READ, NoCredentialsError())[0].log_fields["cause"] == "Unable to locate credentials"


@pytest.mark.parametrize("error", [UnicodeEncodeError("utf-8", "x", 0, 1, "surrogates"), RecursionError()])
def test_an_event_that_cannot_be_written_is_the_callers_mistake(error: Exception) -> None:
    answered, _ = asked(error)
    message = "The event holds half of a surrogate pair, or is nested too deeply."
    assert (answered.status, body_of(answered)["Message"]) == (400, message)
    assert answered.log_fields == {"code": "BadRequestError"}


@pytest.mark.parametrize("error", [UNREACHED, refused("ValidationException")])
def test_an_error_of_the_sdk_before_there_is_a_request_is_a_defect(error: Exception) -> None:
    assert asked(error)[0].status == 500


def test_ping_and_echo_ask_nothing() -> None:
    for raw, result in [(RawRequest("ping", None, None, "json"), "pong"), (RawRequest("echo", None, 5, "json"), 5)]:
        answered, calls = asked(raw)
        assert (body_of(answered), answered.status, calls) == (result, 200, [])
        assert answered.log_fields == {"operation": raw.operation, "table": None}
