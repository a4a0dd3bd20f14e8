"""Attribute values: every type in both formats, and nothing lost on any way."""

import base64
import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import plain_json, typed_json
from chalicelib.plain_json import decode
from chalicelib.shapes import Body, Encode, ShapeError
from tests.conftest import StageClient


def written(encode: Encode, value: Any) -> Any:
    body = Body()
    encode(value, body, 0)
    return json.loads(body)


def encode(plain: Any) -> Any:
    return written(plain_json.encode, plain)


def check(typed: Any) -> Any:
    return written(typed_json.encode, typed)


TYPES: list[tuple[Any, dict[str, Any]]] = [
    ("text", {"S": "text"}),
    ("", {"S": ""}),
    (True, {"BOOL": True}),
    (None, {"NULL": True}),
    (0, {"N": "0"}),
    (-7, {"N": "-7"}),
    (Decimal("1.5"), {"N": "1.5"}),
    (int("9" * 38), {"N": "9" * 38}),
    ([1, "a", [None]], {"L": [{"N": "1"}, {"S": "a"}, {"L": [{"NULL": True}]}]}),
    ({"a": {"b": False}}, {"M": {"a": {"M": {"b": {"BOOL": False}}}}}),
    ([], {"L": []}),
    ({}, {"M": {}}),
    ({"$binary": "AAH/"}, {"B": "AAH/"}),
    ({"$set": ["a", "b"]}, {"SS": ["a", "b"]}),
    ({"$set": [1, Decimal("2.5")]}, {"NS": ["1", "2.5"]}),
    ({"$set": [{"$binary": "AA=="}]}, {"BS": ["AA=="]}),
    ({"$map": {"$binary": "no base64"}}, {"M": {"$binary": {"S": "no base64"}}}),
    ({"$map": {"$set": []}}, {"M": {"$set": {"L": []}}}),
    ({"$map": {"$map": {"$map": {"$set": 1}}}}, {"M": {"$map": {"M": {"$set": {"N": "1"}}}}}),
    ({"$set": 1, "other": 2}, {"M": {"$set": {"N": "1"}, "other": {"N": "2"}}}),
]


@pytest.mark.parametrize(("plain", "wire"), TYPES)
def test_every_type_has_its_plain_form_both_ways(plain: Any, wire: dict[str, Any]) -> None:
    assert encode(plain) == wire
    assert decode(wire) == plain
    assert check(wire) == wire


@pytest.mark.parametrize(("plain", "wire"), TYPES)
def test_every_type_is_stored_and_read_in_both_formats(
    gateway: StageClient, table: str, plain: Any, wire: dict[str, Any]
) -> None:
    assert _store(gateway, table, msgspec.json.Encoder(decimal_format="number").encode(plain), "json") == 200
    assert _load(gateway, table, "dynamodb-json") == wire
    assert _store(gateway, table, json.dumps(wire).encode(), "dynamodb-json") == 200
    assert _load(gateway, table, "json") == plain


NO_ARRAY = "a $set must be an array of at least one value"
MIXED = "a $set must hold all strings, all numbers, or all $binary objects"
NO_BASE64 = "is not base64; use the standard alphabet, with padding"
MALFORMED = [
    ({"$set": []}, NO_ARRAY),
    ({"$set": "a"}, NO_ARRAY),
    ({"$set": [1, "a"]}, MIXED),
    ({"$set": [True]}, MIXED),
    ({"$set": [[1]]}, MIXED),
    ({"$set": [{"$set": [1]}]}, MIXED),
    ({"$binary": "no base64!"}, NO_BASE64),
    ({"$binary": "AA"}, NO_BASE64),
    ({"$binary": "AA==AA=="}, NO_BASE64),
    ({"$binary": 5}, "must be a base64 string"),
    ({"$map": 5}, "a $map must be an object"),
    ({"$map": []}, "a $map must be an object"),
]


@pytest.mark.parametrize(("plain", "words"), MALFORMED)
def test_a_set_map_or_binary_that_is_none_is_a_400_that_says_where_and_why(
    gateway: StageClient, table: str, plain: Any, words: str
) -> None:
    with pytest.raises(ShapeError):
        encode(plain)
    reply = gateway.ask("create", table, {"Item": {"id": "1", "list": [{"deep": plain}]}})
    assert (reply.status, reply.json["Message"]) == (400, f"payload.Item.list[0].deep: {words}.")


def test_an_attribute_value_with_two_types_is_left_for_dynamodb_to_refuse() -> None:
    assert check({"S": "a", "N": "1"}) == {"S": "a", "N": "1"}


def test_a_whole_number_is_read_as_an_int_and_any_other_as_a_decimal() -> None:
    for text in ("0", "7", "-7", "9" * 38):
        assert type(decode({"N": text})) is int
    for text in ("1E+2", "0.5", "-0.5"):
        assert type(decode({"N": text})) is Decimal


def test_a_set_of_an_event_that_lambda_has_parsed_may_hold_floats() -> None:
    assert encode({"$set": [1, 2.5, Decimal("3.5")]}) == {"NS": ["1", "2.5", "3.5"]}


@pytest.mark.parametrize(
    "wire", [{"N": "NaN"}, {"N": "Infinity"}, {"N": "5x"}, {"N": 5}, {"SS": []}, {"X": "a"}, {}, "a"]
)
def test_a_bad_attribute_value_in_dynamodb_json_is_a_400(gateway: StageClient, table: str, wire: Any) -> None:
    item = {"id": {"S": "1"}, "value": wire}
    assert gateway.ask("create", table, {"Item": item}, format="dynamodb-json").status == 400


@pytest.mark.parametrize(
    "number", ["1" * 39, "1e126", "1e-131", "0." + "1" * 39, "1e999999999", "1e99999999999999999999"]
)
def test_a_number_dynamodb_cannot_hold_is_a_400(gateway: StageClient, table: str, number: str) -> None:
    assert _store(gateway, table, number.encode(), "json") == 400


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_in_json_is_a_400(gateway: StageClient, table: str, number: str) -> None:
    assert _store(gateway, table, number.encode(), "json") == 400


@pytest.mark.parametrize(
    "number", ["9.9999999999999999999999999999999999999E+125", "1E-130", "-1E-130", "0.1", "1E+37"]
)
def test_numbers_keep_every_digit_at_the_limits(gateway: StageClient, table: str, number: str) -> None:
    assert _store(gateway, table, number.encode(), "json") == 200
    assert _load(gateway, table, "json") == Decimal(number)


def _store(gateway: StageClient, table: str, value: bytes, format: str) -> int:
    id_ = b'"type"' if format == "json" else b'{"S": "type"}'
    return gateway.post(
        b'{"operation": "create", "tableName": "%b", "format": "%b", "payload": {"Item": {"id": %b, "value": %b}}}'
        % (table.encode(), format.encode(), id_, value)
    ).status


def _load(gateway: StageClient, table: str, format: str) -> Any:
    id_: Any = "type" if format == "json" else {"S": "type"}
    reply = gateway.ask("read", table, {"Key": {"id": id_}}, format=format)
    return json.loads(reply.text, parse_float=Decimal)["Item"]["value"]


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
# 38 significant digits, magnitudes from 1E-130 to 9.99…E+125, as the AWS developer guide's "Naming rules and data
# types" has it.
numbers = st.builds(
    lambda digits, exponent, sign: sign * Decimal(digits).scaleb(exponent - len(str(digits)) + 1),
    st.integers(1, 10**38 - 1),
    st.integers(-92, 125),
    st.sampled_from([1, -1]),
).map(lambda number: "0" if not number else str(number.normalize()))
binaries = st.binary(max_size=20).map(lambda raw: base64.b64encode(raw).decode())
names = st.one_of(st.sampled_from(["$set", "$binary", "$map", "a"]), text.filter(bool))


def _unique_numbers(values: list[str]) -> list[str]:
    return list({Decimal(value): value for value in values}.values())


def _extend(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.lists(values, max_size=4).map(lambda members: {"L": members}),
        st.dictionaries(names, values, max_size=4).map(lambda members: {"M": members}),
    )


attribute_values = st.recursive(
    st.one_of(
        text.map(lambda value: {"S": value}),
        numbers.map(lambda value: {"N": value}),
        binaries.map(lambda value: {"B": value}),
        st.booleans().map(lambda value: {"BOOL": value}),
        st.just({"NULL": True}),
        st.lists(text.filter(bool), min_size=1, max_size=4, unique=True).map(lambda value: {"SS": value}),
        st.lists(numbers, min_size=1, max_size=4).map(lambda value: {"NS": _unique_numbers(value)}),
        st.lists(binaries.filter(bool), min_size=1, max_size=4, unique=True).map(lambda value: {"BS": value}),
    ),
    _extend,
    max_leaves=12,
)


def same(left: Any, right: Any) -> bool:
    """Whether two attribute values are one to DynamoDB: numbers by value, sets without order."""
    ((kind, one),), ((other_kind, other),) = left.items(), right.items()
    if kind != other_kind:
        return False
    if kind == "N":
        return Decimal(one) == Decimal(other)
    if kind == "NS":
        return {Decimal(number) for number in one} == {Decimal(number) for number in other}
    if kind in ("SS", "BS"):
        return set(one) == set(other)
    if kind == "L":
        return len(one) == len(other) and all(map(same, one, other))
    if kind == "M":
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    return bool(one == other)


@given(attribute_values)
def test_any_attribute_value_survives_plain_json_in_memory(wire: dict[str, Any]) -> None:
    to_json = msgspec.json.Encoder(decimal_format="number").encode
    from_json = msgspec.json.Decoder(float_hook=Decimal).decode
    assert same(encode(from_json(to_json(decode(wire)))), wire)


json_values = st.recursive(
    st.none() | st.booleans() | text | st.integers(-(10**37), 10**37),
    lambda values: st.lists(values, max_size=4) | st.dictionaries(text, values, max_size=4),
)


@given(json_values)
def test_any_ordinary_json_comes_back_as_it_was(plain: Any) -> None:
    assert decode(encode(plain)) == plain


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attribute_values)
def test_any_attribute_value_survives_the_engine_in_both_formats(
    gateway: StageClient, table: str, wire: dict[str, Any]
) -> None:
    key = str(uuid4())
    created = gateway.ask("create", table, {"Item": {"id": {"S": key}, "v": wire}}, format="dynamodb-json")
    assert created.status == 200, created
    plain = gateway.ask("read", table, {"Key": {"id": key}})
    stored = gateway.post(
        b'{"operation": "create", "tableName": "%b", "payload": {"Item": %b}}'
        % (table.encode(), plain.text.partition('"Item":')[2].partition(',"ResponseMetadata"')[0].encode())
    )
    assert stored.status == 200, stored
    again = gateway.ask("read", table, {"Key": {"id": {"S": key}}}, format="dynamodb-json")
    assert same(again.json["Item"]["v"], wire)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (5, 'payload.Item.v: must be an attribute value such as {"S": "text"}'),
        ({"M": 5}, "payload.Item.v.M: must be an object"),
        ({"L": {}}, "payload.Item.v.L: must be an array"),
        ({"SS": "a"}, "payload.Item.v.SS: must be an array"),
        ({"NS": [5]}, "payload.Item.v.NS"),
        ({"X": "a"}, '"X" is not a type of attribute value; the types are: S, N, B, BOOL, NULL, M, L, SS, NS, BS'),
        ({}, "AttributeValue"),
    ],
)
def test_what_is_no_attribute_value_is_refused_where_it_stands(
    gateway: StageClient, table: str, value: Any, words: str
) -> None:
    item = {"id": {"S": "1"}, "v": value}
    reply = gateway.ask("create", table, {"Item": item}, format="dynamodb-json")
    assert reply.status == 400
    assert words in reply.json["Message"]


def test_no_number_passes_through_a_binary_float(gateway: StageClient, table: str) -> None:
    number = "0.10000000000000000555111512312578270212"
    assert _store(gateway, table, number.encode(), "json") == 200
    assert _load(gateway, table, "dynamodb-json") == {"N": number}
