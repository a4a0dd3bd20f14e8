"""A suite as any user of boto3 may have one: nothing in it knows how its session reaches DynamoDB."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import boto3
import pytest
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary

from tests.conformance.conftest import WAYS


@pytest.fixture(scope="module", params=WAYS)
def session(request: pytest.FixtureRequest, sessions: dict[str, boto3.Session]) -> boto3.Session:
    return sessions[request.param]


@pytest.fixture(scope="module")
def table(session: boto3.Session, engine: str) -> Any:
    table = session.resource("dynamodb", endpoint_url=engine).create_table(
        TableName=f"music-{uuid4()}",
        AttributeDefinitions=[
            {"AttributeName": "artist", "AttributeType": "S"},
            {"AttributeName": "song", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "artist", "KeyType": "HASH"},
            {"AttributeName": "song", "KeyType": "RANGE"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    table.wait_until_exists()
    return table


@pytest.fixture
def artist() -> str:
    return str(uuid4())


@pytest.fixture
def songs(table: Any, artist: str) -> Iterator[list[str]]:
    songs = [f"song {number:02}" for number in range(30)]
    with table.batch_writer() as batch:
        for number, song in enumerate(songs):
            batch.put_item(Item={"artist": artist, "song": song, "year": 1970 + number, "tags": {"pop", song}})
    yield songs
    with table.batch_writer(overwrite_by_pkeys=["artist", "song"]) as batch:
        for song in songs:
            batch.delete_item(Key={"artist": artist, "song": song})


def test_python_values_come_back_as_they_were(table: Any, artist: str) -> None:
    item = {
        "artist": artist,
        "song": "all",
        "numbers": [Decimal("1.10"), Decimal("1E-100"), Decimal(10) ** 38, Decimal("-0.5")],
        "bytes": Binary(b"\x00\xff"),
        "sets": {"words": {"a", "b"}, "numbers": {1, 2}, "bytes": {Binary(b"a"), Binary(b"b")}},
        "nothing": None,
        "truth": [True, False],
        "$map": {"$set": []},
    }
    table.put_item(Item=item)
    assert table.get_item(Key={"artist": artist, "song": "all"})["Item"] == item


def test_a_query_pages_filters_and_sorts(table: Any, artist: str, songs: list[str]) -> None:
    found = []
    parameters: dict[str, Any] = {"KeyConditionExpression": Key("artist").eq(artist), "Limit": 7}
    while True:
        page = table.query(**parameters, ScanIndexForward=False)
        found += [item["song"] for item in page["Items"]]
        if "LastEvaluatedKey" not in page:
            break
        parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]
    assert found == songs[::-1]
    counted = table.query(
        KeyConditionExpression=Key("artist").eq(artist) & Key("song").begins_with("song 0"),
        FilterExpression=Attr("year").between(1971, 1973) & Attr("tags").contains("pop") & ~Attr("gone").exists(),
        Select="COUNT",
    )
    assert (counted["Count"], counted["ScannedCount"]) == (3, 10)


def test_a_paginator_walks_every_page(table: Any, artist: str, songs: list[str]) -> None:
    paginator = table.meta.client.get_paginator("scan")
    pages = paginator.paginate(
        TableName=table.name, FilterExpression=Attr("artist").eq(artist), PaginationConfig={"PageSize": 10}
    )
    assert sorted(item["song"] for page in pages for item in page["Items"]) == songs


def test_an_update_answers_numbers_as_decimals(table: Any, artist: str) -> None:
    answer = table.update_item(
        Key={"artist": artist, "song": "counted"},
        UpdateExpression="ADD plays :one SET tags = :tags",
        ExpressionAttributeValues={":one": Decimal("0.1"), ":tags": {"a"}},
        ReturnValues="ALL_NEW",
    )
    assert answer["Attributes"] == {"artist": artist, "song": "counted", "plays": Decimal("0.1"), "tags": {"a"}}


def test_a_failed_condition_is_an_exception_of_its_own(table: Any, artist: str) -> None:
    item = {"artist": artist, "song": "once"}
    table.put_item(Item=item, ConditionExpression=Attr("song").not_exists())
    with pytest.raises(table.meta.client.exceptions.ConditionalCheckFailedException) as caught:
        table.put_item(Item=item, ConditionExpression=Attr("song").not_exists())
    assert caught.value.response["Error"]["Message"] == "The conditional request failed"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_cancelled_transaction_says_why(table: Any, artist: str) -> None:
    client = table.meta.client
    item = {"artist": artist, "song": "kept"}
    table.put_item(Item=item)
    once = {"TableName": table.name, "Item": item, "ConditionExpression": "attribute_not_exists(song)"}
    with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
        client.transact_write_items(TransactItems=[{"Put": {**once, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}])
    (reason,) = caught.value.response["CancellationReasons"]
    assert reason["Code"] == "ConditionalCheckFailed"
    assert "transact_write_items" not in str(caught.value)


def test_a_batch_reads_what_is_there(table: Any, artist: str, songs: list[str]) -> None:
    keys = [{"artist": artist, "song": song} for song in [*songs[:3], "nowhere"]]
    answer = table.meta.client.batch_get_item(RequestItems={table.name: {"Keys": keys}})
    assert len(answer["Responses"][table.name]) == 3
    assert answer["UnprocessedKeys"] == {}


def test_a_missing_table_is_an_exception_of_its_own(table: Any) -> None:
    client = table.meta.client
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_item(TableName="nowhere", Key={"id": {"S": "1"}})
