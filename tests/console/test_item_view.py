"""One item: shown and edited in both formats, exact to the last digit, and saved where nobody else has changed it."""

import json
import os
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from tests.console.conftest import Console, fill

ITEM = {
    "id": {"S": "1"},
    "exact": {"N": "1234567890123456789.0123456789012345678"},
    "tags": {"SS": ["a", "b"]},
    "sizes": {"NS": ["1", "20000000000000000000000000000000000001"]},
    "photo": {"B": b"\x00\xff"},
    "parts": {"L": [{"M": {"$set": {"S": "a map that reads as a set"}}}, {"NULL": True}, {"BOOL": False}]},
}
KEY = {"id": {"S": "1"}}


def open_item(console: Console, table: str, key: Any = KEY) -> Page:
    page = console.open("item", table, key=key)
    expect(editor(page)).to_be_visible()
    return page


def editor(page: Page) -> Any:
    return page.get_by_label("The item", exact=True)


def save(page: Page, text: str) -> None:
    editor(page).fill(text)
    page.get_by_role("button", name="Save", exact=True).click()


def item_in(dynamodb: Any, table: str, key: Any = KEY) -> Any:
    return dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")


def items_in(dynamodb: Any, table: str) -> dict[str, Any]:
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return {item["id"]["S"]: item for page in pages for item in page["Items"]}


@pytest.fixture
def shown(console: Console, dynamodb: Any, things: str) -> Page:
    fill(dynamodb, things, [ITEM])
    return open_item(console, things)


def test_an_item_is_shown_in_both_formats(shown: Page) -> None:
    assert json.loads(editor(shown).input_value())["parts"][0] == {"$map": {"$set": "a map that reads as a set"}}
    assert "1234567890123456789.0123456789012345678" in editor(shown).input_value()
    shown.get_by_role("button", name="DynamoDB JSON").click()
    assert json.loads(editor(shown).input_value()) == {**ITEM, "photo": {"B": "AP8="}}


def test_a_change_is_saved_and_the_rest_is_as_it_was(shown: Page, dynamodb: Any, things: str) -> None:
    save(shown, editor(shown).input_value().replace('"a", "b"', '"a", "c"'))
    expect(shown.get_by_text("Saved: 1 attribute changed.")).to_be_visible()
    assert item_in(dynamodb, things) == {**ITEM, "tags": {"SS": ["a", "c"]}}


def test_attributes_are_added_and_removed(shown: Page, dynamodb: Any, things: str) -> None:
    save(shown, '{"id": "1", "__proto__": {"constructor": 1}, "exact": 1e-130}')
    expect(shown.get_by_text("Saved: 6 attributes changed.")).to_be_visible()
    stored = item_in(dynamodb, things)
    assert stored.keys() == {"id", "__proto__", "exact"}
    assert stored["__proto__"] == {"M": {"constructor": {"N": "1"}}}


def test_nothing_is_written_where_nothing_has_changed(shown: Page) -> None:
    shown.get_by_role("button", name="Save", exact=True).click()
    expect(shown.get_by_text("Nothing has changed.")).to_be_visible()


MISTAKES = [
    ('{"id": "1",\n "a": [1, 2}', 2, 12, "Expected a comma or ]"),
    ('{"id": "1",\n "a": 1, "a": 2}', 2, 10, 'The name "a" is here twice.'),
    ('{"id": "1",\n "a": 1.}', 2, 7, "Expected a value"),
    ('{"id": "1",\n "a": 123456789012345678901234567890123456789}', 2, 7, "up to 38 digits, and this one has 39"),
    ('{"id": "1",\n "a": 1e126}', 2, 7, "between 1E-130 and 9.9E125"),
    ('{"id": "1",\n "a": {"$set": [1, "x"]}}', 2, 16, "all strings, all numbers, or all $binary"),
    ('{"id": "1",\n "a": {"$set": []}}', 2, 16, "at least one value"),
    ('{"id": "1",\n "a": {"$set": [1, 1.0]}}', 2, 20, "in the set twice"),
    ('{"id": "1",\n "a": {"$binary": "x"}}', 2, 19, "base64 text"),
    ('{"id": "1",\n "a": "\\q"}', 2, 7, "unknown escape"),
    ('{"id": "1",\n "a": "', 2, 7, "no closing quote"),
    ('{"id": "1",}', 1, 12, "another value after the comma"),
    ('{"id": "2"}', 1, 8, "The key of an item cannot change"),
    ('{"a": 1}', 1, 1, 'The key attribute "id" is missing'),
    ("[]", 1, 1, "An item is an object"),
    ('{"id": "1"} {}', 1, 13, "Expected the end of the text"),
    ("", 1, 1, "Expected a value"),
]


def test_a_mistake_is_told_at_its_place_and_not_sent(shown: Page) -> None:
    problem = shown.locator("main p.problem")
    for text, line, column, message in MISTAKES:
        editor(shown).fill(text)
        expect(problem).to_contain_text(message)
        expect(problem).to_contain_text(f"Line {line}, column {column}")
        expect(shown.get_by_role("button", name="Save", exact=True)).to_be_disabled()


TYPED_MISTAKES = [
    ('{"id": {"S": "1"}, "a": {"X": 1}}', '"X" is not a type'),
    ('{"id": {"S": "1"}, "a": {"S": "1", "N": "1"}}', "one type"),
    ('{"id": {"S": "1"}, "a": {"N": 1}}', "text in double quotes"),
    ('{"id": {"S": "1"}, "a": {"N": "one"}}', "a number as text"),
    ('{"id": {"S": "1"}, "a": {"SS": []}}', "at least one value"),
    ('{"id": {"S": "1"}, "a": {"BS": ["AA==", "AA=="]}}', "twice"),
    ('{"id": {"S": "1"}, "a": {"NULL": false}}', "Expected true"),
    ('{"id": {"N": "1"}}', "cannot change"),
]


def test_a_mistake_in_dynamodbs_own_json_is_told_too(shown: Page) -> None:
    shown.get_by_role("button", name="DynamoDB JSON").click()
    for text, message in TYPED_MISTAKES:
        editor(shown).fill(text)
        expect(shown.locator("main p.problem")).to_contain_text(message)


def test_the_place_of_a_mistake_is_selected(shown: Page) -> None:
    editor(shown).fill('{"id": "1",\n "a": 1e126}')
    shown.get_by_role("button", name="Line 2, column 7").click()
    assert shown.evaluate("getSelection().toString()") == "1e126"


def change(dynamodb: Any, table: str, expression: str, value: Any) -> None:
    dynamodb.update_item(TableName=table, Key=KEY, UpdateExpression=expression, ExpressionAttributeValues={":v": value})


@pytest.mark.parametrize("attribute", ["exact", "added"])
def test_an_item_that_somebody_has_changed_is_compared_and_not_overwritten(
    shown: Page, dynamodb: Any, things: str, attribute: str
) -> None:
    change(dynamodb, things, f"SET {attribute} = :v", {"N": "7"})
    save(shown, '{"id": "1", "exact": 8}')
    versions = shown.get_by_role("region", name="Both versions").locator("tr.differs")
    expect(versions.filter(has=shown.get_by_role("rowheader", name=attribute, exact=True))).to_contain_text("7")
    assert item_in(dynamodb, things)["photo"] == ITEM["photo"]
    shown.get_by_role("button", name="Save mine over it").click()
    expect(shown.get_by_text("Saved")).to_be_visible()
    assert item_in(dynamodb, things) == {"id": {"S": "1"}, "exact": {"N": "8"}}


def test_an_item_that_was_not_edited_is_compared_too_and_can_be_written_back(
    shown: Page, dynamodb: Any, things: str
) -> None:
    change(dynamodb, things, "SET exact = :v", {"N": "7"})
    shown.get_by_role("button", name="Save", exact=True).click()
    shown.get_by_role("button", name="Save mine over it").click()
    expect(shown.get_by_text("Saved: 1 attribute changed.")).to_be_visible()
    assert item_in(dynamodb, things) == ITEM


def test_a_text_that_was_left_unsaved_is_there_when_one_comes_back(shown: Page, dynamodb: Any, things: str) -> None:
    editor(shown).fill('{"id": "1", "half": ')
    shown.get_by_role("link", name="Items", exact=True).click()
    expect(shown.get_by_text("1 item,")).to_be_visible()
    shown.go_back()
    expect(editor(shown)).to_have_value('{"id": "1", "half": ')
    shown.get_by_role("button", name="Undo the changes").click()
    shown.get_by_role("link", name="Items", exact=True).click()
    shown.go_back()
    assert json.loads(editor(shown).input_value()).keys() == ITEM.keys()


def test_a_text_that_was_left_is_compared_with_what_somebody_has_written_since(
    shown: Page, dynamodb: Any, things: str
) -> None:
    editor(shown).fill(editor(shown).input_value().replace('"a", "b"', '"a", "c"'))
    shown.get_by_role("link", name="Items", exact=True).click()
    expect(shown.get_by_text("1 item,")).to_be_visible()
    change(dynamodb, things, "SET exact = :v", {"N": "7"})
    shown.go_back()
    shown.get_by_role("button", name="Save", exact=True).click()
    expect(shown.get_by_role("region", name="Both versions")).to_be_visible()
    assert item_in(dynamodb, things) == {**ITEM, "exact": {"N": "7"}}


def test_what_somebody_has_written_can_be_taken(shown: Page, dynamodb: Any, things: str) -> None:
    change(dynamodb, things, "SET exact = :v", {"N": "7"})
    save(shown, '{"id": "1"}')
    shown.get_by_role("button", name="Drop mine").click()
    expect(editor(shown)).to_have_value(re.compile('"exact": 7'))
    assert item_in(dynamodb, things)["exact"] == {"N": "7"}


def test_a_change_between_the_reading_and_the_writing_is_noticed_too(shown: Page, dynamodb: Any, things: str) -> None:
    def change_first(route: Any) -> None:
        if '"operation":"update"' in route.request.post_data:
            change(dynamodb, things, "SET exact = :v", {"N": "7"})
        route.continue_()

    shown.route("**/DynamoDBManager", change_first)
    save(shown, editor(shown).input_value().replace('"a", "b"', '"a", "c"'))
    expect(shown.get_by_role("region", name="Both versions")).to_be_visible()
    assert item_in(dynamodb, things) == {**ITEM, "exact": {"N": "7"}}


def test_a_change_that_cannot_be_read_is_told_as_what_it_is(shown: Page, dynamodb: Any, things: str) -> None:
    reads: list[Any] = []

    def fail_later(route: Any) -> None:
        if '"operation":"update"' in route.request.post_data:
            change(dynamodb, things, "SET exact = :v", {"N": "7"})
        reads.extend(['"operation":"read"' in route.request.post_data or None])
        if reads.count(True) > 1:
            route.abort()
        else:
            route.continue_()

    shown.route("**/DynamoDBManager", fail_later)
    save(shown, '{"id": "1", "exact": 8}')
    expect(shown.get_by_role("alert")).to_contain_text("No answer came.")


def test_an_item_that_somebody_has_deleted_is_told(shown: Page, dynamodb: Any, things: str) -> None:
    dynamodb.delete_item(TableName=things, Key=KEY)
    save(shown, '{"id": "1", "exact": 8}')
    expect(shown.get_by_text("This item does not exist any more.")).to_be_visible()
    assert item_in(dynamodb, things) is None


def test_a_new_item_is_no_mistake_before_it_is_written(console: Console, things: str) -> None:
    page = console.open("new", things)
    expect(page.get_by_text('The key attribute "id" cannot be empty.')).to_be_visible()
    expect(page.locator("main .problem")).to_have_count(0)
    page.get_by_label("The new item").fill('{"id": "", "n": 1}')
    expect(page.locator("main .problem")).to_contain_text('The key attribute "id" cannot be empty.')
    expect(page.get_by_role("button", name="Create")).to_be_disabled()


def test_an_item_is_created_and_none_is_overwritten(console: Console, dynamodb: Any, things: str) -> None:
    for text, said in [('{"id": "1", "n": 1}', "The item"), ('{"id": "1", "n": 2}', "is there already")]:
        page = console.open("new", things)
        page.get_by_label("The new item").fill(text)
        page.get_by_role("button", name="Create").click()
        expect(page.get_by_label(said, exact=True).or_(page.get_by_text(said))).to_be_visible()
    assert item_in(dynamodb, things)["n"] == {"N": "1"}


def test_an_item_is_duplicated_under_another_key(shown: Page, dynamodb: Any, things: str) -> None:
    shown.get_by_role("link", name="Duplicate").click()
    text = shown.get_by_label("The new item")
    expect(text).to_be_visible()
    text.fill(text.input_value().replace('"id": "1"', '"id": "2"'))
    shown.get_by_role("button", name="Create").click()
    expect(editor(shown)).to_be_visible()
    assert item_in(dynamodb, things, {"id": {"S": "2"}}) == {**ITEM, "id": {"S": "2"}}


def test_an_item_is_deleted_after_a_question(shown: Page, dynamodb: Any, things: str) -> None:
    shown.get_by_role("button", name="Delete").click()
    expect(shown.get_by_role("dialog")).to_be_visible()
    shown.keyboard.press("Escape")
    expect(shown.get_by_role("dialog")).to_have_count(0)
    assert item_in(dynamodb, things) == ITEM
    shown.get_by_role("button", name="Delete").click()
    shown.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(shown.get_by_text("This table holds no item.")).to_be_visible()
    assert item_in(dynamodb, things) is None


def numbers() -> st.SearchStrategy[str]:
    digits = st.integers(1, 10**38 - 1)
    return st.builds(lambda n, e, sign: f"{sign}{n}E{e}", digits, st.integers(-130, 80), st.sampled_from(["", "-"]))


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12) | st.sampled_from(
    ["$set", "$map", "$binary", "__proto__", "constructor", "1", "<b>", '"']
)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
scalars = st.one_of(
    texts.map(lambda text: {"S": text}),
    numbers().map(lambda text: {"N": text}),
    st.binary(max_size=9).map(lambda content: {"B": content}),
    st.booleans().map(lambda value: {"BOOL": value}),
    st.just({"NULL": True}),
    st.lists(texts, min_size=1, max_size=4, unique=True).map(lambda members: {"SS": members}),
    st.lists(st.integers(-(10**38) + 1, 10**38 - 1), min_size=1, max_size=4, unique=True).map(
        lambda members: {"NS": list(map(str, members))}
    ),
    st.lists(st.binary(max_size=5), min_size=1, max_size=4, unique=True).map(lambda members: {"BS": members}),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: {"L": items}),
        st.dictionaries(names, inner, max_size=3).map(lambda members: {"M": members}),
    ),
    max_leaves=8,
)
# ministack takes an item that has an attribute M or L for an attribute value of that type, and refuses its update.
items = st.dictionaries(names.filter(lambda name: name not in ("id", "M", "L")), values, max_size=6)

# Opens each item in either format, adds an attribute to its text, and saves it.
TOUCH = """async ([table, ids]) => {
  const until = async (find) => {
    for (const end = Date.now() + 10000; Date.now() < end; await new Promise((done) => setTimeout(done, 1))) {
      const found = find();
      if (found) return found;
    }
    throw new Error(`${location.hash}: ${document.getElementById("view").innerText}`);
  };
  const button = (label) => [...document.querySelectorAll("main button")].find((each) => each.textContent === label);
  for (const [index, id] of ids.entries()) {
    location.hash = `#/item/${table}?key=${encodeURIComponent(JSON.stringify({ id: { S: id } }))}`;
    await until(() => document.querySelector("main p bdi")?.textContent === id);
    await until(() => document.querySelector("main textarea"));
    const [label, added] = index % 2 ? ["JSON", `"touched": true`] : ["DynamoDB JSON", `"touched": {"BOOL": true}`];
    button(label).click();
    await until(() => button(label).getAttribute("aria-pressed") === "true");
    const field = document.querySelector("main textarea");
    field.value = field.value.replace("{", `{${added},`);
    field.dispatchEvent(new Event("input", { bubbles: true }));
    await until(() => document.body.textContent.includes("1 attribute changed"));
    button("Save").click();
    await until(() => document.body.textContent.includes("Saved: 1 attribute changed."));
  }
}"""


def test_generated_items_are_opened_and_saved_unchanged(console: Console, dynamodb: Any, things: str) -> None:
    count = int(os.environ.get("ITEMS", "60"))
    made: list[dict[str, Any]] = []

    @settings(max_examples=count, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(items)
    def make(item: dict[str, Any]) -> None:
        made.append({**item, "id": {"S": str(len(made))}})

    while len(made) < count:
        make()
    fill(dynamodb, things, made[:count])
    before = items_in(dynamodb, things)
    page = console.open("items", things)
    page.set_default_timeout(600_000)
    page.evaluate(TOUCH, [things, list(before)])
    after = items_in(dynamodb, things)
    assert len(after) == count
    for id, item in before.items():
        assert after[id] == {**item, "touched": {"BOOL": True}}
