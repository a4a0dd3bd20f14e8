"""Answers larger than Lambda carries, counted as Lambda counts them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import entry_points
from tests.conftest import StageClient, made_table
from tests.http_event import http_event

# A page of control characters: one byte each to DynamoDB, six in JSON, and seven where that JSON is a string in
# Lambda's own. Two thirds of it still fit.
PAGE = ["\x01" * 340_000] * 3
READS: list[tuple[str, dict[str, Any]]] = [
    ("list", {}),
    ("query", {"KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": "0"}}),
]


@pytest.fixture(scope="module")
def full_table(dynamodb: Any) -> Iterator[str]:
    name = "full"
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "sort", "AttributeType": "N"},
        ],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "sort", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for sort, text in enumerate(PAGE):
        dynamodb.put_item(TableName=name, Item={"id": {"S": "0"}, "sort": {"N": str(sort)}, "text": {"S": text}})
    yield name
    dynamodb.delete_table(TableName=name)


@pytest.mark.parametrize(("operation", "payload"), READS)
def test_a_page_that_is_too_large_is_a_413_and_a_smaller_one_is_not(
    gateway: StageClient, full_table: str, operation: str, payload: dict[str, Any]
) -> None:
    refused = gateway.ask(operation, full_table, payload)
    assert (refused.status, refused.json["Code"]) == (413, "AnswerTooLargeError")
    assert "a smaller Limit" in refused.json["Message"]
    assert gateway.ask(operation, full_table, {**payload, "Limit": 2}).status == 200
    assert gateway.ask(operation, full_table, {**payload, "ProjectionExpression": "id"}).json["Count"] == 3


def test_a_batch_that_is_too_large_is_a_413_and_fewer_keys_are_not(gateway: StageClient, dynamodb: Any) -> None:
    with made_table(dynamodb, "many") as table:
        for id_ in range(17):
            dynamodb.put_item(TableName=table, Item={"id": {"S": str(id_)}, "text": {"S": "x" * 390_000}})

        def read(count: int) -> Any:
            keys = {"Keys": [{"id": str(id_)} for id_ in range(count)]}
            return gateway.ask("batchRead", payload={"RequestItems": {table: keys}})

        refused = read(17)
        assert (refused.status, refused.json["Code"]) == (413, "AnswerTooLargeError")
        assert "fewer keys" in refused.json["Message"]
        assert len(read(16).json["Responses"][table]) == 16


@pytest.mark.parametrize("escapes", [True, False])
@pytest.mark.parametrize("value", [[1] * 100, {"é": ["\u2028", 1.5e15, "\x7f"]}, "\x01\U0001f600" * 20])
def test_a_result_of_an_event_is_counted_as_lambda_writes_it(
    monkeypatch: pytest.MonkeyPatch, gateway: StageClient, escapes: bool, value: Any
) -> None:
    size = len(json.dumps(value, ensure_ascii=escapes).encode())
    monkeypatch.setattr(entry_points, "ESCAPES_UNICODE", escapes)
    monkeypatch.setattr(entry_points, "MAX_RESPONSE_BYTES", size)
    event = {"operation": "echo", "payload": value}
    assert gateway.app(event, None) == value
    monkeypatch.setattr(entry_points, "MAX_RESPONSE_BYTES", size - 1)
    with pytest.raises(Exception, match="Ask for less"):
        gateway.app(event, None)


def test_the_largest_answer_fits_into_lambdas_response_with_all_that_is_around_it(stage: Any) -> None:
    """Lambda's quota, as its documentation states it, is 6 MB: 6,291,556 bytes."""
    gateway = stage(CORS_ALLOW_ORIGIN="https://" + "a" * 100 + ".example")
    sizes = range(6_290_000, 6_291_600, 20)
    responses = (
        gateway.app(http_event('{"operation": "echo", "payload": "%s"}' % ("a" * size)), None) for size in sizes
    )
    fitting = [response for response in responses if response["statusCode"] == 200]
    assert 0 < len(fitting) < len(sizes)
    assert len(json.dumps(fitting[-1])) <= 6_291_556
