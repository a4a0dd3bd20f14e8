"""A request for every operation that works on a table whose key is `id`, whatever is in it."""

from typing import Any


def every_operation(table: str) -> dict[str, dict[str, Any]]:
    key, item = {"id": "1"}, {"id": "1", "name": "Bob"}
    by_id = {"KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": "1"}}
    rename = {
        "UpdateExpression": "SET #name = :name",
        "ExpressionAttributeNames": {"#name": "name"},
        "ExpressionAttributeValues": {":name": "Rob"},
    }
    transaction = [
        {"Put": {"TableName": table, "Item": {"id": "put"}}},
        {"Update": {"TableName": table, "Key": {"id": "update"}, **rename}},
        {"Delete": {"TableName": table, "Key": {"id": "delete"}}},
        {
            "ConditionCheck": {
                "TableName": table,
                "Key": {"id": "check"},
                "ConditionExpression": "attribute_not_exists(id)",
            }
        },
    ]
    on_table = {
        "create": {"Item": item},
        "read": {"Key": key},
        "update": {"Key": key, **rename},
        "delete": {"Key": key},
        "list": {},
        "query": by_id,
        "describe": {},
    }
    over_tables = {
        "batchRead": {"RequestItems": {table: {"Keys": [key]}}},
        "batchWrite": {"RequestItems": {table: [{"PutRequest": {"Item": item}}]}},
        "transactRead": {"TransactItems": [{"Get": {"TableName": table, "Key": key}}]},
        "transactWrite": {"TransactItems": transaction},
    }
    return {
        **{name: {"operation": name, "tableName": table, "payload": payload} for name, payload in on_table.items()},
        **{name: {"operation": name, "payload": payload} for name, payload in over_tables.items()},
        "tables": {"operation": "tables"},
        "echo": {"operation": "echo", "payload": {"somekey1": "somevalue1", "somekey2": "somevalue2"}},
        "ping": {"operation": "ping"},
    }
