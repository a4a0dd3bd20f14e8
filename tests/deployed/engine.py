"""The emulated AWS of the deploy tests: ministack, and what it lacks to take a Chalice deploy.

Runs in a virtual environment of its own (requirements-engine.txt). `python engine.py` serves on
127.0.0.1:$GATEWAY_PORT until it is terminated.

Bridged here; each can be seen by deleting its lines and running these tests:

- ImportRestApi and PutRestApi: POST /restapis?mode=import creates an empty API, PUT answers 400;
- an imported API forgets binary media types, request templates and integration responses, so that a
  preflight answers 200 without a CORS header;
- CloudWatch makes no metrics of log lines in the embedded metric format (`list_metrics`);
- an alarm looks at every metric of its name, whatever the dimensions (`describe_alarms` after a good request);
- an alarm on an expression over metrics is refused (`create_stack`);
- API Gateway publishes no metrics of the calls that it answers or refuses;
- a REST API does not tell the function which API key a call came with (`requestContext.identity.apiKeyId`);
- an HTTP API sends format 2.0 whatever its integration says, and reads no CORS configuration that CloudFormation made.

Left alone, because nothing here can prove them: a stage from CloudFormation drops AccessLogSetting or, of an HTTP API,
its throttling (`get_stage`), an alias sends all to its version whatever share another has, a global table drops its
time to live and its replicas' settings (`describe_time_to_live`, `describe_continuous_backups`), nothing is compressed,
and a stage without minimum_compression_size could not be deployed twice (`get_rest_api` answers "" for the number).
"""

import json
import time
from collections.abc import Mapping
from typing import Any

from ministack import app
from ministack.services import apigateway as http_gateway
from ministack.services import apigateway_v1 as gateway
from ministack.services import cloudwatch, cloudwatch_logs, lambda_svc
from ministack.services.cloudformation import provisioners

Json = dict[str, Any]

_handle_request = gateway.handle_request
_import_operation = gateway._import_operation
_append_log_events = cloudwatch_logs._append_log_events
_evaluate_alarm = cloudwatch._evaluate_alarm
_metric_alarm_record = provisioners._cw_metric_alarm_record
_handle_execute_api_request = app._handle_execute_api_request
_execute_function = lambda_svc._execute_function_with_config_scope
_cors_headers = http_gateway._cors_response_headers
_cors_preflight = http_gateway._cors_preflight_response


async def handle_request(
    method: str, path: str, headers: Mapping[str, str], body: bytes, query: Mapping[str, list[str]]
) -> tuple[int, Json, bytes]:
    match method, path.strip("/").split("/"):
        case "POST", ["restapis"] if query.get("mode") == ["import"]:
            return import_rest_api(json.loads(body), query["endpointConfigurationTypes"])
        case "PUT", ["restapis", api_id] if query.get("mode") == ["overwrite"]:
            return put_rest_api(api_id, json.loads(body))
    answer: tuple[int, Json, bytes] = await _handle_request(method, path, headers, body, query)
    return answer


def import_rest_api(document: Json, endpoint_types: list[str]) -> tuple[int, Json, bytes]:
    api_id = gateway._import_rest_api(
        document,
        {
            "endpointConfiguration": {"types": endpoint_types},
            "binaryMediaTypes": document.get("x-amazon-apigateway-binary-media-types", []),
        },
    )
    status, headers, body = gateway._get_rest_api(api_id)
    return 201 if status == 200 else status, headers, body


def put_rest_api(api_id: str, document: Json) -> tuple[int, Json, bytes]:
    resources = gateway._resources[api_id]
    root_id, root = next((id_, each) for id_, each in resources.items() if each["path"] == "/")
    resources.clear()
    resources[root_id] = root | {"resourceMethods": {}}
    gateway._authorizers_v1[api_id] = {}
    schemes = gateway._import_security_schemes(api_id, document)
    for path, item in document["paths"].items():
        gateway._import_path_item(api_id, path, item, schemes, document.get("security"))
    answer: tuple[int, Json, bytes] = gateway._get_rest_api(api_id)
    return answer


def import_operation(api_id: str, resource_id: str, http_method: str, operation: Json, *security: Any) -> None:
    _import_operation(api_id, resource_id, http_method, operation, *security)
    declared = operation["x-amazon-apigateway-integration"]
    method = gateway._resources[api_id][resource_id]["resourceMethods"][http_method]
    method["methodIntegration"]["requestTemplates"] = declared.get("requestTemplates", {})
    for pattern, response in declared["responses"].items():
        gateway._put_integration_response(
            api_id,
            resource_id,
            http_method,
            response["statusCode"],
            response | {"selectionPattern": "" if pattern == "default" else pattern},
        )


def append_log_events(stream: Json, events: list[Json]) -> None:
    _append_log_events(stream, events)
    for event in events:
        if event["message"].startswith("{"):
            publish_metrics(json.loads(event["message"]))
    cloudwatch._evaluate_all_alarms()


def publish_metrics(line: Json) -> None:
    for directive in line.get("_aws", {}).get("CloudWatchMetrics", []):
        for dimensions in directive["Dimensions"]:
            values = {name: line[name] for name in dimensions}
            for metric in directive["Metrics"]:
                name = metric["Name"]
                cloudwatch.record_metric(directive["Namespace"], name, line[name], metric["Unit"], values)


def evaluate_alarm(alarm: Json) -> None:
    every = cloudwatch._metrics
    cloudwatch._metrics = {key_of(alarm): expression_points(alarm) or every.get(key_of(alarm), [])}
    try:
        _evaluate_alarm(alarm)
    finally:
        cloudwatch._metrics = every


def key_of(metric: Json) -> tuple[str, str, Any]:
    dimensions = cloudwatch._dims_key(cloudwatch._dims_from_list(metric["Dimensions"]))
    return metric["Namespace"], metric["MetricName"], dimensions


def metric_alarm_record(name: str, properties: Json) -> Json:
    """An alarm on an expression is kept as one on the first of its metrics, which has a point when there is any."""
    if "Metrics" not in properties:
        return dict(_metric_alarm_record(name, properties))
    first = next(each["MetricStat"] for each in properties["Metrics"] if "MetricStat" in each)
    single = {key: value for key, value in properties.items() if key != "Metrics"}
    alarm = _metric_alarm_record(name, {**single, **first["Metric"], "Period": first["Period"]})
    return {**alarm, "Metrics": properties["Metrics"]}


def expression_points(alarm: Json) -> list[Json]:
    """The value of the alarm's expression, if it has one and its metrics have points."""
    values: Json = {"IF": lambda condition, yes, no: yes if condition else no}
    for each in alarm.get("Metrics", []):
        if "MetricStat" in each:
            statistics = cloudwatch._calc_stats(cloudwatch._metrics.get(key_of(each["MetricStat"]["Metric"]), []))
            values[each["Id"]] = statistics.get(each["MetricStat"]["Stat"])
    expressions = [each["Expression"] for each in alarm.get("Metrics", []) if "Expression" in each]
    if not expressions or None in values.values():
        return []
    return [{"Timestamp": time.time(), "Value": float(eval(expressions[0], values))}]


async def handle_execute_api_request(host: str, path: str, *rest: Any, **named: Any) -> Any:
    answer = await _handle_execute_api_request(host, path, *rest, **named)
    if answer:
        api_id, stage, _ = app._parse_execute_api_url(host, path)
        if api_id in gateway._rest_apis:
            names, dimensions = (
                ("4XXError", "5XXError"),
                {"ApiName": gateway._rest_apis[api_id]["name"], "Stage": stage},
            )
        else:
            names, dimensions = ("4xx", "5xx"), {"ApiId": api_id}
        for name, hundred in zip(names, (4, 5), strict=True):
            value = int(answer[0] // 100 == hundred)
            cloudwatch.record_metric("AWS/ApiGateway", name, value, "Count", dimensions)
        cloudwatch._evaluate_all_alarms()
    return answer


def execute_function(record: Json, event: Json, *rest: Any) -> Any:
    return _execute_function(record, format_1(event) if event.get("version") == "2.0" else with_api_key(event), *rest)


def with_api_key(event: Json) -> Json:
    """Say in a REST API's event which key the call came with. API Gateway has checked it by then."""
    key = gateway._resolve_api_key(gateway._api_key_from_request(event.get("headers") or {}))
    if key and "identity" in event.get("requestContext", {}):
        event["requestContext"]["identity"] |= {"apiKey": key["value"], "apiKeyId": key["id"]}
    return event


def format_1(event: Json) -> Json:
    """An HTTP API's event in format 1.0, as "Working with AWS Lambda proxy integrations for HTTP APIs" has it."""
    context, http = event["requestContext"], event["requestContext"]["http"]
    authorizer = context.get("authorizer", {})
    iam, jwt = authorizer.get("iam") or {}, authorizer.get("jwt") or {}
    identity = {
        "accessKey": iam.get("accessKey"),
        "accountId": iam.get("accountId"),
        "caller": iam.get("callerId"),
        "cognitoIdentityId": (iam.get("cognitoIdentity") or {}).get("identityId"),
        "sourceIp": http["sourceIp"],
        "user": iam.get("userId"),
        "userAgent": http["userAgent"],
        "userArn": iam.get("userArn"),
    }
    query = event.get("queryStringParameters")
    return {
        "version": "1.0",
        "resource": context["routeKey"].partition(" ")[2],
        "path": event["rawPath"],
        "httpMethod": http["method"],
        "headers": event["headers"],
        "multiValueHeaders": {name: [value] for name, value in event["headers"].items()},
        "queryStringParameters": query,
        "multiValueQueryStringParameters": query and {name: value.split(",") for name, value in query.items()},
        "pathParameters": event["pathParameters"],
        "stageVariables": None,
        "body": event.get("body"),
        "isBase64Encoded": event["isBase64Encoded"],
        "requestContext": {
            **{name: context[name] for name in ("accountId", "apiId", "domainName", "requestId", "stage")},
            "authorizer": {"claims": jwt.get("claims"), "scopes": jwt.get("scopes")},
            "httpMethod": http["method"],
            "identity": identity,
            "path": event["rawPath"],
            "protocol": http["protocol"],
            "resourcePath": context["routeKey"].partition(" ")[2],
        },
    }


def cors_headers(configuration: Json, origin: str) -> Json:
    headers: Json = _cors_headers(as_the_api_names_it(configuration), origin)
    return headers


def cors_preflight(configuration: Json, origin: str) -> Any:
    return _cors_preflight(as_the_api_names_it(configuration), origin)


def as_the_api_names_it(configuration: Json) -> Json:
    return {name[0].lower() + name[1:]: value for name, value in configuration.items()}


gateway.handle_request = handle_request
gateway._import_operation = import_operation
cloudwatch_logs._append_log_events = append_log_events
cloudwatch._evaluate_alarm = evaluate_alarm
provisioners._cw_metric_alarm_record = metric_alarm_record
app._handle_execute_api_request = handle_execute_api_request
lambda_svc._execute_function_with_config_scope = execute_function
http_gateway._cors_response_headers = cors_headers
http_gateway._cors_preflight_response = cors_preflight

if __name__ == "__main__":
    app.main()
