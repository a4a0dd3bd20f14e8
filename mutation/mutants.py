"""The changes of the code that are tried: those of mutmut's operators, one at a time."""

from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from typing import NamedTuple

import libcst as cst
import libcst.matchers as m
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_string

# Types, imports, docstrings and decorators: what they say, mypy and a start check.
LEFT_OUT = (
    m.Annotation()
    | m.Assign(value=m.Subscript(value=m.Name("Literal") | m.Name("Callable") | m.Name("Mapping") | m.Name("Sequence")))
    | m.Import()
    | m.ImportFrom()
    | m.Decorator()
    | m.Subscript(value=m.Name("Literal"))
    | m.Expr(value=m.SimpleString())
)


class Mutant(NamedTuple):
    """A module, by its path in the project, and the text that stands in its place."""

    path: str
    text: str

    def diff(self, project: Path) -> str:
        """The lines that differ, after the number of the first."""
        before, after = (project / self.path).read_text().splitlines(), self.text.splitlines()
        lines = list(unified_diff(before, after, lineterm="", n=0))[2:]
        return f"{self.path}:{lines[0].split()[1][1:].split(',')[0]}\n" + "\n".join(f"    {line}" for line in lines[1:])


def mutants_of(project: Path, path: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its text."""
    module = cst.parse_module((project / path).read_text())
    texts = (cst.ensure_type(module.deep_replace(old, new), cst.Module).code for old, new in _changes(module))
    return [Mutant(path, text) for text in dict.fromkeys(texts) if text != module.code]


def _changes(node: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    if m.matches(node, LEFT_OUT):
        return
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            for changed in operator(node):
                if _tells_something(node, changed, operator):
                    yield node, changed
    for child in node.children:
        yield from _changes(child)


def _tells_something(node: cst.CSTNode, changed: cst.CSTNode, operator: object) -> bool:
    """One change for each string, and no call that misses a positional argument: almost any test fails at those."""
    if operator is operator_string:
        assert isinstance(changed, cst.SimpleString)
        return "XX" in changed.value
    if operator is operator_arg_removal:
        assert isinstance(node, cst.Call)
        assert isinstance(changed, cst.Call)
        kept = {id(argument) for argument in changed.args}
        return len(changed.args) == len(node.args) or all(each.keyword for each in node.args if id(each) not in kept)
    return True
