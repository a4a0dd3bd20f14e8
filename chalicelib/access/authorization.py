"""Where a request meets the rules: after it is checked, before DynamoDB is called."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from chalicelib.access.accesses import Access, accesses
from chalicelib.access.caller import Caller
from chalicelib.access.decision import decide
from chalicelib.access.rules import Rules
from chalicelib.access.visibility import is_visible
from chalicelib.errors import ApiError, forbidden


class Authorization(NamedTuple):
    """What the rules say of a request: the 403 or None, the ids of the rules that decided, and what it touches."""

    refusal: ApiError | None
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
        return Authorization(forbidden("The access rules of this stage do not know who calls."))
    if operation == "tables":
        # It answers with the visible ones only.
        return Authorization(None)
    if operation == "describe":
        table = payload["TableName"]
        visible = is_visible(rules, caller, table, allowed_tables)
        return Authorization(None if visible else forbidden('No access rule allows "describe" on "%s".', table))
    try:
        touched = tuple(accesses(operation, payload, format, rules, allowed_tables))
    except ApiError as refusal:
        return Authorization(refusal)
    decision = decide(rules, caller, touched)
    return Authorization(decision.refusal, decision.rules, touched)
