"""A boto3 session whose DynamoDB calls travel through the gateway, for code that has boto3 calls already.

Each call is taken off the wire, where it is DynamoDB's own JSON, and sent by a `Client`, which repeats what may be
repeated. Answers and errors are boto3's own: a ClientError with DynamoDB's code, or the gateway's.
"""

import io
import json
from typing import Any

import boto3
import botocore.session
from botocore.awsrequest import AWSPreparedRequest, AWSResponse

from clients.python.dynamodb_manager import ApiError, Client, is_repeatable, to_text

OPERATIONS = {
    "PutItem": "create",
    "GetItem": "read",
    "UpdateItem": "update",
    "DeleteItem": "delete",
    "Scan": "list",
    "Query": "query",
    "BatchGetItem": "batchRead",
    "BatchWriteItem": "batchWrite",
    "TransactGetItems": "transactRead",
    "TransactWriteItems": "transactWrite",
    "ListTables": "tables",
    "DescribeTable": "describe",
}


def session_through(client: Client) -> boto3.Session:
    """Make a session that needs no AWS credentials and no region. Other actions of DynamoDB are refused."""

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        action = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        status, body = _exchange(client, action, json.loads(request.body))
        headers = {"x-amzn-requestid": str(body.get("ResponseMetadata", body).get("RequestId"))}
        response = AWSResponse(request.url, status, headers, io.BytesIO())
        response._content = to_text(body).encode()
        return response

    session = botocore.session.Session()
    # What is signed with these goes no further than to `send`.
    session.set_credentials("unused", "unused")
    session.set_config_variable("region", "us-east-1")
    session.register("before-send.dynamodb", send)
    return boto3.Session(botocore_session=session)


def _exchange(client: Client, action: str, parameters: dict[str, Any]) -> tuple[int, Any]:
    if action not in OPERATIONS:
        return 400, {"__type": "BadRequestError", "message": f"The gateway has no {action}."}
    operation = OPERATIONS[action]
    table = {"tableName": parameters.pop("TableName")} if "TableName" in parameters else {}
    call = {"operation": operation, **table, "payload": parameters, "format": "dynamodb-json"}
    try:
        return 200, client.send(to_text(call), is_repeatable(operation, parameters))
    except ApiError as error:
        # Not the status: boto3 would repeat a request that may not be repeated.
        return 400, {"__type": error.code, "message": error.message, "RequestId": error.request_id, **error.details}
