"""The file of access rules: what may stand in it, and how it is read."""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Meta, UnsetType

from chalicelib.access.caller import KINDS, Caller, Kind
from chalicelib.access.known import Known, Prefix, plain_value
from chalicelib.settings import SettingsError

Action = Literal["create", "read", "update", "delete", "query", "list", "check"]
ACTIONS: tuple[Action, ...] = ("create", "read", "update", "delete", "query", "list", "check")

FOLDER = Path(__file__).parent

Name = Annotated[str, Meta(min_length=1)]
Names = Annotated[tuple[Name, ...], Meta(min_length=1)]
TableName = Annotated[str, Meta(pattern=r"^[a-zA-Z0-9_.-]{3,255}$")]
GroupName = Annotated[str, Meta(pattern=r"^[^\s,\[\]]+$")]
WhereEntry = Annotated[
    dict[str, Any],
    Meta(
        description="Key attributes, each with the value it must equal or begin with. ${claim} is a caller's claim.",
        extra_json_schema={
            "minProperties": 1,
            "additionalProperties": {
                "anyOf": [
                    {"type": ["string", "number"]},
                    {
                        "type": "object",
                        "oneOf": [{"required": ["beginsWith"]}, {"required": ["$binary"]}],
                        "properties": {"beginsWith": {"type": "string", "minLength": 1}, "$binary": {"type": "string"}},
                        "additionalProperties": False,
                    },
                ]
            },
        },
    ),
]


class RulesError(SettingsError):
    """A file of rules that cannot be honoured; the message names the rule and the field."""


class Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Top-level attributes of an item: only these, or all except these."""

    only: frozenset[Name] | UnsetType = UNSET
    except_: Annotated[frozenset[Name], Meta(min_length=1)] | UnsetType = msgspec.field(default=UNSET, name="except")


class Who(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """Callers: all that is given must hold."""

    kind: Kind | UnsetType = UNSET
    ids: Names | UnsetType = UNSET
    groups: Annotated[tuple[GroupName, ...], Meta(min_length=1)] | UnsetType = UNSET
    not_groups: Annotated[tuple[GroupName, ...], Meta(min_length=1)] | UnsetType = UNSET


class RuleEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rule as the file has it."""

    id: Name
    effect: Literal["allow", "deny"]
    do: Annotated[tuple[Action | Literal["*"], ...], Meta(min_length=1)]
    who: Who | UnsetType = UNSET
    tables: Annotated[tuple[TableName, ...], Meta(min_length=1)] | UnsetType = UNSET
    where: WhereEntry | UnsetType = UNSET
    read: Part | UnsetType = UNSET
    write: Part | UnsetType = UNSET


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table: its key attributes, the partition key first, and the key attributes of each of its indexes."""

    key: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=2)]
    indexes: dict[str, Names] = {}

    @property
    def key_attributes(self) -> frozenset[str]:
        return frozenset(self.key).union(*self.indexes.values())


class RulesFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Access rules: who may do what, to which items, with which attributes."""

    tables: Annotated[dict[TableName, Table], Meta(min_length=1)]
    rules: tuple[RuleEntry, ...]
    schema: str | UnsetType = msgspec.field(default=UNSET, name="$schema")


class Claim(NamedTuple):
    """A claim in a text, with the text before it and the character after it, which the claim must not hold."""

    before: str
    name: str
    end: str


class Template(NamedTuple):
    """What a key attribute must equal, or begin with, once the claims are put in."""

    claims: tuple[Claim, ...]
    rest: Known

    def filled(self, caller: Caller) -> Known | None:
        """Put the caller's claims in. None where one is missing, empty, no string, or holds its separator."""
        if not self.claims:
            return self.rest
        text = ""
        for before, name, end in self.claims:
            claim = caller.claims.get(name)
            if not isinstance(claim, str) or not claim or (end and end in claim):
                return None
            text += before + claim
        if isinstance(self.rest, Prefix):
            return Prefix(f"{text}{self.rest.start!s}")
        return f"{text}{self.rest!s}"


Where = tuple[tuple[str, Known], ...]


class Rule(NamedTuple):
    """A rule, compiled. A field is empty, or None, where the file leaves it out.

    `where` is the file's where it holds no claim, and None where it has to be filled from `templates`.
    """

    id: str
    denies: bool
    kinds: tuple[Kind, ...]
    ids: frozenset[str]
    groups: frozenset[str]
    not_groups: frozenset[str]
    where: Where | None
    templates: tuple[tuple[str, Template], ...]
    read: Part | None
    write: Part | None

    def filled(self, caller: Caller) -> Where | None:
        """What the key must be for this caller. None where a claim cannot be put in."""
        where = tuple((attribute, template.filled(caller)) for attribute, template in self.templates)
        return None if any(wanted is None for _, wanted in where) else where  # type: ignore[return-value]


class Rules(NamedTuple):
    """The rules of a stage.

    `concerning` has those about an action on a table by a kind of caller, the deny rules first.
    """

    tables: Mapping[str, Table]
    concerning: Mapping[tuple[str, str, str], tuple[Rule, ...]]


def stage_rules(name: str | None) -> Rules | None:
    """The rules of a stage whose setting names their file, beside this module; None for a stage without."""
    try:
        return load_rules(FOLDER / name) if name else None
    except RulesError as error:
        raise RulesError(f"ACCESS_RULES: {error}") from None


def load_rules(path: Path) -> Rules:
    """Read a file of rules. Raises `RulesError`, which names the rule and the field, for one that is not valid."""
    return compile_rules(read_rules_file(path))


def read_rules_file(path: Path) -> RulesFile:
    """Read and check a file of rules, as it stands."""
    try:
        content = json.loads(path.read_text("utf-8"), object_pairs_hook=_members, parse_float=Decimal)
    except (OSError, ValueError, RecursionError) as error:
        raise RulesError(f"{path.name}: {error}") from None
    try:
        return msgspec.convert(content, RulesFile)
    except msgspec.ValidationError as error:
        raise RulesError(f"{path.name}: {_in_words(str(error), content)}") from None


def compile_rules(file: RulesFile) -> Rules:
    """Compile the rules for quick decisions. Raises `RulesError`."""
    concerning: dict[tuple[str, str, str], list[Rule]] = {}
    for name, table in file.tables.items():
        if len(set(table.key)) < len(table.key):
            raise RulesError(f"tables: {name}: key names one attribute twice")
    ids = [entry.id for entry in file.rules]
    for entry in file.rules:
        try:
            rule, tables = _compiled(entry, file.tables)
            if ids.count(entry.id) > 1:
                raise RulesError("id: another rule has the same")
        except RulesError as error:
            raise RulesError(f'rule "{entry.id}": {error}') from None
        actions = ACTIONS if entry.do == ("*",) else entry.do
        for place in product(actions, tables, rule.kinds):
            concerning.setdefault(place, []).append(rule)
    in_order = {place: tuple(sorted(rules, key=lambda rule: not rule.denies)) for place, rules in concerning.items()}
    return Rules(file.tables, in_order)


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise RulesError(f"one object names a member twice: {', '.join(name for name, _ in pairs)}")
    return members


def _in_words(error: str, content: Any) -> str:
    """Name the rule that an error of msgspec's is about, by its id."""
    if place := re.search(r"\$\.rules\[(\d+)\]", error):
        rule = content["rules"][int(place[1])]
        return f'rule "{rule["id"]}": {error}' if isinstance(rule, dict) and "id" in rule else error
    return error


def _compiled(entry: RuleEntry, declared: Mapping[str, Table]) -> tuple[Rule, tuple[str, ...]]:
    tables = tuple(declared) if isinstance(entry.tables, UnsetType) else entry.tables
    for name in tables:
        if name not in declared:
            raise RulesError(f"tables: {name} is not one of the file's tables")
    for field, given in (("do", entry.do), ("tables", tables)):
        if len(set(given)) < len(given) or ("*" in given and len(given) > 1):
            raise RulesError(f'{field}: name each once, or "*" alone')
    who = Who() if isinstance(entry.who, UnsetType) else entry.who
    if who == Who() and entry.who is not UNSET:
        raise RulesError("who: says nothing; leave it out for anybody")
    where = {} if isinstance(entry.where, UnsetType) else entry.where
    if where == {} and entry.where is not UNSET:
        raise RulesError("where: says nothing; leave it out for every item")
    for attribute in where:
        for name in tables:
            if attribute not in declared[name].key_attributes:
                raise RulesError(f"where: {attribute} is no key attribute of {name}")
    templates = tuple((attribute, _template(attribute, wanted)) for attribute, wanted in where.items())
    denies = entry.effect == "deny"
    read, write = _part("read", entry.read, denies), _part("write", entry.write, denies)
    groups = frozenset(who.groups or ()), frozenset(who.not_groups or ())
    kinds = (who.kind,) if who.kind else KINDS
    fixed = None if any(template.claims for _, template in templates) else tuple((a, t.rest) for a, t in templates)
    ids = frozenset(who.ids or ())
    return Rule(entry.id, denies, kinds, ids, *groups, fixed, templates, read, write), tables


def _part(field: str, part: Part | UnsetType, denies: bool) -> Part | None:
    if isinstance(part, UnsetType):
        return None
    if (part.only is UNSET) == (part.except_ is UNSET):
        raise RulesError(f"{field}: needs either only or except")
    if denies and part.only == frozenset():
        raise RulesError(f"{field}: only names no attribute, so that nothing is denied")
    return part


_CLAIM = re.compile(r"\$\{([^{}$]+)\}")


def _template(attribute: str, wanted: Any) -> Template:
    """Compile what `where` says of an attribute."""
    begins = isinstance(wanted, dict) and wanted.keys() == {"beginsWith"}
    text = wanted["beginsWith"] if begins else wanted
    if not isinstance(text, str):
        value = None if begins else plain_value(text)
        if value is None:
            raise RulesError(f'where: {attribute}: must be a string, a number, {{"$binary": …}} or {{"beginsWith": …}}')
        return Template((), value)
    claims = tuple(_claims(text))
    if "${" in _CLAIM.sub("", text):
        raise RulesError(f"where: {attribute}: ${{ opens no claim; write ${{name}}")
    if any(not claim.end for claim in claims[:-1]):
        raise RulesError(f"where: {attribute}: two claims stand side by side; put a separator between them")
    rest = _CLAIM.split(text)[-1]
    if begins and not rest:
        raise RulesError(f'where: {attribute}: beginsWith must end in text, such as "#" after a claim')
    return Template(claims, Prefix(rest) if begins else rest)


def _claims(text: str) -> Iterator[Claim]:
    pieces = _CLAIM.split(text)
    for before, name, after in zip(pieces[0::2], pieces[1::2], pieces[2::2], strict=False):
        yield Claim(before, name, after[:1])
