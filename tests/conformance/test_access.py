"""What the access rules make of expressions, held against DynamoDB Local.

Non-interference: as long as the attributes stay the same that a request is said to read, no other attribute may change
its answer, its error, or anything it writes. `ROUNDS=20000` asks that often.
"""

import os
import re
from itertools import pairwise
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chalicelib.access.accesses import Access, accesses
from chalicelib.access.expressions import condition_reads, projection_reads, update_effects
from chalicelib.access.rules import Rules
from tests.access.cases import rules_of
from tests.conformance.conftest import keys, make_tables

ACTIONS = {"create": "put_item", "read": "get_item", "update": "update_item", "delete": "delete_item",
           "query": "query", "list": "scan", "transactWrite": "transact_write_items"}  # fmt: skip
KEY = {"pk": {"S": "a"}, "id": {"S": "1"}}
# The attributes that the requests are about, one of them with a dot in its name, one that needs a placeholder.
ATTRIBUTES = ["a", "b", "c", "d.b", "name"]
NAMES = {"#a": "a", "#b": "b", "#dot": "d.b", "#name": "name", "#A": "c"}

rounds = settings(
    max_examples=int(os.environ.get("ROUNDS", "150")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)

scalars = st.sampled_from([{"N": "0"}, {"N": "1"}, {"S": "a"}, {"S": "ab"}, {"S": "N"}, {"BOOL": True}, {"B": b"a"}])
numbers = st.sampled_from([{"N": "0"}, {"N": "1"}, {"N": "2"}])
values = (
    scalars
    | numbers
    | st.sampled_from([{"SS": ["a"]}, {"SS": ["a", "b"]}, {"NS": ["0", "1"]}])
    | st.lists(scalars, max_size=2).map(lambda members: {"L": members})
    | st.dictionaries(st.sampled_from(["a", "b", "d.b"]), scalars, max_size=2).map(lambda members: {"M": members})
)
items = st.dictionaries(st.sampled_from(ATTRIBUTES), values, max_size=5)

spaces = st.sampled_from(["", " ", "\t", "\r\n "])


@st.composite
def spaced(draw: st.DrawFn, *pieces: str | st.SearchStrategy[str]) -> str:
    """Pieces with a space between each two, or none where none is needed."""
    drawn = [piece if isinstance(piece, str) else draw(piece) for piece in pieces]
    text = drawn[0]
    for before, piece in pairwise(drawn):
        needed = re.match(r"[\w#:]", piece) and re.search(r"\w$", before)
        text += (draw(spaces) or (" " if needed else "")) + piece
    return text


def keyword(word: str) -> st.SearchStrategy[str]:
    return st.sampled_from([word, word.lower(), word.capitalize()])


starts = st.sampled_from(["a", "b", "c", *NAMES])
steps = st.sampled_from(["[0]", "[1]", "[ 0 ]", ".a", ".b", " . #b", ".#dot"])
paths = st.tuples(starts, st.lists(steps, max_size=2)).map(lambda parts: parts[0] + "".join(parts[1]))
placeholders = st.sampled_from([":0", ":1", ":2"])
operands = paths | placeholders | spaced("size", "(", paths, ")")
comparisons = (
    spaced(operands, st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), operands)
    | spaced(operands, keyword("BETWEEN"), operands, keyword("AND"), operands)
    | spaced(operands, keyword("IN"), "(", operands, ",", operands, ")")
    | spaced("attribute_exists", "(", paths, ")")
    | spaced("attribute_not_exists", "(", paths, ")")
    | spaced("attribute_type", "(", paths, ",", placeholders, ")")
    | spaced("begins_with", "(", paths, ",", operands, ")")
    | spaced("contains", "(", paths, ",", operands, ")")
)
conditions = st.recursive(
    comparisons,
    lambda inner: (
        spaced(keyword("NOT"), "(", inner, ")")
        | spaced("(", inner, ")", keyword("AND"), inner)
        | spaced(inner, keyword("OR"), "(", inner, ")")
    ),
    max_leaves=3,
)
sources = paths | placeholders
assigned = (
    sources
    | spaced(sources, st.sampled_from("+-"), sources)
    | spaced("if_not_exists", "(", paths, ",", sources, ")")
    | spaced("list_append", "(", sources, ",", sources, ")")
)
sets = spaced(keyword("SET"), spaced(paths, "=", assigned)) | spaced(
    keyword("SET"), spaced(paths, "=", assigned), ",", spaced(paths, "=", assigned)
)
removes = spaced(keyword("REMOVE"), paths) | spaced(keyword("REMOVE"), paths, ",", paths)
adds = spaced(keyword("ADD"), paths, placeholders)
deletes = spaced(keyword("DELETE"), paths, placeholders)
updates = sets | removes | adds | deletes | spaced(sets, removes) | spaced(adds, sets) | spaced(deletes, removes, adds)
projections = paths | spaced(paths, ",", paths)
legacy_conditions = st.fixed_dictionaries(
    {"ComparisonOperator": st.sampled_from(["EQ", "GE", "CONTAINS", "BEGINS_WITH"])},
) | st.sampled_from([{"ComparisonOperator": "NULL"}, {"ComparisonOperator": "NOT_NULL"}])


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """An operation and its parameters, in DynamoDB's JSON."""
    operation = draw(st.sampled_from([*ACTIONS, "update", "update", "update"]))
    three = draw(st.lists(numbers | values, min_size=3, max_size=3))
    condition, projection, update = draw(conditions), draw(projections), draw(updates)
    conditional = {"ConditionExpression": condition} if draw(st.integers(0, 2)) == 0 else {}
    legacy = {
        draw(st.sampled_from(ATTRIBUTES)): {
            **each,
            **({} if "NULL" in each["ComparisonOperator"] else {"AttributeValueList": three[:1]}),
        }
        for each in [draw(legacy_conditions)]
    }
    if operation == "create":
        return operation, _with_placeholders({"Item": {**KEY, **draw(items)}, **conditional}, three)
    if operation == "read":
        plain = {"AttributesToGet": draw(st.lists(st.sampled_from(ATTRIBUTES), min_size=1, max_size=2, unique=True))}
        return operation, _with_placeholders(
            {"Key": KEY, **draw(st.sampled_from([{"ProjectionExpression": projection}, plain]))}, three
        )
    if operation == "update":
        returned = draw(st.sampled_from([{}, {"ReturnValues": "UPDATED_NEW"}, {"ReturnValues": "UPDATED_OLD"}]))
        if draw(st.integers(0, 3)) == 0:
            action = draw(st.sampled_from(["PUT", "ADD", "DELETE"]))
            updated = {draw(st.sampled_from(ATTRIBUTES)): {"Action": action, "Value": three[0]}}
            expected = {"Expected": legacy} if draw(st.booleans()) else {}
            return operation, {"Key": KEY, "AttributeUpdates": updated, **expected, **returned}
        return operation, _with_placeholders({"Key": KEY, "UpdateExpression": update, **conditional, **returned}, three)
    if operation == "delete":
        return operation, _with_placeholders({"Key": KEY, **conditional}, three)
    if operation == "transactWrite":
        check = {"TableName": "app", "Key": KEY, "ConditionExpression": condition}
        return operation, {"TransactItems": [{"ConditionCheck": _with_placeholders(check, three)}]}
    shown = draw(st.sampled_from([{"ProjectionExpression": projection}, {"Select": "COUNT"}]))
    filtered = draw(st.sampled_from([{"FilterExpression": condition}, {}]))
    if operation == "list":
        if draw(st.integers(0, 3)) == 0:
            return operation, {"ScanFilter": legacy, "Select": "COUNT"}
        return operation, _with_placeholders({**shown, **filtered}, three)
    return operation, _with_placeholders(
        {"KeyConditionExpression": "pk = :k", **shown, **filtered}, three, {":k": {"S": "a"}}
    )


def _with_placeholders(parameters: dict[str, Any], three: list[Any], more: Any = None) -> dict[str, Any]:
    """Add what stands behind the placeholders that are used."""
    text = " ".join(value for name, value in parameters.items() if name.endswith("Expression"))
    names = {name: NAMES[name] for name in re.findall(r"#\w+", text)}
    given = {name: three[int(name[1:])] for name in re.findall(r":\d", text)} | (more or {})
    return {
        **parameters,
        **({"ExpressionAttributeNames": names} if names else {}),
        **({"ExpressionAttributeValues": given} if given else {}),
    }


@pytest.fixture(scope="module")
def engine_client(engine: str) -> Any:
    config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
    return boto3.client("dynamodb", endpoint_url=engine, config=config)


@pytest.fixture(scope="module")
def table(engine_client: Any) -> str:
    return make_tables(engine_client, **keys(pk="S", id="S"))["straight"]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return rules_of({"tables": {"app": {"key": ["pk", "id"]}}, "rules": []})


@rounds
@given(requests(), items, items)
def test_what_a_request_does_not_read_changes_nothing_of_it(
    engine_client: Any, table: str, rules: Rules, request_: tuple[str, dict[str, Any]], one: Any, other: Any
) -> None:
    operation, payload = request_
    access = _access(rules, operation, payload)
    assume(not access.reads.every)
    reads = access.reads.named | access.reads.implied
    others = {name: value for name, value in other.items() if name not in reads}
    kept = {name: value for name, value in one.items() if name in reads}
    assume(one != {**kept, **others})
    first = _outcome(engine_client, table, operation, payload, one)
    second = _outcome(engine_client, table, operation, payload, {**kept, **others})
    assert first[0] == second[0]
    visible = reads | access.writes.named if isinstance(first[0], dict) else reads
    if access.writes.every and isinstance(first[0], dict):
        assert first[1] == second[1]
    assert _part(first[1], visible) == _part(second[1], visible)


@rounds
@given(requests(), items)
def test_nothing_is_written_that_a_request_is_not_said_to_write(
    engine_client: Any, table: str, rules: Rules, request_: tuple[str, dict[str, Any]], item: Any
) -> None:
    operation, payload = request_
    access = _access(rules, operation, payload)
    assume(not access.writes.every)
    stored = {**KEY, **item}
    _, after = _outcome(engine_client, table, operation, payload, item)
    untouched = (stored.keys() | after.keys()) - access.writes.named
    assert _part(after, untouched) == _part(stored, untouched)


def _access(rules: Rules, operation: str, payload: dict[str, Any]) -> Access:
    named = payload if operation == "transactWrite" else {"TableName": "app", **payload}
    (access,) = accesses(operation, named, "dynamodb-json", rules)
    return access


def _outcome(client: Any, table: str, operation: str, payload: dict[str, Any], item: Any) -> tuple[Any, Any]:
    """What a request answers to an item, or its error, and the item as it is then."""
    client.put_item(TableName=table, Item={**KEY, **item})
    try:
        if operation == "transactWrite":
            (part,) = payload["TransactItems"]
            items = [{kind: {**action, "TableName": table} for kind, action in part.items()}]
            answer = client.transact_write_items(TransactItems=items)
        else:
            answer = getattr(client, ACTIONS[operation])(TableName=table, **payload)
        answer.pop("ResponseMetadata")
    except ClientError as error:
        answer = str(error)
    return answer, client.get_item(TableName=table, Key=KEY, ConsistentRead=True).get("Item", {})


def _part(item: Any, names: Any) -> Any:
    return {name: value for name, value in item.items() if name in names}


@rounds
@given(conditions, projections, updates, st.lists(values, min_size=3, max_size=3))
def test_every_name_that_is_found_is_an_attribute(
    engine_client: Any, table: str, condition: str, projection: str, update: str, three: list[Any]
) -> None:
    """DynamoDB accepts an expression with other attributes in the place of all that were found."""
    engine_client.put_item(TableName=table, Item=KEY)
    for method, parameter, text, found in (
        ("delete_item", "ConditionExpression", condition, condition_reads(condition, NAMES)),
        ("get_item", "ProjectionExpression", projection, projection_reads(projection, NAMES)),
        ("update_item", "UpdateExpression", update, set().union(*update_effects(update, NAMES))),
    ):
        parameters = _with_placeholders({"Key": KEY, parameter: text}, three)
        verdict = _verdict(engine_client, table, method, parameters)
        for name in found:
            text = re.sub(rf"(?<![#:.\w]){name}\b", f"#other_{name}", text)
        given = {**NAMES, **{f"#other_{name}": name for name in found}}
        named = {name: f"other {to}" if (to := given[name]) in found else to for name in re.findall(r"#\w+", text)}
        names = {"ExpressionAttributeNames": named} if named else {}
        assert _verdict(engine_client, table, method, {**parameters, parameter: text, **names}) == verdict


def _verdict(client: Any, table: str, method: str, parameters: dict[str, Any]) -> str:
    """What DynamoDB says of an expression by itself."""
    try:
        getattr(client, method)(TableName=table, **parameters)
    except ClientError as error:
        said = str(error.response["Error"]["Message"])
        faults = ("Syntax error", "function name", "reserved keyword", "not allowed")
        return said if any(fault in said for fault in faults) else "understood"
    return "understood"
