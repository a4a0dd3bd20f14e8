"""The adapter as a client of DynamoDB: what it sends, what it sends again, and whom it trusts."""

import ast
import hmac
import json
import os
import re
import socket
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, ConnectionError, HTTPClientError, ReadTimeoutError

from chalicelib.connections import Network
from chalicelib.dynamodb import DynamoDB
from tests.conftest import PROJECT
from tests.scripted_server import Server, an_answer

BODY = b'{"TableName":"orders","Key":{"id":{"S":"1"}}}'
TABLES = {"orders"}
ARN = "arn:aws:dynamodb:us-east-1:{}:table/orders"
UNAVAILABLE = an_answer(body=b'{"__type":"InternalServerError"}', status=b"500 Internal Server Error")
THROTTLED = an_answer(body=b'{"__type":"ThrottlingException"}', status=b"400 Bad Request")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def hurried(monotonic: Callable[[], float] = time.monotonic) -> Network:
    """The network, without pauses between attempts."""
    return Network(monotonic, lambda _: None)


def test_a_request_is_the_bytes_that_were_given_and_an_answer_its_members(server: Server) -> None:
    server.answers = [[an_answer(b"x-amzn-RequestId: 7", body=b'{"Item":{"id": {"S":"1"}},"New":1.0}')]]
    answer = DynamoDB(server.url).call("GetItem", BODY, TABLES, repeatable=True)
    assert server.requests[0].endswith(b"\r\n\r\n" + BODY)
    assert bytes(answer["Item"]) == b'{"id": {"S":"1"}}'
    assert bytes(answer["New"]) == b"1.0"
    assert answer["ResponseMetadata"] == {"RequestId": "7", "HTTPStatusCode": 200, "RetryAttempts": 0}


def test_what_arrives_is_what_was_signed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signature Version 4, as the IAM user guide describes it, "Create a signed AWS API request"."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    DynamoDB(server.url).call("GetItem", BODY, TABLES, repeatable=True)
    head, _, body = server.requests[0].decode().partition("\r\n\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head.split("\r\n")[1:])}
    assert f"http://{headers['host']}/" == server.url
    fields = dict(field.split("=", 1) for field in headers["authorization"].partition(" ")[2].split(", "))
    signed = fields["SignedHeaders"].split(";")
    assert {"host", "x-amz-date", "x-amz-security-token", "x-amz-target"} <= set(signed)
    lines = [*(f"{name}:{headers[name]}" for name in signed), "", ";".join(signed), sha256(body.encode()).hexdigest()]
    canonical = "\n".join(["POST", "/", "", *lines])
    scope = fields["Credential"].partition("/")[2]
    text = "\n".join(["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, sha256(canonical.encode()).hexdigest()])
    key = b"AWS4" + os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    for part in [*scope.split("/"), text]:
        key = hmac.digest(key, part.encode(), "sha256")
    assert fields["Signature"] == key.hex()


def test_the_region_is_that_of_aws_region(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    DynamoDB(server.url).call("GetItem", BODY, TABLES, repeatable=True)
    assert b"/eu-west-3/dynamodb/aws4_request" in server.requests[0]


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_the_number_of_attempts_is_that_of_aws_max_attempts(
    server: Server, monkeypatch: pytest.MonkeyPatch, attempts: int
) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", str(attempts))
    server.answers = [[THROTTLED] for _ in range(6)]
    with pytest.raises(ClientError):
        DynamoDB(server.url, hurried()).call("GetItem", BODY, TABLES, repeatable=True)
    assert len(server.requests) == attempts


@pytest.mark.parametrize("word", [b"close", b"Close"])
def test_a_connection_that_the_server_will_close_is_not_used_again(server: Server, word: bytes) -> None:
    server.answers = [[an_answer(b"Connection: " + word)], [an_answer()]]
    client = DynamoDB(server.url)
    for _ in range(2):
        client.call("GetItem", BODY, TABLES, repeatable=True)
    assert server.connections == 2


@pytest.mark.parametrize("word", [b"keep-alive", b"Keep-Alive"])
def test_a_connection_that_the_server_keeps_is_used_again(server: Server, word: bytes) -> None:
    server.answers = [[an_answer(b"Connection: " + word)], [an_answer()]]
    client = DynamoDB(server.url)
    for _ in range(2):
        client.call("GetItem", BODY, TABLES, repeatable=True)
    assert server.connections == 1


def test_lambdas_trace_header_is_passed_on(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "gateway")
    client = DynamoDB(server.url)
    for root in range(3):
        monkeypatch.setenv("_X_AMZN_TRACE_ID", f"Root={root}")
        client.call("GetItem", BODY, TABLES, repeatable=True)
        assert b"\r\nX-Amzn-Trace-Id: Root=%d\r\n" % root in server.requests[root]


def test_what_is_prepared_once_is_what_the_sdk_would_send_each_time(server: Server) -> None:
    client = DynamoDB(server.url)
    for action in ("GetItem", "PutItem"):
        for body in (BODY, BODY.replace(b"orders", b"others")):
            client.call(action, body, TABLES, repeatable=True)
            DynamoDB(server.url).call(action, body, TABLES, repeatable=True)
            ours, theirs = (
                re.sub(rb"Signature=\w+|X-Amz-Date: \w+", b"", request, count=2) for request in server.requests[-2:]
            )
            assert ours == theirs
    assert server.connections == 5


def test_the_sdks_client_makes_the_first_call_of_each_action_only(server: Server) -> None:
    client = DynamoDB(server.url)
    made: list[str] = []
    client._sdk.meta.events.register("provide-client-params", lambda model, **_: made.append(model.name))
    for action in ("GetItem", "PutItem", "GetItem", "PutItem"):
        client.call(action, BODY, TABLES, repeatable=True)
    assert made == ["GetItem", "PutItem"]


def test_an_endpoint_is_prepared_for_calls_without_an_arn_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB")
    hosts: list[str] = []

    def connect(address: tuple[str, int], timeout: float) -> Any:
        hosts.append(address[0].partition(".")[0])
        raise ConnectionRefusedError

    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    client = DynamoDB(network=Network(connect=connect))
    for table in [ARN.format("1" * 12), "orders", ARN.format("2" * 12), "orders", ARN.format("1" * 12)]:
        with pytest.raises(ConnectionError):
            client.call("GetItem", BODY, [table], repeatable=True)
    assert hosts == ["1" * 12, "dynamodb", "2" * 12, "dynamodb", "1" * 12]


def test_an_attempt_that_succeeds_gives_the_sdk_its_allowance_of_retries_back(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the mode "standard" a client has 500 tokens, and a retry takes 5 until its call succeeds."""
    monkeypatch.setenv("AWS_RETRY_MODE", "standard")
    client = DynamoDB(server.url, hurried())
    for _ in range(120):
        server.answers = [[THROTTLED], [an_answer()]]
        answer = client.call("GetItem", BODY, TABLES, repeatable=True)
        assert answer["ResponseMetadata"]["RetryAttempts"] == 1


# Each outcome, whether a request that is not repeatable may be sent again after it, and the error in the end.
OUTCOMES: dict[str, tuple[list[bytes], bool, type[Exception]]] = {
    "throttled": ([THROTTLED], True, ClientError),
    "throttled with 503": ([THROTTLED.replace(b"400 Bad Request", b"503 X")], True, ClientError),
    "500": ([UNAVAILABLE], False, ClientError),
    "a page with 502": ([an_answer(body=b"<html>", status=b"502 Bad Gateway")], False, ClientError),
    "damaged": ([an_answer(b"x-amz-crc32: 1")], False, ClientError),
    "closed": ([b""], False, ConnectionClosedError),
    "closed in the answer": ([UNAVAILABLE[:40], b""], False, ConnectionClosedError),
    "no HTTP": ([b"SSH-2.0\r\n\r\n", b""], False, ConnectionClosedError),
}


@pytest.mark.parametrize(("answer", "again", "error"), OUTCOMES.values(), ids=OUTCOMES.keys())
@pytest.mark.parametrize("mode", ["standard", "adaptive", "legacy"])
@pytest.mark.parametrize("earlier_calls", [0, 1])
def test_after_a_lost_answer_only_what_may_be_repeated_is_sent_again(
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    earlier_calls: int,
    mode: str,
    answer: list[bytes],
    again: bool,
    error: type[Exception],
) -> None:
    monkeypatch.setenv("AWS_RETRY_MODE", mode)
    dynamodb = DynamoDB(server.url, hurried())
    for _ in range(earlier_calls):
        dynamodb.call("PutItem", BODY, TABLES, repeatable=False)
    server.requests.clear()
    server.answers = [answer, [an_answer()]]
    if again:
        assert dynamodb.call("PutItem", BODY, TABLES, repeatable=False)["ResponseMetadata"]["RetryAttempts"] == 1
    else:
        with pytest.raises(error):
            dynamodb.call("PutItem", BODY, TABLES, repeatable=False)
        assert len(server.requests) == 1
    server.answers = [answer, [an_answer()]]
    assert dynamodb.call("PutItem", BODY, TABLES, repeatable=True)["ResponseMetadata"]["RetryAttempts"] == 1


def test_no_answer_is_waited_for_once_where_the_request_may_not_be_repeated(server: Server) -> None:
    server.answers = [[], []]
    dynamodb = DynamoDB(server.url, hurried())
    for repeatable in (False, True):
        with pytest.raises(ReadTimeoutError):
            dynamodb.call("PutItem", BODY, TABLES, within=0.2, repeatable=repeatable)
    assert len(server.requests) == 2


def test_a_request_that_was_never_sent_is_sent_again(server: Server) -> None:
    connects: list[int] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connects.append(address[1])
        if len(connects) < 3:
            raise ConnectionRefusedError
        return socket.create_connection(address, timeout)

    dynamodb = DynamoDB(server.url, Network(sleep=lambda _: None, connect=connect))
    assert dynamodb.call("UpdateItem", BODY, TABLES, repeatable=False)["ResponseMetadata"]["RetryAttempts"] == 2


def test_the_error_in_the_end_is_that_of_the_attempt_that_may_have_been_applied(server: Server) -> None:
    connects: list[int] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        connects.append(address[1])
        if len(connects) > 1:
            raise ConnectionRefusedError
        return socket.create_connection(address, timeout)

    server.answers = [[b""]]
    with pytest.raises(ConnectionClosedError):
        DynamoDB(server.url, Network(sleep=lambda _: None, connect=connect)).call("PutItem", BODY, repeatable=True)
    assert len(connects) == 3


def test_a_pause_that_would_end_too_late_is_not_made(server: Server) -> None:
    server.answers = [[THROTTLED.replace(b"\r\n", b"\r\nx-amz-retry-after: 3000\r\n", 1)]] * 3
    with pytest.raises(ClientError):
        DynamoDB(server.url).call("GetItem", BODY, TABLES, within=2, repeatable=True)
    assert len(server.requests) == 1


def test_an_attempt_has_no_more_time_than_is_left(server: Server) -> None:
    timeouts: list[float] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        timeouts.append(timeout)
        return socket.create_connection(address, timeout)

    network = Network(monotonic=lambda: 0.0, connect=connect)
    DynamoDB(server.url, network).call("GetItem", BODY, TABLES, within=0.5, repeatable=True)
    assert timeouts == [0.5]


@pytest.mark.parametrize(
    ("action", "tables", "host"),
    [
        ("GetItem", {"orders"}, "dynamodb.us-east-1.amazonaws.com"),
        ("GetItem", {ARN.format(1 * "1" * 12)}, "111111111111.ddb.us-east-1.amazonaws.com"),
        ("BatchWriteItem", {ARN.format("2" * 12)}, "222222222222.ddb.us-east-1.amazonaws.com"),
        ("TransactGetItems", {ARN.format("3" * 12)}, "333333333333.ddb.us-east-1.amazonaws.com"),
        ("TransactWriteItems", {ARN.format("4" * 12)}, "444444444444.ddb.us-east-1.amazonaws.com"),
        ("TransactWriteItems", set(), "dynamodb.us-east-1.amazonaws.com"),
        ("BatchGetItem", set(), "dynamodb.us-east-1.amazonaws.com"),
        ("ListTables", set(), "dynamodb.us-east-1.amazonaws.com"),
    ],
)
def test_the_endpoint_is_that_of_the_account_in_a_tables_arn(
    monkeypatch: pytest.MonkeyPatch, action: str, tables: set[str], host: str
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB")
    addresses: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], timeout: float) -> Any:
        addresses.append(address)
        raise ConnectionRefusedError

    with pytest.raises(ConnectionError, match=host):
        DynamoDB(network=Network(sleep=lambda _: None, connect=connect)).call(action, b"{}", tables, repeatable=True)
    assert set(addresses) == {(host, 443)}


@pytest.fixture
def secure_server(certificate: Path) -> Iterator[Server]:
    server = Server(certificate)
    yield server
    server.close()


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_a_bundle_of_certificates_is_trusted_instead_of_the_sdks(
    secure_server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setenv(variable, str(certificate))
    dynamodb = DynamoDB(secure_server.url)
    for _ in range(2):
        dynamodb.call("GetItem", BODY, TABLES, repeatable=True)
    assert secure_server.connections == 1


def test_a_certificate_that_the_sdk_would_not_trust_is_refused(secure_server: Server) -> None:
    with pytest.raises(ConnectionError, match="self-signed certificate"):
        DynamoDB(secure_server.url, hurried()).call("GetItem", BODY, TABLES, repeatable=True)
    assert secure_server.requests == []


@pytest.fixture
def proxied(server: Server, monkeypatch: pytest.MonkeyPatch) -> DynamoDB:
    """A client that reaches DynamoDB through an HTTP proxy."""
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    return DynamoDB("http://dynamodb.invalid")


def test_a_request_goes_through_an_http_proxy(server: Server, proxied: DynamoDB) -> None:
    server.answers = [[THROTTLED], [an_answer()]]
    answer = proxied.call("GetItem", BODY, TABLES, repeatable=True)
    assert json.loads(bytes(answer["Item"])) == {"id": {"S": "1"}}
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1
    assert server.requests[0].startswith(b"POST http://dynamodb.invalid/ HTTP/1.1\r\n")
    assert server.requests[0].endswith(b"\r\n\r\n" + BODY)


def test_a_lost_answer_is_not_asked_for_again_through_a_proxy(server: Server, proxied: DynamoDB) -> None:
    for answer in ([UNAVAILABLE], [b""], [UNAVAILABLE[:40], b""], [an_answer(b"x-amz-crc32: 1")]):
        server.requests.clear()
        server.answers = [answer]
        with pytest.raises((ClientError, HTTPClientError, ConnectionError)):
            proxied.call("UpdateItem", BODY, TABLES, repeatable=False)
        assert len(server.requests) == 1


def test_an_answer_that_trickles_through_a_proxy_runs_out_of_time(server: Server, proxied: DynamoDB) -> None:
    answer = an_answer()
    server.answers = [[answer[at : at + 1] for at in range(len(answer))]]
    server.pause = 0.1
    with pytest.raises(ReadTimeoutError, match=r"http://dynamodb\.invalid"):
        proxied.call("GetItem", BODY, TABLES, within=0.5, repeatable=True)


@pytest.mark.parametrize("way", ["ours", "the SDK's"])
def test_an_answer_may_be_restated_before_it_counts(way: str, server: Server, proxied: DynamoDB) -> None:
    def restate(answer: dict[str, Any]) -> None:
        answer["Error"]["Code"] = "ThrottlingException"

    refused = an_answer(body=b'{"__type":"ValidationException"}', status=b"400 Bad Request")
    client = DynamoDB(server.url, hurried()) if way == "ours" else proxied
    server.answers = [[refused]] * 3
    with pytest.raises(ClientError, match=r"\(ThrottlingException\) when calling the PutItem operation"):
        client.call("PutItem", BODY, TABLES, repeatable=False, restate=restate)
    assert len(server.requests) == 3


@pytest.mark.parametrize("name", ["sdk", "connections", "dynamodb", "service_model"])
def test_no_private_name_of_another_library_is_used(name: str) -> None:
    tree = ast.parse((PROJECT / "chalicelib" / f"{name}.py").read_text())
    private = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr.startswith("_")]
    assert {ast.unparse(node) for node in private if ast.unparse(node.value) != "self"} <= {"super().__init__"}
    imported = [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert not [each for each in imported if each.startswith("_")]
