"""The two entry points of the one Lambda function: API Gateway's HTTP event, and the raw request object as event."""

import json
import os
import sys
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from time import perf_counter
from typing import Any, cast
from uuid import uuid4

from chalice.app import Chalice, HeadersType, Request, Response

from chalicelib.access.caller import INVOKE, Caller, caller_in_header, caller_of
from chalicelib.access.declared_keys import DeclaredKeys
from chalicelib.access.rules import stage_rules
from chalicelib.dynamodb import DEADLINE_SECONDS, DynamoDB
from chalicelib.errors import RETRY_AFTER_SECONDS, answer_too_large, bad_request
from chalicelib.gateway import Answer, Call, Stage, answer, failure
from chalicelib.health import HEALTH
from chalicelib.log import configure_log, log_request
from chalicelib.request import RawRequest, read_body, read_event
from chalicelib.settings import Settings

# Lambda's quota for the response of a synchronous invocation, as its own error message states it.
MAX_RESPONSE_BYTES = 6_291_556
# No byte of an answer takes more bytes in Lambda's response, escapes and spaces included.
MAX_BYTES_PER_BYTE = 6
# Room for the status and the headers around an HTTP body.
ENVELOPE_BYTES = 1024
# Lambda's Python runtimes up to 3.11 write a response in ASCII, with escapes; those from 3.12 on write UTF-8.
ESCAPES_UNICODE = sys.version_info < (3, 12)
# The end of an invocation is not DynamoDB's: the last attempt may take longer to connect than planned, and the answer
# has to be formatted.
RESERVED_SECONDS = 3.0
MEDIA_TYPE = "application/json"


class DynamoDBManager(Chalice):
    """A Chalice app whose Lambda function also answers the raw request object."""

    def __init__(self, app_name: str, settings: Settings, dynamodb: DynamoDB) -> None:
        super().__init__(app_name, configure_logs=False)
        self.stage = Stage(settings, dynamodb, stage_rules(settings.access_rules), DeclaredKeys())
        configure_log(self.log, settings.log_level)
        # A developer's machine with AUTH=none has no other callers.
        has_callers = settings.auth != "none" or "AWS_LAMBDA_FUNCTION_NAME" in os.environ
        if settings.auth != "iam" and has_callers and not settings.access_rules:
            self.log.warning("ACCESS_RULES is not set: every caller may do whatever this stage allows.")
        self.register_middleware(self._finish_http, "http")

    def __call__(self, event: Any, context: Any) -> Any:
        if isinstance(event, dict) and "requestContext" in event and "operation" not in event:
            return self._answer_http_event(event, context)
        return self.answer_event(event, context)

    def answer_http(self) -> Response:
        """Answer the current HTTP request; an error is an answer, in Chalice's own shape."""
        request = self.current_request
        assert request is not None
        if not _is_json(request.headers.get("Content-Type", "")):
            return Response({"Code": "UnsupportedMediaType"}, status_code=415)
        call = _call(request.context, request.lambda_context, partial(_http_caller, request, self.stage.settings))
        answered = answer(partial(_read_http, request), call, self.stage)
        return AnswerResponse(_fitting(answered, _size_in_http(answered.body), call), call.request_id)

    def answer_event(self, event: Any, context: Any) -> Any:
        """Answer a request object that is the event itself.

        Raises an error under its own name, so that `errorType` and `errorMessage` are what HTTP has as code and
        message. Lambda writes the message to the log, so that it quotes nothing of an item.
        """
        started, call = perf_counter(), _call({}, context, lambda: INVOKE)
        answered = answer(partial(read_event, event), call, self.stage)
        echoed = answered.error is None and event["operation"] == "echo"
        result = event.get("payload") if echoed else _parsed(answered.body)
        answered = _fitting(answered, _size_as_result(result, answered.body), call)
        log_request(self.log, call.request_id, call.request_id, answered.status, started, answered.log_fields)
        if answered.error:
            message = f"{answered.error.unquoted} (request id {call.request_id})"
            raise type(answered.error.code, (Exception,), {})(message)
        return result

    def _answer_http_event(self, event: dict[str, Any], context: Any) -> Any:
        request_context = event["requestContext"]
        known = isinstance(request_context, dict) and request_context.get("resourcePath") in self.routes
        if not known or not isinstance(request_context.get("httpMethod"), str):
            error = bad_request(
                "The event is neither a request object nor a request to this API in the format of a REST API, which is "
                "format 1.0 of an HTTP API."
            )
            call = _call({}, context)
            answered = failure(error, {}, call.request_id)
            log_request(self.log, call.request_id, call.request_id, 400, perf_counter(), answered.log_fields)
            response = AnswerResponse(answered, call.request_id)
            response.headers["X-Request-Id"] = call.request_id
            return response.to_dict()
        return super().__call__({**_HTTP_EVENT_DEFAULTS, **event, "headers": event.get("headers") or {}}, context)

    def _finish_http(self, request: Request, get_response: Callable[[Request], Response]) -> Response:
        """Give every answer the request's id, and log it."""
        started = perf_counter()
        response = get_response(request)
        request_id = getattr(response, "request_id", None) or _request_id(request.context, request.lambda_context)
        response.headers["X-Request-Id"] = request_id
        # Chalice's own answers, such as those to another method, come without log fields.
        log_fields = getattr(response, "log_fields", {})
        if isinstance(response.body, dict) and "Code" in response.body:
            if response.status_code == 415:
                response.body["Message"] = f"Send the header Content-Type: {MEDIA_TYPE} and one JSON object."
            response.body["RequestId"] = request_id
            response.headers.setdefault("Content-Type", MEDIA_TYPE)
            log_fields = {"code": response.body["Code"]}
        # Health checkers outnumber callers by night, and would hide them in every average.
        metered = request.path != HEALTH
        lambda_id = getattr(request.lambda_context, "aws_request_id", request_id)
        log_request(self.log, request_id, lambda_id, response.status_code, started, log_fields, metered)
        return response


class AnswerResponse(Response):
    """An answer as Chalice's HTTP response; keeps the request's id and what the log says of it."""

    def __init__(self, answered: Answer, request_id: str) -> None:
        headers: HeadersType = {"Content-Type": MEDIA_TYPE}
        if answered.status in RETRY_AFTER_SECONDS:
            headers["Retry-After"] = str(RETRY_AFTER_SECONDS[answered.status])
        super().__init__(answered.body.decode(), headers, answered.status)
        self.log_fields = answered.log_fields
        self.request_id = request_id


# What API Gateway always sends and Chalice reads without asking.
_HTTP_EVENT_DEFAULTS: dict[str, Any] = {
    "multiValueQueryStringParameters": None,
    "pathParameters": None,
    "stageVariables": None,
    "body": None,
    "isBase64Encoded": False,
}


def _http_caller(request: Request, settings: Settings) -> Caller | None:
    """Return who calls over HTTP, as API Gateway knows it. On a developer's machine a header may say it."""
    if settings.trust_caller_header:
        return caller_in_header(request.headers.get("X-Caller"))
    return caller_of(settings.auth, request.context)


def _call(request_context: Mapping[str, Any], context: Any, caller: Callable[[], Caller | None] = lambda: None) -> Call:
    """Return the id, the time and the caller of a request."""
    started = perf_counter()

    def seconds_left() -> float:
        if hasattr(context, "get_remaining_time_in_millis"):
            left = float(context.get_remaining_time_in_millis()) / 1000 - RESERVED_SECONDS
        else:
            left = DEADLINE_SECONDS - (perf_counter() - started)
        return min(left, DEADLINE_SECONDS)

    return Call(_request_id(request_context, context), seconds_left, caller)


def _request_id(request_context: Mapping[str, Any], context: Any) -> str:
    """Return API Gateway's id over HTTP and Lambda's for an event; a random one where a test passes none."""
    return request_context.get("requestId") or getattr(context, "aws_request_id", None) or str(uuid4())


def _is_json(content_type: str) -> bool:
    """Tell whether the media type is JSON, with or without parameters.

    Chalice accepts lists such as `text/plain;application/json`, which a browser sends to other sites without asking.
    """
    media_type, _, parameters = content_type.partition(";")
    return media_type.strip().lower() == MEDIA_TYPE and all("=" in each for each in parameters.split(";") if each)


def _read_http(request: Request) -> RawRequest:
    try:
        body = cast(bytes, request.raw_body)
    except (ValueError, TypeError):
        raise bad_request("The body of the event is not the base64 text that it should be.") from None
    return read_body(body or b"")


def _fitting(answered: Answer, size: int, call: Call) -> Answer:
    """Return the answer, or the error that it is larger than Lambda carries."""
    if size <= MAX_RESPONSE_BYTES:
        return answered
    return failure(answer_too_large(size, MAX_RESPONSE_BYTES), answered.log_fields, call.request_id)


def _size_in_http(body: bytes) -> int:
    """Count the bytes of a body as Lambda does: as a JSON string inside the response's JSON."""
    if _fits_certainly(body):
        return len(body)
    return _size(body.decode()) + ENVELOPE_BYTES


def _size_as_result(result: Any, body: bytes) -> int:
    """Count the bytes of a result, of which `body` is the JSON, as Lambda does: as its runtime writes it."""
    return len(body) if _fits_certainly(body) else _size(result)


def _fits_certainly(body: bytes) -> bool:
    return len(body) * MAX_BYTES_PER_BYTE + ENVELOPE_BYTES <= MAX_RESPONSE_BYTES


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=ESCAPES_UNICODE, default=str).encode())


def _parsed(body: bytes) -> Any:
    return json.loads(body, parse_float=_exact_number)


def _exact_number(text: str) -> float | Decimal:
    """Return a float where it says just what the text says; Lambda's runtime writes a Decimal with every digit too."""
    number = float(text)
    return number if Decimal(repr(number)) == Decimal(text) else Decimal(text)
