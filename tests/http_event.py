"""The event that API Gateway sends for a request to the resource."""

from typing import Any


def http_event(body: str | None, content_type: str = "application/json", **request_context: Any) -> dict[str, Any]:
    """Return the event of a REST API; `request_context` adds to its `requestContext`."""
    return {
        "headers": {"Content-Type": content_type},
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {"httpMethod": "POST", "resourcePath": "/DynamoDBManager", **request_context},
        "body": body,
        "isBase64Encoded": False,
    }
