"""Every view, in light and dark, on a wide screen and on a telephone, has no violation that axe-core finds."""

from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, ViewportSize, expect

from tests.console.conftest import Console, fill, order

AXE = Axe()
WIDTHS: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 800}, "telephone": {"width": 375, "height": 740}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

KEY = {"customer": {"S": "c1"}, "number": {"N": "1"}}


@pytest.fixture
def filled(dynamodb: Any, orders: str) -> str:
    fill(dynamodb, orders, [order("c1", n, total={"N": f"{n}.5"}, tags={"SS": ["a"]}) for n in range(8)])
    return orders


def violations(page: Page, *rules: str) -> list[str]:
    """What axe-core finds, by all rules or by these."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    options: dict[str, Any] = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found = page.evaluate("options => axe.run(options)", options)["violations"]
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]


def settle(page: Page) -> None:
    expect(page.locator(".busy")).to_have_count(0)


def views(console: Console, table: str) -> Any:
    """Open every view, and every state of one that has parts of its own."""
    page = console.page
    yield "tables", console.open()
    yield "details", console.open("table", table)
    yield "items", console.open("items", table, limit=5)
    page.locator(".items tbody input").first.check()
    page.get_by_role("button", name="Delete 1 item").click()
    yield "question", page
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Export").click()
    yield "export", page
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Import").click()
    yield "import", page
    yield (
        "query",
        console.open(
            "items",
            table,
            partition="c1",
            comparison="between",
            sort=["1", "2"],
            filters=[["total", ">", "N", "0", ""]],
        ),
    )
    yield "no match", console.open("items", table, partition="none")
    yield "no such table", console.open("items", "no-such-table")
    yield "item", console.open("item", table, key=KEY)
    page.get_by_label("The item", exact=True).fill('{"customer": "c1", "number": 1,}')
    yield "mistake", page
    page.get_by_role("button", name="Undo the changes").click()
    page.get_by_role("button", name="Requests").click()
    yield "panel", page
    yield "new item", console.open("new", table)
    yield "request", console.open("request", body='{"operation": "ping"}')
    page.get_by_role("button", name="Send").click()
    expect(page.locator("main .exchange")).to_be_visible()
    page.get_by_label("The request, a JSON object").press("Control+Space")
    yield "answer", page
    yield "unknown", console.open("nothing")


def test_axe_finds_no_violation_in_any_view(console: Console, filled: str) -> None:
    for name, page in views(console, filled):
        settle(page)
        for width, size in WIDTHS.items():
            page.set_viewport_size(size)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (
                f"{name} is wider than the screen"
            )
            page.emulate_media(color_scheme="light")
            assert violations(page) == [], f"{name}, light, {width}"
            # The same page in other colours.
            page.emulate_media(color_scheme="dark")
            assert violations(page, "color-contrast", "link-in-text-block") == [], f"{name}, dark, {width}"


def test_a_deployed_stage_is_named_in_another_colour(fresh: Console) -> None:
    header = fresh.page.locator("header")
    colours = [colour_of(header, fresh.open(), scheme) for scheme in SCHEMES]
    stage: dict[str, Any] = {
        "name": "abc.execute-api.us-east-1.amazonaws.com/Prod",
        "deployed": True,
        "url": "https://abc.execute-api.us-east-1.amazonaws.com/Prod/DynamoDBManager",
        "auth": "iam",
        "region": "us-east-1",
        "callerHeader": True,
        "operations": ["ping"],
        "dynamodb": None,
    }
    fresh.page.route("**/stage.json", lambda route: route.fulfill(json=stage))
    page = fresh.open()
    expect(header).to_contain_text(stage["name"])
    for scheme, local in zip(SCHEMES, colours, strict=True):
        assert colour_of(header, page, scheme) != local
        assert violations(page) == []


def colour_of(part: Locator, page: Page, scheme: Literal["light", "dark"]) -> str:
    page.emulate_media(color_scheme=scheme)
    colour: str = part.evaluate("each => getComputedStyle(each).backgroundColor")
    return colour


def focused(page: Page) -> str:
    text: str = page.evaluate("(document.activeElement.textContent || document.activeElement.ariaLabel || '').trim()")
    return text


def tab_to(page: Page, text: str) -> None:
    for _ in range(80):
        page.keyboard.press("Tab")
        if focused(page).startswith(text):
            return
    raise AssertionError(f"The keyboard does not reach {text}")


def test_an_item_is_found_changed_and_saved_by_keyboard_alone(console: Console, dynamodb: Any, filled: str) -> None:
    page = console.open()
    expect(page.get_by_role("link", name=filled).first).to_be_visible()
    page.keyboard.press("Tab")
    tab_to(page, filled)
    page.keyboard.press("Enter")
    expect(page.get_by_text("8 items")).to_be_visible()
    tab_to(page, "S c1")
    page.keyboard.press("Enter")
    expect(page.get_by_label("The item", exact=True)).to_be_visible()
    page.get_by_label("The item", exact=True).focus()
    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.type('"by": "keyboard",')
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Saved: 1 attribute changed.")).to_be_visible()
    found = dynamodb.scan(TableName=filled)["Items"]
    assert sum("by" in item for item in found) == 1


def test_a_dialog_keeps_the_keyboard_and_gives_it_back(console: Console, filled: str) -> None:
    page = console.open("items", filled)
    export = page.get_by_role("button", name="Export")
    export.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(export).to_be_focused()
