"""The format `dynamodb-json`: attribute values that are DynamoDB's own JSON already, checked and written.

The API reference page "AttributeValue" describes them. What the values say (that a number is a number, that there is
one type and not two) DynamoDB checks itself.
"""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.shapes import (
    Body,
    ShapeError,
    close,
    deeper,
    expect,
    write_base64,
    write_boolean,
    write_each,
    write_members,
    write_string,
)

Write = Callable[[Any, Body, int], None]


def encode(value: object, body: Body, depth: int = 0) -> None:
    """Write an attribute value. Raises `ShapeError` where its types, or the types of its members, are unknown."""
    body += b"{"
    members: Mapping[str, Any] = expect(dict, 'an attribute value such as {"S": "text"}', value)
    for name, member in members.items():
        if name not in _TYPES:
            known = ", ".join(_TYPES)
            raise ShapeError(f'"%s" is not a type of attribute value; the types are: {known}', name)
        opening, write = _TYPES[name]
        body += opening
        try:
            write(member, body, depth)
        except ShapeError as error:
            raise error.under(name) from None
        body += b","
    close(body, b"}")


def _write_map(value: Any, body: Body, depth: int) -> None:
    body += b"{"
    write_members(expect(dict, "an object", value), encode, body, deeper(depth))
    close(body, b"}")


def _list_of(write: Write) -> Write:
    def write_list(value: Any, body: Body, depth: int) -> None:
        body += b"["
        write_each(expect(list, "an array", value), write, body, deeper(depth))
        close(body, b"]")

    return write_list


_WRITERS: dict[str, Write] = {
    "S": write_string,
    "N": write_string,
    "B": write_base64,
    "BOOL": write_boolean,
    "NULL": write_boolean,
    "M": _write_map,
    "L": _list_of(encode),
    "SS": _list_of(write_string),
    "NS": _list_of(write_string),
    "BS": _list_of(write_base64),
}
_TYPES = {name: (b'"%b":' % name.encode(), write) for name, write in _WRITERS.items()}
