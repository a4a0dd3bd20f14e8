"""Query and Scan: pages, filters, counts, indexes, segments and the order of sort keys."""

from typing import Any

import pytest

from tests.conformance.conftest import INDEXED, TABLE, WAYS, Ask, asker, keys, make_tables

NAMES = {"#at": "at", "#size": "size"}


@pytest.fixture(scope="module")
def filled(clients: dict[str, Any]) -> Ask:
    """A table with three partitions of five items each, and one item that no index knows."""
    ask = asker(clients, make_tables(clients["straight"], **INDEXED))
    for id_ in "abc":
        for at in range(-2, 3):
            item: dict[str, Any] = {
                "id": {"S": id_},
                "at": {"N": str(at * 1.5)},
                "kind": {"S": "even" if at % 2 == 0 else "odd"},
                "size": {"N": str(-at)},
                "list": {"L": [{"N": str(at)}]},
            }
            ask("put_item", TableName=TABLE, Item=item)
    ask("put_item", TableName=TABLE, Item={"id": {"S": "plain"}, "at": {"N": "0"}})
    return ask


def pages(ask: Ask, method: str, **parameters: Any) -> list[dict[str, Any]]:
    """Every page of a read, each asked for with the `LastEvaluatedKey` of the one before."""
    answers = [ask(method, TableName=TABLE, **parameters)]
    while last := answers[-1].get("LastEvaluatedKey"):
        answers.append(ask(method, TableName=TABLE, ExclusiveStartKey=last, **parameters))
    return answers


def items(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [item for answer in answers for item in answer["Items"]]


@pytest.mark.parametrize("limit", [1, 3, 5, 16, 17])
def test_walking_the_pages_of_a_scan_yields_every_item_once(filled: Ask, limit: int) -> None:
    found = items(pages(filled, "scan", Limit=limit, ReturnConsumedCapacity="INDEXES"))
    assert len({(item["id"]["S"], item["at"]["N"]) for item in found}) == len(found) == 16


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize("limit", [2, 5])
def test_walking_the_pages_of_a_query_yields_the_sort_keys_in_order(filled: Ask, forward: bool, limit: int) -> None:
    walk = pages(
        filled,
        "query",
        KeyConditionExpression="id = :a",
        ExpressionAttributeValues={":a": {"S": "a"}},
        ScanIndexForward=forward,
        Limit=limit,
    )
    order = [float(item["at"]["N"]) for item in items(walk)]
    assert order == sorted(order, reverse=not forward)
    assert len(order) == 5


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        ("#at = :low", 1),
        ("#at < :high", 3),
        ("#at <= :high", 4),
        ("#at > :low", 3),
        ("#at >= :low", 4),
        ("#at BETWEEN :low AND :high", 3),
    ],
)
def test_every_key_condition_finds_the_same_items(filled: Ask, condition: str, count: int) -> None:
    values = {":a": {"S": "a"}, ":low": {"N": "-1.5"}, ":high": {"N": "1.50"}}
    answer = filled(
        "query",
        TableName=TABLE,
        KeyConditionExpression=f"id = :a AND {condition}",
        ExpressionAttributeNames={"#at": "at"},
        ExpressionAttributeValues={name: value for name, value in values.items() if name == ":a" or name in condition},
    )
    assert answer["Count"] == count


@pytest.mark.parametrize(
    "condition",
    ["id <> :a", "id = :a OR id = :a", "id = :a AND contains(#at, :a)", "#at = :a", "id = :a AND kind = :a", ""],
)
def test_a_bad_key_condition_is_refused_in_the_same_words(filled: Ask, condition: str) -> None:
    names = {"ExpressionAttributeNames": {"#at": "at"}} if "#at" in condition else {}
    answer = filled(
        "query",
        TableName=TABLE,
        KeyConditionExpression=condition,
        ExpressionAttributeValues={":a": {"S": "a"}},
        **names,
    )
    assert answer["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize("select", ["COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"])
@pytest.mark.parametrize("index", [None, "by-size", "by-kind", "kinds"])
@pytest.mark.parametrize("method", ["scan", "query"])
def test_every_selection_on_every_index_answers_alike(filled: Ask, select: str, index: str | None, method: str) -> None:
    parameters: dict[str, Any] = {"Select": select, "ReturnConsumedCapacity": "INDEXES"}
    if index:
        parameters["IndexName"] = index
    if select == "SPECIFIC_ATTRIBUTES":
        parameters["ProjectionExpression"] = "id"
    if method == "query":
        key, value = ("kind", "odd") if index in ("by-kind", "kinds") else ("id", "a")
        parameters.update(KeyConditionExpression=f"{key} = :key", ExpressionAttributeValues={":key": {"S": value}})
    answer = filled(method, TableName=TABLE, **parameters)
    assert answer["status"] == 200 or answer["Error"]["Code"] == "ValidationException"
    if select == "COUNT":
        assert answer["Count"] > 0
        assert "Items" not in answer


@pytest.mark.parametrize(("index", "key", "value"), [("by-size", "id", "b"), ("by-kind", "kind", "even")])
@pytest.mark.parametrize("method", ["scan", "query"])
def test_an_index_pages_to_its_end(filled: Ask, index: str, key: str, value: str, method: str) -> None:
    query: dict[str, Any] = {}
    if method == "query":
        query = {"KeyConditionExpression": f"{key} = :key", "ExpressionAttributeValues": {":key": {"S": value}}}
    found = items(pages(filled, method, IndexName=index, Limit=2, **query))
    assert len(found) == {"by-size query": 5, "by-kind query": 9}.get(f"{index} {method}", 15)


def test_a_consistent_read_of_a_global_index_is_refused_in_the_same_words(filled: Ask) -> None:
    answer = filled("scan", TableName=TABLE, IndexName="by-kind", ConsistentRead=True)
    assert answer["Error"]["Code"] == "ValidationException"


@pytest.mark.parametrize(
    "condition",
    [
        "kind = :even",
        "contains(#list, :one)",
        "#list[0] IN (:one, :two)",
        "attribute_not_exists(kind)",
        "size(kind) = :three",
        "#size BETWEEN :one AND :two AND NOT begins_with(kind, :even)",
        "attribute_type(#list, :type)",
    ],
)
def test_a_filter_counts_what_it_read_and_what_it_kept(filled: Ask, condition: str) -> None:
    names = {"#list": "list", "#size": "size"}
    values = {
        ":even": {"S": "even"},
        ":one": {"N": "1"},
        ":two": {"N": "2"},
        ":three": {"N": "3"},
        ":type": {"S": "L"},
    }
    used_names = {name: value for name, value in names.items() if name in condition}
    used_values = {name: value for name, value in values.items() if name in condition}
    given: dict[str, Any] = {"ExpressionAttributeNames": used_names} if used_names else {}
    if used_values:
        given["ExpressionAttributeValues"] = used_values
    answer = filled("scan", TableName=TABLE, FilterExpression=condition, **given)
    assert answer["ScannedCount"] == 16
    assert 0 < answer["Count"] < 16


@pytest.mark.parametrize("total", [1, 2, 4])
def test_the_segments_of_a_parallel_scan_hold_every_item_once(filled: Ask, total: int) -> None:
    found = [
        (item["id"]["S"], item["at"]["N"])
        for segment in range(total)
        for item in items(pages(filled, "scan", Segment=segment, TotalSegments=total, Limit=4))
    ]
    assert len(set(found)) == len(found) == 16


@pytest.mark.parametrize(("segment", "total"), [(2, 2), (0, 1_000_001), (-1, 2), (0, 0)])
def test_a_segment_that_is_none_is_refused_in_the_same_words(filled: Ask, segment: int, total: int) -> None:
    assert filled("scan", TableName=TABLE, Segment=segment, TotalSegments=total)["status"] == 400


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_is_none_is_refused_in_the_same_words(filled: Ask, limit: int) -> None:
    assert filled("scan", TableName=TABLE, Limit=limit)["status"] == 400


@pytest.mark.parametrize("start", [{"id": {"S": "a"}}, {"id": {"S": "a"}, "at": {"S": "a"}}, {"no": {"S": "a"}}, {}])
def test_a_start_key_that_is_none_is_refused_in_the_same_words(filled: Ask, start: dict[str, Any]) -> None:
    assert filled("scan", TableName=TABLE, ExclusiveStartKey=start)["status"] in (200, 400)


def test_a_start_key_that_is_gone_still_says_where_to_go_on(filled: Ask) -> None:
    answer = filled(
        "query",
        TableName=TABLE,
        KeyConditionExpression="id = :a",
        ExpressionAttributeValues={":a": {"S": "a"}},
        ExclusiveStartKey={"id": {"S": "a"}, "at": {"N": "0.7"}},
    )
    assert [item["at"]["N"] for item in answer["Items"]] == ["1.5", "3"]


@pytest.mark.parametrize("operator", ["EQ", "LE", "LT", "GE", "GT", "BETWEEN", "CONTAINS"])
def test_every_legacy_key_condition_finds_the_same_items(filled: Ask, operator: str) -> None:
    operands = [{"N": "-1.5"}, {"N": "1.5"}] if operator == "BETWEEN" else [{"N": "0"}]
    conditions = {
        "id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]},
        "at": {"ComparisonOperator": operator, "AttributeValueList": operands},
    }
    answer = filled("query", TableName=TABLE, KeyConditions=conditions)
    assert answer["status"] == (400 if operator == "CONTAINS" else 200)


@pytest.mark.parametrize("operator", ["AND", "OR"])
def test_legacy_filters_keep_the_same_items(filled: Ask, operator: str) -> None:
    kept = {
        "kind": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "odd"}]},
        "size": {"ComparisonOperator": "GT", "AttributeValueList": [{"N": "0"}]},
    }
    scanned = filled("scan", TableName=TABLE, ScanFilter=kept, ConditionalOperator=operator, AttributesToGet=["kind"])
    assert scanned["Count"] == (3 if operator == "AND" else 9)
    id_ = {"id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}
    queried = filled("query", TableName=TABLE, KeyConditions=id_, QueryFilter=kept, ConditionalOperator=operator)
    assert queried["Count"] == (1 if operator == "AND" else 3)


def test_a_page_of_1_mb_ends_where_dynamodb_ends_it(ask: Ask) -> None:
    for at in range(8):
        ask("put_item", TableName=TABLE, Item={"id": {"S": "a"}, "at": {"N": str(at)}, "x": {"S": "x" * 200_000}})
    walk = pages(ask, "scan", ReturnConsumedCapacity="TOTAL")
    assert [answer["Count"] for answer in walk] == [6, 2]
    assert len(pages(ask, "scan", Select="COUNT")) == 2


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("S", ["", "A", "B", "a", "é", "\uffff", "\U0001f600"]),
        ("N", ["-1e125", "-10", "-9.5", "0", "1e-130", "0.1", "9", "10", "1E+125"]),
        ("B", [b"\x00", b"\x00\x00", b"\x01", b"\x7f", b"\x80", b"\xff"]),
    ],
)
def test_sort_keys_of_every_type_keep_their_order(clients: dict[str, Any], type_: str, values: list[Any]) -> None:
    ask = asker(clients, make_tables(clients["straight"], **keys(id=type_, sort=type_)))
    partition = {type_: values[1]}
    for value in reversed(values):
        ask("put_item", TableName=TABLE, Item={"id": partition, "sort": {type_: value}})
    walk = pages(ask, "query", KeyConditionExpression="id = :id", ExpressionAttributeValues={":id": partition}, Limit=2)
    assert len(items(walk)) == len(values) - (type_ == "S")


def test_all_three_ways_are_asked(clients: dict[str, Any]) -> None:
    assert clients.keys() == {*WAYS}
