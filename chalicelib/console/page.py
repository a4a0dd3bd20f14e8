"""GET /console: the files of the page, and what the page is told of the stage that it changes.

The page is for a developer's machine: `settings.py` refuses it inside Lambda, and the slim package has no such folder.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, TypedDict

import msgspec
from chalice.app import NotFoundError, Response

from chalicelib.operations import OPERATIONS
from chalicelib.settings import Settings

INDEX = "index.html"
STAGE = "stage.json"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
# What a browser loads.
SHOWN = (".css", ".html", ".js", ".svg")
# Items may hold markup. Should the page ever show some as such, no script in it runs and nothing leaves this machine.
HEADERS = {
    "Content-Security-Policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    ),
    "Cache-Control": "no-cache",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

_FILES = {path.name: path for path in Path(__file__).parent.iterdir() if path.suffix in MEDIA_TYPES}


class ConsoleStage(TypedDict):
    """What the page is told of the stage: `stage.json`."""

    name: str
    # A deployed stage is shown in another colour.
    deployed: bool
    # The URL of the route for copied requests; None where the page's own server has the route.
    url: str | None
    # How a copied request is authorized, and the region that its signature names.
    auth: str
    region: str | None
    # Whether the header `X-Caller` says who calls.
    callerHeader: bool
    operations: Sequence[str]
    # Where DynamoDB is, if that is known.
    dynamodb: str | None


class PageFile(NamedTuple):
    media_type: str
    body: bytes


def page_file(name: str, stage: ConsoleStage) -> PageFile | None:
    """Return a file of the page, with `stage` as its `stage.json`; None where there is no such file."""
    if name == STAGE:
        return PageFile("application/json", msgspec.json.encode(stage))
    path = _FILES.get(name)
    return PageFile(MEDIA_TYPES[path.suffix], path.read_bytes()) if path else None


def answer_console(name: str, settings: Settings) -> Response:
    """Answer with a file of the page about this machine's own stage.

    Raises `NotFoundError` where there is no such file.
    """
    file = page_file(name, _this_machine(settings))
    if file is None:
        raise NotFoundError(f"The console has no file {name}.")
    return Response(file.body.decode(), {"Content-Type": file.media_type, **HEADERS})


def _this_machine(settings: Settings) -> ConsoleStage:
    return ConsoleStage(
        name="This machine",
        deployed=False,
        url=None,
        auth=settings.auth,
        region=None,
        callerHeader=settings.trust_caller_header,
        operations=[name for name in OPERATIONS if name in settings.allowed_operations],
        dynamodb=os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") or os.environ.get("AWS_ENDPOINT_URL"),
    )
