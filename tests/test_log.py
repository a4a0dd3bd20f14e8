"""One line for every request, with nothing of an item in it."""

import json
from typing import Any

import pytest

from chalicelib import gateway as gateway_module
from tests.conftest import Gateway

Lines = list[dict[str, Any]]


def test_every_request_leaves_one_line(gateway: Gateway, table: str, log_lines: Lines) -> None:
    gateway.ask("list", table)
    gateway.post(b"no json")
    gateway.request("GET", "/DynamoDBManager")
    gateway.post(b"{}", "text/plain")
    gateway.app({"operation": "ping"}, None)
    assert [line["status"] for line in log_lines] == [200, 400, 405, 415, 200]
    assert len({line["requestId"] for line in log_lines}) == 5


def test_a_line_says_what_was_done_and_how_long_it_took(gateway: Gateway, table: str, log_lines: Lines) -> None:
    reply = gateway.ask("list", table)
    (line,) = log_lines
    assert (line["operation"], line["table"], line["status"], line["retries"]) == ("list", table, 200, 0)
    assert line["dynamodbRequestId"] == reply.json["ResponseMetadata"]["RequestId"]
    assert 0 < line["dynamodbMs"] <= line["ms"]


def test_a_line_names_the_tables_inside_the_payload(gateway: Gateway, table: str, log_lines: Lines) -> None:
    gateway.ask("batchRead", payload={"RequestItems": {table: {"Keys": [{"id": "1"}]}}})
    gateway.ask("transactRead", payload={"TransactItems": [{"Get": {"TableName": table, "Key": {"id": "1"}}}]})
    assert [line["table"] for line in log_lines] == [table, table]


@pytest.mark.parametrize("condition", ["attribute_exists(nothing)", "secret = :secret AND"])
def test_no_key_or_value_of_an_item_is_logged(gateway: Gateway, table: str, log_lines: Lines, condition: str) -> None:
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
    gateway: Gateway, table: str, log_lines: Lines, monkeypatch: pytest.MonkeyPatch
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


@pytest.mark.parametrize(("level", "expected"), [("INFO", 1), ("ERROR", 0)])
def test_the_log_level_is_a_setting(stage: Any, capsys: pytest.CaptureFixture[str], level: str, expected: int) -> None:
    stage(LOG_LEVEL=level).ask("ping")
    assert len(capsys.readouterr().out.splitlines()) == expected
