"""What DynamoDB refuses keeps its name, message and details; everything has its status."""

from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)

from chalicelib import errors
from tests.conftest import StageClient

FORMATS: dict[str, dict[str, Any]] = {
    "json": {"id": "1", "tags": {"$set": ["a"]}},
    "dynamodb-json": {"id": {"S": "1"}, "tags": {"SS": ["a"]}},
}
STATUSES = {
    400: ["ValidationException", "SerializationException", "ItemCollectionSizeLimitExceededException", "BrandNew"],
    403: ["AccessDeniedException"],
    404: ["ResourceNotFoundException"],
    409: [
        *("ConditionalCheckFailedException", "TransactionCanceledException", "TransactionConflictException"),
        *("TransactionInProgressException", "IdempotentParameterMismatchException"),
        "ReplicatedWriteConflictException",
    ],
    429: ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"],
    500: [
        *("ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException", "OptInRequired"),
        *("IncompleteSignature", "IncompleteSignatureException", "MissingAuthenticationTokenException"),
        "RequestExpired",
    ],
    503: ["InternalServerError", "ServiceUnavailable"],
}


@pytest.mark.parametrize(("status", "code"), [(status, code) for status, codes in STATUSES.items() for code in codes])
def test_every_exception_has_its_status(status: int, code: str) -> None:
    refusal = {"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    assert errors.from_dynamodb(ClientError(refusal, "PutItem"), "id").status == status


def test_every_code_that_has_a_status_is_listed_here() -> None:
    listed = {code for status, codes in STATUSES.items() if status != 400 for code in codes}
    assert errors.STATUS_BY_CODE.keys() == listed


NO_TIME = "No time was left to call DynamoDB, and nothing was sent to it. Send a smaller request."
LOST = "The write may or may not have been applied: read before you repeat it."
OWN_ERRORS = [
    (errors.bad_request("No."), 400, "BadRequestError", "No."),
    (errors.forbidden("No."), 403, "ForbiddenError", "No."),
    (
        errors.internal("7"),
        500,
        "InternalServerError",
        "The gateway failed. Its operator finds the cause under request id 7.",
    ),
    (
        errors.unavailable(),
        503,
        "ServiceUnavailableError",
        "DynamoDB cannot be reached at the moment. Try again shortly.",
    ),
    (errors.unavailable(False), 503, "ServiceUnavailableError", f"DynamoDB failed. {LOST}"),
    (errors.timed_out(), 504, "GatewayTimeoutError", "DynamoDB did not answer in time. Try again shortly."),
    (errors.timed_out(False), 504, "GatewayTimeoutError", f"DynamoDB did not answer in time. {LOST}"),
    (errors.no_time_left(), 504, "GatewayTimeoutError", NO_TIME),
    (
        errors.request_too_large(7_000, 6_000),
        413,
        "RequestTooLargeError",
        "The request takes 7,000 bytes, and the limit is 6,000. Send less in one request.",
    ),
    (
        errors.answer_too_large(7_000, 6_000),
        413,
        "AnswerTooLargeError",
        "The answer takes 7,000 bytes, and Lambda carries 6,000. Ask for less: a smaller Limit or fewer keys, and a "
        "ProjectionExpression that names the attributes you need.",
    ),
]


@pytest.mark.parametrize(("error", "status", "code", "words"), OWN_ERRORS)
def test_each_error_of_our_own_has_its_status_code_and_words(
    error: errors.ApiError, status: int, code: str, words: str
) -> None:
    assert (error.status, error.code) == (status, code)
    assert error.message == words
    assert error.unquoted == error.message
    assert error.details == {}


def test_a_callers_words_are_clipped_and_left_out_of_what_is_logged() -> None:
    for make in (errors.bad_request, errors.forbidden):
        error = make('"%s" is not "%s".', "x" * 201, "y" * 200)
        assert error.message == f'"{"x" * 200}…" is not "{"y" * 200}".'
        assert error.unquoted == '"…" is not "…".'


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ReadTimeoutError(endpoint_url="x"), errors.timed_out(False)),
        (ConnectionClosedError(endpoint_url="x"), errors.unavailable(False)),
        (SSLError(endpoint_url="x", error="x"), errors.unavailable(False)),
        (EndpointConnectionError(endpoint_url="x"), errors.unavailable(True)),
    ],
)
def test_a_write_whose_answer_was_lost_is_told_apart_from_one_that_was_never_sent(
    error: Any, expected: errors.ApiError
) -> None:
    assert errors.from_network(error, repeatable=False).message == expected.message
    assert errors.from_network(error, repeatable=True).message == errors.from_network(error).message
    assert LOST not in errors.from_network(error).message


def test_a_client_is_asked_to_wait_as_long_as_another_attempt_needs() -> None:
    assert errors.RETRY_AFTER_SECONDS == {429: 1, 503: 2}


@pytest.mark.parametrize(
    ("code", "answered", "words"),
    [
        ("ExpiredTokenException", "InternalServerError", errors.internal("7").message),
        (
            "AccessDeniedException",
            "AccessDeniedException",
            "The gateway's role may not do this on this table. Its operator can widen the stage's policy.",
        ),
        ("InternalServerError", "InternalServerError", errors.unavailable().message),
        (errors.UNREADABLE, "ServiceUnavailableError", errors.unavailable().message),
        ("ValidationException", "ValidationException", "Secret."),
    ],
)
def test_dynamodbs_own_words_reach_the_caller_where_they_are_about_the_request(
    code: str, answered: str, words: str
) -> None:
    refusal = {"Error": {"Code": code, "Message": "Secret."}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    error = errors.from_dynamodb(ClientError(refusal, "PutItem"), "7")
    assert (error.code, error.message) == (answered, words)
    assert "Secret" not in error.unquoted


def refused(code: str, message: str, http_status: int = 400, **details: Any) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": http_status}}
    return ClientError({**answer, **details}, "PutItem")


@pytest.mark.parametrize(("http_status", "status"), [(400, 400), (499, 400), (500, 503), (501, 503), (399, 503)])
def test_a_new_exception_is_the_callers_or_dynamodbs_by_its_http_status(http_status: int, status: int) -> None:
    assert errors.from_dynamodb(refused("BrandNew", "No.", http_status), "7").status == status


def test_what_dynamodb_adds_to_its_error_reaches_the_caller_and_nothing_else() -> None:
    error = errors.from_dynamodb(refused("ConditionalCheckFailedException", "", Item={"id": {"S": "1"}}), "7", ": hint")
    assert error.details == {"Item": {"id": {"S": "1"}}}
    assert error.unquoted == "DynamoDB refused PutItem: ConditionalCheckFailedException."
    assert error.message == f"{error.unquoted}: hint"


NOT_FOUND = "ResourceNotFoundException"
SCHEMA = "The provided key element does not match the schema"
FORMAT_HINT = '. If values are written as {"S": "text"}, send "format": "dynamodb-json".'
HINTS = [
    (NOT_FOUND, "Requested resource not found", ["orders"], ": orders"),
    (NOT_FOUND, "Requested resource not found", ["orders", "carts"], ": carts or orders"),
    (NOT_FOUND, "Requested resource not found", [], ""),
    (NOT_FOUND, "Table: orders not found", ["orders", "carts"], ""),
    ("ValidationException", "Requested resource not found", ["orders"], ""),
    ("ValidationException", SCHEMA, ["orders"], FORMAT_HINT),
    ("ValidationException", "The schema is unknown", ["orders"], ""),
    ("ValidationException", "The types do not match", ["orders"], ""),
]


@pytest.mark.parametrize(("code", "message", "tables", "hint"), HINTS)
def test_a_hint_says_what_dynamodbs_message_leaves_out(code: str, message: str, tables: list[str], hint: str) -> None:
    assert errors.hint(refused(code, message), tables, "json") == hint


def test_the_format_is_no_hint_for_who_has_sent_it() -> None:
    assert errors.hint(refused("ValidationException", SCHEMA), ["orders"], "dynamodb-json") == ""


@pytest.fixture(params=FORMATS)
def format(request: pytest.FixtureRequest, gateway: StageClient, table: str) -> str:
    chosen: str = request.param
    assert gateway.ask("create", table, {"Item": FORMATS[chosen]}, format=chosen).status == 200
    return chosen


def test_a_table_that_is_not_there_is_a_404(gateway: StageClient) -> None:
    reply = gateway.ask("read", "not-there", {"Key": {"id": "1"}})
    assert (reply.status, reply.json["Code"]) == (404, "ResourceNotFoundException")


def test_what_dynamodb_finds_invalid_is_a_400_in_its_words(gateway: StageClient, table: str) -> None:
    reply = gateway.ask("query", table, {})
    assert (reply.status, reply.json["Code"]) == (400, "ValidationException")
    assert reply.json["Message"]


def test_a_failed_condition_is_a_409_with_the_item_that_was_asked_for(
    gateway: StageClient, table: str, format: str
) -> None:
    item = FORMATS[format]
    create = {"Item": item, "ConditionExpression": "attribute_not_exists(id)"}
    plain = gateway.ask("create", table, create, format=format)
    assert (plain.status, plain.json.keys()) == (409, {"Code", "Message", "RequestId"})
    asked = gateway.ask("create", table, {**create, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}, format=format)
    assert asked.json == {**plain.json, "Item": item, "RequestId": asked.json["RequestId"]}
    assert asked.json["Code"] == "ConditionalCheckFailedException"


def test_a_cancelled_transaction_is_a_409_with_its_reasons(gateway: StageClient, table: str, format: str) -> None:
    item = FORMATS[format]
    put = {
        "TableName": table,
        "Item": item,
        "ConditionExpression": "attribute_not_exists(id)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    reply = gateway.ask("transactWrite", payload={"TransactItems": [{"Put": put}]}, format=format)
    assert (reply.status, reply.json["Code"]) == (409, "TransactionCanceledException")
    (reason,) = reply.json["CancellationReasons"]
    assert (reason["Code"], reason["Item"]) == ("ConditionalCheckFailed", item)


def test_a_token_used_for_another_transaction_is_a_409(gateway: StageClient, table: str) -> None:
    token = str(uuid4())
    replies = [
        gateway.ask(
            "transactWrite",
            payload={
                "ClientRequestToken": token,
                "TransactItems": [{"Put": {"TableName": table, "Item": {"id": id_}}}],
            },
        )
        for id_ in ("1", "2")
    ]
    assert [reply.status for reply in replies] == [200, 409]
    assert replies[1].json["Code"] == "IdempotentParameterMismatchException"
