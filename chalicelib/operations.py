"""The operation table: every operation, the DynamoDB action behind it, and what IAM must allow for it."""

from typing import Literal, NamedTuple

# When the gateway may send a request again after DynamoDB's answer was lost. A request with a ClientRequestToken always
# may: DynamoDB applies it once.
Repeat = Literal["always", "without condition", "with token"]


class Operation(NamedTuple):
    """One row of the table. An operation without an action never reaches DynamoDB."""

    action: str | None
    iam_actions: tuple[str, ...] = ()
    repeat: Repeat = "always"


OPERATIONS: dict[str, Operation] = {
    "create": Operation("PutItem", ("dynamodb:PutItem",), "without condition"),
    "read": Operation("GetItem", ("dynamodb:GetItem",)),
    "update": Operation("UpdateItem", ("dynamodb:UpdateItem",), "with token"),
    "delete": Operation("DeleteItem", ("dynamodb:DeleteItem",), "without condition"),
    "list": Operation("Scan", ("dynamodb:Scan",)),
    "query": Operation("Query", ("dynamodb:Query",)),
    "batchRead": Operation("BatchGetItem", ("dynamodb:BatchGetItem",)),
    "batchWrite": Operation("BatchWriteItem", ("dynamodb:BatchWriteItem",)),
    "transactRead": Operation("TransactGetItems", ("dynamodb:GetItem",)),
    "transactWrite": Operation(
        "TransactWriteItems",
        ("dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:ConditionCheckItem"),
        "with token",
    ),
    # Only where a stage allows every table: otherwise ALLOWED_TABLES is the answer, and no policy allows ListTables.
    "tables": Operation("ListTables"),
    "describe": Operation("DescribeTable", ("dynamodb:DescribeTable",)),
    "echo": Operation(None),
    "ping": Operation(None),
}
