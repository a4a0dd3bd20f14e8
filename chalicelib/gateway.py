"""The way of a request behind both entry points: parse, authorize, call, format."""

import traceback
from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any, NamedTuple

import msgspec
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.model import StructureShape

from chalicelib import errors
from chalicelib.dynamodb import DynamoDB
from chalicelib.errors import ApiError
from chalicelib.formats import DEFAULT_FORMAT, FORMATS
from chalicelib.log import ascii_only
from chalicelib.operations import OPERATIONS
from chalicelib.request import CheckedRequest, RawRequest, check_request
from chalicelib.service_model import action_model, error_shape
from chalicelib.settings import Settings
from chalicelib.shapes import Decode, decode_members, member_decoders
from chalicelib.tables import list_tables

# What the log keeps of the table. The ARN of a table is not longer.
MAX_LOGGED_TABLE_CHARACTERS = 1024

_to_json = msgspec.json.Encoder(decimal_format="number").encode


class Stage(NamedTuple):
    """What answers a stage's requests."""

    settings: Settings
    dynamodb: DynamoDB


class Call(NamedTuple):
    """What an entry point knows of a request besides its content: the id, and the seconds left for DynamoDB."""

    request_id: str
    seconds_left: Callable[[], float]


class Answer(NamedTuple):
    """What goes back to the caller, `body` being JSON, and what the log says of it, which holds nothing of an item."""

    body: bytes
    error: ApiError | None
    log_fields: dict[str, Any]

    @property
    def status(self) -> int:
        return self.error.status if self.error else 200


def answer(read: Callable[[], RawRequest], call: Call, stage: Stage) -> Answer:
    """Answer the request that `read` returns. Whatever goes wrong becomes an answer too."""
    log_fields: dict[str, Any] = {}
    format = DEFAULT_FORMAT
    request = None
    try:
        raw = read()
        format = raw.format
        log_fields |= _logged(raw)
        request = check_request(raw, stage.settings)
        log_fields["table"] = _logged_tables(request) or log_fields["table"]
        result = ask(request, call, stage, log_fields)
        return Answer(_to_json(in_format(request, result)), None, log_fields)
    except Exception as error:
        return failure(_as_api_error(error, request, call, log_fields), log_fields, call.request_id, format)


def ask(request: CheckedRequest, call: Call, stage: Stage, log_fields: dict[str, Any]) -> Any:
    """Return the result of an operation: DynamoDB's answer, or that of an operation which needs no DynamoDB."""
    action = request.operation.action
    if action is None:
        return _REPLIES[request.name](request)
    if request.name == "tables" and stage.settings.allowed_tables is not None:
        return list_tables(request.payload, stage.settings.allowed_tables)
    seconds_left = call.seconds_left()
    if seconds_left <= 0:
        raise errors.no_time_left()
    started = perf_counter()
    try:
        result = stage.dynamodb.call(
            action, request.body, request.tables, within=seconds_left, repeatable=request.repeatable
        )
    finally:
        log_fields["dynamodbMs"] = round((perf_counter() - started) * 1000, 1)
    _log_metadata(log_fields, result)
    if "ConsumedCapacity" in result:
        log_fields["capacityUnits"] = _capacity_units(msgspec.json.decode(result["ConsumedCapacity"]))
    return result


_REPLIES: dict[str, Callable[[CheckedRequest], Any]] = {
    "echo": lambda request: request.payload,
    "ping": lambda _: "pong",
}


def in_format(request: CheckedRequest, result: Any) -> Any:
    """Return a result with its attribute values in the request's format."""
    action = request.operation.action
    return _decoded(result, action_model(action).output_shape, request.format) if action else result


def failure(error: ApiError, log_fields: dict[str, Any], request_id: str, format: str = DEFAULT_FORMAT) -> Answer:
    """Make the answer of an error: Chalice's own error shape, with the request's id and DynamoDB's details."""
    log_fields["code"] = error.code
    shape = error_shape(error.code)
    known = shape.members if shape else {}
    details = _decoded({name: error.details[name] for name in known if name in error.details}, shape, format)
    result = {"Code": error.code, "Message": error.message, **details, "RequestId": request_id}
    return Answer(_to_json(result), error, log_fields)


def _as_api_error(error: Exception, request: CheckedRequest | None, call: Call, log_fields: dict[str, Any]) -> ApiError:
    """Return the error that the caller gets, and log the cause that the caller does not get."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, (UnicodeEncodeError, RecursionError)):
        return errors.bad_request("The event holds half of a surrogate pair, or is nested too deeply.")
    if isinstance(error, ClientError) and request:
        _log_metadata(log_fields, error.response)
        told = errors.from_dynamodb(error, call.request_id, errors.hint(error, request.tables, request.format))
        said = error.response["Error"]
        if not told.message.startswith(said["Message"] or told.message):
            log_fields["cause"] = f"{said['Code']}: {said['Message']}"
        return told
    if isinstance(error, (ConnectionError, HTTPClientError)):
        log_fields["cause"] = str(error)
        return errors.from_network(error)
    if isinstance(error, BotoCoreError):
        log_fields["cause"] = str(error)
    else:
        # The exception's own message stays out: it may quote an item.
        log_fields["traceback"] = "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__
    return errors.internal(call.request_id)


def _decoded(members: dict[str, Any], shape: StructureShape | None, format: str) -> dict[str, Any]:
    decode = FORMATS[format].decode if format in FORMATS else None
    return decode_members(members, _decoders(shape, decode)) if shape and decode else members


@cache
def _decoders(shape: StructureShape, decode: Decode) -> dict[str, Decode]:
    return member_decoders(shape, {"AttributeValue": decode})


def _log_metadata(log_fields: dict[str, Any], result: Any) -> None:
    metadata = result["ResponseMetadata"]
    log_fields.update(dynamodbRequestId=metadata["RequestId"], retries=metadata["RetryAttempts"])


def _capacity_units(consumed: Any) -> float:
    """Sum what one table consumed, or each of several."""
    tables: list[dict[str, float]] = consumed if isinstance(consumed, list) else [consumed]
    return sum(table.get("CapacityUnits", 0) for table in tables)


def _logged(raw: RawRequest) -> dict[str, Any]:
    operation = {"operation": raw.operation} if raw.operation in OPERATIONS else {}
    return {**operation, "table": raw.table_name and _logged_name(raw.table_name)}


def _logged_tables(request: CheckedRequest) -> str | None:
    """Name the tables of a request. A multi-table operation may have a tableName that it does not touch."""
    return _logged_name(",".join(sorted(request.tables))) or None


def _logged_name(table: str) -> str:
    return ascii_only(table[:MAX_LOGGED_TABLE_CHARACTERS])
