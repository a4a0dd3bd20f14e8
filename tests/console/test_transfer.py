"""Export and import as JSON Lines and CSV, with what failed and why; other programs read and write the same files."""

import json
import sys
from pathlib import Path
from subprocess import run
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Console, fill

ITEMS = [
    {
        "id": {"S": f"é {n}"},
        "n": {"N": f"{n}.12345678901234567890123456789"},
        "text": {"S": 'a "quoted", text\nof two lines'},
        "flag": {"BOOL": n % 2 == 0},
        "tags": {"SS": ["a", "b"]},
        "photo": {"B": b"\x00\x01"},
        "mixed": {"S": ""} if n % 2 else {"L": [{"NULL": True}]},
    }
    for n in range(7)
]


def export(page: Page, kind: str, scope: str) -> Path:
    page.get_by_role("button", name="Export").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=scope).click()
    dialog.get_by_role("button", name=kind).click()
    with page.expect_download() as download:
        dialog.get_by_role("button", name="Export", exact=True).click()
    expect(dialog.get_by_text("Exported: ")).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    path = Path(download.value.path())
    named = path.with_name(download.value.suggested_filename)
    path.rename(named)
    return named


def load(page: Page, file: Path) -> Any:
    page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("File").set_input_files(file)
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog.get_by_text("Done.")).to_be_visible()
    return dialog


def every_item(dynamodb: Any, table: str) -> list[Any]:
    found: list[Any] = dynamodb.scan(TableName=table, ConsistentRead=True)["Items"]
    return sorted(found, key=lambda item: str(item["id"]))


@pytest.mark.parametrize("kind", ["JSON Lines", "CSV"])
def test_what_is_exported_is_imported_unchanged(console: Console, dynamodb: Any, things: str, kind: str) -> None:
    fill(dynamodb, things, ITEMS)
    # Pages of two: an export of every page has to follow them.
    page = console.open("items", things, limit=2)
    file = export(page, kind, "Every page")
    dynamodb.delete_item(TableName=things, Key={"id": ITEMS[0]["id"]})
    dynamodb.put_item(TableName=things, Item={"id": ITEMS[1]["id"]})
    console.open("items", things)
    expect(load(page, file)).to_contain_text("7 of 7 items loaded; 0 lines failed.")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("7 items")).to_be_visible()
    assert every_item(dynamodb, things) == sorted(ITEMS, key=lambda item: str(item["id"]))


@pytest.mark.parametrize("kind", ["JSON Lines", "CSV"])
def test_the_command_line_loads_what_the_page_exports_and_back(
    console: Console, dynamodb: Any, things: str, tmp_path: Path, kind: str
) -> None:
    fill(dynamodb, things, ITEMS)
    page = console.open("items", things)
    file = export(page, kind, "This page")
    transfer = [sys.executable, "-m", "clients.transfer"]
    where = ["--url", console.url.replace("/console", "/DynamoDBManager"), "--table", things]
    for id in (item["id"] for item in ITEMS):
        dynamodb.delete_item(TableName=things, Key={"id": id})
    loaded = run([*transfer, "load", str(file), *where], capture_output=True, text=True)
    assert loaded.returncode == 0, loaded.stdout + loaded.stderr
    assert every_item(dynamodb, things) == sorted(ITEMS, key=lambda item: str(item["id"]))
    dumped = tmp_path / f"dump{file.suffix}"
    assert run([*transfer, "dump", str(dumped), *where], capture_output=True).returncode == 0
    console.open("items", things)
    expect(load(page, dumped)).to_contain_text("7 of 7 items loaded; 0 lines failed.")
    assert every_item(dynamodb, things) == sorted(ITEMS, key=lambda item: str(item["id"]))


def test_only_the_page_that_is_shown_is_exported(console: Console, dynamodb: Any, things: str) -> None:
    fill(dynamodb, things, ITEMS)
    page = console.open("items", things, limit=3)
    lines = export(page, "JSON Lines", "This page").read_text().splitlines()
    assert len(lines) == 3
    assert json.loads(lines[0])["tags"] == {"$set": ["a", "b"]}


def test_what_is_selected_is_exported(console: Console, dynamodb: Any, things: str) -> None:
    fill(dynamodb, things, ITEMS)
    page = console.open("items", things)
    page.get_by_label("Select é 2").check()
    page.get_by_label("Select é 5").check()
    lines = export(page, "JSON Lines", "Selected, 2 items").read_text().splitlines()
    assert sorted(json.loads(line)["id"] for line in lines) == ["é 2", "é 5"]


def test_a_line_that_fails_is_told_with_its_reason_and_the_rest_is_loaded(
    console: Console, dynamodb: Any, things: str, tmp_path: Path
) -> None:
    file = tmp_path / "items.jsonl"
    too_large = json.dumps({"id": "large", "text": "x" * 410_000})
    file.write_text(
        '{"id": "1"}\n\n{"id": 2}\n{"id": "3"\n{"n": 4}\n{"id": "5", "n": 1e200}\n' + too_large + '\n{"id": "8"}\n'
    )
    dialog = load(console.open("items", things), file)
    expect(dialog).to_contain_text("2 of 3 items loaded; 5 lines failed.")
    reasons = [
        'Line 3: The key attribute "id" must be of the type S.',
        "Line 4: Expected a comma or }, and found the end of the text.",
        'Line 5: The key attribute "id" is missing.',
        "Line 6: A number is between",
        "Line 7: Item size",
    ]
    for item, reason in zip(dialog.locator("ul li").all(), reasons, strict=True):
        expect(item).to_contain_text(reason)
    assert [item["id"]["S"] for item in every_item(dynamodb, things)] == ["1", "8"]


def test_types_of_csv_are_stated_guessed_or_the_keys_own(
    console: Console, dynamodb: Any, things: str, tmp_path: Path
) -> None:
    file = tmp_path / "items.csv"
    file.write_text(
        "id,size,zip,flag,stated:JSON,none\r\n"
        '1,5,01234,TRUE,"[1, ""a""]",\r\n2,12345678901234567890.5,98765,false,null,\n"3",1,2\n4,5,6,true,{,\n'
    )
    dialog = load(console.open("items", things), file)
    expect(dialog).to_contain_text("Line 4: The row has 3 cells, and the header has 6.")
    expect(dialog).to_contain_text('Line 5: Column stated: "{" is not JSON.')
    assert every_item(dynamodb, things) == [
        {
            "id": {"S": "1"},
            "size": {"N": "5"},
            "zip": {"S": "01234"},
            "flag": {"BOOL": True},
            "stated": {"L": [{"N": "1"}, {"S": "a"}]},
        },
        {
            "id": {"S": "2"},
            "size": {"N": "12345678901234567890.5"},
            "zip": {"S": "98765"},
            "flag": {"BOOL": False},
            "stated": {"NULL": True},
        },
    ]


def test_an_import_can_be_stopped(console: Console, dynamodb: Any, things: str, tmp_path: Path) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text("".join(f'{{"id": "{n}"}}\n' for n in range(2_000)))
    page = console.open("items", things)
    page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("File").set_input_files(file)
    dialog.get_by_role("button", name="Import", exact=True).click()
    expect(dialog.get_by_text("of 2,000 items loaded")).to_be_visible()
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog.get_by_text("Stopped.")).to_be_visible()
    assert dynamodb.scan(TableName=things, Select="COUNT")["Count"] < 2_000


def test_what_dynamodb_leaves_undone_is_sent_again(
    console: Console, dynamodb: Any, things: str, tmp_path: Path
) -> None:
    file = tmp_path / "items.jsonl"
    file.write_text("".join(f'{{"id": "{n}"}}\n' for n in range(3)))
    page = console.open("items", things)
    left = [{"PutRequest": {"Item": {"id": {"S": "0"}}}}]
    answers: list[dict[str, Any]] = [
        {"json": {"UnprocessedItems": {things: left}}},
        {"status": 429, "json": {"Code": "x", "Message": "busy"}},
    ]

    def answer(route: Any) -> None:
        if "batchWrite" in route.request.post_data and answers:
            route.fulfill(**answers.pop(0))
        else:
            route.continue_()

    page.route("**/DynamoDBManager", answer)
    expect(load(page, file)).to_contain_text("3 of 3 items loaded")
    assert [item["id"]["S"] for item in every_item(dynamodb, things)] == ["0"]
