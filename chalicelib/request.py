"""A request: read from a body or an event, then checked. Which operation, on which tables, with which parameters."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from math import isfinite
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from chalicelib import once
from chalicelib.access.caller import Caller
from chalicelib.access.request_token import callers_token
from chalicelib.errors import ApiError, bad_request, forbidden, request_too_large
from chalicelib.formats import DEFAULT_FORMAT, FORMATS
from chalicelib.once import TOKEN
from chalicelib.operations import OPERATIONS, Operation
from chalicelib.service_model import action_model
from chalicelib.settings import Settings
from chalicelib.shapes import Body, Encode, ShapeError, encoder, known_names

# What Lambda itself accepts of a request; `chalice local` has no such limit of its own.
MAX_REQUEST_BYTES = 6 * 1024 * 1024
# The largest request that any of the actions takes: BatchWriteItem's 16 MB.
MAX_DYNAMODB_REQUEST_BYTES = 16 * 1024 * 1024
# A binary float keeps this many significant digits of a decimal number, and no more for certain.
FLOAT_DIGITS = 15


class RawRequest(NamedTuple):
    """The request object as a client wrote it. The payload is JSON text, or the value that Lambda has parsed."""

    operation: str
    table_name: str | None
    payload: Any
    format: str


class CheckedRequest(NamedTuple):
    """A request that may go on.

    `payload` holds the parameters of the operation's DynamoDB action in the request's own format. `action` is the one
    that is called, which is another for a write that is applied once, and `body` what it gets, in DynamoDB's own JSON.
    `tables` are the names in it. `repeatable` tells whether the gateway may send it again after its answer was lost.
    """

    name: str
    operation: Operation
    action: str | None
    format: str
    payload: Any
    body: bytes
    tables: frozenset[str]
    repeatable: bool

    @property
    def is_once(self) -> bool:
        """Whether it is a plain write that goes out as a transaction, to be applied once."""
        return self.action != self.operation.action


_FIELDS = ["operation", "tableName", "payload", "format"]


def read_body(body: bytes) -> RawRequest:
    """Read the request object from the body of an HTTP request.

    Raises `ApiError` 400 for a body that is not this object in JSON, and 413 for one that is too large.
    """
    if len(body) > MAX_REQUEST_BYTES:
        raise request_too_large(len(body), MAX_REQUEST_BYTES)
    if not body:
        raise bad_request('The body is empty; send a JSON object such as {"operation": "ping"}.')
    try:
        members = _read_members(body)
        _check_names(body.decode())
        return _raw_request({name: text if name == "payload" else _read(text) for name, text in members.items()})
    except msgspec.ValidationError:
        raise bad_request('The body must be a JSON object such as {"operation": "ping"}.') from None
    except (ValueError, RecursionError) as error:
        raise _not_json(error) from None


def read_event(event: Any) -> RawRequest:
    """Read the request object from an event, which Lambda has parsed.

    Raises `ApiError` 400 for an event that is not this object, and for a fraction that Lambda may have changed.
    """
    if not isinstance(event, dict):
        raise bad_request('The event must be a JSON object such as {"operation": "ping"}.')
    try:
        _refuse_rounded(event)
    except RecursionError:
        raise bad_request("The event is nested too deeply.") from None
    return _raw_request(event)


def _raw_request(members: Mapping[str, Any]) -> RawRequest:
    for name in members:
        if name not in _FIELDS:
            raise bad_request(f'Unknown field "%s" in the request. {known_names("fields", _FIELDS, name)}.', name)
    operation, table_name = members.get("operation"), members.get("tableName")
    format = members.get("format", DEFAULT_FORMAT)
    if "operation" not in members:
        raise bad_request(f'The field "operation" is missing. The operations are: {", ".join(OPERATIONS)}.')
    if not isinstance(operation, str):
        raise bad_request(f"operation: must be a string. The operations are: {', '.join(OPERATIONS)}.")
    if not isinstance(table_name, str | None):
        raise bad_request("tableName: must be a string.")
    if not isinstance(format, str):
        raise bad_request(f"format: must be a string. The formats are: {', '.join(FORMATS)}.")
    return RawRequest(operation, table_name, members.get("payload"), format)


def check_request(raw: RawRequest, settings: Settings, caller: Caller | None = None) -> CheckedRequest:
    """Check a request against the operation table, the stage's settings and DynamoDB's service model.

    A `ClientRequestToken` becomes the caller's own, where there is a caller.

    Raises `ApiError` 400 for what cannot be understood and 403 for what the stage does not allow.
    """
    operation = OPERATIONS.get(raw.operation)
    if operation is None:
        known = known_names("operations", list(OPERATIONS), raw.operation)
        raise bad_request(f'Unrecognized operation "%s". {known}.', raw.operation)
    if raw.operation not in settings.allowed_operations:
        raise forbidden(
            f'This stage does not allow the operation "{raw.operation}"; its setting ALLOWED_OPERATIONS decides.'
        )
    if raw.format not in FORMATS:
        raise bad_request(f'Unknown format "%s". The formats are: {", ".join(FORMATS)}.', raw.format)
    if raw.operation == "echo":
        _parse(raw.payload)
        return CheckedRequest(raw.operation, operation, None, raw.format, raw.payload, b"", frozenset(), True)
    payload = _payload(raw.payload)
    if operation.action is None:
        return CheckedRequest(raw.operation, operation, None, raw.format, payload, b"", frozenset(), True)
    payload = _parameters(raw, payload, operation.action, settings, caller)
    action, body, tables = _written(raw, operation.action, payload)
    for table in tables:
        _check_table(table, settings)
    repeatable = is_repeatable(operation, payload)
    return CheckedRequest(raw.operation, operation, action, raw.format, payload, body, frozenset(tables), repeatable)


def is_repeatable(operation: Operation, payload: Mapping[str, Any]) -> bool:
    """Tell whether a request may be sent again after its answer was lost: it changes no item and no answer."""
    if operation.repeat == "always" or TOKEN in payload:
        return True
    returns = payload.get("ReturnValues", "NONE") != "NONE"
    return operation.repeat == "without condition" and not (
        returns or "ConditionExpression" in payload or "Expected" in payload
    )


def _payload(payload: Any) -> dict[str, Any]:
    parsed = _parse(payload)
    if parsed is None:
        return {}
    if not isinstance(parsed, dict):
        raise bad_request("payload: must be an object.")
    return parsed


def _parse(payload: Any) -> Any:
    try:
        return _read_payload(payload) if isinstance(payload, msgspec.Raw) else payload
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise _not_json(error) from None


def _parameters(
    raw: RawRequest, payload: dict[str, Any], action: str, settings: Settings, caller: Caller | None
) -> dict[str, Any]:
    """Complete the payload to the action's parameters."""
    model = action_model(action)
    if "TableName" in payload:
        raise bad_request("payload: TableName does not belong here; name the table in tableName, beside the payload.")
    added = {}
    if "TableName" in model.input_shape.members:
        if raw.table_name is None:
            raise bad_request(f'The operation "{raw.operation}" needs a tableName.')
        added["TableName"] = raw.table_name
    elif raw.table_name is not None and raw.operation != "tables":
        _check_table(raw.table_name, settings)
    for token in model.idempotent_members:
        # DynamoDB then applies a repeated request once.
        added |= {} if token in payload else {token: str(uuid4())}
    if caller and TOKEN in payload:
        once.check_token(payload[TOKEN])
        added[TOKEN] = callers_token(caller, payload[TOKEN])
    return {**payload, **added}


def _written(raw: RawRequest, action: str, payload: dict[str, Any]) -> tuple[str, bytes, set[str]]:
    """Return the action to call, what it gets in DynamoDB's own JSON, and the tables in it."""
    if not once.is_once(raw.operation, payload):
        body = _encode(action, raw.format, payload)
        return action, bytes(body), body.tables
    write, transaction = once.split(raw.operation, payload)
    body = _encode(action, raw.format, write)
    empty = _encode(once.ACTION, raw.format, transaction)
    return once.ACTION, once.transaction(raw.operation, bytes(body), bytes(empty)), body.tables


def _encode(action: str, format: str, payload: dict[str, Any]) -> Body:
    body = Body()
    try:
        _encoder(action, format)(payload, body, 0)
    except ShapeError as error:
        raise ApiError(400, "BadRequestError", error.message, error.unquoted) from None
    if len(body) > MAX_DYNAMODB_REQUEST_BYTES:
        raise request_too_large(len(body), MAX_DYNAMODB_REQUEST_BYTES, "In DynamoDB's own JSON the request")
    return body


@cache
def _encoder(action: str, format: str) -> Encode:
    return encoder(action_model(action).input_shape, {"AttributeValue": FORMATS[format].encode})


def _check_table(name: str, settings: Settings) -> None:
    if settings.allowed_tables is not None and name not in settings.allowed_tables:
        raise forbidden('This stage does not allow the table "%s"; its setting ALLOWED_TABLES decides.', name)


def _refuse_repeats(members: list[tuple[str, Any]]) -> None:
    """Refuse a JSON object that names a member twice: most parsers would drop all but one."""
    if len(dict(members)) < len(members):
        names: set[str] = set()
        name = next(name for name, _ in members if name in names or names.add(name))  # type: ignore[func-returns-value]
        raise bad_request('The body names "%s" twice in one object; send each name once.', name)


# The numbers stay text: only the names matter here.
_check_names = json.JSONDecoder(object_pairs_hook=_refuse_repeats, parse_float=str, parse_int=str).decode
_read = msgspec.json.decode
_read_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_payload = msgspec.json.Decoder(float_hook=Decimal).decode


def _not_json(error: Exception) -> ApiError:
    if isinstance(error, RecursionError):
        return bad_request("The body is nested too deeply.")
    if isinstance(error, UnicodeDecodeError):
        return bad_request("The body is not UTF-8.")
    if isinstance(error, InvalidOperation):
        return bad_request("The body holds a number with an exponent that is too large.")
    if isinstance(error, msgspec.ValidationError):
        return bad_request("The body holds a number with too many digits.")
    return bad_request(f"The body is not JSON: {error}.")


def _refuse_rounded(value: Any) -> None:
    """Refuse a fraction that Lambda, which reads numbers as binary floats, may have changed.

    A fraction with more digits than a float keeps that happens to read as fewer cannot be recognised any more.
    """
    kind = type(value)
    if kind is dict:
        for member in value.values():
            _refuse_rounded(member)
    elif kind is list:
        for member in value:
            _refuse_rounded(member)
    elif kind is float:
        if not isfinite(value):
            raise bad_request("The event holds NaN or Infinity, which are not JSON.")
        if len(Decimal(repr(value)).normalize().as_tuple().digits) > FLOAT_DIGITS:
            raise bad_request(
                "Lambda reads the number %s of an event as a binary float, which may have changed it; write a number "
                f'with more than {FLOAT_DIGITS} digits as text: {{"N": "…"}} with "format": "dynamodb-json".',
                repr(value),
            )
