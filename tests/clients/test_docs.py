"""docs/clients.md: every snippet runs, in the page's order, and prints what the page says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.clients.npm import installed
from tests.conftest import PROJECT

PAGE = PROJECT / "docs" / "clients.md"
# The resource in every snippet.
URL = "http://127.0.0.1:8000/DynamoDBManager"
TYPESCRIPT = PROJECT / "clients" / "typescript"
NEWMAN = PROJECT / "tests" / "clients"
# Stands for the sign-in of a browser's page.
SIGN_IN = 'globalThis.idToken = async () => "a token";'


class Snippet(NamedTuple):
    line: int
    language: str
    code: str
    output: str


def snippets() -> list[Snippet]:
    """The page's code blocks, each with the block without a language that follows it."""
    page = PAGE.read_text()
    blocks = re.finditer(r"^```(sh|python|ts)\n(.*?)^```\n(?:\n```\n(.*?)^```\n)?", page, re.MULTILINE | re.DOTALL)
    return [Snippet(page.count("\n", 0, each.start()) + 1, each[1], each[2], each[3]) for each in blocks]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the snippets run, one after another."""
    return tmp_path_factory.mktemp("snippets")


def ran(snippet: Snippet, folder: Path, url: str) -> str:
    code = snippet.code.replace(URL, url)
    paths = [PROJECT / "clients" / "python", PROJECT]
    environ = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "PATH": os.pathsep.join(
            [str(Path(sys.executable).parent), str(NEWMAN / "node_modules" / ".bin"), os.environ["PATH"]]
        ),
    }
    return _output(COMMANDS[snippet.language](code, folder), folder, environ)


def _typescript(code: str, folder: Path) -> list[str]:
    """Compile a snippet beside the files that the page says to copy."""
    for file in (TYPESCRIPT / "src").iterdir():
        shutil.copy(file, folder)
    for name, text in [("snippet.ts", code), ("sign-in.mjs", SIGN_IN), ("package.json", '{"type": "module"}')]:
        (folder / name).write_text(text)
    if not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(TYPESCRIPT / "node_modules")
    options = [
        "--strict",
        "--target",
        "es2022",
        "--module",
        "nodenext",
        "--lib",
        "es2022,dom,dom.iterable",
        "--skipLibCheck",
    ]
    _output(["node_modules/.bin/tsc", *options, "snippet.ts"], folder, os.environ)
    return ["node", "--import", "./sign-in.mjs", "snippet.js"]


COMMANDS: dict[str, Any] = {
    "sh": lambda code, _: ["bash", "-ec", code],
    "python": lambda code, _: [sys.executable, "-c", code],
    "ts": _typescript,
}


def _output(command: list[str], folder: Path, environ: Any) -> str:
    result = subprocess.run(
        command, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout
    return result.stdout


def test_the_page_has_snippets_of_every_kind_with_what_they_print() -> None:
    assert {snippet.language for snippet in snippets()} == {"sh", "python", "ts"}
    assert all(snippet.output for snippet in snippets())


def test_every_snippet_prints_what_the_page_says(url: str, tutorial_table: str, folder: Path) -> None:
    left_out = []
    for snippet in snippets():
        packages = TYPESCRIPT if snippet.language == "ts" else NEWMAN if "newman" in snippet.code else None
        if packages and not shutil.which("npm"):
            left_out.append(snippet.line)
            continue
        if packages:
            installed(packages)
        printed = ran(snippet, folder, url).rstrip()
        expected = re.escape(snippet.output.rstrip()).replace("…", ".*?")
        assert re.fullmatch(expected, printed, re.DOTALL), f"line {snippet.line} of {PAGE.name} printed:\n{printed}"
    if left_out:
        pytest.skip(f"Node.js is missing for the snippets at the lines {left_out}; the others were run.")
