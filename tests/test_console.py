"""`make console`: the console about a deployed stage, which nobody but its user reaches, and which signs for him."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPMessage
from threading import Thread
from typing import Any, NamedTuple

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    ReadTimeoutError,
    UnauthorizedSSOTokenError,
)

from chalicelib.operations import OPERATIONS
from local.console import DeployedStage, Send, make_server, read_stage, sender
from local.process import HOST, PROJECT, StartError, free_port
from tests.scripted_server import Server as ScriptedServer
from tests.scripted_server import an_answer

SECRET = "the-secret-of-this-start"
STAGE_URL = "https://abc.execute-api.eu-west-1.amazonaws.com/Prod"
PING = b'{"operation": "ping"}'
JSON = {"Content-Type": "application/json"}
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "secret"}


class Answer(NamedTuple):
    status: int
    headers: HTTPMessage
    body: bytes


class Server(NamedTuple):
    """A console that listens, and what it has sent to the stage."""

    port: int
    sent: list[tuple[str, bytes, dict[str, str]]]

    def ask(self, method: str, path: str, headers: Mapping[str, str] = JSON, body: bytes = PING) -> Answer:
        connection = HTTPConnection(HOST, self.port, timeout=30)
        try:
            connection.request(method, path, body if method == "POST" else None, dict(headers))
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def post(self, headers: Mapping[str, str] = JSON, body: bytes = PING) -> Answer:
        return self.ask("POST", f"/{SECRET}/DynamoDBManager", headers, body)


@contextmanager
def console(stage: DeployedStage, send: Send | None = None) -> Iterator[Server]:
    port, sent = free_port(), []

    def record(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        sent.append((url, body, dict(headers)))
        return (send or answer_pong)(url, body, headers)

    server = make_server(port, stage, record, SECRET)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Server(port, sent)
    finally:
        server.shutdown()
        server.server_close()


def answer_pong(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
    return 200, b'"pong"', {**JSON, "X-Request-Id": "1", "Set-Cookie": "a=b"}


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> DeployedStage:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return read_stage({"STAGE_URL": STAGE_URL})


@pytest.fixture
def server(stage: DeployedStage) -> Iterator[Server]:
    with console(stage) as server:
        yield server


def test_the_page_and_its_files_are_served_under_the_secret(server: Server) -> None:
    for path, media_type in [("console", "text/html"), ("console/app.js", "text/javascript")]:
        answer = server.ask("GET", f"/{SECRET}/{path}")
        assert (answer.status, answer.headers.get_content_type()) == (200, media_type)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_page_is_told_which_stage_it_changes(server: Server) -> None:
    facts = json.loads(server.ask("GET", f"/{SECRET}/console/stage.json").body)
    assert facts["name"] == "abc.execute-api.eu-west-1.amazonaws.com/Prod"
    assert facts["url"] == f"{STAGE_URL}/DynamoDBManager"
    assert (facts["deployed"], facts["auth"], facts["region"]) == (True, "iam", "eu-west-1")
    assert facts["operations"] == list(OPERATIONS)


def test_the_document_has_every_operation(server: Server) -> None:
    described = json.loads(server.ask("GET", f"/{SECRET}/openapi.json").body)
    call = described["paths"]["/DynamoDBManager"]["post"]["requestBody"]["content"]["application/json"]
    assert call["examples"].keys() == OPERATIONS.keys()


PATHS = [
    "/console",
    "/DynamoDBManager",
    "/",
    "//console",
    f"/{SECRET}",
    f"/{SECRET}/",
    f"/{SECRET[:-1]}/console",
    f"/{SECRET}x/console",
    f"/{SECRET}/console/",
    f"/{SECRET}/console/../page.py",
    f"/{SECRET}/console/page.py",
    f"/{SECRET}/console/..%2f..%2fapp.py",
    f"/{SECRET}/console//etc/passwd",
    f"/{SECRET}/etc/passwd",
    f"/{SECRET}/console/{'x' * 300}.js",
    "x",
    "/%c3%a9/console",
]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_else_is_there(server: Server, path: str, method: str) -> None:
    assert server.ask(method, path).status == 404
    assert server.sent == []


def test_a_request_is_signed_with_the_users_credentials_for_the_region_of_the_stage(server: Server) -> None:
    assert server.post(body=b'{"operation": "echo", "payload": 1.0}').status == 200
    ((url, body, headers),) = server.sent
    assert (url, body) == (f"{STAGE_URL}/DynamoDBManager", b'{"operation": "echo", "payload": 1.0}')
    expected = AWSRequest("POST", url, data=body)
    expected.context["timestamp"] = headers["X-Amz-Date"]
    signer = SigV4Auth(Credentials(*KEYS.values()), "execute-api", "eu-west-1")
    expected.headers["X-Amz-Date"] = headers["X-Amz-Date"]
    to_sign = signer.string_to_sign(expected, signer.canonical_request(expected))
    assert headers["Authorization"].endswith(f"Signature={signer.signature(to_sign, expected)}")


def test_no_header_of_the_browser_goes_to_the_stage_and_none_of_the_stages_cookies_come_back(server: Server) -> None:
    answer = server.post({**JSON, "Cookie": "a=b", "X-Caller": "{}", "Authorization": "mine", "X-Api-Key": "k"})
    ((_, _, headers),) = server.sent
    assert headers.keys() == {"Content-Type", "X-Amz-Date", "Authorization"}
    assert "mine" not in headers["Authorization"]
    assert answer.headers["X-Request-Id"] == "1"
    assert answer.headers["Set-Cookie"] is None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({}, 415),
        ({**JSON, "Origin": "https://evil.example"}, 403),
        ({**JSON, "Origin": "null"}, 403),
        ({**JSON, "Host": "evil.example"}, 403),
        ({**JSON, "Content-Length": str(11 << 20)}, 413),
        ({**JSON, "Transfer-Encoding": "chunked"}, 413),
    ],
)
def test_what_another_site_or_a_mistake_may_send_is_refused(
    server: Server, headers: dict[str, str], status: int
) -> None:
    connection = HTTPConnection(HOST, server.port, timeout=30)
    connection.putrequest("POST", f"/{SECRET}/DynamoDBManager", skip_host="Host" in headers)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    if status == 413 and "Content-Length" in headers:
        connection.send(bytes(11 << 20))
    assert connection.getresponse().status == status
    assert server.sent == []
    connection.close()


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD"])
def test_other_methods_are_refused(server: Server, method: str) -> None:
    assert server.ask(method, f"/{SECRET}/DynamoDBManager").status == 405


@pytest.mark.parametrize(
    ("problem", "may_be_applied"),
    [(EndpointConnectionError(endpoint_url=STAGE_URL), False), (ReadTimeoutError(endpoint_url=STAGE_URL), True)],
)
def test_a_stage_that_does_not_answer_is_told(stage: DeployedStage, problem: Exception, may_be_applied: bool) -> None:
    def fail(*_: Any) -> Any:
        raise problem

    with console(stage, fail) as server:
        answer = server.post()
    told = json.loads(answer.body)
    assert (answer.status, told["Code"]) == (502, "StageUnreachable")
    assert ("may or may not have been applied" in told["Message"]) == may_be_applied


@pytest.mark.parametrize(
    "problem",
    [UnauthorizedSSOTokenError(), ClientError({"Error": {"Code": "AccessDenied"}}, "AssumeRole"), RuntimeError("old")],
)
def test_credentials_that_have_expired_are_told_with_what_to_do(stage: DeployedStage, problem: Exception) -> None:
    def expired(url: str, body: bytes) -> Any:
        raise problem

    with console(stage._replace(authorize=expired)) as server:
        answer = server.post()
    assert answer.status == 401
    assert "aws sso login" in json.loads(answer.body)["Message"]
    assert server.sent == []


def test_a_redirect_is_passed_on_and_not_followed() -> None:
    elsewhere = ScriptedServer()
    elsewhere.answers = [[an_answer(b"Location: /elsewhere", status=b"302 Found")]]
    status, _, _ = sender(elsewhere.url)(elsewhere.url, PING, JSON)
    elsewhere.close()
    assert (status, len(elsewhere.requests)) == (302, 1)


def test_an_answer_that_is_cut_off_is_not_taken_for_a_whole_one() -> None:
    elsewhere = ScriptedServer()
    elsewhere.answers = [[an_answer(body=b'{"Items":[1,2,3]}')[:-5], b""]]
    with pytest.raises(BotoCoreError):
        sender(elsewhere.url)(elsewhere.url, PING, JSON)
    elsewhere.close()


@pytest.mark.parametrize(
    ("auth", "variable", "header"), [("api-key", "API_KEY", "x-api-key"), ("cognito", "ID_TOKEN", "Authorization")]
)
def test_a_key_or_a_token_comes_from_the_environment(auth: str, variable: str, header: str) -> None:
    with console(read_stage({"STAGE_URL": STAGE_URL, "AUTH": auth, variable: "mine"})) as server:
        server.post()
    assert server.sent[0][2] == {**JSON, header: "mine"}


def test_a_stage_for_everybody_gets_no_authorization() -> None:
    with console(read_stage({"STAGE_URL": STAGE_URL, "AUTH": "none"})) as server:
        server.post()
    assert server.sent[0][2] == JSON


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({}, "STAGE_URL"),
        ({"STAGE_URL": "abc.execute-api.us-east-1.amazonaws.com/Prod"}, "STAGE_URL"),
        ({"STAGE_URL": "http://api.example.com"}, "STAGE_URL"),
        ({"STAGE_URL": "ftp://127.0.0.1"}, "STAGE_URL"),
        ({"STAGE_URL": "https:///Prod"}, "STAGE_URL"),
        ({"STAGE_URL": "https://user:password@example.com/Prod"}, "STAGE_URL"),
        ({"STAGE_URL": f"{STAGE_URL}?x=1"}, "STAGE_URL"),
        ({"STAGE_URL": f"{STAGE_URL}#x"}, "STAGE_URL"),
        ({"STAGE_URL": STAGE_URL, "AUTH": "api-key", "API_KEY": "secret\n"}, "API_KEY: is not set, or holds"),
        ({"STAGE_URL": STAGE_URL, "AUTH": "magic"}, "AUTH: 'magic' is not one of"),
        ({"STAGE_URL": STAGE_URL, "AUTH": "api-key"}, "API_KEY: is not set"),
        ({"STAGE_URL": STAGE_URL, "AUTH": "cognito"}, "ID_TOKEN: is not set"),
    ],
)
def test_a_setting_that_is_wrong_is_told(environ: dict[str, str], message: str) -> None:
    with pytest.raises(StartError, match=re.escape(message)):
        read_stage(environ)


@pytest.mark.parametrize("given", [STAGE_URL, f"{STAGE_URL}/", f"{STAGE_URL}/DynamoDBManager"])
def test_the_url_of_the_stage_or_of_its_route_will_do(stage: DeployedStage, given: str) -> None:
    assert read_stage({"STAGE_URL": given}).url == f"{STAGE_URL}/DynamoDBManager"


def test_a_domain_of_ones_own_needs_a_region(stage: DeployedStage) -> None:
    own = {"STAGE_URL": "https://api.example.com"}
    assert read_stage({**own, "AWS_REGION": "eu-west-1"}).facts["region"] == "eu-west-1"
    with pytest.raises(StartError, match="AWS_REGION"):
        read_stage(own)


def test_the_command_prints_an_address_that_opens_and_ends_with_ctrl_c() -> None:
    port = free_port()
    environ = {**os.environ, **KEYS, "STAGE_URL": STAGE_URL, "PORT": str(port)}
    command = [sys.executable, "-m", "local.console"]
    with subprocess.Popen(command, cwd=PROJECT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        first = process.stdout.readline()
        process.stdout.readline()
        address = process.stdout.readline().strip()
        try:
            assert "abc.execute-api.eu-west-1.amazonaws.com/Prod" in first
            found = re.fullmatch(rf"http://127.0.0.1:{port}(/[\w-]{{43}}/console)", address)
            assert found
            assert Server(port, []).ask("GET", found[1]).status == 200
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0
        finally:
            # Where nobody hears Ctrl-C, as in a job in the background, this would wait for ever.
            process.kill()


def test_a_command_without_a_stage_ends_with_one_sentence() -> None:
    environ = {name: value for name, value in os.environ.items() if name != "STAGE_URL"}
    done = subprocess.run(
        [sys.executable, "-m", "local.console"], cwd=PROJECT, env=environ, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.startswith("STAGE_URL: give the URL of a stage")
    assert len(done.stderr.splitlines()) == 1
