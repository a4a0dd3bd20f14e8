"""Before an item is created, DynamoDB confirms once that the declared key is the table's."""

from decimal import Decimal
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from chalicelib.access.accesses import Access, Attributes
from chalicelib.access.declared_keys import DeclaredKeys
from chalicelib.access.known import Known
from chalicelib.dynamodb import DynamoDB
from tests.test_gateway import RecordingAdapter, refused


def access(action: Any, resource: str, **key: Known) -> Access:
    return Access(action, "app", resource, key, Attributes(), Attributes())


def confirm(keys: DeclaredKeys, adapter: RecordingAdapter, *touched: Access) -> None:
    keys.confirm(touched, cast(DynamoDB, adapter), lambda: 1.5)


def test_dynamodb_is_asked_for_an_item_with_the_declared_key() -> None:
    adapter = RecordingAdapter({})
    confirm(DeclaredKeys(), adapter, access("create", "orders", text="x", number=Decimal("5"), binary=b"a"))
    key = {"text": {"S": "x"}, "number": {"N": "5"}, "binary": {"B": "YQ=="}}
    body = {"TableName": "orders", "Key": key}
    options = {"within": 1.5, "repeatable": True}
    assert adapter.calls == [{"action": "GetItem", "body": body, "tables": {"orders"}, **options}]


def test_each_table_is_confirmed_once_and_only_for_a_create() -> None:
    keys, adapter = DeclaredKeys(), RecordingAdapter({})
    for _ in range(2):
        confirm(keys, adapter, access("create", "orders", id="1"), access("create", "orders", id="2"))
        confirm(keys, adapter, access("create", "carts", id="1"), access("update", "users", id="1"))
    assert [call["body"]["TableName"] for call in adapter.calls] == ["orders", "carts"]


def test_a_key_that_is_not_the_tables_is_refused_each_time() -> None:
    keys, adapter = DeclaredKeys(), RecordingAdapter({}, refused("ValidationException"))
    for _ in range(2):
        with pytest.raises(ClientError):
            confirm(keys, adapter, access("create", "orders", id="1"))
    assert len(adapter.calls) == 2
