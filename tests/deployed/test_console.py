"""The console of `make console` about a stage that is deployed: it may do what its user may."""

import json
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from botocore.credentials import Credentials

from local.console import make_server, read_stage, sender
from local.process import HOST, free_port
from tests.deployed.aws import REGION, Api, create_user


def ping(api: Api, user: Credentials, monkeypatch: pytest.MonkeyPatch) -> tuple[int, object]:
    """Send a ping by a console that has the credentials of a user."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", user.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", user.secret_key)
    stage = read_stage({"STAGE_URL": api.url(""), "AWS_REGION": REGION})
    port = free_port()
    server = make_server(port, stage, sender(stage.url), "secret")
    Thread(target=server.serve_forever, daemon=True).start()
    request = Request(
        f"http://{HOST}:{port}/secret/DynamoDBManager", b'{"operation": "ping"}', {"Content-Type": "application/json"}
    )
    try:
        with urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except HTTPError as error:
        return error.code, json.load(error)
    finally:
        server.shutdown()
        server.server_close()


def test_a_user_who_may_call_the_stage_is_answered(prod: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    user = create_user(prod.account, "console", f"arn:aws:execute-api:*:*:{prod.id}/{prod.stage}/POST/DynamoDBManager")
    assert ping(prod, user, monkeypatch) == (200, "pong")


def test_a_user_who_may_not_is_refused_by_the_stage(prod: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    status, body = ping(prod, create_user(prod.account, "console-stranger"), monkeypatch)
    assert (status, isinstance(body, dict)) == (403, True)
