"""What a caller sees of tables themselves: which there are, and how much of a description."""

from collections.abc import Collection, Mapping
from typing import Any

from chalicelib.access.accesses import Access, Attributes, declared_name
from chalicelib.access.caller import Caller
from chalicelib.access.decision import bind, decide
from chalicelib.access.rules import ACTIONS, Rules

_EVERY = Attributes(every=True)
_KEY_MEMBERS = ("TableName", "KeySchema", "AttributeDefinitions")
_INDEX_MEMBERS = ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")


def visible_tables(rules: Rules, caller: Caller, allowed_tables: Collection[str] | None) -> frozenset[str]:
    """The tables that some rule could let the caller touch, as the stage names them."""
    names = rules.tables if allowed_tables is None else allowed_tables
    return frozenset(name for name in names if is_visible(rules, caller, name, allowed_tables))


def is_visible(rules: Rules, caller: Caller, resource: str, allowed_tables: Collection[str] | None) -> bool:
    """Tell whether some rule could let the caller touch something in the table."""
    table = declared_name(rules, resource, allowed_tables)
    return table is not None and any(_could(rules, caller, action, table) for action in ACTIONS)


def visible_description(rules: Rules, caller: Caller, description: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the caller may see of DescribeTable's `Table`: all of it, or its keys and those of its indexes."""
    table = description["TableName"]
    everything = Access("list", table, table, {}, _EVERY, _EVERY)
    if decide(rules, caller, [everything]).refusal is None:
        return description
    shown = {name: description[name] for name in _KEY_MEMBERS if name in description}
    for name in _INDEX_MEMBERS:
        if name in description:
            shown[name] = [{part: index[part] for part in ("IndexName", "KeySchema")} for index in description[name]]
    return shown


def _could(rules: Rules, caller: Caller, action: str, table: str) -> bool:
    """Tell whether a rule allows the action, on whatever item, and none denies it on every item."""
    allows = False
    for rule, where in bind(rules, caller, action, table):
        if rule.denies and not where and rule.read is None and rule.write is None:
            return False
        allows |= not rule.denies
    return allows
