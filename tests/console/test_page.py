"""GET /console: the files of the page, its headers, its size, and where it is not."""

import gzip
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from chalicelib.console import page as console_page
from chalicelib.console.page import HEADERS, MEDIA_TYPES, SHOWN
from tests.conftest import StageClient, made_table
from tests.console.conftest import Open, fill

FOLDER = Path(console_page.__file__).parent
MAX_BYTES_GZIPPED = 40 * 1024
# The file preact/standalone.module.js of the npm package htm 3.1.1.
PREACT_HTM_SHA256 = "72284e8e9079c87817145df1110f74e8a2aa040b2fc384922e18dfcb46fc1fd7"


ALBUMS: list[dict[str, Any]] = [
    {
        "id": {"S": id},
        "artist": {"S": artist},
        "year": {"N": year},
        "genres": {"SS": genres},
        "price": {"N": price},
        "tracks": {"L": [{"M": {"title": {"S": title}, "seconds": {"N": seconds}}}]},
        "cover": {"B": b"\x89PNG"},
        "live": {"BOOL": live},
    }
    for id, artist, year, genres, price, title, seconds, live in [
        ("blue-train", "John Coltrane", "1958", ["jazz", "hard bop"], "12.50", "Blue Train", "643", False),
        ("horses", "Patti Smith", "1975", ["punk", "rock"], "9.95", "Gloria", "354", False),
        ("köln", "Keith Jarrett", "1975", ["jazz"], "14.00000000000000000000000000000000001", "Part I", "1561", True),
        ("homework", "Daft Punk", "1997", ["house"], "11", "Da Funk", "328", False),
    ]
]


@pytest.fixture(scope="module")
def local_stage(stage: Callable[..., StageClient]) -> StageClient:
    return stage(CONSOLE="on")


def page_files() -> list[Path]:
    return sorted(
        (path for path in FOLDER.iterdir() if path.suffix in SHOWN), key=lambda path: (path.suffix, path.name)
    )


@pytest.mark.parametrize("path", page_files(), ids=lambda path: path.name)
def test_each_file_is_served_with_its_type_and_the_policy(local_stage: StageClient, path: Path) -> None:
    answer = local_stage.request("GET", f"/console/{path.name}")
    assert (answer.status, answer.text) == (200, path.read_text())
    assert answer.headers["Content-Type"] == MEDIA_TYPES[path.suffix]
    assert answer.headers.items() >= HEADERS.items()


def test_the_policy_lets_nothing_in_but_the_files_of_the_page() -> None:
    policy = dict(each.split(" ", 1) for each in HEADERS["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert set(policy.values()) == {"'none'", "'self'", "'script'"}


@pytest.mark.parametrize("name", ["page.py", "__init__.py", "nothing.js", "..", "../app.py", "%2e%2e/app.py", "."])
def test_nothing_else_is_served(local_stage: StageClient, name: str) -> None:
    assert local_stage.request("GET", f"/console/{name}").status in (403, 404)


def test_a_stage_without_the_setting_has_no_console(stage: Callable[..., StageClient]) -> None:
    assert stage().request("GET", "/console").status == 403


def test_all_files_together_are_small() -> None:
    assert len(gzip.compress(b"".join(path.read_bytes() for path in page_files()))) <= MAX_BYTES_GZIPPED


def test_every_module_is_fetched_at_once(local_stage: StageClient) -> None:
    index = local_stage.request("GET", "/console").text
    for path in page_files():
        if path.suffix == ".js":
            assert f'href="console/{path.name}"' in index or f'src="console/{path.name}"' in index


def test_the_vendored_file_is_the_published_one_and_has_its_licence() -> None:
    assert hashlib.sha256((FOLDER / "preact-htm.js").read_bytes()).hexdigest() == PREACT_HTM_SHA256
    assert "MIT License" in (FOLDER / "preact-htm.LICENSE.txt").read_text()


def test_the_page_is_told_what_it_changes(local_stage: StageClient) -> None:
    told = local_stage.request("GET", "/console/stage.json").json
    assert (told["deployed"], told["callerHeader"], told["auth"]) == (False, False, "none")
    assert told["dynamodb"] == os.environ["AWS_ENDPOINT_URL_DYNAMODB"]
    assert "transactWrite" in told["operations"]


def test_a_screenshot_shows_the_items_of_a_table(opened: Open, url: str, dynamodb: Any, tmp_path: Path) -> None:
    """`make screenshot` sets SCREENSHOT: the file of the README."""
    with made_table(dynamodb, "lambda-apigateway") as table:
        fill(dynamodb, table, ALBUMS)
        page = opened(url, color_scheme="light", viewport={"width": 1280, "height": 860}).open(
            "items", table, filters=[["year", "<", "N", "1990", ""]]
        )
        expect(page.get_by_text("3 items of 4 that were read")).to_be_visible()
        page.get_by_role("button", name="Requests").click()
        page.locator(".panel").get_by_role("button", name=f"list {table}").click()
        page.locator(".panel").get_by_role("button", name="curl").click()
        path = Path(os.environ.get("SCREENSHOT", tmp_path / "console.png"))
        page.screenshot(path=path)
    assert path.stat().st_size > 20_000
