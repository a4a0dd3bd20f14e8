"""The decision, by itself: what must be refused is, and what must pass does."""

from typing import Any

import pytest

from chalicelib.access.authorization import Authorization, authorize
from chalicelib.access.rules import Rules
from tests.access.cases import ATTACKS, CALLERS, HONEST, Case, compiled, in_both_formats, rules_of


@pytest.fixture(scope="module")
def rules() -> Rules:
    return compiled()


def decided(rules: Rules, case: Case) -> Authorization:
    return authorize(rules, CALLERS[case.caller], case.operation, case.full_payload, case.format, None)


def test_there_are_as_many_attacks_as_were_promised() -> None:
    assert len({case.name for case in ATTACKS}) == len(ATTACKS) >= 60
    assert len({case.name for case in HONEST}) == len(HONEST) >= 25


@pytest.mark.parametrize("case", in_both_formats(iter(ATTACKS)), ids=lambda case: f"{case.name} {case.format}")
def test_an_attack_is_refused(rules: Rules, case: Case) -> None:
    assert decided(rules, case).refusal is not None


@pytest.mark.parametrize("case", in_both_formats(iter(HONEST)), ids=lambda case: f"{case.name} {case.format}")
def test_an_honest_request_passes(rules: Rules, case: Case) -> None:
    assert decided(rules, case).refusal is None


KEY = {"pk": "catalog", "id": "1"}
ANY_READ = {"read": {"only": ["pk", "id", "name"]}}
ANY_WRITE = {"write": {"except": ["role"]}}
EVERY_READ = (
    "every attribute. Name the attributes you need in a ProjectionExpression, and ask for no ReturnValues, "
    "ReturnConsumedCapacity or ReturnItemCollectionMetrics."
)
EVERY_WRITTEN = (
    "every attribute, because those that are not named are dropped. Send an update, or a create with the condition "
    "attribute_not_exists on a key attribute."
)
SET_ROLE = {"UpdateExpression": "SET #r = :r", "ExpressionAttributeNames": {"#r": "role"}}
ROLE_SET = {"Key": KEY, **SET_ROLE, "ExpressionAttributeValues": {":r": 1}}
REFUSALS = [
    ({"do": ["list"]}, "read", {"Key": KEY}, 'allows "read" on the table "app" with what the request says of the key.'),
    ({"where": {"pk": "x"}}, "read", {"Key": KEY}, 'on the table "app" with what the request says of the key.'),
    (ANY_READ, "read", {"Key": KEY, "ProjectionExpression": "secret, cost, id"}, "and reading cost, secret."),
    (ANY_READ, "read", {"Key": KEY}, f"and reading {EVERY_READ}"),
    ({"read": {"except": ["id"]}}, "list", {"ProjectionExpression": "cost"},
     "and reading the key attributes, which LastEvaluatedKey shows."),
    (ANY_WRITE, "update", ROLE_SET, "and writing role."),
    (ANY_WRITE, "create", {"Item": KEY}, f"and writing {EVERY_WRITTEN}"),
]  # fmt: skip
DENIALS = [
    ({}, "read", {"Key": KEY}, "."),
    (ANY_READ, "read", {"Key": KEY, "ProjectionExpression": "cost, #n, id", "ExpressionAttributeNames": {"#n": "name"}},
     ": reading id, name."),
    (ANY_READ, "read", {"Key": KEY}, f": reading {EVERY_READ}"),
    ({**ANY_READ, "write": {"only": ["role"]}}, "update", ROLE_SET, ": writing role."),
    ({"write": {"only": ["role"]}}, "create", {"Item": KEY}, f": writing {EVERY_WRITTEN}"),
]  # fmt: skip
DENIED_PARTS_NOT_TOUCHED = [
    ({"read": {"only": ["secret"]}}, "update", ROLE_SET),
    ({"write": {"only": ["secret"]}}, "read", {"Key": KEY}),
    ({"write": {"only": ["secret"]}}, "update", ROLE_SET),
]


def staffs(*rules: dict[str, Any]) -> Rules:
    """Rules about one table, all for the group of the staff."""
    whole = [{"id": f"rule {number}", "who": {"groups": ["staff"]}, **rule} for number, rule in enumerate(rules)]
    return rules_of({"tables": {"app": {"key": ["pk", "id"]}}, "rules": whole})


def staff_asks(rules: Rules, operation: str, payload: dict[str, Any]) -> Authorization:
    return authorize(rules, CALLERS["staff"], operation, {"TableName": "app", **payload}, "json", None)


def message(authorization: Authorization) -> str:
    assert authorization.refusal is not None
    assert (authorization.refusal.status, authorization.refusal.code) == (403, "ForbiddenError")
    return authorization.refusal.message


@pytest.mark.parametrize(("rule", "operation", "payload", "words"), REFUSALS)
def test_a_refusal_says_what_no_rule_allows(rule: Any, operation: str, payload: Any, words: str) -> None:
    refused = staff_asks(staffs({"effect": "allow", "do": ["*"], **rule}), operation, payload)
    assert message(refused).startswith(f'No access rule allows "{operation}" on the table "app"')
    assert message(refused).endswith(f" {words}")
    assert refused.rules == ()


@pytest.mark.parametrize(("part", "operation", "payload", "words"), DENIALS)
def test_a_denial_says_what_is_denied_and_by_which_rule(part: Any, operation: str, payload: Any, words: str) -> None:
    denied = staff_asks(staffs({"effect": "allow", "do": ["*"]}, {"effect": "deny", "do": ["*"], **part}),
                        operation, payload)  # fmt: skip
    assert message(denied) == f'The access rules deny "{operation}" on the table "app"{words}'
    assert denied.rules == ("rule 1",)


@pytest.mark.parametrize(("part", "operation", "payload"), DENIED_PARTS_NOT_TOUCHED)
def test_a_deny_rule_on_other_attributes_does_not_decide(part: Any, operation: str, payload: Any) -> None:
    allowed = staff_asks(staffs({"effect": "allow", "do": ["*"]}, {"effect": "deny", "do": ["*"], **part}),
                         operation, payload)  # fmt: skip
    assert (allowed.refusal, allowed.rules) == (None, ("rule 0",))


def test_a_caller_whom_no_rule_concerns_is_refused() -> None:
    rules = staffs({"effect": "allow", "do": ["*"], "who": {"kind": "apiKey"}})
    assert message(staff_asks(rules, "read", {"Key": KEY})).startswith('No access rule allows "read"')


def test_a_rule_that_decides_twice_is_named_once() -> None:
    allowed = staff_asks(staffs({"effect": "allow", "do": ["*"]}), "transactWrite", {
        "TransactItems": [{"Put": {"TableName": "app", "Item": {"pk": pk, "id": "1"}}} for pk in ("a", "b")]
    })  # fmt: skip
    assert allowed.rules == ("rule 0",)


def test_who_does_not_call_by_name_may_ping_and_nothing_else() -> None:
    rules = staffs({"effect": "allow", "do": ["*"]})
    for operation in ("echo", "ping"):
        assert authorize(rules, None, operation, {}, "json", None) == Authorization(None)
    for operation in ("tables", "describe", "read"):
        refused = authorize(rules, None, operation, {"TableName": "app", "Key": KEY}, "json", None)
        assert message(refused) == "The access rules of this stage do not know who calls."


def test_a_description_is_for_who_could_touch_the_table_by_the_name_that_the_stage_has() -> None:
    rules = staffs({"effect": "allow", "do": ["read"], "where": {"pk": "x"}})
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/app"
    for table, allowed in (("app", None), ("app", {"app"}), (arn, {arn})):
        asked = authorize(rules, CALLERS["staff"], "describe", {"TableName": table}, "json", allowed)
        assert asked == Authorization(None)
    hidden = authorize(rules, CALLERS["staff"], "describe", {"TableName": arn}, "json", None)
    assert message(hidden) == f'No access rule allows "describe" on "{arn}".'
    assert authorize(rules, CALLERS["staff"], "tables", {}, "json", None) == Authorization(None)
