"""The tables: all of them in a list, and one in detail."""

from contextlib import ExitStack
from typing import Any

from playwright.sync_api import expect

from tests.conftest import made_table
from tests.console.conftest import Console


def test_a_table_is_shown_with_its_key_indexes_and_size(console: Console, orders: str) -> None:
    page = console.open()
    page.reload()
    row = page.locator("main tr").filter(has=page.get_by_role("link", name=orders))
    expect(row.locator("th, td")).to_have_text([orders, "customer S, number N", "by-status", "0", "0 bytes"])
    page = console.open("table", orders)
    expect(page.get_by_text("ACTIVE, 0 items, 0 bytes.")).to_be_visible()
    rows = page.get_by_role("region", name="Keys and indexes").locator("tbody tr")
    expect(rows).to_have_text(["The table itselfcustomer Snumber NALL", "by-statusstatus Snumber NALL"])


def test_a_table_that_was_made_anew_is_described_anew(console: Console, dynamodb: Any, things: str) -> None:
    page = console.open("table", things)
    expect(page.get_by_text("ACTIVE, 0 items")).to_be_visible()
    dynamodb.put_item(TableName=things, Item={"id": {"S": "1"}})
    console.open("items", things)
    expect(page.get_by_text("1 item,")).to_be_visible()
    console.open("table", things)
    expect(page.get_by_text("ACTIVE, 1 item")).to_be_visible()


def test_many_tables_are_found_by_a_part_of_their_name(fresh: Console, dynamodb: Any) -> None:
    with ExitStack() as tables:
        for number in range(9):
            tables.enter_context(made_table(dynamodb, f"many-{number}"))
        page = fresh.open()
        page.get_by_label("Find a table").fill("ANY-7")
        expect(page.get_by_role("navigation", name="Tables").get_by_role("link")).to_have_text(["many-7"])
