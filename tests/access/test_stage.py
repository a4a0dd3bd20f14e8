"""What a stage with access rules does around the decision: callers, tables, tokens, keys, and what it logs."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from chalicelib.access.caller import Caller
from chalicelib.access.request_token import callers_token
from chalicelib.access.rules import RulesError
from tests.access.cases import CALLERS, MINE, NEW, SMALL, key, order, rules_of
from tests.access.conftest import AUTHS, http_event, request_context
from tests.conftest import Reply, StageClient, made_table

Start = Callable[..., StageClient]


@pytest.fixture(scope="module")
def playing(guarded: Start) -> StageClient:
    """A stage of a developer's machine, whose callers are what a header says."""
    return guarded(TRUST_CALLER_HEADER="on")


def ask(gateway: StageClient, caller: str | None, operation: str, table: str | None = None, **payload: Any) -> Reply:
    headers = {"Content-Type": "application/json"}
    known = CALLERS[caller] if caller else None
    if known:
        header = {"kind": known.kind, "id": known.id, "groups": sorted(known.groups), "claims": known.claims}
        headers["X-Caller"] = json.dumps(header)
    named = {} if table is None else {"tableName": table}
    body = json.dumps({"operation": operation, **named, "payload": payload})
    return gateway.request("POST", "/DynamoDBManager", body.encode(), headers)


def refused(reply: Reply) -> str:
    assert (reply.status, reply.json["Code"]) == (403, "ForbiddenError")
    return str(reply.json["Message"])


# The start.


def test_a_stage_starts_with_the_example(stage: Start) -> None:
    rules = stage(ACCESS_RULES="example.json").app.stage.rules
    assert rules is not None
    assert rules.tables.keys() == {"app", "orders"}


@pytest.mark.parametrize("name", ["missing.json", "schema.json"])
def test_a_file_that_is_missing_or_invalid_stops_the_start(stage: Start, name: str) -> None:
    with pytest.raises(RulesError, match=name):
        stage(ACCESS_RULES=name)


def test_a_stage_without_rules_is_as_ever(stage: Start, table: str) -> None:
    assert stage().app.stage.rules is None
    assert stage().ask("list", table).status == 200


@pytest.mark.parametrize(("auth", "rules", "warned"), [
    ("iam", "", False), ("api-key", "", True), ("api-key", "example.json", False), ("none", "", False)])  # fmt: skip
def test_a_stage_whose_callers_may_do_everything_says_so_once(
    stage: Start, capsys: Any, auth: str, rules: str, warned: bool
) -> None:
    gateway = stage(AUTH=auth, ACCESS_RULES=rules)
    gateway.ask("ping")
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["level"] for line in lines if "ACCESS_RULES" in line.get("message", "")] == ["WARNING"] * warned


def test_an_open_stage_inside_lambda_says_so_too(stage: Start, capsys: Any) -> None:
    stage(AWS_LAMBDA_FUNCTION_NAME="function")
    assert "ACCESS_RULES" in capsys.readouterr().out


# Who calls.


def test_a_header_is_nobody_where_the_stage_does_not_trust_it(guarded: Start, tables: None) -> None:
    gateway = guarded()
    refused(ask(gateway, "admin", "list", "app"))
    assert ask(gateway, "admin", "read", "app", **key("catalog"), ProjectionExpression="#n",
               ExpressionAttributeNames={"#n": "name"}).status == 200  # fmt: skip


@pytest.mark.usefixtures("items")
def test_forged_headers_change_nothing(guarded: Start) -> None:
    gateway = guarded(**AUTHS["user"])
    forged = {
        "X-Caller": '{"kind": "user", "id": "u2", "claims": {"sub": "u2"}}',
        "X-Amzn-Oidc-Identity": "u2",
        "X-Forwarded-User": "u2",
        "Authorization": "Bearer u2",
        "cognito:groups": "admins",
    }
    context = request_context(CALLERS["ann"])
    for pk, status in ((MINE, 200), ("user#u2", 403)):
        event = http_event({"operation": "read", "tableName": "app", "payload": key(pk)}, context, forged)
        assert gateway.app(event, None)["statusCode"] == status


def test_the_header_of_a_developers_machine_names_the_caller(playing: StageClient, items: None) -> None:
    assert ask(playing, "ann", "read", "app", **key(MINE)).status == 200
    refused(ask(playing, "ann", "read", "app", **key("user#u2")))
    refused(ask(playing, None, "read", "app", **key(MINE)))
    assert ask(playing, None, "ping").json == "pong"
    body = b'{"operation": "ping"}'
    malformed = playing.request(
        "POST", "/DynamoDBManager", body, {"Content-Type": "application/json", "X-Caller": "bob"}
    )
    assert (malformed.status, malformed.json["Code"]) == (400, "BadRequestError")


def test_the_bare_event_is_always_invoke_whatever_it_says(guarded: Start, tables: None) -> None:
    gateway = guarded(**AUTHS["user"])
    event = {"operation": "read", "tableName": "app", "payload": key(MINE)}
    for forged in ({}, {"requestContext": request_context(CALLERS["ann"])}):
        with pytest.raises(Exception, match=r"allows|Unknown field") as raised:
            gateway.app({**event, **forged}, None)
        assert type(raised.value).__name__ == ("BadRequestError" if forged else "ForbiddenError")


def test_a_role_may_do_the_same_in_every_session(guarded: Start, items: None) -> None:
    gateway = guarded(**AUTHS["iamRole"])
    request = {"operation": "list", "tableName": "app", "payload": SMALL}
    for session, role, status in (("bob", "reports", 200), ("admin", "reports", 200), ("reports", "bob", 403)):
        arn = f"arn:aws:sts::123456789012:assumed-role/{role}/{session}"
        assert gateway.app(http_event(request, {"identity": {"userArn": arn}}), None)["statusCode"] == status


# Tables.


def test_tables_are_those_that_a_rule_could_let_the_caller_touch(playing: StageClient, guarded: Start) -> None:
    seen = {name: ask(playing, name, "tables").json.get("TableNames") for name in CALLERS if CALLERS[name]}
    assert seen["admin"] == ["app", "blobs", "counters", "orders"]
    assert seen["partner"] == ["app"]
    assert seen["other partner"] == []
    assert seen["reports"] == ["app", "orders"]
    assert seen["no tenant"] == ["app"]
    assert ask(playing, "admin", "tables", Limit=1).json == {"TableNames": ["app"], "LastEvaluatedTableName": "app"}


def test_tables_are_those_that_the_stage_allows_too(guarded: Start) -> None:
    gateway = guarded(TRUST_CALLER_HEADER="on", ALLOWED_TABLES="app,secrets")
    assert ask(gateway, "admin", "tables").json["TableNames"] == ["app"]


def test_a_description_shows_the_keys_alone(playing: StageClient, tables: None) -> None:
    shown = ask(playing, "partner", "describe", "app").json["Table"]
    assert shown.keys() == {"TableName", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes"}
    assert {tuple(sorted(index)) for index in shown["GlobalSecondaryIndexes"]} == {("IndexName", "KeySchema")}
    assert ask(playing, "reports", "describe", "app").json["Table"] == shown


def test_a_description_is_whole_for_who_may_list_everything(playing: StageClient, tables: None) -> None:
    shown = ask(playing, "admin", "describe", "app").json["Table"]
    assert {"ItemCount", "TableArn", "TableStatus"} <= shown.keys()
    refused(ask(playing, "partner", "describe", "orders"))


# An ARN.


def test_an_arn_counts_only_where_the_stage_lists_it(guarded: Start, items: None) -> None:
    arn = "arn:aws:dynamodb:us-east-1:000000000000:table/app"
    listed = guarded(TRUST_CALLER_HEADER="on", ALLOWED_TABLES=f"{arn},orders")
    assert ask(listed, "ann", "read", arn, **key(MINE)).status == 200
    refused(ask(listed, "ann", "read", arn, **key("user#u2")))
    refused(ask(listed, "ann", "read", arn.replace("0000", "9999"), **key(MINE)))
    assert ask(listed, "ann", "tables").json["TableNames"] == [arn, "orders"]
    everything = guarded(TRUST_CALLER_HEADER="on")
    refused(ask(everything, "ann", "read", arn, **key(MINE)))


# Tokens.


def test_a_token_is_another_for_every_caller_and_a_token_for_dynamodb() -> None:
    tokens = {
        callers_token(Caller(kind, id), token)
        for kind in ("user", "apiKey")
        for id in ("u1", "u2", 'u1","u1')
        for token in ("a", "b", "u1")
    }
    assert len(tokens) == 18
    assert {len(token) for token in tokens} == {36}
    assert callers_token(Caller("user", "u1"), "a") == callers_token(Caller("user", "u1"), "a")


@pytest.mark.parametrize("token", ["a" * 37, 5, None])
def test_what_is_no_token_is_refused_as_ever(playing: StageClient, items: None, token: Any) -> None:
    action = {"Put": {"TableName": "app", "Item": {"pk": MINE, "id": "1"}}}
    reply = ask(playing, "ann", "transactWrite", TransactItems=[action], ClientRequestToken=token)
    assert reply.status == 400


def test_one_callers_token_is_never_anothers(playing: StageClient, items: None) -> None:
    token = str(uuid4())

    def write(caller: str, pk: str) -> int:
        action = {"Put": {"TableName": "app", "Item": {"pk": pk, "id": "token"}}}
        return ask(playing, caller, "transactWrite", TransactItems=[action], ClientRequestToken=token).status

    assert write("ann", MINE) == 200
    assert write("admin", "user#u4") == 200
    assert write("ann", MINE) == 200
    assert write("ann", f"{MINE}2") == 403
    assert write("admin", "user#u5") == 409


# The declared key.


@pytest.fixture
def misdeclared(dynamodb: Any, guarded: Start) -> Iterator[StageClient]:
    """A stage whose rules name a key that is not the table's."""
    tables = {"misdeclared": {"key": ["pk", "id"]}}
    rule = {"id": "own", "effect": "allow", "do": ["*"], "where": {"pk": "mine"}}
    with made_table(dynamodb, "misdeclared"):
        yield guarded(rules_of({"tables": tables, "rules": [rule]}))


def test_a_wrong_declaration_lets_nothing_through(misdeclared: StageClient, dynamodb: Any) -> None:
    item = {"pk": "mine", "id": "theirs"}
    put = {"TableName": "misdeclared", "Item": item, **NEW}
    for _ in range(2):
        for reply in (
            misdeclared.ask("create", "misdeclared", {"Item": item}),
            misdeclared.ask("batchWrite", None, {"RequestItems": {"misdeclared": [{"PutRequest": {"Item": item}}]}}),
            misdeclared.ask("transactWrite", None, {"TransactItems": [{"Put": put}]}),
            misdeclared.ask("read", "misdeclared", {"Key": item}),
            misdeclared.ask("update", "misdeclared", {"Key": item}),
            misdeclared.ask("delete", "misdeclared", {"Key": item}),
        ):
            assert (reply.status, reply.json["Code"]) == (400, "ValidationException")
    assert dynamodb.scan(TableName="misdeclared")["Items"] == []


def test_dynamodb_is_asked_once_for_each_table(
    playing: StageClient, items: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway = playing.app
    called = []

    class Counting:
        def call(self, action: str, *arguments: Any, **more: Any) -> Any:
            called.append(action)
            return real.call(action, *arguments, **more)

    real = gateway.stage.dynamodb
    monkeypatch.setattr(gateway, "stage", gateway.stage._replace(dynamodb=Counting(), declared_keys=type(
        gateway.stage.declared_keys)()))  # fmt: skip
    for _ in range(2):
        ask(playing, "ann", "create", "app", Item={"pk": MINE, "id": "counted"})
    ask(playing, "ann", "create", "orders", Item={"pk": "acme#1", "sk": "counted"})
    assert called == ["GetItem", "PutItem", "PutItem", "GetItem", "PutItem"]


# What is said and what is logged.


def test_a_refusal_names_the_operation_the_table_and_what_the_request_named(playing: StageClient, tables: None) -> None:
    message = refused(ask(playing, "ann", "read", "app", **key("user#u2")))
    assert '"read"' in message
    assert '"app"' in message
    message = refused(ask(playing, "partner", "read", "app", **key("catalog"), ProjectionExpression="price, cost"))
    assert "cost" in message
    assert "price" not in message
    message = refused(ask(playing, "partner", "read", "app", **key("catalog")))
    assert "ProjectionExpression" in message
    message = refused(ask(playing, "editor", "create", "app", Item={"pk": MINE, "id": "1"}))
    assert "attribute_not_exists" in message


def test_a_refusal_names_no_attribute_that_the_request_did_not_name(playing: StageClient, tables: None) -> None:
    hidden = {"pk", "id", "sk", "n", "email", "secret", "role", "cost", "price", "total"}
    for caller, operation, table, payload in (
        ("partner", "read", "app", key("catalog")),
        ("staff", "read", "app", key(MINE)),
        ("staff", "delete", "app", key(MINE)),
        ("totals", "list", "counters", {"Select": "COUNT"}),
        ("reports", "list", "app", {"IndexName": "byEmail", "Select": "COUNT"}),
    ):
        words = refused(ask(playing, caller, operation, table, **payload)).replace('"', " ").replace(",", " ").split()
        assert not hidden & set(words)


def test_a_refusal_is_the_same_whatever_is_stored(playing: StageClient, items: None) -> None:
    there, not_there = (ask(playing, "ann", "read", "app", **key("user#u2", id)) for id in ("1", "none"))
    assert refused(there) == refused(not_there)


def test_a_refusal_of_an_event_quotes_no_attribute(guarded: Start) -> None:
    gateway = guarded()
    payload = {"Key": {"pk": "catalog", "id": "secret-value"}, "ProjectionExpression": "secret_name, #secret_alias"}
    event = {"operation": "read", "tableName": "app", "payload": payload}
    with pytest.raises(Exception, match="not understood") as raised:
        gateway.app(event, None)
    assert "secret" not in str(raised.value)


def test_the_log_has_the_caller_and_the_rule_that_decided(
    playing: StageClient, items: None, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[dict[str, Any]] = []

    class Stream:
        def write(self, text: str) -> None:
            lines.extend(json.loads(line) for line in text.splitlines())

        def flush(self) -> None: ...

    monkeypatch.setattr(playing.app.log.handlers[0], "stream", Stream())
    ask(playing, "ann", "read", "app", **key(MINE))
    ask(playing, "ann", "read", "app", **key("user#u2"))
    ask(playing, "ann", "delete", "orders", **order("acme#1"))
    ask(playing, None, "read", "app", **key(MINE))
    gets = [
        {"Get": {"TableName": "app", **key(MINE)}},
        {"Get": {"TableName": "orders", "Key": {"pk": "acme#1", "sk": "1"}}},
    ]
    ask(playing, "ann", "transactRead", TransactItems=gets)
    assert [line["rules"] for line in lines] == [["own-items"], [], ["no-delete"], [], ["own-items", "tenant"]]
    assert [(line.get("callerKind"), line.get("callerId")) for line in lines] == [
        *[("user", "u1")] * 3, (None, None), ("user", "u1")]  # fmt: skip


def test_the_log_of_a_stage_without_rules_has_no_caller(gateway: StageClient, log_lines: list[dict[str, Any]]) -> None:
    gateway.ask("ping")
    assert not {"callerKind", "callerId", "rules"} & log_lines[0].keys()
