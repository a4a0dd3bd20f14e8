"""`make console STAGE_URL=…`: the console about a deployed stage, which this machine signs the requests for.

Whoever reaches this server acts with the user's rights in AWS. It listens on loopback only, answers under a path that
begins with a secret of this start, and refuses the pages of other sites. A browser never holds a key.
"""

import hmac
import json
import os
import re
import secrets
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from http.server import ThreadingHTTPServer
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError, ConnectionClosedError
from botocore.httpsession import URLLib3Session
from botocore.session import Session
from botocore.utils import get_environ_proxies

from chalicelib.console.page import HEADERS, INDEX, ConsoleStage, PageFile, page_file
from chalicelib.errors import may_be_sent
from chalicelib.openapi import document
from chalicelib.operations import OPERATIONS
from chalicelib.settings import Auth, read_settings
from clients.python.dynamodb_manager import Auth as Authorize
from clients.python.dynamodb_manager import api_key, cognito, sigv4
from local.process import HOST, StartError, chosen_port
from local.same_site import SameSiteRequestHandler, error_answer

DEFAULT_PORT = 8001
ROUTE = "/DynamoDBManager"
# API Gateway takes requests of this size, and answers within 29 seconds.
MAX_BODY_BYTES = 10 << 20
TIMEOUT_SECONDS = 35
# A connection that says nothing holds a thread.
IDLE_SECONDS = 120
MEDIA_TYPE = "application/json"
# Where a stage need not have TLS.
LOOPBACK = (HOST, "localhost", "::1")
# What the page reads of an answer.
PASSED_ON = ("Content-Type", "X-Request-Id", "Retry-After", "x-amzn-RequestId", "x-amzn-ErrorType")


class DeployedStage(NamedTuple):
    """A stage to send requests to: what the page is told of it, and what authorizes a request."""

    facts: ConsoleStage
    url: str
    auth: Auth
    authorize: Authorize


class Handler(SameSiteRequestHandler):
    """Answers under `/<secret>/` with the files of the page, and passes its requests on to the stage."""

    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS

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
        elif len(body := self.rfile.read(int(length))) == int(length):
            self._pass_on(body)
        else:
            # The page has gone before it had sent everything.
            self.close_connection = True

    def _refuse_method(self) -> None:
        self.refuse(405, "MethodNotAllowedError", "Send GET for the page and POST for a request.")

    do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse_method

    def log_message(self, format: str, *args: object) -> None:
        """Write no line: each has the secret."""

    def _path(self) -> str | None:
        """Return the path behind the secret, or None for a path without it."""
        _, secret, *rest = [*self.path.partition("?")[0].split("/", 2), "", ""][:3]
        known = hmac.compare_digest(secret.encode(errors="replace"), self.secret.encode())
        return f"/{rest[0]}" if known else None

    def _file(self, path: str) -> PageFile | None:
        facts = self.stage.facts
        if path == "/openapi.json":
            settings = read_settings({"ALLOWED_TABLES": "*"})._replace(auth=self.stage.auth)
            base_path = urlsplit(self.stage.url).path.removesuffix(ROUTE) or "/"
            return PageFile(MEDIA_TYPE, json.dumps(document(settings, base_path)).encode())
        if path == "/console":
            return page_file(INDEX, facts)
        folder, _, name = path.rpartition("/")
        return page_file(name, facts) if folder == "/console" else None

    def _pass_on(self, body: bytes) -> None:
        facts, url, _, authorize = self.stage
        try:
            headers = {"Content-Type": MEDIA_TYPE, **authorize(url, body)}
        except (BotoCoreError, ClientError, RuntimeError) as problem:
            advice = f"The AWS credentials cannot be used: {problem} Sign in again, for example with `aws sso login`."
            self._answer(401, *error_answer("CredentialsError", advice))
            return
        try:
            status, answer, answered = self.send(url, body, headers)
        except BotoCoreError as problem:
            lost = (
                " A write may or may not have been applied: read before you repeat it." if may_be_sent(problem) else ""
            )
            self._answer(502, *error_answer("StageUnreachable", f"{facts['name']} does not answer: {problem}{lost}"))
            return
        self._answer(status, answer, {each: answered[each] for each in PASSED_ON if each in answered})

    def _refuse_path(self) -> None:
        self.refuse(404, "NotFoundError", "Open the address that `make console` has printed.")

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        # The page may have gone.
        with suppress(ConnectionError):
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)


# Sends a body with headers to a URL; returns the status, the body and the headers of the answer.
Send = Callable[[str, bytes, Mapping[str, str]], tuple[int, bytes, Mapping[str, str]]]


def sender(url: str) -> Send:
    """Return what sends requests to a URL by the AWS SDK's proxies and certificates. It follows no redirect."""
    ca_bundle = Session().get_config_variable("ca_bundle") or os.environ.get("REQUESTS_CA_BUNDLE")
    session = URLLib3Session(verify=ca_bundle or True, proxies=get_environ_proxies(url), timeout=TIMEOUT_SECONDS)

    def send(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes, Mapping[str, str]]:
        answer = session.send(AWSRequest("POST", url, dict(headers), body).prepare())
        content: bytes = answer.content
        if answer.headers.get("Content-Length", len(content)) not in (len(content), str(len(content))):
            raise ConnectionClosedError(endpoint_url=url)
        return answer.status_code, content, answer.headers

    return send


def read_stage(environ: Mapping[str, str]) -> DeployedStage:
    """Read the stage from STAGE_URL and AUTH, and the credentials from where the AWS SDK has them.

    Raises `StartError` with what to set.
    """
    url = environ.get("STAGE_URL", "").rstrip("/").removesuffix(ROUTE) + ROUTE
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_secure = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    if not host or not is_secure or "@" in parts.netloc or "?" in url or "#" in url:
        raise StartError(
            "STAGE_URL: give the URL of a stage, such as https://abc.execute-api.us-east-1.amazonaws.com/Prod. "
            "It begins with https:// and has neither a user nor a query."
        )
    labels = host.split(".")
    region = labels[2] if labels[1:2] == ["execute-api"] else environ.get("AWS_REGION")
    name = environ.get("AUTH") or "iam"
    if name not in _AUTHORIZERS:
        raise StartError(f"AUTH: {name!r} is not one of: {', '.join(_AUTHORIZERS)}")
    auth = cast(Auth, name)
    try:
        authorize = _AUTHORIZERS[auth](environ, region)
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
    return DeployedStage(facts, url, auth, authorize)


def _signer(environ: Mapping[str, str], region: str | None) -> Authorize:
    if not region:
        raise ValueError("AWS_REGION: is not set, and the host name of the stage does not tell the region.")
    return sigv4(region)


def _secret_in(variable: str, environ: Mapping[str, str]) -> str:
    value = environ.get(variable, "")
    if not re.fullmatch(r"[!-~]+", value):
        raise ValueError(f"{variable}: is not set, or holds a space or a character that a header cannot.")
    return value


_AUTHORIZERS: dict[str, Callable[[Mapping[str, str], str | None], Authorize]] = {
    "iam": _signer,
    "api-key": lambda environ, _: api_key(_secret_in("API_KEY", environ)),
    "cognito": lambda environ, _: cognito(_secret_in("ID_TOKEN", environ)),
    "none": lambda _environ, _region: lambda _url, _body: {},
}


def make_server(port: int, stage: DeployedStage, send: Send, secret: str) -> ThreadingHTTPServer:
    return ThreadingHTTPServer((HOST, port), partial(Handler, stage=stage, send=send, secret=secret))


def main() -> int:
    secret = secrets.token_urlsafe(32)
    try:
        stage, port = read_stage(os.environ), chosen_port("PORT", DEFAULT_PORT, "make console")
        server = make_server(port, stage, sender(stage.url), secret)
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
