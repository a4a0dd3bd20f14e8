"""The README says what the tables in the code say."""

import json
import re

import pytest

from chalicelib.operations import OPERATIONS
from chalicelib.settings import SETTINGS
from local.process import PROJECT
from tests.conftest import StageClient

README = (PROJECT / "README.md").read_text()


def rows_of(heading: str) -> list[list[str]]:
    """The cells of every table row below a heading, without the heads."""
    section = re.split(r"^## ", README.partition(f"\n## {heading}\n")[2], flags=re.MULTILINE)[0]
    return [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]


def test_every_setting_is_explained_as_its_row_has_it() -> None:
    assert rows_of("Settings") == [
        [f"`{row.variable}`", row.meaning, f"`{row.default}`" if row.default else "unset"] for row in SETTINGS.values()
    ]


def test_every_operation_is_listed_with_its_action() -> None:
    listed = [(row[0].strip("`"), row[1]) for row in rows_of("The request") if row[0].strip("`") in OPERATIONS]
    assert [name for name, _ in listed] == list(OPERATIONS)
    for name, action in listed:
        assert action.startswith(OPERATIONS[name].action or "none")


@pytest.mark.parametrize("name", [name for name, row in OPERATIONS.items() if row.action])
def test_the_payload_of_every_operation_works(gateway: StageClient, tutorial_table: str, name: str) -> None:
    (cells,) = (row for row in rows_of("The request") if row[0] == f"`{name}`")
    payload = json.loads(re.findall(r"`(\{.*?\})`(?:;|$)", cells[2])[0])
    reply = gateway.ask(name, tutorial_table, payload)
    assert reply.status == 200, reply


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\((?!https:)([^)#]+)", README))))
def test_every_page_that_it_links_to_exists(link: str) -> None:
    assert (PROJECT / link).exists()
