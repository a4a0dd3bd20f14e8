"""A second decider: rules that Cedar can say as well are decided alike by both.

Cedar knows neither a prefix that is all that is known of a key, nor claims inside of a text. `ACCESSES` of them a run.
"""

import json
import os
from decimal import Decimal
from random import Random
from typing import Any

import cedarpy

from chalicelib.access.accesses import Access, Attributes
from chalicelib.access.caller import Caller
from chalicelib.access.decision import decide
from chalicelib.access.known import Prefix
from chalicelib.access.rules import ACTIONS, Rules
from tests.access.cases import rules_of

ACCESSES = int(os.environ.get("ACCESSES", "10000"))
ACCESSES_PER_FILE = 200
TABLES = {"app": {"key": ["pk", "n"]}, "orders": {"key": ["pk", "n"]}}
KINDS = ["user", "apiKey", "iamRole"]
GROUPS = ["a", "b", "c"]
ATTRIBUTES = ["pk", "n", "name", "role", "cost"]
TEXTS = ["u1", "u12", "u2", ""]


def test_cedar_decides_alike() -> None:
    random = Random(os.environ.get("SEED", "access"))
    allowed = 0
    for _ in range(ACCESSES // ACCESSES_PER_FILE):
        rules = [_rule(random, f"rule{number}") for number in range(random.randint(1, 6))]
        asked = [(_caller(random), _access(random)) for _ in range(ACCESSES_PER_FILE)]
        ours = _decided(rules_of({"tables": TABLES, "rules": rules}), asked)
        policies = "\n".join(_policy(rule) for rule in rules)
        theirs = cedarpy.is_authorized_batch([_request(*each) for each in asked], policies, [])
        for (caller, access), our, their in zip(asked, ours, theirs, strict=True):
            assert not their.diagnostics.errors, their.diagnostics.errors
            assert our == their.allowed, (rules, caller, access)
        allowed += sum(ours)
    # Neither everything nor nothing.
    assert ACCESSES // 20 < allowed < ACCESSES - ACCESSES // 20


def _decided(rules: Rules, asked: list[tuple[Caller, Access]]) -> list[bool]:
    return [decide(rules, caller, [access]).refusal is None for caller, access in asked]


def _some(random: Random, of: Any, least: int = 1) -> list[Any]:
    return random.sample(list(of), random.randint(least, len(of)))


def _rule(random: Random, id: str) -> dict[str, Any]:
    denies = random.random() < 0.3
    rule: dict[str, Any] = {"id": id, "effect": "deny" if denies else "allow", "do": _some(random, ACTIONS, 3)}
    who = {
        "kind": random.choice(KINDS),
        "ids": _some(random, TEXTS[:3]),
        "groups": _some(random, GROUPS),
        "notGroups": _some(random, GROUPS),
    }
    if some := {name: who[name] for name in who if random.random() < 0.2}:
        rule["who"] = some
    if random.random() < 0.5:
        rule["tables"] = _some(random, TABLES)
    pk = random.choice(["u1", "u2", "${sub}", {"beginsWith": "u1"}, {"beginsWith": "u"}])
    if where := {name: wanted for name, wanted in (("pk", pk), ("n", 5)) if random.random() < 0.4}:
        rule["where"] = where
    for part in ("read", "write"):
        if random.random() < (0.4 if denies else 0.3):
            rule[part] = {random.choice(["only", "except"]): _some(random, ATTRIBUTES)}
    return rule


def _caller(random: Random) -> Caller:
    claims = {"sub": random.choice([*TEXTS, 5])} if random.random() < 0.8 else {}
    return Caller(random.choice(KINDS), random.choice(TEXTS), frozenset(_some(random, GROUPS, 0)), claims)  # type: ignore[arg-type]


def _access(random: Random) -> Access:
    key: dict[str, Any] = {"pk": random.choice(TEXTS), "n": Decimal(random.choice([5, 6]))}
    key = {name: known for name, known in key.items() if random.random() < 0.8}

    def attributes() -> Attributes:
        named, implied = _some(random, ATTRIBUTES, 0)[:2], _some(random, ATTRIBUTES[:2], 0)
        return Attributes(frozenset(named), frozenset(implied), random.random() < 0.3)

    table = random.choice([*TABLES])
    return Access(random.choice(ACTIONS), table, table, key, attributes(), attributes())


def _request(caller: Caller, access: Access) -> dict[str, Any]:
    """An access as Cedar is asked for it. A claim that is not a string is none."""
    context = {
        "kind": caller.kind,
        "id": caller.id,
        "groups": sorted(caller.groups),
        "claims": {name: claim for name, claim in caller.claims.items() if isinstance(claim, str) and claim},
        "key": {name: int(known) if isinstance(known, Decimal) else known for name, known in access.key.items()},
        "reads": sorted(access.reads.named | access.reads.implied),
        "readsEvery": access.reads.every,
        "writes": sorted(access.writes.named | access.writes.implied),
        "writesEvery": access.writes.every,
    }
    return {
        "principal": 'Caller::"caller"',
        "action": f'Action::"{access.action}"',
        "resource": f'Table::"{access.table}"',
        "context": context,
    }


def _policy(rule: dict[str, Any]) -> str:
    """A rule as a policy of Cedar's."""
    denies = rule["effect"] == "deny"
    who = rule.get("who", {})
    actions = ", ".join(f'Action::"{action}"' for action in rule["do"])
    tables = " || ".join(f'resource == Table::"{table}"' for table in rule.get("tables", TABLES))
    conditions = [f"({tables})"]
    if "kind" in who:
        conditions.append(f"context.kind == {_text(who['kind'])}")
    if "ids" in who:
        conditions.append(f"{_text(who['ids'])}.contains(context.id)")
    if "groups" in who:
        conditions.append(f"context.groups.containsAny({_text(who['groups'])})")
    if "notGroups" in who:
        conditions.append(f"!context.groups.containsAny({_text(who['notGroups'])})")
    if "where" in rule:
        conditions.append(_where(rule["where"], denies))
    parts = [(f"{part}s", *each) for part in ("read", "write") for each in rule.get(part, {}).items()]
    if denies and parts:
        conditions.append(f"({' || '.join(f'!({_covered(*part)})' for part in _complements(parts))})")
    elif parts:
        conditions.extend(_covered(*part) for part in parts)
    effect = "forbid" if denies else "permit"
    return f"{effect}(principal, action in [{actions}], resource) when {{ {' && '.join(conditions)} }};"


def _where(where: dict[str, Any], denies: bool) -> str:
    tests = []
    for attribute, wanted in where.items():
        has, value = f"context.key has {attribute}", f"context.key.{attribute}"
        if isinstance(wanted, dict):
            test = f"{value} like {_text(wanted['beginsWith'] + '*')}"
        else:
            test = f"{value} == " + ("context.claims.sub" if wanted == "${sub}" else _text(wanted))
        tests.append(f"(!({has}) || {test})" if denies else f"({has} && {test})")
    claimed = "context.claims has sub"
    if "${sub}" not in where.values():
        return " && ".join(tests)
    return f"(!({claimed}) || ({' && '.join(tests)}))" if denies else f"({claimed} && {' && '.join(tests)})"


def _complements(parts: list[tuple[str, str, list[str]]]) -> list[tuple[str, str, list[str]]]:
    """What is not denied is covered by all but what is denied."""
    return [(touched, "except" if kind == "only" else "only", names) for touched, kind, names in parts]


def _covered(touched: str, kind: str, names: list[str]) -> str:
    if kind == "only":
        return f"!context.{touched}Every && {_text(names)}.containsAll(context.{touched})"
    return f"!context.{touched}Every && !context.{touched}.containsAny({_text(names)})"


def _text(value: Any) -> str:
    return json.dumps(value)


def test_what_cedar_cannot_say_is_the_prefix_of_a_key() -> None:
    """So that it is decided by the cases alone."""
    rule = {"id": "a", "effect": "allow", "do": ["query"], "where": {"pk": {"beginsWith": "u1#"}}}
    rules = rules_of({"tables": TABLES, "rules": [rule]})
    for start, refused in (("u1#", False), ("u1#2", False), ("u1", True)):
        access = Access("query", "app", "app", {"pk": Prefix(start)}, Attributes(), Attributes())
        assert (decide(rules, Caller("user", "u1"), [access]).refusal is not None) == refused
