"""Acting as another caller, where the stage takes the caller from a header, and what its access rules refuse."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import PROJECT, made_table
from tests.console.conftest import Console, Open, fill, served

TABLE = "console-notes"
RULES = {
    "tables": {TABLE: {"key": ["id"]}},
    "rules": [
        {"id": "own", "effect": "allow", "who": {"kind": "user"}, "do": ["*"], "where": {"id": "${sub}"}},
        {"id": "admins", "effect": "allow", "who": {"groups": ["admins"]}, "do": ["*"]},
        {"id": "partner", "effect": "allow", "who": {"kind": "apiKey", "ids": ["partner1"]}, "do": ["list"]},
    ],
}


@pytest.fixture(scope="module")
def guarded_url(dynamodb: Any) -> Iterator[str]:
    """A stage with rules: a user has the item under her own subject, admins and a partner see every item."""
    file = PROJECT / "chalicelib" / "access" / "console-test.json"
    file.write_text(json.dumps(RULES))
    try:
        with made_table(dynamodb, TABLE), served(TRUST_CALLER_HEADER="on", ACCESS_RULES=file.name) as url:
            fill(dynamodb, TABLE, [{"id": {"S": name}} for name in ("ann", "bob")])
            yield url
    finally:
        file.unlink()


@pytest.fixture
def guarded(opened: Open, guarded_url: str) -> Console:
    return opened(guarded_url)


def act_as(page: Page, kind: str, id: str, groups: str = "", claims: str = "") -> None:
    page.get_by_label("Act as").select_option("new")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Kind").select_option(kind)
    dialog.get_by_label("Id", exact=True).fill(id)
    dialog.get_by_label("Groups").fill(groups)
    dialog.get_by_label("Claims").fill(claims)
    dialog.get_by_role("button", name="Act as this caller").click()


def test_without_a_caller_the_rules_refuse_and_the_reason_is_shown(guarded: Console) -> None:
    page = guarded.open("items", TABLE)
    expect(page.get_by_role("alert")).to_contain_text("The access rules of this stage do not know who calls.")


def test_a_user_sees_her_own_item_and_is_told_why_no_other(guarded: Console) -> None:
    page = guarded.open()
    act_as(page, "user", "ann")
    guarded.open("item", TABLE, key={"id": {"S": "ann"}})
    expect(page.get_by_label("The item", exact=True)).to_be_visible()
    guarded.open("item", TABLE, key={"id": {"S": "bob"}})
    expect(page.get_by_role("alert")).to_contain_text("ForbiddenError")
    expect(page.get_by_role("alert")).to_contain_text("No access rule allows")


def test_a_group_and_an_api_key_see_what_they_may(guarded: Console) -> None:
    page = guarded.open("items", TABLE)
    act_as(page, "user", "eve", groups="staff, admins", claims='{"sub": "é"}')
    expect(page.get_by_text("2 items")).to_be_visible()
    act_as(page, "apiKey", "partner1")
    expect(page.get_by_text("2 items")).to_be_visible()
    page.get_by_label("Select ann").check()
    page.get_by_role("button", name="Delete 1 item").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("alert")).to_contain_text("403")


def test_the_caller_lasts_over_a_reload_and_can_be_dropped(guarded: Console) -> None:
    page = guarded.open("items", TABLE)
    act_as(page, "user", "eve", groups="admins")
    expect(page.get_by_text("2 items")).to_be_visible()
    page.reload()
    expect(page.get_by_text("2 items")).to_be_visible()
    page.get_by_label("Act as").select_option("no caller")
    expect(page.get_by_role("alert")).to_contain_text("do not know who calls")


def test_a_copied_request_names_the_caller(guarded: Console) -> None:
    page = guarded.open("request")
    act_as(page, "user", "ann")
    page.get_by_label("The request, a JSON object").fill('{"operation": "ping"}')
    page.get_by_role("button", name="Send").click()
    page.locator("main").get_by_role("button", name="curl").click()
    expect(page.locator("main .exchange pre")).to_contain_text('X-Caller: {"kind":"user","id":"ann"')


def test_claims_that_are_no_object_are_told(guarded: Console) -> None:
    page = guarded.open()
    act_as(page, "user", "ann", claims="nonsense")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("The claims are not a JSON object")


def test_a_stage_that_does_not_trust_the_header_has_no_menu(console: Console) -> None:
    page = console.open()
    expect(page.get_by_role("heading", name="Tables")).to_be_visible()
    expect(page.get_by_label("Act as")).to_have_count(0)
