"""What DynamoDB refuses keeps its name, message and details; everything has its status."""

from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

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
    500: ["ExpiredTokenException", "UnrecognizedClientException", "InvalidSignatureException"],
    503: ["InternalServerError", "ServiceUnavailable"],
}


@pytest.mark.parametrize(("status", "code"), [(status, code) for status, codes in STATUSES.items() for code in codes])
def test_every_exception_has_its_status(status: int, code: str) -> None:
    refusal = {"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    assert errors.from_dynamodb(ClientError(refusal, "PutItem"), "id").status == status


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
