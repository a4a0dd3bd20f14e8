"""The items of a table: scan and query, filters, pages, columns, and several deleted at once."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Console, fill, order


@pytest.fixture
def filled(dynamodb: Any, orders: str) -> str:
    fill(
        dynamodb,
        orders,
        [order(f"c{n % 2}", n, ["new", "sent"][n % 3 == 0], total={"N": f"{n}.5"}) for n in range(10)],
    )
    return orders


def numbers(page: Page) -> list[str]:
    """The order numbers that the page shows, once it has loaded."""
    expect(page.get_by_text("Loading")).to_have_count(0)
    cells = page.locator(".items tbody tr > :nth-child(3)").all_inner_texts()
    return [cell.removeprefix("N").strip() for cell in cells]


def test_a_scan_shows_every_item_with_the_type_of_each_value(console: Console, filled: str) -> None:
    page = console.open("items", filled)
    assert sorted(numbers(page), key=int) == [str(n) for n in range(10)]
    assert page.locator(".items thead th").all_inner_texts() == ["customer", "number", "status", "total"]
    assert {"S new", "N 9.5"} <= {text.replace("\n", " ") for text in page.locator(".items td").all_inner_texts()}
    expect(page.get_by_text("10 items")).to_be_visible()


def test_a_value_of_each_type_is_shown_as_one_would_write_it(console: Console, dynamodb: Any, things: str) -> None:
    shown: dict[str, tuple[dict[str, Any], str]] = {
        "binaries": ({"BS": [b"\x01", b"\x02"]}, "BS AQ==, Ag=="),
        "binary": ({"B": b"\x01\x02"}, "B AQI="),
        "flag": ({"BOOL": False}, "BOOL false"),
        "list": ({"L": [{"N": "1"}, {"S": "x"}]}, "L [1, x]"),
        "map": ({"M": {"a": {"N": "1"}, "b": {"NULL": True}}}, "M {a, b}"),
        "nothing": ({"NULL": True}, "NULL null"),
        "numbers": ({"NS": ["1", "2"]}, "NS 1, 2"),
        "text": ({"S": ""}, "S empty"),
    }
    fill(dynamodb, things, [{"id": {"S": "1"}, **{name: value for name, (value, _) in shown.items()}}])
    page = console.open("items", things)
    expect(page.locator(".items td .value")).to_have_text([text for _, text in shown.values()])


def test_a_query_by_key_asks_for_what_the_form_says(console: Console, filled: str) -> None:
    page = console.open("items", filled)
    page.get_by_role("radio", name="Query").check()
    page.get_by_role("textbox", name="customer").fill("c1")
    page.get_by_label("Comparison of number").select_option("between")
    page.get_by_label("Value").fill("3")
    page.get_by_label("and", exact=True).fill("7")
    page.get_by_label("Backwards").check()
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("3 items")).to_be_visible()
    assert numbers(page) == ["7", "5", "3"]


@pytest.mark.parametrize(
    ("comparison", "values", "found"),
    [("=", ["5"], 1), ("<", ["5"], 2), ("≤", ["5"], 3), (">", ["5"], 2), ("≥", ["5"], 3), ("between", ["3", "7"], 3)],
)
def test_each_comparison_of_the_sort_key(
    console: Console, filled: str, comparison: str, values: list[str], found: int
) -> None:
    console.open("items", filled, partition="c1", comparison=comparison, sort=[*values, ""][:2])
    assert len(numbers(console.page)) == found


def test_an_index_is_queried_by_its_own_key(console: Console, filled: str) -> None:
    page = console.open("items", filled)
    page.get_by_label("Table or index").select_option("by-status")
    page.get_by_role("radio", name="Query").check()
    page.get_by_role("textbox", name="status").fill("sent")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("4 items")).to_be_visible()
    assert numbers(page) == ["0", "3", "6", "9"]


FILTERS = [
    (["total", ">", "N", "6.5", ""], ["7", "8", "9"]),
    (["total", "between", "N", "2.5", "3.5"], ["2", "3"]),
    (["status", "begins with", "S", "se", ""], ["0", "3", "6", "9"]),
    (["status", "≠", "S", "new", ""], ["0", "3", "6", "9"]),
    (["status", "contains", "S", "en", ""], ["0", "3", "6", "9"]),
    (["total", "exists", "S", "", ""], [str(n) for n in range(10)]),
    (["total", "does not exist", "S", "", ""], []),
    (["total", "=", "JSON", "4.5", ""], ["4"]),
]


@pytest.mark.parametrize(("filter", "found"), FILTERS)
def test_a_filter_on_an_attribute(console: Console, filled: str, filter: list[str], found: list[str]) -> None:
    page = console.open("items", filled, filters=[filter])
    assert sorted(numbers(page), key=int) == found


def test_filters_are_made_in_the_form_and_joined(console: Console, filled: str) -> None:
    page = console.open("items", filled)
    for attribute, comparison, type, value in [("total", ">", "N", "3"), ("status", "=", "S", "sent")]:
        page.get_by_role("button", name="Add a filter").click()
        group = page.get_by_role("group", name="Filter").last
        group.get_by_label("Attribute").fill(attribute)
        group.get_by_label("Comparison").select_option(comparison)
        group.get_by_label("Type").select_option(type)
        group.get_by_label("Value").fill(value)
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("3 items of 10 that were read")).to_be_visible()
    assert sorted(numbers(page)) == ["3", "6", "9"]


def test_a_projection_shows_the_key_and_what_was_named(console: Console, filled: str) -> None:
    page = console.open("items", filled)
    page.get_by_label("Show only").fill("total")
    page.get_by_role("button", name="Run").click()
    expect(page.locator(".items thead th")).to_have_text(["customer", "number", "total"])


def test_a_value_that_is_not_of_its_type_is_told_and_not_sent(console: Console, filled: str) -> None:
    page = console.open("items", filled, partition="c1", comparison="=", sort=["many", ""])
    expect(page.get_by_role("alert")).to_contain_text('number: "many" is not a number.')


def test_an_address_is_a_link_to_the_view(console: Console, filled: str) -> None:
    page = console.open("items", filled)
    page.get_by_role("radio", name="Query").check()
    page.get_by_role("textbox", name="customer").fill("c0")
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("5 items")).to_be_visible()
    shown = numbers(page)
    page.reload()
    expect(page.get_by_role("textbox", name="customer")).to_have_value("c0")
    assert numbers(page) == shown


def test_from_an_item_one_comes_back_to_the_query(console: Console, filled: str) -> None:
    page = console.open("items", filled, partition="c0")
    page.locator(".items tbody th a").first.click()
    expect(page.get_by_label("The item", exact=True)).to_be_visible()
    page.get_by_role("link", name="Items", exact=True).click()
    expect(page.get_by_text("5 items")).to_be_visible()
    expect(page.get_by_role("textbox", name="customer")).to_have_value("c0")


def test_pages_go_forwards_and_back_also_with_the_browsers_buttons(console: Console, filled: str) -> None:
    page = console.open("items", filled, limit=4)
    first = numbers(page)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Page 2")).to_be_visible()
    second = numbers(page)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_text("Page 3")).to_be_visible()
    assert sorted(first + second + numbers(page), key=int) == [str(n) for n in range(10)]
    expect(page.get_by_role("button", name="Next")).to_be_disabled()
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_text("Page 2")).to_be_visible()
    assert numbers(page) == second
    page.reload()
    expect(page.get_by_text("Page 2")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Page 3")).to_be_visible()
    page.get_by_role("button", name="First page").click()
    expect(page.get_by_text("Page 1")).to_be_visible()
    assert numbers(page) == first


def test_ten_thousand_items_are_paged_through_each_once(console: Console, dynamodb: Any, things: str) -> None:
    fill(dynamodb, things, [{"id": {"S": str(n)}} for n in range(10_000)])
    page = console.open("items", things, limit=1000)
    seen: list[str] = []
    for number in range(1, 11):
        expect(page.get_by_text(f"Page {number}", exact=True)).to_be_visible()
        seen += page.locator(".items tbody th").all_inner_texts()
        if number < 10:
            page.get_by_role("button", name="Next").click()
    assert len(seen) == 10_000
    assert len(set(seen)) == 10_000


def test_a_column_sorts_by_its_values_and_not_by_their_text(console: Console, dynamodb: Any, things: str) -> None:
    values = [
        "9",
        "10",
        "-3",
        "12345678901234567890123456789012345678",
        "12345678901234567890123456789012345679",
        "0.5",
    ]
    fill(dynamodb, things, [{"id": {"S": str(n)}, "size": {"N": value}} for n, value in enumerate(values)])
    fill(dynamodb, things, [{"id": {"S": "none"}}])
    page = console.open("items", things)
    for state, rows in [("ascending", "2,5,0,1,3,4,none"), ("descending", "4,3,1,0,5,2,none")]:
        page.get_by_role("button", name="size").click()
        expect(page.locator("th[aria-sort=" + state + "]")).to_have_text(
            ["size ↑" if state == "ascending" else "size ↓"]
        )
        ids = [text.removeprefix("S").strip() for text in page.locator(".items tbody th").all_inner_texts()]
        assert ",".join(ids) == rows


def test_several_items_are_deleted_after_a_question(console: Console, dynamodb: Any, filled: str) -> None:
    page = console.open("items", filled, partition="c0")
    page.get_by_label("Select c0, 2").check()
    page.get_by_label("Select c0, 4").check()
    page.get_by_role("button", name="Delete 2 items").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    assert dynamodb.scan(TableName=filled)["Count"] == 10
    page.get_by_role("button", name="Delete 2 items").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("3 items")).to_be_visible()
    assert numbers(page) == ["0", "6", "8"]
    assert dynamodb.scan(TableName=filled)["Count"] == 8


def test_an_empty_table_says_what_to_do(console: Console, orders: str) -> None:
    page = console.open("items", orders)
    page.get_by_role("link", name="Create an item").click()
    expect(page.get_by_label("The new item")).to_be_visible()


def test_a_page_without_a_match_leads_to_the_next(console: Console, filled: str) -> None:
    page = console.open("items", filled, filters=[["total", ">", "N", "100", ""]], limit=4)
    expect(page.get_by_text("DynamoDB has read 4 items, and there are more.")).to_be_visible()
    page.get_by_role("button", name="Read the next page").click()
    expect(page.get_by_text("Page 2")).to_be_visible()


def test_a_table_that_does_not_exist_is_told_with_what_to_do(console: Console) -> None:
    page = console.open("items", "no-such-table")
    expect(page.get_by_role("alert")).to_contain_text("ResourceNotFoundException")
