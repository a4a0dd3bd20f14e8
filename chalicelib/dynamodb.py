"""The DynamoDB adapter: one boto3 client, made when the module loads, and `call`.

Requests and answers pass in DynamoDB's own JSON. The client's events put the request's bytes on the wire and a parser
of our own takes the answer's off it, so that no attribute value is turned into Python objects on the way; endpoints,
credentials, signing and retries stay boto3's.
"""

import io
import os
import socket
import time
from binascii import crc32
from collections.abc import Mapping
from http.client import HTTPResponse
from typing import Any

import boto3
import botocore.session
import msgspec
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.model import OperationModel, StructureShape

from chalicelib.errors import UNREADABLE

# API Gateway hangs up after 29 seconds and Lambda stops the function then too. What DynamoDB answers counts until 26:
# the last attempt may have spent `CONNECT_TIMEOUT` twice, on the connection and on sending the request.
DEADLINE = 26.0
# DynamoDB accepts a connection, and a request, in milliseconds or something is wrong with the network.
CONNECT_TIMEOUT = 1.0
# DynamoDB gives up on a request after 5 seconds itself; one more for a full page on the way.
ATTEMPT_TIMEOUT = 6.0
# Three attempts fit the deadline with the longest backoff the standard retry mode takes between them.
ATTEMPTS = 3

clock = time.monotonic


def call(action: str, parameters: dict[str, Any], within: float = DEADLINE) -> dict[str, Any]:
    """Call a DynamoDB action, for so many seconds at most; parameters and answer are in DynamoDB's own JSON.

    The answer's `ResponseMetadata` holds `RequestId`, `HTTPStatusCode` and `RetryAttempts`. Raises botocore's
    `ClientError` where DynamoDB refused, or answered what is not its JSON, and `HTTPClientError` where it did not.
    """
    method = getattr(client, _METHODS[action])
    answer: dict[str, Any] = method(
        **_endpoint_parameters(parameters), Body=msgspec.json.encode(parameters), Deadline=clock() + within
    )
    if "Error" in answer:
        raise ClientError(answer, action)
    return answer


def _endpoint_parameters(parameters: dict[str, Any]) -> dict[str, Any]:
    """What the SDK's endpoint rules look at: the names of the tables."""
    if "TableName" in parameters:
        return {"TableName": parameters["TableName"]}
    if "RequestItems" in parameters:
        return {"RequestItems": {table: {} for table in parameters["RequestItems"]}}
    return {
        "TransactItems": [
            {kind: {"TableName": action["TableName"]} for kind, action in item.items()}
            for item in parameters["TransactItems"]
        ]
    }


def action_model(action: str) -> OperationModel:
    """DynamoDB's service model of one action."""
    return client.meta.service_model.operation_model(action)


def error_shape(code: str) -> StructureShape | None:
    """DynamoDB's service model of an error, or None for one that it does not model."""
    shape: StructureShape | None = client.meta.service_model.shape_for_error_code(code)
    return shape


def make_client() -> BaseClient:
    """Make the client. The SDK's own environment variables keep their meaning, `AWS_REGION` among them."""
    session = botocore.session.get_session()
    session.register_component("response_parser_factory", WireParserFactory())
    if region := os.environ.get("AWS_REGION"):
        session.set_config_variable("region", region)
    if session.get_config_variable("max_attempts") is None:
        session.set_config_variable("max_attempts", ATTEMPTS)
    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=ATTEMPT_TIMEOUT,
        parameter_validation=False,
        # `chalice local` answers many clients at once; Lambda uses one connection.
        max_pool_connections=64,
    )
    made = boto3.Session(botocore_session=session).client("dynamodb", config=config)
    http = made._endpoint.http_session
    pools = http._pool_classes_by_scheme
    pools.update({scheme: _bounded(pool) for scheme, pool in pools.items()})

    def send(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        return _send(http, request)

    made.meta.events.register("provide-client-params.dynamodb", _keep_body)
    made.meta.events.register("before-call.dynamodb", _put_body)
    made.meta.events.register("before-send.dynamodb", send)
    made.meta.events.register_first("needs-retry.dynamodb", _stop_at_deadline)
    return made


def _keep_body(params: dict[str, Any], context: dict[str, Any], **_: object) -> dict[str, Any]:
    context["body"] = params.pop("Body")
    context["deadline"] = params.pop("Deadline")
    return params


def _put_body(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    params["body"] = context["body"]


def _send(http: Any, request: AWSPreparedRequest) -> AWSResponse:
    """Send a request through botocore's HTTP session and take its answer, if that arrives whole and in time."""
    end = min(clock() + ATTEMPT_TIMEOUT, request.context["deadline"])
    request.context["read_timeout"] = max(end - clock(), 0.001)
    response = http.send(request)
    if not _intact(response.content, response.headers):
        raise ConnectionClosedError(endpoint_url=request.url, error="the answer arrived damaged")
    return response


class BoundedReader(io.RawIOBase):
    """Reads a socket within its timeout, however slowly the bytes trickle; a socket itself begins it anew at each."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._end = clock() + (sock.gettimeout() or 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(max(self._end - clock(), 0.001))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class BoundedResponse(HTTPResponse):
    """An answer whose head and body together take no longer than the socket's timeout."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(BoundedReader(sock))


def _bounded(pool: type) -> type:
    """The kind of connection pool whose answers are bounded."""
    connection: type = pool.ConnectionCls  # type: ignore[attr-defined]
    bounded = type("BoundedConnection", (connection,), {"response_class": BoundedResponse})
    return type("BoundedPool", (pool,), {"ConnectionCls": bounded})


def _intact(body: bytes, headers: Mapping[str, str]) -> bool:
    """Tell whether an answer is as long as it said, with the checksum that DynamoDB sends along."""
    length, checksum = headers.get("Content-Length"), headers.get("x-amz-crc32")
    if length is None and "Transfer-Encoding" not in headers:
        return False
    return length in (None, str(len(body))) and (checksum is None or checksum == str(crc32(body)))


def _stop_at_deadline(attempts: int, request_dict: dict[str, Any], **_: object) -> bool | None:
    """Forbid the retry that could not finish in time, with the longest backoff of the standard retry mode before it."""
    longest_backoff = min(2 ** (attempts - 1), 20) + 5
    return False if clock() + longest_backoff > request_dict["context"]["deadline"] else None


class WireParser:
    """Parses an answer to `call`'s shape; stands in for botocore's JSON parser, which walks the shapes."""

    def parse(self, response: dict[str, Any], shape: object) -> dict[str, Any]:
        status, headers, body = response["status_code"], response["headers"], response["body"]
        answer = _read_object(body)
        if answer is None or (status >= 300 and "__type" not in answer):
            kind = headers.get("Content-Type", "of no type")
            answer = {"__type": UNREADABLE, "message": f"HTTP {status}, {kind}, {len(body)} bytes"}
        if "__type" in answer:
            answer["Error"] = {
                # "com.amazonaws.dynamodb.v20120810#ValidationException"
                "Code": str(answer.pop("__type")).rpartition("#")[2],
                "Message": str(answer.pop("message", answer.pop("Message", ""))),
            }
        answer["ResponseMetadata"] = {"RequestId": headers.get("x-amzn-requestid"), "HTTPStatusCode": status}
        return answer


def _read_object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


class WireParserFactory:
    def create_parser(self, protocol_name: str) -> WireParser:
        return WireParser()


client = make_client()

_METHODS = {action: method for method, action in client.meta.method_to_api_mapping.items()}
