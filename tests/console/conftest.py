"""The console in a real browser: a server as `make run` starts it, and pages that may do nothing unexpected."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from local.process import HOST, PROJECT, free_port, guarded, wait_for
from tests.conftest import made_table
from tests.console.browser import NoBrowser, running_browser

TIMEOUT_MILLISECONDS = 10_000
VIEWPORT: ViewportSize = {"width": 1280, "height": 800}

# A view is there, and what it loads has come.
SETTLED = """() => document.querySelector("main h1") &&
  ![...document.querySelectorAll("main [role=status]")].some((each) => each.textContent.endsWith("…"))"""

expect.set_options(timeout=TIMEOUT_MILLISECONDS)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    try:
        with running_browser() as browser:
            yield browser
    except NoBrowser as missing:
        if os.environ.get("CONSOLE_TESTS") == "required":
            raise
        pytest.skip(str(missing))


@contextmanager
def served(**environ: str) -> Iterator[str]:
    """Serve a stage as `make run` does; gives the URL of its console."""
    port = free_port()
    command = [sys.executable, "-m", "local.chalice_server", str(port)]
    with guarded("The gateway", command, {**os.environ, **environ}, PROJECT, PROJECT / ".local" / f"{port}.log") as it:
        wait_for(it, port)
        yield f"http://{HOST}:{port}/console"


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served() as url:
        yield url


class Console(NamedTuple):
    """A page of the console."""

    page: Page
    url: str

    def open(self, view: str = "", table: str = "", **query: Any) -> Page:
        """Open a view by its address; a value of the query that is no string is written as JSON."""
        texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in query.items()}
        path = "/".join(quote(part, safe="") for part in (view, table) if part)
        address = f"{self.url}#/{path}{'?' if texts else ''}{urlencode(texts)}"
        if self.page.url == address:
            self.page.reload()
        else:
            # Within the page only the part behind the # changes, and nothing is loaded again.
            self.page.goto(address)
        # Playwright's own waiting looks every tenth of a second at first, and less often later.
        self.page.wait_for_function(SETTLED)
        return self.page


class Complaints(list[str]):
    """What the pages of a context have sent to another site, and the errors and policies that they ran into."""

    def watch(self, context: BrowserContext, url: str) -> None:
        site = url.removesuffix("/console")
        own = (site, f"blob:{site}", "about:")
        context.on("weberror", lambda each: self.append(str(each.error)))
        context.on("console", lambda each: self.append(each.text) if is_complaint(each) else None)
        context.on("request", lambda each: None if each.url.startswith(own) else self.append(each.url))


def is_complaint(message: Any) -> bool:
    """Tell whether a message of the browser is one about the page; it writes an error for each answer of 4xx too."""
    return message.type in ("error", "warning") and "Failed to load resource" not in message.text


@pytest.fixture(scope="session")
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture(autouse=True)
def no_complaint(complaints: Complaints) -> Iterator[None]:
    """Hold each test to it that its pages send nothing to another site and run into no error and no policy."""
    complaints.clear()
    yield
    assert complaints == []


Open = Callable[..., Console]


@contextmanager
def opener(browser: Browser, complaints: Complaints) -> Iterator[Open]:
    """Give a function that opens a console in a browser context of its own."""
    with ExitStack() as contexts:

        def open_console(url: str, **options: Any) -> Console:
            context = contexts.enter_context(browser.new_context(**{"viewport": VIEWPORT, **options}))
            context.set_default_timeout(TIMEOUT_MILLISECONDS)
            context.grant_permissions(["clipboard-read", "clipboard-write"])
            complaints.watch(context, url)
            return Console(context.new_page(), url)

        yield open_console


@pytest.fixture
def opened(browser: Browser, complaints: Complaints) -> Iterator[Open]:
    """Open consoles that know nothing of other tests."""
    with opener(browser, complaints) as open_console:
        yield open_console


@pytest.fixture
def fresh(opened: Open, url: str) -> Console:
    return opened(url)


@pytest.fixture(scope="module")
def page_of_module(browser: Browser, complaints: Complaints, url: str) -> Iterator[Console]:
    with opener(browser, complaints) as open_console:
        yield open_console(url)


@pytest.fixture
def console(page_of_module: Console) -> Iterator[Console]:
    """The page that the tests of a module share, because loading it takes longer than most of them."""
    yield page_of_module
    page = page_of_module.page
    page.unroute_all()
    page.set_viewport_size(VIEWPORT)
    page.emulate_media(color_scheme="null")
    page.goto(f"{page_of_module.url}#/")
    if page.evaluate("localStorage.length"):
        page.evaluate("localStorage.clear()")
        page.reload()


@pytest.fixture
def things(dynamodb: Any) -> Iterator[str]:
    """An empty table with the partition key `id`, a string, for one test."""
    with made_table(dynamodb, f"things-{uuid4()}") as name:
        yield name


@pytest.fixture
def orders(dynamodb: Any) -> Iterator[str]:
    """A table of orders: the key is customer (S) and number (N), the index by-status has status (S) and number (N)."""
    name = f"orders-{uuid4()}"
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[
            {"AttributeName": "customer", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
            {"AttributeName": "status", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "customer", "KeyType": "HASH"}, {"AttributeName": "number", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-status",
                "KeySchema": [
                    {"AttributeName": "status", "KeyType": "HASH"},
                    {"AttributeName": "number", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    yield name
    dynamodb.delete_table(TableName=name)


def fill(dynamodb: Any, table: str, items: list[dict[str, Any]]) -> None:
    """Put items into a table, 25 at a time."""
    for start in range(0, len(items), 25):
        puts = [{"PutRequest": {"Item": item}} for item in items[start : start + 25]]
        assert not dynamodb.batch_write_item(RequestItems={table: puts})["UnprocessedItems"]


def order(customer: str, number: int, status: str = "new", **attributes: Any) -> dict[str, Any]:
    return {"customer": {"S": customer}, "number": {"N": str(number)}, "status": {"S": status}, **attributes}
