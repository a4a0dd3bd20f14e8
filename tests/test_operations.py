"""Every operation of the table does what DynamoDB's action does, in both formats."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.operations import OPERATIONS
from tests.conftest import StageClient

PLAIN = {"id": "1", "name": "Bob", "age": 5, "tags": {"$set": ["a", "b"]}, "key": {"$binary": "AAH/"}}
WIRE = {
    "id": {"S": "1"},
    "name": {"S": "Bob"},
    "age": {"N": "5"},
    "tags": {"SS": ["a", "b"]},
    "key": {"B": "AAH/"},
}
FORMATS = {"json": PLAIN, "dynamodb-json": WIRE}


class Table:
    """The operations on one table in one format."""

    def __init__(self, gateway: StageClient, name: str, format: str) -> None:
        self.gateway, self.name, self.format = gateway, name, format
        self.item = FORMATS[format]
        self.key = {"id": self.item["id"]}

    def ask(self, operation: str, payload: Any, **fields: Any) -> Any:
        reply = self.gateway.ask(operation, payload=payload, format=self.format, **fields)
        assert reply.status == 200, reply
        metadata = reply.json.pop("ResponseMetadata")
        assert metadata["HTTPStatusCode"] == 200
        assert metadata["RetryAttempts"] == 0
        assert set(metadata) == {"RequestId", "HTTPStatusCode", "RetryAttempts"}
        return reply.json

    def one(self, operation: str, payload: Any) -> Any:
        return self.ask(operation, payload, tableName=self.name)

    def value(self, plain: Any) -> Any:
        """A string or number in the table's format."""
        if self.format == "json":
            return plain
        return {"S": plain} if isinstance(plain, str) else {"N": str(plain)}


@pytest.fixture(params=FORMATS)
def items(request: pytest.FixtureRequest, gateway: StageClient, table: str) -> Table:
    items = Table(gateway, table, request.param)
    for item in items.one("list", {})["Items"]:
        items.one("delete", {"Key": {"id": item["id"]}})
    return items


def test_what_may_be_repeated_after_a_lost_answer_is_what_the_contract_says() -> None:
    repeated = {
        "create": "without condition",
        "delete": "without condition",
        "update": "with token",
        "transactWrite": "with token",
    }
    assert {name: row.repeat for name, row in OPERATIONS.items() if row.repeat != "always"} == repeated


def test_the_table_has_the_operations_of_the_contract() -> None:
    assert list(OPERATIONS) == [
        *("create", "read", "update", "delete", "list", "query"),
        *("batchRead", "batchWrite", "transactRead", "transactWrite", "tables", "describe", "echo", "ping"),
    ]


def test_create_then_read_gives_the_item_back(items: Table) -> None:
    assert items.one("create", {"Item": items.item}) == {}
    assert items.one("read", {"Key": items.key, "ConsistentRead": True}) == {"Item": items.item}


def test_read_of_no_item_answers_without_one(items: Table) -> None:
    assert items.one("read", {"Key": items.key}) == {}


def test_update_changes_attributes_and_returns_what_was_asked_for(items: Table) -> None:
    items.one("create", {"Item": items.item})
    update = {
        "Key": items.key,
        "UpdateExpression": "SET #n = :name ADD age :one",
        "ExpressionAttributeNames": {"#n": "name"},
        "ExpressionAttributeValues": {":name": items.value("Eve"), ":one": items.value(1)},
        "ReturnValues": "UPDATED_NEW",
    }
    assert items.one("update", update) == {"Attributes": {"name": items.value("Eve"), "age": items.value(6)}}


def test_update_takes_the_legacy_parameters(items: Table) -> None:
    items.one("create", {"Item": items.item})
    update = {
        "Key": items.key,
        "AttributeUpdates": {"age": {"Action": "ADD", "Value": items.value(2)}},
        "Expected": {"name": {"ComparisonOperator": "EQ", "AttributeValueList": [items.value("Bob")]}},
        "ReturnValues": "UPDATED_NEW",
    }
    assert items.one("update", update) == {"Attributes": {"age": items.value(7)}}


def test_delete_removes_the_item_and_returns_it(items: Table) -> None:
    items.one("create", {"Item": items.item})
    assert items.one("delete", {"Key": items.key, "ReturnValues": "ALL_OLD"}) == {"Attributes": items.item}
    assert items.one("read", {"Key": items.key}) == {}


def test_query_finds_by_key_condition(items: Table) -> None:
    items.one("create", {"Item": items.item})
    query = {"KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": items.value("1")}}
    assert items.one("query", query) == {"Items": [items.item], "Count": 1, "ScannedCount": 1}


def test_query_takes_the_legacy_parameters(items: Table) -> None:
    items.one("create", {"Item": items.item})
    query = {"KeyConditions": {"id": {"ComparisonOperator": "EQ", "AttributeValueList": [items.value("1")]}}}
    assert items.one("query", query)["Items"] == [items.item]


def test_list_filters_and_projects(items: Table) -> None:
    items.one("create", {"Item": items.item})
    items.one("create", {"Item": {"id": items.value("2"), "age": items.value(50)}})
    scan = {
        "FilterExpression": "age > :age",
        "ExpressionAttributeValues": {":age": items.value(10)},
        "ProjectionExpression": "id",
    }
    assert items.one("list", scan) == {"Items": [{"id": items.value("2")}], "Count": 1, "ScannedCount": 2}


def test_walking_all_pages_yields_every_item_exactly_once(items: Table) -> None:
    for number in range(7):
        items.one("create", {"Item": {"id": items.value(f"page-{number}")}})
    seen, page = [], items.one("list", {"Limit": 2})
    while True:
        seen += page["Items"]
        if "LastEvaluatedKey" not in page:
            break
        page = items.one("list", {"Limit": 2, "ExclusiveStartKey": page["LastEvaluatedKey"]})
    assert sorted(map(str, seen)) == sorted(str({"id": items.value(f"page-{number}")}) for number in range(7))


def test_batch_write_and_batch_read_carry_table_names_inside(items: Table) -> None:
    put = {"RequestItems": {items.name: [{"PutRequest": {"Item": items.item}}]}}
    assert items.ask("batchWrite", put) == {"UnprocessedItems": {}}
    read = {"RequestItems": {items.name: {"Keys": [items.key]}}}
    answer = items.ask("batchRead", read, tableName=items.name)
    assert answer == {"Responses": {items.name: [items.item]}, "UnprocessedKeys": {}}


def test_transactions_write_and_read_several_items(items: Table) -> None:
    other = {"id": items.value("2")}
    write = {
        "TransactItems": [
            {"Put": {"TableName": items.name, "Item": items.item}},
            {
                "ConditionCheck": {
                    "TableName": items.name,
                    "Key": other,
                    "ConditionExpression": "attribute_not_exists(id)",
                }
            },
        ]
    }
    assert items.ask("transactWrite", write) == {}
    read = {"TransactItems": [{"Get": {"TableName": items.name, "Key": key}} for key in (items.key, other)]}
    assert items.ask("transactRead", read) == {"Responses": [{"Item": items.item}, {}]}


def test_consumed_capacity_comes_through(items: Table) -> None:
    answer = items.one("create", {"Item": items.item, "ReturnConsumedCapacity": "TOTAL"})
    assert answer == {"ConsumedCapacity": {"TableName": items.name, "CapacityUnits": 1.0}}


@pytest.mark.parametrize(
    "payload",
    [
        "null",
        "5",
        '"text"',
        "[1, 2.50, 1e5]",
        '{"a": {"b": []}}',
        "12345678901234567890.123456789012345678901234567890",
    ],
)
def test_echo_returns_the_payload_with_every_digit(gateway: StageClient, payload: str) -> None:
    reply = gateway.post(b'{"operation": "echo", "payload": %b}' % payload.encode())
    assert (reply.status, reply.text) == (200, payload)


def test_echo_without_a_payload_returns_null(gateway: StageClient) -> None:
    assert gateway.ask("echo").text == "null"


def test_ping_answers_pong_with_its_quotes(gateway: StageClient) -> None:
    assert gateway.ask("ping").text == '"pong"'


def test_answers_are_json(gateway: StageClient) -> None:
    assert gateway.ask("ping").headers["Content-Type"] == "application/json"


FOUNDING_REQUESTS = [
    '{"operation": "create", "tableName": "lambda-apigateway", "payload": {"Item": {"id": "1", "name": "Bob"}}}',
    '{"operation": "read", "tableName": "lambda-apigateway", "payload": {"Key": {"id": "1"}}}',
    '{"operation": "create", "tableName": "lambda-apigateway", "payload": {"Item": {"id": "1234ABCD", "number": 5}}}',
    '{"operation": "echo", "payload": {"somekey1": "somevalue1", "somekey2": "somevalue2"}}',
]


def test_the_requests_of_the_tutorial_work_word_for_word(
    stage: Callable[..., StageClient], dynamodb: Any, tutorial_table: str
) -> None:
    gateway = stage(ALLOWED_TABLES="lambda-apigateway")
    created, read, _, echoed = [gateway.post(request.encode()) for request in FOUNDING_REQUESTS]
    assert created.status == 200
    assert read.json["Item"] == {"id": "1", "name": "Bob"}
    assert echoed.json == json.loads(FOUNDING_REQUESTS[3])["payload"]
    stored = dynamodb.get_item(TableName=tutorial_table, Key={"id": {"S": "1234ABCD"}})["Item"]
    assert stored == {"id": {"S": "1234ABCD"}, "number": {"N": "5"}}
