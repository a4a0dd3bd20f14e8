"""One id for each request: in the answer's header, in an error's body, and in the log."""

from collections.abc import Callable
from typing import Any

import pytest
from chalice.test import Client

from tests.conftest import StageClient
from tests.http_event import http_event

LogLines = list[dict[str, Any]]


class Context:
    """What Lambda passes along."""

    aws_request_id = "lambdas-id"

    def __init__(self, seconds_left: float = 29) -> None:
        self._seconds_left = seconds_left

    def get_remaining_time_in_millis(self) -> int:
        return int(self._seconds_left * 1000)


BODIES = ['{"operation": "ping"}', '{"operation": "nope"}', "no JSON"]


@pytest.mark.parametrize("body", BODIES)
def test_over_http_the_id_is_that_of_api_gateway(gateway: StageClient, log_lines: LogLines, body: str) -> None:
    answer = gateway.app(http_event(body, requestId="gateways-id"), Context())
    assert answer["headers"]["X-Request-Id"] == "gateways-id"
    assert ('"RequestId":"gateways-id"' in answer["body"]) == (answer["statusCode"] != 200)
    (line,) = log_lines
    assert (line["requestId"], line["lambdaRequestId"]) == ("gateways-id", "lambdas-id")


def test_a_request_without_an_id_gets_one_for_the_header_the_body_and_the_log(
    gateway: StageClient, log_lines: LogLines
) -> None:
    answer = gateway.app(http_event("no JSON"), None)
    request_id = answer["headers"]["X-Request-Id"]
    assert f'"RequestId":"{request_id}"' in answer["body"]
    assert (log_lines[0]["requestId"], log_lines[0]["lambdaRequestId"]) == (request_id, request_id)


@pytest.mark.parametrize(("method", "content_type", "code"), [
    ("GET", "application/json", "MethodNotAllowedError"),
    ("POST", "text/plain", "UnsupportedMediaType"),
])  # fmt: skip
def test_a_refusal_by_chalice_has_the_id_and_its_code_in_the_log(
    gateway: StageClient, log_lines: LogLines, method: str, content_type: str, code: str
) -> None:
    reply = gateway.request(method, "/DynamoDBManager", b"{}", {"Content-Type": content_type})
    (line,) = log_lines
    assert reply.headers["X-Request-Id"] == reply.json["RequestId"] == line["requestId"]
    assert reply.json["Code"] == line["code"] == code


def test_the_log_of_an_event_has_lambdas_id_and_the_code(gateway: StageClient, log_lines: LogLines) -> None:
    with pytest.raises(Exception, match="lambdas-id"):
        gateway.app({"operation": "nope"}, Context())
    (line,) = log_lines
    assert (line["requestId"], line["lambdaRequestId"], line["code"]) == (*["lambdas-id"] * 2, "BadRequestError")


def test_the_health_check_has_an_id(stage: Callable[..., StageClient]) -> None:
    assert stage(HEALTH_CHECK="on").request("GET", "/health").headers["X-Request-Id"]


def test_a_preflight_exposes_the_id_to_pages(stage: Callable[..., StageClient]) -> None:
    headers = stage(CORS_ALLOW_ORIGIN="https://example.com").ask("ping").headers
    assert headers["Access-Control-Expose-Headers"] == "Retry-After,X-Request-Id"


def test_a_request_without_time_for_dynamodb_is_not_sent(gateway: StageClient, table: str) -> None:
    read = f'{{"operation": "list", "tableName": "{table}"}}'
    assert gateway.app(http_event(read), Context(4))["statusCode"] == 200
    late = gateway.app(http_event(read), Context(3))
    assert late["statusCode"] == 504
    assert "nothing was sent" in late["body"]


def test_the_test_client_of_chalice_answers_both_entry_points(gateway: StageClient) -> None:
    with Client(gateway.app) as client:
        headers = {"Content-Type": "application/json"}
        assert client.http.post("/DynamoDBManager", headers=headers, body=b'{"operation": "ping"}').json_body == "pong"
        assert gateway.app({"operation": "ping"}, None) == "pong"
