"""The operation `tables` on a stage that allows some tables only: ListTables without DynamoDB."""

from collections.abc import Collection, Mapping
from typing import Any

from chalicelib.errors import bad_request

# The API reference page "ListTables": from 1 to 100 names in one answer.
MAX_LIMIT = 100


def list_tables(payload: Mapping[str, Any], tables: Collection[str]) -> dict[str, Any]:
    """Return the names after `ExclusiveStartTableName`, sorted and at most `Limit`, as ListTables answers."""
    limit = payload.get("Limit", MAX_LIMIT)
    if not 1 <= limit <= MAX_LIMIT:
        raise bad_request(f"payload.Limit: must be from 1 to {MAX_LIMIT}.")
    names = sorted(name for name in tables if name > payload.get("ExclusiveStartTableName", ""))
    page = names[:limit]
    return {"TableNames": page, **({"LastEvaluatedTableName": page[-1]} if len(names) > limit else {})}
