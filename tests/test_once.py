"""A write with a `ClientRequestToken` is applied once, and answers as the plain operation does."""

from typing import Any
from uuid import uuid4

import msgspec
import pytest

from chalicelib.once import is_once, plain_answer, restate_error, split
from tests.conftest import Reply, StageClient

FORMATS: dict[str, dict[str, Any]] = {
    "json": {"key": {"id": "1"}, "one": {":n": 1}, "item": {"id": "1", "tags": {"$set": ["a"]}}},
    "dynamodb-json": {
        "key": {"id": {"S": "1"}},
        "one": {":n": {"N": "1"}},
        "item": {"id": {"S": "1"}, "tags": {"SS": ["a"]}},
    },
}


class Writes:
    """The three writes on one table, in one format, each with a token of its own unless one is given."""

    def __init__(self, gateway: StageClient, table: str, format: str) -> None:
        self._gateway, self._table, self._format = gateway, table, format
        self.key, self.one, self.item = FORMATS[format].values()
        self.ask("delete", Key=self.key)

    def ask(self, operation: str, **payload: Any) -> Reply:
        payload.setdefault("ClientRequestToken", str(uuid4()))
        return self._gateway.ask(operation, self._table, payload, format=self._format)

    def count(self, **payload: Any) -> Reply:
        add = {"UpdateExpression": "ADD hits :n", "ExpressionAttributeValues": self.one}
        return self.ask("update", Key=self.key, **add, **payload)

    def read(self) -> Any:
        return self._gateway.ask("read", self._table, {"Key": self.key}, format=self._format).json.get("Item")


@pytest.fixture(params=FORMATS)
def writes(request: pytest.FixtureRequest, gateway: StageClient, table: str) -> Writes:
    return Writes(gateway, table, request.param)


def test_each_write_answers_as_the_plain_operation(writes: Writes) -> None:
    for reply in (writes.ask("create", Item=writes.item), writes.count(), writes.ask("delete", Key=writes.key)):
        assert (reply.status, reply.json.keys()) == (200, {"ResponseMetadata"})
    assert writes.read() is None


def test_a_create_stores_the_item(writes: Writes) -> None:
    writes.ask("create", Item=writes.item)
    assert writes.read() == writes.item


def test_an_update_that_is_sent_again_with_its_token_counts_once(writes: Writes) -> None:
    token = str(uuid4())
    assert [writes.count(ClientRequestToken=token).status for _ in range(3)] == [200] * 3
    assert writes.read() == {**writes.key, "hits": writes.one[":n"]}


def test_the_same_token_with_another_payload_is_a_409(writes: Writes) -> None:
    token = str(uuid4())
    writes.count(ClientRequestToken=token)
    reply = writes.ask("delete", Key=writes.key, ClientRequestToken=token)
    assert (reply.status, reply.json["Code"]) == (409, "IdempotentParameterMismatchException")


@pytest.mark.parametrize("asked", [True, False])
def test_a_failed_condition_is_the_error_of_the_plain_operation(writes: Writes, asked: bool) -> None:
    writes.ask("create", Item=writes.item)
    returned = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"} if asked else {}
    reply = writes.ask("create", Item=writes.item, ConditionExpression="attribute_not_exists(id)", **returned)
    assert (reply.status, reply.json["Code"]) == (409, "ConditionalCheckFailedException")
    assert reply.json["Message"] == "The conditional request failed"
    assert reply.json.get("Item") == (writes.item if asked else None)
    assert "CancellationReasons" not in reply.json


def test_consumed_capacity_has_the_shape_of_the_plain_operation(writes: Writes) -> None:
    reply = writes.count(ReturnConsumedCapacity="TOTAL")
    assert reply.json["ConsumedCapacity"]["TableName"]
    assert reply.json["ConsumedCapacity"]["CapacityUnits"] > 0


def test_item_collection_metrics_may_be_asked_for(writes: Writes) -> None:
    assert writes.count(ReturnItemCollectionMetrics="SIZE").status == 200


@pytest.mark.parametrize("value", ["", "x" * 37, 5, None])
def test_a_token_that_dynamodb_does_not_take_is_a_400(writes: Writes, value: Any) -> None:
    reply = writes.ask("create", Item=writes.item, ClientRequestToken=value)
    assert reply.status == 400
    assert reply.json["Message"] == "payload.ClientRequestToken: must be a string of 1 to 36 characters."


@pytest.mark.parametrize("characters", [1, 36])
def test_the_shortest_and_the_longest_token_are_taken(writes: Writes, characters: int) -> None:
    assert writes.count(ClientRequestToken=uuid4().hex.ljust(36, "x")[:characters]).status == 200


@pytest.mark.parametrize(
    ("operation", "payload", "says"),
    [
        ("delete", {"ReturnValues": "ALL_OLD"}, "payload.ReturnValues"),
        ("delete", {"Expected": {}}, "payload.Expected"),
        ("delete", {"ConditionalOperator": "AND"}, "payload.ConditionalOperator"),
        ("update", {}, '"UpdateExpression"'),
        ("update", {"AttributeUpdates": {}}, "payload.AttributeUpdates"),
        ("update", {"UpdateExpression": "REMOVE a", "Surplus": 1}, '"Surplus" is an unknown member'),
        ("update", {"UpdateExpression": 5}, "payload.UpdateExpression: must be a string"),
        ("delete", {"ReturnConsumedCapacity": 5}, "payload.ReturnConsumedCapacity: must be a string"),
    ],
)
def test_what_a_transaction_cannot_do_is_a_400(
    writes: Writes, operation: str, payload: dict[str, Any], says: str
) -> None:
    reply = writes.ask(operation, Key=writes.key, **payload)
    assert reply.status == 400
    assert says in reply.json["Message"]


def test_return_values_of_none_are_no_values(writes: Writes) -> None:
    assert writes.ask("delete", Key=writes.key, ReturnValues="NONE").status == 200


def test_an_event_with_a_token_counts_once(gateway: StageClient, table: str) -> None:
    update = {"UpdateExpression": "ADD hits :n", "ExpressionAttributeValues": {":n": 1}}
    payload = {"Key": {"id": "event"}, "ClientRequestToken": str(uuid4()), **update}
    for _ in range(2):
        gateway.app({"operation": "update", "tableName": table, "payload": payload}, None)
    assert gateway.ask("read", table, {"Key": {"id": "event"}}).json["Item"]["hits"] == 1


def test_only_a_plain_write_with_a_token_is_such_a_write() -> None:
    token = {"ClientRequestToken": "1"}
    for operation in ("create", "update", "delete"):
        assert is_once(operation, token)
        assert not is_once(operation, {})
    assert not is_once("transactWrite", token)


def test_what_belongs_to_the_transaction_is_not_part_of_the_write() -> None:
    transaction = {"ClientRequestToken": "1", "ReturnConsumedCapacity": "TOTAL", "ReturnItemCollectionMetrics": "SIZE"}
    write = {"TableName": "orders", "Item": {}, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    payload = {**write, **transaction, "ReturnValues": "NONE"}
    assert split("create", payload) == (write, {**transaction, "TransactItems": []})


def in_json(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer as the adapter has it: the members in JSON, except the error."""
    return {name: value if name == "Error" else raw(value) for name, value in answer.items()}


def raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def test_item_collection_metrics_have_the_shape_of_the_plain_operation() -> None:
    metrics = {"ItemCollectionKey": {"id": {"S": "1"}}, "SizeEstimateRangeGB": [0, 1]}
    answer = plain_answer(in_json({"ItemCollectionMetrics": {"orders": [metrics]}}))
    assert {name: msgspec.json.decode(value) for name, value in answer.items()} == {"ItemCollectionMetrics": metrics}
    assert plain_answer(in_json({"ItemCollectionMetrics": {}})) == {}


def restated(*reasons: dict[str, Any], code: str = "TransactionCanceledException") -> dict[str, Any]:
    answer = in_json({"Error": {"Code": code, "Message": "Cancelled"}, "CancellationReasons": list(reasons)})
    restate_error(answer)
    return answer


# Those of the API reference page "TransactWriteItems".
REASONS = {
    "ConditionalCheckFailed": "ConditionalCheckFailedException",
    "ItemCollectionSizeLimitExceeded": "ItemCollectionSizeLimitExceededException",
    "TransactionConflict": "TransactionConflictException",
    "ProvisionedThroughputExceeded": "ProvisionedThroughputExceededException",
    "ThrottlingError": "ThrottlingException",
    "ValidationError": "ValidationException",
}


@pytest.mark.parametrize(("reason", "code"), REASONS.items())
def test_the_reason_of_a_cancelled_transaction_is_the_error_of_the_plain_operation(reason: str, code: str) -> None:
    item = {"id": {"S": "1"}}
    assert restated({"Code": reason, "Message": "Why"}) == {"Error": {"Code": code, "Message": "Why"}}
    assert restated({"Code": reason}) == {"Error": {"Code": code, "Message": "Cancelled"}}
    assert restated({"Code": reason, "Item": item})["Item"] == raw(item)


def test_any_other_error_stays_what_it_is() -> None:
    conflict = {"Code": "TransactionConflict"}
    for kept in (
        restated(conflict, conflict),
        restated({}),
        restated({}, {}),
        restated({"Code": "BrandNew"}),
        restated(conflict, code="TransactionInProgressException"),
    ):
        assert kept["Error"]["Message"] == "Cancelled"
        assert "CancellationReasons" in kept
    without_reasons = {"Error": {"Code": "TransactionCanceledException", "Message": "Cancelled"}}
    answer = dict(without_reasons)
    restate_error(answer)
    assert answer == without_reasons
