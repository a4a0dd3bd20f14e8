"""The format `json`: attribute values as plain JSON, and back. `encode` and `decode` are exact inverses.

The other side is DynamoDB's own JSON, as the API reference page "AttributeValue" describes it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from chalicelib.shapes import Body, ShapeError, close, deeper, encode_string, write_base64, write_each, write_members


def encode(value: object, body: Body, depth: int = 0) -> None:
    """Write plain JSON as an attribute value.

    A fraction is a `Decimal`, or, in an event that Lambda has parsed, a float that reads as what was sent. Raises
    `ShapeError` for a set or binary value that is not one.
    """
    kind = type(value)
    if kind is str:
        body += b'{"S":%b}' % encode_string(value)
    elif kind is int or kind is Decimal or kind is float:
        body += b'{"N":"%b"}' % str(value).encode()
    elif kind is bool:
        body += b'{"BOOL":true}' if value else b'{"BOOL":false}'
    elif value is None:
        body += b'{"NULL":true}'
    elif isinstance(value, list):
        body += b'{"L":['
        write_each(value, encode, body, deeper(depth))
        close(body, b"]}")
    elif isinstance(value, dict):
        if len(value) == 1:
            ((marker, content),) = value.items()
            if marker in _MARKED:
                _MARKED[marker](content, body, depth)
                return
        _encode_map(value, body, deeper(depth))
    else:
        raise TypeError(f"{kind} comes from no JSON text")


def decode(attribute_value: Mapping[str, Any]) -> Any:
    """Turn an attribute value into plain JSON: numbers as `int` or `Decimal`, never as a binary float."""
    ((kind, value),) = attribute_value.items()
    return _DECODE[kind](value)


def _encode_map(members: dict[str, Any], body: Body, depth: int) -> None:
    body += b'{"M":{'
    write_members(members, encode, body, depth)
    close(body, b"}}")


def _encode_binary(content: object, body: Body, _: int) -> None:
    body += b'{"B":'
    write_base64(content, body)
    body += b"}"


def _encode_set(content: object, body: Body, depth: int) -> None:
    if not isinstance(content, list) or not content:
        raise ShapeError("a $set must be an array of at least one value")
    kind = _set_kind(content[0])
    body += b'{"%bS":[' % kind.encode()
    for member in content:
        if _set_kind(member) != kind:
            raise ShapeError(_SET_REASON)
        if kind == "S":
            body += encode_string(member)
        elif kind == "N":
            body += b'"%b"' % str(member).encode()
        else:
            write_base64(member["$binary"], body)
        body += b","
    close(body, b"]}")


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
    _encode_map(content, body, deeper(depth))


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
