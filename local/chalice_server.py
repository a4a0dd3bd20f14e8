"""Chalice's local server as `make run` starts it: `python -m local.chalice_server PORT` serves the stage `local`.

It differs from `chalice local`: it refuses requests that a web page on another site makes through the developer's
browser, it sends each answer at once, and it does not log the files of the console.
"""

import logging
import os
import sys
from functools import partial

from chalice.cli.factory import CLIFactory
from chalice.local import ChaliceRequestHandler, LocalDevServer, create_local_server

from local.process import HOST, PROJECT
from local.same_site import SameSiteRequestHandler

CONSOLE = "/console"


def make_server(port: int) -> LocalDevServer:
    """Make the server of the stage `local`, which listens on the loopback port."""
    config = CLIFactory(str(PROJECT), environ=os.environ).create_config_obj(chalice_stage_name="local")
    server = create_local_server(config.chalice_app, config, HOST, port)
    server.server.RequestHandlerClass = partial(RequestHandler, app_object=server.app_object, config=config)
    return server


class RequestHandler(ChaliceRequestHandler, SameSiteRequestHandler):
    """Chalice's request handler, which refuses what comes from another site."""

    way_in = "; to let it in, set CORS_ALLOW_ORIGIN to its origin in the stage local of .chalice/config.json"

    def allowed_origin(self) -> str | None:
        origin = os.environ.get("CORS_ALLOW_ORIGIN")
        # With `*`, a stage in Lambda answers every site; this machine answers none.
        return None if origin in ("", "*") else origin

    def do_GET(self) -> None:
        if self.path == f"{CONSOLE}/":
            # Chalice would answer with the page, which does not find its files from there.
            self.send_response(308)
            self.send_header("Location", CONSOLE)
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            super().do_GET()

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        if not self.path.startswith(f"{CONSOLE}/"):
            super().log_request(code, size)


def main(port: str) -> None:
    # As the `chalice` command does, so that a start that fails ends with one sentence.
    os.environ["AWS_CHALICE_CLI_MODE"] = "true"
    # As `chalice local` does, so that the app's log lines appear.
    logging.basicConfig(stream=sys.stdout, level=logging.INFO, format="%(message)s")
    make_server(int(port)).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
