"""The same call three ways: straight to DynamoDB Local, and through the gateway in each of its formats."""

import os
import shutil
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from secrets import token_hex
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib.dynamodb import DynamoDB
from local.engines import running_engine
from tests.conformance.gateway_session import session_through
from tests.conftest import StageClient

# Stands for the table of each way, and for a part of its name, in parameters and answers.
TABLE = "conformance"
FORMAT_HINT = '. If values are written as {"S": "text"}, send "format": "dynamodb-json".'
WAYS = ("straight", "dynamodb-json", "json")
ENGINES = ("DYNAMODB_ENDPOINT",) if os.environ.get("DYNAMODB_ENDPOINT") else ("dynamodb-local", "ministack")
LEFT_OUT = not (os.environ.get("DYNAMODB_ENDPOINT") or (shutil.which("java") and shutil.which("npm")))

Ask = Callable[..., Any]

# What the embedded engine answers otherwise than DynamoDB Local, by the test that shows it. docs/conformance.md lists
# them.
MINISTACK_DIFFERS = {
    "test_an_update_expression_makes_the_same_item[ministack-ADD words :words, numbers :numbers": (
        "`ADD` does not find `2.50` in a number set that holds `2.5`, and refuses the update"
    ),
    "test_legacy_expectations_join_alike[ministack-AND]": "a legacy `Expected` with `Exists` and `Value` always holds",
    "test_legacy_filters_keep_the_same_items[ministack-OR]": "`ConditionalOperator` of a legacy filter is always `AND`",
    "test_every_legacy_key_condition_finds_the_same_items[ministack-CONTAINS]": (
        "a legacy key condition may be `CONTAINS`, and finds nothing"
    ),
    "test_a_bad_value_in_a_transaction_is_refused_in_the_same_words[ministack]": (
        "an update of the wrong type cancels a transaction, where DynamoDB Local refuses it as a `ValidationException`"
    ),
    "test_a_bad_transaction_is_refused_in_the_same_words[ministack-items3]": (
        "a transaction's item may hold two actions, and the first counts"
    ),
    "test_a_page_of_1_mb_ends_where_dynamodb_ends_it[ministack]": "a page ends one item before 1 MB",
    "test_python_values_come_back_as_they_were[ministack-straight]": (
        "a number of 10^38 comes back with 39 digits, which boto3's resource does not read"
    ),
    "test_python_values_come_back_as_they_were[ministack-dynamodb-json]": (
        "a number of 10^38 comes back with 39 digits, which boto3's resource does not read"
    ),
}


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    return True if LEFT_OUT and collection_path.name.startswith("test_") else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for test, difference in MINISTACK_DIFFERS.items():
            if item.name.startswith(test):
                item.add_marker(pytest.mark.xfail(reason=difference, strict=True))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LEFT_OUT:
        terminalreporter.write_line("Left out for want of Java or npm: tests/conformance, against DynamoDB Local.")


@pytest.fixture(scope="session", params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each engine in turn, or the one that already runs at `DYNAMODB_ENDPOINT`."""
    if endpoint := os.environ.get("DYNAMODB_ENDPOINT"):
        yield endpoint
        return
    with running_engine(request.param) as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def gateway(stage: Callable[..., StageClient], engine: str) -> StageClient:
    """A gateway in front of the engine."""
    return stage(DynamoDB(engine))


@pytest.fixture(scope="session")
def sessions(gateway: StageClient) -> dict[str, boto3.Session]:
    through = {way: session_through(gateway.post, way) for way in WAYS[1:]}
    return {"straight": boto3.Session(), **through}


@pytest.fixture(scope="session")
def clients(engine: str, sessions: dict[str, boto3.Session]) -> dict[str, Any]:
    # What boto3 would refuse by itself is to reach DynamoDB.
    config = Config(parameter_validation=False)
    return {way: session.client("dynamodb", endpoint_url=engine, config=config) for way, session in sessions.items()}


@pytest.fixture(scope="session")
def tables(clients: dict[str, Any]) -> dict[str, str]:
    """A table for each way, with the keys `id` and `at` and both kinds of indexes."""
    return make_tables(clients["straight"], **INDEXED)


@pytest.fixture
def ask(clients: dict[str, Any], tables: dict[str, str]) -> Ask:
    """Call the table, empty at first, by a method of boto3's client, all three ways."""
    for table in tables.values():
        _empty(clients["straight"], table)
    return asker(clients, tables)


def make_tables(client: Any, **schema: Any) -> dict[str, str]:
    """Make an empty table for each way, by CreateTable's parameters. The engine forgets them when it ends."""
    names = {way: f"{TABLE}-{token_hex(4)}-{way}" for way in WAYS}
    for name in names.values():
        client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **schema)
    return names


def asker(clients: dict[str, Any], tables: dict[str, str]) -> Ask:
    """Return the function that calls all three ways and passes on the answer, or the refusal, once all are the same."""

    def ask(method: str, **parameters: Any) -> Any:
        straight, typed, plain = (_answer(clients[way], method, parameters, tables[way]) for way in WAYS)
        assert typed == straight
        # Plain JSON keeps a number and not how it is spelt.
        assert _by_value(plain) == _by_value(straight)
        return straight

    return ask


def _empty(client: Any, table: str) -> None:
    for page in client.get_paginator("scan").paginate(TableName=table, ProjectionExpression="id, #at",
                                                      ExpressionAttributeNames={"#at": "at"}):  # fmt: skip
        for key in page["Items"]:
            client.delete_item(TableName=table, Key=key)


def keys(**types: str) -> dict[str, Any]:
    """CreateTable's parameters for a table whose keys are the first two attributes."""
    return {
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": type_} for name, type_ in types.items()],
        "KeySchema": _key_schema(*[*types][:2]),
    }


def _key_schema(*names: str) -> list[dict[str, str]]:
    return [{"AttributeName": name, "KeyType": type_} for name, type_ in zip(names, ("HASH", "RANGE"), strict=False)]


def _index(name: str, *key: str, projection: str = "ALL") -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": _key_schema(*key), "Projection": {"ProjectionType": projection}}


INDEXED = {
    **keys(id="S", at="N", kind="S", size="N"),
    "LocalSecondaryIndexes": [_index("by-size", "id", "size")],
    "GlobalSecondaryIndexes": [_index("by-kind", "kind", "at"), _index("kinds", "kind", projection="KEYS_ONLY")],
}


def _answer(client: Any, method: str, parameters: dict[str, Any], table: str) -> Any:
    try:
        answer = getattr(client, method)(**_renamed(parameters, TABLE, table))
    except ClientError as error:
        # Beside "Error"; the engine spells it one way and DynamoDB another.
        answer = {name: member for name, member in error.response.items() if name not in ("message", "Message")}
        if answer["Error"]["Message"].startswith("DynamoDB refused "):
            answer["Error"]["Message"] = ""
        # What the gateway adds: the names of the tables, and where a wrong key may come from.
        for added in (f": {table}-nowhere", f": {parameters.get('TableName')}", FORMAT_HINT):
            answer["Error"]["Message"] = answer["Error"]["Message"].removesuffix(added)
    metadata = answer.pop("ResponseMetadata")
    return _renamed({**answer, "status": metadata["HTTPStatusCode"]}, table, TABLE)


def _renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, str):
        return value.replace(old, new)
    if isinstance(value, list):
        return [_renamed(member, old, new) for member in value]
    if isinstance(value, dict):
        return {_renamed(name, old, new): _renamed(member, old, new) for name, member in value.items()}
    return value


def _by_value(value: Any) -> Any:
    match value:
        case {"N": str(number), **rest} if not rest:
            return Decimal(number)
        case {"NS": [*members], **rest} if not rest:
            return {Decimal(number) for number in members}
        case dict():
            return {name: _by_value(member) for name, member in value.items()}
        case list():
            return [_by_value(member) for member in value]
    return value
