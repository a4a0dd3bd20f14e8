"""The shapes of the service model: what fits them, what is said of what does not, and what is read of an answer."""

import json
from typing import Any

import msgspec
import pytest
from botocore.model import Shape, ShapeResolver

from chalicelib import plain_json, typed_json
from chalicelib.service_model import action_model
from chalicelib.shapes import MAX_DEPTH, Body, ShapeError, decoder, encoder, known_names

PLAIN = {"AttributeValue": plain_json.encode}
TYPED = {"AttributeValue": typed_json.encode}


def written(action: str, payload: Any, overrides: Any = PLAIN) -> Body:
    body = Body()
    encoder(action_model(action).input_shape, overrides)(payload, body, 0)
    return body


def refused(action: str, payload: Any, overrides: Any = PLAIN) -> ShapeError:
    with pytest.raises(ShapeError) as refusal:
        written(action, payload, overrides)
    return refusal.value


def members(*path: str) -> str:
    """The names of a structure's members, by the path to it."""
    shape: Any = action_model(path[0]).input_shape
    for step in path[1:]:
        shape = shape.member if step == "[]" else shape.members[step]
    return ", ".join(name for name in shape.members if name != "TableName" or len(path) > 1)


WRONG = [
    ("GetItem", 5, "payload: must be an object."),
    ("GetItem", {"TableName": 5}, "payload.TableName: must be a string."),
    ("GetItem", {"Key": [], "TableName": "t"}, "payload.Key: must be an object."),
    ("GetItem", {"TableName": "t"}, 'payload: "Key" is missing.'),
    ("GetItem", {"ConsistentRead": 1}, "payload.ConsistentRead: must be true or false."),
    ("Scan", {"Limit": True}, "payload.Limit: must be an integer."),
    ("BatchGetItem", {"RequestItems": {"t": {"Keys": {}}}}, "payload.RequestItems.t.Keys: must be an array."),
    ("BatchGetItem", {"RequestItems": {"t": {"Keys": [{}, 5]}}}, "payload.RequestItems.t.Keys[1]: must be an object."),
    ("PutItem", {"Item": {"v": {"$binary": 5}}}, "payload.Item.v: must be a base64 string."),
    (
        "GetItem",
        {"key": {}},
        '''payload: "TableName" is missing; "Key" is missing; "key" is an unknown member. '''
        f'Did you mean "Key"? The members are: {members("GetItem")}.',
    ),
    (
        "Scan",
        {"TableName": "t", "nothing": 1},
        f'payload: "nothing" is an unknown member. The members are: {members("Scan")}.',
    ),
    (
        "TransactWriteItems",
        {"TransactItems": [{"Put": {"Item": {}, "table_name": "t"}}]},
        'payload.TransactItems[0].Put: "TableName" is missing; "table_name" is an unknown member. '
        f'Did you mean "TableName"? The members are: {members("TransactWriteItems", "TransactItems", "[]", "Put")}.',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("action", "payload", "message"), WRONG)
def test_what_does_not_fit_is_told_with_its_place(action: str, payload: Any, message: str) -> None:
    assert refused(action, payload).message == message


def test_what_is_logged_of_a_refusal_has_no_name_and_no_value_of_an_item() -> None:
    item = {"id": {"S": "1"}, "secret": {"L": [{"N": "1"}, {"hidden": 1}]}}
    refusal = refused("PutItem", {"Item": item}, TYPED)
    reason = "is not a type of attribute value; the types are: S, N, B, BOOL, NULL, M, L, SS, NS, BS."
    assert refusal.message == f'payload.Item.secret.L[1]: "hidden" {reason}'
    assert refusal.unquoted == f'payload.Item.<2>.L[1]: "…" {reason}'


@pytest.mark.parametrize("nest", [lambda value: [value], lambda value: {"a": value}])
def test_lists_and_maps_are_written_up_to_the_greatest_depth(nest: Any) -> None:
    value: Any = 1
    for _ in range(MAX_DEPTH):
        value = nest(value)
    plain_json.encode(value, Body(), 0)
    # The item is a level too.
    too_deep = refused("PutItem", {"Item": {"v": value}}).message
    assert too_deep.endswith(": is nested too deeply; DynamoDB holds 32 levels.")


def test_a_name_that_is_close_is_asked_for() -> None:
    assert known_names("fields", ["one", "two"], "x") == "The fields are: one, two"
    assert known_names("fields", ["one", "tableName"], "TABLE_NAME") == (
        'Did you mean "tableName"? The fields are: one, tableName'
    )


def test_what_is_empty_is_written_as_such() -> None:
    payload = {"TableName": "t", "Key": {}, "Expected": {"a": {}}, "AttributesToGet": []}
    assert json.loads(written("DeleteItem", {"TableName": "t", "Key": {}, "Expected": {"a": {}}})) == {
        name: payload[name] for name in ("TableName", "Key", "Expected")
    }
    assert json.loads(written("GetItem", {"TableName": "t", "Key": {}, "AttributesToGet": []}))["AttributesToGet"] == []


def test_the_tables_of_a_request_are_noted_and_nothing_else() -> None:
    scan = {"TableName": "orders", "IndexName": "by-date", "FilterExpression": "x"}
    assert written("Scan", scan).tables == {"orders"}
    assert written("BatchGetItem", {"RequestItems": {"a": {"Keys": []}, "b": {"Keys": []}}}).tables == {"a", "b"}
    puts = [{"Put": {"TableName": name, "Item": {"id": "not a table"}}} for name in ("c", "d")]
    assert written("TransactWriteItems", {"TransactItems": puts}).tables == {"c", "d"}


@pytest.mark.parametrize(("type_name", "bits"), [("integer", 32), ("long", 64)])
def test_an_integer_fits_its_bits_at_both_ends(type_name: str, bits: int) -> None:
    encode = encoder(Shape("Number", {"type": type_name}), {})
    lowest, highest = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    for number in (lowest, highest):
        body = Body()
        encode(number, body, 0)
        assert bytes(body) == str(number).encode()
    for number in (lowest - 1, highest + 1):
        with pytest.raises(ShapeError, match=f"must fit {bits} bits"):
            encode(number, Body(), 0)


SHAPES = ShapeResolver(
    {
        "Value": {"type": "string"},
        "Other": {"type": "string"},
        "Page": {
            "type": "structure",
            "members": {
                "one": {"shape": "Value"},
                "list": {"shape": "List"},
                "map": {"shape": "Map"},
                "o": {"shape": "Other"},
            },
        },
        "List": {"type": "list", "member": {"shape": "Value"}},
        "Map": {"type": "map", "key": {"shape": "Other"}, "value": {"shape": "List"}},
    }
)  # fmt: skip


def test_an_answer_is_read_as_far_as_there_is_something_to_decode() -> None:
    page = {"one": "a", "list": ["b", "c"], "map": {"d": ["e"]}, "o": "f", "new": "g"}
    decode = decoder(SHAPES.get_shape_by_name("Page"), {"Value": str.upper})
    assert decode
    text = msgspec.json.encode(decode(msgspec.json.encode(page)))
    assert json.loads(text) == {"one": "A", "list": ["B", "C"], "map": {"d": ["E"]}, "o": "f", "new": "g"}


@pytest.mark.parametrize("name", ["Page", "List", "Map", "Value"])
def test_an_answer_without_anything_to_decode_stays_text(name: str) -> None:
    assert decoder(SHAPES.get_shape_by_name(name), {"Another": str.upper}) is None
