"""What is refused before DynamoDB is asked, how clearly, and how cheaply."""

import json
import time
from decimal import Decimal
from typing import Any

import pytest
from botocore.model import ListShape, MapShape, Shape, StructureShape

from chalicelib.access.caller import Caller
from chalicelib.errors import ApiError
from chalicelib.once import TOKEN
from chalicelib.operations import OPERATIONS
from chalicelib.request import (
    MAX_DYNAMODB_REQUEST_BYTES,
    MAX_REQUEST_BYTES,
    CheckedRequest,
    RawRequest,
    check_request,
    is_repeatable,
    read_body,
    read_event,
)
from chalicelib.service_model import action_model
from chalicelib.settings import read_settings
from chalicelib.shapes import TABLE_SHAPES
from tests.conftest import Reply, StageClient

DEEP = 100_000


def deep_list(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


def refused(reply: Reply, *says: str) -> None:
    assert reply.status == 400, reply
    assert set(reply.json) == {"Code", "Message", "RequestId"}
    assert reply.json["Code"] == "BadRequestError"
    for words in says:
        assert words in reply.json["Message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"x",
        b"[]",
        b"null",
        b'"ping"',
        b"5",
        b"{",
        b'{"operation": "ping"} x',
        b'{"operation": "ping",}',
        b"{'operation': 'ping'}",
        b'\xef\xbb\xbf{"operation": "ping"}',
        b'{"operation": "echo", "payload": "\xff"}',
        b'{"operation": "echo", "payload": "\xed\xa0\x80"}',
        b'{"operation": "echo", "payload": "\\ud800"}',
        b'{"operation": "echo", "payload": NaN}',
        b'{"operation": "echo", "payload": 01}',
        b'{"operation": "echo", "payload": 1e99999999999999999999}',
        b'{"operation": "echo", "payload": ' + b"9" * 100_000 + b"}",
        b'{"operation": "ping"}'.decode().encode("utf-16"),
        b"[" * DEEP,
        b'{"operation": "echo", "payload": ' + b"[" * DEEP + b"]" * DEEP + b"}",
        b'{"operation": "echo", "payload": ' + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"}",
        b"{}",
        b'{"operation": 5}',
        b'{"operation": null}',
        b'{"operation": "ping", "tableName": 5}',
        b'{"operation": "ping", "format": null}',
        b'{"operation": "ping", "format": "xml"}',
        b'{"operation": "ping", "payload": []}',
    ],
    ids=lambda body: str(body[:50]),
)
def test_a_body_that_is_no_request_gets_a_400(gateway: StageClient, body: bytes) -> None:
    refused(gateway.post(body))


LISTED = ", ".join(OPERATIONS)
NOT_AN_OBJECT = 'must be a JSON object such as {"operation": "ping"}.'
NO_OPERATION = f"The operations are: {LISTED}."
FORMATS_LISTED = "The formats are: json, dynamodb-json."
BODY_MESSAGES = [
    (b"", 'The body is empty; send a JSON object such as {"operation": "ping"}.'),
    (b"[]", f"The body {NOT_AN_OBJECT}"),
    (b"{}", f'The field "operation" is missing. {NO_OPERATION}'),
    (b'{"operation": 5}', f"operation: must be a string. {NO_OPERATION}"),
    (b'{"operation": "pin"}', f'Unrecognized operation "pin". Did you mean "ping"? {NO_OPERATION}'),
    (b'{"operation": "list", "tableName": 5}', "tableName: must be a string."),
    (b'{"operation": "list", "format": 5}', f"format: must be a string. {FORMATS_LISTED}"),
    (b'{"operation": "list", "format": "xml"}', f'Unknown format "xml". {FORMATS_LISTED}'),
    (
        b'{"operation": "list", "tablename": "x"}',
        'Unknown field "tablename" in the request. Did you mean "tableName"? '
        "The fields are: operation, tableName, payload, format.",
    ),
    (b'{"operation": "list", "payload": []}', "payload: must be an object."),
    (b'{"operation": "list"}', 'The operation "list" needs a tableName.'),
    (
        b'{"operation": "list", "payload": {"TableName": "x"}}',
        "payload: TableName does not belong here; name the table in tableName, beside the payload.",
    ),
    (
        b'{"operation": "echo", "payload": {"a": 1, "b": 2, "a": 3}}',
        'The body names "a" twice in one object; send each name once.',
    ),
    (b'{"operation": "echo", "payload": "\xff"}', "The body is not UTF-8."),
    (b'{"operation": "echo", "payload": ' + b"[" * DEEP, "The body is nested too deeply."),
    (
        b'{"operation": "echo", "payload": 1e99999999999999999999}',
        "The body holds a number with an exponent that is too large.",
    ),
    (b'{"operation": "echo", "payload": ' + b"9" * 5_000 + b"}", "The body holds a number with too many digits."),
]


@pytest.mark.parametrize(("body", "message"), BODY_MESSAGES, ids=lambda each: str(each[:40]))
def test_a_refusal_says_what_is_wrong_and_what_to_send(body: bytes, message: str) -> None:
    with pytest.raises(ApiError) as refusal:
        check_request(read_body(body), read_settings({}))
    assert (refusal.value.status, refusal.value.message) == (400, message)


def test_what_the_stage_does_not_allow_names_the_setting() -> None:
    settings = read_settings({"ALLOWED_OPERATIONS": "list"})
    for raw, message in [
        (RawRequest("read", "x", {}, "json"), 'the operation "read"; its setting ALLOWED_OPERATIONS decides.'),
        (RawRequest("list", "x", {}, "json"), 'the table "x"; its setting ALLOWED_TABLES decides.'),
    ]:
        with pytest.raises(ApiError) as refusal:
            check_request(raw, settings)
        assert (refusal.value.status, refusal.value.message) == (403, f"This stage does not allow {message}")


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ([], f"The event {NOT_AN_OBJECT}"),
        ({"operation": "echo", "payload": deep_list(DEEP)}, "The event is nested too deeply."),
    ],
    ids=["list", "deep"],
)
def test_an_event_that_is_no_request_is_refused(event: Any, message: str) -> None:
    with pytest.raises(ApiError) as refusal:
        read_event(event)
    assert refusal.value.message == message


def test_the_payload_of_a_body_is_read_with_every_digit() -> None:
    number = "0.10000000000000000555111512312578270212"
    raw = read_body(b'{"operation": "create", "tableName": "t", "payload": {"Item": {"id": %b}}}' % number.encode())
    request = check_request(raw, read_settings({"ALLOWED_TABLES": "*"}))
    assert request.payload["Item"]["id"] == Decimal(number)
    assert json.loads(request.body)["Item"] == {"id": {"N": number}}


@pytest.mark.parametrize(("operation", "payload", "checked"), [("echo", 5, 5), ("ping", None, {}), ("ping", {}, {})])
def test_what_needs_no_dynamodb_touches_no_table_and_may_be_sent_again(
    operation: str, payload: Any, checked: Any
) -> None:
    request = check_request(RawRequest(operation, None, payload, "dynamodb-json"), read_settings({}))
    row = OPERATIONS[operation]
    assert request == CheckedRequest(operation, row, None, "dynamodb-json", checked, b"", frozenset(), True)


CONDITION = {"ConditionExpression": "attribute_exists(id)"}
EXPECTED = {"Expected": {"id": {"Exists": False}}}
REPEATABLE = [
    ("read", {}),
    ("list", {}),
    ("create", {}),
    ("create", {"ReturnValues": "NONE"}),
    ("delete", {}),
    ("update", {TOKEN: "t"}),
    ("create", {**CONDITION, TOKEN: "t"}),
    ("transactWrite", {TOKEN: "t"}),
    ("batchWrite", {}),
]
NOT_REPEATABLE = [
    ("update", {}),
    ("create", CONDITION),
    ("create", EXPECTED),
    ("create", {"ReturnValues": "ALL_OLD"}),
    ("delete", CONDITION),
    ("delete", {"ReturnValues": "ALL_OLD"}),
]


@pytest.mark.parametrize(("operation", "payload"), REPEATABLE)
def test_what_changes_no_item_and_no_answer_may_be_sent_again(operation: str, payload: Any) -> None:
    assert is_repeatable(OPERATIONS[operation], payload)


@pytest.mark.parametrize(("operation", "payload"), NOT_REPEATABLE)
def test_what_could_be_applied_twice_is_not_sent_again(operation: str, payload: Any) -> None:
    assert not is_repeatable(OPERATIONS[operation], payload)


def test_a_checked_request_says_whether_it_may_be_sent_again() -> None:
    settings = read_settings({"ALLOWED_TABLES": "*"})
    for payload, expected in [({"Item": {"id": "1"}}, True), ({"Item": {"id": "1"}, **CONDITION}, False)]:
        assert check_request(RawRequest("create", "t", payload, "json"), settings).repeatable is expected


def test_a_transaction_without_a_token_gets_one_of_its_own() -> None:
    settings = read_settings({"ALLOWED_TABLES": "*"})
    items = {"TransactItems": [{"Put": {"TableName": "t", "Item": {"id": "1"}}}]}
    asked = [RawRequest("transactWrite", None, {**items, **token}, "json") for token in ({}, {}, {TOKEN: "mine"})]
    tokens = [json.loads(check_request(raw, settings).body)[TOKEN] for raw in asked]
    assert len(set(tokens)) == 3
    assert tokens[2] == "mine"
    assert len(tokens[0]) == 36


def test_a_token_counts_for_one_caller_only() -> None:
    settings = read_settings({"ALLOWED_TABLES": "*"})

    def sent(caller: Caller | None, token: str) -> str:
        raw = RawRequest("create", "t", {"Item": {"id": "1"}, TOKEN: token}, "json")
        return str(json.loads(check_request(raw, settings, caller).body)[TOKEN])

    ann, bob = Caller("user", "ann"), Caller("user", "bob")
    assert sent(ann, "1") == sent(ann, "1")
    assert len({sent(ann, "1"), sent(ann, "2"), sent(bob, "1"), sent(None, "1")}) == 4


def test_the_list_of_tables_takes_any_table_name() -> None:
    request = check_request(RawRequest("tables", "elsewhere", None, "json"), read_settings({}))
    assert (request.tables, json.loads(request.body)) == (frozenset(), {})


@pytest.mark.parametrize("levels", [33, 65, 100, 300, 1000, 10_000])
@pytest.mark.parametrize(
    ("format", "before", "after"),
    [
        ("json", b"[", b"]"),
        ("json", b'{"a":', b"}"),
        ("json", b'{"$map":{"a":', b"}}"),
        ("json", b'{"$set":[', b"]}"),
        ("dynamodb-json", b'{"L":[', b"]}"),
        ("dynamodb-json", b'{"M":{"a":', b"}}"),
    ],
)
def test_an_item_nested_beyond_what_is_sane_gets_a_400(
    gateway: StageClient, table: str, levels: int, format: str, before: bytes, after: bytes
) -> None:
    id_, inmost = (b'{"S":"1"}', b'{"S":"1"}') if format == "dynamodb-json" else (b'"1"', b"1")
    value = before * levels + inmost + after * levels
    reply = gateway.post(
        b'{"operation": "create", "tableName": "%b", "format": "%b", "payload": {"Item": {"id": %b, "v": %b}}}'
        % (table.encode(), format.encode(), id_, value)
    )
    assert reply.status == 400
    assert "nest" in reply.json["Message"].lower() or "$set" in reply.json["Message"]


def test_a_hostile_body_costs_little(gateway: StageClient) -> None:
    bodies = [b"[" * MAX_REQUEST_BYTES, b'{"operation": "echo", "payload": ' + b"9" * (MAX_REQUEST_BYTES - 100) + b"}"]
    for body in bodies:
        started = time.process_time()
        gateway.post(body)
        # Parsing six megabytes of honest JSON takes as long; a slow path would take minutes.
        assert time.process_time() - started < 5


def test_an_unknown_operation_is_named_and_the_known_ones_listed(gateway: StageClient) -> None:
    refused(gateway.ask("drop"), 'Unrecognized operation "drop"', *OPERATIONS)


def test_an_unknown_field_is_refused_by_name(gateway: StageClient) -> None:
    refused(gateway.post(b'{"operation": "list", "tablename": "x"}'), "tablename")


@pytest.mark.parametrize(
    "name", [name for name, row in OPERATIONS.items() if row.action in ("Scan", "Query", "DescribeTable")]
)
def test_operations_on_one_table_need_its_name(gateway: StageClient, name: str) -> None:
    refused(gateway.ask(name, payload={}), "tableName")


@pytest.mark.parametrize(
    ("operation", "payload", "says"),
    [
        ("read", [], "payload: must be an object"),
        ("read", "text", "payload: must be an object"),
        ("read", {}, 'payload: "Key" is missing'),
        ("read", {"Key": []}, "payload.Key: must be an object"),
        ("read", {"Key": None}, "payload.Key: must be an object"),
        (
            "read",
            {"key": {"id": "1"}},
            'payload: "Key" is missing; "key" is an unknown member. Did you mean "Key"? The members are:',
        ),
        ("read", {"Key": {"id": "1"}, "ConsistentRead": "yes"}, "payload.ConsistentRead: must be true or false"),
        ("list", {"Limit": "5"}, "payload.Limit: must be an integer"),
        ("list", {"Limit": 1.5}, "payload.Limit: must be an integer"),
        ("list", {"Limit": True}, "payload.Limit: must be an integer"),
        ("list", {"Limit": 2**31}, "payload.Limit: must fit 32 bits"),
        ("list", {"Limit": -(2**31) - 1}, "payload.Limit: must fit 32 bits"),
        ("list", {"FilterExpression": 5}, "payload.FilterExpression: must be a string"),
        ("list", {"FilterExpression": None}, "payload.FilterExpression: must be a string"),
        ("list", {"ExpressionAttributeNames": {"#a": 5}}, "payload.ExpressionAttributeNames.#a: must be a string"),
        ("list", {"AttributesToGet": ["a", 5]}, "payload.AttributesToGet[1]: must be a string"),
        ("list", {"TableName": "x"}, "tableName"),
        ("list", {"TableName": None}, "tableName"),
    ],
)
def test_a_payload_of_the_wrong_shape_is_refused_by_place(
    gateway: StageClient, table: str, operation: str, payload: Any, says: str
) -> None:
    refused(gateway.ask(operation, table, payload), says)


@pytest.mark.parametrize("limit", [2**31 - 1, -(2**31)])
def test_an_integer_of_32_bits_is_left_to_dynamodb(gateway: StageClient, table: str, limit: int) -> None:
    assert "32 bits" not in gateway.ask("list", table, {"Limit": limit}).text


@pytest.mark.parametrize("payload", ["null", "{}"])
def test_a_payload_that_is_null_is_an_empty_one(gateway: StageClient, table: str, payload: str) -> None:
    body = f'{{"operation": "list", "tableName": "{table}", "payload": {payload}}}'
    assert gateway.post(body.encode()).status == 200


def test_another_method_gets_a_405(gateway: StageClient) -> None:
    reply = gateway.request("GET", "/DynamoDBManager")
    assert (reply.status, reply.json["Code"]) == (405, "MethodNotAllowedError")
    assert (reply.headers["Allow"], reply.headers["Content-Type"]) == ("POST", "application/json")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_another_content_type_gets_a_415(gateway: StageClient, content_type: str) -> None:
    reply = gateway.post(b'{"operation": "ping"}', content_type)
    assert (reply.status, reply.json["Code"]) == (415, "UnsupportedMediaType")


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_may_say_its_charset(gateway: StageClient, content_type: str) -> None:
    assert gateway.post(b'{"operation": "ping"}', content_type).status == 200


def _places(shape: Shape, path: str = "") -> dict[str, Shape]:
    """Every place below an input shape, down to attribute values, by its path."""
    places = {path: shape}
    if isinstance(shape, StructureShape) and shape.name != "AttributeValue":
        for name, member in shape.members.items():
            places |= _places(member, f"{path}.{name}")
    elif isinstance(shape, ListShape):
        places |= _places(shape.member, f"{path}[]")
    elif isinstance(shape, MapShape):
        places |= _places(shape.key, f"{path}.keys()") | _places(shape.value, f"{path}.*")
    return places


ACTIONS = [row.action for row in OPERATIONS.values() if row.action]


@pytest.mark.parametrize("action", ACTIONS)
def test_every_place_that_names_a_table_is_fenced(action: str) -> None:
    places = _places(action_model(action).input_shape)
    tables = {path for path, shape in places.items() if shape.name in TABLE_SHAPES}
    named = {path for path in places if path.endswith("TableName") or path == ".RequestItems.keys()"}
    assert tables == named
    assert tables


def test_attribute_values_stand_wherever_the_contract_says() -> None:
    found = {
        path
        for action in ACTIONS
        for path, shape in _places(action_model(action).input_shape).items()
        if shape.name == "AttributeValue"
    }
    for place in [
        *(".Item.*", ".Key.*", ".ExpressionAttributeValues.*", ".ExclusiveStartKey.*", ".AttributeUpdates.*.Value"),
        *(".Expected.*.Value", ".Expected.*.AttributeValueList[]", ".KeyConditions.*.AttributeValueList[]"),
        *(".QueryFilter.*.AttributeValueList[]", ".ScanFilter.*.AttributeValueList[]"),
        *(".RequestItems.*.Keys[].*", ".RequestItems.*[].PutRequest.Item.*", ".TransactItems[].Put.Item.*"),
    ]:
        assert place in found


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "x" * 1_000_000},
        {"operation": "ping", "x" * 1_000_000: 1},
        {"operation": "ping", "format": "x" * 1_000_000},
        {"operation": "list", "tableName": "orders", "payload": {"x" * 1_000_000: 1}},
        {"operation": "create", "tableName": "orders", "payload": {"Item": {"\x01" * 1_000_000: {"$set": 1}}}},
    ],
    ids=lambda body: str(body)[:40],
)
def test_a_refusal_quotes_no_more_than_helps(gateway: StageClient, body: dict[str, Any]) -> None:
    reply = gateway.post(json.dumps(body).encode())
    refused(reply)
    assert len(reply.text) < 3000


def too_large(reply: Reply, says: str) -> None:
    assert (reply.status, reply.json["Code"]) == (413, "RequestTooLargeError")
    assert says in reply.json["Message"]


def test_a_request_may_be_as_large_as_lambda_accepts_and_no_larger(gateway: StageClient) -> None:
    around = len('{"operation":"echo","payload":""}')
    body = b'{"operation":"echo","payload":"%b"}' % (b"a" * (MAX_REQUEST_BYTES - around))
    assert len(body) == MAX_REQUEST_BYTES == 6_291_456
    assert gateway.post(body).json["Code"] != "RequestTooLargeError"
    too_large(gateway.post(body + b" "), "6,291,456")


def test_a_request_larger_than_dynamodb_takes_gets_a_413(gateway: StageClient, table: str) -> None:
    assert MAX_DYNAMODB_REQUEST_BYTES == 16_777_216
    too_large(
        gateway.ask("create", table, {"Item": {"id": "1", "v": [1] * 1_900_000}}),
        "In DynamoDB's own JSON the request takes 1",
    )


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_an_event_with_what_json_has_not_says_so(number: float) -> None:
    with pytest.raises(ApiError, match=r"^The event holds NaN or Infinity, which are not JSON\.$"):
        read_event({"operation": "create", "payload": {"Item": [{"n": number}]}})
