"""JSON Lines: an item on each line, its attribute values as the gateway's plain JSON."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from clients.python.dynamodb_manager import parse
from clients.transfer.load import Failure, Line


def read_json_lines(file: Iterable[bytes], first_line: int) -> Iterator[Line | Failure]:
    """Read the lines from `first_line` on, counted from 1. The item's text stays as it is, with all of its digits."""
    for number, raw in enumerate(file, 1):
        if number < first_line or not raw.strip():
            continue
        try:
            text = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            item = json.loads(text)
        except RecursionError:
            yield Failure(number, "The line is nested too deeply.")
        except ValueError as error:
            yield Failure(number, f"The line is not JSON: {error}.")
        else:
            yield Line(number, text) if isinstance(item, dict) else Failure(number, "The line is not a JSON object.")


def read_items(file: BinaryIO) -> Iterator[dict[str, Any]]:
    """Read the items that a dump wrote, from the beginning."""
    file.seek(0)
    for line in file:
        yield parse(line.decode())
