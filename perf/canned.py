"""What is asked and what is answered: the pieces of work, and the canned answers of the loopback server."""

import json
import os
from binascii import crc32
from typing import Any, NamedTuple

Item = dict[str, Any]

# Bytes, by DynamoDB's own measure. It ends a page there.
PAGE = 1024 * 1024


class Work(NamedTuple):
    """A piece of work. The table's name says how many items the server answers with; payloads are in both formats."""

    name: str
    operation: str
    action: str | None
    table: str
    plain: dict[str, Any]
    wire: dict[str, Any]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters of the DynamoDB action, in DynamoDB's own JSON."""
        return self.wire if "RequestItems" in self.wire else {"TableName": self.table, **self.wire}


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


def to_wire(value: Any) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case list():
            return {"L": [to_wire(member) for member in value]}
        case _:
            return {"M": wire_item(value)}


def wire_item(item: Item) -> Item:
    return {name: to_wire(value) for name, value in item.items()}


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


FULL_PAGE = PAGE // size(plain_item(1))
SWEEP = (1, 10, 100, 1000, FULL_PAGE)


def list_of(items: int) -> Work:
    return Work(f"list {items:,}", "list", "Scan", f"items-{items}", {}, {})


_KEY = {"id": "customer-00001"}
_REQUESTS = [{"PutRequest": {"Item": plain_item(index)}} for index in range(25)]
_WIRE_REQUESTS = [{"PutRequest": {"Item": wire_item(plain_item(index))}} for index in range(25)]

WORKS = {
    work.name: work
    for work in (
        Work("ping", "ping", None, "items-1", {}, {}),
        Work("read", "read", "GetItem", "items-1", {"Key": _KEY}, {"Key": wire_item(_KEY)}),
        Work("create", "create", "PutItem", "items-1", {"Item": plain_item(1)}, {"Item": wire_item(plain_item(1))}),
        Work(
            "batchWrite 25",
            "batchWrite",
            "BatchWriteItem",
            "items-1",
            {"RequestItems": {"items-1": _REQUESTS}},
            {"RequestItems": {"items-1": _WIRE_REQUESTS}},
        ),
        *(list_of(items) for items in SWEEP),
    )
}


def answer(action: str, table: str) -> bytes:
    """The whole HTTP response of DynamoDB to an action, with the headers that it sends."""
    items = [wire_item(plain_item(index)) for index in range(int(table.rpartition("-")[2]))]
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
        "Connection: keep-alive\r\n"
        "x-amzn-RequestId: 4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG\r\n"
        f"x-amz-crc32: {crc32(body)}\r\n"
        "\r\n"
    ).encode() + body


def sdk_environment(port: int) -> dict[str, str]:
    """The environment in which the SDK talks to the loopback server and asks nothing else of the machine."""
    return {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL_DYNAMODB": f"http://127.0.0.1:{port}",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        # Lambda's credentials are always those of a role and carry one.
        "AWS_SESSION_TOKEN": "bench" * 80,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
