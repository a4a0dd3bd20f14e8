"""The file of rules: what is taken, and that everything else stops the start with the rule and the field named."""

import json
from copy import deepcopy
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chalicelib.access import rules as rules_module
from chalicelib.access.caller import KINDS, Caller
from chalicelib.access.decision import bind
from chalicelib.access.known import Prefix
from chalicelib.access.rules import Rules, RulesError, RulesFile, load_rules, stage_rules

FOLDER = Path(rules_module.__file__).parent
TABLES: dict[str, Any] = {
    "app": {"key": ["pk", "id"], "indexes": {"byEmail": ["email"]}},
    "orders": {"key": ["pk", "sk"]},
}
RULE: dict[str, Any] = {"id": "own", "effect": "allow", "do": ["read"], "tables": ["app"], "where": {"pk": "a"}}


def written(folder: Path, content: Any) -> Path:
    path = folder / "prod.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def with_rule(**fields: Any) -> dict[str, Any]:
    return {"tables": deepcopy(TABLES), "rules": [{**deepcopy(RULE), **fields}]}


def test_the_example_is_valid() -> None:
    assert load_rules(FOLDER / "example.json").tables.keys() == {"app", "orders"}


def test_the_schema_that_editors_use_is_the_one_that_the_start_checks_by() -> None:
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(RulesFile)}
    assert json.loads((FOLDER / "schema.json").read_text()) == schema


def test_a_file_that_is_missing_or_no_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"prod\.json"):
        load_rules(tmp_path / "prod.json")
    for content in ("", "{", "[]", "null", '"a"', "[" * 10_000, b"\xff".decode("latin-1")):
        with pytest.raises(RulesError, match=r"prod\.json"):
            load_rules(written(tmp_path, content))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"wher": {}}, "wher"),
        ({"effect": "permit"}, "effect"),
        ({"effect": None}, "effect"),
        ({"id": ""}, "id"),
        ({"id": 5}, "id"),
        ({"do": []}, "do"),
        ({"do": "read"}, "do"),
        ({"do": ["scan"]}, "do"),
        ({"do": ["Read"]}, "do"),
        ({"do": ["read", "*"]}, "do"),
        ({"do": ["read", "read"]}, "do"),
        ({"do": ["batchRead"]}, "do"),
        ({"tables": []}, "tables"),
        ({"tables": ["other"]}, "tables"),
        ({"tables": ["app", "app"]}, "tables"),
        ({"tables": None}, "tables"),
        ({"who": {}}, "who"),
        ({"who": None}, "who"),
        ({"who": {"kind": "admin"}}, "kind"),
        ({"who": {"kind": None}}, "kind"),
        ({"who": {"ids": []}}, "ids"),
        ({"who": {"ids": "u1"}}, "ids"),
        ({"who": {"group": ["a"]}}, "group"),
        ({"who": {"groups": ["a,b"]}}, "groups"),
        ({"who": {"groups": ["a b"]}}, "groups"),
        ({"who": {"groups": ["[a"]}}, "groups"),
        ({"who": {"notGroups": ["a]"]}}, "notGroups"),
        ({"where": {}}, "where"),
        ({"where": None}, "where"),
        ({"where": {"name": "a"}}, "name"),
        ({"where": {"pk": None}}, "pk"),
        ({"where": {"pk": True}}, "pk"),
        ({"where": {"pk": ["a"]}}, "pk"),
        ({"where": {"pk": {"endsWith": "a"}}}, "pk"),
        ({"where": {"pk": {"beginsWith": "a", "x": 1}}}, "pk"),
        ({"where": {"pk": {"beginsWith": ""}}}, "pk"),
        ({"where": {"pk": {"beginsWith": 5}}}, "pk"),
        ({"where": {"pk": {"beginsWith": {"$binary": "YQ=="}}}}, "pk"),
        ({"where": {"pk": {"beginsWith": "t#${tenant}"}}}, "pk"),
        ({"where": {"pk": "${a}${b}"}}, "pk"),
        ({"where": {"pk": "${}"}}, "pk"),
        ({"where": {"pk": "${sub"}}, "pk"),
        ({"where": {"pk": {"$binary": "%"}}}, "pk"),
        ({"where": {"pk": {"$binary": 5}}}, "pk"),
        ({"where": {"email": "a"}, "tables": ["app", "orders"]}, "email"),
        ({"read": {}}, "read"),
        ({"read": None}, "read"),
        ({"read": {"only": ["a"], "except": ["b"]}}, "read"),
        ({"read": {"except": []}}, "except"),
        ({"write": {"only": "a"}}, "only"),
        ({"write": {"none": ["a"]}}, "none"),
        ({"write": {"only": []}, "effect": "deny"}, "write"),
    ],
)
def test_a_rule_that_cannot_be_honoured_stops_the_start(tmp_path: Path, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(RulesError) as raised:
        load_rules(written(tmp_path, with_rule(**fields)))
    assert str(fields.get("id", "own")) in str(raised.value)
    assert field in str(raised.value)


@pytest.mark.parametrize(
    "content",
    [
        {"rules": []},
        {"tables": {}, "rules": []},
        {"tables": TABLES},
        {"tables": {"a b": {"key": ["pk"]}}, "rules": []},
        {"tables": {"app": {"key": []}}, "rules": []},
        {"tables": {"app": {"key": ["a", "b", "c"]}}, "rules": []},
        {"tables": {"app": {"key": ["a", "a"]}}, "rules": []},
        {"tables": {"app": {"keys": ["a"]}}, "rules": []},
        {"tables": {"app": {"key": ["a"], "indexes": {"i": []}}}, "rules": []},
        {"tables": TABLES, "rules": [], "role": []},
        {"tables": TABLES, "rules": [RULE, RULE]},
        {"tables": TABLES, "rules": ["own"]},
    ],
)
def test_a_file_that_cannot_be_honoured_stops_the_start(tmp_path: Path, content: Any) -> None:
    with pytest.raises(RulesError):
        load_rules(written(tmp_path, content))


def test_two_rules_of_one_id_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r'^rule "own": id: another rule has the same$'):
        load_rules(written(tmp_path, {"tables": TABLES, "rules": [RULE, RULE]}))


def test_a_member_named_twice_stops_the_start(tmp_path: Path) -> None:
    text = json.dumps(with_rule()).replace('"where"', '"where": {"pk": "b"}, "where"')
    with pytest.raises(RulesError, match="twice"):
        load_rules(written(tmp_path, text))


def concern(rules: Rules, caller: Caller) -> bool:
    return bool(bind(rules, caller, "read", "app"))


def test_all_that_who_says_must_hold(tmp_path: Path) -> None:
    who = {"kind": "user", "ids": ["u1", "u2"], "groups": ["a", "b"], "notGroups": ["c"]}
    rules = load_rules(written(tmp_path, with_rule(who=who)))
    assert concern(rules, Caller("user", "u2", frozenset("b")))
    for other in (
        Caller("iamRole", "u2", frozenset("b")),
        Caller("user", "u3", frozenset("b")),
        Caller("user", "u2", frozenset("d")),
        Caller("user", "u2"),
        Caller("user", "u2", frozenset("bc")),
    ):
        assert not concern(rules, other)


def test_a_rule_without_who_concerns_anybody(tmp_path: Path) -> None:
    rules = load_rules(written(tmp_path, with_rule()))
    assert all(concern(rules, Caller(kind, "anybody")) for kind in KINDS)


def test_a_star_and_no_tables_mean_every_operation_on_every_table(tmp_path: Path) -> None:
    rules = load_rules(written(tmp_path, {"tables": TABLES, "rules": [{"id": "a", "effect": "allow", "do": ["*"]}]}))
    actions = {"create", "read", "update", "delete", "query", "list", "check"}
    assert rules.concerning.keys() == set(product(actions, TABLES, KINDS))


ONE_VALUE = 'where: pk: must be a string, a number, {"$binary": …} or {"beginsWith": …}'
REASONS: list[tuple[dict[str, Any], str]] = [
    ({"do": ["read", "read"]}, 'do: name each once, or "*" alone'),
    ({"do": ["read", "*"]}, 'do: name each once, or "*" alone'),
    ({"tables": ["app", "app"]}, 'tables: name each once, or "*" alone'),
    ({"tables": ["other"]}, "tables: other is not one of the file's tables"),
    ({"who": {}}, "who: says nothing; leave it out for anybody"),
    ({"where": {}}, "where: says nothing; leave it out for every item"),
    ({"where": {"name": "a"}}, "where: name is no key attribute of app"),
    ({"where": {"pk": True}}, ONE_VALUE),
    ({"where": {"pk": {"beginsWith": 5}}}, ONE_VALUE),
    ({"where": {"pk": "${sub"}}, "where: pk: ${ opens no claim; write ${name}"),
    ({"where": {"pk": "${a}${b}"}}, "where: pk: two claims stand side by side; put a separator between them"),
    (
        {"where": {"pk": {"beginsWith": "t#${tenant}"}}},
        'where: pk: beginsWith must end in text, such as "#" after a claim',
    ),
    ({"read": {}}, "read: needs either only or except"),
    ({"write": {"only": ["a"], "except": ["b"]}}, "write: needs either only or except"),
    ({"effect": "deny", "read": {"only": []}}, "read: only names no attribute, so that nothing is denied"),
    ({"effect": "permit"}, "Invalid enum value 'permit' - at `$.rules[0].effect`"),
]


@pytest.mark.parametrize(("fields", "reason"), REASONS)
def test_the_start_says_which_rule_is_wrong_and_why(tmp_path: Path, fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(RulesError) as refusal:
        load_rules(written(tmp_path, with_rule(**fields)))
    prefix = "prod.json: " if "permit" in reason else ""
    assert str(refusal.value) == f'{prefix}rule "own": {reason}'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            json.dumps({"tables": {"app": {"key": ["a", "a"]}}, "rules": []}),
            "tables: app: key names one attribute twice",
        ),
        (
            '{"tables": {}, "rules": [], "tables": {}}',
            "prod.json: one object names a member twice: tables, rules, tables",
        ),
        ("", "prod.json: Expecting value: line 1 column 1 (char 0)"),
        (
            '{"tables": {"app": {"key": ["a"]}}, "rules": ["own"]}',
            "prod.json: Expected `object`, got `str` - at `$.rules[0]`",
        ),
        (
            '{"tables": {"app": {"key": ["a"]}}, "rules": [{"do": []}]}',
            "prod.json: Expected `array` of length >= 1 - at `$.rules[0].do`",
        ),
    ],
)
def test_the_start_says_what_is_wrong_with_the_file(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(RulesError) as refusal:
        load_rules(written(tmp_path, text))
    assert str(refusal.value) == reason


def test_the_setting_names_a_file_beside_the_module() -> None:
    assert stage_rules(None) is None
    assert stage_rules("example.json") == load_rules(FOLDER / "example.json")
    with pytest.raises(RulesError, match=r"^ACCESS_RULES: none\.json: "):
        stage_rules("none.json")


def bound_key(tmp_path: Path, where: Any, **claims: Any) -> Any:
    """What a rule says of the key for a caller with these claims, or None where it concerns none of them."""
    rules = load_rules(written(tmp_path, with_rule(where=where)))
    bound = bind(rules, Caller("user", "u1", claims=claims), "read", "app")
    return dict(bound[0].where) if bound else None


def test_claims_are_put_into_what_a_key_must_be(tmp_path: Path) -> None:
    assert bound_key(tmp_path, {"pk": "${a}#${b}", "id": 5}, a="x", b="y") == {"pk": "x#y", "id": 5}
    assert bound_key(tmp_path, {"pk": {"beginsWith": "t#${a}#"}}, a="x") == {"pk": Prefix("t#x#")}
    assert bound_key(tmp_path, {"pk": "${a}.end"}, a="x#") == {"pk": "x#.end"}
    for claims in ({}, {"a": ""}, {"a": 5}, {"a": "x#y"}):
        assert bound_key(tmp_path, {"pk": "${a}#end"}, **claims) is None


def test_the_denying_rules_come_first(tmp_path: Path) -> None:
    rules = [{**RULE, "id": str(number), "effect": effect} for number, effect in enumerate(["allow", "deny", "allow"])]
    loaded = load_rules(written(tmp_path, {"tables": TABLES, "rules": rules}))
    assert [rule.id for rule in loaded.concerning["read", "app", "user"]] == ["1", "0", "2"]


def test_a_number_keeps_its_digits(tmp_path: Path) -> None:
    digits = "0.1234567890123456789012345678901234567"
    text = json.dumps(with_rule(where={"pk": "number"})).replace('"number"', digits)
    loaded = load_rules(written(tmp_path, text))
    assert loaded.concerning["read", "app", "user"][0].where == (("pk", Decimal(digits)),)
