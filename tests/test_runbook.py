"""The runbook speaks of the alarms that there are, and asks the logs for fields that their lines have."""

import json
import re
from typing import Any

from tests.conftest import PROJECT, StageClient

RUNBOOK = (PROJECT / "docs" / "operations.md").read_text().partition("\n## Runbook")[2].partition("\n## ")[0]
TEMPLATE = (PROJECT / "infrastructure" / "operations.yaml").read_text()
STAGE = json.loads((PROJECT / "infrastructure" / "stage.json").read_text())
# Of Logs Insights' query language, what the runbook uses.
LANGUAGE = {"filter", "fields", "stats", "sort", "limit", "desc", "by", "as", "and", "like", "bin", "m"}
LANGUAGE |= {"count", "pct", "sum", "max", "avg", "answers", "calls", "requests", "invocations"}
# What only a line about a failure has.
OF_FAILURES = {"cause", "traceback"}


def test_every_alarm_has_a_heading() -> None:
    alarms = re.findall(r"AlarmName: !Sub \$\{FunctionName\}-(\S+)", TEMPLATE)
    headings = re.findall(r"^### (.*)", RUNBOOK, re.MULTILINE)
    assert sorted(re.findall(r"`(.*?)`", " ".join(headings))) == sorted(alarms)


def test_the_queries_of_the_function_s_log_ask_for_what_its_lines_have(
    gateway: StageClient, table: str, log_lines: list[dict[str, Any]]
) -> None:
    gateway.ask("list", table)
    gateway.ask("unknown")
    fields = {name for line in log_lines for name in line} | OF_FAILURES
    assert asked("LOG") <= fields


def test_the_queries_of_the_access_log_ask_for_what_its_format_has() -> None:
    (format,) = (each["value"] for each in STAGE if each["path"] == "/accessLogSettings/format")
    assert asked("ACCESS_LOG") <= json.loads(format).keys()


def asked(log: str) -> set[str]:
    """The fields that the queries of a log name, without those that CloudWatch itself makes."""
    queries = re.findall(rf"^insights \${log} '(.*)'$", RUNBOOK, re.MULTILINE)
    assert queries
    bare = re.sub(r"\"[^\"]*\"|/[A-Z].*?/|@\w+", "", " ".join(queries))
    return set(re.findall(r"[A-Za-z]\w*", bare)) - LANGUAGE
