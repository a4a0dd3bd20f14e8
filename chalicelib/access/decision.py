"""The decision: an access is allowed if one allow rule covers all of it and no deny rule touches any of it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from chalicelib.access.accesses import Access, Attributes
from chalicelib.access.caller import Caller
from chalicelib.access.known import excludes, implies
from chalicelib.access.rules import Part, Rule, Rules, Where
from chalicelib.errors import ApiError, forbidden


class Decision(NamedTuple):
    """`rules` are the ids of the rules that decided; `refusal` is the 403, or None for what is allowed."""

    rules: tuple[str, ...]
    refusal: ApiError | None = None


class Bound(NamedTuple):
    """A rule that concerns a caller, with the caller's claims put in."""

    rule: Rule
    where: Where


def decide(rules: Rules, caller: Caller, accesses: Iterable[Access]) -> Decision:
    """Decide a request by all that it touches."""
    bound: dict[tuple[str, str], list[Bound]] = {}
    deciding: dict[Any, None] = {}
    for access in accesses:
        place = access.action, access.table
        if place not in bound:
            bound[place] = bind(rules, caller, *place)
        rule_id, refusal = _decide(bound[place], access)
        if refusal is not None:
            return Decision(() if rule_id is None else (rule_id,), refusal)
        deciding[rule_id] = None
    return Decision(tuple(deciding))


def bind(rules: Rules, caller: Caller, action: str, table: str) -> list[Bound]:
    """The rules about an action on a table that concern the caller, the denying ones first.

    Where a claim is missing, an allow rule matches nothing and a deny rule everything.
    """
    bound = []
    for rule in rules.concerning.get((action, table, caller.kind), ()):
        if (
            (not rule.ids or caller.id in rule.ids)
            and (not rule.groups or not rule.groups.isdisjoint(caller.groups))
            and rule.not_groups.isdisjoint(caller.groups)
        ):
            where = rule.filled(caller) if rule.where is None else rule.where
            if where is not None:
                bound.append(Bound(rule, where))
            elif rule.denies:
                bound.append(Bound(rule, ()))
    return bound


def _decide(bound: Iterable[Bound], access: Access) -> tuple[str | None, ApiError | None]:
    """The id of the rule that decides, and the refusal or None."""
    nearest: Rule | None = None
    for rule, where in bound:
        if rule.denies:
            if _denies(rule, where, access):
                return rule.id, _denial(rule, access)
        elif _covers_key(where, access):
            if _covers(rule.read, access.reads) and _covers(rule.write, access.writes):
                return rule.id, None
            nearest = nearest or rule
    return None, _no_rule(nearest, access)


def _covers_key(where: Where, access: Access) -> bool:
    for attribute, wanted in where:
        if attribute not in access.key or not implies(access.key[attribute], wanted):
            return False
    return True


def _covers(part: Part | None, touched: Attributes) -> bool:
    return part is None or not (touched.every or _outside(part, touched.named | touched.implied))


def _outside(part: Part, names: frozenset[str]) -> frozenset[str]:
    """The names that are not in the part."""
    return names & part.except_ if part.except_ else names - (part.only or frozenset())


def _denies(rule: Rule, where: Where, access: Access) -> bool:
    for attribute, wanted in where:
        if attribute in access.key and excludes(access.key[attribute], wanted):
            return False
    if rule.read is None and rule.write is None:
        return True
    return _touches(rule.read, access.reads) or _touches(rule.write, access.writes)


def _touches(part: Part | None, touched: Attributes) -> bool:
    return part is not None and (touched.every or bool(_inside(part, touched.named | touched.implied)))


def _inside(part: Part, names: frozenset[str]) -> frozenset[str]:
    """The names that are in the part."""
    return names - _outside(part, names)


def _denial(rule: Rule, access: Access) -> ApiError:
    denied = f'The access rules deny "{access.action}" on the table "{access.table}"'
    for verb, part, touched in (("reading", rule.read, access.reads), ("writing", rule.write, access.writes)):
        if part is not None and _touches(part, touched):
            return _refusal(f"{denied}: {verb}", verb, _inside(part, touched.named), touched)
    return forbidden(f"{denied}.")


def _no_rule(nearest: Rule | None, access: Access) -> ApiError:
    refused = f'No access rule allows "{access.action}" on the table "{access.table}"'
    if nearest is None:
        return forbidden(f"{refused} with what the request says of the key.")
    for verb, part, touched in (("reading", nearest.read, access.reads), ("writing", nearest.write, access.writes)):
        if part is not None and not _covers(part, touched):
            return _refusal(f"{refused} and {verb}", verb, _outside(part, touched.named), touched)
    raise AssertionError("a rule that covers all of an access allows it")


def _refusal(message: str, verb: str, names: frozenset[str], touched: Attributes) -> ApiError:
    """Name the attributes that the request itself named; of others only say what to send instead."""
    if names:
        return forbidden(f"{message} %s.", ", ".join(sorted(names)))
    return forbidden(f"{message} {_EVERY[verb] if touched.every else _KEYS}")


_KEYS = "the key attributes, which LastEvaluatedKey shows."
_EVERY = {
    "reading": "every attribute. Name the attributes you need in a ProjectionExpression, and ask for no ReturnValues, "
    "ReturnConsumedCapacity or ReturnItemCollectionMetrics.",
    "writing": "every attribute, because those that are not named are dropped. Send an update, or a create with the "
    "condition attribute_not_exists on a key attribute.",
}
