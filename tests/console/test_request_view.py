"""The request editor, the panel of requests and what they offer to copy."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.clients.npm import installed
from tests.conftest import PROJECT
from tests.console.conftest import Console, fill

TYPESCRIPT = PROJECT / "clients" / "typescript"
EXACT = 1234567890123456789012345678


def editor(page: Page) -> Any:
    return page.get_by_label("The request, a JSON object")


def send(page: Page, body: str) -> str:
    """Send a body; returns the answer that the page shows."""
    editor(page).fill(body)
    page.get_by_role("button", name="Send").click()
    return answer(page)


def answer(page: Page) -> str:
    shown = page.locator("main .exchange pre")
    expect(shown).to_be_visible()
    return shown.inner_text()


def request_on(table: str, operation: str, **payload: Any) -> str:
    return json.dumps({"operation": operation, "tableName": table, "payload": payload})


def test_a_request_is_sent_as_it_stands_and_its_answer_keeps_every_digit(console: Console) -> None:
    text = send(console.open("request"), '{"operation": "echo", "payload": 12345678901234567890.10}')
    assert text == "12345678901234567890.10"


def test_an_answer_comes_with_its_status_time_and_id(console: Console) -> None:
    page = console.open("request")
    send(page, '{"operation": "nope"}')
    expect(page.locator("main .exchange")).to_contain_text("400, ")
    expect(page.locator("main .exchange")).to_contain_text("request id")


def test_a_text_that_is_not_json_is_not_sent(console: Console) -> None:
    page = console.open("request")
    editor(page).fill('{"operation": }')
    expect(page.get_by_role("button", name="Send")).to_be_disabled()
    expect(page.locator("main p.problem")).to_contain_text("Line 1, column 15")


def test_every_operation_has_a_start_that_is_a_request(console: Console) -> None:
    page = console.open("request")
    choice = page.get_by_label("Start from")
    expect(choice.locator("option")).to_have_count(15)
    for operation in choice.locator("option").all_inner_texts()[1:]:
        choice.select_option(operation)
        expect(editor(page)).to_have_value(re.compile(f'"operation": "{operation}"'))


COMPLETIONS = [
    ('{"op', "operation", '{"operation": '),
    ('{"operation": "qu', "query", '{"operation": "query"'),
    ('{"operation": "query", "payload": {"KeyC', "KeyConditionExpression", '"payload": {"KeyConditionExpression": '),
    ('{"operation": "create", "payload": {"ReturnValues": "ALL_O', "ALL_OLD", '"ReturnValues": "ALL_OLD"'),
    ('{"operation": "transactWrite", "payload": {"TransactItems": [{"Pu', "Put", '[{"Put": '),
    ('{"format": "dyn', "dynamodb-json", '{"format": "dynamodb-json"'),
]


@pytest.mark.parametrize(("typed", "label", "completed"), COMPLETIONS)
def test_members_and_values_are_completed_from_the_document(
    console: Console, typed: str, label: str, completed: str
) -> None:
    page = console.open("request")
    expect(page.get_by_text("Ctrl+Space completes")).to_be_visible()
    editor(page).fill("")
    editor(page).press_sequentially(typed)
    expect(page.locator(".offer .chosen code")).to_have_text(label)
    page.keyboard.press("Enter")
    assert completed in editor(page).input_value()


def test_table_names_are_completed(fresh: Console, things: str) -> None:
    page = fresh.open("request")
    expect(page.get_by_text("Ctrl+Space completes")).to_be_visible()
    expect(page.get_by_role("link", name=things)).to_be_visible()
    editor(page).fill("")
    editor(page).press_sequentially('{"tableName": "' + things[:12])
    page.keyboard.press("Enter")
    assert f'"tableName": "{things}"' in editor(page).input_value()


def test_the_history_survives_a_reload_and_holds_no_answer(fresh: Console, dynamodb: Any, things: str) -> None:
    fill(dynamodb, things, [{"id": {"S": "1"}, "secret": {"S": "in the answer"}}])
    page = fresh.open("request")
    assert "in the answer" in send(page, request_on(things, "read", Key={"id": "1"}))
    send(page, '{"operation": "ping"}')
    page.goto(f"{fresh.url}#/request")
    page.reload()
    expect(page.locator("main ol li")).to_have_count(2)
    assert "in the answer" not in page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    page.locator("main ol").get_by_text(f"read {things}").click()
    assert json.loads(editor(page).input_value())["payload"] == {"Key": {"id": "1"}}
    page.get_by_role("button", name="Clear it").click()
    expect(page.locator("main ol li")).to_have_count(0)


def test_a_request_that_was_sent_can_be_linked(console: Console) -> None:
    page = console.open("request")
    send(page, '{"operation": "echo", "payload": "linked"}')
    console.open("request", body='{"operation": "ping"}')
    page.go_back()
    expect(editor(page)).to_have_value('{"operation": "echo", "payload": "linked"}')


def test_the_panel_shows_what_every_view_has_sent(fresh: Console, dynamodb: Any, things: str) -> None:
    fill(dynamodb, things, [{"id": {"S": "1"}}])
    page = fresh.open("items", things)
    page.get_by_role("button", name="Requests").click()
    page.locator(".panel").get_by_role("button", name=f"list {things}").click()
    assert json.loads(page.locator(".panel pre").inner_text())["Items"] == [{"id": {"S": "1"}}]
    page.get_by_role("button", name="Body").click()
    assert json.loads(page.locator(".panel pre").inner_text())["operation"] == "list"
    page.get_by_role("link", name="Open in the editor").click()
    assert json.loads(editor(page).input_value())["tableName"] == things


# What a shell, Python or JavaScript would take for its own, and digits that a float would lose.
AWKWARD = '\'"`${x} \\ $HOME """ $(id) é \u2028 \U0001f600'


@pytest.fixture
def copied(fresh: Console, things: str) -> dict[str, Any]:
    """A request with awkward text: the answer that the page shows, and the snippets as they are copied."""
    page = fresh.open("request")
    item = {"id": "1", "text": AWKWARD, "number": EXACT}
    send(page, request_on(things, "create", Item=item))
    shown = send(page, request_on(things, "read", Key={"id": "1"}))
    snippets = {}
    for name in ("curl", "Python", "TypeScript"):
        page.locator("main").get_by_role("button", name=name).click()
        page.get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        snippets[name] = page.evaluate("navigator.clipboard.readText()")
    return {"shown": shown, **snippets}


def run(command: list[str], folder: Path) -> Any:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_each_snippet_prints_the_answer_that_the_page_shows(copied: dict[str, Any], tmp_path: Path) -> None:
    installed(TYPESCRIPT)
    (tmp_path / "node_modules").symlink_to(TYPESCRIPT / "node_modules")
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "snippet.ts").write_text(copied["TypeScript"])
    options = ["--strict", "--target", "es2022", "--module", "nodenext", "--types", "node"]
    run(["node_modules/.bin/tsc", *options, "snippet.ts"], tmp_path)
    printed = {
        "curl": run(["bash", "-c", copied["curl"]], tmp_path),
        "Python": run([sys.executable, "-c", copied["Python"]], tmp_path),
        "TypeScript": run(["node", "snippet.js"], tmp_path),
    }
    shown = json.loads(copied["shown"])["Item"]
    assert shown == {"id": "1", "text": AWKWARD, "number": EXACT}
    for language, text in printed.items():
        assert json.loads(text)["Item"] == shown, language


def test_a_server_that_has_gone_is_told_with_what_to_do(console: Console, things: str) -> None:
    page = console.open("items", things)
    expect(page.get_by_text("This table holds no item.")).to_be_visible()
    page.route("**/DynamoDBManager", lambda route: route.abort())
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_role("alert")).to_contain_text("Start the server again")
