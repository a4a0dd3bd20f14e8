"""What a stage may set, read once from environment variables: one row of `SETTINGS` each."""

import logging
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from chalicelib.operations import OPERATIONS

Auth = Literal["iam", "cognito", "api-key", "none"]


class SettingsError(ValueError):
    """A setting with a value that it does not take; the message names the variable and says what it takes."""


class Settings(NamedTuple):
    """The settings of one stage. `None` for tables means every table."""

    allowed_tables: frozenset[str] | None
    allowed_operations: frozenset[str]
    auth: Auth
    cognito_user_pool_arns: tuple[str, ...]
    cors_allow_origin: str | None
    log_level: int
    health_check: bool
    access_rules: str | None
    trust_caller_header: bool
    openapi: bool
    console: bool


class Setting(NamedTuple):
    """One row: the environment variable, its meaning and default as the README has them, and how a value is read.

    `read` takes the value, or `default` where the variable is not set. It raises `SettingsError` with a message that
    follows the variable's name.
    """

    variable: str
    meaning: str
    default: str | None
    read: Callable[[str | None], Any]


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from `environ`.

    Raises `SettingsError` for a value that the variable does not take.
    """
    values = {}
    for field, row in SETTINGS.items():
        try:
            values[field] = row.read(environ.get(row.variable, row.default))
        except SettingsError as error:
            raise SettingsError(f"{row.variable}: {error}") from None
    settings = Settings(**values)
    if settings.auth == "cognito" and not settings.cognito_user_pool_arns:
        raise SettingsError("COGNITO_USER_POOL_ARNS: AUTH is cognito, so that this must name at least one user pool")
    for field in ("trust_caller_header", "console"):
        if values[field] and (settings.auth != "none" or "AWS_LAMBDA_FUNCTION_NAME" in environ):
            raise SettingsError(
                f"{SETTINGS[field].variable}: is for a developer's machine only; it needs AUTH=none and is refused "
                "inside Lambda"
            )
    if settings.console and not (environ.get("AWS_ENDPOINT_URL_DYNAMODB") or environ.get("AWS_ENDPOINT_URL")):
        raise SettingsError(
            "AWS_ENDPOINT_URL_DYNAMODB: is not set, and with CONSOLE=on anyone at this machine can change every table; "
            "set it to the DynamoDB to use, for example http://127.0.0.1:8001. `make run` sets it"
        )
    return settings


def _names(value: str | None) -> tuple[str, ...]:
    names = tuple(name.strip() for name in (value or "").split(","))
    if not all(names):
        raise SettingsError("holds an empty name; give names with a comma between them, or leave it unset")
    return names


def _matching(pattern: str, expected: str) -> Callable[[str], str]:
    def match(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise SettingsError(f"{value!r} is not {expected}")
        return value

    return match


def _choice(*choices: str) -> Callable[[str | None], str]:
    def choose(value: str | None) -> str:
        if value not in choices:
            raise SettingsError(f"{value!r} is not one of: {', '.join(choices)}")
        return value

    return choose


def _optional(read: Callable[[str], Any]) -> Callable[[str | None], Any]:
    return lambda value: read(value) if value else None


_table = _matching(
    r"[a-zA-Z0-9_.-]{3,255}|arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table/[a-zA-Z0-9_.-]{3,255}",
    "a table name, a table ARN, or * alone for every table",
)
_user_pool = _matching(r"arn:[a-z-]+:cognito-idp:[a-z0-9-]+:\d{12}:userpool/[\w-]+", "a Cognito user pool ARN")
_origin = _matching(r"\*|https?://[^\s/,]+", "one origin such as https://example.com, or *")
_rules_file = _matching(r"[a-zA-Z0-9_-][a-zA-Z0-9_.-]*\.json", "the name of a JSON file in chalicelib/access")


def _on_or_off(value: str | None) -> bool:
    return _choice("off", "on")(value) == "on"


def _tables(value: str | None) -> frozenset[str] | None:
    names = _names(value)
    return None if names == ("*",) else frozenset(map(_table, names))


def _operations(value: str | None) -> frozenset[str]:
    names = _names(value)
    if names == ("*",):
        return frozenset(OPERATIONS)
    for name in names:
        if name not in OPERATIONS:
            raise SettingsError(f"{name!r} is not an operation; use * alone or names from: {', '.join(OPERATIONS)}")
    return frozenset(names)


def _user_pools(value: str | None) -> tuple[str, ...]:
    return () if value is None else tuple(map(_user_pool, _names(value)))


SETTINGS: dict[str, Setting] = {
    "allowed_tables": Setting(
        "ALLOWED_TABLES", "comma-separated table names, or `*` for every table", "lambda-apigateway", _tables
    ),
    "allowed_operations": Setting("ALLOWED_OPERATIONS", "comma-separated operation names, or `*`", "*", _operations),
    "auth": Setting(
        "AUTH",
        "who may call: `iam` (SigV4), `cognito`, `api-key`, `none`",
        "iam",
        _choice("iam", "cognito", "api-key", "none"),
    ),
    "cognito_user_pool_arns": Setting(
        "COGNITO_USER_POOL_ARNS", "with `AUTH=cognito`: comma-separated ARNs of the user pools", None, _user_pools
    ),
    "cors_allow_origin": Setting(
        "CORS_ALLOW_ORIGIN", "the one origin whose pages may call, or `*`", None, _optional(_origin)
    ),
    "log_level": Setting(
        "LOG_LEVEL",
        "`DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`; above `INFO` there are no metrics either",
        "INFO",
        lambda value: logging.getLevelName(_choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")(value)),
    ),
    "health_check": Setting(
        "HEALTH_CHECK",
        "`on` opens `GET /health` for health checkers that cannot sign",
        "off",
        _on_or_off,
    ),
    "access_rules": Setting(
        "ACCESS_RULES",
        "the name of a file in `chalicelib/access/`: who may do what, to which items",
        None,
        _optional(_rules_file),
    ),
    "trust_caller_header": Setting(
        "TRUST_CALLER_HEADER",
        "`on` takes the caller from the header `X-Caller`; refused inside Lambda, and where `AUTH` is not `none`",
        "off",
        _on_or_off,
    ),
    "openapi": Setting(
        "OPENAPI",
        "`on` opens `GET /openapi.json`, with the same authorizer as the route",
        "off",
        _on_or_off,
    ),
    "console": Setting(
        "CONSOLE",
        "`on` opens `GET /console`, a page to browse and edit tables; refused like `TRUST_CALLER_HEADER`, and without "
        "an endpoint of its own",
        "off",
        _on_or_off,
    ),
}
