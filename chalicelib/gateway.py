"""The way of a request behind both entry points: parse, authorize, call, format."""

import traceback
from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any, NamedTuple

import msgspec
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.model import StructureShape

from chalicelib import errors, once
from chalicelib.access.authorization import authorize
from chalicelib.access.caller import Caller
from chalicelib.access.declared_keys import DeclaredKeys
from chalicelib.access.rules import Rules
from chalicelib.access.visibility import visible_description, visible_tables
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
    """What answers a stage's requests. `rules` are its access rules, None for a stage without."""

    settings: Settings
    dynamodb: DynamoDB
    rules: Rules | None
    declared_keys: DeclaredKeys


class Call(NamedTuple):
    """What an entry point knows of a request besides its content.

    The id, the seconds left for DynamoDB, and who calls, which is None for a caller that no access rule can be about.
    """

    request_id: str
    seconds_left: Callable[[], float]
    caller: Callable[[], Caller | None]


class Answer(NamedTuple):
    """What goes back to the caller, `body` being JSON, and what the log says of it, which holds nothing of an item."""

    body: bytes
    error: ApiError | None
    log_fields: dict[str, Any]

    @property
    def status(self) -> int:
        return self.error.status if self.error else 200


class Context(NamedTuple):
    """What a request is answered with: the stage, the call, who calls (None without access rules), and its log line."""

    stage: Stage
    call: Call
    caller: Caller | None
    log_fields: dict[str, Any]


def answer(read: Callable[[], RawRequest], call: Call, stage: Stage) -> Answer:
    """Answer the request that `read` returns. Whatever goes wrong becomes an answer too."""
    log_fields: dict[str, Any] = {}
    format = DEFAULT_FORMAT
    request = None
    try:
        raw = read()
        format = raw.format
        log_fields |= _logged(raw)
        context = Context(stage, call, call.caller() if stage.rules else None, log_fields)
        log_fields |= _logged_caller(context.caller)
        request = check_request(raw, stage.settings, context.caller)
        log_fields["table"] = _logged_tables(request) or log_fields["table"]
        check_access(request, context)
        result = perform(request, context)
        return Answer(_to_json(in_format(request, result)), None, log_fields)
    except Exception as error:
        return failure(_as_api_error(error, request, call, log_fields), log_fields, call.request_id, format)


def check_access(request: CheckedRequest, context: Context) -> None:
    """Raise `ApiError` 403 where the stage has access rules and they do not allow the request."""
    rules, settings = context.stage.rules, context.stage.settings
    if rules is None:
        return
    decided = authorize(rules, context.caller, request.name, request.payload, request.format, settings.allowed_tables)
    context.log_fields["rules"] = decided.rules
    if decided.refusal:
        raise decided.refusal
    context.stage.declared_keys.confirm(decided.touched, context.stage.dynamodb, context.call.seconds_left)


def perform(request: CheckedRequest, context: Context) -> Any:
    """Return the result of the operation, which is DynamoDB's answer to most of them."""
    if request.name in _PERFORM:
        return _PERFORM[request.name](request, context)
    return ask_dynamodb(request, context)


def ask_dynamodb(request: CheckedRequest, context: Context) -> dict[str, Any]:
    """Call the request's action and return DynamoDB's answer, its members as JSON text."""
    assert request.action
    seconds_left = context.call.seconds_left()
    if seconds_left <= 0:
        raise errors.no_time_left()
    started = perf_counter()
    try:
        result = context.stage.dynamodb.call(
            request.action,
            request.body,
            request.tables,
            within=seconds_left,
            repeatable=request.repeatable,
            restate=once.restate_error if request.is_once else None,
        )
    finally:
        context.log_fields["dynamodbMs"] = round((perf_counter() - started) * 1000, 1)
    _log_metadata(context.log_fields, result)
    if request.is_once:
        result = once.plain_answer(result)
    if "ConsumedCapacity" in result:
        context.log_fields["capacityUnits"] = _capacity_units(msgspec.json.decode(result["ConsumedCapacity"]))
    return result


def _tables(request: CheckedRequest, context: Context) -> dict[str, Any]:
    """List the tables that the stage, and its access rules, let the caller see."""
    rules, tables = context.stage.rules, context.stage.settings.allowed_tables
    if rules and context.caller:
        tables = visible_tables(rules, context.caller, tables)
    return ask_dynamodb(request, context) if tables is None else list_tables(request.payload, tables)


def _describe(request: CheckedRequest, context: Context) -> dict[str, Any]:
    """Describe a table, as far as the access rules let the caller see it."""
    rules, result = context.stage.rules, ask_dynamodb(request, context)
    if rules and context.caller:
        result["Table"] = visible_description(rules, context.caller, msgspec.json.decode(result["Table"]))
    return result


def _echo(request: CheckedRequest, _: Context) -> Any:
    return request.payload


def _ping(request: CheckedRequest, _: Context) -> str:
    return "pong"


# The operations that are more, or less, than a call of DynamoDB.
_PERFORM: dict[str, Callable[[CheckedRequest, Context], Any]] = {
    "tables": _tables,
    "describe": _describe,
    "echo": _echo,
    "ping": _ping,
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
        hint = errors.hint(error, request.tables, request.format)
        told = errors.from_dynamodb(error, call.request_id, hint, request.repeatable)
        said = error.response["Error"]
        if not told.message.startswith(said["Message"] or told.message):
            log_fields["cause"] = f"{said['Code']}: {said['Message']}"
        return told
    if isinstance(error, (ConnectionError, HTTPClientError)) and request:
        log_fields["cause"] = str(error)
        return errors.from_network(error, request.repeatable)
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


def _logged_caller(caller: Caller | None) -> dict[str, Any]:
    return {"callerKind": caller.kind, "callerId": ascii_only(caller.id)} if caller else {}


def _logged_tables(request: CheckedRequest) -> str | None:
    """Name the tables of a request. A multi-table operation may have a tableName that it does not touch."""
    return _logged_name(",".join(sorted(request.tables))) or None


def _logged_name(table: str) -> str:
    return ascii_only(table[:MAX_LOGGED_TABLE_CHARACTERS])
