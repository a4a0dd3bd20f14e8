"""A write that is applied once: `create`, `update` or `delete` with a `ClientRequestToken`.

DynamoDB has such a token for transactions only. So the write goes out as a transaction of one item, and its answer and
its errors come back in the shape of the plain operation. The API reference page is "TransactWriteItems".
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from chalicelib.errors import bad_request

# DynamoDB applies a write with this member once, however often it is sent within ten minutes.
TOKEN = "ClientRequestToken"
MAX_TOKEN_CHARACTERS = 36
ACTION = "TransactWriteItems"

# How a transaction names the write of an operation.
WRITES = {"create": "Put", "update": "Update", "delete": "Delete"}
# Of the members of a plain write, these belong to the transaction and not to the write in it.
_OF_TRANSACTION = (TOKEN, "ReturnConsumedCapacity", "ReturnItemCollectionMetrics")
_LEGACY = ("AttributeUpdates", "ConditionalOperator", "Expected")

# The exception that the plain operation has for the reason why a transaction was cancelled.
_EXCEPTIONS = {
    "ConditionalCheckFailed": "ConditionalCheckFailedException",
    "ItemCollectionSizeLimitExceeded": "ItemCollectionSizeLimitExceededException",
    "TransactionConflict": "TransactionConflictException",
    "ProvisionedThroughputExceeded": "ProvisionedThroughputExceededException",
    "ThrottlingError": "ThrottlingException",
    "ValidationError": "ValidationException",
}


def is_once(operation: str, payload: Mapping[str, Any]) -> bool:
    """Tell whether a request is a plain write that is to be applied once."""
    return operation in WRITES and TOKEN in payload


def split(operation: str, payload: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split a plain write into the write in a transaction, and the transaction without its items.

    Raises `ApiError` 400 for what a transaction cannot do.
    """
    check_token(payload[TOKEN])
    returned = payload.get("ReturnValues", "NONE")
    if returned != "NONE":
        raise bad_request(
            f"payload.ReturnValues: a write with a {TOKEN} returns no values; leave ReturnValues out and read the item."
        )
    for name in _LEGACY:
        if name in payload:
            raise bad_request(
                f"payload.{name}: a write with a {TOKEN} takes expressions only; use an expression instead."
            )
    if operation == "update" and "UpdateExpression" not in payload:
        raise bad_request(f'payload: an update with a {TOKEN} needs an "UpdateExpression".')
    write = {name: value for name, value in payload.items() if name not in (*_OF_TRANSACTION, "ReturnValues")}
    transaction = {name: payload[name] for name in _OF_TRANSACTION if name in payload}
    return write, {**transaction, "TransactItems": []}


def check_token(token: Any) -> None:
    """Raise `ApiError` 400 for a token that DynamoDB does not take."""
    if not isinstance(token, str) or not 1 <= len(token) <= MAX_TOKEN_CHARACTERS:
        raise bad_request(f"payload.{TOKEN}: must be a string of 1 to {MAX_TOKEN_CHARACTERS} characters.")


def transaction(operation: str, write: bytes, empty: bytes) -> bytes:
    """Put the write into a transaction without items, both in DynamoDB's own JSON."""
    return empty.removesuffix(b"[]}") + b'[{"%b":%b}]}' % (WRITES[operation].encode(), write)


def plain_answer(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a transaction's answer as the plain operation has it: of the one table and the one item."""
    plain = dict(answer)
    if "ConsumedCapacity" in plain:
        (plain["ConsumedCapacity"],) = msgspec.json.decode(plain["ConsumedCapacity"], type=list[msgspec.Raw])
    if "ItemCollectionMetrics" in plain:
        by_table = msgspec.json.decode(plain.pop("ItemCollectionMetrics"), type=dict[str, list[msgspec.Raw]])
        for metrics in by_table.values():
            plain["ItemCollectionMetrics"] = metrics[0]
    return plain


def restate_error(answer: dict[str, Any]) -> None:
    """Make a cancelled transaction's error that of the plain operation, in place.

    A transaction that was cancelled for several reasons stays what it is; with one item there is only one.
    """
    error = answer.get("Error", {})
    if error.get("Code") != "TransactionCanceledException" or "CancellationReasons" not in answer:
        return
    reasons = msgspec.json.decode(answer["CancellationReasons"], type=list[dict[str, msgspec.Raw]])
    if len(reasons) != 1 or "Code" not in reasons[0]:
        return
    code = msgspec.json.decode(reasons[0]["Code"])
    if code not in _EXCEPTIONS:
        return
    del answer["CancellationReasons"]
    message = msgspec.json.decode(reasons[0]["Message"]) if "Message" in reasons[0] else None
    answer["Error"] = {"Code": _EXCEPTIONS[code], "Message": message or error["Message"]}
    if "Item" in reasons[0]:
        answer["Item"] = reasons[0]["Item"]
