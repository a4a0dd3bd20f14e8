"""Calls of a Lambda handler, with the event that API Gateway sends it."""

import json
from collections.abc import Callable
from typing import Any

from perf.canned import Work

Call = Callable[[], object]


class Context:
    """What Lambda passes along, as far as a contender looks at it."""

    function_name = "bench"
    function_version = "1"
    memory_limit_in_mb = 128
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench"
    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"


def gateway_event(body: str) -> dict[str, Any]:
    headers = {
        "Accept": "*/*",
        "Content-Type": "application/json",
        "Host": "abcdefghij.execute-api.us-east-1.amazonaws.com",
        "User-Agent": "bench",
        "X-Amzn-Trace-Id": "Root=1-5e66d96f-7491f09xmpl79d18acf3d050",
        "X-Forwarded-For": "203.0.113.1",
        "X-Forwarded-Port": "443",
        "X-Forwarded-Proto": "https",
    }
    return {
        "resource": "/DynamoDBManager",
        "path": "/DynamoDBManager",
        "httpMethod": "POST",
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "abcdefghij",
            "domainName": "abcdefghij.execute-api.us-east-1.amazonaws.com",
            "extendedRequestId": "JKJaXmPLvHcESHA=",
            "httpMethod": "POST",
            "identity": {"sourceIp": "203.0.113.1", "userAgent": "bench"},
            "path": "/Prod/DynamoDBManager",
            "protocol": "HTTP/1.1",
            "requestId": "a1b2c3d4-0000-4000-8000-000000000000",
            "resourceId": "abc123",
            "resourcePath": "/DynamoDBManager",
            "stage": "Prod",
        },
        "body": body,
        "isBase64Encoded": False,
    }


def request_body(work: Work, payload: dict[str, Any], **fields: str) -> str:
    return json.dumps({"operation": work.operation, "tableName": work.table, "payload": payload, **fields})


def calling(handler: Callable[..., Any], body: str) -> Call:
    """A call that fails where the handler does not answer 200."""
    event = gateway_event(body)

    def call() -> None:
        response = handler(event, Context)
        assert response["statusCode"] == 200, response

    call()
    return call
