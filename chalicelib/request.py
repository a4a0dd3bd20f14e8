"""A request body, read and checked: which operation, on which tables, with which parameters."""

import json
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from types import NoneType
from typing import Any, NamedTuple
from uuid import uuid4

import msgspec

from chalicelib import attributes
from chalicelib.errors import ApiError, bad_request, clipped, forbidden
from chalicelib.operations import OPERATIONS, Operation
from chalicelib.service_model import action_model
from chalicelib.settings import Settings
from chalicelib.shapes import Convert, ShapeError, encoder, expect

# Bytes. What Lambda itself accepts of a request; `chalice local` has no such limit of its own.
MAX_BODY = 6 * 1024 * 1024
# Bytes. The largest request any of the actions takes: BatchWriteItem's 16 MB.
MAX_BODY_SENT = 16 * 1024 * 1024

_ENCODE_VALUE: dict[str, Convert] = {"json": attributes.encode, "dynamodb-json": attributes.check}

# Every place in the service model that names a table is a string of one of these shapes.
TABLE_SHAPES = ("TableArn", "TableName")


class Fields(msgspec.Struct, forbid_unknown_fields=True, rename="camel"):
    """The request object as a client writes it."""

    operation: str
    table_name: str | None = None
    payload: msgspec.Raw = msgspec.Raw(b"null")
    format: str = "json"


class Request(NamedTuple):
    """A request that may go on. `parameters` are those of the DynamoDB action, in DynamoDB's own JSON."""

    name: str
    operation: Operation
    format: str
    payload: bytes
    parameters: dict[str, Any]


def _refuse_repeats(members: list[tuple[str, Any]]) -> None:
    """Refuse a JSON object that names a member twice: every parser but the strictest would drop all but one."""
    if len(dict(members)) < len(members):
        names = [name for name, _ in members]
        name = next(name for name in names if names.count(name) > 1)
        raise bad_request(f'The body names "{clipped(name)}" twice in one object.')


# The numbers stay text: only the names matter here.
_check_names = json.JSONDecoder(object_pairs_hook=_refuse_repeats, parse_float=str, parse_int=str).decode
_read_fields = msgspec.json.Decoder(Fields).decode
_read_payload = msgspec.json.Decoder(float_hook=Decimal).decode


def read_fields(body: bytes) -> Fields:
    """Read the request object from a body.

    Raises `ApiError` 400 for a body that is not this object in JSON.
    """
    if len(body) > MAX_BODY:
        raise bad_request(f"The body takes {len(body):,} bytes; at most {MAX_BODY:,} can be sent.")
    if not body:
        raise bad_request('The body is empty; send a JSON object such as {"operation": "ping"}.')
    try:
        fields = _read_fields(body)
        _check_names(body.decode())
        return fields
    except msgspec.ValidationError as error:
        raise bad_request(f"The body is not a request: {clipped(error)}.") from None
    except (ValueError, RecursionError) as error:
        raise _not_json(error) from None


def check_request(fields: Fields, settings: Settings) -> Request:
    """Check the fields against the operation table, the stage's settings and DynamoDB's service model.

    Raises `ApiError` 400 for what can't be understood and 403 for what the stage does not allow.
    """
    operation = OPERATIONS.get(fields.operation)
    if operation is None:
        known = ", ".join(OPERATIONS)
        raise bad_request(f'Unrecognized operation "{clipped(fields.operation)}". The operations are: {known}.')
    if fields.operation not in settings.allowed_operations:
        raise forbidden(f'This stage does not allow the operation "{fields.operation}".')
    if fields.format not in _ENCODE_VALUE:
        raise bad_request(f'Unknown format "{clipped(fields.format)}". The formats are: {", ".join(_ENCODE_VALUE)}.')
    payload = _parse(fields.payload)
    parameters = {}
    if operation.action is not None:
        parameters = _parameters(fields, payload, operation.action, settings)
    elif fields.operation != "echo" and not isinstance(payload, (dict, NoneType)):
        raise bad_request("payload: must be an object.")
    return Request(fields.operation, operation, fields.format, bytes(fields.payload), parameters)


def _parse(payload: msgspec.Raw) -> Any:
    try:
        return _read_payload(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, InvalidOperation) as error:
        raise _not_json(error) from None


def _not_json(error: Exception) -> ApiError:
    if isinstance(error, RecursionError):
        return bad_request("The body is nested too deeply.")
    if isinstance(error, UnicodeDecodeError):
        return bad_request("The body is not UTF-8.")
    if isinstance(error, InvalidOperation):
        return bad_request("The body holds a number with an exponent beyond all sense.")
    if isinstance(error, msgspec.ValidationError):
        return bad_request("The body holds a number of more digits than any number has.")
    return bad_request(f"The body is not JSON: {error}.")


def _parameters(fields: Fields, payload: Any, action: str, settings: Settings) -> dict[str, Any]:
    """Complete the payload to the action's parameters and encode them for DynamoDB."""
    model = action_model(action)
    payload = {} if payload is None else payload
    if not isinstance(payload, dict):
        raise bad_request("payload: must be an object.")
    if "TableName" in payload:
        raise bad_request("payload: TableName does not go here; name the table in tableName.")
    if "TableName" in model.input_shape.members:
        if fields.table_name is None:
            raise bad_request(f'The operation "{fields.operation}" needs a tableName.')
        payload["TableName"] = fields.table_name
    elif fields.table_name is not None:
        _check_table(settings.allowed_tables, fields.table_name)
    try:
        parameters: dict[str, Any] = _encoder(action, fields.format, settings.allowed_tables)(payload)
    except ShapeError as error:
        raise bad_request(f"{error}.") from None
    for token in model.idempotent_members:
        # The SDK's own retries then repeat the request and not the writes in it.
        parameters.setdefault(token, str(uuid4()))
    return parameters


@cache
def _encoder(action: str, format: str, allowed_tables: frozenset[str] | None) -> Convert:
    fence = dict.fromkeys(TABLE_SHAPES, partial(_check_table, allowed_tables))
    return encoder(action_model(action).input_shape, {"AttributeValue": _ENCODE_VALUE[format], **fence})


def _check_table(allowed_tables: frozenset[str] | None, table: Any) -> str:
    name: str = expect(str, "a string", table)
    if allowed_tables is not None and name not in allowed_tables:
        raise forbidden(f'This stage does not allow the table "{clipped(name)}".')
    return name
