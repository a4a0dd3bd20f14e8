"""What a request touches: that nothing of it is overlooked."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from chalicelib.access.accesses import _OPERATIONS, _PARAMETERS, _PARTS, Access, Attributes, accesses
from chalicelib.access.known import Prefix
from chalicelib.errors import ApiError
from chalicelib.operations import OPERATIONS
from chalicelib.service_model import action_model
from tests.access.cases import ARN, MINE, asked, compiled, key, legacy, updating

RULES = compiled()
# Those that hold the parts of batches and transactions.
STRUCTURE = {"RequestItems", "TransactItems", "Keys", *_PARTS}


def touched(operation: str, payload: dict[str, Any], table: str | None = "app") -> list[Access]:
    named = {} if table is None else {"TableName": table}
    return accesses(operation, {**payload, **named}, "json", RULES)


def members_of(shape: Shape) -> Iterator[str]:
    """The names of all parameters of an action, those of its parts too, down to what an attribute may be called."""
    if isinstance(shape, StructureShape) and shape.name not in ("AttributeValue", "Condition", "ExpectedAttributeValue",
                                                               "AttributeValueUpdate"):  # fmt: skip
        for name, member in shape.members.items():
            yield name
            yield from members_of(member)
    elif isinstance(shape, ListShape):
        yield from members_of(shape.member)
    elif isinstance(shape, MapShape):
        yield from members_of(shape.value)


def test_every_operation_that_touches_items_is_known() -> None:
    assert _OPERATIONS.keys() == OPERATIONS.keys() - {"tables", "describe", "echo", "ping"}


@pytest.mark.parametrize("operation", _OPERATIONS)
def test_every_parameter_that_dynamodb_knows_is_known(operation: str) -> None:
    action = OPERATIONS[operation].action
    assert action is not None
    assert set(members_of(action_model(action).input_shape)) <= _PARAMETERS.keys() | STRUCTURE


def test_a_parameter_that_dynamodb_may_learn_is_refused() -> None:
    with pytest.raises(ApiError, match="ReturnEverything"):
        touched("read", {**key(MINE), "ReturnEverything": True})


def test_an_operation_that_is_not_known_is_refused() -> None:
    with pytest.raises(KeyError):
        touched("export", key(MINE))


def test_every_item_of_a_batch_is_an_access() -> None:
    keys = [{"pk": MINE, "id": str(each)} for each in range(100)]
    read = touched("batchRead", {"RequestItems": {"app": {"Keys": keys}, "orders": {"Keys": [{"pk": "a"}]}}}, None)
    assert [access.key for access in read] == [*keys, {"pk": "a"}]
    assert {access.table for access in read} == {"app", "orders"}


def test_the_parts_of_a_batch_and_of_a_transaction_are_the_operations_that_they_are() -> None:
    requests = [{"PutRequest": {"Item": {"pk": "a"}}}, {"DeleteRequest": key("a")}]
    batch = touched("batchWrite", {"RequestItems": {"app": requests}}, None)
    assert [access.action for access in batch] == ["create", "delete"]
    named = {"TableName": "app"}
    parts = [
        {"Put": {**named, "Item": {"pk": "a"}}},
        {"Update": {**named, **updating("REMOVE x")}},
        {"Delete": {**named, **key("a")}},
        {"ConditionCheck": {**named, **key("a"), "ConditionExpression": "attribute_exists(x)"}},
        {"Put": {**named, "Item": {"pk": "a"}}, "Delete": {**named, **key("a")}},
    ]
    transaction = touched("transactWrite", {"TransactItems": parts}, None)
    assert [access.action for access in transaction] == ["create", "update", "delete", "check", "create", "delete"]
    gets = touched("transactRead", {"TransactItems": [{"Get": {**named, **key("a")}}]}, None)
    assert [access.action for access in gets] == ["read"]


def test_of_an_item_only_the_primary_key_is_known() -> None:
    (access,) = touched("create", {"Item": {"pk": MINE, "id": "1", "email": "ann@x", "name": "Ann"}})
    assert access.key == {"pk": MINE, "id": "1"}


def test_a_query_knows_what_its_key_condition_proves() -> None:
    (access,) = touched("query", asked("pk = :p AND begins_with(id, :i)", p=MINE, i="2"))
    assert access.key == {"pk": MINE, "id": Prefix("2")}
    (access,) = touched("query", {"KeyConditions": {"pk": legacy("EQ", MINE), "id": legacy("BEGINS_WITH", "2")}})
    assert access.key == {"pk": MINE, "id": Prefix("2")}
    for operator in ("LT", "LE", "GT", "GE", "BETWEEN", "NE", "eq"):
        (access,) = touched("query", {"KeyConditions": {"pk": legacy("EQ", MINE), "id": legacy(operator, "2")}})
        assert access.key == {"pk": MINE}


def test_a_key_condition_without_values_proves_nothing() -> None:
    (access,) = touched("query", {"KeyConditionExpression": "pk = :p"})
    assert access.key == {}


def test_a_legacy_condition_without_a_value_or_with_one_of_another_type_proves_nothing() -> None:
    for condition in ({"ComparisonOperator": "EQ"}, legacy("BEGINS_WITH", 5)):
        (access,) = touched("query", {"KeyConditions": {"pk": condition}})
        assert (access.key, access.resource) == ({}, "app")


def test_a_list_knows_nothing() -> None:
    (access,) = touched("list", {"FilterExpression": "pk = :p", "ExpressionAttributeValues": {":p": MINE}})
    assert access.key == {}


EVERY = True
ITEM = {"Item": {"pk": MINE, "id": "1", "name": "Ann"}}
QUERY = asked("pk = :p", p=MINE)


@pytest.mark.parametrize(
    ("operation", "payload", "reads", "every"),
    [
        ("read", key(MINE), "", EVERY),
        ("read", {**key(MINE), "ConsistentRead": True, "ProjectionExpression": "a.b, c"}, "a c", False),
        ("read", {**key(MINE), "AttributesToGet": ["a.b", "c"]}, "a.b c", False),
        ("read", {**key(MINE), "ProjectionExpression": "a", "ReturnConsumedCapacity": "TOTAL"}, "a", EVERY),
        ("read", {**key(MINE), "ProjectionExpression": "a", "ReturnConsumedCapacity": "none"}, "a", EVERY),
        ("read", {**key(MINE), "ProjectionExpression": "a", "ReturnConsumedCapacity": "NONE"}, "a", False),
        ("create", ITEM, "", False),
        ("create", {**ITEM, "ReturnValues": "ALL_OLD"}, "", EVERY),
        ("create", {**ITEM, "ReturnValues": "NONE"}, "", False),
        ("create", {**ITEM, "ReturnItemCollectionMetrics": "SIZE"}, "", EVERY),
        ("create", {**ITEM, "Expected": {"a": {"Exists": False}}, "ConditionalOperator": "OR"}, "a", False),
        ("create", {**ITEM, "ConditionExpression": "a = b"}, "a b", False),
        ("create", {**ITEM, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}, "", EVERY),
        ("create", {**ITEM, "ReturnItemCollectionMetrics": "SIZE", "ReturnConsumedCapacity": "NONE"}, "", EVERY),
        ("create", {**ITEM, "ReturnConsumedCapacity": "TOTAL", "ReturnValues": "NONE"}, "", EVERY),
        ("update", updating("SET a = b", ReturnConsumedCapacity="TOTAL", ReturnValues="NONE"), "b", EVERY),
        ("delete", {**key(MINE), "ReturnConsumedCapacity": "TOTAL", "ReturnValues": "NONE"}, "", EVERY),
        ("delete", key(MINE), "", False),
        ("delete", {**key(MINE), "ReturnValues": "ALL_OLD"}, "", EVERY),
        ("delete", {**key(MINE), "ConditionExpression": "a = b"}, "a b", False),
        ("update", updating("SET a = b"), "b", False),
        ("update", updating("SET a = b", ReturnValues="UPDATED_OLD"), "a b", False),
        ("update", updating("SET a = b", ReturnValues="UPDATED_NEW"), "a b", False),
        ("update", updating("SET a = b", ReturnValues="ALL_OLD"), "b", EVERY),
        ("update", updating("SET a = b", ReturnValues="ALL_NEW"), "b", EVERY),
        ("update", updating("SET a = b", ConditionExpression="size(c) > d"), "b c d", False),
        ("update", {**key(MINE), "AttributeUpdates": {"a": {"Value": 1}, "b": {"Action": "PUT"}}}, "", False),
        ("update", {**key(MINE), "AttributeUpdates": {"a": {"Action": "ADD"}}}, "a", False),
        ("update", {**key(MINE), "AttributeUpdates": {"a": {"Action": "DELETE"}}}, "a", False),
        ("update", {**key(MINE), "AttributeUpdates": {"a": {}}, "ReturnValues": "UPDATED_NEW"}, "a", False),
        ("update", key(MINE), "", False),
        ("query", QUERY, "pk", EVERY),
        ("query", {**QUERY, "Select": "COUNT"}, "pk", False),
        ("query", {**QUERY, "Select": "COUNT", "FilterExpression": "a = b"}, "pk a b", False),
        ("query", {**QUERY, "Select": "COUNT", "QueryFilter": {"a": legacy("EQ", 1)}}, "pk a", False),
        ("query", {**QUERY, "ProjectionExpression": "a"}, "pk a", False),
        ("query", {**QUERY, "ProjectionExpression": "a", "Select": "SPECIFIC_ATTRIBUTES"}, "pk a", False),
        ("query", {**QUERY, "ProjectionExpression": "a", "Select": "ALL_ATTRIBUTES"}, "pk a", EVERY),
        ("query", {**QUERY, "ProjectionExpression": "a", "Select": "ALL_PROJECTED_ATTRIBUTES"}, "pk a", EVERY),
        ("query", {**QUERY, "Select": "SPECIFIC_ATTRIBUTES"}, "pk", EVERY),
        ("list", {}, "", EVERY),
        ("list", {"Select": "COUNT", "ScanFilter": {"a": legacy("EQ", 1)}}, "a", False),
        ("list", {"AttributesToGet": ["a"]}, "a", False),
    ],
)  # fmt: skip
def test_reading_is_what_is_returned_or_decides(
    operation: str, payload: dict[str, Any], reads: str, every: bool
) -> None:
    (access,) = touched(operation, payload)
    assert (access.reads.named, access.reads.every) == (frozenset(reads.split()), every)


@pytest.mark.parametrize("operation", ["query", "list"])
def test_a_query_and_a_list_show_the_keys_of_the_table_and_the_index(operation: str) -> None:
    payload = {**(QUERY if operation == "query" else {}), "Select": "COUNT"}
    (plain,) = touched(operation, payload)
    assert plain.reads.implied == {"pk", "id"}
    (indexed,) = touched(operation, {**payload, "IndexName": "byEmail"})
    assert indexed.reads.implied == {"pk", "id", "email"}


def test_what_stands_beside_a_batch_or_a_transaction_concerns_every_part_of_it() -> None:
    get = {"Get": {"TableName": "app", **key(MINE), "ProjectionExpression": "a"}}
    put = {"Put": {"TableName": "app", **ITEM}}
    for operation, payload in (
        ("transactRead", {"TransactItems": [get, get], "ReturnConsumedCapacity": "TOTAL"}),
        ("transactWrite", {"TransactItems": [put, put], "ReturnItemCollectionMetrics": "SIZE"}),
        ("batchWrite", {"RequestItems": {"app": [{"PutRequest": ITEM}]}, "ReturnItemCollectionMetrics": "SIZE"}),
        ("batchRead", {"RequestItems": {"app": {"Keys": [{"pk": MINE}], "ProjectionExpression": "a"}},
                       "ReturnConsumedCapacity": "INDEXES"}),
    ):  # fmt: skip
        assert all(access.reads.every for access in touched(operation, payload, None))


@pytest.mark.parametrize(
    ("operation", "payload", "writes", "every"),
    [
        ("read", key(MINE), "", False),
        ("query", QUERY, "", False),
        ("list", {}, "", False),
        ("create", ITEM, "pk id name", EVERY),
        ("create", {**ITEM, "ConditionExpression": "attribute_not_exists(pk)"}, "pk id name", False),
        ("create", {**ITEM, "ConditionExpression": "attribute_not_exists(id) AND a = b"}, "pk id name", False),
        ("create", {**ITEM, "ConditionExpression": "attribute_not_exists(name)"}, "pk id name", EVERY),
        ("create", {**ITEM, "Expected": {"pk": {"Exists": False}}}, "pk id name", EVERY),
        ("delete", key(MINE), "", EVERY),
        ("update", updating("SET a = b REMOVE c ADD d :v DELETE e :v"), "a c d e", False),
        ("update", {**key(MINE), "AttributeUpdates": {"a": {"Value": 1}, "b": {"Action": "DELETE"}}}, "a b", False),
        ("update", key(MINE), "", False),
    ],
)
def test_writing_is_what_a_request_changes_or_drops(
    operation: str, payload: dict[str, Any], writes: str, every: bool
) -> None:
    (access,) = touched(operation, payload)
    assert access.writes == Attributes(frozenset(writes.split()), every=every)


def test_an_arn_is_the_table_that_its_last_part_names_where_the_stage_lists_it() -> None:
    (access,) = accesses("read", {**key(MINE), "TableName": ARN}, "json", RULES, {ARN})
    assert (access.table, access.resource) == ("app", ARN)
    for tables in (None, set(), {"app"}, {ARN.replace("0000", "9999")}):
        with pytest.raises(ApiError):
            accesses("read", {**key(MINE), "TableName": ARN}, "json", RULES, tables)


def test_a_start_key_must_lie_within_what_the_key_condition_proves() -> None:
    payload = asked("pk = :p AND begins_with(id, :i)", p=MINE, i="2")
    touched("query", {**payload, "ExclusiveStartKey": {"pk": MINE, "id": "21"}})
    for start in ({"pk": "other", "id": "21"}, {"pk": MINE, "id": "1"}, {"pk": MINE}, {"id": "21"}, {}):
        with pytest.raises(ApiError, match="ExclusiveStartKey"):
            touched("query", {**payload, "ExclusiveStartKey": start})


def test_a_transaction_that_dynamodb_would_refuse_for_its_length_is_not_read() -> None:
    get = {"Get": {"TableName": "app", **key(MINE)}}
    assert len(touched("transactRead", {"TransactItems": [get] * 100}, None)) == 100
    with pytest.raises(ApiError, match="100"):
        touched("transactRead", {"TransactItems": [get] * 101}, None)


UNKNOWN = "The access rules do not know the"
LEGACY = {"KeyConditions": {"pk": legacy("EQ", MINE)}}
REASONS = [
    ("read", {**key(MINE), "TableName": "other"}, f'{UNKNOWN} table "other".'),
    ("query", {**QUERY, "TableName": "app", "IndexName": "byAge"}, f'{UNKNOWN} index "byAge" of the table "app".'),
    ("read", {**key(MINE), "TableName": "app", "Everything": 1}, f'{UNKNOWN} parameter "Everything".'),
    (
        "list",
        {"TableName": "app", "FilterExpression": "a = 'b'"},
        """FilterExpression is not understood for certain: "'" is no part of an expression.""",
    ),
    (
        "query",
        {**asked("a = :p OR b = :p", p=MINE), "TableName": "app"},
        "KeyConditionExpression is not understood for certain: AND and another condition must follow a condition.",
    ),
    (
        "query",
        {**QUERY, **LEGACY, "TableName": "app"},
        "KeyConditionExpression and KeyConditions cannot be had together.",
    ),
    (
        "query",
        {**asked("#p = :p", p=MINE), "TableName": "app"},
        "KeyConditionExpression is not understood for certain: #p is not in ExpressionAttributeNames.",
    ),
    (
        "query",
        {**QUERY, "TableName": "app", "ExclusiveStartKey": {"pk": "x"}},
        "ExclusiveStartKey lies outside of what the key condition asks for.",
    ),
    ("batchRead", {"RequestItems": {}}, "The request names no item that an access rule could allow."),
    ("transactRead", {"TransactItems": [{}] * 101}, "A transaction has 100 actions at most."),
]


@pytest.mark.parametrize(("operation", "payload", "message"), REASONS)
def test_what_no_rule_can_allow_is_refused_with_the_reason(
    operation: str, payload: dict[str, Any], message: str
) -> None:
    with pytest.raises(ApiError) as refusal:
        accesses(operation, payload, "json", RULES)
    assert (refusal.value.status, refusal.value.message) == (403, message)


def test_the_values_of_a_request_are_those_of_its_format() -> None:
    payload = {"TableName": "app", "Key": {"pk": {"S": MINE}, "id": {"S": "1"}}}
    (access,) = accesses("read", payload, "dynamodb-json", RULES)
    assert access == Access("read", "app", "app", {"pk": MINE, "id": "1"}, Attributes(every=True), Attributes())
    (unknown,) = accesses("read", payload, "json", RULES)
    assert unknown.key == {}
