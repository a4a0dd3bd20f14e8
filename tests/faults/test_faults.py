"""Whatever goes wrong between the gateway and DynamoDB: the answer, the time it takes, and what the log says."""

import socket
from typing import Any

import pytest

from chalicelib.dynamodb import DynamoDB
from tests.conftest import Reply, StageClient
from tests.faults.conftest import Clock
from tests.faults.scripted_dynamodb import SECRET, Act, Server, answer, cut, refuse, reset, response, stall

# Seconds. When API Gateway hangs up.
LIMIT = 29

LogLines = list[dict[str, Any]]
UNAVAILABLE = "ServiceUnavailableError"
ITEM = {"Item": {"id": "1", "note": "private"}}


def ask(gateway: StageClient) -> Reply:
    return gateway.ask("create", "orders", ITEM)


def check(reply: Reply, status: int, code: str, clock: Clock, log_lines: LogLines) -> dict[str, Any]:
    """Check what every failure promises, and return its one line of the log."""
    assert (reply.status, reply.json["Code"]) == (status, code)
    assert reply.headers.get("Retry-After") == {429: "1", 503: "2"}.get(status)
    assert reply.json.keys() == {"Code", "Message", "RequestId"}
    assert clock.now < LIMIT
    (line,) = log_lines
    assert (line["status"], line["code"], line["operation"], line["table"]) == (status, code, "create", "orders")
    assert line["level"] == ("ERROR" if status >= 500 else "INFO")
    assert "private" not in str(line)
    if status >= 500:
        assert SECRET not in reply.text
        assert line["cause"]
    return line


THROTTLED = ["ProvisionedThroughputExceededException", "ThrottlingException", "RequestLimitExceeded"]
DAMAGED = response(b'{"Attributes": {"id": {"S": "1"}}}')
PAGE = b"<html>Bad Gateway</html>"

AGAIN: dict[str, tuple[Act, int, str]] = {
    **{code: (refuse(code), 429, code) for code in THROTTLED},
    "500": (refuse("InternalServerError", 500), 503, "InternalServerError"),
    "500 by another name": (refuse("InternalFailure", 500), 503, "InternalFailure"),
    "503": (refuse("ServiceUnavailable", 503), 503, "ServiceUnavailable"),
    "a new exception with 500": (refuse("BrandNewException", 500), 503, "BrandNewException"),
    "a page with 502": (answer(PAGE, 502, Content_Type="text/html", x_amz_crc32=""), 503, UNAVAILABLE),
    "closed before the answer": (cut(), 503, UNAVAILABLE),
    "reset before the answer": (reset, 503, UNAVAILABLE),
    "closed in the head": (cut(DAMAGED[:40]), 503, UNAVAILABLE),
    "closed in the body": (cut(DAMAGED[:-5]), 503, UNAVAILABLE),
    "closed in a chunk": (
        cut(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{"), 503, UNAVAILABLE,
    ),
    "a wrong checksum": (answer(x_amz_crc32="1"), 503, UNAVAILABLE),
    "no HTTP": (cut(b"SSH-2.0-OpenSSH_9.2\r\n"), 503, UNAVAILABLE),
    "no answer": (stall(), 504, "GatewayTimeoutError"),
    "half a head": (stall(DAMAGED[:40]), 504, "GatewayTimeoutError"),
    "half a body": (stall(DAMAGED[:-5]), 504, "GatewayTimeoutError"),
}  # fmt: skip


@pytest.mark.parametrize(("act", "status", "code"), AGAIN.values(), ids=AGAIN.keys())
def test_what_may_pass_is_tried_three_times_and_then_told(
    gateway: StageClient, server: Server, clock: Clock, log_lines: LogLines, act: Act, status: int, code: str
) -> None:
    server.script.extend([act] * 3)
    check(ask(gateway), status, code, clock, log_lines)
    assert len(server.requests) == 3
    assert ask(gateway).status == 200


@pytest.mark.parametrize("act", [act for act, status, _ in AGAIN.values() if status != 504], ids=[
    name for name, (_, status, _) in AGAIN.items() if status != 504
])  # fmt: skip
def test_what_passes_is_not_noticed(
    gateway: StageClient, server: Server, clock: Clock, log_lines: LogLines, act: Act
) -> None:
    server.script.extend([act] * 2)
    reply = ask(gateway)
    assert (reply.status, reply.json["ResponseMetadata"]["RetryAttempts"]) == (200, 2)
    assert [(line["status"], line["retries"]) for line in log_lines] == [(200, 2)]


ONCE: dict[str, tuple[Act, int, str]] = {
    "a page with 200": (answer(PAGE, Content_Type="text/html", x_amz_crc32=""), 503, UNAVAILABLE),
    "truncated JSON": (answer(b'{"Item": {"id":'), 503, UNAVAILABLE),
    "JSON that is no object": (answer(b"[]"), 503, UNAVAILABLE),
    "nothing with 200": (answer(b""), 503, UNAVAILABLE),
    "nothing with 400": (answer(b"", 400), 503, UNAVAILABLE),
    "no name with 400": (answer(b"{}", 400), 503, UNAVAILABLE),
    "a redirect": (answer(b"", 302, Location="http://127.0.0.1:1/"), 503, UNAVAILABLE),
    "a new exception": (refuse("BrandNewException", message="Buy more."), 400, "BrandNewException"),
    "a refused role": (refuse("AccessDeniedException"), 403, "AccessDeniedException"),
    "an expired token": (refuse("ExpiredTokenException"), 500, "InternalServerError"),
    "an unknown key": (refuse("UnrecognizedClientException"), 500, "InternalServerError"),
    "a wrong signature": (refuse("InvalidSignatureException"), 500, "InternalServerError"),
    "no signature": (refuse("MissingAuthenticationTokenException"), 500, "InternalServerError"),
    "half a signature": (refuse("IncompleteSignatureException"), 500, "InternalServerError"),
    "a clock that is wrong": (refuse("RequestExpired"), 500, "InternalServerError"),
    "an account that is not subscribed": (refuse("OptInRequired"), 500, "InternalServerError"),
}


@pytest.mark.parametrize(("act", "status", "code"), ONCE.values(), ids=ONCE.keys())
def test_what_will_not_pass_is_told_at_once(
    gateway: StageClient, server: Server, clock: Clock, log_lines: LogLines, act: Act, status: int, code: str
) -> None:
    server.script.append(act)
    reply = ask(gateway)
    line = check(reply, status, code, clock, log_lines)
    assert len(server.requests) == 1
    assert SECRET not in reply.text
    if status == 500:
        assert line["requestId"] in reply.json["Message"]
    assert ask(gateway).status == 200


def test_the_log_tells_the_operator_what_dynamodb_said(
    gateway: StageClient, server: Server, log_lines: LogLines
) -> None:
    server.script.extend([refuse("AccessDeniedException"), answer(PAGE, Content_Type="text/html", x_amz_crc32="")])
    ask(gateway)
    ask(gateway)
    assert log_lines[0]["cause"] == f"AccessDeniedException: Not for {SECRET}"
    assert log_lines[0]["dynamodbRequestId"] == "from-dynamodb"
    assert log_lines[1]["cause"] == "UnreadableAnswer: HTTP 200, text/html, 24 bytes"


@pytest.mark.parametrize("pace", [0.1, 0.5, 5])
def test_an_answer_that_trickles_in_is_given_up_in_time(
    gateway: StageClient, server: Server, clock: Clock, log_lines: LogLines, pace: float
) -> None:
    clock.pace = pace
    check(ask(gateway), 504, "GatewayTimeoutError", clock, log_lines)
    clock.pace = 0
    assert ask(gateway).status == 200


def test_a_slow_answer_is_waited_for(gateway: StageClient, server: Server, clock: Clock) -> None:
    clock.pace = 0.01
    assert ask(gateway).status == 200
    assert clock.now > 1


def test_every_wait_and_backoff_together_stay_inside_the_limit(
    gateway: StageClient, server: Server, clock: Clock, log_lines: LogLines
) -> None:
    server.script.extend([answer(status=503, x_amz_retry_after="60000"), stall(), stall()])
    check(ask(gateway), 504, "GatewayTimeoutError", clock, log_lines)
    server.script.clear()
    assert ask(gateway).status == 200


def test_a_connection_closed_after_its_answer_does_not_fail_the_next_request(
    gateway: StageClient, server: Server
) -> None:
    server.script.append(cut(response(b"{}")))
    assert [ask(gateway).status for _ in range(2)] == [200, 200]


def test_a_refused_connection_is_unavailable(gateway: StageClient, clock: Clock, log_lines: LogLines) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    gateway.use(DynamoDB(f"http://127.0.0.1:{port}", clock.network))
    line = check(ask(gateway), 503, UNAVAILABLE, clock, log_lines)
    assert str(port) in line["cause"]


def test_a_connection_that_nobody_accepts_is_unavailable(
    gateway: StageClient, clock: Clock, log_lines: LogLines
) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        gateway.use(DynamoDB(f"http://127.0.0.1:{full.getsockname()[1]}", clock.network))
        check(ask(gateway), 503, UNAVAILABLE, clock, log_lines)
        for one in waiting:
            one.close()


def test_a_name_that_is_not_found_is_unavailable(
    gateway: StageClient,
    clock: Clock,
    log_lines: LogLines,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    gateway.use(DynamoDB("http://dynamodb.invalid", clock.network))
    line = check(ask(gateway), 503, UNAVAILABLE, clock, log_lines)
    assert "dynamodb.invalid" in line["cause"]


def test_missing_credentials_are_the_gateways_own_fault(
    gateway: StageClient, server: Server, clock: Clock, log_lines: LogLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    gateway.use(DynamoDB(server.endpoint, clock.network))
    reply = ask(gateway)
    line = check(reply, 500, "InternalServerError", clock, log_lines)
    assert line["requestId"] in reply.json["Message"]
    assert "credentials" in line["cause"]
    assert server.requests == []


@pytest.mark.parametrize("token", [None, "given-by-the-caller"])
def test_a_retried_transaction_carries_one_token(
    gateway: StageClient, server: Server, clock: Clock, token: str | None
) -> None:
    server.script.extend([cut(), refuse("InternalServerError", 500)])
    put = {"TransactItems": [{"Put": {"TableName": "orders", **ITEM}}]}
    assert gateway.ask("transactWrite", payload={**put, "ClientRequestToken": token} if token else put).status == 200
    tokens = {request["ClientRequestToken"] for request in server.requests}
    assert len(server.requests) == 3
    assert len(tokens) == 1
    assert token is None or tokens == {token}


def test_every_transaction_has_a_token_of_its_own(gateway: StageClient, server: Server) -> None:
    for _ in range(2):
        gateway.ask("transactWrite", payload={"TransactItems": [{"Put": {"TableName": "orders", **ITEM}}]})
    first, second = (request["ClientRequestToken"] for request in server.requests)
    assert first != second


def test_what_a_newer_dynamodb_adds_is_passed_on(gateway: StageClient, server: Server) -> None:
    server.script.append(answer(b'{"Attributes": {"n": {"N": "1.10"}}, "NewMember": {"x": [1]}}'))
    assert ask(gateway).json["NewMember"] == {"x": [1]}


def test_unprocessed_items_are_passed_on_in_both_formats(gateway: StageClient, server: Server) -> None:
    left = b'{"UnprocessedItems": {"orders": [{"PutRequest": {"Item": {"id": {"S": "1"}, "s": {"SS": ["a"]}}}}]}}'
    server.script.extend([answer(left)] * 2)
    typed = {"orders": [{"PutRequest": {"Item": {"id": {"S": "1"}, "s": {"SS": ["a"]}}}}]}
    plain = {"orders": [{"PutRequest": {"Item": {"id": "1", "s": {"$set": ["a"]}}}}]}
    assert gateway.ask("batchWrite", payload={"RequestItems": plain}).json["UnprocessedItems"] == plain
    again = gateway.ask("batchWrite", payload={"RequestItems": typed}, format="dynamodb-json")
    assert again.json["UnprocessedItems"] == typed


@pytest.mark.parametrize("code", ["TransactionConflictException", "TransactionInProgressException"])
def test_a_transaction_in_the_way_is_a_409(gateway: StageClient, server: Server, clock: Clock, code: str) -> None:
    server.script.extend([refuse(code)] * 3)
    assert ask(gateway).status == 409
