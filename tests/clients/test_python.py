"""The Python client: exact values both ways, errors, pages, and when it sends a request again."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.session import Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.python import dynamodb_manager
from clients.python.dynamodb_manager import (
    ApiError,
    Client,
    api_key,
    cognito,
    from_json,
    parse,
    sigv4,
    to_json,
    to_text,
)
from tests.clients.conftest import Server, Told

ITEM = {
    "id": "all",
    "int": 12345678901234567890123456789012345678,
    "fraction": Decimal("0.1234567890123456789012345678901234567"),
    "binary": b"\x00\xff",
    "yes": True,
    "nothing": None,
    "list": [1, "two", [b"3"]],
    "map": {"inner": {"deep": Decimal("1.5")}},
    "names": {"a", "b"},
    "numbers": {1, Decimal("2.5")},
    "blobs": {b"a", b"b"},
    "marked": {"$set": "a map, not a set"},
}


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[Client]:
    with Client(url) as client:
        yield client


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamodb_manager, "FIRST_WAIT_SECONDS", 0.001)


def test_an_item_of_every_type_comes_back_as_it_was(client: Client, table: str) -> None:
    client.call("create", table, {"Item": ITEM})
    assert client.call("read", table, {"Key": {"id": "all"}})["Item"] == ITEM
    typed = boto3.client("dynamodb").get_item(TableName=table, Key={"id": {"S": "all"}})["Item"]
    assert typed["int"] == {"N": "12345678901234567890123456789012345678"}
    assert typed["marked"] == {"M": {"$set": {"S": "a map, not a set"}}}


_NUMBERS = st.integers(-(10**38) + 1, 10**38 - 1) | st.decimals(allow_nan=False, allow_infinity=False, places=3)
_SETS = st.sets(st.text(), min_size=1) | st.sets(_NUMBERS, min_size=1) | st.sets(st.binary(), min_size=1)
_NAMES = st.text() | st.sampled_from(["$set", "$binary", "$map"])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.text() | st.binary() | _NUMBERS | _SETS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=4),
)


@given(value=VALUES)
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
def test_every_value_survives_the_way_through_json(value: Any) -> None:
    assert from_json(parse(to_text(to_json(value)))) == value


def test_a_float_is_refused_before_it_is_sent(client: Client, table: str) -> None:
    with pytest.raises(TypeError, match=r"0\.1 is a float.*Decimal\('0\.1'\)"):
        client.call("create", table, {"Item": {"id": "1", "price": 0.1}})


def test_only_attribute_values_are_converted(client: Client, table: str) -> None:
    # "$set" is the name of an attribute here, not of a set.
    client.call("create", table, {"Item": {"id": "1", "n": 1}})
    client.call("update", table, {"Key": {"id": "1"}, "AttributeUpdates": {"$set": {"Value": {"x"}, "Action": "PUT"}}})
    answer = client.call("list", table, {"ProjectionExpression": "#s", "ExpressionAttributeNames": {"#s": "$set"}})
    assert {"$set": {"x"}} in answer["Items"]


def test_every_kind_of_answer_has_its_values_decoded(client: Client, table: str) -> None:
    client.call("batchWrite", payload={"RequestItems": {table: [{"PutRequest": {"Item": ITEM}}]}})
    key = {"id": "all"}
    read = client.call("batchRead", payload={"RequestItems": {table: {"Keys": [key]}}})
    assert read["Responses"][table] == [ITEM]
    together = client.call("transactRead", payload={"TransactItems": [{"Get": {"TableName": table, "Key": key}}]})
    assert together["Responses"] == [{"Item": ITEM}]
    assert client.call("delete", table, {"Key": key, "ReturnValues": "ALL_OLD"})["Attributes"] == ITEM
    assert client.call("echo", payload={"n": Decimal("1.10")}) == {"n": Decimal("1.10")}
    assert client.call("ping") == "pong"


def test_items_walks_every_page_once(client: Client, table: str) -> None:
    ids = {f"page{n}" for n in range(30)}
    for each in ids:
        client.call("create", table, {"Item": {"id": each}})
    found = [item["id"] for item in client.items("list", table, {"Limit": 7})]
    assert len(found) == len(set(found))
    assert ids <= set(found)
    assert len(list(client.pages("list", table, {"Limit": 7}))) > 4


def test_an_error_says_what_the_gateway_said(client: Client, table: str) -> None:
    client.call("create", table, {"Item": {"id": "taken", "raw": b"1"}})
    with pytest.raises(ApiError, match="ConditionalCheckFailedException: ") as caught:
        client.call(
            "create",
            table,
            {
                "Item": {"id": "taken"},
                "ConditionExpression": "attribute_not_exists(id)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        )
    error = caught.value
    assert (error.status, error.code) == (409, "ConditionalCheckFailedException")
    assert error.details["Item"] == {"id": "taken", "raw": b"1"}
    assert error.request_id


READ = ("read", {"Key": {"id": "1"}})
CREATE = ("create", {"Item": {"id": "1"}})
UPDATE = ("update", {"Key": {"id": "1"}, "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": 1}})
CONDITIONAL = ("delete", {"Key": {"id": "1"}, "ConditionExpression": "attribute_exists(id)"})
RETURNING = ("create", {"Item": {"id": "1"}, "ReturnValues": "ALL_OLD"})
THROTTLED = Told(429, {"Code": "ThrottlingException", "Message": "Slower."}, {"Retry-After": "0"})
CONFLICT = Told(409, {"Code": "TransactionConflictException", "Message": "Later."})
FAILED = Told(409, {"Code": "ConditionalCheckFailedException", "Message": "No."})
UNAVAILABLE = Told(503, {"Code": "ServiceUnavailableError", "Message": "Later."})
TIMED_OUT = Told(504, {"message": "Endpoint request timed out"})
CUT = Told(0)


@pytest.mark.parametrize("request_", [READ, CREATE, UPDATE, CONDITIONAL, RETURNING], ids=lambda request: request[0])
@pytest.mark.parametrize("answer", [THROTTLED, CONFLICT])
def test_what_had_no_effect_is_always_sent_again(told: Server, request_: Any, answer: Told) -> None:
    told.script.extend([answer, answer])
    operation, payload = request_
    Client(told.url).call(operation, "t", payload)
    assert len(told.requests) == 3


@pytest.mark.parametrize("answer", [UNAVAILABLE, TIMED_OUT, CUT])
@pytest.mark.parametrize(
    ("request_", "again"),
    [(READ, True), (CREATE, True), (UPDATE, False), (CONDITIONAL, False), (RETURNING, False)],
    ids=["read", "create", "update", "conditional delete", "create that returns"],
)
def test_after_a_lost_answer_only_what_may_be_repeated_is(
    told: Server, request_: Any, again: bool, answer: Told
) -> None:
    told.script.append(answer)
    operation, payload = request_
    if again:
        Client(told.url).call(operation, "t", payload)
    else:
        with pytest.raises(ApiError) as caught:
            Client(told.url).call(operation, "t", payload)
        assert caught.value.maybe_applied
    assert len(told.requests) == (2 if again else 1)


def test_once_repeats_any_write_under_one_token(told: Server) -> None:
    told.script.extend([UNAVAILABLE, CUT])
    Client(told.url).call("update", "t", UPDATE[1], once=True)
    tokens = [request["payload"]["ClientRequestToken"] for request in told.requests]
    assert len(tokens) == 3
    assert len(set(tokens)) == 1


def test_a_refusal_is_not_repeated_and_attempts_end(told: Server) -> None:
    told.script.append(FAILED)
    with pytest.raises(ApiError):
        Client(told.url).call(*READ[:1], "t", READ[1])  # type: ignore[call-overload]
    assert len(told.requests) == 1
    told.script.extend([THROTTLED] * 9)
    with pytest.raises(ApiError, match="ThrottlingException: Slower"):
        Client(told.url, attempts=3).call("read", "t", READ[1])
    assert len(told.requests) == 4


def test_it_waits_as_long_as_it_is_told(told: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    told.script.append(THROTTLED._replace(headers={"Retry-After": "7"}))
    Client(told.url).call("read", "t", READ[1])
    assert [int(seconds) for seconds in waited] == [7]


def test_unprocessed_items_are_sent_again(told: Server) -> None:
    first, second = ({"PutRequest": {"Item": {"id": name, "b": b"1"}}} for name in ("1", "2"))
    rest = [{"PutRequest": {"Item": {"id": "2", "b": {"$binary": "MQ=="}}}}]
    told.script.extend([Told(200, {"UnprocessedItems": {"Item": rest}}), Told(200, {"UnprocessedItems": {}})])
    pages = list(Client(told.url).pages("batchWrite", payload={"RequestItems": {"Item": [first, second]}}))
    assert len(pages) == 2
    assert told.requests[1]["payload"] == {"RequestItems": {"Item": rest}}


def test_a_connection_that_was_closed_while_idle_is_opened_again(told: Server) -> None:
    client = Client(told.url)
    told.script.append(Told(200, b"{}", {"Connection": "close"}))
    client.call("update", "t", UPDATE[1])
    client.call("update", "t", UPDATE[1])
    assert len(told.requests) == 2


def test_no_server_is_a_clear_error() -> None:
    with pytest.raises(ApiError, match=r"NotSent: No connection to http://127\.0\.0\.1:9/x") as caught:
        Client("http://127.0.0.1:9/x").call("ping")
    assert caught.value.not_applied


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://example.com", ""])
def test_a_bad_url_is_a_clear_error(url: str) -> None:
    with pytest.raises(ValueError, match="is not the URL of the resource"):
        Client(url)


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        (api_key("key"), "x-api-key", "key"),
        (cognito("token"), "authorization", "token"),
        (cognito(lambda: "fresh"), "authorization", "fresh"),
    ],
)
def test_each_way_to_authorize_sends_its_header(told: Server, auth: Any, header: str, value: str) -> None:
    Client(told.url, auth).call("ping")
    assert told.headers[0][header] == value


def test_sigv4_signs_for_the_region_of_the_host(told: Server) -> None:
    session = Session()
    session.set_credentials("AKID", "secret", "session-token")
    signed = sigv4(session=session)("https://abc.execute-api.eu-west-1.amazonaws.com/Prod/DynamoDBManager", b"{}")
    assert "/eu-west-1/execute-api/aws4_request" in signed["Authorization"]
    assert signed["X-Amz-Security-Token"] == "session-token"
    Client(told.url, sigv4("eu-west-2", session)).call("ping")
    assert told.headers[0]["authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKID/")
