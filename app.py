"""POST /DynamoDBManager, and what a stage opens besides: the Chalice app and its routes."""

import os

from chalice.app import Response

from chalicelib.auth import route_options
from chalicelib.dynamodb import DynamoDB
from chalicelib.entry_points import DynamoDBManager
from chalicelib.health import HEALTH, answer_health
from chalicelib.settings import read_settings
from chalicelib.start import one_sentence_on_failure

if "AWS_CHALICE_CLI_MODE" in os.environ:
    # The `chalice` command, and not Lambda, which infrastructure/ does not go to.
    from infrastructure.slim import slim_by_default

    slim_by_default()

with one_sentence_on_failure():
    settings = read_settings(os.environ)
    app = DynamoDBManager("LambdaFunctionOverHttps", settings, DynamoDB())


@app.route("/DynamoDBManager", methods=["POST"], **route_options(settings))
def dynamodb_manager() -> Response:
    return app.answer_http()


if settings.health_check:

    @app.route(HEALTH, methods=["GET"])
    def health() -> Response:
        return answer_health(app.stage)


if settings.openapi:

    @app.route("/openapi.json", methods=["GET"], **route_options(settings))
    def openapi() -> Response:
        # No other request needs it.
        from chalicelib.openapi import answer_openapi

        assert app.current_request is not None
        return answer_openapi(app.current_request, settings)


if settings.console:
    # Neither the slim package nor Lambda has it.
    from chalicelib.console.page import INDEX, answer_console

    @app.route("/console", methods=["GET"])
    def console() -> Response:
        return answer_console(INDEX, settings)

    @app.route("/console/{name}", methods=["GET"])
    def console_file(name: str) -> Response:
        return answer_console(name, settings)
