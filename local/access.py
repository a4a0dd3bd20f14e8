"""`python -m local.access`: check a file of access rules, test it, and see what it decides and why.

    python -m local.access check prod.json              the file, and the cases in prod.cases.json beside it
    python -m local.access check prod.json --tables     and its keys against the real tables
    python -m local.access show prod.json               who may do what, as a table
    python -m local.access explain prod.json CALLER REQUEST

The file is one of chalicelib/access/, or a path. CALLER and REQUEST are JSON, as in the header X-Caller and the body of
POST /DynamoDBManager. A file of cases is a list of objects with `name`, `caller` (null for none), `request` and
`allowed`. The exit status is 1 where something is wrong.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.access.accesses import Access
from chalicelib.access.authorization import Authorization, authorize
from chalicelib.access.caller import Caller
from chalicelib.access.decision import bind, decide
from chalicelib.access.known import Known, Prefix, implies
from chalicelib.access.rules import ACTIONS, FOLDER, RuleEntry, Rules, RulesFile, Where, compile_rules, read_rules_file
from chalicelib.errors import ApiError
from chalicelib.request import check_request, read_body
from chalicelib.settings import SettingsError, read_settings


class Case(msgspec.Struct, forbid_unknown_fields=True):
    """A request that the rules must allow, or must refuse."""

    name: str
    caller: Caller | None
    request: dict[str, Any]
    allowed: bool


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        "python -m local.access", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command", choices=["check", "show", "explain"])
    parser.add_argument("file")
    parser.add_argument("caller", nargs="?")
    parser.add_argument("request", nargs="?")
    parser.add_argument("--tables", action="store_true", help="compare the keys with those of the real tables")
    given = parser.parse_args(arguments)
    path = Path(given.file) if Path(given.file).exists() else FOLDER / given.file
    try:
        file = read_rules_file(path)
        rules = compile_rules(file)
        if given.command == "show":
            print(show(file))
            return 0
        if given.command == "explain":
            if given.request is None:
                parser.error("explain needs a CALLER and a REQUEST")
            caller = msgspec.json.decode(given.caller, type=Caller | None)
            print(explain(rules, caller, given.request.encode()))
            return 0
        found = [*check_cases(rules, path), *(check_tables(file) if given.tables else ())]
    except (SettingsError, ApiError, msgspec.MsgspecError, BotoCoreError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    for warning in warnings(file):
        print(f"Warning: {warning}")
    for line in found:
        print(f"Error: {line}")
    print(f"{path.name}: {len(file.rules)} rules for {len(file.tables)} tables, {len(found)} errors.")
    return 1 if found else 0


def check_cases(rules: Rules, path: Path) -> Iterator[str]:
    """Decide the cases that stand beside a file of rules; yields those that are decided the other way."""
    beside = path.with_suffix(".cases.json")
    if not beside.exists():
        return
    cases = msgspec.json.decode(beside.read_bytes(), type=list[Case])
    for case in cases:
        decided, _ = decide_request(rules, case.caller, json.dumps(case.request).encode())
        if (decided.refusal is None) != case.allowed:
            why = decided.refusal or f"allowed by {', '.join(decided.rules)}"
            yield f'case "{case.name}": must be {"allowed" if case.allowed else "refused"}, and is not: {why}'
    print(f"{beside.name}: {len(cases)} cases.")


def check_tables(file: RulesFile) -> Iterator[str]:
    """Compare the declared keys with those of the real tables."""
    client = boto3.client("dynamodb")
    for name, declared in file.tables.items():
        try:
            table = client.describe_table(TableName=name)["Table"]
        except ClientError as error:
            yield f"table {name}: {error}"
            continue
        indexes = {
            index["IndexName"]: _key(index)
            for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
            for index in table.get(kind, ())
        }
        if _key(table) != declared.key:
            yield f"table {name}: its key is {_key(table)}, and the file says {declared.key}"
        for index, key in declared.indexes.items():
            if indexes.get(index) != key:
                yield f"table {name}: the key of its index {index} is {indexes.get(index)}, and the file says {key}"


def _key(described: dict[str, Any]) -> tuple[str, ...]:
    order = {"HASH": 0, "RANGE": 1}
    return tuple(key["AttributeName"] for key in sorted(described["KeySchema"], key=lambda key: order[key["KeyType"]]))


def warnings(file: RulesFile) -> Iterator[str]:
    """What a file says in vain."""
    for entry in file.rules:
        if entry.who and set(entry.who.groups or ()) & set(entry.who.not_groups or ()) >= set(entry.who.groups or "-"):
            yield f'rule "{entry.id}" concerns nobody: its groups are all among its notGroups'
        if entry.who and entry.who.kind and entry.who.kind != "user" and entry.who.groups:
            yield f'rule "{entry.id}" concerns nobody: only users have groups'
        if entry.who and entry.who.kind in ("anonymous", "invoke") and entry.who.ids not in (None, (entry.who.kind,)):
            yield f'rule "{entry.id}" concerns nobody: the only id of this kind is its own name'
        for other in file.rules:
            if entry.effect == "allow" and _shadows(file, other, entry):
                yield f'rule "{entry.id}" allows nothing: "{other.id}" denies all that it allows'


def _shadows(file: RulesFile, deny: RuleEntry, allow: RuleEntry) -> bool:
    """Tell whether a deny rule surely denies all that an allow rule allows."""

    def all_of(field: str, entry: RuleEntry, everything: Any) -> set[Any]:
        given = getattr(entry, field)
        return set(everything) if not given or given == ("*",) else set(given)

    return (
        deny.effect == "deny"
        and not (deny.where or deny.read or deny.write)
        and (not deny.who or deny.who == allow.who)
        and all_of("do", deny, ACTIONS) >= all_of("do", allow, ACTIONS)
        and all_of("tables", deny, file.tables) >= all_of("tables", allow, file.tables)
    )


def show(file: RulesFile) -> str:
    """Who may do what, as a Markdown table."""
    rows: list[tuple[str, ...]] = [("rule", "effect", "who", "do", "tables", "items", "read", "write"), ("---",) * 8]
    for entry in file.rules:
        who = msgspec.to_builtins(entry.who) if entry.who else {}
        rows.append(
            (
                entry.id,
                entry.effect,
                "; ".join(f"{name} {_listed(value)}" for name, value in who.items()) or "anybody",
                _listed(entry.do),
                _listed(entry.tables or file.tables),
                " and ".join(f"{name} {_wanted(value)}" for name, value in (entry.where or {}).items()) or "every item",
                *(_attributes(part, entry.effect) for part in (entry.read, entry.write)),
            )
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _listed(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(value)


def _wanted(value: Any) -> str:
    begins = isinstance(value, dict) and "beginsWith" in value
    return f"begins with {value['beginsWith']}" if begins else f"is {value}"


def _attributes(part: Any, effect: str) -> str:
    if not part:
        return "every attribute" if effect == "allow" else ""
    return "; ".join(f"{name} {_listed(sorted(value))}" for name, value in msgspec.to_builtins(part).items())


def decide_request(rules: Rules, caller: Caller | None, body: bytes) -> tuple[Authorization, str]:
    """What the rules say of a request, and the name of its operation. Raises `ApiError` 400 for one that is none."""
    settings = read_settings({"ALLOWED_TABLES": "*"})
    request = check_request(read_body(body), settings)
    decided = authorize(rules, caller, request.name, request.payload, request.format, None)
    return decided, request.name


def explain(rules: Rules, caller: Caller | None, body: bytes) -> str:
    """Say what the rules decide of a request, and what would have to be different."""
    decided, operation = decide_request(rules, caller, body)
    if decided.refusal is None:
        return f"allowed: by {', '.join(decided.rules) or f'every rule, as {operation} touches no item'}"
    if caller is None or not decided.touched or decided.rules:
        denied = f" (rule {', '.join(decided.rules)})" if decided.rules else ""
        return f"refused: {decided.refusal}{denied}"
    access = next(each for each in decided.touched if decide(rules, caller, [each]).refusal)
    item = f"item {', '.join(map(_known, access.key.values()))} of" if access.key else "any item of"
    return (
        f"refused: no rule lets {caller.kind} {caller.id} {access.action} {item} {access.table}; "
        f"{_nearest(rules, caller, access)}"
    )


def _nearest(rules: Rules, caller: Caller, access: Access) -> str:
    """Name the allow rule that the request misses by the least."""
    near = [bound for bound in bind(rules, caller, access.action, access.table) if not bound.rule.denies]
    if not near:
        return "no rule about this concerns the caller"

    def missed(where: Where) -> list[str]:
        return [
            f"{attribute} must {_must(wanted)}"
            for attribute, wanted in where
            if attribute not in access.key or not implies(access.key[attribute], wanted)
        ]

    rule, where = min(near, key=lambda bound: len(missed(bound.where)))
    if parts := missed(where):
        return f"the nearest is {rule.id}, where {' and '.join(parts)}"
    refusal = decide(rules, caller, [access]).refusal
    return f"the nearest is {rule.id}, but for the attributes. {refusal}"


def _known(known: Known) -> str:
    return f"{known.start!r}…" if isinstance(known, Prefix) else str(known)


def _must(wanted: Known) -> str:
    return f"begin with {wanted.start!r}" if isinstance(wanted, Prefix) else "be " + str(wanted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
