"""Items that somebody made to harm who looks at them: they are shown as text, and nothing of them runs."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.console.conftest import Console, fill

MARKUP = '<img src=x onerror="document.title=\'run\'"><script>document.title="run"</script>'
NESTED: dict[str, Any] = {"S": "innermost"}
for _ in range(31):
    NESTED = {"L": [NESTED]}
HOSTILE: dict[str, dict[str, Any]] = {
    "markup in a value": {"text": {"S": MARKUP}},
    "markup in a name": {MARKUP: {"S": "x"}},
    "markup in a key": {"id": {"S": MARKUP}},
    "markup in a map": {"map": {"M": {MARKUP: {"SS": [MARKUP]}}}},
    "a link": {"text": {"S": "javascript:document.title='run'"}},
    "400 KB": {"text": {"S": "x" * 400_000}},
    "32 levels": {"nested": NESTED},
    "names of JavaScript": {"__proto__": {"S": "p"}, "constructor": {"N": "1"}, "toString": {"BOOL": True}},
    "an empty name in a map": {"map": {"M": {"": {"S": "nameless"}}}},
    "right-to-left text": {"\u202eevil": {"S": "\u202etxt.exe \u05d0\u05d1"}},
    "control characters": {"text": {"S": "\x00\x01\x1b[31m\u2028"}},
    "a template": {"text": {"S": "${alert(1)} {{7*7}} `"}},
    "a key that is a path": {"id": {"S": "../../?#&=%00%"}},
    "many attributes": {f"attribute {n}": {"N": str(n)} for n in range(100)},
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_item_is_shown_as_text_edited_and_saved(
    console: Console, dynamodb: Any, things: str, name: str
) -> None:
    item = {"id": {"S": "1"}, **HOSTILE[name]}
    fill(dynamodb, things, [item])
    page = console.open("items", things)
    expect(page.locator(".items tbody tr")).to_have_count(1)
    page.locator(".items tbody th a").click()
    editor = page.get_by_label("The item", exact=True)
    expect(editor).to_be_visible()
    editor.fill(editor.input_value().replace("{", '{"touched": 1,', 1))
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved: 1 attribute changed.")).to_be_visible()
    stored = dynamodb.get_item(TableName=things, Key={"id": item["id"]})["Item"]
    assert stored == {**item, "touched": {"N": "1"}}
    page.get_by_role("button", name="Requests").click()
    nothing_has_run(page)


HOSTILE_ADDRESSES = [
    f"#/items/{MARKUP}",
    f"#/item/x?key={MARKUP}",
    f"#/request?body={MARKUP}",
    "#/items/x?filters=[[[]]]",
    "#/item/x?key=[1]",
    '#/item/x?key={"id": 1}',
    '#/item/x?key={"id": {"X": null}}',
    '#/items/x?partition=a&sort=["1"]&comparison=nonsense&limit=-1&start=7&show=,,',
    "#/%",
    "#/constructor",
]


def test_a_hostile_address_opens_nothing(console: Console) -> None:
    for hash in HOSTILE_ADDRESSES:
        console.page.goto(console.url + hash)
        expect(console.page.locator("main h1")).to_be_visible()
        nothing_has_run(console.page)
    console.page.reload()
    expect(console.page.locator("main h1")).to_be_visible()


def nothing_has_run(page: Page) -> None:
    assert page.title() != "run"
    assert page.locator("main img, main script, aside img, aside script").count() == 0
