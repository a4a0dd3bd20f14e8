"""The TypeScript client: its types are those of the document, it compiles, and its own tests pass."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.clients.npm import installed
from tests.conftest import PROJECT

FOLDER = PROJECT / "clients" / "typescript"


@pytest.fixture(scope="module", autouse=True)
def packages() -> None:
    installed(FOLDER)


def run(*command: str, **environ: str) -> str:
    result = subprocess.run(command, cwd=FOLDER, env={**os.environ, **environ}, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_its_types_are_generated_from_the_document(tmp_path: Path) -> None:
    run("node", "generate.mjs", str(tmp_path / "schema.ts"))
    message = "docs/openapi.json has changed: run `npm run generate` in clients/typescript."
    assert (tmp_path / "schema.ts").read_text() == (FOLDER / "src" / "schema.ts").read_text(), message


def test_it_compiles_and_its_tests_pass(url: str, table: str) -> None:
    # Among what is compiled are the mistakes that have to be errors.
    assert (FOLDER / "test" / "mistakes.ts").read_text().count("@ts-expect-error") >= 6 + 1
    told = run("npm", "test", URL=url, TABLE=table)
    assert "# fail 0" in told
    assert "# pass 0" not in told
