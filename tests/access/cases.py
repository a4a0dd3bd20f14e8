"""Requests that must be refused and requests that must pass, under one file of rules, each named for what it tries.

Payloads are in plain JSON; `typed` writes them in DynamoDB's JSON.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from chalicelib.access.caller import Caller
from chalicelib.access.rules import Rules, RulesFile, compile_rules
from chalicelib.plain_json import encode
from chalicelib.shapes import Body

TABLES: dict[str, Any] = {
    "app": {"key": ["pk", "id"], "indexes": {"byEmail": ["email"], "byName": ["pk", "name"]}},
    "orders": {"key": ["pk", "sk"]},
    "counters": {"key": ["n"]},
    "blobs": {"key": ["b"]},
}

RULES: list[dict[str, Any]] = [
    {"id": "own-items", "effect": "allow", "who": {"kind": "user", "notGroups": ["editors", "staff", "admins"]},
     "do": ["*"], "tables": ["app"], "where": {"pk": "user#${sub}"}},
    {"id": "own-mail", "effect": "allow", "who": {"kind": "user", "groups": ["readers"]},
     "do": ["query"], "tables": ["app"], "where": {"email": "${email}"}},
    {"id": "tenant", "effect": "allow", "who": {"kind": "user"},
     "do": ["create", "read", "update", "query", "check"],
     "tables": ["orders"], "where": {"pk": {"beginsWith": "${custom:tenant}#"}}},
    {"id": "desk", "effect": "allow", "who": {"kind": "user", "groups": ["desk"]}, "do": ["read"],
     "tables": ["orders"], "where": {"pk": "desk#${custom:tenant}#1", "sk": {"beginsWith": "2"}}},
    {"id": "frozen", "effect": "deny", "do": ["*"], "who": {"notGroups": ["admins"]},
     "tables": ["orders"], "where": {"pk": {"beginsWith": "acme#frozen"}}},
    {"id": "team", "effect": "deny", "who": {"groups": ["teams"]}, "do": ["read"],
     "tables": ["orders"], "where": {"pk": "acme#${team}"}},
    {"id": "partner", "effect": "allow", "who": {"kind": "apiKey", "ids": ["partner1"]}, "do": ["read", "query"],
     "tables": ["app"], "where": {"pk": "catalog"}, "read": {"only": ["pk", "id", "name", "price"]}},
    {"id": "editors", "effect": "allow", "who": {"groups": ["editors"]}, "do": ["*"], "tables": ["app"],
     "read": {"except": ["secret"]}, "write": {"except": ["role"]}},
    {"id": "staff", "effect": "allow", "who": {"groups": ["staff"]}, "do": ["*"], "tables": ["app"]},
    {"id": "salary", "effect": "deny", "who": {"groups": ["staff"]}, "do": ["*"], "tables": ["app"],
     "read": {"only": ["secret"]}, "write": {"except": ["pk", "id", "name", "price"]}},
    {"id": "names", "effect": "allow", "who": {"kind": "iamRole", "ids": ["123456789012/reports"]},
     "do": ["list", "query"], "tables": ["app"], "read": {"only": ["pk", "id", "name"]}},
    {"id": "intake", "effect": "allow", "who": {"kind": "iamRole", "ids": ["123456789012/intake"]},
     "do": ["create"], "tables": ["orders"], "read": {"only": ["pk", "sk"]}, "write": {"only": ["pk", "sk", "total"]}},
    {"id": "totals", "effect": "allow", "who": {"kind": "iamRole", "ids": ["123456789012/totals"]},
     "do": ["list"], "tables": ["counters"], "read": {"only": ["total"]}},
    {"id": "orders", "effect": "allow", "who": {"kind": "iamRole", "ids": ["123456789012/reports"]},
     "do": ["list", "query"], "tables": ["orders"]},
    {"id": "five", "effect": "allow", "who": {"kind": "iamUser"}, "do": ["read", "update", "query"],
     "tables": ["counters"], "where": {"n": 5}},
    {"id": "blob", "effect": "allow", "who": {"kind": "iamUser"}, "do": ["read", "query"],
     "tables": ["blobs"], "where": {"b": {"$binary": "YQ=="}}},
    {"id": "no-delete", "effect": "deny", "who": {"kind": "user", "notGroups": ["admins"]}, "do": ["delete"],
     "tables": ["orders"]},
    {"id": "admins", "effect": "allow", "who": {"groups": ["admins"]}, "do": ["*"]},
    {"id": "open", "effect": "allow", "who": {"kind": "anonymous"}, "do": ["read"], "tables": ["app"],
     "where": {"pk": "catalog"}, "read": {"only": ["name"]}},
]  # fmt: skip


def user(id: str, *groups: str, **claims: Any) -> Caller:
    named = {name.replace("custom_", "custom:"): claim for name, claim in claims.items()}
    return Caller("user", id, frozenset(groups), {"sub": id, **named})


CALLERS: dict[str, Caller | None] = {
    "ann": user("u1", custom_tenant="acme", email="ann@x"),
    "reader": user("u1", "readers", email="ann@x"),
    "no tenant": user("u1"),
    "empty tenant": user("u1", custom_tenant=""),
    "tenant with separator": user("u1", "desk", custom_tenant="acme#1"),
    "desk": user("u1", "desk", custom_tenant="acme"),
    "no team": user("u1", "teams", custom_tenant="acme"),
    "team": user("u1", "teams", custom_tenant="acme", team="2"),
    "editor": user("u2", "editors"),
    "staff": user("u3", "staff"),
    "admin": user("u4", "admins"),
    "partner": Caller("apiKey", "partner1"),
    "other partner": Caller("apiKey", "partner2"),
    "partner by name": user("partner1"),
    "reports": Caller("iamRole", "123456789012/reports"),
    "totals": Caller("iamRole", "123456789012/totals"),
    "intake": Caller("iamRole", "123456789012/intake"),
    "other role": Caller("iamRole", "210987654321/reports"),
    "signer": Caller("iamUser", "arn:aws:iam::123456789012:user/bob"),
    "anonymous": Caller("anonymous", "anonymous"),
    "nobody": None,
}


class Case(NamedTuple):
    """One request. `format` is "json" where it can be sent in both formats."""

    name: str
    caller: str
    operation: str
    table: str | None
    payload: dict[str, Any]
    format: str = "json"

    @property
    def full_payload(self) -> dict[str, Any]:
        """The payload as the decision sees it."""
        return self.payload if self.table is None else {**self.payload, "TableName": self.table}

    def in_dynamodb_json(self) -> "Case":
        return self._replace(payload=typed(self.payload), format="dynamodb-json")


def rules_of(file: dict[str, Any]) -> Rules:
    return compile_rules(msgspec.convert(file, RulesFile))


def compiled() -> Rules:
    return rules_of({"tables": TABLES, "rules": RULES})


def typed(payload: Any, name: str = "") -> Any:
    """Write every attribute value of a payload in DynamoDB's JSON."""
    if name == "Value":
        return typed_value(payload)
    if name in ("Item", "Key", "ExpressionAttributeValues", "ExclusiveStartKey"):
        return {attribute: typed_value(value) for attribute, value in payload.items()}
    if name == "AttributeValueList":
        return [typed_value(value) for value in payload]
    if isinstance(payload, dict):
        return {member: typed(value, member) for member, value in payload.items()}
    if isinstance(payload, list):
        return [typed(member, "Key" if name == "Keys" else "") for member in payload]
    return payload


def typed_value(value: Any) -> Any:
    body = Body()
    encode(value, body, 0)
    return msgspec.json.decode(body)


def key(pk: Any, id: Any = "1") -> dict[str, Any]:
    return {"Key": {"pk": pk, "id": id}}


def order(pk: Any, sk: Any = "1") -> dict[str, Any]:
    return {"Key": {"pk": pk, "sk": sk}}


def asked(condition: str, names: Any = None, **values: Any) -> dict[str, Any]:
    """The key condition of a query, with the values behind its placeholders."""
    given = {f":{name}": value for name, value in values.items()}
    return {
        "KeyConditionExpression": condition,
        **({"ExpressionAttributeNames": names} if names else {}),
        **({"ExpressionAttributeValues": given} if given else {}),
    }


def legacy(operator: str, *values: Any) -> dict[str, Any]:
    return {"ComparisonOperator": operator, "AttributeValueList": list(values)}


def named(expression: str, parameter: str = "ProjectionExpression", **names: str) -> dict[str, Any]:
    return {parameter: expression, "ExpressionAttributeNames": {f"#{name}": to for name, to in names.items()}}


def updating(expression: str, value: Any = None, /, **more: Any) -> dict[str, Any]:
    values = {} if value is None else {"ExpressionAttributeValues": {":v": value}}
    return {**key("user#u1"), "UpdateExpression": expression, **values, **more}


MINE, THEIRS = "user#u1", "user#u2"
NEW = {"ConditionExpression": "attribute_not_exists(pk)"}
ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/app"
CATALOG = asked("pk = :c", c="catalog")
SMALL = {"ProjectionExpression": "id"}


def _attacks() -> Iterator[Case]:
    # Items of somebody else, by every operation.
    theirs = key(THEIRS)
    item = {"Item": {"pk": THEIRS, "id": "9"}}
    own_item = {"Item": {"pk": MINE, "id": "9"}}
    yield Case("read a foreign item", "ann", "read", "app", theirs)
    yield Case("create a foreign item", "ann", "create", "app", item)
    yield Case("create a foreign item only if it is new", "ann", "create", "app", {**item, **NEW})
    yield Case("update a foreign item", "ann", "update", "app", {**theirs, "UpdateExpression": "REMOVE x"})
    yield Case("delete a foreign item", "ann", "delete", "app", theirs)
    yield Case("a foreign item among a hundred read", "ann", "batchRead", None, {"RequestItems": {"app": {"Keys": [
        *({"pk": MINE, "id": str(each)} for each in range(99)), {"pk": THEIRS, "id": "1"}]}}})  # fmt: skip
    yield Case("a foreign item among 25 written", "ann", "batchWrite", None, {"RequestItems": {"app": [
        *({"PutRequest": {"Item": {"pk": MINE, "id": str(each)}}} for each in range(24)),
        {"PutRequest": item}]}})  # fmt: skip
    yield Case("a foreign delete in a batch", "ann", "batchWrite", None, {"RequestItems": {"app": [
        {"PutRequest": own_item}, {"DeleteRequest": theirs}]}})  # fmt: skip
    yield Case("a foreign table in a batch", "ann", "batchRead", None, {"RequestItems": {
        "app": {"Keys": [{"pk": MINE, "id": "1"}]}, "secrets": {"Keys": [{"id": "1"}]}}})  # fmt: skip
    yield Case("the same table by ARN in a batch", "ann", "batchRead", None, {"RequestItems": {
        "app": {"Keys": [{"pk": MINE, "id": "1"}]}, ARN: {"Keys": [{"pk": THEIRS, "id": "1"}]}}})  # fmt: skip
    yield Case("a foreign get in a transaction", "ann", "transactRead", None, {"TransactItems": [
        {"Get": {"TableName": "app", **key(MINE)}}, {"Get": {"TableName": "app", **theirs}}]})  # fmt: skip
    for kind, action in {
        "Put": item,
        "Update": {**theirs, "UpdateExpression": "REMOVE x"},
        "Delete": theirs,
        "ConditionCheck": {**theirs, "ConditionExpression": "attribute_exists(pk)"},
    }.items():
        yield Case(f"a foreign {kind} in a transaction", "ann", "transactWrite", None, {"TransactItems": [
            {"Put": {"TableName": "app", **own_item}}, {kind: {"TableName": "app", **action}}]})  # fmt: skip

    # Queries that look as if they asked for one's own.
    both = {"mine": MINE, "theirs": THEIRS}
    yield Case("query a foreign partition", "ann", "query", "app", asked("pk = :theirs", theirs=THEIRS))
    yield Case("operands swapped", "ann", "query", "app", asked(":theirs = pk", theirs=THEIRS))
    yield Case("brackets", "ann", "query", "app", asked("((pk) = (:theirs))", theirs=THEIRS))
    yield Case("placeholders that change places", "ann", "query", "app",
               asked("#pk = :mine AND #id = :theirs", {"#pk": "id", "#id": "pk"}, **both))  # fmt: skip
    yield Case("a placeholder with the look of a path", "ann", "query", "app",
               asked("#a = :theirs", {"#a": "pk"}, theirs=THEIRS))  # fmt: skip
    yield Case("a range that begins at one's own", "ann", "query", "app",
               asked("pk BETWEEN :mine AND :theirs", **both))  # fmt: skip
    yield Case("a prefix of one's own", "ann", "query", "app", asked("begins_with(pk, :mine)", mine=MINE))
    yield Case("at least one's own", "ann", "query", "app", asked("pk >= :mine", mine=MINE))
    yield Case("at most one's own, swapped", "ann", "query", "app", asked(":mine >= pk", mine=MINE))
    yield Case("two conditions on the key", "ann", "query", "app", asked("pk = :theirs AND pk = :mine", **both))
    yield Case("either of two", "ann", "query", "app", asked("pk = :mine OR pk = :theirs", **both))
    yield Case("all but one's own", "ann", "query", "app", asked("NOT pk = :mine", mine=MINE))
    yield Case("a condition within the key", "ann", "query", "app", asked("pk.x = :mine", mine=MINE))
    yield Case("a key condition with a comment", "ann", "query", "app",
               asked("pk = :theirs /* pk = :mine */", **both))  # fmt: skip
    yield Case("a space that is none", "ann", "query", "app", asked("pk\u00a0= :mine", mine=MINE))
    yield Case("a letter that is none", "ann", "query", "app", asked("\uff50k = :mine", mine=MINE))
    yield Case("no key condition", "ann", "query", "app", {})
    yield Case("legacy condition on a foreign partition", "ann", "query", "app",
               {"KeyConditions": {"pk": legacy("EQ", THEIRS)}})  # fmt: skip
    yield Case("legacy prefix of one's own", "ann", "query", "app",
               {"KeyConditions": {"pk": legacy("BEGINS_WITH", MINE)}})  # fmt: skip
    yield Case("legacy condition with two values", "ann", "query", "app",
               {"KeyConditions": {"pk": legacy("EQ", MINE, THEIRS)}})  # fmt: skip
    yield Case("legacy condition that is no equality", "ann", "query", "app",
               {"KeyConditions": {"pk": legacy("GE", MINE)}})  # fmt: skip
    yield Case("both kinds of key conditions", "ann", "query", "app",
               {**asked("pk = :mine", mine=MINE), "KeyConditions": {"pk": legacy("EQ", THEIRS)}})  # fmt: skip
    yield Case("continue in a foreign partition", "ann", "query", "app",
               {**asked("pk = :mine", mine=MINE), "ExclusiveStartKey": {"pk": THEIRS, "id": "0"}})  # fmt: skip
    yield Case("continue at no partition", "ann", "query", "app",
               {**asked("pk = :mine", mine=MINE), "ExclusiveStartKey": {"id": "0"}})  # fmt: skip
    yield Case("continue outside of the prefix", "ann", "query", "app", {
        **asked("pk = :mine AND begins_with(id, :p)", mine=MINE, p="2"),
        "ExclusiveStartKey": {"pk": MINE, "id": "1"}})  # fmt: skip
    yield Case("a foreign partition of an index", "ann", "query", "app",
               {**asked("pk = :theirs", theirs=THEIRS), "IndexName": "byName"})  # fmt: skip
    yield Case("an index by another key", "ann", "query", "app",
               {**asked("email = :e", e="ann@x"), "IndexName": "byEmail"})  # fmt: skip
    yield Case("a foreign address in an index", "reader", "query", "app",
               {**asked("email = :e", e="bob@x"), "IndexName": "byEmail"})  # fmt: skip
    yield Case("an index that is not declared", "admin", "query", "app",
               {**asked("secret = :s", s="s2"), "IndexName": "bySecret"})  # fmt: skip
    yield Case("an index that is not declared, listed", "admin", "list", "app", {"IndexName": "bySecret"})
    yield Case("an item by what its index key would be", "reader", "create", "app",
               {"Item": {"pk": THEIRS, "id": "1", "email": "ann@x"}})  # fmt: skip

    # Lists prove nothing.
    yield Case("list all", "ann", "list", "app", {})
    yield Case("list with a filter for one's own", "ann", "list", "app",
               {"FilterExpression": "pk = :v", "ExpressionAttributeValues": {":v": MINE}})  # fmt: skip
    yield Case("list with a legacy filter", "ann", "list", "app", {"ScanFilter": {"pk": legacy("EQ", MINE)}})
    yield Case("count all", "ann", "list", "app", {"Select": "COUNT"})
    yield Case("list a segment", "ann", "list", "app", {"Segment": 0, "TotalSegments": 2})
    yield Case("list an index", "ann", "list", "app", {"IndexName": "byName"})
    yield Case("list from one's own key on", "ann", "list", "app", {"ExclusiveStartKey": {"pk": MINE, "id": "1"}})

    # Tables.
    yield Case("a table that is not declared", "admin", "list", "secrets", {})
    yield Case("a table by another case", "ann", "read", "App", key(MINE))
    yield Case("a table by its ARN", "admin", "read", ARN, key(MINE))
    yield Case("a table of somebody else's by its ARN", "admin", "read", ARN.replace("0000", "9999"), key(MINE))
    yield Case("describe a table that one may not touch", "partner", "describe", "orders", {})
    yield Case("describe a table that is not declared", "admin", "describe", "secrets", {})
    yield Case("a batch of nothing", "ann", "batchRead", None, {"RequestItems": {}})

    # Values that only look alike.
    yield Case("a number for a string", "signer", "read", "counters", {"Key": {"n": "5"}})
    yield Case("another number", "signer", "read", "counters", {"Key": {"n": 50}})
    yield Case("a number beyond what is exact", "signer", "read", "counters", {"Key": {"n": 5 * 10**60 + 1}})
    yield Case("binary for a string", "ann", "read", "app", key({"$binary": "dXNlciN1MQ=="}))
    yield Case("a string for binary", "signer", "read", "blobs", {"Key": {"b": "a"}})
    yield Case("a set of one", "ann", "read", "app", key({"$set": [MINE]}))
    yield Case("a map for a string", "ann", "read", "app", key({"$map": {"$binary": MINE}}))
    yield Case("two kinds of one value", "ann", "read", "app",
               {"Key": {"pk": {"S": MINE, "N": "1"}, "id": {"S": "1"}}}, "dynamodb-json")  # fmt: skip
    yield Case("a number in other digits", "signer", "read", "counters",
               {"Key": {"n": {"N": "\u0666"}}}, "dynamodb-json")  # fmt: skip
    yield Case("an attribute named as a marker", "ann", "create", "app",
               {"Item": {"$map": {"pk": MINE, "id": "1"}, "pk": THEIRS, "id": "1"}})  # fmt: skip
    yield Case("the key as a marker alone", "ann", "create", "app", {"Item": {"$map": {"pk": MINE, "id": "1"}}})

    # Claims and callers.
    yield Case("another tenant with the same beginning", "ann", "read", "orders", order("acme2#1"))
    yield Case("the tenant without its separator", "ann", "read", "orders", order("acme"))
    yield Case("a prefix that is too short", "ann", "query", "orders",
               asked("begins_with(pk, :p)", p="acme"))  # fmt: skip
    yield Case("a missing claim", "no tenant", "read", "orders", order("#1"))
    yield Case("an empty claim", "empty tenant", "read", "orders", order("#1"))
    yield Case("a claim that holds its separator", "tenant with separator", "read", "orders", order("acme#1#1"))
    yield Case("a claim that holds a later separator", "tenant with separator", "read", "orders",
               order("desk#acme#1#1", "2"))  # fmt: skip
    yield Case("one of two keys", "desk", "read", "orders", order("desk#acme#1", "1"))
    yield Case("a missing claim in a deny rule", "no team", "read", "orders", order("acme#1"))
    yield Case("a claim in a deny rule", "team", "read", "orders", order("acme#2"))
    yield Case("an operation that no rule names", "ann", "list", "orders", {})
    yield Case("an operation that is denied", "ann", "delete", "orders", order("acme#1"))
    yield Case("another holder of a key", "other partner", "read", "app", {**key("catalog"), **SMALL})
    yield Case("a user with the name of a key", "partner by name", "read", "app", {**key("catalog"), **SMALL})
    yield Case("a role of another account", "other role", "list", "app", SMALL)
    yield Case("no caller", "nobody", "read", "app", {**key("catalog"), "ProjectionExpression": "id"})
    yield Case("no caller asks for tables", "nobody", "tables", None, {})
    yield Case("no caller asks for a description", "nobody", "describe", "app", {})
    yield Case("a caller without a rule", "reports", "read", "app", {**key("catalog"), **SMALL})

    # What is denied where nothing proves that it is not touched.
    yield Case("what is denied by its prefix", "ann", "read", "orders", order("acme#frozen1"))
    yield Case("what is denied, queried", "ann", "query", "orders", asked("pk = :p", p="acme#frozen"))
    yield Case("what is denied, in a list", "reports", "list", "orders", {})
    yield Case("what is denied, in a list with a filter", "reports", "list", "orders",
               {"FilterExpression": "pk = :p", "ExpressionAttributeValues": {":p": "acme#1"}})  # fmt: skip
    yield Case("a prefix that holds what is denied", "ann", "query", "orders",
               asked("begins_with(pk, :p)", p="acme#f"))  # fmt: skip
    yield Case("a prefix within what is denied", "ann", "query", "orders",
               asked("begins_with(pk, :p)", p="acme#frozen#1"))  # fmt: skip

    yield Case("a range that holds what is denied", "reports", "query", "orders",
               asked("pk > :p AND sk = :s", p="acme#", s="1"))  # fmt: skip

    # Attributes: returned, projected, filtered, by size, in every notation.
    catalog = key("catalog")
    yield Case("everything of an item", "partner", "read", "app", catalog)
    yield Case("a hidden attribute", "partner", "read", "app", {**catalog, "ProjectionExpression": "cost"})
    yield Case("a hidden attribute among others", "partner", "read", "app",
               {**catalog, "ProjectionExpression": "id,price , cost"})  # fmt: skip
    yield Case("a hidden attribute by placeholder", "partner", "read", "app", {**catalog, **named("#n", n="cost")})
    yield Case("a part of a hidden attribute", "partner", "read", "app",
               {**catalog, **named("#n[0].#m", n="cost", m="price")})  # fmt: skip
    yield Case("a placeholder that holds a dot", "partner", "read", "app", {**catalog, **named("#n", n="price.x")})
    yield Case("a placeholder that is not given", "partner", "read", "app",
               {**catalog, "ProjectionExpression": "#n"})  # fmt: skip
    yield Case("the same name in another case", "partner", "read", "app",
               {**catalog, "ProjectionExpression": "Price"})  # fmt: skip
    yield Case("a hidden attribute the legacy way", "partner", "read", "app",
               {**catalog, "AttributesToGet": ["price", "cost"]})  # fmt: skip
    yield Case("a hidden attribute in a batch", "partner", "batchRead", None, {"RequestItems": {"app": {
        "Keys": [{"pk": "catalog", "id": "1"}], "ProjectionExpression": "cost"}}})  # fmt: skip
    yield Case("everything in a batch", "partner", "batchRead", None, {"RequestItems": {"app": {
        "Keys": [{"pk": "catalog", "id": "1"}]}}})  # fmt: skip
    yield Case("everything in a transaction", "partner", "transactRead", None, {"TransactItems": [
        {"Get": {"TableName": "app", **catalog}}]})  # fmt: skip
    yield Case("the size of an item", "partner", "read", "app",
               {**catalog, **SMALL, "ReturnConsumedCapacity": "TOTAL"})  # fmt: skip
    yield Case("the size of an item in an index", "partner", "query", "app",
               {**CATALOG, **SMALL, "ReturnConsumedCapacity": "INDEXES"})  # fmt: skip
    yield Case("the size of items in a batch", "partner", "batchRead", None, {
        "RequestItems": {"app": {"Keys": [{"pk": "catalog", "id": "1"}], **SMALL}},
        "ReturnConsumedCapacity": "TOTAL"})  # fmt: skip
    yield Case("the size of items in a transaction", "partner", "transactRead", None, {
        "TransactItems": [{"Get": {"TableName": "app", **catalog, **SMALL}}],
        "ReturnConsumedCapacity": "TOTAL"})  # fmt: skip
    yield Case("all attributes despite a projection", "partner", "query", "app",
               {**CATALOG, **SMALL, "Select": "ALL_ATTRIBUTES"})  # fmt: skip
    yield Case("all that an index has", "partner", "query", "app",
               {**CATALOG, "IndexName": "byName", "Select": "ALL_PROJECTED_ATTRIBUTES"})  # fmt: skip
    yield Case("specific attributes that are not named", "partner", "query", "app",
               {**CATALOG, "Select": "SPECIFIC_ATTRIBUTES"})  # fmt: skip
    yield Case("a count in another case", "partner", "query", "app", {**CATALOG, "Select": "count"})
    for text in (
        "cost = :v",
        ":v = cost",
        "NOT price = cost",
        "price = :v aNd cost > :v",
        "price = :v\tOR\n(cost > :v)",
        "price IN (:v, cost)",
        "price BETWEEN :v AND cost",
        "attribute_exists (cost)",
        "attribute_type(cost, :v)",
        "contains(name, cost)",
        "begins_with(cost, :v)",
        "size(cost) > :v",
        "cost.price = :v",
        "cost[0] = :v",
        "SIZE(price) > :v",
        "price = :v ; cost",
    ):
        values = {":c": "catalog", ":v": 1}
        yield Case(f"an oracle: {text!r}", "partner", "query", "app", {
            "KeyConditionExpression": "pk = :c", "FilterExpression": text, **SMALL,
            "ExpressionAttributeValues": values})  # fmt: skip
        yield Case(f"an oracle that counts: {text!r}", "partner", "query", "app", {
            "KeyConditionExpression": "pk = :c", "FilterExpression": text, "Select": "COUNT",
            "ExpressionAttributeValues": values})  # fmt: skip
    yield Case("an oracle the legacy way", "partner", "query", "app",
               {**CATALOG, **SMALL, "QueryFilter": {"cost": legacy("GT", 1)}})  # fmt: skip
    yield Case("the keys that a list shows", "totals", "list", "counters", {"ProjectionExpression": "total"})
    yield Case("the keys that a count shows", "totals", "list", "counters", {"Select": "COUNT"})
    yield Case("the keys of an index that a list shows", "reports", "list", "app",
               {"IndexName": "byEmail", "Select": "COUNT"})  # fmt: skip
    yield Case("a filter on what is hidden", "reports", "list", "app",
               {"Select": "COUNT", "FilterExpression": "secret = :v",
                "ExpressionAttributeValues": {":v": "s1"}})  # fmt: skip
    yield Case("a filter on what is hidden, the legacy way", "reports", "list", "app",
               {"Select": "COUNT", "ScanFilter": {"secret": legacy("EQ", "s1")}})  # fmt: skip

    # Writes of what must not change, and writes that read.
    for who in ("editor", "staff"):
        yield Case(f"{who}: set the role", who, "update", "app", updating("SET role = :v", "admin"))
        yield Case(f"{who}: set the role in lower case", who, "update", "app", updating("set role=:v", "admin"))
        yield Case(f"{who}: set the role by placeholder", who, "update", "app",
                   updating("SET #r = :v", "admin", ExpressionAttributeNames={"#r": "role"}))  # fmt: skip
        yield Case(f"{who}: set a part of the role", who, "update", "app", updating("SET role.x = :v", 1))
        yield Case(f"{who}: set a member of the role", who, "update", "app", updating("SET role[0] = :v", 1))
        yield Case(f"{who}: set the role behind another", who, "update", "app",
                   updating("SET price = if_not_exists(price, :v), role = :v", 1))  # fmt: skip
        yield Case(f"{who}: remove the role in a second clause", who, "update", "app",
                   updating("SET name = :v\n\tREMOVE\trole", "x"))  # fmt: skip
        yield Case(f"{who}: remove the role first", who, "update", "app", updating("remove role SET name = :v", "x"))
        yield Case(
            f"{who}: remove the role behind a set", who, "update", "app", updating("SET name = :v remove role", 1)
        )
        yield Case(f"{who}: add to the role", who, "update", "app", updating("ADD role :v", 1))
        yield Case(f"{who}: delete from the role", who, "update", "app", updating("DELETE role :v", {"$set": ["a"]}))
        yield Case(f"{who}: set the role the legacy way", who, "update", "app",
                   {**key(MINE), "AttributeUpdates": {"role": {"Value": "admin", "Action": "PUT"}}})  # fmt: skip
        yield Case(f"{who}: drop the role by a create", who, "create", "app", own_item)
        yield Case(f"{who}: drop the role by a create in a batch", who, "batchWrite", None,
                   {"RequestItems": {"app": [{"PutRequest": own_item}]}})  # fmt: skip
        yield Case(f"{who}: create with a role", who, "create", "app",
                   {"Item": {**own_item["Item"], "role": "admin"}, **NEW})  # fmt: skip
        for condition in (
            "attribute_not_exists(name)",
            "attribute_not_exists(pk.x)",
            "attribute_not_exists(pk) OR attribute_exists(pk)",
            "attribute_not_exists(pk) AND NOT attribute_exists(id) or id = id",
            "attribute_not_exists(pk) AND attribute_exists(id) Or attribute_exists(pk)",
            "NOT attribute_not_exists(pk)",
            "attribute_exists(pk)",
            "pk <> id AND attribute_not_exists(pk)",
        ):
            yield Case(f"{who}: drop the role where {condition}", who, "create", "app",
                       {**own_item, "ConditionExpression": condition})  # fmt: skip
        yield Case(f"{who}: drop the role where a placeholder decoys", who, "create", "app",
                   {**own_item, **named("attribute_not_exists(#pk)", "ConditionExpression", pk="name")})  # fmt: skip
        yield Case(f"{who}: drop the role by a legacy condition", who, "create", "app",
                   {**own_item, "Expected": {"pk": {"Exists": False}}})  # fmt: skip
        yield Case(f"{who}: drop the role by a delete", who, "delete", "app", key(MINE))
        yield Case(f"{who}: copy what is hidden", who, "update", "app", updating("SET name = secret"))
        yield Case(f"{who}: copy a part of what is hidden", who, "update", "app", updating("SET name = secret.x"))
        yield Case(f"{who}: add what is hidden", who, "update", "app", updating("SET price = price-secret"))
        yield Case(f"{who}: whether it is hidden", who, "update", "app",
                   updating("SET name = if_not_exists(secret, :v)", "x"))  # fmt: skip
        yield Case(f"{who}: append what is hidden", who, "update", "app",
                   updating("SET name = list_append(:v, secret)", ["x"]))  # fmt: skip
        yield Case(f"{who}: whether what is hidden is a number", who, "update", "app", updating("ADD secret :v", 1))
        yield Case(f"{who}: whether what is hidden is a map", who, "update", "app", updating("SET secret.x = :v", 1))
        yield Case(f"{who}: whether what is hidden is a list", who, "update", "app", updating("REMOVE secret[0]"))
        yield Case(f"{who}: whether what is hidden is a set, the legacy way", who, "update", "app", {
            **key(MINE), "AttributeUpdates": {"secret": {"Value": {"$set": ["a"]}, "Action": "DELETE"}}})  # fmt: skip
        yield Case(f"{who}: a condition on what is hidden", who, "update", "app",
                   updating("SET name = :v", "s1", ConditionExpression="secret = :v"))  # fmt: skip
        yield Case(f"{who}: an expectation of what is hidden", who, "update", "app", {
            **key(MINE), "AttributeUpdates": {"name": {"Value": "x"}},
            "Expected": {"secret": {"Value": "s1"}}})  # fmt: skip
        yield Case(f"{who}: a check of what is hidden", who, "transactWrite", None, {"TransactItems": [
            {"ConditionCheck": {"TableName": "app", **key(MINE), "ConditionExpression": "attribute_exists(secret)"}}
        ]})  # fmt: skip
        for returned in ("ALL_OLD", "ALL_NEW", "all_new"):
            yield Case(f"{who}: return {returned}", who, "update", "app",
                       updating("SET name = :v", "x", ReturnValues=returned))  # fmt: skip
        yield Case(f"{who}: return what is hidden as it was", who, "update", "app",
                   updating("SET secret = :v", "x", ReturnValues="UPDATED_OLD"))  # fmt: skip
        yield Case(f"{who}: return the item on failure", who, "update", "app",
                   updating("SET name = :v", "x", ConditionExpression="attribute_not_exists(pk)",
                            ReturnValuesOnConditionCheckFailure="ALL_OLD"))  # fmt: skip
        yield Case(f"{who}: return the item on a transaction's failure", who, "transactWrite", None, {"TransactItems": [
            {"ConditionCheck": {"TableName": "app", **key(MINE), **NEW,
                                "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}}]})  # fmt: skip
        yield Case(f"{who}: the size of what is written", who, "update", "app",
                   updating("SET name = :v", "x", ReturnConsumedCapacity="TOTAL"))  # fmt: skip
        yield Case(f"{who}: the size of the collection", who, "update", "app",
                   updating("SET name = :v", "x", ReturnItemCollectionMetrics="SIZE"))  # fmt: skip
        yield Case(f"{who}: an update that is not understood", who, "update", "app", updating("SETname = :v", "x"))
        yield Case(f"{who}: an unknown function", who, "update", "app", updating("SET name = size(price)"))
        yield Case(f"{who}: an expression that is too long", who, "update", "app",
                   updating("SET name = :v" + " " * 4096, "x"))  # fmt: skip
    yield Case("return what a delete deletes", "intake", "create", "orders",
               {"Item": {"pk": "a", "sk": "1"}, **NEW, "ReturnValues": "ALL_OLD"})  # fmt: skip
    yield Case("overwrite where only new items may be made", "intake", "create", "orders",
               {"Item": {"pk": "acme#1", "sk": "1", "total": 1}})  # fmt: skip
    yield Case("an attribute beside those that may be written", "intake", "create", "orders",
               {"Item": {"pk": "a", "sk": "1", "paid": True}, **NEW})  # fmt: skip
    yield Case("a condition beside what may be read", "intake", "create", "orders", {
        "Item": {"pk": "a", "sk": "1"},
        "ConditionExpression": "attribute_not_exists(pk) AND attribute_not_exists(total)"})  # fmt: skip


def _honest() -> Iterator[Case]:
    own_item = {"Item": {"pk": MINE, "id": "7", "name": "x"}}
    yield Case("read one's own", "ann", "read", "app", key(MINE))
    yield Case("read what is not there", "ann", "read", "app", key(MINE, "none"))
    yield Case("create one's own", "ann", "create", "app", own_item)
    yield Case("update one's own, and see it", "ann", "update", "app",
               updating("SET #n = :v", "x", ReturnValues="ALL_NEW",
                        ExpressionAttributeNames={"#n": "name"}))  # fmt: skip
    yield Case("delete one's own", "ann", "delete", "app", key(MINE, "2"))
    yield Case("query one's own", "ann", "query", "app", asked("pk = :mine", mine=MINE))
    yield Case("query with the operands swapped", "ann", "query", "app", asked(":mine = pk", mine=MINE))
    yield Case("query in brackets and by placeholders", "ann", "query", "app",
               asked("(#p = :mine) and (#i BETWEEN :a AND :b)", {"#p": "pk", "#i": "id"},
                     mine=MINE, a="1", b="2"))  # fmt: skip
    yield Case("query the legacy way", "ann", "query", "app", {"KeyConditions": {"pk": legacy("EQ", MINE)}})
    yield Case("query an index within one's own", "ann", "query", "app",
               {**asked("pk = :mine AND begins_with(#n, :p)", {"#n": "name"}, mine=MINE, p="A"),
                "IndexName": "byName"})  # fmt: skip
    yield Case("continue a query", "ann", "query", "app",
               {**asked("pk = :mine", mine=MINE), "ExclusiveStartKey": {"pk": MINE, "id": "1"}})  # fmt: skip
    yield Case("query by one's own address", "reader", "query", "app",
               {**asked("email = :e", e="ann@x"), "IndexName": "byEmail"})  # fmt: skip
    yield Case("read a batch", "ann", "batchRead", None, {"RequestItems": {"app": {
        "Keys": [{"pk": MINE, "id": "1"}, {"pk": MINE, "id": "2"}]}}})  # fmt: skip
    yield Case("write a batch", "ann", "batchWrite", None, {"RequestItems": {"app": [
        {"PutRequest": own_item}, {"DeleteRequest": key(MINE, "3")}]}})  # fmt: skip
    yield Case("read a transaction", "ann", "transactRead", None, {"TransactItems": [
        {"Get": {"TableName": "app", **key(MINE)}}, {"Get": {"TableName": "orders", **order("acme#1")}}]})  # fmt: skip
    yield Case("write a transaction", "ann", "transactWrite", None, {"TransactItems": [
        {"Put": {"TableName": "app", **own_item}},
        {"Update": {"TableName": "app", **key(MINE, "4"), "UpdateExpression": "REMOVE x"}},
        {"Delete": {"TableName": "app", **key(MINE, "5")}},
        {"ConditionCheck": {"TableName": "orders", **order("acme#1"),
                            "ConditionExpression": "attribute_exists(pk)"}}]})  # fmt: skip
    yield Case("a tenant's order", "ann", "create", "orders", {"Item": {"pk": "acme#1", "sk": "2"}})
    yield Case("a tenant's orders", "ann", "query", "orders", asked("pk = :p", p="acme#1"))
    yield Case("two keys at once", "desk", "read", "orders", order("desk#acme#1", "21"))
    yield Case("what a deny rule does not name", "team", "read", "orders", order("acme#1"))
    yield Case("the open attributes", "partner", "read", "app",
               {**key("catalog"), **named("id, #n, price", n="name")})  # fmt: skip
    yield Case("the open attributes the legacy way", "partner", "read", "app",
               {**key("catalog"), "AttributesToGet": ["id", "price"]})  # fmt: skip
    yield Case("a part of an open attribute", "partner", "read", "app",
               {**key("catalog"), **named("price.#m[0].cost", m="role")})  # fmt: skip
    yield Case("orders that are not denied", "reports", "query", "orders", asked("pk = :p", p="acme#1"))
    yield Case("filter by an open attribute", "partner", "query", "app", {
        "KeyConditionExpression": "pk = :c", "FilterExpression": "price > :v AND attribute_exists(price)", **SMALL,
        "ExpressionAttributeValues": {":c": "catalog", ":v": 1}})  # fmt: skip
    yield Case("count", "partner", "query", "app", {**CATALOG, "Select": "COUNT"})
    yield Case("a batch of open attributes", "partner", "batchRead", None, {"RequestItems": {"app": {
        "Keys": [{"pk": "catalog", "id": "1"}], "ProjectionExpression": "price"}}})  # fmt: skip
    yield Case("no capacity is none", "partner", "query", "app",
               {**CATALOG, **SMALL, "ReturnConsumedCapacity": "NONE"})  # fmt: skip
    for who in ("editor", "staff"):
        yield Case(f"{who}: update an open attribute", who, "update", "app",
                   updating("SET #n = :v, price = if_not_exists(price, :p)", ReturnValues="UPDATED_NEW",
                            ExpressionAttributeNames={"#n": "name"},
                            ExpressionAttributeValues={":v": "x", ":p": 1}))  # fmt: skip
        yield Case(f"{who}: update in lower case", who, "update", "app",
                   updating("set price = :v remove #n", 1, ExpressionAttributeNames={"#n": "name"}))  # fmt: skip
        yield Case(f"{who}: create what is new", who, "create", "app", {
            "Item": {"pk": "new", "id": who, "price": 1},
            "ConditionExpression": "attribute_not_exists(id) AND attribute_not_exists(price)"})  # fmt: skip
        yield Case(f"{who}: add to a counter", who, "update", "app", updating("ADD price :v", 1))
    yield Case("list names", "reports", "list", "app", named("#n", n="name"))
    yield Case("count all", "reports", "list", "app", {"Select": "COUNT"})
    yield Case("list everything", "admin", "list", "app", {})
    yield Case("list an index", "admin", "list", "app", {"IndexName": "byEmail"})
    yield Case("what only admins may", "admin", "delete", "orders", order("acme#frozen"))
    yield Case("take in what is new", "intake", "create", "orders",
               {"Item": {"pk": "new", "sk": "1", "total": 1}, **NEW})  # fmt: skip
    yield Case("a number however it is written", "signer", "read", "counters",
               {"Key": {"n": {"N": "50e-1"}}}, "dynamodb-json")  # fmt: skip
    yield Case("a number", "signer", "read", "counters", {"Key": {"n": 5}})
    yield Case("binary", "signer", "read", "blobs", {"Key": {"b": {"$binary": "YQ=="}}})
    yield Case("what everybody may see", "anonymous", "read", "app", {**key("catalog"), **named("#n", n="name")})
    yield Case("describe", "ann", "describe", "app", {})
    yield Case("tables", "ann", "tables", None, {})
    yield Case("echo without a caller", "nobody", "echo", None, {"a": 1})
    yield Case("ping without a caller", "nobody", "ping", None, {})


def in_both_formats(cases: Iterator[Case]) -> list[Case]:
    return [each for case in cases for each in ((case, case.in_dynamodb_json()) if case.format == "json" else (case,))]


ATTACKS = list(_attacks())
HONEST = list(_honest())
