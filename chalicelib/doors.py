"""The two doors of the one Lambda function: API Gateway's HTTP event, and the bare request object as the event."""

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from time import perf_counter
from typing import Any, cast
from uuid import uuid4

from chalice.app import Chalice, HeadersType, Request, Response

from chalicelib.dynamodb import DynamoDB
from chalicelib.errors import RETRY_AFTER, ApiError, bad_request, too_large
from chalicelib.gateway import Answer, answer, failure
from chalicelib.health import HEALTH
from chalicelib.log import configure_log, log_request
from chalicelib.settings import Settings

# Bytes. Lambda's quota for the response of a synchronous invocation, as its own error message states it.
MAX_RESPONSE = 6_291_556
# No byte of an answer takes more on its way, with escapes and spaces: the fast way out for what cannot be too large.
GROWTH = 6
# Bytes. Room for the status and the headers around an HTTP body.
ENVELOPE = 1024
# Lambda's Python runtimes up to 3.11 write a response in ASCII, with escapes; those from 3.12 on write UTF-8.
ESCAPES_UNICODE = sys.version_info < (3, 12)


class Gateway(Chalice):
    """A Chalice app whose Lambda function also answers the bare request object."""

    def __init__(self, app_name: str, settings: Settings, dynamodb: DynamoDB) -> None:
        super().__init__(app_name, configure_logs=False)
        self.settings = settings
        self.dynamodb = dynamodb
        configure_log(self.log, settings.log_level)
        self.register_middleware(self._log_http, "http")

    def __call__(self, event: Any, context: Any) -> Any:
        if isinstance(event, dict) and "requestContext" in event and "operation" not in event:
            return super().__call__(event, context)
        return self.answer_event(event, context)

    def answer_http(self) -> Response:
        """Answer the current HTTP request; an error is an answer, in Chalice's own shape."""
        request = self.current_request
        assert request is not None
        answered = answer(
            cast(bytes, request.raw_body), self.settings, self.dynamodb, request_id(request.lambda_context)
        )
        return AnswerResponse(_fitting(answered, _size_in_http))

    def answer_event(self, event: Any, context: Any) -> Any:
        """Answer a request object that is the event itself.

        Raises an error under its own name, so that `errorType` and `errorMessage` are what HTTP has as code and
        message.
        """
        started, id_ = perf_counter(), request_id(context)
        try:
            answered = _fitting(answer(_event_body(event), self.settings, self.dynamodb, id_), _size_as_result)
        except ApiError as error:
            answered = failure(error, {})
        log_request(self.log, id_, answered.status, started, answered.record)
        if answered.error:
            raise type(answered.error.code, (Exception,), {})(answered.error.message)
        return _result(answered.body)

    def _log_http(self, request: Request, get_response: Callable[[Request], Response]) -> Response:
        started = perf_counter()
        response = get_response(request)
        # Chalice's own answers, to another method or content type, have no record.
        record = getattr(response, "record", {})
        # Health checkers outnumber callers by night, and would hide them in every average.
        metered = request.path != HEALTH
        log_request(self.log, request_id(request.lambda_context), response.status_code, started, record, metered)
        return response


class AnswerResponse(Response):
    """An answer as Chalice's HTTP response; keeps what the log says of it."""

    def __init__(self, answered: Answer) -> None:
        headers: HeadersType = {"Content-Type": "application/json"}
        if answered.status in RETRY_AFTER:
            headers["Retry-After"] = str(RETRY_AFTER[answered.status])
        super().__init__(answered.body.decode(), headers, answered.status)
        self.record = answered.record


def request_id(context: Any) -> str:
    """The id of the Lambda invocation; an id of our own where a test passes no context."""
    return getattr(context, "aws_request_id", None) or str(uuid4())


def _fitting(answered: Answer, size_of: Callable[[bytes], int]) -> Answer:
    """Return the answer, or the error that it is larger than Lambda carries."""
    size = size_of(answered.body)
    return answered if size <= MAX_RESPONSE else failure(too_large(size, MAX_RESPONSE), answered.record)


def _size_in_http(body: bytes) -> int:
    """Count the bytes of a body as Lambda does: as a JSON string inside the response's JSON."""
    if len(body) * GROWTH + ENVELOPE <= MAX_RESPONSE:
        return len(body)
    return _size(body.decode()) + ENVELOPE


def _size_as_result(body: bytes) -> int:
    """Count the bytes of a result as Lambda does: as the JSON that its runtime writes, spaces and all."""
    if len(body) * GROWTH <= MAX_RESPONSE:
        return len(body)
    return _size(_result(body))


def _size(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=ESCAPES_UNICODE, default=str).encode())


def _result(body: bytes) -> Any:
    return json.loads(body, parse_float=_exact_number)


def _event_body(event: Any) -> bytes:
    """Write the event back as JSON text.

    Raises `ApiError` 400 for a fraction that reads as more than 15 digits: Lambda has parsed it as a binary float by
    now, and no more than 15 are sure to have survived that. A longer one that reads as fewer can't be told any more.
    """
    try:
        text = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        json.loads(text, parse_float=_refuse_rounded)
        return text.encode(errors="surrogatepass")
    except RecursionError:
        raise bad_request("The event is nested too deeply.") from None


def _refuse_rounded(text: str) -> None:
    if len(Decimal(text).normalize().as_tuple().digits) > 15:
        raise bad_request(
            f"Lambda reads the number {text} of an event as a binary float, which may have changed it; "
            'write what needs more than 15 digits as text, {"N": "…"} with "format": "dynamodb-json".'
        )


def _exact_number(text: str) -> float | Decimal:
    """A float where it says just what the text says; Lambda's runtime writes a Decimal with every digit too."""
    number = float(text)
    return number if Decimal(repr(number)) == Decimal(text) else Decimal(text)
