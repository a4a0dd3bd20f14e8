"""The recipes of docs/access.md work as they are written."""

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from chalicelib.access.caller import Caller
from chalicelib.access.rules import load_rules
from local.access import decide_request, main
from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "access.md").read_text()
RECIPES = dict(re.findall(r"### ([^\n]+)\n(?:(?!###).)*?```json\n(.*?)```", PAGE, re.DOTALL))

ANN = Caller("user", "u1", frozenset(), {"sub": "u1", "custom:tenant": "acme"})
EDITOR = Caller("user", "u2", frozenset({"editors"}), {"sub": "u2"})
ADMIN = Caller("user", "u3", frozenset({"admins"}), {"sub": "u3"})
PARTNER = Caller("apiKey", "a1b2c3d4e5")
ITEM = {"pk": "user#u1", "id": "1"}
MINE, THEIRS, CATALOG = ({"Key": {"pk": pk, "id": "1"}} for pk in ("user#u1", "user#u2", "catalog"))


def query(pk: str, **more: Any) -> dict[str, Any]:
    return {"KeyConditionExpression": "pk = :p", "ExpressionAttributeValues": {":p": pk}, **more}


def update(expression: str, value: Any = "x") -> dict[str, Any]:
    return {**MINE, "UpdateExpression": expression, "ExpressionAttributeValues": {":v": value}}


PRICES = {"ProjectionExpression": "price"}
CASES: dict[str, list[tuple[Caller | None, str, str, dict[str, Any], bool]]] = {
    "Users own their items": [
        (ANN, "create", "app", {"Item": ITEM}, True),
        (ANN, "read", "app", MINE, True),
        (ANN, "read", "app", THEIRS, False),
        (ANN, "query", "app", query("user#u1"), True),
        (ANN, "query", "app", query("user#u2"), False),
        (ANN, "list", "app", {}, False),
        (PARTNER, "read", "app", MINE, False),
        (None, "read", "app", MINE, False),
    ],
    "Tenants by prefix": [
        (ANN, "create", "orders", {"Item": {"pk": "acme#1", "sk": "1"}}, True),
        (ANN, "query", "orders", query("acme#1"), True),
        (ANN, "query", "orders", query("acme2#1"), False),
        (ANN, "delete", "orders", {"Key": {"pk": "acme#1", "sk": "1"}}, False),
        (EDITOR, "query", "orders", query("#1"), False),
    ],
    "A partner's key sees some attributes": [
        (PARTNER, "read", "app", {**CATALOG, **PRICES}, True),
        (PARTNER, "query", "app", query("catalog", **PRICES), True),
        (PARTNER, "read", "app", CATALOG, False),
        (PARTNER, "read", "app", {**CATALOG, "ProjectionExpression": "cost"}, False),
        (PARTNER, "read", "app", {**MINE, **PRICES}, False),
        (Caller("apiKey", "another"), "read", "app", {**CATALOG, **PRICES}, False),
    ],
    "Editors write every attribute but one": [
        (EDITOR, "update", "app", update("SET title = :v"), True),
        (EDITOR, "update", "app", update("SET title = :v REMOVE role"), False),
        (EDITOR, "create", "app", {"Item": ITEM, "ConditionExpression": "attribute_not_exists(pk)"}, True),
        (EDITOR, "create", "app", {"Item": ITEM}, False),
        (EDITOR, "delete", "app", MINE, False),
        (EDITOR, "list", "app", {}, True),
        (ANN, "read", "app", MINE, False),
    ],
    "Admins do everything, and nobody else deletes": [
        (ADMIN, "delete", "app", MINE, True),
        (ADMIN, "list", "app", {}, True),
        (ANN, "update", "app", update("SET title = :v"), True),
        (ANN, "delete", "app", MINE, False),
        (ANN, "list", "app", {}, False),
    ],
}


def test_every_recipe_is_tried() -> None:
    assert RECIPES.keys() == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_recipe_allows_what_it_says_and_nothing_else(name: str, tmp_path: Path, capsys: Any) -> None:
    (tmp_path / "prod.json").write_text(RECIPES[name])
    rules = load_rules(tmp_path / "prod.json")
    assert main(["check", str(tmp_path / "prod.json")]) == 0
    assert "Warning" not in capsys.readouterr().out
    for caller, operation, table, payload, allowed in CASES[name]:
        body = json.dumps({"operation": operation, "tableName": table, "payload": payload}).encode()
        decided, _ = decide_request(rules, caller, body)
        assert (decided.refusal is None) == allowed, (operation, payload, decided.refusal)


def test_the_command_says_what_the_page_shows(capsys: Any) -> None:
    shown = re.search(r"```console\n\$ \S+python -m local.access (.*?)\n(refused.*?)```", PAGE, re.DOTALL)
    assert shown
    assert main(shlex.split(shown[1].replace("\\\n", " "))) == 0
    assert capsys.readouterr().out == shown[2]
