"""What `make bench` compares: each contender prepares a call for a piece of work, or None for one that it cannot do.

A contender runs in a process of its own, so that its imports stand in its function.
"""

import importlib
import json
import os
from collections.abc import Callable
from typing import Any, NamedTuple

from perf.canned import Work
from perf.event import Call, calling, request_body


class Contender(NamedTuple):
    """One row. The label is Markdown."""

    label: str
    prepare: Callable[[Work], Call | None]


def tutorial(work: Work) -> Call | None:
    app = importlib.import_module("perf.tutorial.app").app
    return None if work.operation == "batchWrite" else calling(app, request_body(work, work.plain))


def powertools(work: Work) -> Call:
    import boto3
    from aws_lambda_powertools.event_handler import APIGatewayRestResolver

    app = APIGatewayRestResolver()
    dynamodb = boto3.resource("dynamodb")
    operations: dict[str, Callable[[str, dict[str, Any]], Any]] = {
        "create": lambda table, payload: dynamodb.Table(table).put_item(**payload),
        "read": lambda table, payload: dynamodb.Table(table).get_item(**payload),
        "list": lambda table, payload: dynamodb.Table(table).scan(**payload),
        "batchWrite": lambda _, payload: dynamodb.batch_write_item(**payload),
        "ping": lambda *_: "pong",
    }

    def dynamodb_manager() -> Any:
        request = app.current_event.json_body
        return operations[request["operation"]](request["tableName"], request["payload"])

    app.post("/DynamoDBManager")(dynamodb_manager)
    return calling(app.resolve, request_body(work, work.plain))


def client(work: Work) -> Call | None:
    import boto3

    made = boto3.client("dynamodb")
    methods = {action: method for method, action in made.meta.method_to_api_mapping.items()}
    if work.action is None:
        return None
    method, parameters = getattr(made, methods[work.action]), work.parameters
    return lambda: method(**parameters)


def client_dumps(work: Work) -> Call | None:
    call = client(work)
    return call and (lambda: json.dumps(call()))


def floor(work: Work) -> Call | None:
    import urllib3
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    url = os.environ["AWS_ENDPOINT_URL_DYNAMODB"] + "/"
    keys = (os.environ[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"))
    signer = SigV4Auth(Credentials(*keys), "dynamodb", os.environ["AWS_REGION"])
    pool = urllib3.PoolManager(ca_certs=os.environ["AWS_CA_BUNDLE"])
    convert: dict[str, Callable[[Any], Any]] = {
        "S": lambda value: value,
        "N": lambda text: int(text) if text.isdigit() else float(text),
        "BOOL": lambda value: value,
        "L": lambda members: [plain(member) for member in members],
        "M": lambda members: {name: plain(member) for name, member in members.items()},
    }

    def plain(value: dict[str, Any]) -> Any:
        ((kind, content),) = value.items()
        return convert[kind](content)

    def call() -> str:
        headers = {"X-Amz-Target": f"DynamoDB_20120810.{work.action}", "Content-Type": "application/x-amz-json-1.0"}
        request = AWSRequest("POST", url, headers, json.dumps(work.parameters).encode())
        signer.add_auth(request)
        response = pool.request("POST", url, body=request.data, headers=dict(request.headers))
        answer = json.loads(response.data)
        if "Item" in answer:
            answer["Item"] = convert["M"](answer["Item"])
        if "Items" in answer:
            answer["Items"] = [convert["M"](item) for item in answer["Items"]]
        return json.dumps(answer)

    return call if work.action else None


def ours(work: Work) -> Call:
    from app import app

    return calling(app, request_body(work, work.plain))


def ours_typed(work: Work) -> Call:
    from app import app

    return calling(app, request_body(work, work.typed, format="dynamodb-json"))


CONTENDERS = {
    "tutorial": Contender("the tutorial's handler", tutorial),
    "powertools": Contender("Powertools, one boto3 resource", powertools),
    "client": Contender("boto3 client, bare", client),
    "client_dumps": Contender("boto3 client and `json.dumps`, bare", client_dumps),
    "floor": Contender("the floor", floor),
    "ours": Contender("**ours, `json`**", ours),
    "ours_typed": Contender("**ours, `dynamodb-json`**", ours_typed),
}
