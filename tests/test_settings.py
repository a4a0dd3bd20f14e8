"""Settings are read once, and a bad value stops the start with its name."""

import logging

import pytest

from chalicelib.operations import OPERATIONS
from chalicelib.settings import SettingsError, read_settings

ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/orders"
POOL = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_a1B2c3D4e"


def test_the_defaults_are_the_contracts() -> None:
    settings = read_settings({})
    assert settings.allowed_tables == frozenset({"lambda-apigateway"})
    assert settings.allowed_operations == set(OPERATIONS)
    assert settings.auth == "iam"
    assert settings.cors_allow_origin is None
    assert settings.log_level == logging.INFO
    assert settings.health_check is False
    assert settings.access_rules is None
    assert (settings.trust_caller_header, settings.openapi, settings.console) == (False, False, False)


def test_values_are_read() -> None:
    settings = read_settings(
        {
            "ALLOWED_TABLES": f"orders, customers,{ARN}",
            "ALLOWED_OPERATIONS": "read,query",
            "AUTH": "cognito",
            "COGNITO_USER_POOL_ARNS": POOL,
            "CORS_ALLOW_ORIGIN": "https://example.com",
            "LOG_LEVEL": "DEBUG",
            "HEALTH_CHECK": "on",
            "ACCESS_RULES": "prod.json",
            "OPENAPI": "on",
        }
    )
    assert settings.allowed_tables == frozenset({"orders", "customers", ARN})
    assert settings.allowed_operations == {"read", "query"}
    assert (settings.auth, settings.cognito_user_pool_arns) == ("cognito", (POOL,))
    assert settings.cors_allow_origin == "https://example.com"
    assert settings.log_level == logging.DEBUG
    assert (settings.health_check, settings.openapi) == (True, True)
    assert settings.access_rules == "prod.json"


@pytest.mark.parametrize("variable", ["TRUST_CALLER_HEADER", "CONSOLE"])
def test_what_is_for_a_developers_machine_is_refused_elsewhere(variable: str) -> None:
    local = {variable: "on", "AUTH": "none", "AWS_ENDPOINT_URL_DYNAMODB": "http://127.0.0.1:8001"}
    settings = read_settings(local)
    assert (settings.trust_caller_header, settings.console) != (False, False)
    for elsewhere in ({"AUTH": "iam"}, {"AWS_LAMBDA_FUNCTION_NAME": "LambdaFunctionOverHttps-prod"}):
        with pytest.raises(SettingsError) as refused:
            read_settings({**local, **elsewhere})
        assert str(refused.value) == (
            f"{variable}: is for a developer's machine only; it needs AUTH=none and is refused inside Lambda"
        )


def test_a_console_without_an_endpoint_of_its_own_stops_the_start() -> None:
    for variable in ("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL"):
        assert read_settings({"CONSOLE": "on", "AUTH": "none", variable: "http://127.0.0.1:8001"}).console
    with pytest.raises(SettingsError) as refused:
        read_settings({"CONSOLE": "on", "AUTH": "none"})
    assert str(refused.value) == (
        "AWS_ENDPOINT_URL_DYNAMODB: is not set, and with CONSOLE=on anyone at this machine can change every table; "
        "set it to the DynamoDB to use, for example http://127.0.0.1:8001. `make run` sets it"
    )


def test_a_star_allows_every_table() -> None:
    assert read_settings({"ALLOWED_TABLES": "*"}).allowed_tables is None


TABLE = "a table name, a table ARN, or * alone for every table"
ORIGIN = "one origin such as https://example.com, or *"
OPERATION = f"an operation; use * alone or names from: {', '.join(OPERATIONS)}"
EMPTY_NAME = "holds an empty name; give names with a comma between them, or leave it unset"
AUTHS = "one of: iam, cognito, api-key, none"
LEVELS = "one of: DEBUG, INFO, WARNING, ERROR, CRITICAL"
RULES_FILE = "the name of a JSON file in chalicelib/access"
BAD_VALUES = [
    ("ALLOWED_TABLES", "", EMPTY_NAME),
    ("ALLOWED_TABLES", "orders,", EMPTY_NAME),
    ("ALLOWED_TABLES", "orders,*", f"'*' is not {TABLE}"),
    ("ALLOWED_TABLES", "order table", f"'order table' is not {TABLE}"),
    ("ALLOWED_TABLES", "or", f"'or' is not {TABLE}"),
    ("ALLOWED_OPERATIONS", "", EMPTY_NAME),
    ("ALLOWED_OPERATIONS", "read,write", f"'write' is not {OPERATION}"),
    ("ALLOWED_OPERATIONS", "Read", f"'Read' is not {OPERATION}"),
    ("AUTH", "", f"'' is not {AUTHS}"),
    ("AUTH", "IAM", f"'IAM' is not {AUTHS}"),
    ("CORS_ALLOW_ORIGIN", "example.com", f"'example.com' is not {ORIGIN}"),
    (
        "CORS_ALLOW_ORIGIN",
        "https://a.example, https://b.example",
        f"'https://a.example, https://b.example' is not {ORIGIN}",
    ),
    ("CORS_ALLOW_ORIGIN", "https://example.com/path", f"'https://example.com/path' is not {ORIGIN}"),
    ("LOG_LEVEL", "LOUD", f"'LOUD' is not {LEVELS}"),
    ("LOG_LEVEL", "20", f"'20' is not {LEVELS}"),
    ("HEALTH_CHECK", "yes", "'yes' is not one of: off, on"),
    ("ACCESS_RULES", "../prod.json", f"'../prod.json' is not {RULES_FILE}"),
    ("ACCESS_RULES", "prod", f"'prod' is not {RULES_FILE}"),
    ("OPENAPI", "yes", "'yes' is not one of: off, on"),
    ("CONSOLE", "1", "'1' is not one of: off, on"),
    ("TRUST_CALLER_HEADER", "true", "'true' is not one of: off, on"),
]


@pytest.mark.parametrize(("variable", "value", "message"), BAD_VALUES)
def test_a_bad_value_is_refused_with_what_the_variable_takes(variable: str, value: str, message: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({variable: value})
    assert str(refused.value) == f"{variable}: {message}"


@pytest.mark.parametrize("auth", ["iam", "api-key", "none"])
def test_each_authorizer_is_taken(auth: str) -> None:
    assert read_settings({"AUTH": auth}).auth == auth


@pytest.mark.parametrize("level", ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"])
def test_each_log_level_is_taken(level: str) -> None:
    assert read_settings({"LOG_LEVEL": level}).log_level == getattr(logging, level)


def test_cognito_without_a_user_pool_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="COGNITO_USER_POOL_ARNS: AUTH is cognito, so that this must name at least"):
        read_settings({"AUTH": "cognito"})


def test_a_bad_user_pool_is_refused_by_name() -> None:
    with pytest.raises(SettingsError) as refused:
        read_settings({"AUTH": "cognito", "COGNITO_USER_POOL_ARNS": "eu-west-1_a1B2c3D4e"})
    assert str(refused.value) == "COGNITO_USER_POOL_ARNS: 'eu-west-1_a1B2c3D4e' is not a Cognito user pool ARN"
