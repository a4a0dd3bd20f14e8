"""A Chromium for the tests: the machine's own, or else Playwright's, or else npm's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.clients.npm import install

NPM = Path(__file__).parent / "chromium"
# The shell first: it is the quickest.
NAMES = (
    *("chromium-headless-shell", "chromium", "chromium-browser"),
    *("google-chrome", "google-chrome-stable", "microsoft-edge"),
)
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
INSTALL_SECONDS = 180


class NoBrowser(Exception):
    """No browser is here, and none could be installed; the message says what to do."""


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run a headless Chromium. Raises `NoBrowser`."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_executable(playwright),
            # The sandbox needs rights that containers do not give. The tests open pages of this machine only.
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        yield browser
        browser.close()


def _executable(playwright: Playwright) -> str:
    path = os.environ.get("CHROMIUM") or _on_this_machine() or _playwrights(playwright) or _npms()
    if not path:
        raise NoBrowser(
            "The tests of the console need a browser: install Chromium or Google Chrome, or set CHROMIUM to its path."
        )
    return path


def _on_this_machine() -> str | None:
    return next(filter(None, map(shutil.which, (*NAMES, MAC))), None)


def _playwrights(playwright: Playwright) -> str | None:
    """Playwright's own, which the first run downloads."""
    path = playwright.chromium.executable_path
    if not Path(path).exists():
        _ran([sys.executable, "-m", "playwright", "install", "chromium"])
    return path if Path(path).exists() else None


def _npms() -> str | None:
    """The package `@sparticuz/chromium`, which needs Node.js and no rights of an administrator."""
    if not install(NPM):
        return None
    unpacked = NPM / "node_modules" / ".unpacked"
    unpacked.mkdir(exist_ok=True)
    return _ran(["node", str(NPM / "path.mjs")], TMPDIR=str(unpacked))


def _ran(command: list[str], **environ: str) -> str | None:
    """Return what a command prints, or None where it fails."""
    try:
        done = subprocess.run(
            command, env={**os.environ, **environ}, capture_output=True, text=True, timeout=INSTALL_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
