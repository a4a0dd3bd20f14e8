"""The DynamoDB adapter: one boto3 client and `call`.

Requests and answers pass in DynamoDB's own JSON. The client's events put the request's bytes on the wire and a parser
of our own takes the answer's off it, so that no attribute value is turned into Python objects on the way; endpoints,
credentials, signing and retries stay boto3's.
"""

import os
import time
from collections.abc import Collection
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore.session
import msgspec
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.errors import UNREADABLE
from chalicelib.service_model import action_model, loader
from chalicelib.transport import Transport

# API Gateway hangs up after 29 seconds and Lambda stops the function then too. What DynamoDB answers counts until 26:
# the last attempt may have spent `CONNECT_TIMEOUT_SECONDS` on each address of the endpoint.
DEADLINE_SECONDS = 26.0
# DynamoDB accepts a connection in milliseconds or something is wrong with the network.
CONNECT_TIMEOUT_SECONDS = 1.0
# DynamoDB gives up on a request after 5 seconds itself; one more for a full page on the way.
ATTEMPT_TIMEOUT_SECONDS = 6.0
# Three attempts fit the deadline with the longest backoff the standard retry mode takes between them.
ATTEMPTS = 3

clock = time.monotonic


class DynamoDB:
    """One boto3 client with its connections, and `call`. The SDK's own environment variables keep their meaning."""

    def __init__(self, endpoint_url: str | None = None) -> None:
        client = make_client(endpoint_url)
        self._methods: dict[str, Any] = {
            action: getattr(client, method) for method, action in client.meta.method_to_api_mapping.items()
        }

    def call(
        self,
        action: str,
        body: bytes,
        tables: Collection[str] = (),
        *,
        within: float = DEADLINE_SECONDS,
        repeatable: bool,
    ) -> dict[str, Any]:
        """Call a DynamoDB action, for so many seconds at most.

        `body` is the request in DynamoDB's own JSON, `tables` the names or ARNs of the tables that it touches, and
        `repeatable` tells that it may be sent again after its answer was lost.

        Returns the members of the answer as JSON text (`msgspec.Raw`), and `ResponseMetadata` with `RequestId`,
        `HTTPStatusCode` and `RetryAttempts`. Raises botocore's `ClientError` where DynamoDB refused or answered what is
        not its JSON, and `HTTPClientError` or `ConnectionError` where no answer came.
        """
        endpoint = _endpoint_parameters(action, tables)
        answer: dict[str, Any] = self._methods[action](**endpoint, Body=body, Deadline=clock() + within)
        if "Error" in answer:
            raise ClientError(answer, action)
        return answer


def _endpoint_parameters(action: str, tables: Collection[str]) -> dict[str, Any]:
    """Return what the SDK's endpoint rules look at: they take the account from the first table that is an ARN."""
    members = action_model(action).input_shape.members
    first = [min(tables)] if tables else []
    if "TableName" in members:
        return {"TableName": first[0]} if first else {}
    if "RequestItems" in members:
        return {"RequestItems": {table: {} for table in first}}
    if "TransactItems" in members:
        kind = "Get" if action == "TransactGetItems" else "Put"
        return {"TransactItems": [{kind: {"TableName": table}} for table in first]}
    return {}


def make_client(endpoint_url: str | None) -> BaseClient:
    """Make the client. The SDK's own environment variables keep their meaning, `AWS_REGION` among them."""
    session = botocore.session.get_session()
    session.register_component("data_loader", loader)
    session.register_component("response_parser_factory", WireParserFactory())
    if region := os.environ.get("AWS_REGION"):
        session.set_config_variable("region", region)
    if session.get_config_variable("max_attempts") is None:
        session.set_config_variable("max_attempts", ATTEMPTS)
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=ATTEMPT_TIMEOUT_SECONDS,
        parameter_validation=False,
        # The SDK would put its own together twice for every call, a tenth of the call's time.
        user_agent=session.user_agent(),
        # `chalice local` answers many clients at once; Lambda uses one connection.
        max_pool_connections=64,
    )
    made = boto3.Session(botocore_session=session).client("dynamodb", endpoint_url=endpoint_url, config=config)
    transport = Transport(made._endpoint.http_session, ATTEMPT_TIMEOUT_SECONDS)
    made.meta.events.register("provide-client-params.dynamodb", _keep_body)
    made.meta.events.register("before-call.dynamodb", _put_body)
    made.meta.events.register("before-send.dynamodb", transport.send)
    made.meta.events.register_first("needs-retry.dynamodb", _stop_at_deadline)
    return made


def _keep_body(params: dict[str, Any], context: dict[str, Any], **_: object) -> dict[str, Any]:
    context["body"] = params.pop("Body")
    context["deadline"] = params.pop("Deadline")
    return params


def _put_body(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    params["body"] = context["body"]
    params["headers"]["Host"] = urlsplit(params["url"]).netloc
    # With the hash at hand the signer does not prepare the request a second time.
    params["headers"]["X-Amz-Content-SHA256"] = sha256(context["body"]).hexdigest()


def _stop_at_deadline(attempts: int, request_dict: dict[str, Any], **_: object) -> bool | None:
    """Forbid the retry that could not finish in time, with the longest backoff of the standard retry mode before it."""
    longest_backoff = min(2 ** (attempts - 1), 20) + 5
    return False if clock() + longest_backoff > request_dict["context"]["deadline"] else None


class WireParser:
    """Parses an answer to `call`'s shape; stands in for botocore's JSON parser, which walks the shapes."""

    def parse(self, response: dict[str, Any], shape: object) -> dict[str, Any]:
        status, headers, body = response["status_code"], response["headers"], response["body"]
        answer: dict[str, Any] | None = _read_members(body)
        if answer is None or (status >= 300 and "__type" not in answer):
            kind = headers.get("Content-Type", "of no type")
            answer = {"Error": {"Code": UNREADABLE, "Message": f"HTTP {status}, {kind}, {len(body)} bytes"}}
        elif "__type" in answer:
            # "com.amazonaws.dynamodb.v20120810#ValidationException"
            code = str(_read(answer.pop("__type"))).rpartition("#")[2]
            message = answer.pop("message", answer.pop("Message", b'""'))
            answer["Error"] = {"Code": code, "Message": str(_read(message))}
        answer["ResponseMetadata"] = {"RequestId": headers.get("x-amzn-requestid"), "HTTPStatusCode": status}
        return answer


_read = msgspec.json.decode
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def _read_members(body: bytes) -> dict[str, Any] | None:
    try:
        # As text, because what stays unread must be UTF-8 too.
        return _MEMBERS.decode(body.decode())
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


class WireParserFactory:
    def create_parser(self, protocol_name: str) -> WireParser:
        return WireParser()
