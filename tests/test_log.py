"""One line for every request, with nothing of an item in it."""

import io
import json
import logging
import runpy
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib import gateway as gateway_module
from chalicelib import log as log_module
from chalicelib.dynamodb import DynamoDB
from chalicelib.log import FUNCTION, METRICS, NAMESPACE, configure_log, log_request
from tests.conftest import StageClient
from tests.emf import Metric, metrics_of

Lines = list[dict[str, Any]]


def test_every_request_leaves_one_line(gateway: StageClient, table: str, log_lines: Lines) -> None:
    gateway.ask("list", table)
    gateway.post(b"no json")
    gateway.request("GET", "/DynamoDBManager")
    gateway.post(b"{}", "text/plain")
    gateway.app({"operation": "ping"}, None)
    assert [line["status"] for line in log_lines] == [200, 400, 405, 415, 200]
    assert len({line["requestId"] for line in log_lines}) == 5


def test_a_line_says_what_was_done_and_how_long_it_took(gateway: StageClient, table: str, log_lines: Lines) -> None:
    reply = gateway.ask("list", table)
    (line,) = log_lines
    assert (line["operation"], line["table"], line["status"], line["retries"]) == ("list", table, 200, 0)
    assert line["dynamodbRequestId"] == reply.json["ResponseMetadata"]["RequestId"]
    assert 0 < line["dynamodbMs"] <= line["ms"]


def test_a_line_names_the_tables_inside_the_payload(gateway: StageClient, table: str, log_lines: Lines) -> None:
    gateway.ask("batchRead", payload={"RequestItems": {table: {"Keys": [{"id": "1"}]}}})
    gateway.ask("transactRead", payload={"TransactItems": [{"Get": {"TableName": table, "Key": {"id": "1"}}}]})
    assert [line["table"] for line in log_lines] == [table, table]


@pytest.mark.parametrize("condition", ["attribute_exists(nothing)", "secret = :secret AND"])
def test_no_key_or_value_of_an_item_is_logged(
    gateway: StageClient, table: str, log_lines: Lines, condition: str
) -> None:
    item = {"id": "secret-id", "secret": "secret-value"}
    gateway.ask("create", table, {"Item": item})
    values = {":secret": "secret-value"}
    gateway.ask("create", table, {"Item": item, "ConditionExpression": condition, "ExpressionAttributeValues": values})
    gateway.ask("read", table, {"Key": {"id": "secret-id", "secret": "secret-value"}})
    gateway.ask("create", table, {"Item": {"id": {"$set": ["secret-value", 5]}}})
    gateway.post(json.dumps({"operation": "create", "secret-field": "secret-value"}).encode())
    gateway.ask("secret-operation")
    assert len(log_lines) == 6
    assert "secret" not in json.dumps(log_lines)


def test_a_defect_logs_its_traceback_and_answers_with_the_request_id_alone(
    gateway: StageClient, table: str, log_lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    value = "secret-value"

    def defect(*_: Any) -> None:
        raise RuntimeError(value)

    monkeypatch.setattr(gateway_module, "check_request", defect)
    reply = gateway.ask("list", table)
    (line,) = log_lines
    assert (reply.status, reply.json["Code"]) == (500, "InternalServerError")
    assert line["requestId"] in reply.json["Message"]
    assert "in defect" in line["traceback"]
    assert "RuntimeError" in line["traceback"]
    assert "defect" not in reply.text
    assert "secret" not in json.dumps(line)


def everything(gateway: StageClient, table: str) -> None:
    """Requests of every kind and end."""
    counted = {"ReturnConsumedCapacity": "TOTAL"}
    gateway.ask("list", table, counted)
    gateway.ask("batchWrite", payload={"RequestItems": {table: [{"PutRequest": {"Item": {"id": "2"}}}]}, **counted})
    gateway.ask("create", table, {"Item": {"id": "1"}, "ConditionExpression": "attribute_exists(id)"})
    gateway.ask("list", "elsewhere")
    gateway.ask("steal", table)
    gateway.ask("ping")
    gateway.post(b"no json")
    gateway.request("GET", "/DynamoDBManager")
    gateway.app({"operation": "ping"}, None)


def test_every_line_is_a_metric_document_by_the_specification(
    gateway: StageClient, table: str, log_lines: Lines
) -> None:
    everything(gateway, table)
    found = set().union(*map(metrics_of, log_lines))
    assert found == {
        Metric(NAMESPACE, name, frozenset(dimensions)) for name in METRICS for dimensions in METRICS[name].dimensions
    }


def test_a_request_counts_by_its_status_and_takes_its_time_by_its_operation(
    gateway: StageClient, table: str, log_lines: Lines
) -> None:
    everything(gateway, table)
    assert all(line["requests"] == 1 for line in log_lines)
    assert [line["statusClass"] for line in log_lines] == ["2xx"] * 2 + ["4xx"] * 3 + ["2xx"] + ["4xx"] * 2 + ["2xx"]
    assert {line["faults"] for line in log_lines} == {0}
    by_operation = Metric(NAMESPACE, "ms", frozenset({"function", "operation"}))
    counted = [line["operation"] for line in log_lines if by_operation in metrics_of(line)]
    assert counted == ["list", "batchWrite", "create", "list", "ping", "ping"]


def test_consumed_capacity_is_a_metric_of_the_table_where_dynamodb_reported_it(
    gateway: StageClient, table: str, log_lines: Lines
) -> None:
    everything(gateway, table)
    assert [line.get("capacityUnits", 0) > 0 for line in log_lines[:3]] == [True, True, False]


OTHER = "x" * 1000


@pytest.mark.parametrize(
    "request_",
    [
        {"operation": "list", "tableName": "table-that-is-not"},
        {"operation": "list", "tableName": "no name at all, \u2028\ud83d\ude00"},
        {"operation": "list", "tableName": "arn:aws:dynamodb:us-east-1:000000000000:table/table-that-is-not"},
        {"operation": "steal", "tableName": "table-that-is-not"},
        {"operation": "ping", "tableName": "table-that-is-not"},
        {"operation": "list", "tableName": "table-that-is-not", "payload": {"FilterExpression": "bad bad"}},
        {
            "operation": "transactRead",
            "payload": {"TransactItems": [{"Get": {"TableName": OTHER, "Key": {"id": "1"}}}]},
        },
    ],
)
def test_no_caller_invents_a_dimension(gateway: StageClient, log_lines: Lines, request_: dict[str, Any]) -> None:
    gateway.post(json.dumps(request_).encode())
    (line,) = log_lines
    assert all("table" not in metric.dimensions for metric in metrics_of(line))
    assert line.get("operation", "list") in ("list", "ping", "transactRead")
    assert json.dumps(line).isascii()


def test_a_table_name_beside_the_tables_of_the_payload_is_not_the_dimension(
    gateway: StageClient, table: str, log_lines: Lines
) -> None:
    gateway.ask("batchRead", "invented", {"RequestItems": {table: {"Keys": [{"id": "1"}]}}})
    assert log_lines[0]["table"] == table


def test_several_tables_in_one_request_are_no_dimension(
    gateway: StageClient, table: str, tutorial_table: str, log_lines: Lines
) -> None:
    keys = {"Keys": [{"id": "1"}]}
    assert gateway.ask("batchRead", payload={"RequestItems": {table: keys, tutorial_table: keys}}).status == 200
    assert all("table" not in metric.dimensions for metric in metrics_of(log_lines[0]))


@pytest.mark.parametrize(("level", "expected"), [("INFO", 1), ("ERROR", 0)])
def test_the_log_level_is_a_setting(stage: Any, capsys: pytest.CaptureFixture[str], level: str, expected: int) -> None:
    stage(LOG_LEVEL=level).ask("ping")
    assert len(capsys.readouterr().out.splitlines()) == expected


def test_a_failure_is_no_metric_where_successes_are_not_logged(stage: Any, capsys: pytest.CaptureFixture[str]) -> None:
    unreachable = stage(DynamoDB("http://127.0.0.1:9"), LOG_LEVEL="ERROR")
    assert unreachable.ask("list", "orders").status == 503
    (line,) = capsys.readouterr().out.splitlines()
    assert '"status":503' in line
    assert "_aws" not in line


@pytest.fixture
def written() -> tuple[logging.Logger, Callable[[], Any]]:
    """A logger of the gateway's kind, and what it has written last."""
    log, stream = logging.Logger("written"), io.StringIO()
    configure_log(log, logging.INFO)
    (handler,) = log.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)

    def line() -> Any:
        text = stream.getvalue()
        stream.truncate(0)
        stream.seek(0)
        return json.loads(text)

    return log, line


def test_a_record_is_a_line_of_json(written: tuple[logging.Logger, Callable[[], Any]]) -> None:
    log, line = written
    log.info({"a": 1})
    assert line() == {"level": "INFO", "a": 1}
    log.warning("%s", "é\u2028x")
    assert line() == {"level": "WARNING", "message": "\\xe9\\u2028x"}
    try:
        json.loads("{")
    except ValueError:
        log.exception("failed")
    failed = line()
    assert failed.keys() == {"level", "message", "traceback"}
    assert all(each.startswith("  ") for each in failed["traceback"].splitlines())
    assert "in test_a_record_is_a_line_of_json" in failed["traceback"]
    assert "Expecting" not in failed["traceback"]
    assert log.propagate is False


@pytest.mark.parametrize(
    ("status", "level", "status_class", "faults"),
    [(200, "INFO", "2xx", 0), (499, "INFO", "4xx", 0), (500, "ERROR", "5xx", 1), (503, "ERROR", "5xx", 1)],
)
def test_a_fault_of_our_own_is_an_error_and_counts_as_one(
    written: tuple[logging.Logger, Callable[[], Any]],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    level: str,
    status_class: str,
    faults: int,
) -> None:
    log, line = written
    clock = SimpleNamespace(perf_counter=lambda: 2.00016, time=lambda: 1_795_601_899.1239)
    monkeypatch.setattr(log_module, "time", clock)
    log_request(log, "gateways-id", "lambdas-id", status, 1.0, {"operation": "list"})
    found = line()
    assert found.pop("_aws")["Timestamp"] == 1_795_601_899_123
    assert found == {
        "level": level,
        "requestId": "gateways-id",
        "lambdaRequestId": "lambdas-id",
        "status": status,
        "ms": 1000.2,
        "operation": "list",
        "function": "local",
        "statusClass": status_class,
        "requests": 1,
        "faults": faults,
    }


def test_a_metric_is_told_apart_by_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (NAMESPACE, FUNCTION) == ("DynamoDBManager", "local")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "gateway-prod")
    assert runpy.run_path(log_module.__file__)["FUNCTION"] == "gateway-prod"
