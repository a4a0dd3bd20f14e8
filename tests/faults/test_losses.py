"""No write is applied twice: what happens after DynamoDB applied a request and its answer was lost on the way back.

`LOSSES=2000` loses at least so many answers; by default every case loses one in every way. `COUNT=10000` is what the
clients count to.
"""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from chalicelib.connections import Network
from chalicelib.dynamodb import DynamoDB
from tests.conftest import Reply, StageClient
from tests.faults.losing_proxy import LOSSES, Forwarded, LosingProxy, Loss, losing_proxy

UNKNOWN = "may or may not have been applied"


class Case(NamedTuple):
    """A request, what the item is before and after it, and whether the gateway may repeat it.

    `{id}` and `{table}` stand for those of the item, and `{token}` for a token of the caller.
    """

    operation: str
    payload: dict[str, Any]
    after: dict[str, Any] | None
    repeatable: bool


OLD = {"n": 1, "list": [1]}
NEW = {"n": 5}
KEY = {"Key": {"id": "{id}"}}
ITEM = {"Item": {"id": "{id}", **NEW}}
HAS_ID = {"ConditionExpression": "attribute_exists(id)"}
ALL_OLD = {"ReturnValues": "ALL_OLD"}
TOKEN = {"ClientRequestToken": "{token}"}
ADD = {**KEY, "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": 1}}
SET = {**KEY, "UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": 5}}
APPEND = {**KEY, "UpdateExpression": "SET #l = list_append(#l, :l)", "ExpressionAttributeNames": {"#l": "list"}}
APPEND["ExpressionAttributeValues"] = {":l": [1]}
ONE_VERSION = {"ConditionExpression": "n = :seen", "ExpressionAttributeValues": {":n": 1, ":seen": 1}}
IN_TRANSACTION = {"TransactItems": [{"Update": {"TableName": "{table}", **ADD}}]}
ADDED = {**OLD, "n": 2}

CASES: dict[str, Case] = {
    "create": Case("create", ITEM, NEW, True),
    "create under a condition": Case("create", {**ITEM, **HAS_ID}, NEW, False),
    "create under a legacy condition": Case("create", {**ITEM, "Expected": {"n": {"Value": 1}}}, NEW, False),
    "create that returns": Case("create", {**ITEM, **ALL_OLD}, NEW, False),
    "update that adds": Case("update", ADD, ADDED, False),
    "update that appends": Case("update", APPEND, {**OLD, "list": [1, 1]}, False),
    "update that sets": Case("update", SET, {**OLD, "n": 5}, False),
    "update under a condition": Case("update", {**ADD, **ONE_VERSION}, ADDED, False),
    "update that returns": Case("update", {**ADD, "ReturnValues": "ALL_NEW"}, ADDED, False),
    "legacy update that adds": Case(
        "update", {**KEY, "AttributeUpdates": {"n": {"Action": "ADD", "Value": 1}}}, ADDED, False
    ),
    "delete": Case("delete", KEY, None, True),
    "delete under a condition": Case("delete", {**KEY, **HAS_ID}, None, False),
    "delete that returns": Case("delete", {**KEY, **ALL_OLD}, None, False),
    "batchWrite that puts": Case("batchWrite", {"RequestItems": {"{table}": [{"PutRequest": ITEM}]}}, NEW, True),
    "batchWrite that deletes": Case("batchWrite", {"RequestItems": {"{table}": [{"DeleteRequest": KEY}]}}, None, True),
    "transactWrite": Case("transactWrite", IN_TRANSACTION, ADDED, True),
    "transactWrite with a token": Case("transactWrite", {**IN_TRANSACTION, **TOKEN}, ADDED, True),
    "transactWrite under a condition": Case(
        "transactWrite", {"TransactItems": [{"Update": {"TableName": "{table}", **ADD, **ONE_VERSION}}]}, ADDED, True
    ),
    "create with a token": Case("create", {**ITEM, **HAS_ID, **TOKEN}, NEW, True),
    "update with a token": Case("update", {**ADD, **TOKEN}, ADDED, True),
    "update under a condition with a token": Case("update", {**ADD, **ONE_VERSION, **TOKEN}, ADDED, True),
    "delete with a token": Case("delete", {**KEY, **HAS_ID, **TOKEN}, None, True),
    "read": Case("read", KEY, OLD, True),
    "list": Case("list", {"Limit": 1}, OLD, True),
    "query": Case(
        "query", {"KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": "{id}"}}, OLD, True
    ),
    "batchRead": Case("batchRead", {"RequestItems": {"{table}": {"Keys": [{"id": "{id}"}]}}}, OLD, True),
    "transactRead": Case("transactRead", {"TransactItems": [{"Get": {"TableName": "{table}", **KEY}}]}, OLD, True),
}
ROUNDS = -(-int(os.environ.get("LOSSES", "1")) // (len(CASES) * len(LOSSES)))


@pytest.fixture(scope="module")
def proxy() -> Iterator[LosingProxy]:
    with losing_proxy(os.environ["AWS_ENDPOINT_URL_DYNAMODB"]) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def gateway(stage: Any) -> StageClient:
    """A gateway for this module alone."""
    gateway: StageClient = stage()
    return gateway


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_lost_answer_is_asked_for_again_only_where_that_changes_nothing(
    gateway: StageClient, proxy: LosingProxy, table: str, case: Case, loss: str
) -> None:
    for number in range(ROUNDS):
        gateway.use(DynamoDB(proxy.endpoint, Network(sleep=lambda _: None, connect=proxy.connect)))
        reply, forwarded, item = asked(gateway, proxy, table, case, [loss] * (1 + number % 2))
        statuses = [status for _, status in forwarded]
        if case.repeatable:
            assert reply.status == 200, reply.text
            assert statuses == [200] * (2 + number % 2)
        else:
            assert reply.status == (504 if loss == "by silence" else 503), reply.text
            assert UNKNOWN in reply.json["Message"]
            assert statuses == [200]
        assert item == case.after


def asked(
    gateway: StageClient, proxy: LosingProxy, table: str, case: Case, losses: list[str]
) -> tuple[Reply, list[Forwarded], Any]:
    """Ask about an item of its own, lose the answers, and return the reply, what was forwarded, and the item."""
    values = {"id": str(uuid4()), "table": table, "token": str(uuid4())}
    proxy.next_loss = lambda: None
    key = {"id": values["id"]}
    gateway.ask("create", table, {"Item": {**key, **OLD}})
    lost = iter(losses)
    proxy.next_loss = lambda: LOSSES.get(next(lost, ""))
    proxy.forwarded.clear()
    in_payload = "{table}" in str(case.payload)
    reply = gateway.ask(case.operation, None if in_payload else table, _filled(case.payload, values))
    forwarded = [*proxy.forwarded]
    proxy.next_loss = lambda: None
    item = gateway.ask("read", table, {"Key": key, "ConsistentRead": True}).json.get("Item")
    return reply, forwarded, item and {name: value for name, value in item.items() if name != "id"}


def _filled(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, str) and value.startswith("{"):
        return value.format(**values)
    if isinstance(value, list):
        return [_filled(member, values) for member in value]
    if isinstance(value, dict):
        return {_filled(name, values): _filled(member, values) for name, member in value.items()}
    return value


CLIENTS = 64
COUNT = int(os.environ.get("COUNT", "320"))
# After these errors a client sends the same request again.
PASSING = {
    "ServiceUnavailableError",
    "InternalServerError",
    "GatewayTimeoutError",
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "TransactionConflictException",
    "TransactionInProgressException",
}


def count_up(gateway: StageClient, proxy: LosingProxy, table: str, token: bool) -> tuple[int, int]:
    """Let the clients count up one item while a tenth of the answers is lost; return the count, and how many were."""
    chance = random.Random(1)
    lost: list[str] = []

    def next_loss() -> Loss | None:
        if chance.random() >= 0.1:
            return None
        # Silence would take as long as DynamoDB may take to answer.
        lost.append(chance.choice([name for name in LOSSES if name != "by silence"]))
        return LOSSES[lost[-1]]

    key = {"id": str(uuid4())}
    add = {"Key": key, "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": 1}}

    def add_one(_: int) -> None:
        payload = {**add, "ClientRequestToken": str(uuid4())} if token else add
        event = {"operation": "update", "tableName": table, "payload": payload}
        while True:
            try:
                gateway.app(event, None)
                return
            except Exception as error:
                if type(error).__name__ not in PASSING:
                    raise

    proxy.next_loss = next_loss
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(add_one, range(COUNT)))
    proxy.next_loss = lambda: None
    return gateway.ask("read", table, {"Key": key}).json["Item"]["n"], len(lost)


def test_64_clients_that_repeat_with_a_token_count_exactly(
    gateway: StageClient, proxy: LosingProxy, table: str
) -> None:
    gateway.use(DynamoDB(proxy.endpoint))
    counted, lost = count_up(gateway, proxy, table, token=True)
    print(f"{COUNT} counted with a token as {counted}, {lost} answers lost")
    assert counted == COUNT
    assert lost > COUNT / 20


def test_clients_that_repeat_without_a_token_count_what_they_repeat(
    gateway: StageClient, proxy: LosingProxy, table: str
) -> None:
    gateway.use(DynamoDB(proxy.endpoint))
    counted, lost = count_up(gateway, proxy, table, token=False)
    print(f"{COUNT} counted without a token as {counted}, {lost} answers lost")
    assert counted == COUNT + lost
