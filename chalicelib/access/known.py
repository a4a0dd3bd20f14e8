"""What is known of a key attribute, and what that proves.

A value is a string, a number or bytes; `Prefix` stands for every value that begins with it. DynamoDB compares numbers
as numbers, and strings and binary byte by byte, which is how Python compares these types.
"""

import base64
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

Value = str | Decimal | bytes


class Prefix(NamedTuple):
    """Every string, or every binary value, that begins with `start`."""

    start: str | bytes

    def begins(self, value: object) -> bool:
        return isinstance(value, type(self.start)) and value.startswith(self.start)  # type: ignore[arg-type]


Known = Value | Prefix

# DynamoDB holds no other numbers, and refuses a request with one.
_MAX_DIGITS, _MAX_EXPONENT = 38, 130
_NUMBER = re.compile(r"[+-]?[0-9]{1,130}(\.[0-9]{1,130})?([eE][+-]?[0-9]{1,3})?")


def implies(known: Known, wanted: Known) -> bool:
    """Tell whether every value that fits `known` fits `wanted`."""
    if isinstance(wanted, Prefix):
        return wanted.begins(known.start if isinstance(known, Prefix) else known)
    return not isinstance(known, Prefix) and known == wanted


def excludes(known: Known, wanted: Known) -> bool:
    """Tell whether no value that fits `known` fits `wanted`."""
    if isinstance(known, Prefix):
        start = wanted.start if isinstance(wanted, Prefix) else wanted
        return not known.begins(start) and not (isinstance(wanted, Prefix) and wanted.begins(known.start))
    return not wanted.begins(known) if isinstance(wanted, Prefix) else known != wanted


def plain_value(value: object) -> Value | None:
    """Read a key attribute in plain JSON; None where it is not certainly a value that a key may have."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[return-value]
    if kind is int or kind is Decimal or kind is float:
        return _number(Decimal(str(value)))
    if isinstance(value, Mapping) and value.keys() == {"$binary"}:
        return _binary(value["$binary"])
    return None


def typed_value(value: object) -> Value | None:
    """Read a key attribute in DynamoDB's JSON; None where it is not certainly a value that a key may have."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return None
    ((kind, content),) = value.items()
    if not isinstance(content, str):
        return None
    if kind == "N":
        return _number(Decimal(content)) if _NUMBER.fullmatch(content) else None
    return content if kind == "S" else _binary(content) if kind == "B" else None


VALUES: dict[str, Any] = {"json": plain_value, "dynamodb-json": typed_value}


def _number(number: Decimal) -> Decimal | None:
    fits = number.is_finite() and len(number.as_tuple().digits) <= _MAX_DIGITS
    return number if fits and abs(number.adjusted()) <= _MAX_EXPONENT else None


def _binary(text: object) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
