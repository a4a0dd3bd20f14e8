"""One line of JSON for every request, and nothing of an item in it.

The line is a metric document in CloudWatch's embedded metric format too: its `_aws` names the members that are metrics,
and those that tell them apart. Every value of the latter makes a metric that is paid for, so that a caller must not be
able to make new ones: a table counts only where DynamoDB has answered for it.
"""

import logging
import os
import sys
import time
import traceback
from functools import cache
from typing import Any, NamedTuple

import msgspec

NAMESPACE = "DynamoDBManager"
FUNCTION = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local")


class Metric(NamedTuple):
    """A metric's unit, and the sets of members that tell its values apart."""

    unit: str
    dimensions: tuple[tuple[str, ...], ...]


METRICS = {
    "requests": Metric("Count", (("function", "statusClass"), ("function", "table"))),
    "capacityUnits": Metric("Count", (("function", "table"),)),
    # 0 or 1: its average is the rate of answers 5xx.
    "faults": Metric("Count", (("function",),)),
    "retries": Metric("Count", (("function",),)),
    "ms": Metric("Milliseconds", (("function",), ("function", "operation"))),
    "dynamodbMs": Metric("Milliseconds", (("function",), ("function", "operation"))),
}

_to_json = msgspec.json.encode


class JsonFormatter(logging.Formatter):
    """Formats a record whose message is a dict as that dict; any other as its message and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        fields = record.msg if isinstance(record.msg, dict) else {"message": ascii_only(record.getMessage())}
        if record.exc_info and record.exc_info[2]:
            fields["traceback"] = ascii_only("".join(traceback.format_tb(record.exc_info[2])))
        return _to_json({"level": record.levelname, **fields}).decode()


def configure_log(log: logging.Logger, level: int) -> None:
    """Make `log` write JSON lines to standard output, where Lambda takes them from."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    log.handlers = [handler]
    # Lambda has a handler on the root logger, which would write every line a second time.
    log.propagate = False
    log.setLevel(level)


def log_request(
    log: logging.Logger,
    request_id: str,
    lambda_request_id: str,
    status: int,
    started: float,
    log_fields: dict[str, Any],
    metered: bool = True,
) -> None:
    """Log one request; `started` is its `perf_counter`.

    Only what is `metered` becomes metrics, and only where every request is logged: metrics of the failures alone would
    be wrong.
    """
    took = round((time.perf_counter() - started) * 1000, 1)
    level = logging.ERROR if status >= 500 else logging.INFO
    line = {"requestId": request_id, "lambdaRequestId": lambda_request_id, "status": status, "ms": took, **log_fields}
    log.log(level, _metered(line) if metered and log.isEnabledFor(logging.INFO) else line)


def ascii_only(text: str) -> str:
    """Escape what some readers of a log take for the end of a line, or cannot read at all."""
    return text if text.isascii() else text.encode("ascii", "backslashreplace").decode()


def _metered(line: dict[str, Any]) -> dict[str, Any]:
    """The line as a metric document."""
    status = line["status"]
    line |= {"function": FUNCTION, "statusClass": f"{status // 100}xx", "requests": 1, "faults": int(status >= 500)}
    members = frozenset(line)
    # A list of tables would be one more metric for every way to combine them.
    if status != 200 or "dynamodbMs" not in line or "," in (line["table"] or ","):
        members -= {"table"}
    line["_aws"] = {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": _directives(members)}
    return line


@cache
def _directives(members: frozenset[str]) -> msgspec.Raw:
    """The directives for a line that has these members."""
    names_by_dimensions: dict[tuple[tuple[str, ...], ...], list[str]] = {}
    for name, metric in METRICS.items():
        dimensions = tuple(each for each in metric.dimensions if members.issuperset(each))
        if name in members and dimensions:
            names_by_dimensions.setdefault(dimensions, []).append(name)
    return msgspec.Raw(
        _to_json(
            [
                {
                    "Namespace": NAMESPACE,
                    "Dimensions": dimensions,
                    "Metrics": [{"Name": name, "Unit": METRICS[name].unit} for name in names],
                }
                for dimensions, names in names_by_dimensions.items()
            ]
        )
    )
