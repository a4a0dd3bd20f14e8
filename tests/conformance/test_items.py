"""Single items: written, read, changed and deleted, by every parameter of the four actions."""

from typing import Any

import pytest

from tests.conformance.conftest import TABLE, Ask

KEY: dict[str, Any] = {"id": {"S": "a"}, "at": {"N": "1"}}
ITEM: dict[str, Any] = {
    **KEY,
    "name": {"S": "Bob"},
    "empty": {"S": ""},
    "hits": {"N": "5"},
    "raw": {"B": b"\x00\xff"},
    "none": {"B": b""},
    "on": {"BOOL": True},
    "nothing": {"NULL": True},
    "list": {"L": [{"N": "1"}, {"S": "two"}, {"L": [{"M": {"deep": {"N": "3"}}}]}]},
    "map": {"M": {"$set": {"L": []}, "a.b": {"M": {"c": {"N": "1"}}}}},
    "marked": {"M": {"$binary": {"S": "none"}}},
    "words": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5", "-3"]},
    "blobs": {"BS": [b"\x00", b"\x01"]},
}
NAMES = {
    "#name": "name",
    "#map": "map",
    "#dotted": "a.b",
    "#set": "$set",
    "#list": "list",
    "#raw": "raw",
    "#at": "at",
    "#empty": "empty",
}
VALUES: dict[str, Any] = {
    ":one": {"N": "1"},
    ":five": {"N": "5"},
    ":bob": {"S": "Bob"},
    ":b": {"S": "b"},
    ":more": {"L": [{"S": "last"}]},
    ":words": {"SS": ["b", "c"]},
    ":numbers": {"NS": ["2.50", "7"]},
    ":blobs": {"BS": [b"\x01", b"\x02"]},
    ":set": {"S": "SS"},
    ":raw": {"B": b"\x00"},
    ":item": {"M": {"$map": {"N": "1"}}},
}


def used(expression: str, known: dict[str, Any]) -> dict[str, Any] | None:
    """Pick what an expression uses: DynamoDB refuses the rest as unused."""
    words = expression.replace("(", " ").replace(")", " ").replace(",", " ").replace(".", " ").replace("[", " ").split()
    return {name: value for name, value in known.items() if name in words} or None


def expression(parameter: str, text: str) -> dict[str, Any]:
    """The parameters of a call with an expression and the names and values in it."""
    given = {
        parameter: text,
        "ExpressionAttributeNames": used(text, NAMES),
        "ExpressionAttributeValues": used(text, VALUES),
    }
    return {name: value for name, value in given.items() if value is not None}


@pytest.fixture
def item(ask: Ask) -> None:
    assert ask("put_item", TableName=TABLE, Item=ITEM) == {"status": 200}


def test_an_item_of_every_type_comes_back_as_it_was_written(ask: Ask) -> None:
    assert ask("put_item", TableName=TABLE, Item=ITEM)["status"] == 200
    read = ask("get_item", TableName=TABLE, Key=KEY)["Item"]
    assert {**read, "numbers": sorted(read["numbers"]["NS"])} == {**ITEM, "numbers": sorted(ITEM["numbers"]["NS"])}


@pytest.mark.parametrize("consistent", [True, False])
@pytest.mark.parametrize("capacity", ["INDEXES", "TOTAL", "NONE"])
@pytest.mark.usefixtures("item")
def test_a_read_costs_what_it_costs(ask: Ask, consistent: bool, capacity: str) -> None:
    answer = ask("get_item", TableName=TABLE, Key=KEY, ConsistentRead=consistent, ReturnConsumedCapacity=capacity)
    assert ("ConsumedCapacity" in answer) == (capacity != "NONE")


def test_reading_what_is_not_there_answers_no_item(ask: Ask) -> None:
    assert "Item" not in ask("get_item", TableName=TABLE, Key=KEY)


@pytest.mark.parametrize(
    "projection",
    [
        "#name",
        "#list[1]",
        "#list[2][0].deep, id",
        "#map.#dotted.c, #map.#set",
        "nowhere, #list[9]",
        "numbers, blobs, #raw, marked",
    ],
)
@pytest.mark.usefixtures("item")
def test_a_projection_answers_the_same_part(ask: Ask, projection: str) -> None:
    answer = ask("get_item", TableName=TABLE, Key=KEY, **expression("ProjectionExpression", projection))
    assert answer["status"] == 200


@pytest.mark.parametrize(
    "update",
    [
        "SET #name = :one",
        "SET #name = if_not_exists(#name, :b), fresh = if_not_exists(fresh, :bob)",
        "SET #list[0] = :b, #list[9] = :bob",
        "SET #list = list_append(#list, :more)",
        "SET #list = list_append(:more, #list)",
        "SET #list[2][0].deep = #list[2][0].deep + :one",
        "SET #map.#dotted.c = :item, #map.fresh = :raw",
        "SET hits = hits - :five",
        "SET fresh = :one REMOVE #empty, #list[0], #map.#set ADD hits :five DELETE words :words",
        "REMOVE nowhere",
        "ADD hits :one, fresh :five",
        "ADD words :words, numbers :numbers, blobs :blobs, fresh :words",
        "DELETE words :words, numbers :numbers, blobs :blobs",
        "SET marked = :item",
    ],
)
@pytest.mark.usefixtures("item")
def test_an_update_expression_makes_the_same_item(ask: Ask, update: str) -> None:
    parameters = expression("UpdateExpression", update)
    assert ask("update_item", TableName=TABLE, Key=KEY, ReturnValues="ALL_NEW", **parameters)["status"] == 200


@pytest.mark.parametrize(
    "update",
    [
        "",
        "SET",
        "SET id = :b",
        "SET nowhere.deep = :one",
        "SET #name = #name + :one",
        "SET #name = nowhere",
        "SET #list = list_append(#name, :more)",
        "SET #name = :one, #name = :five",
        "SET #name = :undefined",
        "SET #undefined = :one",
        "ADD #name :one",
        "ADD words :numbers",
        "DELETE words :b",
        "DROP #name",
        "SET #list[-1] = :one",
    ],
)
@pytest.mark.usefixtures("item")
def test_a_bad_update_expression_is_refused_in_the_same_words(ask: Ask, update: str) -> None:
    refused = ask("update_item", TableName=TABLE, Key=KEY, **expression("UpdateExpression", update))
    assert refused["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("wanted", ["NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW", "SOMETHING"])
@pytest.mark.parametrize("key", [KEY, {**KEY, "id": {"S": "fresh"}}])
@pytest.mark.usefixtures("item")
def test_every_return_value_answers_the_same_attributes(ask: Ask, wanted: str, key: dict[str, Any]) -> None:
    update = expression("UpdateExpression", "SET #list[0] = :raw, #name = :words REMOVE #map")
    if key != KEY:
        update = expression("UpdateExpression", "SET #name = :words")
    updated = ask("update_item", TableName=TABLE, Key=key, ReturnValues=wanted, **update)
    assert updated["status"] == (400 if wanted == "SOMETHING" else 200)
    ask("put_item", TableName=TABLE, Item={**ITEM, **key}, ReturnValues=wanted)
    ask("delete_item", TableName=TABLE, Key=key, ReturnValues=wanted)


CONDITIONS = [
    "attribute_exists(#name)",
    "attribute_not_exists(#name)",
    "attribute_type(words, :set)",
    "attribute_type(#name, :set)",
    "begins_with(#name, :b)",
    "begins_with(#raw, :raw)",
    "contains(words, :b)",
    "contains(#name, :b)",
    "contains(#list, :one)",
    "size(#name) > :one",
    "size(#raw) = :one OR size(#list) = size(numbers)",
    "#list[2][0].deep BETWEEN :one AND :five",
    "#name IN (:b, :bob)",
    "NOT (#map.#dotted.c <> :one)",
    "marked = :item",
    "numbers = :numbers",
    "nowhere = nowhere2",
    "#at >= :one AND id < :b",
]


@pytest.mark.parametrize("condition", CONDITIONS)
@pytest.mark.usefixtures("item")
def test_a_condition_is_met_or_refused_alike_and_shows_the_item(ask: Ask, condition: str) -> None:
    given = expression("ConditionExpression", condition)
    old = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    for call in (
        {"method": "put_item", "Item": ITEM},
        {"method": "delete_item", "Key": {**KEY, "at": {"N": "2"}}},
        {"method": "update_item", "Key": KEY, "UpdateExpression": "REMOVE gone"},
    ):
        answer = ask(TableName=TABLE, **call, **given, **old)
        assert answer["status"] == 200 or answer["Error"]["Code"] == "ConditionalCheckFailedException"


@pytest.mark.usefixtures("item")
def test_a_failed_condition_answers_the_item_only_where_asked(ask: Ask) -> None:
    missing = expression("ConditionExpression", "attribute_not_exists(id)")
    assert "Item" not in ask("put_item", TableName=TABLE, Item=ITEM, **missing)
    refused = ask("put_item", TableName=TABLE, Item=ITEM, ReturnValuesOnConditionCheckFailure="ALL_OLD", **missing)
    assert refused["Error"]["Code"] == "ConditionalCheckFailedException"
    assert refused["Item"]["map"] == ITEM["map"]


@pytest.mark.parametrize(
    "condition",
    ["size(", "size(#name)", "unknown(#name)", "#name = ", ":one = ", "attribute_type(#name, :bob)", "(#name) :b"],
)
@pytest.mark.usefixtures("item")
def test_a_bad_condition_is_refused_in_the_same_words(ask: Ask, condition: str) -> None:
    refused = ask("put_item", TableName=TABLE, Item=ITEM, **expression("ConditionExpression", condition))
    assert refused["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("operator", ["EQ", "NE", "LE", "LT", "GE", "GT", "BETWEEN", "IN", "BEGINS_WITH", "CONTAINS",
                                      "NOT_CONTAINS", "NULL", "NOT_NULL", "SOUNDS_LIKE"])  # fmt: skip
@pytest.mark.usefixtures("item")
def test_every_legacy_expectation_holds_or_fails_alike(ask: Ask, operator: str) -> None:
    operands = {"BETWEEN": 2, "NULL": 0, "NOT_NULL": 0}.get(operator, 1)
    expected = {
        "ComparisonOperator": operator,
        **({"AttributeValueList": [{"S": "Al"}, {"S": "Bob"}][-operands:]} if operands else {}),
    }
    answer = ask("put_item", TableName=TABLE, Item=ITEM, Expected={"name": expected}, ReturnValues="ALL_OLD")
    assert answer["status"] == 200 or "Error" in answer


@pytest.mark.parametrize("operator", ["AND", "OR"])
@pytest.mark.usefixtures("item")
def test_legacy_expectations_join_alike(ask: Ask, operator: str) -> None:
    expected: dict[str, Any] = {"name": {"Value": {"S": "Bob"}}, "nowhere": {"Exists": False}, "on": {"Exists": True}}
    ask("delete_item", TableName=TABLE, Key=KEY, Expected=expected, ConditionalOperator=operator)
    expected["on"]["Value"] = {"BOOL": False}
    answer = ask("delete_item", TableName=TABLE, Key=KEY, Expected=expected, ConditionalOperator=operator)
    assert answer["status"] == (200 if operator == "OR" else 400)


@pytest.mark.usefixtures("item")
def test_legacy_attribute_updates_make_the_same_item(ask: Ask) -> None:
    updates = {
        "name": {"Action": "PUT", "Value": {"S": "Alice"}},
        "hits": {"Action": "ADD", "Value": {"N": "1.5"}},
        "words": {"Action": "DELETE", "Value": {"SS": ["a"]}},
        "blobs": {"Action": "PUT", "Value": {"BS": [b"\x07"]}},
        "empty": {"Action": "DELETE"},
    }
    answer = ask("update_item", TableName=TABLE, Key=KEY, AttributeUpdates=updates, ReturnValues="ALL_NEW")
    assert answer["Attributes"]["hits"] == {"N": "6.5"}


@pytest.mark.usefixtures("item")
def test_legacy_attributes_to_get_answer_the_same_part(ask: Ask) -> None:
    answer = ask("get_item", TableName=TABLE, Key=KEY, AttributesToGet=["name", "hits", "nowhere"])
    assert answer["Item"].keys() == {"name", "hits"}


@pytest.mark.usefixtures("item")
def test_legacy_and_expression_parameters_do_not_mix(ask: Ask) -> None:
    answer = ask("get_item", TableName=TABLE, Key=KEY, AttributesToGet=["hits"], ProjectionExpression="on")
    assert answer["Error"]["Code"] == "ValidationException"


def test_collection_metrics_tell_the_same_key(ask: Ask) -> None:
    assert ask("put_item", TableName=TABLE, Item=ITEM, ReturnItemCollectionMetrics="SIZE")["status"] == 200


@pytest.mark.parametrize(
    "key",
    [
        {"id": {"S": "a"}},
        {"id": {"N": "1"}, "at": {"N": "1"}},
        {"id": {"S": ""}, "at": {"N": "1"}},
        {"id": {"S": "a"}, "at": {"S": "1"}},
        {**KEY, "more": {"S": "a"}},
        {},
        {"id": {"S": "k" * 2049}, "at": {"N": "1"}},
    ],
)
def test_a_bad_key_is_refused_in_the_same_words(ask: Ask, key: dict[str, Any]) -> None:
    for method in ("get_item", "delete_item", "update_item"):
        assert ask(method, TableName=TABLE, Key=key)["Error"]["Code"] == "ValidationException"
    if "more" not in key:
        assert ask("put_item", TableName=TABLE, Item=key)["Error"]["Code"] == "ValidationException"


def test_a_missing_table_is_missing_to_all(ask: Ask) -> None:
    answer = ask("get_item", TableName=f"{TABLE}-nowhere", Key=KEY)
    assert answer["Error"]["Code"] == "ResourceNotFoundException"


@pytest.mark.parametrize("name", ["ab", "a b", "a" * 256, "ünicode"])
def test_a_bad_table_name_is_refused_in_the_same_words(ask: Ask, name: str) -> None:
    assert "Error" in ask("get_item", TableName=name, Key=KEY)


@pytest.mark.parametrize(
    "value",
    [
        {"SS": ["a", "a"]},
        {"NS": ["1", "1.0"]},
        {"N": "1e126"},
        {"N": "1e-131"},
        {"N": "1" * 39},
        {"L": [{"L": [{"N": "1e126"}]}]},
    ],
)
def test_a_value_dynamodb_cannot_hold_is_refused_by_it(ask: Ask, value: dict[str, Any]) -> None:
    assert ask("put_item", TableName=TABLE, Item={**KEY, "value": value})["status"] == 400


@pytest.mark.parametrize("levels", [30, 31, 32, 33])
def test_nesting_stops_at_the_same_level(ask: Ask, levels: int) -> None:
    value: dict[str, Any] = {"S": "deep"}
    for _ in range(levels):
        value = {"L": [value]}
    ask("put_item", TableName=TABLE, Item={**KEY, "value": value})


@pytest.mark.parametrize(
    "number",
    [
        "0", "-0", "0.0", "1.0", "1.50", "100", "1e2", "1E+2", "007", "+5", "-1.5e-7",
        "9" * 38, "9.9999999999999999999999999999999999999E+125", "-9.9999999999999999999999999999999999999E+125",
        "1E-130", "-1E-130", "1.2345678901234567890123456789012345678E-92", "0.1", "123456789.987654321",
    ],
)  # fmt: skip
def test_a_number_is_spelt_as_dynamodb_spells_it(ask: Ask, number: str) -> None:
    ask("put_item", TableName=TABLE, Item={**KEY, "value": {"N": number}, "set": {"NS": [number]}})
    assert "Item" in ask("get_item", TableName=TABLE, Key=KEY)


def test_an_item_of_400_kb_fits_and_a_byte_more_does_not(ask: Ask) -> None:
    room = 400 * 1024 - len("idaatx") - 2
    assert ask("put_item", TableName=TABLE, Item={**KEY, "x": {"S": "x" * room}})["status"] == 200
    assert len(ask("get_item", TableName=TABLE, Key=KEY)["Item"]["x"]["S"]) == room
    assert ask("put_item", TableName=TABLE, Item={**KEY, "x": {"S": "x" * (room + 1)}})["status"] == 400
    assert ask("put_item", TableName=TABLE, Item={**KEY, "x": {"B": b"\xff" * room}})["status"] == 200
    assert ask("get_item", TableName=TABLE, Key=KEY)["Item"]["x"]["B"] == b"\xff" * room


@pytest.mark.parametrize("text", ["\x00", "\u2028", "é", "\U0001f600", '"\\/\b\f\n\r\t', "\ufeff", "\uffff"])
def test_text_and_names_of_any_character_come_back(ask: Ask, text: str) -> None:
    ask("put_item", TableName=TABLE, Item={**KEY, f"x{text}": {"M": {text: {"SS": [text]}}}})
    assert ask("get_item", TableName=TABLE, Key=KEY)["Item"][f"x{text}"] == {"M": {text: {"SS": [text]}}}
