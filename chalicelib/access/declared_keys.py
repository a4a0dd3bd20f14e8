"""Whether DynamoDB agrees with the keys that the rules' file declares.

Only DynamoDB knows a table's real key, and of a new item the rules know no more than what the file says. So before an
item is created, DynamoDB is asked once for the item with that key: it refuses a key that is not the table's.
"""

from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

import msgspec

from chalicelib.access.accesses import Access
from chalicelib.access.known import Known
from chalicelib.dynamodb import DynamoDB


class DeclaredKeys:
    """The tables whose declared key DynamoDB has confirmed."""

    def __init__(self) -> None:
        self._confirmed: set[str] = set()

    def confirm(self, touched: Iterable[Access], dynamodb: DynamoDB, seconds_left: Callable[[], float]) -> None:
        """Ask for an item of each table in which one is created, unless that was done.

        Raises botocore's `ClientError` where the key is not the table's.
        """
        for access in touched:
            if access.action == "create" and access.resource not in self._confirmed:
                key = {attribute: _in_dynamodb_json(value) for attribute, value in access.key.items()}
                body = msgspec.json.encode({"TableName": access.resource, "Key": key})
                dynamodb.call("GetItem", body, [access.resource], within=seconds_left(), repeatable=True)
                self._confirmed.add(access.resource)


def _in_dynamodb_json(value: Known) -> Mapping[str, Any]:
    if isinstance(value, Decimal):
        return {"N": str(value)}
    return {"B": b64encode(value).decode()} if isinstance(value, bytes) else {"S": value}
