"""The embedded engine: ministack's DynamoDB, and what it lacks.

`python -m local.embedded` runs in a virtual environment of its own (requirements-engine.txt). ministack evaluates many
expressions that DynamoDB refuses; they are refused here first. And ministack writes its state when it ends; here it
also does so while it runs, so that an engine that is killed loses its last second at most.
"""

import json
import time
from collections.abc import Iterator
from threading import Event, Lock, Thread
from typing import Any

from ministack.app import main
from ministack.core import persistence
from ministack.core.responses import error_response_json
from ministack.services import dynamodb

from local.expression_checks import CHECKS, refusal, refusal_for_item

# At least, and ten times what a save takes: it writes every item.
SECONDS_BETWEEN_SAVES = 1.0

_asked = Event()
_saving = Lock()
_save_state = persistence.save_state
_handle_request = dynamodb.handle_request
_begins_with = dynamodb._ExprEval._fn_begins_with
_apply_update_expression = dynamodb._apply_update_expression
_apply_remove = dynamodb._apply_remove


def save_state(service: str, data: dict[str, Any]) -> None:
    # The clean end saves too, into the same temporary file.
    with _saving:
        _save_state(service, data)


async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
    if message := first_refusal(body):
        return error_response_json("ValidationException", message, 400)
    answer = await _handle_request(method, path, headers, body, query)
    _asked.set()
    return answer


def first_refusal(body: bytes) -> str | None:
    """Return the message for the first expression in a request that DynamoDB refuses, or None."""
    try:
        for holder in expression_holders(json.loads(body)):
            for kind in CHECKS:
                if isinstance(expression := holder.get(kind), str):
                    names = holder.get("ExpressionAttributeNames") or {}
                    values = holder.get("ExpressionAttributeValues") or {}
                    if message := refusal(kind, expression, names, values, dynamodb.AWS_KEYWORDS):
                        return message
    except (ValueError, TypeError, AttributeError, RecursionError):
        # No request at all, or not of the right shape: ministack says so.
        pass
    return None


def expression_holders(request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every object of a request that may hold expressions: itself, or what it has for each table or item."""
    yield request
    for item in request.get("TransactItems") or []:
        yield from item.values()
    for table in (request.get("RequestItems") or {}).values():
        if isinstance(table, dict):
            yield table


def begins_with(evaluation: Any) -> bool:
    """Tell that an attribute which is no string does not begin with one; ministack refuses the request."""
    try:
        return bool(_begins_with(evaluation))
    except ValueError:
        return False


def apply_update_expression(item: Any, expression: str, values: Any, names: Any, *updated: Any) -> Any:
    """Refuse what does not fit the item; ministack leaves the item as it is, or loses what it had."""
    if message := refusal_for_item(expression, names or {}, values or {}, item):
        raise ValueError(message)
    return _apply_update_expression(item, expression, values, names, *updated)


def apply_remove(item: Any, tokens: list[Any], names: Any, updated: Any) -> None:
    """Remove from the end of a list on, so that no removal moves what the next one names."""

    def indexes(path: list[Any]) -> list[int]:
        return [int(text) for kind, text in path if kind == "NUMBER"]

    for path in sorted(dynamodb._split_by_comma(tokens), key=indexes, reverse=True):
        _apply_remove(item, path, names, updated)


def keep_saving() -> None:
    took = 0.0
    while True:
        _asked.wait()
        time.sleep(max(SECONDS_BETWEEN_SAVES, 10 * took))
        _asked.clear()
        started = time.monotonic()
        try:
            save_state("dynamodb", dynamodb.get_state())
        except RuntimeError:
            # A table changed while it was copied.
            _asked.set()
        took = time.monotonic() - started


if __name__ == "__main__":
    persistence.save_state = save_state
    dynamodb.handle_request = handle_request
    dynamodb._ExprEval._fn_begins_with = begins_with
    dynamodb._apply_update_expression = apply_update_expression
    dynamodb._apply_remove = apply_remove
    if persistence.PERSIST_STATE:
        Thread(target=keep_saving, daemon=True).start()
    main()
