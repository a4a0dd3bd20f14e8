"""One path behind both doors: from the body of a request to its answer."""

import traceback
from collections.abc import Callable
from functools import cache
from time import perf_counter
from typing import Any, NamedTuple

import msgspec
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.model import StructureShape

from chalicelib import attributes, errors
from chalicelib.dynamodb import DynamoDB
from chalicelib.errors import ApiError, bad_request
from chalicelib.log import ascii_only
from chalicelib.operations import OPERATIONS
from chalicelib.request import MAX_BODY_SENT, Request, check_request, read_fields
from chalicelib.service_model import action_model, error_shape
from chalicelib.settings import Settings
from chalicelib.shapes import Convert, decode_members, member_decoders

# What the log keeps of the table; the ARN of one is no longer.
MAX_TABLE = 1024

_to_json = msgspec.json.Encoder(decimal_format="number").encode


class Answer(NamedTuple):
    """What goes back to the caller, `body` being JSON, and what the log says of it, which is nothing of an item."""

    body: bytes
    error: ApiError | None
    record: dict[str, Any]

    @property
    def status(self) -> int:
        return self.error.status if self.error else 200


def answer(body: bytes, settings: Settings, dynamodb: DynamoDB, request_id: str) -> Answer:
    """Answer a request. Whatever goes wrong becomes an answer too."""
    record: dict[str, Any] = {}
    format = "json"
    try:
        fields = read_fields(body)
        format = fields.format
        if fields.operation in OPERATIONS:
            record["operation"] = fields.operation
        record["table"] = _logged(fields.table_name)
        request = check_request(fields, settings)
        # A multi-table operation may have a tableName that it does not touch.
        tables = _tables(request.parameters)
        record["table"] = _logged(",".join(sorted(tables))) or record["table"]
        return Answer(_perform(request, dynamodb, record), None, record)
    except ApiError as refusal:
        error = refusal
    except ClientError as refusal:
        _record_metadata(record, refusal.response)
        error = errors.from_dynamodb(refusal, request_id)
        said = refusal.response["Error"]
        if error.message != said["Message"]:
            record["cause"] = f"{said['Code']}: {said['Message']}"
    except (ConnectionError, HTTPClientError) as loss:
        record["cause"] = str(loss)
        error = errors.from_network(loss)
    except BotoCoreError as misconfiguration:
        record["cause"] = str(misconfiguration)
        error = errors.internal(request_id)
    except Exception as defect:
        record["traceback"] = _trace(defect)
        error = errors.internal(request_id)
    return failure(error, record, format)


def failure(error: ApiError, record: dict[str, Any], format: str = "json") -> Answer:
    """Make the answer of an error, in Chalice's own error shape and the request's format."""
    record["code"] = error.code
    shape = error_shape(error.code)
    known = shape.members if shape else {}
    details = _in_format(format, shape, {name: error.details[name] for name in known if name in error.details})
    return Answer(_to_json({"Code": error.code, "Message": error.message, **details}), error, record)


def _perform(request: Request, dynamodb: DynamoDB, record: dict[str, Any]) -> bytes:
    action = request.operation.action
    if action is None:
        return _REPLIES[request.name](request.payload)
    body = msgspec.json.encode(request.parameters)
    if len(body) > MAX_BODY_SENT:
        raise bad_request(
            f"In DynamoDB's own JSON the request takes {len(body):,} bytes, and {MAX_BODY_SENT:,} is the most."
        )
    tables = _tables(request.parameters)
    started = perf_counter()
    try:
        result = dynamodb.call(action, body, tables, repeatable=True)
    finally:
        record["dynamodbMs"] = round((perf_counter() - started) * 1000, 1)
    _record_metadata(record, result)
    if "ConsumedCapacity" in result:
        record["capacityUnits"] = _capacity_units(msgspec.json.decode(result["ConsumedCapacity"]))
    return _to_json(_in_format(request.format, action_model(action).output_shape, result))


_REPLIES: dict[str, Callable[[bytes], bytes]] = {"echo": lambda payload: payload, "ping": lambda _: b'"pong"'}


def _in_format(format: str, shape: StructureShape | None, answer: dict[str, Any]) -> dict[str, Any]:
    return answer if shape is None or format != "json" else decode_members(answer, _decoders(shape))


@cache
def _decoders(shape: StructureShape) -> dict[str, Convert]:
    return member_decoders(shape, {"AttributeValue": attributes.decode})


def _record_metadata(record: dict[str, Any], result: Any) -> None:
    metadata = result["ResponseMetadata"]
    record.update(dynamodbRequestId=metadata["RequestId"], retries=metadata["RetryAttempts"])


def _capacity_units(consumed: Any) -> float:
    """Sum what one table consumed, or each of several."""
    tables: list[dict[str, float]] = consumed if isinstance(consumed, list) else [consumed]
    return sum(table.get("CapacityUnits", 0) for table in tables)


def _logged(table: str | None) -> str | None:
    return table and ascii_only(table[:MAX_TABLE])


def _tables(parameters: dict[str, Any]) -> set[str]:
    """Name the tables in an action's parameters."""
    if "TableName" in parameters:
        return {parameters["TableName"]}
    names = set(parameters.get("RequestItems", ()))
    for item in parameters.get("TransactItems", ()):
        names.update(action["TableName"] for action in item.values())
    return names


def _trace(defect: Exception) -> str:
    # The exception's own message stays out: it may quote an item.
    return "".join(traceback.format_tb(defect.__traceback__)) + type(defect).__name__
