"""Chalice with one boto3 resource for all requests."""

from typing import Any

import boto3
from chalice import Chalice

from perf.canned import Work
from perf.event import Call, calling, request_body

app = Chalice("resource")
dynamodb = boto3.resource("dynamodb")

OPERATIONS = {
    "create": lambda table, payload: dynamodb.Table(table).put_item(**payload),
    "read": lambda table, payload: dynamodb.Table(table).get_item(**payload),
    "list": lambda table, payload: dynamodb.Table(table).scan(**payload),
    "batchWrite": lambda _, payload: dynamodb.batch_write_item(**payload),
    "ping": lambda *_: "pong",
}


@app.route("/DynamoDBManager", methods=["POST"])
def dynamodb_manager() -> Any:
    request = app.current_request.json_body
    return OPERATIONS[request["operation"]](request["tableName"], request["payload"])


def prepare(work: Work) -> Call:
    return calling(app, request_body(work, work.plain))
