"""How soon the console can be used, and how large it is: `make console-page`, for docs/console.md."""

import gzip
import os
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from chalicelib.console import page
from local.engines import running_engine, use_local_identity
from local.table_templates import ensure_tables, read_tables
from tests.console.browser import running_browser
from tests.console.conftest import served

ROUNDS = 20
FOLDER = Path(page.__file__).parent
FILES = sorted(
    (path for path in FOLDER.iterdir() if path.suffix in page.SHOWN), key=lambda path: (path.suffix, path.name)
)


def main() -> None:
    use_local_identity()
    with running_engine("ministack") as endpoint, running_browser() as browser:
        os.environ["AWS_ENDPOINT_URL_DYNAMODB"] = endpoint
        list(ensure_tables(endpoint, read_tables([Path("infrastructure/table.yaml")], ""), None))
        with served() as url:
            rounds = sorted(_usable_after(browser, url) for _ in range(ROUNDS))
    print(f"usable after {median(rounds):.0f} ms, at most {rounds[-1]:.0f} ms, in {ROUNDS} rounds")
    together = gzip.compress(b"".join(path.read_bytes() for path in FILES))
    apart = sum(len(gzip.compress(path.read_bytes())) for path in FILES)
    print(f"{len(FILES)} files, {len(together):,} bytes gzipped together, {apart:,} one by one")


def _usable_after(browser: Browser, url: str) -> float:
    """Open the page with an empty cache; return the milliseconds until a table can be opened."""
    context = browser.new_context()
    opened = context.new_page()
    opened.goto(url, wait_until="commit")
    opened.wait_for_selector("main td .type")
    milliseconds: float = opened.evaluate("performance.now()")
    context.close()
    return milliseconds


if __name__ == "__main__":
    main()
