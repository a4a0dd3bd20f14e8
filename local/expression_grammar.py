"""The grammar of DynamoDB's expressions: from the text of one to what it says.

Source: "Expressions in DynamoDB" of the developer guide. Which token a syntax error names, and what is near it, is what
DynamoDB Local answers.
"""

import re
from collections.abc import Callable
from typing import NamedTuple, NoReturn, TypeVar

T = TypeVar("T")

LEXER = re.compile(
    r"(?P<value>:\w+)|(?P<name>#\w+|[A-Za-z]\w*)|(?P<index>0|[1-9]\d*)|(?P<symbol><>|<=|>=|\S)", re.ASCII
)
KEYWORDS = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"})
COMPARATORS = frozenset({"=", "<>", "<", "<=", ">", ">="})
SECTIONS = frozenset({"SET", "REMOVE", "ADD", "DELETE"})


class Refused(Exception):
    """DynamoDB refuses the expression; its message is this one after, for example, `Invalid FilterExpression: `."""


class Token(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


class Path(NamedTuple):
    """A document path: attribute names, `#` names as they are written, and list indexes."""

    parts: tuple[str | int, ...]


class Value(NamedTuple):
    """An expression attribute value: its name with the colon."""

    name: str


class Call(NamedTuple):
    """A function or an operator with its operands."""

    name: str
    operands: tuple["Node", ...]
    is_function: bool = False


Node = Path | Value | Call


class Action(NamedTuple):
    """What an update expression does to one path. REMOVE has no value."""

    path: Path
    value: Node | None


class Section(NamedTuple):
    """SET, REMOVE, ADD or DELETE, and its actions."""

    keyword: str
    actions: list[Action]


class Parser:
    """A recursive descent over the tokens of one expression. Raises `Refused` where DynamoDB stops to read."""

    def __init__(self, expression: str) -> None:
        self._text = expression
        self._tokens = [_token(match) for match in LEXER.finditer(expression)]
        self._end = Token("end", "<EOF>", len(expression), len(expression))
        self._position = 0
        # Where the parentheses that closed last stand.
        self._closed = (-1, -1)

    def condition(self) -> Node:
        return self._whole(self._either())

    def projection(self) -> list[Path]:
        return self._whole(self._list(self._path))

    def update(self) -> list[Section]:
        sections: list[Section] = []
        while not sections or self._token.kind != "end":
            keyword = self._take(*SECTIONS).upper()
            actions = {"SET": self._assignment, "REMOVE": self._removal}.get(keyword, self._addition)
            sections.append(Section(keyword, self._list(actions)))
        return self._whole(sections)

    @property
    def _token(self) -> Token:
        return self._tokens[self._position] if self._position < len(self._tokens) else self._end

    def _fail(self) -> NoReturn:
        before = self._tokens[self._position - 1] if self._position else None
        after = self._tokens[self._position + 1] if self._position + 1 < len(self._tokens) else self._token
        start = before.start if before else self._token.start if self._tokens else 0
        near = self._text[start : after.end]
        raise Refused(f'Syntax error; token: "{self._token.text}", near: "{near}"')

    def _next_is(self, *texts: str) -> bool:
        return self._token.kind != "end" and self._token.text.upper() in texts

    def _take(self, *texts: str) -> str:
        if texts and not self._next_is(*texts):
            self._fail()
        text = self._token.text
        self._position += 1
        return text

    def _take_kind(self, kind: str) -> str:
        if self._token.kind != kind:
            self._fail()
        return self._take()

    def _whole(self, parsed: T) -> T:
        if self._token.kind != "end":
            self._fail()
        return parsed

    def _list(self, parse: Callable[[], T]) -> list[T]:
        parsed = [parse()]
        while self._next_is(","):
            self._take()
            parsed.append(parse())
        return parsed

    def _in_parentheses(self, parse: Callable[[], T]) -> T:
        start = self._position
        self._take("(")
        parsed = parse()
        self._take(")")
        if self._closed == (start + 1, self._position - 1):
            raise Refused("The expression has redundant parentheses;")
        self._closed = (start, self._position)
        return parsed

    def _either(self, or_operand: bool = False) -> Node:
        """Parse a condition, or an operand alone where a parenthesis closes behind it."""
        return self._chain("OR", lambda first: self._chain("AND", self._negation, first), or_operand)

    def _chain(self, operator: str, parse: Callable[[bool], Node], or_operand: bool) -> Node:
        nodes = [parse(or_operand)]
        while self._next_is(operator):
            self._take()
            nodes.append(parse(False))
        return nodes[0] if len(nodes) == 1 else Call(operator, tuple(nodes))

    def _negation(self, or_operand: bool) -> Node:
        if self._next_is("NOT"):
            self._take()
            return Call("NOT", (self._negation(False),))
        return self._comparison(or_operand)

    def _comparison(self, or_operand: bool) -> Node:
        left = self._in_parentheses(lambda: self._either(True)) if self._next_is("(") else self._operand()
        if _is_operand(left):
            if self._next_is(*COMPARATORS):
                return Call(self._take(), (left, self._operand()))
            if self._next_is("BETWEEN"):
                self._take()
                low = self._operand()
                self._take("AND")
                return Call("BETWEEN", (left, low, self._operand()))
            if self._next_is("IN"):
                self._take()
                return Call("IN", (left, *self._in_parentheses(lambda: self._list(self._operand))))
        if not isinstance(left, Call) and not (or_operand and self._next_is(")")):
            self._fail()
        return left

    def _operand(self) -> Node:
        if self._next_is("("):
            return self._in_parentheses(self._operand)
        if self._token.kind == "value":
            return Value(self._take())
        path = self._path()
        if self._next_is("(") and len(path.parts) == 1 and not str(path.parts[0]).startswith("#"):
            operands = self._in_parentheses(lambda: self._list(self._operand))
            return Call(str(path.parts[0]), tuple(operands), is_function=True)
        return path

    def _path(self) -> Path:
        parts: list[str | int] = [self._take_kind("name")]
        while self._next_is(".", "["):
            if self._take() == ".":
                parts.append(self._take_kind("name"))
            else:
                parts.append(int(self._take_kind("index")))
                self._take("]")
        return Path(tuple(parts))

    def _assignment(self) -> Action:
        path = self._path()
        self._take("=")
        return Action(path, self._sum())

    def _removal(self) -> Action:
        return Action(self._path(), None)

    def _addition(self) -> Action:
        return Action(self._path(), Value(self._take_kind("value")))

    def _sum(self) -> Node:
        left: Node = self._in_parentheses(self._sum) if self._next_is("(") else self._operand()
        if _is_operand(left) and self._next_is("+", "-"):
            return Call(self._take(), (left, self._operand()))
        return left


def _token(match: re.Match[str]) -> Token:
    kind, text = str(match.lastgroup), match.group()
    return Token("keyword" if kind == "name" and text.upper() in KEYWORDS else kind, text, *match.span())


def _is_operand(node: Node) -> bool:
    return not isinstance(node, Call) or node.is_function
