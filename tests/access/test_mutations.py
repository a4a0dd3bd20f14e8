"""Every mutation of the decision is noticed by an attack that passes, or by an honest request that is refused."""

import importlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from chalicelib.access import rules as rules_module
from tests.access.cases import ATTACKS, CALLERS, HONEST, RULES, TABLES, Case, in_both_formats

SOURCE = Path(rules_module.__file__).parent
ATTACKING, HONESTLY = in_both_formats(iter(ATTACKS)), in_both_formats(iter(HONEST))

# The module, the text in it, and what stands there instead.
MUTATIONS = [
    ("known", "and known == wanted", ""),
    ("known", "not isinstance(known, Prefix) and known == wanted", "known == wanted or isinstance(known, Prefix)"),
    ("known", "value.startswith(self.start)", "True"),
    ("known", "and not (isinstance(wanted, Prefix) and wanted.begins(known.start))", ""),
    ("known", "return not wanted.begins(known) if", "return True if"),
    ("known", '_number(Decimal(content)) if _NUMBER.fullmatch(content) else None', "content"),
    ("rules", "or not claim or", "or"),
    ("rules", "or (end and end in claim)", ""),
    ("rules", "if not isinstance(claim, str) or not claim", 'claim = claim or ""\n            if False'),
    ("rules", "(who.kind,) if who.kind else KINDS", "KINDS"),
    ("decision", "(not rule.ids or caller.id in rule.ids)", "True"),
    ("decision", "and (not rule.groups or not rule.groups.isdisjoint(caller.groups))", ""),
    ("decision", "and rule.not_groups.isdisjoint(caller.groups)", ""),
    ("rules", "key=lambda rule: not rule.denies", "key=lambda rule: rule.denies"),
    ("rules", "yield Claim(before, name, after[:1])", 'yield Claim(before, name, "")'),
    ("rules", "return Prefix(f", "return str(f"),
    ("expressions", "[A-Za-z0-9_]*|", "[A-Za-z0-9_.]*|"),
    ("expressions", 'or before == "." ', ""),
    ("expressions", "token.upper() in keywords", "token in keywords"),
    ("expressions", "elif token not in functions:", "elif False:"),
    ("expressions", 'if name[0] != "#":', "if True:"),
    ("expressions", "if len(expression) > MAX_LENGTH:", "if False:"),
    ("expressions", 'if keyword in ("ADD", "DELETE") or len(target) > 1:', "if len(target) > 1:"),
    ("expressions", 'if keyword in ("ADD", "DELETE") or len(target) > 1:', 'if keyword in ("ADD", "DELETE"):'),
    ("expressions", "update.reads.update(_attributes(value, names, functions=UPDATE_FUNCTIONS))", ""),
    ("expressions", "update.writes.update(written)", ""),
    ("expressions", 'if token == separator and depth == 0:', "if token == separator:"),
    ("expressions", "token.upper() in UPDATE_KEYWORDS", "token in UPDATE_KEYWORDS"),
    ("expressions", '& {"OR", "NOT"}', '& {"NOT"}'),
    ("expressions", "and _resolved(attribute, names) in key", ""),
    ("expressions", 'and (not more or more[0].upper() == "AND")', "and not more"),
    ("expressions", "if attribute in seen:", "if False:"),
    ("expressions", 'value_of(value) if sign == "=" else None', "value_of(value)"),
    ("expressions", "Prefix(start) if isinstance(start, str | bytes) else None", "start"),
    ("expressions", 'value_of(value) if sign == "=" else None, rest\n    raise', "value_of(value), rest\n    raise"),
    ("accesses", "if resource in (allowed_tables or ()) else resource", ""),
    ("accesses", 'touched.reads_every |= value != "NONE"', ""),
    ("accesses", 'touched.reads_every |= select != "COUNT" and not', "touched.reads_every |= not"),
    ("accesses", '(select == "SPECIFIC_ATTRIBUTES" and projected)', "projected"),
    ("accesses", "touched.writes_every = condition is None or", "touched.writes_every = condition is not None and"),
    ("accesses", "condition is None or not creates_only(condition, touched.names, table.key)", "condition is None"),
    ("accesses", "touched.write(parameters[\"Item\"])\n", ""),
    ("accesses", "    touched.writes_every = True\n", ""),
    ("accesses", "        touched.read(touched.writes)\n", "        pass\n"),
    ("accesses", '"UPDATED_NEW"):', '"UPDATED_NEW", "ALL_NEW"):'),
    ("accesses", "touched.shown.update(table.key)", ""),
    ("accesses", "touched.shown.update(table.indexes[index])", ""),
    ("accesses", "if value is None or not implies(value, known):", "if False:"),
    ("accesses", "value is None or not implies(value, known)", "value is not None and not implies(value, known)"),
    ("accesses", 'update.get("Action", "PUT") != "PUT"', "False"),
    ("accesses", "if len(values) == 1 else None", ""),
    ("accesses", 'return value if condition["ComparisonOperator"] == "EQ" else None', "return value"),
    ("accesses", "    if legacy:\n", "    if False:\n"),
    ("accesses", 'known_of(key, declared)', 'known_of(parameters["Keys"][0], declared)'),
    ("accesses", "for kind, parameters in request.items():", "for kind, parameters in [*request.items()][:0]:"),
    ("accesses", 'reader.access(_PARTS[kind], parameters, shared)', "reader.access(_PARTS[kind], parameters, {})"),
    ("accesses", "if not touched:", "if False:"),
    ("decision", "if refusal is not None:", "if False:"),
    ("rules", "None if any(wanted is None for _, wanted in where) else where", "where"),
    ("decision", "elif rule.denies:", "elif False:"),
    ("decision", "elif rule.denies:", "else:"),
    ("decision", "return False\n    return True", "return False\n        return True\n    return True"),
    ("decision", "if attribute not in access.key or not implies(", "if attribute in access.key and not implies("),
    ("decision", "if attribute in access.key and excludes", "if attribute not in access.key or excludes"),
    ("decision", "and _covers(rule.write, access.writes)", ""),
    ("decision", "_covers(rule.read, access.reads) and", ""),
    ("decision", "return part is None or not (touched.every or", "return part is None or not ("),
    ("decision", "_outside(part, touched.named | touched.implied)", "_outside(part, touched.named)"),
    ("decision", "return names & part.except_ if part.except_ else", "return"),
    ("decision", "_touches(rule.read, access.reads) or _touches", "_touches"),
    ("decision", " or _touches(rule.write, access.writes)", ""),
    ("decision", "part is not None and (touched.every or", "part is not None and ("),
    ("authorization", "if caller is None:", "if False:"),
    ("visibility", "allows |= not rule.denies", "allows = True"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "old", "new"), MUTATIONS)
def test_a_mutation_is_noticed(package_of: Any, module: str, old: str, new: str) -> None:
    assert wrongly_decided(package_of(module, old, new))


def test_without_a_mutation_nothing_is_decided_wrongly(package_of: Any) -> None:
    assert not wrongly_decided(package_of("rules", "", ""))


@pytest.fixture
def package_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a copy of the package, under a name of its own, with a mutation in it."""

    def made(module: str, old: str, new: str) -> str:
        package = f"mutant_{uuid4().hex}"
        (tmp_path / package).mkdir()
        for path in SOURCE.glob("*.py"):
            text = path.read_text().replace("chalicelib.access", package)
            if path.stem == module and old:
                assert text.count(old), "the mutation must change something"
                text = text.replace(old, new, 1)
            (tmp_path / package / path.name).write_text(text)
        monkeypatch.syspath_prepend(str(tmp_path))
        return package

    return made


def wrongly_decided(package: str) -> list[str]:
    """The cases that the package decides the wrong way."""
    rules_of, authorization, caller_of = (
        importlib.import_module(f"{package}.{name}") for name in ("rules", "authorization", "caller")
    )
    rules = rules_of.compile_rules(msgspec.convert({"tables": TABLES, "rules": RULES}, rules_of.RulesFile))
    callers = {name: known and caller_of.Caller(known.kind, known.id, known.groups, known.claims)
               for name, known in CALLERS.items()}  # fmt: skip

    def refused(case: Case) -> bool:
        arguments = rules, callers[case.caller], case.operation, case.full_payload, case.format, None
        try:
            return authorization.authorize(*arguments).refusal is not None
        except Exception:
            # The gateway answers 500 then, and calls nobody.
            return True

    return [case.name for case in ATTACKING if not refused(case)] + [case.name for case in HONESTLY if refused(case)]
