"""A write that is applied once, where its transaction is cancelled: the error of the plain operation."""

import json
from typing import Any

import pytest

from tests.conftest import StageClient
from tests.faults.conftest import Clock
from tests.faults.scripted_dynamodb import Act, Server, answer

CREATE = {"Item": {"id": "1"}, "ClientRequestToken": "token"}


def cancel(*reasons: dict[str, Any]) -> Act:
    body = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled",
        "CancellationReasons": reasons,
    }
    return answer(json.dumps(body).encode(), 400)


REASONS = {
    "ConditionalCheckFailed": (409, "ConditionalCheckFailedException"),
    "TransactionConflict": (409, "TransactionConflictException"),
    "ValidationError": (400, "ValidationException"),
    "ItemCollectionSizeLimitExceeded": (400, "ItemCollectionSizeLimitExceededException"),
}


@pytest.mark.parametrize(("reason", "status", "code"), [(reason, *told) for reason, told in REASONS.items()])
def test_a_reason_is_told_as_the_plain_operations_error(
    gateway: StageClient, server: Server, clock: Clock, reason: str, status: int, code: str
) -> None:
    server.script.extend([cancel({"Code": reason, "Message": "Because."})] * 3)
    reply = gateway.ask("create", "orders", CREATE)
    assert (reply.status, reply.json["Code"], reply.json["Message"]) == (status, code, "Because.")


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("ThrottlingError", "ThrottlingException"),
        ("ProvisionedThroughputExceeded", "ProvisionedThroughputExceededException"),
    ],
)
def test_throttling_is_repeated_and_then_told(
    gateway: StageClient, server: Server, clock: Clock, reason: str, code: str
) -> None:
    server.script.extend([cancel({"Code": reason, "Message": "Slow down."})] * 3)
    reply = gateway.ask("create", "orders", CREATE)
    assert (reply.status, reply.json["Code"], reply.headers["Retry-After"]) == (429, code, "1")
    assert [request["ClientRequestToken"] for request in server.requests] == ["token"] * 3


@pytest.mark.parametrize("reasons", [[], [{"Code": "TransactionConflict"}] * 2, [{"Code": "BrandNew"}], [{}]])
def test_what_no_single_known_reason_explains_stays_the_transactions_own_error(
    gateway: StageClient, server: Server, clock: Clock, reasons: list[dict[str, Any]]
) -> None:
    server.script.append(cancel(*reasons))
    reply = gateway.ask("create", "orders", CREATE)
    assert (reply.status, reply.json["Code"]) == (409, "TransactionCanceledException")
    assert reply.json["CancellationReasons"] == reasons


def test_a_transaction_of_the_callers_own_keeps_its_error(gateway: StageClient, server: Server, clock: Clock) -> None:
    server.script.append(cancel({"Code": "ConditionalCheckFailed"}))
    put = {"Put": {"TableName": "orders", "Item": {"id": "1"}}}
    reply = gateway.ask("transactWrite", payload={"TransactItems": [put]})
    assert (reply.status, reply.json["Code"]) == (409, "TransactionCanceledException")
