"""`make console STAGE_URL=…`: the console about a deployed stage, which this machine signs the requests for.

Whoever reaches this server acts with the user's rights in AWS. It listens on loopback only, answers under a path that
begins with a secret of this start, and refuses the pages of other sites. A browser never holds a key.
"""

import hmac
import json
import os
import secrets
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from http.server import ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session
from botocore.session import Session

from chalicelib.console.page import HEADERS, INDEX, ConsoleStage, PageFile, page_file
from chalicelib.openapi import document
from chalicelib.operations import OPERATIONS
from chalicelib.settings import read_settings
from clients.python.dynamodb_manager import Auth, api_key, cognito, sigv4
from local.process import HOST, StartError, chosen_port
from local.same_site import SameSiteRequestHandler, error_answer

DEFAULT_PORT = 8001
ROUTE = "/DynamoDBManager"
# API Gateway takes requests of this size, and answers within 29 seconds.
MAX_BODY_BYTES = 10 << 20
TIMEOUT_SECONDS = 35
MEDIA_TYPE = "application/json"
# Where a stage need not have TLS.
LOOPBACK = (HOST, "localhost", "::1")
# What the page reads of an answer.
PASSED_ON = ("Content-Type", "X-Request-Id", "Retry-After", "x-amzn-RequestId", "x-amzn-ErrorType")


class DeployedStage(NamedTuple):
    """A stage to send requests to: what the page is told of it, and what authorizes a request."""

    facts: ConsoleStage
    url: str
    authorize: Auth


class Handler(SameSiteRequestHandler):
    """Answers under `/<secret>/` with the files of the page, and passes its requests on to the stage."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *args: object, stage: DeployedStage, send: "Send", secret: str) -> None:
        self.stage, self.send, self.secret = stage, send, secret
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        path = self._path()
        file = None if path is None else self._file(path)
        if file is None:
            self._refuse_path()
        else:
            self._answer(200, file.body, {"Content-Type": file.media_type, **HEADERS})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if self._path() != ROUTE:
            self._refuse_path()
        elif self.headers.get_content_type() != MEDIA_TYPE:
            self.refuse(415, "UnsupportedMediaType", f"Send the header Content-Type: {MEDIA_TYPE} and one JSON object.")
        elif not length.isdecimal() or int(length) > MAX_BODY_BYTES:
            self.refuse(413, "RequestTooLargeError", f"Send a Content-Length of up to {MAX_BODY_BYTES} bytes.")
        else:
            self._pass_on(self.rfile.read(int(length)))

    def log_message(self, format: str, *args: object) -> None:
        """Write no line: each has the secret."""

    def _path(self) -> str | None:
        """Return the path behind the secret, or None for a path without it."""
        _, secret, *rest = urlsplit(self.path).path.split("/", 2)
        return f"/{rest[0]}" if rest and hmac.compare_digest(secret.encode(), self.secret.encode()) else None

    def _file(self, path: str) -> PageFile | None:
        if path == "/openapi.json":
            return PageFile(MEDIA_TYPE, json.dumps(document(read_settings({"ALLOWED_TABLES": "*"}))).encode())
        if path == "/console":
            return page_file(INDEX, self.stage.facts)
        folder, _, name = path.rpartition("/")
        return page_file(name, self.stage.facts) if folder == "/console" else None

    def _pass_on(self, body: bytes) -> None:
        facts, url, authorize = self.stage
        try:
            headers = {"Content-Type": MEDIA_TYPE, **authorize(url, body)}
        except BotoCoreError as problem:
            advice = f"The AWS credentials cannot be used: {problem} Sign in again, for example with `aws sso login`."
            self._answer(401, *error_answer("CredentialsError", advice))
            return
        try:
            status, answer, answered = self.send(url, body, headers)
        except BotoCoreError as problem:
            self._answer(502, *error_answer("StageUnreachable", f"{facts['name']} does not answer: {problem}"))
            return
        self._answer(status, answer, {each: answered[each] for each in PASSED_ON if each in answered})

    def _refuse_path(self) -> None:
        self.refuse(404, "NotFoundError", "Open the address that `make console` has printed.")

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


# Sends a body with headers to a URL; returns the status, the body and the headers of the answer.
Send = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes, Mapping[str, str]]]


def sender() -> Send:
    """Return what sends requests as the AWS SDK does: with its certificates, and without following a redirect."""
    session = URLLib3Session(verify=os.environ.get("AWS_CA_BUNDLE") or True, timeout=TIMEOUT_SECONDS)

    def send(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        answer = session.send(AWSRequest("POST", url, dict(headers), body).prepare())
        return answer.status_code, answer.content, answer.headers

    return send


def read_stage(environ: Mapping[str, str]) -> DeployedStage:
    """Read the stage from STAGE_URL and AUTH, and the credentials from where the AWS SDK has them.

    Raises `StartError` with what to set.
    """
    url = environ.get("STAGE_URL", "").rstrip("/").removesuffix(ROUTE) + ROUTE
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise StartError(
            "STAGE_URL: give the URL of a stage, such as https://abc.execute-api.us-east-1.amazonaws.com/Prod. "
            "It begins with https://."
        )
    auth = environ.get("AUTH") or "iam"
    labels = (parts.hostname or "").split(".")
    configured = environ.get("AWS_REGION") or Session().get_config_variable("region")
    region = labels[2] if labels[1:2] == ["execute-api"] else configured
    if auth not in _AUTHORIZERS:
        raise StartError(f"AUTH: {auth!r} is not one of: {', '.join(_AUTHORIZERS)}")
    try:
        authorize = _AUTHORIZERS[auth](environ, region)
    except KeyError as missing:
        raise StartError(f"{missing.args[0]}: is not set, and AUTH={auth} needs it.") from None
    except (ValueError, BotoCoreError) as problem:
        raise StartError(str(problem)) from None
    facts = ConsoleStage(
        name=parts.netloc + parts.path.removesuffix(ROUTE),
        deployed=True,
        url=url,
        auth=auth,
        region=region,
        callerHeader=False,
        operations=list(OPERATIONS),
        dynamodb=None,
    )
    return DeployedStage(facts, url, authorize)


def _signer(environ: Mapping[str, str], region: str | None) -> Auth:
    if not region:
        raise ValueError("AWS_REGION: is not set, and the host name of the stage does not tell the region.")
    return sigv4(region)


_AUTHORIZERS: dict[str, Callable[[Mapping[str, str], str | None], Auth]] = {
    "iam": _signer,
    "api-key": lambda environ, _: api_key(environ["API_KEY"]),
    "cognito": lambda environ, _: cognito(environ["ID_TOKEN"]),
    "none": lambda _environ, _region: lambda _url, _body: {},
}


def make_server(port: int, stage: DeployedStage, send: Send, secret: str) -> ThreadingHTTPServer:
    return ThreadingHTTPServer((HOST, port), partial(Handler, stage=stage, send=send, secret=secret))


def main() -> int:
    secret = secrets.token_urlsafe(32)
    try:
        stage, port = read_stage(os.environ), chosen_port("PORT", DEFAULT_PORT, "make console")
        server = make_server(port, stage, sender(), secret)
    except (StartError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"The console about {stage.facts['name']}. What you change there is changed for everybody.")
    print(f"\nhttp://{HOST}:{port}/{secret}/console\n\nCtrl-C ends it.", flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
