"""What a caller sees of tables: those that some rule could let the caller touch, and their keys."""

from typing import Any

import pytest

from chalicelib.access.caller import Caller
from chalicelib.access.visibility import is_visible, visible_description, visible_tables
from tests.access.cases import rules_of

ANN = Caller("user", "ann")
TABLES = {"app": {"key": ["id"]}, "orders": {"key": ["id"]}}
ALLOW: dict[str, Any] = {"effect": "allow", "do": ["read"], "tables": ["app"]}
DENY: dict[str, Any] = {**ALLOW, "effect": "deny"}
ARN = "arn:aws:dynamodb:eu-west-1:123456789012:table/app"


def seen(*rules: dict[str, Any], allowed: set[str] | None = None) -> set[str]:
    numbered = [{"id": str(number), **rule} for number, rule in enumerate(rules)]
    return set(visible_tables(rules_of({"tables": TABLES, "rules": numbered}), ANN, allowed))


def test_a_table_is_seen_by_whom_a_rule_could_let_touch_something_in_it() -> None:
    assert seen() == set()
    assert seen(ALLOW) == {"app"}
    assert seen({**ALLOW, "where": {"id": "1"}}) == {"app"}
    assert seen({**ALLOW, "who": {"kind": "apiKey"}}) == set()
    assert seen({**ALLOW, "where": {"id": "${missing}"}}) == set()


def test_a_denial_hides_a_table_only_where_nothing_is_left() -> None:
    assert seen(ALLOW, DENY) == set()
    assert seen(DENY, ALLOW) == set()
    assert seen(ALLOW, {**DENY, "do": ["create"]}) == {"app"}
    assert seen(ALLOW, {**DENY, "where": {"id": "1"}}) == {"app"}
    assert seen(ALLOW, {**DENY, "read": {"only": ["secret"]}}) == {"app"}
    assert seen(ALLOW, {**DENY, "write": {"only": ["secret"]}}) == {"app"}


def test_a_table_is_named_as_the_stage_names_it() -> None:
    assert seen(ALLOW, allowed={ARN, "orders"}) == {ARN}
    assert seen(ALLOW, allowed={"orders"}) == set()


DESCRIPTION: dict[str, Any] = {
    "TableName": "app",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "ItemCount": 5,
    "LocalSecondaryIndexes": [{"IndexName": "local", "KeySchema": [], "ItemCount": 5}],
    "GlobalSecondaryIndexes": [{"IndexName": "global", "KeySchema": [], "ItemCount": 5}],
}


@pytest.mark.parametrize(
    ("rule", "whole"),
    [
        ({**ALLOW, "do": ["list"]}, True),
        ({**ALLOW, "do": ["read"]}, False),
        ({**ALLOW, "do": ["list"], "where": {"id": "1"}}, False),
        ({**ALLOW, "do": ["list"], "read": {"except": ["secret"]}}, False),
        ({**ALLOW, "do": ["list"], "write": {"except": ["secret"]}}, False),
    ],
)
def test_who_may_list_every_item_sees_all_of_a_description_and_others_the_keys(rule: Any, whole: bool) -> None:
    rules = rules_of({"tables": TABLES, "rules": [{"id": "one", **rule}]})
    assert is_visible(rules, ANN, "app", None)
    index: dict[str, Any] = {"KeySchema": []}
    keys = {
        **{name: DESCRIPTION[name] for name in ("TableName", "KeySchema", "AttributeDefinitions")},
        "LocalSecondaryIndexes": [{"IndexName": "local", **index}],
        "GlobalSecondaryIndexes": [{"IndexName": "global", **index}],
    }
    assert visible_description(rules, ANN, DESCRIPTION) == (DESCRIPTION if whole else keys)
