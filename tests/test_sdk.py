"""The hooks into the SDK: how an answer is read, and which request may not be sent again."""

import json
from binascii import crc32
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError, SSLError

from chalicelib.connections import Network
from chalicelib.errors import UNREADABLE
from chalicelib.sdk import AnswerParser, AnswerParserFactory, Call, _is_final, make_client, may_be_applied
from tests.scripted_server import Server

LONG_NAME = "com.amazonaws.dynamodb.v20120810#ValidationException"


def parsed(body: bytes, status: int = 200, **headers: str) -> dict[str, Any]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return AnswerParser().parse({"status_code": status, "headers": named, "body": body}, None)


def error_of(body: bytes, status: int = 400, **headers: str) -> Any:
    return parsed(body, status, **headers)["Error"]


def test_an_answer_is_its_members_as_text_with_the_metadata() -> None:
    answer = parsed(b'{"Count": 1, "Items": [{"n": {"N": "1"}}]}', x_amzn_requestid="the-id")
    assert answer.pop("ResponseMetadata") == {"RequestId": "the-id", "HTTPStatusCode": 200}
    assert {name: bytes(value) for name, value in answer.items()} == {"Count": b"1", "Items": b'[{"n": {"N": "1"}}]'}


@pytest.mark.parametrize("name", ["message", "Message"])
@pytest.mark.parametrize("type_name", [LONG_NAME, "ValidationException"])
def test_an_error_is_its_code_message_and_members(name: str, type_name: str) -> None:
    body = json.dumps({"__type": type_name, name: "Why.", "Item": {}}).encode()
    answer = parsed(body, 400)
    assert answer["Error"] == {"Code": "ValidationException", "Message": "Why."}
    assert bytes(answer["Item"]) == b"{}"
    assert answer.keys() == {"Error", "Item", "ResponseMetadata"}


def test_an_error_without_a_message_has_an_empty_one() -> None:
    assert error_of(b'{"__type": "New"}', 500) == {"Code": "New", "Message": ""}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"a": "\xff"}', b'{"a": ' + b"[" * 100_000])
@pytest.mark.parametrize("status", [200, 502])
def test_what_is_not_dynamodbs_json_is_unreadable(body: bytes, status: int) -> None:
    message = f"HTTP {status}, text/html, {len(body)} bytes"
    assert error_of(body, status, content_type="text/html") == {"Code": UNREADABLE, "Message": message}


def test_a_refusal_without_a_type_is_unreadable() -> None:
    assert error_of(b"{}", 300) == {"Code": UNREADABLE, "Message": "HTTP 300, of no type, 2 bytes"}
    assert "Error" not in parsed(b"{}", 299)


def test_a_damaged_answer_is_unreadable() -> None:
    body = b'{"Count": 1}'
    assert "Error" not in parsed(body, x_amz_crc32=str(crc32(body)))
    assert error_of(body, 200, x_amz_crc32=str(crc32(body) + 1))["Code"] == UNREADABLE


@pytest.mark.parametrize(
    ("code", "status", "applied"),
    [
        (None, 200, False),
        ("ValidationException", 400, False),
        ("ThrottlingException", 400, False),
        ("ThrottlingException", 503, False),
        ("InternalServerError", 500, True),
        ("ServiceUnavailable", 503, True),
        (UNREADABLE, 200, True),
    ],
)
def test_what_dynamodb_may_have_applied(code: str | None, status: int, applied: bool) -> None:
    answer: dict[str, Any] = {"ResponseMetadata": {"HTTPStatusCode": status}}
    assert may_be_applied({**answer, **({"Error": {"Code": code}} if code else {})}) is applied


FAULT: Any = (None, {"Error": {"Code": "InternalServerError"}, "ResponseMetadata": {"HTTPStatusCode": 500}})
REFUSAL: Any = (None, {"Error": {"Code": "ThrottlingException"}, "ResponseMetadata": {"HTTPStatusCode": 400}})
URL = "https://dynamodb"


@pytest.mark.parametrize(
    ("response", "error", "final"),
    [
        (FAULT, None, True),
        (REFUSAL, None, False),
        (None, None, False),
        (None, ReadTimeoutError(endpoint_url=URL), True),
        (None, SSLError(endpoint_url=URL, error="x"), True),
        (None, ConnectTimeoutError(endpoint_url=URL), False),
        (None, EndpointConnectionError(endpoint_url=URL), False),
    ],
)
def test_a_request_that_may_have_been_applied_is_final_unless_it_may_be_repeated(
    response: Any, error: Exception | None, final: bool
) -> None:
    assert _is_final(response, error, Call(b"", 0, False, None)) is final
    assert _is_final(response, error, Call(b"", 0, True, None)) is False


def test_the_sdk_has_our_parser_and_our_limits() -> None:
    assert isinstance(AnswerParserFactory().create_parser("json"), AnswerParser)
    config = make_client("http://127.0.0.1:1", Network()).sdk.meta.config
    assert (config.connect_timeout, config.read_timeout, config.max_pool_connections) == (1.0, 6.0, 64)


def test_the_sdks_events_are_alike_for_a_call_that_is_prepared() -> None:
    server = Server()
    client, prepared = make_client(server.url, Network())
    assert prepared
    seen: list[dict[str, Any]] = []

    def note(event_name: str, **arguments: Any) -> None:
        seen.append({"event": event_name, **{name: type(value) for name, value in arguments.items()}})

    for event in ("before-call", "before-send", "needs-retry", "after-call"):
        client.meta.events.register(event, note)
    call = Call(b"{}", float("inf"), True, None)
    client.get_item(Call=call)
    first, seen[:] = list(seen), []
    assert prepared.call("GetItem", call)
    server.close()
    assert len(first) == 4
    assert seen == first
