"""The format table: how attribute values are written in a request and in its answer."""

from collections.abc import Callable
from typing import Any, NamedTuple

from chalicelib import plain_json, typed_json
from chalicelib.shapes import Encode


class Format(NamedTuple):
    """One row of the table.

    `encode` writes an attribute value of a request as DynamoDB's own JSON. `decode` turns an attribute value of an
    answer into what the client gets; None leaves DynamoDB's own JSON as it is.
    """

    encode: Encode
    decode: Callable[[dict[str, Any]], Any] | None


FORMATS = {
    "json": Format(plain_json.encode, plain_json.decode),
    "dynamodb-json": Format(typed_json.encode, None),
}
DEFAULT_FORMAT = "json"
