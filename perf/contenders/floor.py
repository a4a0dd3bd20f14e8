"""The floor: sign, send and convert by hand, without the SDK's client around it."""

import json
import os
from typing import Any

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from perf.canned import Work
from perf.event import Call

URL = os.environ["AWS_ENDPOINT_URL_DYNAMODB"] + "/"

credentials = Credentials(
    os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], os.environ["AWS_SESSION_TOKEN"]
)
signer = SigV4Auth(credentials, "dynamodb", os.environ["AWS_REGION"])
pool = urllib3.PoolManager()

CONVERT = {
    "S": lambda value: value,
    "N": lambda text: int(text) if text.isdigit() else float(text),
    "BOOL": lambda value: value,
    "L": lambda members: [plain(member) for member in members],
    "M": lambda members: {name: plain(member) for name, member in members.items()},
}


def plain(value: dict[str, Any]) -> Any:
    ((kind, content),) = value.items()
    return CONVERT[kind](content)


def call(action: str, parameters: dict[str, Any]) -> str:
    headers = {"X-Amz-Target": f"DynamoDB_20120810.{action}", "Content-Type": "application/x-amz-json-1.0"}
    request = AWSRequest("POST", URL, headers, json.dumps(parameters).encode())
    signer.add_auth(request)
    response = pool.request("POST", URL, body=request.data, headers=dict(request.headers))
    answer = json.loads(response.data)
    if "Item" in answer:
        answer["Item"] = CONVERT["M"](answer["Item"])
    if "Items" in answer:
        answer["Items"] = [CONVERT["M"](item) for item in answer["Items"]]
    return json.dumps(answer)


def prepare(work: Work) -> Call | None:
    action, parameters = work.action, work.parameters
    return (lambda: call(action, parameters)) if action else None
