"""What can go wrong, and the status, code and message it answers with."""

from collections.abc import Collection, Mapping
from typing import Any

from botocore.exceptions import (
    ClientError,
    ConnectionError,
    HTTPClientError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)

# The error code that the adapter gives an answer which is not DynamoDB's JSON: a proxy's page, an empty body.
UNREADABLE = "UnreadableAnswer"

# Throttling and outages outlive the SDK's own backoff, and a shorter wait would only add load.
RETRY_AFTER_SECONDS = {429: 1, 503: 2}

STATUS_BY_CODE = {
    "AccessDeniedException": 403,
    "ResourceNotFoundException": 404,
    "ConditionalCheckFailedException": 409,
    "TransactionCanceledException": 409,
    "TransactionConflictException": 409,
    "TransactionInProgressException": 409,
    "IdempotentParameterMismatchException": 409,
    "ReplicatedWriteConflictException": 409,
    "ProvisionedThroughputExceededException": 429,
    "ThrottlingException": 429,
    "RequestLimitExceeded": 429,
    # The caller is not to blame for the credentials the gateway signs with.
    "ExpiredTokenException": 500,
    "IncompleteSignature": 500,
    "IncompleteSignatureException": 500,
    "InvalidSignatureException": 500,
    "MissingAuthenticationTokenException": 500,
    "OptInRequired": 500,
    "RequestExpired": 500,
    "UnrecognizedClientException": 500,
    "InternalServerError": 503,
    "ServiceUnavailable": 503,
}


class ApiError(Exception):
    """An answer other than 200: HTTP `status`, error `code`, `message`, and what DynamoDB added to its own error.

    `unquoted` is the message without the caller's own words, for an error that Lambda writes to the log.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        unquoted: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.unquoted = message if unquoted is None else unquoted
        self.details = details or {}


def clipped(words: object) -> str:
    """A caller's own words, cut where an error message has said enough."""
    text = str(words)
    return text if len(text) <= 200 else f"{text[:200]}…"


def bad_request(message: str, *words: object) -> ApiError:
    """Every `%s` of the message stands for one of the caller's own words."""
    return _quoting(400, "BadRequestError", message, words)


def forbidden(message: str, *words: object) -> ApiError:
    """Every `%s` of the message stands for one of the caller's own words."""
    return _quoting(403, "ForbiddenError", message, words)


def _quoting(status: int, code: str, message: str, words: tuple[object, ...]) -> ApiError:
    if not words:
        return ApiError(status, code, message)
    return ApiError(status, code, message % tuple(map(clipped, words)), message % (("…",) * len(words)))


def request_too_large(size: int, limit: int, subject: str = "The request") -> ApiError:
    message = f"{subject} takes {size:,} bytes, and the limit is {limit:,}. Send less in one request."
    return ApiError(413, "RequestTooLargeError", message)


def answer_too_large(size: int, limit: int) -> ApiError:
    return ApiError(
        413,
        "AnswerTooLargeError",
        f"The answer takes {size:,} bytes, and Lambda carries {limit:,}. Ask for less: a smaller Limit or fewer keys, "
        "and a ProjectionExpression that names the attributes you need.",
    )


def internal(request_id: str) -> ApiError:
    return ApiError(
        500, "InternalServerError", f"The gateway failed. Its operator finds the cause under request id {request_id}."
    )


def unavailable(repeatable: bool = True) -> ApiError:
    """DynamoDB was not reached, or it failed; then a write that is not `repeatable` may have been applied."""
    message = (
        "DynamoDB cannot be reached at the moment. Try again shortly." if repeatable else f"DynamoDB failed. {_LOST}"
    )
    return ApiError(503, "ServiceUnavailableError", message)


def timed_out(repeatable: bool = True) -> ApiError:
    message = "DynamoDB did not answer in time. "
    return ApiError(504, "GatewayTimeoutError", message + ("Try again shortly." if repeatable else _LOST))


_LOST = "The write may or may not have been applied: read before you repeat it."


def no_time_left() -> ApiError:
    message = "No time was left to call DynamoDB, and nothing was sent to it. Send a smaller request."
    return ApiError(504, "GatewayTimeoutError", message)


def from_network(error: ConnectionError | HTTPClientError, repeatable: bool = True) -> ApiError:
    """The answer for a call that DynamoDB never answered, after the retries.

    `repeatable` tells that the caller may repeat the request without another thought.
    """
    if isinstance(error, ReadTimeoutError):
        return timed_out(repeatable)
    return unavailable(repeatable or not may_be_sent(error))


def may_be_sent(error: Exception) -> bool:
    """Tell whether a request that ended in this error of the SDK may have reached DynamoDB."""
    # Behind a proxy, the SDK raises the last two for a connection that fails later, too.
    return not isinstance(error, ConnectionError) or isinstance(error, (SSLError, ProxyConnectionError))


def from_dynamodb(error: ClientError, request_id: str, hint: str = "", repeatable: bool = True) -> ApiError:
    """The answer for DynamoDB's refusal; the codes are those of its API reference, "Common errors" included.

    `hint` follows DynamoDB's own message. `repeatable` is as in `from_network`.
    """
    response: Mapping[str, Any] = error.response
    code, message = response["Error"]["Code"], response["Error"]["Message"]
    http_status = response["ResponseMetadata"]["HTTPStatusCode"]
    status = STATUS_BY_CODE.get(code, 400 if 400 <= http_status < 500 else 503)
    if code == UNREADABLE:
        return unavailable(repeatable)
    if status == 500:
        return internal(request_id)
    if status == 403:
        # DynamoDB's message names the role and the account.
        message = "The gateway's role may not do this on this table. Its operator can widen the stage's policy."
        return ApiError(status, code, message)
    if status == 503:
        return ApiError(status, code, unavailable(repeatable).message)
    details = {name: value for name, value in response.items() if name not in ("Error", "ResponseMetadata")}
    refused = f"DynamoDB refused {error.operation_name}: {code}."
    return ApiError(status, code, (message or refused) + hint, refused, details)


def hint(error: ClientError, tables: Collection[str], format: str) -> str:
    """Return what a caller may have got wrong, to follow DynamoDB's own message."""
    code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
    if code == "ResourceNotFoundException" and tables and not any(table in message for table in tables):
        return f": {' or '.join(map(clipped, sorted(tables)))}"
    if format == "json" and "schema" in message and "match" in message:
        return '. If values are written as {"S": "text"}, send "format": "dynamodb-json".'
    return ""
