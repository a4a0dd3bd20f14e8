"""Who a caller is: what API Gateway says, and nothing else."""

from typing import Any

import pytest

from chalicelib.access.caller import INVOKE, Caller, caller_in_header, caller_of
from chalicelib.errors import ApiError

ROLE = "arn:aws:sts::123456789012:assumed-role/reports/bob"
USER = "arn:aws:iam::123456789012:user/team/bob"
IDENTITY: dict[str, Any] = {"sourceIp": "127.0.0.1", "userArn": None, "apiKeyId": None, "cognitoIdentityId": None}


def signed(arn: object, **more: object) -> dict[str, Any]:
    return {"identity": {**IDENTITY, "userArn": arn, **more}}


def tokened(claims: object, **more: object) -> dict[str, Any]:
    return {"identity": IDENTITY, "authorizer": {"claims": claims, **more}}


def test_a_user_of_a_pool_is_its_sub_with_groups_and_the_claims_that_are_strings() -> None:
    claims = {"sub": "u1", "cognito:groups": "a,b", "custom:tenant": "acme", "exp": 5}
    texts = {"sub": "u1", "cognito:groups": "a,b", "custom:tenant": "acme"}
    assert caller_of("cognito", tokened(claims)) == Caller("user", "u1", frozenset("ab"), texts)


@pytest.mark.parametrize(
    ("claim", "groups"),
    [
        ("a,b", "ab"),
        ("a", "a"),
        ("[a b]", "ab"),
        ("[a]", "a"),
        ("[a  b]", "ab"),
        ("[]", ""),
        ("", ""),
        (["a", "b"], "ab"),
    ],
)
def test_groups_come_as_a_rest_api_an_http_api_and_chalice_local_send_them(claim: object, groups: str) -> None:
    caller = caller_of("cognito", tokened({"sub": "u1", "cognito:groups": claim}))
    assert caller is not None
    assert caller.groups == frozenset(groups)


@pytest.mark.parametrize("claim", ["[a", "a]"])
def test_half_a_pair_of_brackets_belongs_to_the_name(claim: str) -> None:
    caller = caller_of("cognito", tokened({"sub": "u1", "cognito:groups": claim}))
    assert caller is not None
    assert caller.groups == {claim}


def test_a_group_of_a_list_has_no_space_but_the_separator() -> None:
    caller = caller_of("cognito", tokened({"sub": "u1", "cognito:groups": "[a\tb c]"}))
    assert caller is not None
    assert caller.groups == {"a\tb", "c"}


def test_who_invokes_the_function_is_one_caller() -> None:
    assert Caller("invoke", "invoke") == INVOKE


def test_a_user_without_groups_is_in_none() -> None:
    caller = caller_of("cognito", tokened({"sub": "u1"}))
    assert caller is not None
    assert caller.groups == frozenset()


def test_a_role_is_its_account_and_name_and_never_the_session_that_the_caller_names() -> None:
    assert caller_of("iam", signed(ROLE)) == Caller("iamRole", "123456789012/reports")
    assert caller_of("iam", signed(ROLE)) == caller_of("iam", signed(ROLE.replace("bob", "admin")))
    by_pool = caller_of("iam", signed(ROLE, cognitoIdentityId="us-east-1:1"))
    assert by_pool == Caller("iamRole", "123456789012/reports", claims={"cognitoIdentityId": "us-east-1:1"})


def test_an_iam_user_is_its_arn() -> None:
    assert caller_of("iam", signed(USER)) == Caller("iamUser", USER)


def test_the_holder_of_an_api_key_is_the_id_of_the_key() -> None:
    assert caller_of("api-key", {"identity": {**IDENTITY, "apiKeyId": "k1", "apiKey": "secret"}}) == Caller(
        "apiKey", "k1"
    )


def test_an_open_stage_knows_anonymous_alone() -> None:
    assert caller_of("none", {"identity": IDENTITY}) == Caller("anonymous", "anonymous")
    assert caller_of("none", {"identity": IDENTITY, "authorizer": {"claims": None, "scopes": None}}) is not None


@pytest.mark.parametrize(
    ("auth", "context"),
    [
        ("iam", {}),
        ("iam", {"identity": None}),
        ("iam", {"identity": "arn"}),
        ("iam", signed(None)),
        ("iam", signed("")),
        ("iam", signed([ROLE])),
        ("iam", signed("arn:aws:iam::123456789012:root")),
        ("iam", signed("arn:aws:sts::123456789012:federated-user/bob")),
        ("iam", signed("arn:aws:sts::123456789012:assumed-role/reports")),
        ("iam", signed("arn:aws:sts::123456789012:assumed-role/reports/bob/admin")),
        ("iam", signed("arn:aws:sts::123456789012:assumed-role//bob")),
        ("iam", signed(f"{ROLE}\n")),
        ("iam", signed("arn:aws:sts::12345678901\u0662:assumed-role/reports/bob")),
        ("iam", {**signed(USER), "authorizer": {"principalId": "bob"}}),
        ("iam", tokened({"sub": "u1"})),
        ("cognito", {}),
        ("cognito", tokened(None)),
        ("cognito", tokened({})),
        ("cognito", tokened({"sub": ""})),
        ("cognito", tokened({"sub": 5})),
        ("cognito", tokened('{"sub": "u1"}')),
        ("cognito", tokened({"sub": "u1", "cognito:groups": 5})),
        ("cognito", tokened({"sub": "u1", "cognito:groups": [5]})),
        ("cognito", tokened({"sub": "u1", "cognito:groups": None})),
        ("cognito", {"identity": IDENTITY, "authorizer": {"principalId": "u1", "sub": "u1"}}),
        ("cognito", {**tokened({"sub": "u1"}), **signed(USER)}),
        ("api-key", {"identity": IDENTITY}),
        ("api-key", {"identity": {**IDENTITY, "apiKeyId": ""}}),
        ("api-key", {"identity": {**IDENTITY, "apiKey": "secret"}}),
        ("api-key", {"identity": {**IDENTITY, "apiKeyId": "k1"}, "authorizer": {"principalId": "bob"}}),
        ("none", tokened({"sub": "u1"})),
        ("none", signed(USER)),
    ],
)
def test_a_context_that_is_not_just_what_the_stage_expects_has_no_caller(auth: str, context: dict[str, Any]) -> None:
    assert caller_of(auth, context) is None


def test_the_header_of_a_developers_machine_is_taken_as_it_stands() -> None:
    text = '{"kind": "user", "id": "u1", "groups": ["editors"], "claims": {"sub": "u1"}}'
    assert caller_in_header(text) == Caller("user", "u1", frozenset({"editors"}), {"sub": "u1"})
    assert caller_in_header('{"kind": "apiKey", "id": "k1"}') == Caller("apiKey", "k1")
    assert caller_in_header(None) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bob",
        "[]",
        "{}",
        '{"kind": "admin", "id": "u1"}',
        '{"kind": "user"}',
        '{"kind": "user", "id": ""}',
        '{"kind": "user", "id": 5}',
        '{"kind": "user", "id": "u1", "groups": "editors"}',
        '{"kind": "user", "id": "u1", "claims": []}',
        '{"kind": "user", "id": "u1", "group": []}',
    ],
)
def test_a_header_that_is_malformed_is_a_400(text: str) -> None:
    with pytest.raises(ApiError, match="X-Caller") as raised:
        caller_in_header(text)
    assert raised.value.status == 400


def test_a_malformed_header_is_told_with_one_that_is_not() -> None:
    example = 'Send a JSON object such as {"kind": "user", "id": "u1", "groups": [], "claims": {"sub": "u1"}}.'
    for text, message in [
        ("[]", f"X-Caller: Expected `object`, got `array`. {example}"),
        ('{"kind": "user", "id": ""}', "X-Caller: the id is empty."),
    ]:
        with pytest.raises(ApiError) as raised:
            caller_in_header(text)
        assert raised.value.message == message
