"""The fence: every way to name a table or to slip past a check, tried on a stage that allows one table."""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.dynamodb import DynamoDB
from chalicelib.operations import OPERATIONS
from chalicelib.service_model import action_model
from tests.conftest import Reply, StageClient
from tests.faults.scripted_dynamodb import Server, misbehaving_server

ARN = "arn:aws:dynamodb:us-east-1:{}:table/{}"
KEY = {"Key": {"id": "1"}}


@pytest.fixture(scope="module")
def dynamodb() -> Iterator[Server]:
    """A DynamoDB that answers everything with `{}`."""
    with misbehaving_server() as server:
        yield server


@pytest.fixture(scope="module")
def reached(dynamodb: Server) -> list[dict[str, Any]]:
    """What reaches DynamoDB."""
    return dynamodb.requests


@pytest.fixture(scope="module")
def stage(dynamodb: Server) -> Callable[..., StageClient]:
    client = DynamoDB(dynamodb.endpoint)
    return lambda **environ: StageClient({"AUTH": "none", "ALLOWED_TABLES": "*", **environ}, client)


@pytest.fixture(scope="module")
def gateway(stage: Callable[..., StageClient]) -> StageClient:
    return stage()


@pytest.fixture(scope="module")
def fenced(stage: Callable[..., StageClient]) -> StageClient:
    return stage(ALLOWED_TABLES="orders")


def refused(reply: Reply, reached: list[dict[str, Any]], status: int = 403) -> None:
    assert (reply.status, reply.json["Code"]) == (status, {400: "BadRequestError", 403: "ForbiddenError"}[status])
    assert reply.json.keys() == {"Code", "Message", "RequestId"}
    assert reached == []


@pytest.fixture(autouse=True)
def _nothing_reached(reached: list[dict[str, Any]]) -> None:
    reached.clear()


def test_the_allowed_table_is_reached(fenced: StageClient, reached: list[dict[str, Any]]) -> None:
    assert fenced.ask("read", "orders", KEY).status == 200
    assert [request["TableName"] for request in reached] == ["orders"]


OTHERS = [
    "other",
    "",
    "*",
    "Orders",
    "ORDERS",
    " orders",
    "orders ",
    "orders\n",
    "orders\0",
    "orders\u200b",
    "orders\u0301",
    "\ufeffor\u0064ers",
    "\u043erders",
    "\uff4frders",
    "orders,other",
    "orders/../other",
    "orders/index/by-kind",
    "orders%00",
    "o*",
    "orders|other",
    'orders" UNION SELECT * FROM "other',
    ARN.format("000000000000", "orders"),
    ARN.format("999999999999", "orders"),
    ARN.format("000000000000", "other"),
    ARN.format("000000000000", "orders") + "/index/by-kind",
    "arn:aws:dynamodb::000000000000:global-table/orders",
]


@pytest.mark.parametrize("table", OTHERS)
def test_no_other_name_passes_wherever_it_stands(
    fenced: StageClient, reached: list[dict[str, Any]], table: str
) -> None:
    for operation, payload in {
        "create": {"Item": {"id": "1"}},
        "read": KEY,
        "update": KEY,
        "delete": KEY,
        "list": {},
        "query": {"KeyConditionExpression": "id = :id"},
    }.items():
        refused(fenced.ask(operation, table, payload), reached)
    for operation, payload in _inside(table):
        refused(fenced.ask(operation, payload=payload), reached)
        refused(fenced.ask(operation, "orders", payload), reached)


def _inside(table: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every payload that names a table, the allowed one before and after."""
    put: dict[str, Any] = {"PutRequest": {"Item": {"id": "1"}}}
    for names in ([table], ["orders", table], [table, "orders"]):
        yield "batchRead", {"RequestItems": {name: {"Keys": [{"id": "1"}]} for name in names}}
        yield "batchWrite", {"RequestItems": {name: [put] for name in names}}
        yield "transactRead", {"TransactItems": [{"Get": {"TableName": name, **KEY}} for name in names]}
        writes: dict[str, dict[str, Any]] = {
            "Put": {"Item": {"id": "1"}},
            "Delete": KEY,
            "Update": {**KEY, "UpdateExpression": "REMOVE a"},
            "ConditionCheck": {**KEY, "ConditionExpression": "attribute_exists(id)"},
        }
        for kind, action in writes.items():
            yield "transactWrite", {"TransactItems": [{kind: {"TableName": name, **action}} for name in names]}
    both = {"Put": {"TableName": "orders", "Item": {"id": "1"}}, "Delete": {"TableName": table, **KEY}}
    yield "transactWrite", {"TransactItems": [both]}


def test_a_table_name_beside_those_of_the_payload_is_fenced_too(
    fenced: StageClient, reached: list[dict[str, Any]]
) -> None:
    keys = {"RequestItems": {"orders": {"Keys": [{"id": "1"}]}}}
    refused(fenced.ask("batchRead", "other", keys), reached)
    assert fenced.ask("batchRead", "orders", keys).status == 200


@pytest.mark.parametrize("table", [5, True, ["orders"], {"S": "orders"}])
def test_a_table_that_is_no_string_is_a_400(fenced: StageClient, reached: list[dict[str, Any]], table: Any) -> None:
    refused(fenced.ask("read", table, KEY), reached, 400)


@pytest.mark.parametrize("value", ["orders", "other", None, "", 5, ["orders"], {}])
@pytest.mark.parametrize("name", ["TableName", "tableName", "tablename", "TABLENAME", "TableArn", "TableNames"])
def test_no_table_is_named_in_the_payload(
    fenced: StageClient, reached: list[dict[str, Any]], name: str, value: Any
) -> None:
    for operation in OPERATIONS:
        if OPERATIONS[operation].action:
            refused(fenced.ask(operation, "orders", {**KEY, name: value}), reached, 400)


@pytest.mark.parametrize("field", ["TableName", "tablename", "table_name", "Operation", "Payload", "payload ", ""])
def test_a_field_that_is_none_is_refused_by_name(
    fenced: StageClient, reached: list[dict[str, Any]], field: str
) -> None:
    reply = fenced.ask("list", "orders", **{field: "other"})
    refused(reply, reached, 400)
    assert f'"{field}"' in reply.json["Message"]


@pytest.mark.parametrize(
    "body",
    [
        '{"operation": "list", "tableName": "orders", "tableName": "other"}',
        '{"operation": "list", "tableName": "other", "tableName": "orders"}',
        '{"operation": "list", "tableName": "orders", "table\\u004eame": "other"}',
        '{"operation": "ping", "operation": "list", "tableName": "orders"}',
        '{"operation": "list", "tableName": "orders", "payload": {}, "payload": {"Limit": 1}}',
        '{"operation": "list", "tableName": "orders", "payload": {"Limit": 1, "Limit": 2}}',
        '{"operation": "create", "tableName": "orders", "payload": {"Item": {"id": "1", "a": {"b": 1, "b": 2}}}}',
        '{"operation": "batchRead", "payload": {"RequestItems": {"orders": {"Keys": []}, "orders": {"Keys": []}}}}',
        '{"operation": "transactRead", "payload": {"TransactItems": [{"Get": '
        '{"TableName": "other", "TableName": "orders", "Key": {"id": "1"}}}]}}',
        '{"operation": "echo", "payload": [{"a": 1, "a": 1}]}',
    ],
)
def test_a_name_given_twice_is_refused(fenced: StageClient, reached: list[dict[str, Any]], body: str) -> None:
    reply = fenced.post(body.encode())
    refused(reply, reached, 400)
    assert "twice" in reply.json["Message"]


def test_an_escaped_name_is_the_name_it_says(fenced: StageClient, reached: list[dict[str, Any]]) -> None:
    refused(
        fenced.post(rb'{"operation": "list", "tableName": "orders", "payload": {"\u0054ableName": 1}}'), reached, 400
    )
    assert fenced.post(rb'{"operation": "list", "tableName": "orde\u0072s"}').status == 200
    assert reached == [{"TableName": "orders"}]


@pytest.mark.parametrize(
    "operation",
    [
        "ExecuteStatement",
        "PutItem",
        "put_item",
        "CREATE",
        "create ",
        "",
        "deleteTable",
        'SELECT * FROM "other"',
        "__init__",
    ],
)
def test_an_operation_outside_the_table_is_unrecognized(
    fenced: StageClient, reached: list[dict[str, Any]], operation: str
) -> None:
    reply = fenced.ask(operation, "orders", {"Statement": 'SELECT * FROM "other"'})
    refused(reply, reached, 400)
    assert f'Unrecognized operation "{operation}"' in reply.json["Message"]


def test_what_reads_like_partiql_is_only_text(fenced: StageClient, reached: list[dict[str, Any]]) -> None:
    text = "'; DELETE FROM \"other\" WHERE id = '1'"
    assert fenced.ask("create", "orders", {"Item": {"id": text, "TableName": "other"}}).status == 200
    assert reached == [{"TableName": "orders", "Item": {"id": {"S": text}, "TableName": {"S": "other"}}}]


def test_an_operation_a_stage_does_not_allow_passes_through_neither_door(
    stage: Callable[..., StageClient], reached: list[dict[str, Any]]
) -> None:
    reading = stage(ALLOWED_OPERATIONS="read,ping", ALLOWED_TABLES="orders")
    for operation in OPERATIONS.keys() - {"read", "ping"}:
        refused(reading.ask(operation, "orders", {}), reached)
        with pytest.raises(Exception, match="does not allow the operation") as raised:
            reading.app({"operation": operation, "tableName": "orders", "payload": {}}, None)
        assert type(raised.value).__name__ == "ForbiddenError"
    assert reading.ask("read", "orders", KEY).status == 200


def test_an_arn_passes_only_where_the_stage_allows_it_in_full(
    stage: Callable[..., StageClient], reached: list[dict[str, Any]]
) -> None:
    ours, theirs = (ARN.format(account, "orders") for account in ("000000000000", "999999999999"))
    by_arn = stage(ALLOWED_TABLES=ours)
    assert by_arn.ask("read", ours, KEY).status == 200
    reached.clear()
    refused(by_arn.ask("read", theirs, KEY), reached)
    refused(by_arn.ask("read", "orders", KEY), reached)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALLOWED_TABLES", ""),
        ("ALLOWED_TABLES", "orders,"),
        ("ALLOWED_TABLES", "orders,*"),
        ("ALLOWED_TABLES", "order*"),
        ("ALLOWED_TABLES", "orders;other"),
        ("ALLOWED_OPERATIONS", ""),
        ("ALLOWED_OPERATIONS", "read,Scan"),
        ("ALLOWED_OPERATIONS", "read,*"),
        ("AUTH", "None"),
        ("LOG_LEVEL", "loud"),
        ("HEALTH_CHECK", "yes"),
        ("CORS_ALLOW_ORIGIN", "example.com"),
    ],
)
def test_a_malformed_setting_stops_the_start_and_is_named(
    stage: Callable[..., StageClient], variable: str, value: str
) -> None:
    with pytest.raises(ValueError, match=variable):
        stage(**{variable: value})


@pytest.mark.parametrize("operation", ["batchRead", "batchWrite"])
def test_a_batch_of_no_table_is_left_to_dynamodb(
    fenced: StageClient, reached: list[dict[str, Any]], operation: str
) -> None:
    assert fenced.ask(operation, payload={"RequestItems": {}}).status == 200
    assert reached == [{"RequestItems": {}}]


short = settings(
    max_examples=int(os.environ.get("EXAMPLES", "300")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8) | st.sampled_from(
        ["S", "N", "B", "M", "L", "SS", "NS", "BS", "BOOL", "NULL", "$set", "$binary", "$map"]), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
tables = st.sampled_from(["orders", "other", ARN.format("000000000000", "orders")])
members = sorted(
    {name for row in OPERATIONS.values() if row.action for name in action_model(row.action).input_shape.members}
)
requests = st.fixed_dictionaries(
    {"operation": st.sampled_from([*OPERATIONS]) | st.text(max_size=8)},
    optional={
        "tableName": tables | anything,
        "format": st.sampled_from(["json", "dynamodb-json"]) | anything,
        "payload": anything
        | st.dictionaries(st.sampled_from(members), anything, max_size=4)
        | st.fixed_dictionaries({"Item": st.dictionaries(st.text(max_size=8), anything, max_size=4)})
        | st.fixed_dictionaries({"RequestItems": st.dictionaries(tables, anything, max_size=2)})
        | st.fixed_dictionaries({"TransactItems": st.lists(anything, max_size=2)}),
        "surplus": anything,
    },
)
texts = (requests | anything).map(lambda value: json.dumps(value).encode())


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A request with a few bytes cut out and others put in."""
    text = draw(texts)
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(len(text), start + 8)))
    return text[:start] + draw(st.binary(max_size=8)) + text[end:]


@short
@given(st.binary(max_size=64) | texts | damaged())
def test_fuzz_no_body_gets_anything_but_json_of_the_promised_shape(fenced: StageClient, body: bytes) -> None:
    reply = fenced.post(body)
    assert reply.status in (200, 400, 403), reply
    assert "Traceback" not in reply.text
    if reply.status != 200:
        assert reply.json.keys() == {"Code", "Message", "RequestId"}
        assert all(isinstance(value, str) for value in reply.json.values())


@short
@given(requests | anything)
def test_fuzz_no_event_raises_anything_but_a_refusal(fenced: StageClient, event: Any) -> None:
    try:
        json.dumps(fenced.app(event, None), default=str)
    except Exception as error:
        if type(error).__name__ not in ("BadRequestError", "ForbiddenError"):
            raise
