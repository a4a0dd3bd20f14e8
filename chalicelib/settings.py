"""What a stage may set, read once from environment variables."""

import logging
import re
from collections.abc import Mapping
from typing import Literal, NamedTuple, TypeVar, cast

from chalicelib.operations import OPERATIONS

Auth = Literal["iam", "cognito", "api-key", "none"]
Choice = TypeVar("Choice", bound=str)

_TABLE = re.compile(r"[a-zA-Z0-9_.-]{3,255}|arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table/[a-zA-Z0-9_.-]{3,255}")
_USER_POOL = re.compile(r"arn:[a-z-]+:cognito-idp:[a-z0-9-]+:\d{12}:userpool/[\w-]+")
_ORIGIN = re.compile(r"\*|https?://[^\s/,]+")


class SettingsError(ValueError):
    """A setting that cannot be honoured; the message names it and says what it takes."""


class Settings(NamedTuple):
    """The settings of one stage. `None` for tables means every table."""

    allowed_tables: frozenset[str] | None
    allowed_operations: frozenset[str]
    auth: Auth
    cognito_user_pool_arns: tuple[str, ...]
    cors_allow_origin: str | None
    log_level: int
    health_check: bool


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from `environ`.

    Raises `SettingsError` for a value that is not one the variable takes.
    """
    auth = cast(Auth, _choice(environ, "AUTH", ("iam", "cognito", "api-key", "none")))
    wanted = auth == "cognito" or "COGNITO_USER_POOL_ARNS" in environ
    user_pools = _names(environ, "COGNITO_USER_POOL_ARNS", "") if wanted else ()
    for arn in user_pools:
        _match(_USER_POOL, "COGNITO_USER_POOL_ARNS", arn, "a Cognito user pool ARN")
    tables = _names(environ, "ALLOWED_TABLES", "lambda-apigateway")
    every_table = tables == ("*",)
    if not every_table:
        for table in tables:
            _match(_TABLE, "ALLOWED_TABLES", table, "a table name, a table ARN, or * alone for every table")
    operations = _names(environ, "ALLOWED_OPERATIONS", "*")
    if operations == ("*",):
        operations = tuple(OPERATIONS)
    for name in operations:
        if name not in OPERATIONS:
            raise SettingsError(
                f"ALLOWED_OPERATIONS: {name!r} is no operation; use * alone or names from: {', '.join(OPERATIONS)}"
            )
    origin = environ.get("CORS_ALLOW_ORIGIN") or None
    if origin:
        _match(_ORIGIN, "CORS_ALLOW_ORIGIN", origin, "one origin such as https://example.com, or *")
    level = _choice(environ, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR", "CRITICAL"))
    return Settings(
        allowed_tables=None if every_table else frozenset(tables),
        allowed_operations=frozenset(operations),
        auth=auth,
        cognito_user_pool_arns=user_pools,
        cors_allow_origin=origin,
        log_level=logging.getLevelName(level),
        health_check=_choice(environ, "HEALTH_CHECK", ("off", "on")) == "on",
    )


def _choice(environ: Mapping[str, str], variable: str, choices: tuple[str, ...]) -> str:
    """The variable's value, or the first choice when it is not set."""
    value = environ.get(variable, choices[0])
    if value not in choices:
        raise SettingsError(f"{variable}: {value!r} is not one of: {', '.join(choices)}")
    return value


def _names(environ: Mapping[str, str], variable: str, default: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in environ.get(variable, default).split(","))
    if not all(names):
        raise SettingsError(f"{variable}: holds an empty name; give names with a comma between, or leave it unset")
    return names


def _match(pattern: re.Pattern[str], variable: str, value: str, expected: str) -> None:
    if not pattern.fullmatch(value):
        raise SettingsError(f"{variable}: {value!r} is not {expected}")
