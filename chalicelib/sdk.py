"""Every hook into botocore: how our DynamoDB client differs from a plain one.

Endpoints, credentials, signing, and which failure is tried again after which pause stay the SDK's. Through its events
these are ours:

- A call passes the request's bytes, and gets the members of the answer as JSON text. The SDK would turn every attribute
  value into Python objects.
- `before-call` sends the request over our own connections, and returns the answer. Behind an HTTP proxy it returns
  nothing, and the SDK sends the request itself.
- What the SDK prepares for an action before `before-call` is the same for every call, and is prepared once.
- A request that DynamoDB may have applied is tried again only where the caller of the adapter allows it. The SDK's own
  sender learns of that through `needs-retry`.
"""

import os
from binascii import crc32
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import boto3
import botocore.session
import msgspec
from botocore.awsrequest import AWSRequest
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import ConnectionError, HTTPClientError
from botocore.hooks import first_non_none_response
from botocore.model import OperationModel
from botocore.signers import RequestSigner
from botocore.utils import get_environ_proxies

from chalicelib.connections import CONNECT_TIMEOUT_SECONDS, MAX_IDLE_CONNECTIONS, Answer, Connections, Network
from chalicelib.errors import STATUS_BY_CODE, UNREADABLE, may_be_sent
from chalicelib.service_model import loader

# DynamoDB gives up on a request after 5 seconds itself; one more for a full page on the way.
ATTEMPT_TIMEOUT_SECONDS = 6.0
MAX_ATTEMPTS = 3


class Call(NamedTuple):
    """What the client is given in place of parameters.

    `deadline` is on the monotonic clock. `restate` may change an attempt's answer before it is decided whether there
    is another attempt. `names_arn` tells that the endpoint depends on a table's ARN.
    """

    body: bytes
    deadline: float
    repeatable: bool
    restate: Callable[[dict[str, Any]], None] | None
    names_arn: bool = False


class Client(NamedTuple):
    """The SDK's client, and what it has prepared already; None where it sends the requests itself."""

    sdk: BaseClient
    prepared: "Prepared | None"


def make_client(endpoint_url: str | None, network: Network) -> Client:
    """Make the client. The SDK's own environment variables keep their meaning, `AWS_REGION` among them."""
    session = botocore.session.get_session()
    session.register_component("data_loader", loader)
    session.register_component("response_parser_factory", AnswerParserFactory())
    if region := os.environ.get("AWS_REGION"):
        session.set_config_variable("region", region)
    if session.get_config_variable("max_attempts") is None:
        session.set_config_variable("max_attempts", MAX_ATTEMPTS)
    config = Config(
        connect_timeout=CONNECT_TIMEOUT_SECONDS,
        read_timeout=ATTEMPT_TIMEOUT_SECONDS,
        parameter_validation=False,
        # The SDK would put its own together twice for every call, a tenth of the call's time.
        user_agent=session.user_agent(),
        max_pool_connections=MAX_IDLE_CONNECTIONS,
    )
    client = boto3.Session(botocore_session=session).client("dynamodb", endpoint_url=endpoint_url, config=config)
    events = client.meta.events
    events.register("provide-client-params", _take_call)
    events.register_first("before-call", _put_body)
    if _is_proxied(client):
        events.register_first("needs-retry.dynamodb", _forbid_repetition)
        return Client(client, None)
    ca_bundle = session.get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
    # Last, so that the SDK's own handlers have added their headers.
    events.register_last("before-call", Sender(Connections(network, ca_bundle), events, network).send)
    prepared = Prepared(events)
    events.register_first("before-call", prepared.remember)
    return Client(client, prepared)


def _is_proxied(client: BaseClient) -> bool:
    """Tell whether an HTTP proxy stands between the client and its endpoint, as the SDK finds out too."""
    url = client.meta.endpoint_url
    return urlsplit(url).scheme in get_environ_proxies(url)


class Prepared:
    """Calls an action again from what the SDK has prepared for its first call: a fifth of the CPU of a small request.

    The endpoint rules look at the action and at the account in a table's ARN. A call that names an ARN is not
    remembered: callers may name as many accounts as they like.
    """

    def __init__(self, events: Any) -> None:
        self._events = events
        self._by_action: dict[str, tuple[OperationModel, dict[str, Any], RequestSigner, dict[str, Any]]] = {}

    def remember(
        self,
        model: OperationModel,
        params: dict[str, Any],
        request_signer: RequestSigner,
        context: dict[str, Any],
        **_: object,
    ) -> None:
        """Handle `before-call`, before every other handler."""
        if model.name not in self._by_action and not context["call"].names_arn:
            # Without the call, which holds the body of the request.
            kept = {name: value for name, value in context.items() if name != "call"}
            shared = {**params, "headers": dict(params["headers"]), "context": kept}
            self._by_action[model.name] = (model, shared, request_signer, kept)

    def call(self, action: str, call: Call) -> dict[str, Any] | None:
        """Return the answer to a call as the SDK's client does; None for an action that was not called yet."""
        if call.names_arn or action not in self._by_action:
            return None
        model, shared, signer, kept = self._by_action[action]
        context = {**kept, "call": call}
        params = {**shared, "headers": dict(shared["headers"]), "context": context}
        event = f"dynamodb.{action}"
        _, (response, answer) = self._events.emit_until_response(
            f"before-call.{event}", model=model, params=params, request_signer=signer, context=context
        )
        self._events.emit(f"after-call.{event}", http_response=response, parsed=answer, model=model, context=context)
        found: dict[str, Any] = answer
        return found


def _take_call(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    context["call"] = params.pop("Call")


def _put_body(params: dict[str, Any], context: dict[str, Any], **_: object) -> None:
    params["body"] = context["call"].body


def _forbid_repetition(
    response: tuple[Any, dict[str, Any]] | None,
    caught_exception: Exception | None,
    request_dict: dict[str, Any],
    **_: object,
) -> bool | None:
    """Handle `needs-retry` of the SDK's own sender; None leaves it to the other handlers."""
    call: Call = request_dict["context"]["call"]
    if response and call.restate:
        call.restate(response[1])
    return False if _is_final(response, caught_exception, call) else None


def _is_final(response: tuple[Any, dict[str, Any]] | None, error: Exception | None, call: Call) -> bool:
    """Tell whether a request must not be repeated: DynamoDB may have applied it, and would apply it twice."""
    applied = may_be_applied(response[1]) if response else error is not None and may_be_sent(error)
    return applied and not call.repeatable


def may_be_applied(answer: Mapping[str, Any]) -> bool:
    """Tell whether DynamoDB may have applied a request that was answered so: as with a fault of its own."""
    code = answer.get("Error", {}).get("Code")
    throttled = STATUS_BY_CODE.get(code) == 429
    return code == UNREADABLE or (answer["ResponseMetadata"]["HTTPStatusCode"] >= 500 and not throttled)


class Request(AWSRequest):  # type: ignore[misc]
    """A request to be signed. The SDK's own keeps its headers as those of an e-mail, and makes a copy for its body."""

    def __init__(self, params: dict[str, Any]) -> None:
        super().__init__(params["method"], params["url"], data=params["body"])
        self.headers = dict(params["headers"])
        self.context = params["context"]

    @property
    def body(self) -> bytes:
        body: bytes = self.data
        return body


class Sender:
    """Sends what botocore's `Endpoint` would send, with the same events around each attempt, and no more."""

    def __init__(self, connections: Connections, events: Any, network: Network) -> None:
        self._connections = connections
        self._events = events
        self._network = network
        self._parser = AnswerParser()

    def send(
        self,
        model: OperationModel,
        params: dict[str, Any],
        request_signer: RequestSigner,
        context: dict[str, Any],
        **_: object,
    ) -> tuple[Answer, dict[str, Any]]:
        """Handle `before-call`: send the request until an attempt succeeds, may not be repeated or time runs out."""
        call: Call = context["call"]
        params["headers"]["Host"] = urlsplit(params["url"]).netloc
        attempts = 1
        lost: Exception | None = None
        while True:
            outcome = self._attempt(model, params, request_signer, call)
            response, error = (None, outcome) if isinstance(outcome, Exception) else (outcome, None)
            if error and may_be_sent(error):
                lost = error
            pause = None if _is_final(response, error, call) else self._pause(model, params, attempts, response, error)
            if pause is None or self._network.monotonic() + pause >= call.deadline:
                break
            self._network.sleep(pause)
            attempts += 1
        if isinstance(outcome, Exception):
            # Whatever befell the last attempt, DynamoDB may have applied the one before.
            raise lost or outcome
        outcome[1]["ResponseMetadata"]["RetryAttempts"] = attempts - 1
        return outcome

    def _attempt(
        self, model: OperationModel, params: dict[str, Any], signer: RequestSigner, call: Call
    ) -> tuple[Answer, dict[str, Any]] | Exception:
        request = Request(params)
        signer.sign(model.name, request)
        headers = {**request.headers, "Content-Length": len(call.body), "Accept-Encoding": "identity"}
        try:
            self._emit("before-send", model, request=request)
            end = min(self._network.monotonic() + ATTEMPT_TIMEOUT_SECONDS, call.deadline)
            answer = self._connections.post(request.url, headers, call.body, end=end, fresh=not call.repeatable)
        except (ConnectionError, HTTPClientError) as error:
            failure: Exception = error
            return failure
        response = {"status_code": answer.status_code, "headers": answer.headers, "body": answer.content}
        parsed = self._parser.parse(response, None)
        if call.restate:
            call.restate(parsed)
        return answer, parsed

    def _pause(
        self,
        model: OperationModel,
        params: dict[str, Any],
        attempts: int,
        response: tuple[Answer, dict[str, Any]] | None,
        error: Exception | None,
    ) -> float | None:
        """Ask the SDK how long to wait until the next attempt; None where there is none."""
        pause = self._emit(
            "needs-retry",
            model,
            response=response,
            endpoint=None,
            operation=model,
            attempts=attempts,
            caught_exception=error,
            request_dict=params,
        )
        return None if pause is False else pause

    def _emit(self, event: str, model: OperationModel, **arguments: Any) -> Any:
        return first_non_none_response(self._events.emit(f"{event}.dynamodb.{model.name}", **arguments))


class AnswerParser:
    """Parses an answer to the shape that `DynamoDB.call` has; stands in for botocore's JSON parser."""

    def parse(self, response: dict[str, Any], shape: object) -> dict[str, Any]:
        status, headers, body = response["status_code"], response["headers"], response["body"]
        answer: dict[str, Any] | None = _read_members(body)
        if headers.get("x-amz-crc32") not in (None, str(crc32(body))):
            answer = None
        if answer is None or (status >= 300 and "__type" not in answer):
            kind = headers.get("content-type", "of no type")
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


class AnswerParserFactory:
    """Makes the parser, where botocore asks for one."""

    def create_parser(self, protocol_name: str) -> AnswerParser:
        return AnswerParser()
