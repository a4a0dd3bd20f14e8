"""Checks and converts by DynamoDB's own service model, so that no list of field names is kept by hand.

An encoder takes what a client sent for a shape and writes what DynamoDB's JSON protocol wants; a decoder takes the JSON
text that DynamoDB answered with and returns what the client gets. Both are functions compiled from the shape, and both
are given overrides: functions by shape name that stand in for what the model says of that shape.
"""

import base64
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from botocore.model import ListShape, MapShape, Shape, StructureShape

from chalicelib.errors import clipped

# DynamoDB itself refuses more than 32 levels in an item. This limit only protects the stack.
MAX_DEPTH = 64
_TOO_DEEP = "is nested too deeply; DynamoDB holds 32 levels"

# Every place in the service model that names a table is a string of one of these shapes.
TABLE_SHAPES = ("TableArn", "TableName")

encode_string = msgspec.json.encode
# What stands in place of the comma after the last member.
_END_OF_ARRAY, _END_OF_OBJECT = b"]}"


class Body(bytearray):
    """JSON text while it is written, and the names of the tables in it."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: set[str] = set()


# Writes a value that stands so many levels of lists and maps deep.
Encode = Callable[[Any, Body, int], None]
Decode = Callable[[Any], Any]


class ShapeError(Exception):
    """A value that does not fit its place.

    `message` says which place, from the payload down, and why. `unquoted` says the same and repeats nothing that could
    be an item's content: neither a value nor the name of an attribute.
    """

    def __init__(self, reason: str, *words: object) -> None:
        super().__init__(reason)
        self._reason, self._words = reason, words
        self._path = self._unquoted_path = ""

    def under(self, place: str | int) -> "ShapeError":
        """Say that the value stands in a member of a structure, or at an index of a list."""
        step = f"[{place}]" if isinstance(place, int) else f".{place}"
        self._path, self._unquoted_path = step + self._path, step + self._unquoted_path
        return self

    def under_name(self, name: str, position: int) -> "ShapeError":
        """Say that the value stands under a name that the client chose, the first one having position 1."""
        self._path, self._unquoted_path = f".{clipped(name)}{self._path}", f".<{position}>{self._unquoted_path}"
        return self

    @property
    def message(self) -> str:
        return f"payload{self._path}: {self._told(*map(clipped, self._words))}."

    @property
    def unquoted(self) -> str:
        return f"payload{self._unquoted_path}: {self._told(*('…' for _ in self._words))}."

    def _told(self, *words: str) -> str:
        return self._reason % words if words else self._reason


def expect(kind: type, name: str, value: Any) -> Any:
    """Return `value` if it is of just this type: a bool is an int to Python and not to DynamoDB."""
    if type(value) is not kind:
        raise ShapeError(f"must be {name}")
    return value


def write_list(members: list[Any], write: Encode, body: Body, depth: int) -> None:
    """Write a JSON array; a `ShapeError` on the way learns at which index it happened."""
    if not members:
        body += b"[]"
        return
    if depth >= MAX_DEPTH:
        raise ShapeError(_TOO_DEEP)
    body += b"["
    for index, member in enumerate(members):
        try:
            write(member, body, depth + 1)
        except ShapeError as error:
            raise error.under(index) from None
        body += b","
    body[-1] = _END_OF_ARRAY


def write_map(members: dict[str, Any], write: Encode, body: Body, depth: int) -> None:
    """Write a JSON object; a `ShapeError` on the way learns under which name it happened."""
    if not members:
        body += b"{}"
        return
    if depth >= MAX_DEPTH:
        raise ShapeError(_TOO_DEEP)
    body += b"{"
    for position, (name, member) in enumerate(members.items(), 1):
        body += encode_string(name)
        body += b":"
        try:
            write(member, body, depth + 1)
        except ShapeError as error:
            raise error.under_name(name, position) from None
        body += b","
    body[-1] = _END_OF_OBJECT


def write_string(value: Any, body: Body, _: int) -> None:
    body += encode_string(expect(str, "a string", value))


def write_boolean(value: Any, body: Body, _: int) -> None:
    body += b"true" if expect(bool, "true or false", value) else b"false"


def write_base64(value: Any, body: Body, _: int) -> None:
    try:
        decoded = base64.b64decode(expect(str, "a base64 string", value), validate=True)
    except ValueError:
        raise ShapeError("is not base64; use the standard alphabet, with padding") from None
    body += b'"%b"' % base64.b64encode(decoded)


def known_names(kind: str, known: list[str], unknown: str) -> str:
    """Say which names are known, after a question for the one that an unknown name is close to, if there is one."""
    # Only a mistake needs it, and it takes a millisecond of a cold start.
    from difflib import get_close_matches

    by_lower_case = {each.lower(): each for each in known}
    close_names = get_close_matches(unknown[:100].lower().replace("_", ""), by_lower_case, 1, 0.75)
    question = f'Did you mean "{by_lower_case[close_names[0]]}"? ' if close_names else ""
    return f"{question}The {kind} are: {', '.join(known)}"


def encoder(shape: Shape, overrides: Mapping[str, Encode]) -> Encode:
    """Compile the encoder of an input shape. It raises `ShapeError` for a value the model does not allow."""
    if shape.name in overrides:
        return overrides[shape.name]
    return _ENCODERS[shape.type_name](shape, overrides)


def _structure_encoder(shape: StructureShape, overrides: Mapping[str, Encode]) -> Encode:
    members = {name: (b'"%b":' % name.encode(), encoder(member, overrides)) for name, member in shape.members.items()}
    required = shape.required_members

    def encode(value: Any, body: Body, depth: int) -> None:
        opening = b"{"
        for name, member in expect(dict, "an object", value).items():
            if name not in members:
                raise _unknown_member(name, value, shape)
            written_name, encode_member = members[name]
            body += opening
            body += written_name
            try:
                encode_member(member, body, depth)
            except ShapeError as error:
                raise error.under(name) from None
            opening = b","
        for name in required:
            if name not in value:
                raise ShapeError(f'"{name}" is missing')
        body += b"}" if value else b"{}"

    return encode


def _unknown_member(name: str, value: Mapping[str, Any], shape: StructureShape) -> ShapeError:
    # The table of a payload is named beside it, in tableName.
    known = [member for member in shape.members if member != "TableName" or not shape.name.endswith("Input")]
    missing = "".join(f'"{each}" is missing; ' for each in shape.required_members if each not in value)
    return ShapeError(f'{missing}"%s" is an unknown member. {known_names("members", known, name)}', name)


def _list_encoder(shape: ListShape, overrides: Mapping[str, Encode]) -> Encode:
    encode_member = encoder(shape.member, overrides)

    def encode(value: Any, body: Body, depth: int) -> None:
        write_list(expect(list, "an array", value), encode_member, body, depth)

    return encode


def _map_encoder(shape: MapShape, overrides: Mapping[str, Encode]) -> Encode:
    encode_member = encoder(shape.value, overrides)
    names_tables = shape.key.name in TABLE_SHAPES

    def encode(value: Any, body: Body, depth: int) -> None:
        members = expect(dict, "an object", value)
        if names_tables:
            body.tables.update(members)
        write_map(members, encode_member, body, depth)

    return encode


def _write_table(value: Any, body: Body, depth: int) -> None:
    write_string(value, body, depth)
    body.tables.add(value)


def _integer_encoder(bits: int) -> Callable[..., Encode]:
    limit = 1 << (bits - 1)

    def encode(value: Any, body: Body, depth: int) -> None:
        number: int = expect(int, "an integer", value)
        if not -limit <= number < limit:
            raise ShapeError(f"must fit {bits} bits")
        body += str(number).encode()

    return lambda *_: encode


_ENCODERS: dict[str, Callable[..., Encode]] = {
    "structure": _structure_encoder,
    "list": _list_encoder,
    "map": _map_encoder,
    "string": lambda shape, _: _write_table if shape.name in TABLE_SHAPES else write_string,
    "boolean": lambda *_: write_boolean,
    "integer": _integer_encoder(32),
    "long": _integer_encoder(64),
}


def decoder(shape: Shape, overrides: Mapping[str, Decode]) -> Decode | None:
    """Compile the decoder of an output shape, or return None where nothing below the shape has an override.

    It takes JSON text as `msgspec.Raw` and returns what can be written as JSON again, one list member after another, so
    that a page never stands in memory as Python objects. Text with no override below it stays text.
    """
    if shape.name in overrides:
        override = overrides[shape.name]
        return lambda text: override(_read(text))
    compile_ = _DECODERS.get(shape.type_name)
    return compile_(shape, overrides) if compile_ else None


def member_decoders(shape: StructureShape, overrides: Mapping[str, Decode]) -> dict[str, Decode]:
    """Compile the decoders of a structure's members, of those that need one."""
    return {name: convert for name, member in shape.members.items() if (convert := decoder(member, overrides))}


def decode_members(members: Mapping[str, Any], decoders: Mapping[str, Decode]) -> dict[str, Any]:
    """Decode a structure's members.

    Those that the model does not know stay as they are: a newer DynamoDB may answer more than this SDK has heard of.
    """
    return {name: decoders[name](member) if name in decoders else member for name, member in members.items()}


_read = msgspec.json.decode
_read_list = msgspec.json.Decoder(list[msgspec.Raw]).decode
_read_map = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def _structure_decoder(shape: StructureShape, overrides: Mapping[str, Decode]) -> Decode | None:
    members = member_decoders(shape, overrides)
    return (lambda text: decode_members(_read_map(text), members)) if members else None


def _list_decoder(shape: ListShape, overrides: Mapping[str, Decode]) -> Decode | None:
    member = decoder(shape.member, overrides)
    return (lambda text: [member(item) for item in _read_list(text)]) if member else None


def _map_decoder(shape: MapShape, overrides: Mapping[str, Decode]) -> Decode | None:
    if override := overrides.get(shape.value.name):
        # An item: read at once.
        return lambda text: {name: override(value) for name, value in _read(text).items()}
    member = decoder(shape.value, overrides)
    return (lambda text: {name: member(value) for name, value in _read_map(text).items()}) if member else None


_DECODERS: dict[str, Callable[..., Decode | None]] = {
    "structure": _structure_decoder,
    "list": _list_decoder,
    "map": _map_decoder,
}
