"""The operation table: every operation, the DynamoDB action behind it, and what IAM must allow for it."""

from typing import NamedTuple


class Operation(NamedTuple):
    """One row of the table. An operation without an action never reaches DynamoDB."""

    action: str | None
    iam_actions: tuple[str, ...]


OPERATIONS: dict[str, Operation] = {
    "create": Operation("PutItem", ("dynamodb:PutItem",)),
    "read": Operation("GetItem", ("dynamodb:GetItem",)),
    "update": Operation("UpdateItem", ("dynamodb:UpdateItem",)),
    "delete": Operation("DeleteItem", ("dynamodb:DeleteItem",)),
    "list": Operation("Scan", ("dynamodb:Scan",)),
    "query": Operation("Query", ("dynamodb:Query",)),
    "batchRead": Operation("BatchGetItem", ("dynamodb:BatchGetItem",)),
    "batchWrite": Operation("BatchWriteItem", ("dynamodb:BatchWriteItem",)),
    "transactRead": Operation("TransactGetItems", ("dynamodb:GetItem",)),
    "transactWrite": Operation(
        "TransactWriteItems",
        ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"),
    ),
    "echo": Operation(None, ()),
    "ping": Operation(None, ()),
}
