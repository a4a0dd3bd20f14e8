"""The attributes that DynamoDB's expressions read and write, and what a key condition proves.

Only the alphabet of the developer guide's page "Using expressions in DynamoDB" is understood; everything else is
refused. No grammar is checked beyond that, as DynamoDB does so itself: of an expression that it accepts, every
attribute is found, and one that is named in vain only makes a request touch more.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from chalicelib.access.known import Known, Prefix, Value

# Characters. DynamoDB refuses a longer expression.
MAX_LENGTH = 4096

_PLACEHOLDER = r"[#:][A-Za-z0-9_]+"
_TOKEN = re.compile(rf"[A-Za-z][A-Za-z0-9_]*|{_PLACEHOLDER}|\[[ \t\r\n]*[0-9]+[ \t\r\n]*\]|<>|<=|>=|[=<>+\-(),.]")
_SPACE = re.compile(r"[ \t\r\n]+")
_NAME_START = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#")

CONDITION_KEYWORDS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN"})
CONDITION_FUNCTIONS = frozenset(
    {"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"}
)
UPDATE_KEYWORDS = frozenset({"SET", "REMOVE", "ADD", "DELETE"})
UPDATE_FUNCTIONS = frozenset({"if_not_exists", "list_append"})
COMPARISONS = frozenset({"=", "<", "<=", ">", ">="})

Names = Mapping[str, str]
Tokens = Sequence[str]


class NotUnderstood(Exception):
    """An expression that is not understood for certain. Every `%s` of the reason stands for a word of the caller's."""

    def __init__(self, reason: str, *words: str) -> None:
        super().__init__(reason, *words)
        self.reason = reason
        self.words = words


class Update(NamedTuple):
    """The attributes that an update expression reads, and those that it writes."""

    reads: set[str]
    writes: set[str]


def condition_reads(expression: str, names: Names) -> set[str]:
    """The attributes that a condition, a filter or a key condition names."""
    return set(_attributes(_tokens(expression), names, CONDITION_KEYWORDS, CONDITION_FUNCTIONS))


def projection_reads(expression: str, names: Names) -> set[str]:
    """The attributes that a projection names."""
    return set(_attributes(_tokens(expression), names))


def update_effects(expression: str, names: Names) -> Update:
    """What an update expression reads and writes."""
    update = Update(set(), set())
    for keyword, clause in _clauses(_tokens(expression)):
        for action in _split(clause, ","):
            target, value = _target_and_value(keyword, action)
            written = set(_attributes(target, names))
            update.writes.update(written)
            update.reads.update(_attributes(value, names, functions=UPDATE_FUNCTIONS))
            # Whether such an action fails tells what is there.
            if keyword in ("ADD", "DELETE") or len(target) > 1:
                update.reads.update(written)
    return update


def creates_only(expression: str, names: Names, key: Iterable[str]) -> bool:
    """Tell whether a condition surely fails where there is an item already.

    It is `attribute_not_exists` of an attribute of the primary key, alone or with more after AND.
    """
    tokens = _tokens(expression)
    if {token.upper() for token in tokens} & {"OR", "NOT"} or len(tokens) < 4:
        return False
    function, opening, attribute, closing, *more = tokens
    return (
        (function, opening, closing) == ("attribute_not_exists", "(", ")")
        and attribute[0] in _NAME_START
        and _resolved(attribute, names) in key
        and (not more or more[0].upper() == "AND")
    )


def key_condition(expression: str, names: Names, value_of: Callable[[str], Value | None]) -> dict[str, Known]:
    """What a key condition proves of key attributes.

    `value_of` gives the value behind a placeholder, or None for one that proves nothing. As there is no OR and no NOT
    in a key condition, brackets change nothing in it.
    """
    tokens = [token for token in _tokens(expression) if token not in ("(", ")")]
    proven: dict[str, Known] = {}
    seen: set[str] = set()
    while tokens:
        attribute, known, tokens = _comparison(tokens, names, value_of)
        if attribute in seen:
            raise NotUnderstood("it has two conditions on one attribute")
        seen.add(attribute)
        if known is not None:
            proven[attribute] = known
        if tokens:
            if tokens[0].upper() != "AND" or len(tokens) == 1:
                raise NotUnderstood("AND and another condition must follow a condition")
            tokens = tokens[1:]
    return proven


def _comparison(
    tokens: Tokens, names: Names, value_of: Callable[[str], Value | None]
) -> tuple[str, Known | None, list[str]]:
    """Read the first comparison: its attribute, what it proves of it, and the tokens that follow."""
    match tokens:
        case ["begins_with", attribute, ",", value, *rest] if _are(attribute, value):
            start = value_of(value)
            return _resolved(attribute, names), Prefix(start) if isinstance(start, str | bytes) else None, rest
        case [attribute, between, low, and_, high, *rest] if (
            between.upper() == "BETWEEN" and and_.upper() == "AND" and _are(attribute, low) and high[0] == ":"
        ):
            return _resolved(attribute, names), None, rest
        case [attribute, sign, value, *rest] if sign in COMPARISONS and _are(attribute, value):
            return _resolved(attribute, names), value_of(value) if sign == "=" else None, rest
        case [value, sign, attribute, *rest] if sign in COMPARISONS and _are(attribute, value):
            return _resolved(attribute, names), value_of(value) if sign == "=" else None, rest
    raise NotUnderstood("it is no comparison of a key attribute with a value")


def _are(attribute: str, value: str) -> bool:
    return attribute[0] in _NAME_START and value[0] == ":"


def _tokens(expression: str) -> list[str]:
    if len(expression) > MAX_LENGTH:
        raise NotUnderstood(f"it is longer than {MAX_LENGTH:,} characters")
    if unknown := _SPACE.sub("", _TOKEN.sub("", expression)):
        raise NotUnderstood('"%s" is no part of an expression', unknown[0])
    return _TOKEN.findall(expression)


def _attributes(
    tokens: Tokens, names: Names, keywords: frozenset[str] = frozenset(), functions: frozenset[str] = frozenset()
) -> Iterator[str]:
    """The first part of every path."""
    for before, token, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
        if token[0] not in _NAME_START or before == "." or token.upper() in keywords:
            continue
        if after != "(":
            yield _resolved(token, names)
        elif token not in functions:
            raise NotUnderstood('"%s" is no function here', token)


def _resolved(name: str, names: Names) -> str:
    if name[0] != "#":
        return name
    if name not in names:
        raise NotUnderstood("%s is not in ExpressionAttributeNames", name)
    return names[name]


def _clauses(tokens: Tokens) -> Iterator[tuple[str, list[str]]]:
    """Split an update expression into its clauses, each with its keyword."""
    starts = [at for at, token in enumerate(tokens) if token.upper() in UPDATE_KEYWORDS]
    if not starts or starts[0] != 0:
        raise NotUnderstood("it must begin with SET, REMOVE, ADD or DELETE")
    for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True):
        yield tokens[start].upper(), list(tokens[start + 1 : end])


def _split(tokens: Tokens, separator: str) -> Iterator[list[str]]:
    """Split at separators that stand outside of brackets."""
    part: list[str] = []
    depth = 0
    for token in tokens:
        depth += (token == "(") - (token == ")")
        if token == separator and depth == 0:
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _target_and_value(keyword: str, action: Tokens) -> tuple[Tokens, Tokens]:
    """Split an action into the path that it writes and the value that it writes there."""
    if keyword == "SET":
        if action.count("=") != 1:
            raise NotUnderstood("an action of SET has one = sign")
        sign = action.index("=")
        return action[:sign], action[sign + 1 :]
    if keyword == "REMOVE":
        return action, ()
    if not action or action[-1][0] != ":":
        raise NotUnderstood(f"an action of {keyword} ends in a value")
    return action[:-1], action[-1:]
