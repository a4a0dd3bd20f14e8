"""Who may call: what a stage's settings make of the route."""

from typing import Any

from chalice.app import CognitoUserPoolAuthorizer, CORSConfig, IAMAuthorizer

from chalicelib.settings import Settings


def route_options(settings: Settings) -> dict[str, Any]:
    """The options of `Chalice.route` that say who may call the route, and from which origin a browser may."""
    options: dict[str, Any] = {}
    if settings.auth == "iam":
        options["authorizer"] = IAMAuthorizer()
    elif settings.auth == "cognito":
        options["authorizer"] = CognitoUserPoolAuthorizer("user-pool", list(settings.cognito_user_pool_arns))
    elif settings.auth == "api-key":
        options["api_key_required"] = True
    if settings.cors_allow_origin:
        exposed = ["Retry-After", "X-Request-Id"]
        options["cors"] = CORSConfig(allow_origin=settings.cors_allow_origin, expose_headers=exposed)
    return options
