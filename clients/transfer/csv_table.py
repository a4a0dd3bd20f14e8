"""CSV: a column for each attribute, with a type that is stated or guessed.

A type is stated in the header, `price:N`, or on the command line. An empty cell is no attribute.
"""

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain, islice
from typing import Any, TextIO

from clients.python.dynamodb_manager import to_text
from clients.transfer.load import Failure, Line

GUESSED_ROWS = 1000
# DynamoDB's largest item is 400 KB; escapes in a cell may make it longer.
csv.field_size_limit(8 * 1024 * 1024)

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
MAX_DIGITS = 38


class CellError(ValueError):
    """A cell that is not of its column's type."""


class UnwritableName(ValueError):
    """An attribute name with a NUL, which Python 3.10 writes and reads in no CSV."""


def _number(cell: str) -> str:
    if not _NUMBER.fullmatch(cell):
        raise CellError("is not a number")
    return cell


def _boolean(cell: str) -> str:
    if cell.lower() not in ("true", "false"):
        raise CellError("is neither true nor false")
    return cell.lower()


def _any_json(cell: str) -> str:
    try:
        json.loads(cell)
    except (ValueError, RecursionError):
        raise CellError("is not JSON") from None
    return cell


# Each type, and how a cell of it becomes the JSON text of an attribute value.
TYPES: dict[str, Callable[[str], str]] = {
    "S": to_text,
    "N": _number,
    "BOOL": _boolean,
    "B": lambda cell: to_text({"$binary": cell}),
    # Anything in the gateway's plain JSON: a list, a map, a set.
    "JSON": _any_json,
}


class CsvTable:
    """A CSV file that is read: the names and types of its columns, and its rows.

    Raises `ValueError` for a header that cannot be used.
    """

    def __init__(self, file: TextIO, stated: Mapping[str, str], keys: Mapping[str, str]) -> None:
        """Read the header, and as many rows as it takes to guess. `stated` maps columns to types, and `keys`
        the table's key attributes, which need no guess."""
        self._rows = _numbered(csv.reader(file, strict=True))
        _, header = next(self._rows, (1, []))
        columns = [_column(cell) for cell in header]
        self.names = [name for name, _ in columns]
        if not all(self.names) or len(set(self.names)) < len(self.names):
            raise ValueError("The header must name each column once.")
        if unknown := stated.keys() - set(self.names):
            raise ValueError(f"There is no column {', '.join(sorted(unknown))} in the header.")
        known = [stated.get(name) or type or keys.get(name) for name, type in columns]
        self._head = list(islice(self._rows, GUESSED_ROWS)) if None in known else []
        self.guessed = {
            name: _guess([row[column] for _, row in self._head if isinstance(row, list) and column < len(row)])
            for column, name in enumerate(self.names)
            if known[column] is None
        }
        self._types = [type or self.guessed[name] for name, type in zip(self.names, known, strict=True)]

    def lines(self, first_line: int) -> Iterator[Line | Failure]:
        """Yield the rows that begin at `first_line` or after it, counted from 1, the header being a line too."""
        for number, row in chain(self._head, self._rows):
            if number >= first_line and row:
                yield self._line(number, row)

    def _line(self, number: int, row: list[str] | str) -> Line | Failure:
        if isinstance(row, str):
            return Failure(number, row)
        if len(row) != len(self.names):
            return Failure(number, f"The row has {len(row)} cells, and the header {len(self.names)}.")
        members = []
        for name, type, cell in zip(self.names, self._types, row, strict=True):
            try:
                if cell:
                    members.append(f"{to_text(name)}:{TYPES[type](cell)}")
            except CellError as error:
                return Failure(number, f"column {name}: {cell[:100]!r} {error}; the column's type is {type}.")
        return Line(number, f"{{{','.join(members)}}}")


def _numbered(reader: Any) -> Iterator[tuple[int, list[str] | str]]:
    """Yield each row with the number of its first line; for a row that is not CSV, the reason."""
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except csv.Error as error:
            yield number, f"The row is not CSV: {error}."
        except StopIteration:
            return


def _column(header: str) -> tuple[str, str | None]:
    name, colon, type = header.rpartition(":")
    return (name, type) if colon and type in TYPES else (header, None)


def _guess(cells: list[str]) -> str:
    """Guess the type of a column. A number with a leading zero is none: postcodes and telephone numbers have them."""
    filled = [cell for cell in cells if cell]
    if filled and all(map(_is_exact_number, filled)):
        return "N"
    if filled and all(cell.lower() in ("true", "false") for cell in filled):
        return "BOOL"
    return "S"


def _is_exact_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell)) and len(Decimal(cell).as_tuple().digits) <= MAX_DIGITS


def write_csv(items: Callable[[], Iterable[dict[str, Any]]], file: TextIO) -> None:
    """Write items with a header that states every type, so that they can be loaded again as they are.

    `items` is called twice. A column of several types, or of values that a cell cannot tell apart, is of type JSON.
    Raises `UnwritableName`.
    """
    types: dict[str, str] = {}
    for item in items():
        for name, value in item.items():
            type = _type(value)
            types[name] = type if types.get(name, type) == type else "JSON"
    if unwritable := [name for name in types if "\0" in name]:
        raise UnwritableName(f"CSV has no way to write the attribute name {unwritable[0]!r}; dump to JSON Lines.")
    writer = csv.writer(file)
    writer.writerow([f"{name}:{type}" for name, type in types.items()])
    for item in items():
        writer.writerow([_cell(item[name], type) if name in item else "" for name, type in types.items()])


def _type(value: Any) -> str:
    if isinstance(value, bool):
        return "BOOL"
    if isinstance(value, int | Decimal):
        return "N"
    # An empty cell is no attribute, and Python 3.10 reads no NUL from CSV.
    return "S" if isinstance(value, str) and value and "\0" not in value else "JSON"


def _cell(value: Any, type: str) -> str:
    return str(value) if type == "S" else to_text(value)
