"""The format `dynamodb-json`: attribute values that are DynamoDB's own JSON already, checked and written.

The API reference page "AttributeValue" describes them. What the values say (that a number is a number, that there is
one type and not two) DynamoDB checks itself.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.shapes import (
    Body,
    Encode,
    ShapeError,
    expect,
    write_base64,
    write_boolean,
    write_list,
    write_map,
    write_string,
)


def encode(value: object, body: Body, depth: int) -> None:
    """Encode an attribute value. Raises `ShapeError` where its types, or the types of its members, are unknown."""
    opening = b"{"
    members: Mapping[str, Any] = expect(dict, 'an attribute value such as {"S": "text"}', value)
    for name, member in members.items():
        if name not in _TYPES:
            known = ", ".join(_TYPES)
            raise ShapeError(f'"%s" is not a type of attribute value; the types are: {known}', name)
        written_name, write = _TYPES[name]
        body += opening
        body += written_name
        try:
            write(member, body, depth)
        except ShapeError as error:
            raise error.under(name) from None
        opening = b","
    body += b"}" if members else b"{}"


def _write_map(value: Any, body: Body, depth: int) -> None:
    write_map(expect(dict, "an object", value), encode, body, depth)


def _list_of(write: Encode) -> Encode:
    def write_members(value: Any, body: Body, depth: int) -> None:
        write_list(expect(list, "an array", value), write, body, depth)

    return write_members


_WRITERS: dict[str, Encode] = {
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
