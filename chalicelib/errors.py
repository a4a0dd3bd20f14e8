"""What can go wrong, and the status, code and message it answers with."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError, HTTPClientError, ReadTimeoutError

# The error code that the adapter gives an answer which is not DynamoDB's JSON: a proxy's page, an empty body.
UNREADABLE = "UnreadableAnswer"

# Seconds. Throttling and outages outlive the SDK's own backoff, and a shorter wait would only add load.
RETRY_AFTER = {429: 1, 503: 2}

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
    """An answer other than 200: HTTP `status`, error `code`, and what DynamoDB added to its own error."""

    def __init__(self, status: int, code: str, message: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.details = details or {}


def clipped(words: object) -> str:
    """A caller's own words, cut where an error message has said enough."""
    text = str(words)
    return text if len(text) <= 200 else f"{text[:200]}…"


def bad_request(message: str) -> ApiError:
    return ApiError(400, "BadRequestError", message)


def forbidden(message: str) -> ApiError:
    return ApiError(403, "ForbiddenError", message)


def too_large(size: int, limit: int) -> ApiError:
    return ApiError(
        413,
        "PayloadTooLargeError",
        f"The answer takes {size:,} bytes and Lambda carries {limit:,}. Ask for less: a smaller Limit or fewer keys, "
        "and a ProjectionExpression that names the attributes you need.",
    )


def internal(request_id: str) -> ApiError:
    return ApiError(
        500, "InternalServerError", f"The gateway failed. Its operator finds the cause under request id {request_id}."
    )


def unavailable() -> ApiError:
    return ApiError(503, "ServiceUnavailableError", "DynamoDB cannot be reached at the moment. Try again shortly.")


def timed_out() -> ApiError:
    return ApiError(
        504,
        "GatewayTimeoutError",
        "DynamoDB did not answer in time. A write may or may not have been applied: read before you repeat it.",
    )


def from_network(error: HTTPClientError) -> ApiError:
    """The answer for a call that DynamoDB never answered, after the SDK's retries."""
    return timed_out() if isinstance(error, ReadTimeoutError) else unavailable()


def from_dynamodb(error: ClientError, request_id: str) -> ApiError:
    """The answer for DynamoDB's refusal; the codes are those of its API reference, "Common errors" included."""
    response: Mapping[str, Any] = error.response
    code, message = response["Error"]["Code"], response["Error"]["Message"]
    http_status = response["ResponseMetadata"]["HTTPStatusCode"]
    status = STATUS_BY_CODE.get(code, 400 if 400 <= http_status < 500 else 503)
    if code == UNREADABLE:
        return unavailable()
    if status == 500:
        return internal(request_id)
    if status == 403:
        # DynamoDB's message names the role and the account.
        message = "The gateway's role may not do this on this table. Its operator can widen the stage's policy."
    if status == 503:
        return ApiError(status, code, unavailable().message)
    details = {name: value for name, value in response.items() if name not in ("Error", "ResponseMetadata")}
    return ApiError(status, code, message or f"DynamoDB refused the request: {code}.", details)
