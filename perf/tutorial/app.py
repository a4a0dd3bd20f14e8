"""The tutorial's handler, a boto3 resource for each request, behind a Chalice route."""

from typing import Any

import boto3
from chalice import Chalice

app = Chalice("tutorial")


@app.route("/DynamoDBManager", methods=["POST"])
def dynamodb_manager() -> Any:
    event = app.current_request.json_body
    operation = event["operation"]
    if "tableName" in event:
        dynamo = boto3.resource("dynamodb").Table(event["tableName"])
    operations = {
        "create": lambda x: dynamo.put_item(**x),
        "read": lambda x: dynamo.get_item(**x),
        "update": lambda x: dynamo.update_item(**x),
        "delete": lambda x: dynamo.delete_item(**x),
        "list": lambda x: dynamo.scan(**x),
        "echo": lambda x: x,
        "ping": lambda x: "pong",
    }
    if operation in operations:
        return operations[operation](event.get("payload"))
    raise ValueError(f'Unrecognized operation "{operation}"')
