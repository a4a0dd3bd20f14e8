"""The operations that look at tables: `tables` and `describe`."""

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.errors import ApiError
from chalicelib.tables import list_tables
from tests.conftest import StageClient


@pytest.fixture(scope="module")
def three(stage: Callable[..., StageClient]) -> StageClient:
    return stage(ALLOWED_TABLES="orders,customers,archive")


def test_tables_are_those_that_the_stage_allows_sorted(three: StageClient) -> None:
    assert three.ask("tables").json == {"TableNames": ["archive", "customers", "orders"]}


def test_tables_come_in_pages(three: StageClient) -> None:
    first = three.ask("tables", payload={"Limit": 2}).json
    assert first == {"TableNames": ["archive", "customers"], "LastEvaluatedTableName": "customers"}
    rest = three.ask("tables", payload={"Limit": 2, "ExclusiveStartTableName": "customers"}).json
    assert rest == {"TableNames": ["orders"]}


def test_a_limit_of_just_all_tables_is_the_last_page(three: StageClient) -> None:
    assert "LastEvaluatedTableName" not in three.ask("tables", payload={"Limit": 3}).json


def test_where_every_table_is_allowed_dynamodb_lists_them(gateway: StageClient, table: str) -> None:
    reply = gateway.ask("tables")
    assert table in reply.json["TableNames"]
    assert reply.json["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize("payload", [{"Limit": 0}, {"Limit": 101}, {"Limit": "5"}, {"Surplus": 1}, []])
def test_a_bad_page_is_a_400(three: StageClient, payload: Any) -> None:
    assert three.ask("tables", payload=payload).status == 400


def test_tables_ignores_a_table_name(three: StageClient) -> None:
    assert three.ask("tables", "elsewhere").status == 200


def test_describe_says_what_the_key_is(gateway: StageClient, table: str) -> None:
    reply = gateway.ask("describe", table)
    assert reply.json.keys() == {"Table", "ResponseMetadata"}
    assert reply.json["Table"]["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]


def test_describe_is_fenced_like_every_operation(three: StageClient) -> None:
    assert three.ask("describe", "elsewhere").status == 403
    assert three.ask("describe").status == 400


def test_the_smallest_page_has_one_name_and_says_which_was_its_last() -> None:
    assert list_tables({"Limit": 1}, {"b", "A"}) == {"TableNames": ["A"], "LastEvaluatedTableName": "A"}
    assert list_tables({"Limit": 100, "ExclusiveStartTableName": "A"}, {"b", "A"}) == {"TableNames": ["b"]}
    for limit in (0, 101):
        with pytest.raises(ApiError) as refusal:
            list_tables({"Limit": limit}, set())
        assert (refusal.value.status, refusal.value.message) == (400, "payload.Limit: must be from 1 to 100.")
