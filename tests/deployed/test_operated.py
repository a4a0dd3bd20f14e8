"""What operations.yaml adds to a deployed stage: alarms that ring, limits that hold, health that is told."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import Credentials

from chalicelib.health import SECONDS_BETWEEN_PROBES
from local.process import free_port
from tests.deployed.aws import ROOT, Account, Answer, Api, add_stage, create_stack, deploy
from tests.deployed.test_calls import log_lines
from tests.tcp_proxy import forwarding

OPERATIONS = ROOT / "infrastructure" / "operations.yaml"
PING = {"operation": "ping"}
READ = {"operation": "read", "tableName": "lambda-apigateway", "payload": {"Key": {"id": "1"}}}
BAD = {"operation": "no-such-operation", "tableName": "no-such-table"}


def test_the_template_deploys_with_its_defaults_and_nothing_alarms(api: Api) -> None:
    create_stack(api.account, "operations", OPERATIONS, RestApiId=api.id)
    cloudwatch = api.account.client("cloudwatch")
    alarms = cloudwatch.describe_alarms(AlarmNamePrefix=f"{api.function}-")["MetricAlarms"]
    assert len(alarms) == 10
    assert all(alarm["AlarmActions"] == alarm["OKActions"] != [] for alarm in alarms)
    assert not any(alarm["StateValue"] == "ALARM" for alarm in alarms)
    shown, *_ = json.loads(cloudwatch.get_dashboard(DashboardName=api.function)["DashboardBody"])["widgets"]
    assert sorted(shown["properties"]["alarms"]) == sorted(alarm["AlarmArn"] for alarm in alarms)


def test_health_is_closed_by_default(api: Api, caller: Credentials) -> None:
    assert api.call(None, caller, method="GET", path="/health").status == 403


class Way:
    """The function's way to DynamoDB, which can be cut."""

    def __init__(self, endpoint: str) -> None:
        self.port, self._endpoint, self._open = free_port(), endpoint, ExitStack()

    def open(self) -> None:
        self._open.enter_context(forwarding(self.port, self._endpoint))

    def cut(self) -> None:
        self._open.close()


@pytest.fixture(scope="module")
def way(account: Account) -> Iterator[Way]:
    way = Way(account.url)
    way.open()
    yield way
    way.cut()


@pytest.fixture(scope="module")
def operated(account: Account, project: Path, way: Way) -> Api:
    """A stage for callers with a key, open for health checks, with the plan of operations.yaml."""
    endpoint = f"http://127.0.0.1:{way.port}"
    add_stage(project, "operated", AUTH="api-key", HEALTH_CHECK="on", AWS_ENDPOINT_URL_DYNAMODB=endpoint)
    return deploy(account, project, "operated")


@pytest.fixture(scope="module")
def outputs(operated: Api) -> dict[str, str]:
    switched = {"UsagePlan": "true", "FunctionLogs": "true", "AccessLogs": "true"}
    # So slow that calls to a busy emulator are faster.
    limits = {"UsagePlanRate": "2", "UsagePlanBurst": "10", "BadRequestLimit": "5"}
    # So low a rate that the flood of refused calls does not hide the few that fail.
    faults = {"FaultMinimum": "3", "FaultRate": "0.0001"}
    watched = {"RestApiId": operated.id, "Stage": operated.stage, "FunctionName": operated.function}
    chosen = {**watched, **switched, **limits, **faults}
    return create_stack(operated.account, "operated", OPERATIONS, **chosen)


@pytest.fixture(scope="module")
def api_key(operated: Api, outputs: dict[str, str]) -> dict[str, str]:
    gateway = operated.account.client("apigateway")
    key = gateway.create_api_key(name="operated", enabled=True)
    gateway.create_usage_plan_key(usagePlanId=outputs["UsagePlanId"], keyId=key["id"], keyType="API_KEY")
    return {"x-api-key": key["value"]}


def call_until(operated: Api, api_key: dict[str, str], request: Any, status: int, times: int = 1) -> list[Answer]:
    """Call as fast as it goes, until so many answers had the status."""
    answers: list[Answer] = []
    deadline = time.monotonic() + 20
    while sum(each.status == status for each in answers) < times:
        assert time.monotonic() < deadline
        answers.append(operated.call(request, headers=api_key))
    return answers


def test_the_plan_has_a_throttle_and_a_quota(operated: Api, outputs: dict[str, str]) -> None:
    plan = operated.account.client("apigateway").get_usage_plan(usagePlanId=outputs["UsagePlanId"])
    assert [(each["apiId"], each["stage"]) for each in plan["apiStages"]] == [(operated.id, operated.stage)]
    assert plan["throttle"] == {"rateLimit": 2, "burstLimit": 10}
    assert (plan["quota"]["limit"], plan["quota"]["period"]) == (10000, "DAY")


def test_callers_that_the_gateway_refuses_ring_an_alarm_though_they_reach_no_function(
    operated: Api, outputs: dict[str, str]
) -> None:
    before = len(log_lines(operated))
    assert state(operated, "bad-requests-at-the-gateway") != "ALARM"
    for _ in range(5):
        assert operated.call(PING, headers={"x-api-key": "wrong"}).status == 403
    assert state(operated, "bad-requests-at-the-gateway") == "ALARM"
    assert state(operated, "bad-requests") != "ALARM"
    assert len(log_lines(operated)) == before


def test_a_caller_faster_than_the_plan_gets_429_and_reaches_nothing(operated: Api, api_key: dict[str, str]) -> None:
    before = len(log_lines(operated))
    answers = call_until(operated, api_key, PING, 429)
    assert {each.status for each in answers} == {200, 429}
    assert len(log_lines(operated)) - before == len(answers) - 1


def test_log_groups_made_before_the_first_request_keep_a_month(operated: Api, outputs: dict[str, str]) -> None:
    groups = operated.account.client("logs").describe_log_groups()["logGroups"]
    assert {each["retentionInDays"] for each in groups if each["logGroupName"].endswith(operated.function)} == {30}
    assert f"/aws/apigateway/{operated.function}" in outputs["AccessLogsArn"]


def test_a_burst_of_bad_requests_rings_the_alarm_by_the_lines_of_the_log(
    operated: Api, outputs: dict[str, str], api_key: dict[str, str]
) -> None:
    mailbox = subscribe(operated.account, outputs["AlarmsArn"])
    assert state(operated, "bad-requests") != "ALARM"
    call_until(operated, api_key, BAD, 400, times=5)

    lines = [json.loads(line) for line in log_lines(operated)]
    assert sum(line["requests"] for line in lines if line["statusClass"] == "4xx") == 5
    assert counted(operated, "requests", statusClass="4xx") == 5
    assert state(operated, "bad-requests") == "ALARM"
    assert state(operated, "faults") != "ALARM"
    assert "bad-requests" in mailbox()
    names = operated.account.client("cloudwatch").list_metrics(Namespace="DynamoDBManager")["Metrics"]
    assert "no-such" not in json.dumps(names)


def test_health_tells_dynamodb_up_down_and_back(operated: Api, api_key: dict[str, str], way: Way) -> None:
    def health() -> tuple[int, Any]:
        answer = operated.call(None, method="GET", path="/health")
        return answer.status, answer.body

    assert health() == (200, {"status": "ok"})
    way.cut()
    time.sleep(SECONDS_BETWEEN_PROBES)
    started = time.monotonic()
    assert health() == (503, {"status": "unavailable"})
    assert time.monotonic() - started < 2
    assert operated.call(READ, headers=api_key).status == 503
    assert "ALARM" not in (state(operated, "faults"), state(operated, "faults-at-the-gateway"))
    for _ in range(2):
        assert operated.call(READ, headers=api_key).status == 503
    assert state(operated, "faults") == state(operated, "faults-at-the-gateway") == "ALARM"
    way.open()
    time.sleep(SECONDS_BETWEEN_PROBES)
    assert health() == (200, {"status": "ok"})
    assert operated.call(READ, headers=api_key).status == 200


def state(operated: Api, alarm: str) -> str:
    (found,) = operated.account.client("cloudwatch").describe_alarms(AlarmNames=[f"{operated.function}-{alarm}"])[
        "MetricAlarms"
    ]
    value: str = found["StateValue"]
    return value


def counted(operated: Api, name: str, **dimensions: str) -> float:
    statistics = operated.account.client("cloudwatch").get_metric_statistics(
        Namespace="DynamoDBManager",
        MetricName=name,
        Dimensions=[
            {"Name": key, "Value": each} for key, each in {"function": operated.function, **dimensions}.items()
        ],
        StartTime=time.time() - 600,
        EndTime=time.time() + 60,
        Period=3600,
        Statistics=["Sum"],
    )
    return float(sum(each["Sum"] for each in statistics["Datapoints"]))


def subscribe(account: Account, topic: str) -> Any:
    """Subscribe a queue to the topic; a function that returns what has come."""
    sqs = account.client("sqs")
    statement = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Resource": "*"}]})
    queue = sqs.create_queue(QueueName="mailbox", Attributes={"Policy": policy})["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    account.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return lambda: json.dumps(sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []))
