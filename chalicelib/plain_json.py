"""The format `json`: attribute values as plain JSON, and back. `encode` and `decode` are exact inverses.

The other side is DynamoDB's own JSON, as the API reference page "AttributeValue" describes it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from chalicelib.shapes import Body, Encode, ShapeError, encode_string, write_base64, write_list, write_map, write_string


def encode(value: Any, body: Body, depth: int) -> None:
    """Write plain JSON as an attribute value.

    A fraction is a `Decimal`, or, in an event that Lambda has parsed, a float that reads as what was sent. Raises
    `ShapeError` for a set or binary value that is not one.
    """
    kind = type(value)
    if kind is str:
        body += b'{"S":%b}' % encode_string(value)
    elif kind is list:
        body += b'{"L":'
        write_list(value, encode, body, depth)
        body += b"}"
    elif kind is dict:
        _encode_object(value, body, depth)
    elif kind in _NUMBERS:
        body += b'{"N":"%b"}' % str(value).encode()
    else:
        body += _CONSTANTS[value]


def decode(attribute_value: Mapping[str, Any]) -> Any:
    """Turn an attribute value into plain JSON: numbers as `int` or `Decimal`, never as a binary float."""
    ((kind, value),) = attribute_value.items()
    return _DECODE[kind](value)


_NUMBERS = (int, Decimal, float)
_CONSTANTS: dict[object, bytes] = {True: b'{"BOOL":true}', False: b'{"BOOL":false}', None: b'{"NULL":true}'}


def _encode_object(members: dict[str, Any], body: Body, depth: int) -> None:
    if len(members) == 1:
        ((marker, content),) = members.items()
        if marker in _MARKED:
            _MARKED[marker](content, body, depth)
            return
    _encode_map(members, body, depth)


def _encode_map(members: dict[str, Any], body: Body, depth: int) -> None:
    body += b'{"M":'
    write_map(members, encode, body, depth)
    body += b"}"


def _encode_binary(content: object, body: Body, depth: int) -> None:
    body += b'{"B":'
    write_base64(content, body, depth)
    body += b"}"


def _encode_set(content: object, body: Body, depth: int) -> None:
    if not isinstance(content, list) or not content:
        raise ShapeError("a $set must be an array of at least one value")
    kind = _set_kind(content[0])
    body += b'{"%bS":' % kind.encode()
    if any(_set_kind(member) != kind for member in content):
        raise ShapeError(_SET_REASON)
    write_list(content, _SET_MEMBERS[kind], body, depth)
    body += b"}"


def _write_number(member: Any, body: Body, _: int) -> None:
    body += b'"%b"' % str(member).encode()


_SET_MEMBERS: dict[str, Encode] = {
    "S": write_string,
    "N": _write_number,
    "B": lambda member, body, depth: write_base64(member["$binary"], body, depth),
}
_SET_REASON = "a $set must hold all strings, all numbers, or all $binary objects"


def _set_kind(member: object) -> str:
    """Return the type of a set's member: S, N or B."""
    if isinstance(member, dict) and member.keys() == {"$binary"}:
        return "B"
    if type(member) not in _SET_KINDS:
        raise ShapeError(_SET_REASON)
    return _SET_KINDS[type(member)]


_SET_KINDS: dict[type, str] = {str: "S", int: "N", Decimal: "N", float: "N"}


def _encode_escaped_map(content: object, body: Body, depth: int) -> None:
    if not isinstance(content, dict):
        raise ShapeError("a $map must be an object")
    _encode_map(content, body, depth)


_MARKED: dict[str, Callable[[object, Body, int], None]] = {
    "$binary": _encode_binary,
    "$set": _encode_set,
    "$map": _encode_escaped_map,
}


def _decode_number(text: str) -> int | Decimal:
    # Decimal keeps "1E+2" short where int would spell it out; both keep every digit.
    return int(text) if text.removeprefix("-").isdigit() else Decimal(text)


def _decode_map(members: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: decode(member) for name, member in members.items()}
    if len(plain) == 1 and next(iter(plain)) in _MARKED:
        return {"$map": plain}
    return plain


def _same(value: Any) -> Any:
    return value


_DECODE: dict[str, Callable[[Any], Any]] = {
    "S": _same,
    "N": _decode_number,
    "BOOL": _same,
    "NULL": lambda _: None,
    "M": _decode_map,
    "L": lambda members: [decode(member) for member in members],
    "B": lambda text: {"$binary": text},
    "SS": lambda members: {"$set": members},
    "NS": lambda members: {"$set": [_decode_number(member) for member in members]},
    "BS": lambda members: {"$set": [{"$binary": member} for member in members]},
}
