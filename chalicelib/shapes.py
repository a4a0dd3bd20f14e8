"""Checks and converts by DynamoDB's own service model, so that no list of field names is kept by hand.

An encoder takes what a client sent for a shape and returns what DynamoDB's JSON protocol wants; a decoder takes the
JSON text that DynamoDB answered with and returns what the client gets. Both are functions compiled from the shape, and
both are given `leaves`: functions by shape name that stand in for what the model says of that shape.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
from botocore.model import ListShape, MapShape, Shape, StructureShape

from chalicelib.errors import clipped

Convert = Callable[[Any], Any]
Leaves = Mapping[str, Convert]


class ShapeError(Exception):
    """A value that does not fit its place; `str()` says which place, from the payload down, and why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = ""

    def under(self, key: str | int) -> "ShapeError":
        self.path = (f"[{key}]" if isinstance(key, int) else f".{clipped(key)}") + self.path
        return self

    def __str__(self) -> str:
        return f"payload{self.path}: {self.reason}"


def each_in(members: Mapping[str, Any], convert: Callable[..., Any], *args: Any) -> dict[str, Any]:
    """Convert the values of a map; a `ShapeError` on the way learns under which name it happened."""
    converted = {}
    for name, member in members.items():
        try:
            converted[name] = convert(member, *args)
        except ShapeError as error:
            raise error.under(name) from None
    return converted


def each_of(members: Sequence[Any], convert: Callable[..., Any], *args: Any) -> list[Any]:
    """Convert the values of a list; a `ShapeError` on the way learns at which index it happened."""
    converted: list[Any] = []
    for member in members:
        try:
            converted.append(convert(member, *args))
        except ShapeError as error:
            raise error.under(len(converted)) from None
    return converted


def expect(kind: type, name: str, value: Any) -> Any:
    """Return `value` if it is of just this kind: a bool is an int to Python and not to DynamoDB."""
    if type(value) is not kind:
        raise ShapeError(f"must be {name}")
    return value


def encoder(shape: Shape, leaves: Leaves) -> Convert:
    """Compile the encoder of an input shape. It raises `ShapeError` for a value the model does not allow."""
    if shape.name in leaves:
        return leaves[shape.name]
    return _ENCODERS[shape.type_name](shape, leaves)


def _structure_encoder(shape: StructureShape, leaves: Leaves) -> Convert:
    members = {name: encoder(member, leaves) for name, member in shape.members.items()}

    def encode(value: Any) -> dict[str, Any]:
        encoded = {}
        for name, member in expect(dict, "an object", value).items():
            if name not in members:
                raise ShapeError(f'"{clipped(name)}" is no member here; the members are: {", ".join(members)}')
            try:
                encoded[name] = members[name](member)
            except ShapeError as error:
                raise error.under(name) from None
        for name in shape.required_members:
            if name not in encoded:
                raise ShapeError(f'"{name}" is missing')
        return encoded

    return encode


def _list_encoder(shape: ListShape, leaves: Leaves) -> Convert:
    member = encoder(shape.member, leaves)
    return lambda value: each_of(expect(list, "an array", value), member)


def _map_encoder(shape: MapShape, leaves: Leaves) -> Convert:
    key = encoder(shape.key, leaves)
    member = encoder(shape.value, leaves)
    return lambda value: {key(name): item for name, item in each_in(expect(dict, "an object", value), member).items()}


def _scalar_encoder(kind: type, name: str) -> Callable[..., Convert]:
    return lambda *_: lambda value: expect(kind, name, value)


def _integer_encoder(bits: int) -> Callable[..., Convert]:
    limit = 1 << (bits - 1)

    def encode(value: Any) -> int:
        number: int = expect(int, "an integer", value)
        if not -limit <= number < limit:
            raise ShapeError(f"must fit {bits} bits")
        return number

    return lambda *_: encode


_ENCODERS: dict[str, Callable[..., Convert]] = {
    "structure": _structure_encoder,
    "list": _list_encoder,
    "map": _map_encoder,
    "string": _scalar_encoder(str, "a string"),
    "boolean": _scalar_encoder(bool, "true or false"),
    "integer": _integer_encoder(32),
    "long": _integer_encoder(64),
}


def decoder(shape: Shape, leaves: Leaves) -> Convert | None:
    """Compile the decoder of an output shape, or return None where nothing below the shape is a leaf.

    It takes JSON text as `msgspec.Raw` and returns what can be written as JSON again, one list member after another, so
    that a page never stands in memory as Python objects. Text without a leaf below it stays text.
    """
    if shape.name in leaves:
        leaf = leaves[shape.name]
        return lambda text: leaf(_read(text))
    compile_ = _DECODERS.get(shape.type_name)
    return compile_(shape, leaves) if compile_ else None


def member_decoders(shape: StructureShape, leaves: Leaves) -> dict[str, Convert]:
    """Compile the decoders of a structure's members, of those that need one."""
    return {name: convert for name, member in shape.members.items() if (convert := decoder(member, leaves))}


def decode_members(members: Mapping[str, Any], decoders: Mapping[str, Convert]) -> dict[str, Any]:
    """Decode a structure's members.

    Those that the model does not know stay as they are: a newer DynamoDB may answer more than this SDK has heard of.
    """
    return {name: decoders[name](member) if name in decoders else member for name, member in members.items()}


_read = msgspec.json.decode
_read_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_read_map = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _structure_decoder(shape: StructureShape, leaves: Leaves) -> Convert | None:
    members = member_decoders(shape, leaves)
    return (lambda text: decode_members(_read_map(text), members)) if members else None


def _list_decoder(shape: ListShape, leaves: Leaves) -> Convert | None:
    member = decoder(shape.member, leaves)
    return (lambda text: [member(item) for item in _read_list(text)]) if member else None


def _map_decoder(shape: MapShape, leaves: Leaves) -> Convert | None:
    if leaf := leaves.get(shape.value.name):
        # An item: read at once.
        return lambda text: {name: leaf(value) for name, value in _read(text).items()}
    member = decoder(shape.value, leaves)
    return (lambda text: {name: member(value) for name, value in _read_map(text).items()}) if member else None


_DECODERS: dict[str, Callable[..., Convert | None]] = {
    "structure": _structure_decoder,
    "list": _list_decoder,
    "map": _map_decoder,
}
