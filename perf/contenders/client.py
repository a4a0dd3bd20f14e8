"""A boto3 client's call and nothing around it."""

import boto3

from perf.canned import Work
from perf.event import Call

client = boto3.client("dynamodb")

METHODS = {action: getattr(client, method) for method, action in client.meta.method_to_api_mapping.items()}


def prepare(work: Work) -> Call | None:
    if work.action is None:
        return None
    method, parameters = METHODS[work.action], work.parameters
    return lambda: method(**parameters)
