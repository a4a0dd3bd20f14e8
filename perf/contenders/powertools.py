"""Powertools for AWS Lambda: APIGatewayRestResolver with one boto3 resource."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver

from perf.canned import Work
from perf.contenders.resource import OPERATIONS
from perf.event import Call, calling, request_body

app = APIGatewayRestResolver()


@app.post("/DynamoDBManager")
def dynamodb_manager() -> Any:
    request = app.current_event.json_body
    return OPERATIONS[request["operation"]](request["tableName"], request["payload"])


def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)


def prepare(work: Work) -> Call:
    return calling(lambda_handler, request_body(work, work.plain))
