"""The tables and items of the cases on a real engine, and stages that know the cases' rules."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chalice.app import CaseInsensitiveMapping

from chalicelib.access.caller import Caller
from tests.access.cases import compiled
from tests.conftest import StageClient

KEYS = {
    "app": {"pk": "S", "id": "S"},
    "orders": {"pk": "S", "sk": "S"},
    "counters": {"n": "N"},
    "blobs": {"b": "B"},
    "secrets": {"id": "S"},
}
INDEXES = {"byEmail": ("email",), "byName": ("pk", "name"), "bySecret": ("secret",)}
ITEMS: dict[str, list[dict[str, Any]]] = {
    "app": [
        {"pk": {"S": "user#u1"}, "id": {"S": "1"}, "name": {"S": "Ann"}, "email": {"S": "ann@x"},
         "role": {"S": "user"}, "secret": {"S": "s1"}, "price": {"N": "1"}},
        {"pk": {"S": "user#u2"}, "id": {"S": "1"}, "name": {"S": "Bob"}, "email": {"S": "bob@x"},
         "secret": {"S": "s2"}},
        {"pk": {"S": "catalog"}, "id": {"S": "1"}, "name": {"S": "Pen"}, "price": {"N": "5"}, "cost": {"N": "2"}},
    ],
    "orders": [
        *({"pk": {"S": pk}, "sk": {"S": "1"}, "total": {"N": "1"}}
          for pk in ("acme#1", "acme2#1", "acme#frozen", "#1")),
        {"pk": {"S": "desk#acme#1"}, "sk": {"S": "21"}},
    ],
    "counters": [{"n": {"N": "5"}}, {"n": {"N": "50"}}],
    "blobs": [{"b": {"B": b"a"}}, {"b": {"B": b"b"}}],
    "secrets": [{"id": {"S": "1"}}],
}  # fmt: skip


@pytest.fixture(scope="module")
def tables(dynamodb: Any) -> Iterator[None]:
    """The tables, under the names that the rules have."""
    for name, key in KEYS.items():
        indexes = INDEXES if name == "app" else {}
        types = {**key, **{part: "S" for index in indexes.values() for part in index}}
        more = {"GlobalSecondaryIndexes": [_index(*index) for index in indexes.items()]} if indexes else {}
        dynamodb.create_table(
            TableName=name,
            AttributeDefinitions=[{"AttributeName": part, "AttributeType": kind} for part, kind in types.items()],
            KeySchema=_schema(*key),
            BillingMode="PAY_PER_REQUEST",
            **more,
        )
    yield
    for name in KEYS:
        dynamodb.delete_table(TableName=name)


def _index(name: str, key: tuple[str, ...]) -> dict[str, Any]:
    return {"IndexName": name, "KeySchema": _schema(*key), "Projection": {"ProjectionType": "ALL"}}


def _schema(*key: str) -> list[dict[str, str]]:
    return [{"AttributeName": part, "KeyType": kind} for part, kind in zip(key, ("HASH", "RANGE"), strict=False)]


def items_of(dynamodb: Any) -> dict[str, list[Any]]:
    """All items of all tables."""
    return {name: sorted(dynamodb.scan(TableName=name)["Items"], key=repr) for name in KEYS}


@pytest.fixture(scope="module")
def write_items(dynamodb: Any, tables: None) -> Callable[[], None]:
    """Write the tables' items, and delete all others."""

    def write() -> None:
        for name, key in KEYS.items():
            stored = dynamodb.scan(TableName=name)["Items"]
            for item in stored:
                if item not in ITEMS[name]:
                    dynamodb.delete_item(TableName=name, Key={part: item[part] for part in key})
            for item in ITEMS[name]:
                if item not in stored:
                    dynamodb.put_item(TableName=name, Item=item)

    return write


@pytest.fixture(scope="module")
def items(dynamodb: Any, write_items: Callable[[], None]) -> dict[str, list[Any]]:
    """All items, written once: no attack changes them."""
    write_items()
    return items_of(dynamodb)


@pytest.fixture(scope="session")
def guarded(stage: Callable[..., StageClient]) -> Callable[..., StageClient]:
    """Start a stage that knows the cases' rules."""

    def start(rules: Any = None, **environ: str) -> StageClient:
        started = stage(**environ)
        started.app.stage = started.app.stage._replace(rules=rules or compiled())
        return started

    return start


USER_POOL = {"AUTH": "cognito", "COGNITO_USER_POOL_ARNS": "arn:aws:cognito-idp:us-east-1:000000000000:userpool/pool"}
AUTHS: dict[str, dict[str, str]] = {
    "user": USER_POOL,
    "iamRole": {"AUTH": "iam"},
    "iamUser": {"AUTH": "iam"},
    "apiKey": {"AUTH": "api-key"},
    "anonymous": {"AUTH": "none"},
}


def request_context(caller: Caller | None) -> dict[str, Any]:
    """What API Gateway says of a caller."""
    identity: dict[str, Any] = {"sourceIp": "127.0.0.1", "userArn": None, "apiKeyId": None}
    if caller is None:
        return {"identity": {**identity, "userArn": "arn:aws:iam::123456789012:root"}}
    if caller.kind == "user":
        groups = {"cognito:groups": ",".join(sorted(caller.groups))} if caller.groups else {}
        return {"identity": identity, "authorizer": {"claims": {**caller.claims, **groups}}}
    if caller.kind == "iamRole":
        account, _, role = caller.id.partition("/")
        return {"identity": {**identity, "userArn": f"arn:aws:sts::{account}:assumed-role/{role}/session"}}
    return {"identity": {**identity, **{"iamUser": {"userArn": caller.id}, "apiKey": {"apiKeyId": caller.id}}.get(
        caller.kind, {})}}  # fmt: skip


def http_event(body: Any, context: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A request as API Gateway hands it to the function."""
    return {
        "headers": CaseInsensitiveMapping({"Content-Type": "application/json", **(headers or {})}),
        "body": json.dumps(body),
        "requestContext": {"resourcePath": "/DynamoDBManager", "httpMethod": "POST", **context},
    }
