"""What goes into Lambda is pinned to the byte."""

import re
from pathlib import Path

PROJECT = Path(__file__).parents[1]


def requirements(name: str) -> list[str]:
    """The requirements of a file, each in one line."""
    lines = (PROJECT / name).read_text().replace("\\\n", "").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_every_requirement_of_the_function_has_a_version_and_hashes() -> None:
    for requirement in requirements("requirements.txt"):
        assert re.fullmatch(r"[a-z0-9-]+==\S+(\s+--hash=sha256:[0-9a-f]{64})+", requirement), requirement


def test_what_the_code_imports_is_what_was_compiled() -> None:
    compiled = {requirement.split()[0] for requirement in requirements("requirements.txt")}
    assert compiled.issuperset(requirements("requirements.in"))
