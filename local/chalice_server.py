"""Chalice's local server as `make run` starts it: `python -m local.chalice_server PORT` serves the stage `local`.

It differs from `chalice local` in two ways. It refuses requests that a web page on another site makes through the
developer's browser, and it sends each answer at once: with Nagle's algorithm, which `chalice local` leaves on, a client
that keeps its connection waits 40 ms for the second half of every answer.
"""

import json
import logging
import os
import sys
from functools import partial
from uuid import uuid4

from chalice.cli.factory import CLIFactory
from chalice.local import ChaliceRequestHandler, LocalDevServer, create_local_server

from local.process import HOST, PROJECT

# The names of this machine that no other site can take for itself.
LOOPBACK_NAMES = ("localhost", HOST, "[::1]")


def make_server(port: int) -> LocalDevServer:
    """Make the server of the stage `local`, which listens on the loopback port."""
    config = CLIFactory(str(PROJECT), environ=os.environ).create_config_obj(chalice_stage_name="local")
    server = create_local_server(config.chalice_app, config, HOST, port)
    server.server.RequestHandlerClass = partial(RequestHandler, app_object=server.app_object, config=config)
    return server


class RequestHandler(ChaliceRequestHandler):
    """Chalice's request handler, which refuses what comes from another site."""

    disable_nagle_algorithm = True

    def parse_request(self) -> bool:
        """Read the request line and the headers; tells whether to go on, as the standard library's method does."""
        if not super().parse_request():
            return False
        refusal = foreign(self.headers.get_all("Host", []), self.headers.get_all("Origin", []), self.server.server_port)
        if refusal:
            self._refuse(refusal)
        return not refusal

    def _refuse(self, message: str) -> None:
        self.close_connection = True
        # A connection that is closed with unread bytes is reset, and the client may lose the answer.
        length = self.headers.get("Content-Length", "0")
        self.rfile.read(int(length) if length.isdecimal() else 0)
        request_id = str(uuid4())
        body = json.dumps({"Code": "ForbiddenError", "Message": message, "RequestId": request_id}).encode()
        self.send_response(403)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Connection": "close",
            "X-Request-Id": request_id,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def foreign(hosts: list[str], origins: list[str], port: int) -> str | None:
    """Return why a request with these `Host` and `Origin` headers is refused, or None.

    A page of another site reaches this server in two ways: it sends requests to 127.0.0.1, and the browser adds its
    `Origin`; or its own name resolves to 127.0.0.1 (DNS rebinding), and the browser sends that name as `Host`.
    """
    own_hosts = [f"{name}:{port}" for name in LOOPBACK_NAMES]
    if len(hosts) != 1 or hosts[0].lower() not in own_hosts:
        return f"The header Host is {_listed(hosts)}; send the request to one of: {', '.join(own_hosts)}"
    own_origins = [f"http://{host}" for host in own_hosts]
    # With `*`, a stage in Lambda answers every site; this machine answers none.
    if (allowed := os.environ.get("CORS_ALLOW_ORIGIN")) and allowed != "*":
        own_origins.append(allowed)
    if any(origin not in own_origins for origin in origins):
        return (
            f"The header Origin is {_listed(origins)}, a page of another site; to let it in, set CORS_ALLOW_ORIGIN to "
            "its origin in the stage local of .chalice/config.json."
        )
    return None


def _listed(values: list[str]) -> str:
    return ", ".join(map(repr, values)) or "missing"


def main(port: str) -> None:
    # As the `chalice` command does, so that a start that fails ends with one sentence.
    os.environ["AWS_CHALICE_CLI_MODE"] = "true"
    # As `chalice local` does, so that the app's log lines appear.
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    make_server(int(port)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
