"""Attribute values as plain JSON, and back: `encode` and `decode` are exact inverses.

The other side is DynamoDB's own JSON, as the API reference page "AttributeValue" describes it.
"""

import base64
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, cast

from chalicelib.errors import clipped
from chalicelib.shapes import ShapeError, each_in, each_of, expect

AttributeValue = dict[str, Any]

# DynamoDB itself stops at 32 levels and says so; this only keeps hostile bodies off the stack.
MAX_DEPTH = 64


def encode(value: object, depth: int = 0) -> AttributeValue:
    """Turn plain JSON, its fractions parsed as `Decimal`, into an attribute value.

    Raises `ShapeError` for a set or binary that is none.
    """
    kind = type(value)
    if kind is str:
        return {"S": value}
    if kind is int or kind is Decimal:
        return {"N": str(value)}
    if kind is bool:
        return {"BOOL": value}
    if value is None:
        return {"NULL": True}
    if isinstance(value, list):
        return {"L": each_of(value, encode, _deeper(depth))}
    if isinstance(value, dict):
        if len(value) == 1:
            ((marker, content),) = value.items()
            if marker in _MARKED:
                return _MARKED[marker](content, depth)
        return {"M": each_in(value, encode, _deeper(depth))}
    raise TypeError(f"{kind} comes from no JSON text")


def decode(attribute_value: Mapping[str, Any]) -> Any:
    """Turn an attribute value into plain JSON: numbers as `int` or `Decimal`, never as a binary float."""
    ((kind, value),) = attribute_value.items()
    return _DECODE[kind](value)


def check(value: object, depth: int = 0) -> AttributeValue:
    """Return an attribute value that is in DynamoDB's JSON already, if its kinds and their types are DynamoDB's.

    What the values say (that a number is one, that there is one kind and not two) DynamoDB checks itself.
    """
    checked = {}
    for kind, member in expect(dict, 'an attribute value such as {"S": "text"}', value).items():
        if kind not in _CHECK:
            known = ", ".join(_CHECK)
            raise ShapeError(f'"{clipped(kind)}" is no type of an attribute value; the types are: {known}')
        try:
            checked[kind] = _CHECK[kind](member, depth)
        except ShapeError as error:
            raise error.under(kind) from None
    return checked


def _deeper(depth: int) -> int:
    if depth >= MAX_DEPTH:
        raise ShapeError("is nested too deeply; DynamoDB holds 32 levels")
    return depth + 1


def _binary(text: object, _: int = 0) -> str:
    expect(str, "a base64 string", text)
    try:
        return base64.b64encode(base64.b64decode(cast(str, text), validate=True)).decode()
    except ValueError:
        raise ShapeError("is not base64; use the standard alphabet, with padding") from None


def _encode_binary(content: object, _: int) -> AttributeValue:
    return {"B": _binary(content)}


def _encode_set(content: object, depth: int) -> AttributeValue:
    if not isinstance(content, list) or not content:
        raise ShapeError("a $set must be an array of at least one value")
    deeper = _deeper(depth)
    members = [encode(member, deeper) for member in content]
    kinds = {kind for member in members for kind in member}
    kind = kinds.pop()
    if kinds or kind not in ("S", "N", "B"):
        raise ShapeError("a $set must hold all strings, all numbers, or all $binary objects")
    return {f"{kind}S": [member[kind] for member in members]}


def _encode_escaped_map(content: object, depth: int) -> AttributeValue:
    if not isinstance(content, dict):
        raise ShapeError("a $map must be an object")
    return {"M": each_in(content, encode, _deeper(depth))}


_MARKED: dict[str, Callable[[object, int], AttributeValue]] = {
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


def _checks(kind: type, name: str) -> Callable[[Any, int], Any]:
    return lambda value, _: expect(kind, name, value)


def _checks_each(check_member: Callable[[Any, int], Any]) -> Callable[[Any, int], list[Any]]:
    return lambda value, depth: each_of(expect(list, "an array", value), check_member, depth)


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

_text = _checks(str, "a string")

_CHECK: dict[str, Callable[[Any, int], Any]] = {
    "S": _text,
    "N": _text,
    "B": _binary,
    "BOOL": _checks(bool, "true or false"),
    "NULL": _checks(bool, "true"),
    "M": lambda value, depth: each_in(expect(dict, "an object", value), check, _deeper(depth)),
    "L": lambda value, depth: each_of(expect(list, "an array", value), check, _deeper(depth)),
    "SS": _checks_each(_text),
    "NS": _checks_each(_text),
    "BS": _checks_each(_binary),
}
