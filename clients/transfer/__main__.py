"""`python -m clients.transfer`: load a table from a file, or dump it to one."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from clients.python.dynamodb_manager import ApiError, Auth, Client, api_key, cognito, sigv4, to_text
from clients.transfer.csv_table import TYPES, CsvTable, UnwritableName, write_csv
from clients.transfer.dump import Segments, dump
from clients.transfer.json_lines import read_items, read_json_lines
from clients.transfer.load import Failure, Line, Loading, load
from clients.transfer.progress import OtherTransfer, Progress, bar, say, stopping

# A transfer has the time to wait until a throttled table takes more.
ATTEMPTS = 10
# What a shell expects of a command that Ctrl-C has ended.
INTERRUPTED = 130


class UsageError(Exception):
    """Something the caller has to change; the message says what."""


def main() -> int:
    options = _parser().parse_args()
    options.format = options.format or ("csv" if options.file.endswith(".csv") else "jsonl")
    try:
        with ExitStack() as stack:
            return COMMANDS[options.command](options, stack)
    except ApiError as error:
        say(f"{error}{f' (request id {error.request_id})' if error.request_id else ''}")
    except (UsageError, OtherTransfer, UnwritableName, OSError) as error:
        say(str(error))
    return 1


def load_file(options: argparse.Namespace, stack: ExitStack) -> int:
    """Load a file; returns the exit status."""
    progress = _progress(options)
    clients = _clients(options, stack)
    file = _input(options.file, stack)
    loading = Loading(progress.read().get("nextLine", 1))
    if loading.next_line > 1:
        say(f"Going on at line {loading.next_line}, as {progress.file} says.")
    lines = _lines(file, options, clients[0], loading.next_line)
    total = None if options.file == "-" else _count_lines(Path(options.file)) - loading.next_line + 1
    shown = stack.enter_context(bar("Loading", total))
    stopped = stack.enter_context(stopping())

    def report(failures: list[Failure], loaded: int) -> None:
        for failure in failures:
            shown.write(f"line {failure.number}: {failure.reason}", file=sys.stderr)
        shown.update(len(failures) + loaded)

    started = time.monotonic()
    complete = False
    try:
        load(lines, options.table, clients, loading, stopped, report)
        complete = not stopped()
    finally:
        stack.close()
        say(f"Loaded {_rate(loading.loaded, started)}; {loading.failed:,} lines failed.")
        if complete:
            progress.clear()
        elif loading.loaded:
            progress.write({"nextLine": loading.next_line})
            say(f"Stopped: every line before {loading.next_line} is done.{progress.hint}")
    if not complete:
        return INTERRUPTED
    return 1 if loading.failed else 0


def dump_table(options: argparse.Namespace, stack: ExitStack) -> int:
    """Dump a table; returns the exit status."""
    progress = _progress(options)
    clients = _clients(options, stack)
    known = progress.read()
    segments: Segments = known.get("segments") or [None] * options.connections
    items = _items_file(options, known, stack)
    shown = stack.enter_context(bar("Dumping", None if known else _item_count(clients[0], options.table)))
    stopped = stack.enter_context(stopping())
    dumped = 0

    def write(page: list[dict[str, Any]]) -> None:
        nonlocal dumped
        items.write("".join([f"{to_text(item)}\n" for item in page]).encode())
        dumped += len(page)
        shown.update(len(page))

    started = time.monotonic()
    try:
        dump(options.table, clients, segments, stopped, write)
    finally:
        complete = not any(start is not False for start in segments)
        items.flush()
        if complete:
            progress.clear()
        elif progress.file and (dumped or known):
            progress.write({"segments": segments, "bytes": items.tell()})
        elif progress.file:
            Path(items.name).unlink()
        shown.close()
        say(f"Dumped {_rate(dumped, started)}." + ("" if complete else f" Stopped before the end.{progress.hint}"))
    if not complete:
        return INTERRUPTED
    if options.format == "csv":
        _convert_to_csv(items, options.file)
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace, ExitStack], int]] = {"load": load_file, "dump": dump_table}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m clients.transfer", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about, stream in [
        ("load", "put the item of every line of a file into a table", "standard input"),
        ("dump", "write every item of a table to a file", "standard output"),
    ]:
        command = commands.add_parser(name, help=about)
        command.add_argument("file", help=f"the file, or - for {stream}")
        command.add_argument("--url", required=True, help="such as http://127.0.0.1:8000/DynamoDBManager")
        command.add_argument("--table", required=True)
        command.add_argument("--format", choices=["jsonl", "csv"], help="by default csv for *.csv, and else jsonl")
        command.add_argument("--connections", type=_positive, default=4, help="how many at a time (default: 4)")
        command.add_argument(
            "--auth",
            choices=AUTHS,
            default="none",
            help="iam signs with the credentials that botocore finds, cognito sends the token in the environment "
            "variable ID_TOKEN, api-key the key in API_KEY (default: none)",
        )
        command.set_defaults(types={})
    commands.choices["load"].add_argument(
        "--types",
        type=_types,
        default={},
        metavar="COLUMN=TYPE,…",
        help=f"types of a CSV file's columns: {', '.join(TYPES)}; the others are as the header says, or guessed",
    )
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


def _types(text: str) -> dict[str, str]:
    columns = [part.rpartition("=") for part in text.split(",")]
    if any(not name or type not in TYPES for name, _, type in columns):
        raise argparse.ArgumentTypeError(f"{text!r} is not a list such as id=S,age=N of the types {', '.join(TYPES)}")
    return {name: type for name, _, type in columns}


def _secret(variable: str) -> str:
    # Not an option of the command: every user of the machine can read those.
    if not os.environ.get(variable):
        raise UsageError(f"Set the environment variable {variable}.")
    return os.environ[variable]


AUTHS: dict[str, Callable[[], Auth | None]] = {
    "none": lambda: None,
    "api-key": lambda: api_key(_secret("API_KEY")),
    "cognito": lambda: cognito(_secret("ID_TOKEN")),
    "iam": sigv4,
}


def _clients(options: argparse.Namespace, stack: ExitStack) -> list[Client]:
    try:
        auth = AUTHS[options.auth]()
        clients = [Client(options.url, auth, attempts=ATTEMPTS) for _ in range(options.connections)]
    except (ValueError, ImportError) as error:
        raise UsageError(str(error)) from None
    return [stack.enter_context(client) for client in clients]


def _progress(options: argparse.Namespace) -> Progress:
    file = None if options.file == "-" else Path(f"{options.file}.progress")
    return Progress(file, {"command": options.command, "url": options.url, "table": options.table})


def _input(name: str, stack: ExitStack) -> BinaryIO:
    return sys.stdin.buffer if name == "-" else stack.enter_context(Path(name).open("rb"))


def _lines(file: BinaryIO, options: argparse.Namespace, client: Client, first_line: int) -> Iterator[Line | Failure]:
    if options.format == "jsonl":
        return read_json_lines(file, first_line)
    # What is not UTF-8 becomes half surrogate pairs, which the gateway refuses with their line.
    text = TextIOWrapper(file, "utf-8-sig", "surrogateescape", newline="")
    try:
        table = CsvTable(text, options.types, _key_types(client, options.table))
    except ValueError as error:
        raise UsageError(f"{options.file}: {error}") from None
    if table.guessed:
        types = ",".join(f"{name}={type}" for name, type in table.guessed.items())
        say(f"Types guessed from the first rows: {types}; state others with --types.")
    return table.lines(first_line)


def _key_types(client: Client, table: str) -> dict[str, str]:
    """Return the types of the table's key attributes, or nothing where the stage does not tell."""
    try:
        attributes = client.call("describe", table)["Table"]["AttributeDefinitions"]
    except ApiError:
        return {}
    return {attribute["AttributeName"]: attribute["AttributeType"] for attribute in attributes}


def _item_count(client: Client, table: str) -> int | None:
    """Return how many items DynamoDB last counted, which it does every six hours."""
    try:
        return client.call("describe", table)["Table"].get("ItemCount") or None
    except ApiError:
        return None


def _count_lines(file: Path) -> int:
    with file.open("rb") as lines:
        return sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b""))


def _items_file(options: argparse.Namespace, known: dict[str, Any], stack: ExitStack) -> BinaryIO:
    """Open what a dump writes items to. For CSV that is a file in between: its header needs every item first."""
    if options.file == "-":
        return stack.enter_context(tempfile.TemporaryFile()) if options.format == "csv" else sys.stdout.buffer
    file = Path(options.file)
    if options.format == "csv":
        if file.exists():
            raise FileExistsError(f"{file} exists already.")
        file = Path(f"{file}.items")
    if not known:
        return stack.enter_context(file.open("x+b"))
    items = stack.enter_context(file.open("r+b"))
    items.truncate(known["bytes"])
    items.seek(0, os.SEEK_END)
    return items


def _convert_to_csv(items: BinaryIO, name: str) -> None:
    if name == "-":
        with TextIOWrapper(sys.stdout.buffer, "utf-8", newline="") as file:
            write_csv(lambda: read_items(items), file)
        return
    with open(name, "x", encoding="utf-8", newline="") as file:
        write_csv(lambda: read_items(items), file)
    Path(f"{name}.items").unlink()


def _rate(items: int, started: float) -> str:
    seconds = time.monotonic() - started
    return f"{items:,} items in {seconds:.1f} s, {items / max(seconds, 0.001):,.0f} a second"


if __name__ == "__main__":
    sys.exit(main())
