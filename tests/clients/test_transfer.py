"""`python -m clients.transfer`: what is dumped is what was loaded, a bad line stops nothing, Ctrl-C loses nothing."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clients.python.dynamodb_manager import Client, parse, to_json, to_text
from clients.transfer.csv_table import CsvTable, write_csv
from tests.clients.conftest import Server, Told
from tests.clients.test_python import ITEM, VALUES
from tests.conftest import PROJECT, made_table

Result = subprocess.CompletedProcess[str]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "clients.transfer", *map(str, arguments)]


def transfer(*arguments: object, given: str = "", status: int = 0, **environ: str) -> Result:
    result = subprocess.run(
        command(*arguments), cwd=PROJECT, env={**os.environ, **environ}, input=given, capture_output=True, text=True
    )
    assert result.returncode == status, result.stderr
    return result


@pytest.fixture
def to(url: str, table: str) -> list[str]:
    return ["--url", url, "--table", table]


@pytest.fixture
def empty(url: str, dynamodb: Any) -> Iterator[list[str]]:
    """The options of a table with nothing in it."""
    with made_table(dynamodb, f"empty-{time.time_ns()}") as name:
        yield ["--url", url, "--table", name]


def typed_items(dynamodb: Any, table: str) -> list[Any]:
    """Every item in DynamoDB's own types; sets, which have no order, sorted."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table)
    return sorted((_in_order(item) for page in pages for item in page["Items"]), key=repr)


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: sorted(v) if k in ("SS", "NS", "BS") else _in_order(v) for k, v in sorted(value.items())}
    return [_in_order(member) for member in value] if isinstance(value, list) else value


ODD_ITEMS = [
    {**ITEM, "id": "one"},
    {"id": "two", "int": "a string here", "empty": "", "spaces": " a\r\nb\rc,\"d' ", "colon:S": "x"},
    {"id": "three", "int": 7, "yes": False, "empty": "x", "spaces": "\x00"},
]


@pytest.mark.parametrize("name", ["items.jsonl", "items.csv"])
def test_a_dump_loaded_again_is_equal_typed_value_by_typed_value(
    name: str, to: list[str], empty: list[str], dynamodb: Any, tmp_path: Path
) -> None:
    client = Client(to[1])
    for item in ODD_ITEMS:
        client.call("create", to[3], {"Item": item})
    transfer("dump", tmp_path / name, *to)
    transfer("load", tmp_path / name, *empty)
    assert typed_items(dynamodb, empty[3]) == typed_items(dynamodb, to[3])
    assert [path.name for path in tmp_path.iterdir()] == [name]


WITHOUT_NUL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1)


@given(items=st.lists(st.dictionaries(WITHOUT_NUL, VALUES, max_size=4), max_size=4))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_csv_keeps_every_item_as_it_is(items: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> None:
    plain = [{"id": str(n), **{name: to_json(value) for name, value in item.items()}} for n, item in enumerate(items)]
    file = tmp_path_factory.getbasetemp() / "items.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        write_csv(lambda: plain, out)
    with file.open(encoding="utf-8", newline="") as back:
        read = [parse(line.item) for line in CsvTable(back, {}, {}).lines(1)]  # type: ignore[union-attr]
    assert read == plain


def test_an_attribute_name_that_csv_cannot_hold_is_a_clear_error(empty: list[str]) -> None:
    transfer("load", "-", *empty, given=to_text({"id": "1", "a\0": 1}))
    told = transfer("dump", "-", "--format", "csv", *empty, status=1).stderr
    assert "dump to JSON Lines" in told
    assert "Traceback" not in told


def test_it_reads_standard_input_and_writes_standard_output(empty: list[str]) -> None:
    lines = [to_text(to_json({"id": str(n), "n": n})) for n in range(60)]
    loaded = transfer("load", "-", *empty, given="\n".join(lines))
    assert "Loaded 60 items in" in loaded.stderr
    assert sorted(transfer("dump", "-", *empty).stdout.splitlines()) == sorted(lines)
    table = transfer("dump", "-", "--format", "csv", *empty).stdout.splitlines()
    assert table[0] in ("id:S,n:N", "n:N,id:S")
    assert len(table) == 61


def test_a_line_that_fails_is_told_by_number_and_reason_and_the_rest_is_loaded(empty: list[str]) -> None:
    lines = [f'{{"id": "{n}"}}' for n in range(1, 61)]
    lines[4] = "{broken"
    lines[9] = "[1]"
    lines[19] = '{"name": "no key"}'
    lines[29] = '{"id": "30", "tags": {"$set": []}}'
    lines[39] = lines[38]
    lines[49] = '{"id": "50", "n": NaN}'
    told = transfer("load", "-", *empty, given="\n".join(lines), status=1).stderr
    failed = {line.split(":")[0]: line for line in told.splitlines() if line.startswith("line ")}
    assert failed.keys() == {"line 5", "line 10", "line 20", "line 30", "line 50"}
    assert "not JSON" in failed["line 5"]
    assert "not a JSON object" in failed["line 10"]
    assert "$set must be an array of at least one value" in failed["line 30"]
    assert "Loaded 55 items" in told
    assert "5 lines failed" in told
    assert len(transfer("dump", "-", *empty).stdout.splitlines()) == 54


def test_the_types_of_a_csv_file_are_stated_or_guessed_and_said(empty: list[str]) -> None:
    rows = ["id,age,zip,member,note,when", "1,30,01234,true,,2026", "2,31.5,56789,FALSE,hello,2027"]
    told = transfer("load", "-", "--format", "csv", "--types", "when=S", *empty, given="\n".join(rows)).stderr
    assert "Types guessed from the first rows: age=N,zip=S,member=BOOL,note=S;" in told
    items = [json.loads(line) for line in transfer("dump", "-", *empty).stdout.splitlines()]
    # The key's type is the table's own, and no guess.
    assert sorted(items, key=lambda item: item["id"]) == [
        {"id": "1", "age": 30, "zip": "01234", "member": True, "when": "2026"},
        {"id": "2", "age": 31.5, "zip": "56789", "member": False, "note": "hello", "when": "2027"},
    ]


def test_a_csv_row_that_fails_is_told_by_its_line(empty: list[str]) -> None:
    rows = ["id:S,age:N", '"a\nb",1', "c,old", "d", "e,2"]
    told = transfer("load", "-", "--format", "csv", *empty, given="\n".join(rows), status=1).stderr
    assert "line 4: column age: 'old' is not a number; the column's type is N." in told
    assert "line 5: The row has 1 cells, and the header 2." in told
    assert "Loaded 2 items" in told


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--types", "id=X"], "is not a list such as id=S,age=N"),
        (["--connections", "0"], "is not a number from 1 on"),
        (["--format", "csv", "--types", "no=S"], "There is no column no in the header"),
        (["--auth", "cognito"], "Set the environment variable ID_TOKEN"),
    ],
)
def test_a_bad_option_is_a_clear_error(to: list[str], arguments: list[str], says: str) -> None:
    result = subprocess.run(
        command("load", "-", *to, *arguments), cwd=PROJECT, input="id\n1\n", capture_output=True, text=True
    )
    assert result.returncode
    assert says in result.stderr
    assert "Traceback" not in result.stderr


def test_where_every_line_fails_it_stops(empty: list[str]) -> None:
    told = transfer("load", "-", *empty, "--connections", 1, given='{"nokey": 1}\n' * 400, status=1).stderr
    assert "the rest was not tried" in told
    assert told.count("\nline ") < 200


def test_a_missing_table_is_a_clear_error_and_leaves_no_file(url: str, tmp_path: Path) -> None:
    for arguments in (["load", "-"], ["dump", tmp_path / "items.jsonl"]):
        told = transfer(*arguments, "--url", url, "--table", "nowhere", given='{"id": "1"}\n', status=1).stderr
        assert "ResourceNotFoundException" in told
        assert "request id" in told
    assert not list(tmp_path.iterdir())


def test_a_dump_never_overwrites_a_file(to: list[str], tmp_path: Path) -> None:
    kept = tmp_path / "items.jsonl"
    kept.write_text("mine")
    assert "exists" in transfer("dump", kept, *to, status=1).stderr
    assert kept.read_text() == "mine"


def test_unprocessed_items_are_sent_again(told: Server) -> None:
    rest = {"t": [{"PutRequest": {"Item": {"id": "2", "n": 1}}}]}
    told.script.append(Told(200, {"UnprocessedItems": rest}))
    transfer("load", "-", "--url", told.url, "--table", "t", given='{"id": "1"}\n{"id": "2", "n": 1}\n')
    assert told.requests[1]["payload"] == {"RequestItems": rest}


def stopped_by_ctrl_c(arguments: list[object], when: Any) -> str:
    with subprocess.Popen(command(*arguments), cwd=PROJECT, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and not when():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr
        told = process.stderr.read()
        assert process.wait(30) == 130, told
    return told


def test_a_load_stopped_by_ctrl_c_goes_on_where_it_stopped(empty: list[str], dynamodb: Any, tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text("".join(f'{{"id": "{n}"}}\n' for n in range(5000)))
    some = {"TableName": empty[3], "Limit": 1}
    told = stopped_by_ctrl_c(["load", file, *empty], lambda: dynamodb.scan(**some)["Count"])
    assert "The same command goes on from there" in told
    went_on = transfer("load", file, *empty).stderr
    assert "Going on at line" in went_on
    assert len(typed_items(dynamodb, empty[3])) == 5000
    assert [path.name for path in tmp_path.iterdir()] == ["items.jsonl"]


def test_a_dump_stopped_by_ctrl_c_goes_on_where_it_stopped(empty: list[str], dynamodb: Any, tmp_path: Path) -> None:
    lines = [f'{{"id":"{n}","pad":"{"x" * 50_000}"}}' for n in range(200)]
    transfer("load", "-", *empty, given="\n".join(lines))
    file = tmp_path / "items.jsonl"
    stopped_by_ctrl_c(["dump", file, *empty, "--connections", 2], lambda: file.exists() and file.stat().st_size)
    partly = file.read_text().splitlines()
    assert 0 < len(partly) < 200
    transfer("dump", file, *empty)
    assert sorted(file.read_text().splitlines()) == sorted(lines)
