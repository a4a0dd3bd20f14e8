"""Whatever Hypothesis thinks of: items, keys, expressions and sequences of updates."""

import os
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.conftest import TABLE, Ask, asker, keys, make_tables
from tests.test_formats import names, numbers, text

generated = settings(
    max_examples=int(os.environ.get("EXAMPLES", "5")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

KEY: dict[str, Any] = {"id": {"S": "a"}, "at": {"N": "1"}}
NAMES = {"#id": "id", "#a": "a", "#b": "b", "#set": "$set"}

blobs = st.binary(max_size=20)
scalars = st.one_of(
    text.map(lambda value: {"S": value}),
    numbers.map(lambda value: {"N": value}),
    st.integers(-3, 3).map(lambda value: {"N": str(value)}),
    blobs.map(lambda value: {"B": value}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
)
sets = st.one_of(
    st.lists(text.filter(bool), min_size=1, max_size=4, unique=True).map(lambda members: {"SS": members}),
    st.lists(numbers, min_size=1, max_size=4, unique_by=Decimal).map(lambda members: {"NS": members}),
    st.lists(blobs.filter(bool), min_size=1, max_size=4, unique=True).map(lambda members: {"BS": members}),
)
values = st.recursive(
    scalars | sets,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(lambda members: {"L": members}),
        st.dictionaries(names, inner, max_size=4).map(lambda members: {"M": members}),
    ),
    max_leaves=8,
)
items = st.dictionaries(st.sampled_from(["a", "b", "$set", "kind", "size"]) | names, values, max_size=6)

paths = st.lists(st.sampled_from(["#a", "#b", "#set", "#a[0]", "#b[1]"]), min_size=1, max_size=3).map(".".join)
placeholders = st.sampled_from([":0", ":1", ":2"])
operands = paths | placeholders | paths.map("size({})".format)
comparisons = st.one_of(
    st.tuples(operands, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), operands).map(" ".join),
    st.tuples(operands, operands, operands).map(lambda three: "{} BETWEEN {} AND {}".format(*three)),
    st.tuples(operands, operands, operands).map(lambda three: "{} IN ({}, {})".format(*three)),
    paths.map("attribute_exists({})".format),
    paths.map("attribute_not_exists({})".format),
    st.tuples(paths, placeholders).map(lambda two: "attribute_type({}, {})".format(*two)),
    st.tuples(paths, placeholders).map(lambda two: "begins_with({}, {})".format(*two)),
    st.tuples(paths, operands).map(lambda two: "contains({}, {})".format(*two)),
)
conditions = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        inner.map("NOT ({})".format),
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(lambda three: "({} {} {})".format(*three)),
    ),
    max_leaves=4,
)
assigned = st.one_of(
    paths,
    placeholders,
    st.tuples(operands, st.sampled_from("+-"), operands).map(" ".join),
    st.tuples(paths, placeholders).map(lambda two: "if_not_exists({}, {})".format(*two)),
    st.tuples(operands, operands).map(lambda two: "list_append({}, {})".format(*two)),
)
clauses = st.one_of(
    st.tuples(paths, assigned).map(lambda two: "SET {} = {}".format(*two)),
    paths.map("REMOVE {}".format),
    st.tuples(paths, placeholders).map(lambda two: "ADD {} {}".format(*two)),
    st.tuples(paths, placeholders).map(lambda two: "DELETE {} {}".format(*two)),
)
updates = st.lists(clauses, min_size=1, max_size=3, unique_by=lambda clause: clause.split()[0]).map(" ".join)


def expression(parameter: str, text: str, operands: list[Any]) -> dict[str, Any]:
    """The parameters of a call with an expression and the names and values in it."""
    used_names = {name: NAMES[name] for name in re.findall(r"#\w+", text)}
    used_values = {name: operands[int(name[1:])] for name in re.findall(r":\w+", text)}
    return {
        parameter: text,
        **({"ExpressionAttributeNames": used_names} if used_names else {}),
        **({"ExpressionAttributeValues": used_values} if used_values else {}),
    }


three_values = st.lists(values, min_size=3, max_size=3)


@generated
@given(items, items)
def test_any_item_is_written_read_and_given_back_alike(ask: Ask, item: dict[str, Any], other: dict[str, Any]) -> None:
    ask("put_item", TableName=TABLE, Item={**item, **KEY})
    ask("get_item", TableName=TABLE, Key=KEY, ReturnConsumedCapacity="TOTAL")
    ask("put_item", TableName=TABLE, Item={**other, **KEY}, ReturnValues="ALL_OLD", ReturnConsumedCapacity="INDEXES")
    ask("delete_item", TableName=TABLE, Key=KEY, ReturnValues="ALL_OLD")


@generated
@given(items, conditions, three_values)
def test_any_condition_holds_or_fails_alike(
    ask: Ask, item: dict[str, Any], condition: str, operands: list[Any]
) -> None:
    ask("put_item", TableName=TABLE, Item={**item, **KEY})
    ask("scan", TableName=TABLE, **expression("FilterExpression", condition, operands))
    ask(
        "delete_item",
        TableName=TABLE,
        Key=KEY,
        ReturnValuesOnConditionCheckFailure="ALL_OLD",
        **expression("ConditionExpression", condition, operands),
    )


@generated
@given(items, st.lists(paths, min_size=1, max_size=3))
def test_any_projection_answers_the_same_part(ask: Ask, item: dict[str, Any], wanted: list[str]) -> None:
    ask("put_item", TableName=TABLE, Item={**item, **KEY})
    ask("get_item", TableName=TABLE, Key=KEY, **expression("ProjectionExpression", ", ".join(wanted), []))


@generated
@given(items, st.lists(st.tuples(updates, three_values), min_size=1, max_size=5))
def test_any_sequence_of_updates_leads_to_the_same_item(
    ask: Ask, item: dict[str, Any], sequence: list[tuple[str, list[Any]]]
) -> None:
    ask("put_item", TableName=TABLE, Item={**item, **KEY})
    for update, operands in sequence:
        ask(
            "update_item",
            TableName=TABLE,
            Key=KEY,
            ReturnValues="UPDATED_NEW",
            **expression("UpdateExpression", update, operands),
        )
    ask("get_item", TableName=TABLE, Key=KEY)


@pytest.fixture(scope="module", params=["S", "N", "B"])
def ask_keyed(request: pytest.FixtureRequest, clients: dict[str, Any]) -> tuple[str, Ask]:
    """A table whose two keys are both of one type, which all tests of it fill and none empties."""
    type_ = request.param
    return type_, asker(clients, make_tables(clients["straight"], **keys(id=type_, sort=type_)))


@generated
@given(st.data())
def test_any_keys_find_their_items_alike(ask_keyed: tuple[str, Ask], data: st.DataObject) -> None:
    type_, ask = ask_keyed
    key = {"S": text, "N": numbers, "B": blobs}[type_].filter(bool).map(lambda value: {type_: value})
    partition = data.draw(key)
    for sort in data.draw(st.lists(key, min_size=1, max_size=4)):
        ask("put_item", TableName=TABLE, Item={"id": partition, "sort": sort})
        ask("get_item", TableName=TABLE, Key={"id": partition, "sort": sort})
    operator = data.draw(st.sampled_from(["=", "<", "<=", ">", ">="]))
    answer = ask(
        "query",
        TableName=TABLE,
        KeyConditionExpression=f"id = :id AND sort {operator} :sort",
        ExpressionAttributeValues={":id": partition, ":sort": data.draw(key)},
        ScanIndexForward=data.draw(st.booleans()),
        Limit=2,
    )
    if last := answer.get("LastEvaluatedKey"):
        ask(
            "query",
            TableName=TABLE,
            KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": partition},
            ExclusiveStartKey=last,
        )
