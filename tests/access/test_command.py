"""`python -m local.access`: what it finds wrong with a file of rules, and what it says of a request."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.access import main
from tests.access.cases import RULES, TABLES
from tests.access.test_rules import FOLDER

ANN = json.dumps({"kind": "user", "id": "u1", "claims": {"sub": "u1"}})
READ: dict[str, Any] = {"operation": "read", "tableName": "app", "payload": {"Key": {"pk": "user#u2", "id": "1"}}}


def written(folder: Path, name: str, content: Any) -> str:
    (folder / name).write_text(json.dumps(content))
    return str(folder / name)


def test_the_example_and_its_cases_are_right(capsys: Any) -> None:
    assert main(["check", "example.json"]) == 0
    said = capsys.readouterr().out
    assert "4 cases" in said
    assert "0 errors" in said
    assert "Warning" not in said


def test_the_example_is_a_file_that_a_team_may_copy_with_its_cases(tmp_path: Path) -> None:
    for name in ("example.json", "example.cases.json"):
        (tmp_path / name).write_text((FOLDER / name).read_text())
    assert main(["check", str(tmp_path / "example.json")]) == 0


def test_a_file_that_would_stop_the_start_is_an_error(tmp_path: Path, capsys: Any) -> None:
    file = written(tmp_path, "rules.json", {"tables": TABLES, "rules": [{**RULES[0], "do": ["scan"]}]})
    assert main(["check", file]) == 1
    assert 'rule "own-items"' in capsys.readouterr().err


@pytest.mark.parametrize("allowed", [True, False])
def test_a_case_that_is_decided_the_other_way_is_an_error(tmp_path: Path, capsys: Any, allowed: bool) -> None:
    file = written(tmp_path, "rules.json", {"tables": TABLES, "rules": RULES})
    case = {"name": "a foreign item", "caller": json.loads(ANN), "request": READ, "allowed": allowed}
    written(tmp_path, "rules.cases.json", [case])
    assert main(["check", file]) == allowed
    assert ("a foreign item" in capsys.readouterr().out) == allowed


def test_keys_are_compared_with_those_of_the_tables(tmp_path: Path, capsys: Any, tables: None) -> None:
    right = written(tmp_path, "rules.json", {"tables": TABLES, "rules": RULES})
    assert main(["check", right, "--tables"]) == 0
    wrong_tables = {
        "app": {"key": ["id", "pk"], "indexes": {"byEmail": ["name"], "byPhone": ["pk"]}},
        "none": {"key": ["pk"]},
    }
    wrong = written(tmp_path, "rules.json", {"tables": wrong_tables, "rules": []})
    assert main(["check", wrong, "--tables"]) == 1
    said = capsys.readouterr().out
    assert "table app: its key is ('pk', 'id'), and the file says ('id', 'pk')" in said
    assert "index byEmail" in said
    assert "index byPhone" in said
    assert "table none" in said


@pytest.mark.parametrize(
    ("rules", "warning"),
    [
        ([{"who": {"groups": ["a"], "notGroups": ["a", "b"]}}], "concerns nobody"),
        ([{"who": {"kind": "apiKey", "groups": ["a"]}}], "concerns nobody"),
        ([{"who": {"kind": "invoke", "ids": ["other"]}}], "concerns nobody"),
        ([{}, {"effect": "deny"}], "allows nothing"),
        ([{"who": {"groups": ["a"]}}, {"effect": "deny", "do": ["*"]}], "allows nothing"),
        ([{"who": {"groups": ["a", "b"], "notGroups": ["a"]}}], None),
        ([{}, {"effect": "deny", "who": {"groups": ["a"]}}], None),
        ([{}, {"effect": "deny", "tables": ["orders"]}], None),
        ([{}, {"effect": "deny", "where": {"pk": "a"}, "tables": ["app"]}], None),
        ([{}, {"effect": "deny", "read": {"only": ["a"]}}], None),
    ],
)
def test_a_rule_that_does_nothing_is_a_warning(
    tmp_path: Path, capsys: Any, rules: list[dict[str, Any]], warning: str | None
) -> None:
    entries = [{"id": str(n), "effect": "allow", "do": ["read"], **rule} for n, rule in enumerate(rules)]
    assert main(["check", written(tmp_path, "rules.json", {"tables": TABLES, "rules": entries})]) == 0
    said = capsys.readouterr().out
    assert ("Warning" in said) == (warning is not None)
    assert warning is None or warning in said


def test_a_refusal_is_explained_by_the_nearest_rule(capsys: Any) -> None:
    assert main(["explain", "example.json", ANN, json.dumps(READ)]) == 0
    assert capsys.readouterr().out == (
        "refused: no rule lets user u1 read item user#u2, 1 of app; the nearest is own-items, "
        "where pk must be user#u1\n"
    )


@pytest.mark.parametrize(
    ("caller", "request_", "said"),
    [
        (ANN, {**READ, "payload": {"Key": {"pk": "user#u1", "id": "1"}}}, "allowed: by own-items"),
        (ANN, {"operation": "ping"}, "allowed"),
        (ANN, {"operation": "list", "tableName": "app"}, "the nearest is own-items, where pk must be user#u1"),
        (ANN, {**READ, "operation": "delete"}, "(rule no-delete)"),
        (ANN, {"operation": "list", "tableName": "other"}, "do not know the table"),
        ('{"kind": "invoke", "id": "invoke"}', READ, "no rule about this concerns the caller"),
        ("null", READ, "who calls"),
        ('{"kind": "apiKey", "id": "partner1"}', {**READ, "payload": {"Key": {"pk": "catalog", "id": "1"}}},
         "the nearest is partner, but for the attributes"),
    ],
)  # fmt: skip
def test_a_request_is_explained(capsys: Any, caller: str, request_: Any, said: str) -> None:
    assert main(["explain", "example.json", caller, json.dumps(request_)]) == 0
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(("caller", "request_"), [("bob", "{}"), (ANN, "{}"), (ANN, '{"operation": "scan"}')])
def test_what_is_no_caller_or_request_is_an_error(capsys: Any, caller: str, request_: str) -> None:
    assert main(["explain", "example.json", caller, request_]) == 1
    assert "Error" in capsys.readouterr().err


def test_who_may_do_what_is_a_table(capsys: Any) -> None:
    assert main(["show", "example.json"]) == 0
    shown = capsys.readouterr().out
    assert (
        "| own-items | allow | kind user | * | app | pk is user#${sub} | every attribute | every attribute |" in shown
    )
