"""One line of JSON for every request, and nothing of an item in it."""

import json
import logging
import sys
import traceback
from time import perf_counter
from typing import Any


class JsonFormatter(logging.Formatter):
    """Formats a record whose message is a dict as that dict; any other as its message and traceback."""

    def format(self, record: logging.LogRecord) -> str:
        fields = record.msg if isinstance(record.msg, dict) else {"message": record.getMessage()}
        if record.exc_info and record.exc_info[2]:
            fields["traceback"] = "".join(traceback.format_tb(record.exc_info[2]))
        return json.dumps({"level": record.levelname, **fields})


def configure_log(log: logging.Logger, level: int) -> None:
    """Make `log` write JSON lines to standard output, where Lambda takes them from."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    log.handlers = [handler]
    # Lambda has a handler on the root logger, which would write every line a second time.
    log.propagate = False
    log.setLevel(level)


def log_request(log: logging.Logger, request_id: str, status: int, started: float, record: dict[str, Any]) -> None:
    """Log one request; `started` is its `perf_counter`."""
    took = round((perf_counter() - started) * 1000, 1)
    level = logging.ERROR if status >= 500 else logging.INFO
    log.log(level, {"requestId": request_id, "status": status, "ms": took, **record})
