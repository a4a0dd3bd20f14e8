"""The templates are valid, whatever is switched on, and speak of what there is."""

import json
from pathlib import Path
from typing import Any

import pytest
from cfnlint.api import lint_file
from cfnlint.config import ManualArgs
from cfnlint.context.parameters import ParameterSet
from cfnlint.decode import decode

from chalicelib.log import METRICS, NAMESPACE

INFRASTRUCTURE = Path(__file__).parents[1] / "infrastructure"
API = {"RestApiId": "abcdefghij"}
DOMAIN = {
    "DomainName": "api.example.com",
    "CertificateArn": "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
    "HostedZoneId": "Z0123456789ABCDEFGHIJ",
}
EVERYTHING = dict.fromkeys(
    ("SystemErrorsAlarm", "Dashboard", "FunctionLogs", "AccessLogs", "UsagePlan", "Firewall"), "true"
)
SWITCHED: dict[str, list[dict[str, str]]] = {
    "account.yaml": [{}],
    "table.yaml": [
        {},
        {"PointInTimeRecovery": "false", "BillingMode": "PROVISIONED", "SortKey": "at", "TimeToLiveAttribute": "end"},
        {"KmsKeyId": "alias/data", "ReplicaRegion1": "eu-west-1", "ReplicaRegion2": "ap-south-1"},
    ],
    "http-api.yaml": [
        {},
        {"FunctionAlias": "live", "HealthCheck": "on", "OpenApi": "on", "CorsAllowOrigin": "https://example.com"},
        {"Auth": "cognito", "JwtIssuer": "https://cognito-idp.us-east-1.amazonaws.com/pool", "JwtAudience": "a,b"},
    ],
    "operations.yaml": [
        API,
        API
        | {"HttpApiId": "abcdefghij"}
        | EVERYTHING
        | DOMAIN
        | {"Failover": "PRIMARY", "Email": "ops@example.com", "BudgetDollars": "50"},
        API | DOMAIN | {"Failover": "SECONDARY", "Dashboard": "false"},
        API | DOMAIN,
    ],
}
RUNS = [(name, choice) for name, choices in SWITCHED.items() for choice in choices]


def template(name: str) -> dict[str, Any]:
    parsed, errors = decode(str(INFRASTRUCTURE / name))
    assert not errors
    return dict(parsed or {})


@pytest.mark.parametrize(("name", "parameters"), RUNS)
def test_no_template_draws_an_error_or_a_warning(name: str, parameters: dict[str, str]) -> None:
    config = ManualArgs(parameters=[ParameterSet(source=None, parameters=parameters)])
    assert lint_file(INFRASTRUCTURE / name, config) == []


@pytest.mark.parametrize("name", SWITCHED)
def test_every_condition_was_linted_both_ways(name: str) -> None:
    parsed = template(name)
    defaults = {key: each.get("Default", "") for key, each in parsed.get("Parameters", {}).items()}
    conditions: dict[str, Any] = parsed.get("Conditions", {})

    def holds(condition: Any, given: dict[str, str]) -> bool:
        ((function, operands),) = condition.items()
        if function == "Fn::Equals":
            left, right = (given[each["Ref"]] if isinstance(each, dict) else each for each in operands)
            return str(left) == str(right)
        if function == "Condition":
            return holds(conditions[operands], given)
        return {"Fn::Not": lambda all_: not all_[0], "Fn::And": all}[function](
            [holds(each, given) for each in operands]
        )

    seen = {key: {holds(each, defaults | choice) for choice in SWITCHED[name]} for key, each in conditions.items()}
    assert seen == {key: {True, False} for key in conditions}


def test_every_parameter_that_costs_money_says_how_much_a_month() -> None:
    parameters = template("operations.yaml")["Parameters"]
    for name in {*EVERYTHING, "FaultRate", "Email", "DomainName", "CertificateArn", "Failover", "BudgetDollars"}:
        assert "$" in parameters[name]["Description"] or "No cost" in parameters[name]["Description"], name


def test_the_alarms_watch_metrics_that_a_line_makes() -> None:
    metrics = [
        metric
        for each in template("operations.yaml")["Resources"].values()
        if each["Type"] == "AWS::CloudWatch::Alarm"
        for metric in watched(each["Properties"])
        if metric["Namespace"] == NAMESPACE
    ]
    assert {metric["MetricName"] for metric in metrics} == {"faults", "ms", "requests"}
    for metric in metrics:
        assert tuple(each["Name"] for each in metric["Dimensions"]) in METRICS[metric["MetricName"]].dimensions


def watched(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics of an alarm: its own, or those of its expression."""
    if "Metrics" not in alarm:
        return [alarm]
    return [each["MetricStat"]["Metric"] for each in alarm["Metrics"] if "MetricStat" in each]


def test_the_access_log_has_the_same_fields_whichever_api_and_way_of_deploying() -> None:
    stage = json.loads((INFRASTRUCTURE / "stage.json").read_text())
    (of_stage,) = (json.loads(each["value"]) for each in stage if each["path"] == "/accessLogSettings/format")
    of_stack = template("stack.yaml")["Resources"]["RestAPI"]["Properties"]["AccessLogSetting"]["Format"]
    assert list(json.loads(of_stack).items()) == list(of_stage.items())
    of_http_api = template("http-api.yaml")["Resources"]["Stage"]["Properties"]["AccessLogSettings"]["Format"]
    # An HTTP API has no keys, and calls the path by another name.
    del of_stage["apiKeyId"]
    assert list(json.loads(of_http_api).items()) == list((of_stage | {"path": "$context.path"}).items())


def test_the_dashboard_shows_metrics_that_a_line_makes() -> None:
    body, _ = template("operations.yaml")["Resources"]["Overview"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = [
        row
        for each in json.loads(body.replace("${OfTheHttpApi}", ""))["widgets"]
        for row in each["properties"].get("metrics", [])
    ]
    ours = [row for row in shown if row[0] == NAMESPACE]
    assert {row[1] for row in ours} >= {"requests", "ms", "dynamodbMs", "retries", "capacityUnits"}
    for _, name, *rest in ours:
        assert tuple(each for each in rest if not isinstance(each, dict))[::2] in METRICS[name].dimensions
    (searched,) = (row[0]["expression"] for row in shown if isinstance(row[0], dict))
    assert f"{{{NAMESPACE},{','.join(METRICS['ms'].dimensions[1])}}}" in searched
