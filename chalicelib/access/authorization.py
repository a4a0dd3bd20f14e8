"""Where a request meets the rules: after it is checked, before DynamoDB is called."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from chalicelib.access.accesses import Access, Refused, accesses
from chalicelib.access.caller import Caller
from chalicelib.access.decision import decide
from chalicelib.access.rules import Rules
from chalicelib.access.visibility import is_visible


class Authorization(NamedTuple):
    """What the rules say of a request: why they refuse it, the ids of the rules that decided, and what it touches."""

    refusal: str | None
    rules: tuple[str, ...] = ()
    touched: tuple[Access, ...] = ()


def authorize(
    rules: Rules,
    caller: Caller | None,
    operation: str,
    payload: Mapping[str, Any],
    format: str,
    allowed_tables: Collection[str] | None,
) -> Authorization:
    """Decide a request whose payload has passed the check by DynamoDB's service model.

    `allowed_tables` are those of the stage, None for every table.
    """
    if operation in ("echo", "ping"):
        return Authorization(None)
    if caller is None:
        return Authorization("The access rules of this stage do not know this kind of caller.")
    if operation == "tables":
        # It answers with the visible ones only.
        return Authorization(None)
    if operation == "describe":
        table = payload["TableName"]
        visible = is_visible(rules, caller, table, allowed_tables)
        return Authorization(None if visible else f'No access rule lets you use the table "{table}".')
    try:
        touched = tuple(accesses(operation, payload, format, rules, allowed_tables))
    except Refused as refused:
        return Authorization(str(refused))
    decision = decide(rules, caller, touched)
    return Authorization(decision.refusal, decision.rules, touched)
