"""Chalice's local server as `make run` starts it: other sites are refused, but for the one that the stage lets in."""

import os
from collections.abc import Iterator
from threading import Thread
from unittest.mock import patch

import pytest

from local.chalice_server import RequestHandler, make_server
from local.process import free_port
from tests.raw_http import JSON, OWN_HOST, ask


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    port = free_port()
    # Chalice puts the stage's settings there.
    with patch.dict(os.environ):
        server = make_server(port)
        Thread(target=server.serve_forever, daemon=True).start()
        yield port
        server.shutdown()
        server.server.server_close()


def status_for(port: int, origin: str) -> int:
    return ask(port, OWN_HOST, JSON, ("Origin", origin)).status


def test_this_machine_is_answered_and_another_site_is_refused(port: int) -> None:
    assert ask(port, OWN_HOST, JSON).json == "pong"
    assert status_for(port, "http://127.0.0.1:PORT") == 200
    assert ask(port, ("Host", "evil.example:PORT"), JSON).status == 403
    refusal = ask(port, OWN_HOST, JSON, ("Origin", "https://evil.example"))
    assert refusal.status == 403
    assert "CORS_ALLOW_ORIGIN" in refusal.json["Message"]


def test_the_origin_that_the_stage_allows_is_answered(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ALLOW_ORIGIN", "https://app.example")
    assert status_for(port, "https://app.example") == 200
    assert status_for(port, "https://app.example.evil") == 403
    assert status_for(port, "null") == 403


@pytest.mark.parametrize("allowed", ["*", ""])
def test_an_allowance_for_every_origin_does_not_hold_on_a_developers_machine(
    port: int, monkeypatch: pytest.MonkeyPatch, allowed: str
) -> None:
    monkeypatch.setenv("CORS_ALLOW_ORIGIN", allowed)
    assert status_for(port, "https://evil.example") == 403
    assert status_for(port, allowed) == 403


def test_answers_are_sent_at_once() -> None:
    assert RequestHandler.disable_nagle_algorithm


def test_the_console_is_found_with_a_slash_at_its_end(port: int) -> None:
    answer = ask(port, OWN_HOST, method="GET", path="/console/", body=b"")
    assert (answer.status, answer.headers["Location"]) == (308, "/console")


def test_the_files_of_the_console_are_not_logged(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    for path in ("/console", "/console/style.css"):
        assert ask(port, OWN_HOST, method="GET", path=path, body=b"").status in (200, 403)
    logged = capfd.readouterr().err
    assert '"GET /console HTTP/1.1"' in logged
    assert "style.css" not in logged
