"""Many items at once: batches, their limits and what they leave; transactions, their tokens and their reasons."""

from typing import Any

import pytest

from tests.conformance.conftest import TABLE, Ask


def key(at: int, id_: str = "a") -> dict[str, Any]:
    return {"id": {"S": id_}, "at": {"N": str(at)}}


def put(at: int, **attributes: Any) -> dict[str, Any]:
    return {"PutRequest": {"Item": {**key(at), **attributes}}}


def write(ask: Ask, *requests: dict[str, Any], **parameters: Any) -> Any:
    return ask("batch_write_item", RequestItems={TABLE: [*requests]}, **parameters)


def test_a_batch_writes_deletes_and_reads_back_alike(ask: Ask) -> None:
    items = [put(at, list={"L": [{"B": b"\x00"}]}, map={"M": {"$set": {"NS": ["1"]}}}) for at in range(25)]
    assert write(ask, *items, ReturnConsumedCapacity="INDEXES")["UnprocessedItems"] == {}
    assert write(ask, {"DeleteRequest": {"Key": key(0)}}, ReturnItemCollectionMetrics="SIZE")["status"] == 200
    wanted = {"Keys": [key(at) for at in range(25)], "ConsistentRead": True}
    answer = ask("batch_get_item", RequestItems={TABLE: wanted}, ReturnConsumedCapacity="TOTAL")
    assert len(answer["Responses"][TABLE]) == 24


def test_a_batch_read_projects_alike(ask: Ask) -> None:
    write(ask, put(1, list={"L": [{"S": "a"}, {"S": "b"}]}))
    wanted = {
        "Keys": [key(1), key(2)],
        "ProjectionExpression": "#list[1], #at",
        "ExpressionAttributeNames": {"#list": "list", "#at": "at"},
    }
    answer = ask("batch_get_item", RequestItems={TABLE: wanted})
    assert answer["Responses"][TABLE] == [{"at": {"N": "1"}, "list": {"L": [{"S": "b"}]}}]
    assert ask("batch_get_item", RequestItems={TABLE: {"Keys": [key(1)], "AttributesToGet": ["at"]}})["status"] == 200


@pytest.mark.parametrize("count", [0, 26])
def test_a_batch_of_a_wrong_size_is_refused_in_the_same_words(ask: Ask, count: int) -> None:
    assert write(ask, *[put(at) for at in range(count)])["Error"]["Code"] == "ValidationException"
    wanted = {"Keys": [key(at) for at in range(count and 101)]}
    assert ask("batch_get_item", RequestItems={TABLE: wanted})["Error"]["Code"] == "ValidationException"


def test_a_batch_with_a_key_twice_is_refused_in_the_same_words(ask: Ask) -> None:
    assert write(ask, put(1), put(1))["Error"]["Code"] == "ValidationException"
    twice = {"Keys": [key(1), key(1)]}
    assert ask("batch_get_item", RequestItems={TABLE: twice})["Error"]["Code"] == "ValidationException"


def test_a_batch_on_no_table_or_a_missing_one_is_refused_in_the_same_words(ask: Ask) -> None:
    assert ask("batch_get_item", RequestItems={})["Error"]["Code"] == "ValidationException"
    missing = {f"{TABLE}-nowhere": [put(1)]}
    assert ask("batch_write_item", RequestItems=missing)["Error"]["Code"] == "ResourceNotFoundException"


def test_keys_beyond_16_mb_come_back_unprocessed_and_are_read_next(ask: Ask) -> None:
    for at in range(45):
        write(ask, put(at, x={"S": "x" * 390_000}))
    wanted: dict[str, Any] = {TABLE: {"Keys": [key(at) for at in range(45)], "ProjectionExpression": "id"}}
    found = 0
    while wanted:
        answer = ask("batch_get_item", RequestItems=wanted)
        found += len(answer["Responses"][TABLE])
        wanted = answer["UnprocessedKeys"]
    assert found == 45


def transact(ask: Ask, *items: dict[str, Any], **parameters: Any) -> Any:
    named = [{kind: {"TableName": TABLE, **action} for kind, action in item.items()} for item in items]
    return ask("transact_write_items", TransactItems=named, **parameters)


def test_a_transaction_of_every_kind_is_applied_as_one(ask: Ask) -> None:
    write(ask, put(1), put(2), put(3))
    written = transact(
        ask,
        {"Put": {"Item": {**key(4), "b": {"BS": [b"\x01"]}}}},
        {
            "Update": {
                "Key": key(1),
                "UpdateExpression": "SET n = :n",
                "ExpressionAttributeValues": {":n": {"N": "1.10"}},
            }
        },
        {"Delete": {"Key": key(2)}},
        {"ConditionCheck": {"Key": key(3), "ConditionExpression": "attribute_exists(id)"}},
        ReturnConsumedCapacity="INDEXES",
        ReturnItemCollectionMetrics="SIZE",
    )
    assert written["status"] == 200
    gets = [{"Get": {"TableName": TABLE, "Key": key(at)}} for at in (1, 2, 4)]
    read = ask("transact_get_items", TransactItems=gets, ReturnConsumedCapacity="TOTAL")
    assert [("Item" in response) for response in read["Responses"]] == [True, False, True]


def test_a_cancelled_transaction_gives_the_same_reasons_and_items(ask: Ask) -> None:
    write(ask, put(1, map={"M": {"$binary": {"NS": ["1", "2"]}}}, n={"S": "a"}))
    refused = transact(
        ask,
        {"Put": {"Item": key(2)}},
        {
            "Put": {
                "Item": key(1),
                "ConditionExpression": "attribute_not_exists(id)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            }
        },
        {"ConditionCheck": {"Key": key(3), "ConditionExpression": "attribute_exists(id)"}},
    )
    assert [reason["Code"] for reason in refused["CancellationReasons"]] == ["None", *["ConditionalCheckFailed"] * 2]
    assert refused["CancellationReasons"][1]["Item"]["map"] == {"M": {"$binary": {"NS": ["1", "2"]}}}


def test_a_bad_value_in_a_transaction_is_refused_in_the_same_words(ask: Ask) -> None:
    write(ask, put(1, n={"S": "a"}))
    refused = transact(
        ask,
        {
            "Update": {
                "Key": key(1),
                "UpdateExpression": "ADD n :n",
                "ExpressionAttributeValues": {":n": {"N": "1"}},
            }
        },
    )
    assert refused["Error"]["Code"] == "ValidationException"


def test_a_token_makes_a_repeated_transaction_one(ask: Ask) -> None:
    add = {"Update": {"Key": key(1), "UpdateExpression": "ADD n :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}}
    for _ in range(2):
        assert transact(ask, add, ClientRequestToken=TABLE)["status"] == 200
    assert ask("get_item", TableName=TABLE, Key=key(1))["Item"]["n"] == {"N": "1"}
    other = transact(ask, {"Delete": {"Key": key(1)}}, ClientRequestToken=TABLE)
    assert other["Error"]["Code"] == "IdempotentParameterMismatchException"


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{"Put": {"Item": key(1)}}, {"Delete": {"Key": key(1)}}],
        [{"Put": {"Item": key(at)}} for at in range(101)],
        [{"Put": {"Item": key(1)}, "Delete": {"Key": key(2)}}],
        [{}],
        [{"Update": {"Key": key(1), "UpdateExpression": "SET"}}],
    ],
)
def test_a_bad_transaction_is_refused_in_the_same_words(ask: Ask, items: list[dict[str, Any]]) -> None:
    assert transact(ask, *items)["status"] == 400


def test_a_bad_transactional_read_is_refused_in_the_same_words(ask: Ask) -> None:
    twice = [{"Get": {"TableName": TABLE, "Key": key(1)}}] * 2
    assert ask("transact_get_items", TransactItems=twice)["status"] == 400
    assert ask("transact_get_items", TransactItems=[])["status"] == 400
