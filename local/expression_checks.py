"""Refuses the expressions that DynamoDB refuses, in DynamoDB's words, before the embedded engine evaluates them.

The engine takes an unknown function for a condition that is false, for example. No kept library has the grammar of all
of DynamoDB's expressions. Source: "Expressions in DynamoDB" of the developer guide, and what DynamoDB Local answers:
tests/conformance/test_engines.py compares the two.

The checks run in DynamoDB's order: syntax, then names from left to right, then operands.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from local.expression_grammar import Call, Node, Parser, Path, Refused, Value

Values = Mapping[str, Mapping[str, Any]]
Names = Mapping[str, str]

KEY_OPERATORS = frozenset({"=", "<", "<=", ">", ">=", "BETWEEN", "begins_with"})
MAX_PATH_LENGTH = 32
MAX_INDEX = 2**31 - 1

SCALARS = frozenset({"S", "N", "B"})
SETS = frozenset({"SS", "NS", "BS"})
TYPE_NAMES = {"S": "STRING", "N": "NUMBER", "B": "BINARY", "BOOL": "BOOLEAN", "NULL": "NULL", "L": "LIST", "M": "MAP"}


class Function(NamedTuple):
    """Where a function may stand, how many operands it takes, and what they may be."""

    # The outermost function of a condition; an operand of a comparison or function; or a value of an update.
    place: str
    operands: int
    # The first operand must be a path to an attribute.
    path: bool = False
    # The first operand must not be among the others.
    distinct: bool = False
    types: frozenset[str] | None = None


FUNCTIONS = {
    "attribute_exists": Function("condition", 1, path=True),
    "attribute_not_exists": Function("condition", 1, path=True),
    "attribute_type": Function("condition", 2, distinct=True),
    "begins_with": Function("condition", 2, distinct=True, types=frozenset({"S", "B"})),
    "contains": Function("condition", 2, distinct=True),
    "size": Function("operand", 1, types=SETS | {"S", "B", "L", "M"}),
    "if_not_exists": Function("update", 2, path=True),
    "list_append": Function("update", 2, types=frozenset({"L"})),
}
# Which operators compare like functions with so many operands.
OPERATORS = {
    **dict.fromkeys(("=", "<>", "IN"), Function("condition", 0, distinct=True)),
    **dict.fromkeys(("<", "<=", ">", ">=", "BETWEEN"), Function("condition", 0, distinct=True, types=SCALARS)),
    **dict.fromkeys(("+", "-"), Function("update", 0, types=frozenset({"N"}))),
    **dict.fromkeys(("AND", "OR", "NOT"), Function("condition", 0)),
}


class RefusedWhole(Exception):
    """DynamoDB refuses the expression; the message is all of DynamoDB's."""


def refusal(kind: str, expression: str, names: Names, values: Values, reserved: Container[str]) -> str | None:
    """Return the message with which DynamoDB refuses an expression, or None.

    `kind` is the request's member, such as `FilterExpression`; `reserved` holds the reserved words in upper case.
    Names and values that are not defined are left to the engine.
    """
    check = CHECKS[kind]
    try:
        if not expression:
            raise Refused("The expression can not be empty;")
        check(Parser(expression), names, values, reserved)
    except Refused as error:
        return f"Invalid {kind}: {error}"
    except RefusedWhole as error:
        return str(error)
    return None


def _check_condition(parser: Parser, names: Names, values: Values, reserved: Container[str]) -> None:
    condition = parser.condition()
    _check_names(condition, "condition", "condition", reserved)
    _check_operands(condition, names, values)


def refusal_for_item(expression: str, names: Names, values: Values, item: Mapping[str, Any]) -> str | None:
    """Return the message with which DynamoDB refuses a valid update expression because of what the item holds."""
    for section in Parser(expression).update():
        for path, value in section.actions:
            *parents, last = _resolved(path, names)
            parent = {"M": item} if not parents else _at(tuple(parents), item)
            if not parent or ("L" if isinstance(last, int) else "M") not in parent:
                return "The document path provided in the update expression is invalid for update"
            if section.keyword == "SET" and value and _has_wrong_operand(value, names, values, item):
                return "An operand in the update expression has an incorrect data type"
    return None


def _has_wrong_operand(value: Node, names: Names, values: Values, item: Mapping[str, Any]) -> bool:
    if not isinstance(value, Call) or value.name == "if_not_exists":
        return False
    types = (FUNCTIONS if value.is_function else OPERATORS)[value.name].types or ()
    operands = [_value_of(operand, names, values, item) for operand in value.operands]
    return any(operand and not operand.keys() & types for operand in operands)


def _value_of(node: Node, names: Names, values: Values, item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if isinstance(node, Value):
        return values.get(node.name)
    if isinstance(node, Path):
        return _at(_resolved(node, names), item)
    path, otherwise = node.operands
    return _value_of(path, names, values, item) or _value_of(otherwise, names, values, item)


def _at(path: tuple[str | int, ...], item: Mapping[str, Any]) -> Mapping[str, Any] | None:
    value: Any = {"M": item}
    for part in path:
        if isinstance(part, int):
            members = value.get("L", [])
            value = members[part] if part < len(members) else None
        else:
            value = value.get("M", {}).get(part)
        if not value:
            return None
    return dict(value)


def _check_key_condition(parser: Parser, names: Names, values: Values, reserved: Container[str]) -> None:
    condition = parser.condition()
    _check_names(condition, "condition", "condition", reserved)
    _check_operands(condition, names, values)
    keys: list[str] = []
    for each in _conditions(condition):
        if each.name not in KEY_OPERATORS:
            raise RefusedWhole(f"Invalid operator used in KeyConditionExpression: {each.name}")
        if any(isinstance(operand, Call) for operand in each.operands):
            raise RefusedWhole("KeyConditionExpressions cannot contain nested operations")
        paths = [_resolved(operand, names) for operand in each.operands if isinstance(operand, Path)]
        if len(paths) != 1:
            what = "Multiple attribute names used in one condition" if paths else "No key attribute specified"
            raise RefusedWhole(f"Invalid condition in KeyConditionExpression: {what}")
        key, *rest = paths[0]
        if rest:
            raise RefusedWhole(
                "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: "
                f"{key}"
            )
        if key in keys:
            raise RefusedWhole("KeyConditionExpressions must only contain one condition per key")
        keys.append(str(key))


def _conditions(condition: Node) -> Iterator[Call]:
    assert isinstance(condition, Call)
    if condition.name == "AND":
        for each in condition.operands:
            yield from _conditions(each)
    else:
        yield condition


def _check_projection(parser: Parser, names: Names, values: Values, reserved: Container[str]) -> None:
    paths = parser.projection()
    for path in paths:
        _check_path(path, reserved)
    _check_overlap([_resolved(path, names) for path in paths])


def _check_update(parser: Parser, names: Names, values: Values, reserved: Container[str]) -> None:
    sections = parser.update()
    actions = [action for section in sections for action in section.actions]
    for action in actions:
        _check_path(action.path, reserved)
        if action.value:
            _check_names(action.value, "update", "update", reserved)
    keywords = [section.keyword for section in sections]
    for keyword in keywords:
        if keywords.count(keyword) > 1:
            raise Refused(f'The "{keyword}" section can only be used once in an update expression;')
    _check_overlap([_resolved(action.path, names) for action in actions])
    for section in sections:
        for action in section.actions:
            if section.keyword in ("ADD", "DELETE") and action.value:
                _check_section_operand(section.keyword, _type(action.value, values))
            elif action.value:
                _check_operands(action.value, names, values)


def _check_section_operand(section: str, type_: str | None) -> None:
    allowed = SETS if section == "DELETE" else SETS | {"N"}
    if type_ and type_ not in allowed:
        raise Refused(
            f"Incorrect operand type for operator or function; operator: {section}, operand type: "
            f"{TYPE_NAMES[type_]}, typeSet: ALLOWED_FOR_{section}_OPERAND"
        )


def _check_overlap(paths: list[tuple[str | int, ...]]) -> None:
    for position, later in enumerate(paths):
        for earlier in paths[:position]:
            depth = min(len(earlier), len(later))
            same = next((i for i in range(depth) if earlier[i] != later[i]), depth)
            if same == depth:
                fault = "overlap"
            elif isinstance(earlier[same], int) != isinstance(later[same], int):
                fault = "conflict"
            else:
                continue
            raise Refused(
                f"Two document paths {fault} with each other; must remove or rewrite one of these paths; "
                f"path one: {_shown(earlier)}, path two: {_shown(later)}"
            )


def _check_names(node: Node, place: str, where: str, reserved: Container[str]) -> None:
    """Check attribute and function names, from left to right, of a node that stands in a `place`.

    `where` is the kind of expression: a `condition` or an `update`.
    """
    if isinstance(node, Path):
        _check_path(node, reserved)
    elif isinstance(node, Call):
        if node.is_function:
            _check_function_name(node.name, place, where)
        inner = place if node.name in ("AND", "OR", "NOT") else _place_of_operands(node.name, where)
        for operand in node.operands:
            _check_names(operand, inner, where, reserved)


def _place_of_operands(name: str, where: str) -> str:
    return "operand" if where == "condition" else "operand of an update"


def _check_function_name(name: str, place: str, where: str) -> None:
    if name not in FUNCTIONS:
        raise Refused(f"Invalid function name; function: {name}")
    function = FUNCTIONS[name]
    if (function.place == "update") != (where == "update"):
        article = "an" if where == "update" else "a"
        raise Refused(f"The function is not allowed in {article} {where} expression; function: {name}")
    fits = function.place == place or (place == "operand of an update" and name == "if_not_exists")
    if not fits:
        # DynamoDB looks for a document path first where a function needs one.
        raise Refused(f"The function is not allowed to be used this way in an expression; function: {name}")


def _check_path(path: Path, reserved: Container[str]) -> None:
    for part in path.parts:
        if isinstance(part, int):
            if part > MAX_INDEX:
                raise Refused(f"List index is not within the allowable range; index: [{part}]")
        elif part.upper() in reserved:
            raise Refused(f"Attribute name is a reserved keyword; reserved keyword: {part}")
    if len(path.parts) > MAX_PATH_LENGTH:
        raise Refused(f"The document path has too many nesting levels; nesting levels: {len(path.parts)}")


def _check_operands(node: Node, names: Names, values: Values) -> None:
    if not isinstance(node, Call):
        return
    for operand in node.operands:
        _check_operands(operand, names, values)
    name = node.name
    rule = FUNCTIONS[name] if node.is_function else OPERATORS[name]
    if node.is_function and len(node.operands) != rule.operands:
        raise Refused(
            f"Incorrect number of operands for operator or function; operator or function: {name}, number of operands: "
            f"{len(node.operands)}"
        )
    first, *others = node.operands
    if rule.path and not isinstance(first, Path):
        raise Refused(f"Operator or function requires a document path; operator or function: {name}")
    for operand in node.operands:
        type_ = _type(operand, values)
        if rule.types and type_ and type_ not in rule.types:
            _refuse_type(name, type_)
    if rule.distinct and isinstance(first, Path):
        path = _resolved(first, names)
        if any(isinstance(other, Path) and _resolved(other, names) == path for other in others):
            raise Refused(
                "The first operand must be distinct from the remaining operands for this operator or function; "
                f"operator: {name}, first operand: {_shown(path)}"
            )
    if name == "attribute_type":
        _check_type_name(others[0], values)
    elif name == "BETWEEN":
        _check_bounds(others[0], others[1], values)


def _refuse_type(name: str, type_: str) -> None:
    raise Refused(
        f"Incorrect operand type for operator or function; operator or function: {name}, operand type: {type_}"
    )


def _check_type_name(operand: Node, values: Values) -> None:
    type_ = _type(operand, values)
    if isinstance(operand, Path):
        _refuse_type("attribute_type", "a document path")
    elif type_ and type_ != "S":
        _refuse_type("attribute_type", type_)
    elif isinstance(operand, Value) and type_:
        given = values[operand.name]["S"]
        if given not in SCALARS | SETS | {"BOOL", "NULL", "L", "M"}:
            valid = "{N,BS,L,B,NULL,M,S,SS,NS,BOOL}"
            raise Refused(f"Invalid attribute type name found; type: {given}, valid types: {valid}")


def _check_bounds(low: Node, high: Node, values: Values) -> None:
    low_type, high_type = _type(low, values), _type(high, values)
    if not (isinstance(low, Value) and isinstance(high, Value) and low_type and high_type):
        return
    if low_type != high_type:
        requirement = "same data type for lower and upper bounds"
    elif _sortable(low_type, values[low.name][low_type]) > _sortable(high_type, values[high.name][high_type]):
        requirement = "upper bound to be greater than or equal to lower bound"
    else:
        return
    shown = [f"AttributeValue: {{{type_}:{values[bound.name][type_]}}}" for bound, type_ in
             ((low, low_type), (high, high_type))]  # fmt: skip
    raise Refused(
        f"The BETWEEN operator requires {requirement}; lower bound operand: {shown[0]}, upper bound operand: {shown[1]}"
    )


def _sortable(type_: str, value: str) -> Any:
    return Decimal(value) if type_ == "N" else value.encode()


def _type(node: Node, values: Values) -> str | None:
    """Return the type of an operand, as far as it is known without an item."""
    if isinstance(node, Value) and (value := values.get(node.name)):
        return next(iter(value))
    return "N" if isinstance(node, Call) and node.name == "size" else None


def _resolved(path: Path, names: Names) -> tuple[str | int, ...]:
    return tuple(names.get(part, part) if isinstance(part, str) else part for part in path.parts)


def _shown(path: tuple[str | int, ...]) -> str:
    return f"[{', '.join(f'[{part}]' if isinstance(part, int) else part for part in path)}]"


CHECKS: dict[str, Callable[[Parser, Names, Values, Container[str]], None]] = {
    "KeyConditionExpression": _check_key_condition,
    "FilterExpression": _check_condition,
    "ConditionExpression": _check_condition,
    "UpdateExpression": _check_update,
    "ProjectionExpression": _check_projection,
}
