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
        with pytest.raises(SettingsError, match=variable):
            read_settings({**local, **elsewhere})


def test_a_console_without_an_endpoint_of_its_own_stops_the_start() -> None:
    with pytest.raises(SettingsError, match="AWS_ENDPOINT_URL_DYNAMODB"):
        read_settings({"CONSOLE": "on", "AUTH": "none"})


def test_a_star_allows_every_table() -> None:
    assert read_settings({"ALLOWED_TABLES": "*"}).allowed_tables is None


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ALLOWED_TABLES", ""),
        ("ALLOWED_TABLES", "orders,"),
        ("ALLOWED_TABLES", "orders,*"),
        ("ALLOWED_TABLES", "order table"),
        ("ALLOWED_TABLES", "or"),
        ("ALLOWED_OPERATIONS", ""),
        ("ALLOWED_OPERATIONS", "read,write"),
        ("ALLOWED_OPERATIONS", "Read"),
        ("AUTH", ""),
        ("AUTH", "IAM"),
        ("AUTH", "off"),
        ("AUTH", "cognito"),
        ("CORS_ALLOW_ORIGIN", "example.com"),
        ("CORS_ALLOW_ORIGIN", "https://a.example, https://b.example"),
        ("CORS_ALLOW_ORIGIN", "https://example.com/path"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_LEVEL", "20"),
        ("HEALTH_CHECK", "yes"),
        ("ACCESS_RULES", "../prod.json"),
        ("ACCESS_RULES", "prod"),
        ("OPENAPI", "yes"),
        ("CONSOLE", "1"),
        ("TRUST_CALLER_HEADER", "true"),
    ],
)
def test_a_bad_value_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{variable if value != 'cognito' else 'COGNITO_USER_POOL_ARNS'}: "):
        read_settings({variable: value})


def test_a_bad_user_pool_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="COGNITO_USER_POOL_ARNS"):
        read_settings({"AUTH": "cognito", "COGNITO_USER_POOL_ARNS": "eu-west-1_a1B2c3D4e"})
