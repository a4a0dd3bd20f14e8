"""What is asked and what is answered: the pieces of work, and the canned answers of the loopback server."""

import json
from binascii import crc32
from typing import Any, NamedTuple

Item = dict[str, Any]

# A page's size by DynamoDB's own measure, at its most.
PAGE_BYTES = 1024 * 1024


class Work(NamedTuple):
    """A piece of work. The table's name says how many items the server answers with; payloads are in both formats."""

    name: str
    operation: str
    action: str | None
    table: str
    plain: dict[str, Any]
    typed: dict[str, Any]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the DynamoDB action, in DynamoDB's own JSON."""
        return self.typed if "RequestItems" in self.typed else {"TableName": self.table, **self.typed}


def plain_item(index: int) -> Item:
    """A small item of every common type that each contender can answer with: sets and binary not all of them can."""
    return {
        "id": f"customer-{index:05}",
        "name": "Bob Somebody",
        "email": "bob@example.com",
        "age": 20 + index % 60,
        "active": index % 3 > 0,
        "address": {"city": "Springfield", "zip": "12345"},
        "scores": [index, 7],
    }


def to_typed(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case list():
            return {"L": [to_typed(member) for member in value]}
        case _:
            return {"M": typed_item(value)}


def typed_item(item: Item) -> Item:
    return {name: to_typed(value) for name, value in item.items()}


def size(value: Any) -> int:
    """The bytes of a value by DynamoDB's measure."""
    match value:
        case bool():
            return 1
        case str():
            return len(value.encode())
        case int():
            return len(str(value)) // 2 + 2
        case list():
            return 3 + sum(1 + size(member) for member in value)
        case _:
            return 3 + sum(1 + len(name) + size(member) for name, member in value.items())


FULL_PAGE = PAGE_BYTES // size(plain_item(1))
# The server closes the connection after an answer about this table.
CLOSING_TABLE = "closing-1"

_KEY = {"id": "customer-00001"}
_REQUESTS = [{"PutRequest": {"Item": plain_item(index)}} for index in range(25)]
_TYPED_REQUESTS = [{"PutRequest": {"Item": typed_item(plain_item(index))}} for index in range(25)]


def _read(name: str, table: str) -> Work:
    return Work(name, "read", "GetItem", table, {"Key": _KEY}, {"Key": typed_item(_KEY)})


def _list(name: str, items: int) -> Work:
    return Work(name, "list", "Scan", f"items-{items}", {}, {})


PING = Work("ping", "ping", None, "items-1", {}, {})
READ = _read("read", "items-1")
CREATE = Work("create", "create", "PutItem", "items-1", {"Item": plain_item(1)}, {"Item": typed_item(plain_item(1))})
RECONNECT = _read("read, new connection", CLOSING_TABLE)
BATCH = Work(
    "batchWrite 25",
    "batchWrite",
    "BatchWriteItem",
    "items-1",
    {"RequestItems": {"items-1": _REQUESTS}},
    {"RequestItems": {"items-1": _TYPED_REQUESTS}},
)
LIST = _list("list 100", 100)
PAGE = _list("list 1 MB", FULL_PAGE)
WORKS = {work.name: work for work in (PING, READ, CREATE, RECONNECT, BATCH, LIST, PAGE)}


def answer(action: str, table: str) -> bytes:
    """The whole HTTP response of DynamoDB to an action, with the headers that it sends."""
    items = [typed_item(plain_item(index)) for index in range(int(table.rpartition("-")[2]))]
    by_action: dict[str, dict[str, Any]] = {
        "GetItem": {"Item": items[0]},
        "PutItem": {},
        "BatchWriteItem": {"UnprocessedItems": {}},
        "Scan": {"Count": len(items), "Items": items, "ScannedCount": len(items)},
    }
    body = json.dumps(by_action[action], separators=(",", ":")).encode()
    return (
        "HTTP/1.1 200 OK\r\n"
        "Server: Server\r\n"
        "Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n"
        "Content-Type: application/x-amz-json-1.0\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"Connection: {'close' if table == CLOSING_TABLE else 'keep-alive'}\r\n"
        "x-amzn-RequestId: 4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG\r\n"
        f"x-amz-crc32: {crc32(body)}\r\n"
        "\r\n"
    ).encode() + body
