"""What a request touches: one access for each item, with what is known of its key and the attributes it concerns.

A parameter that stands in none of the tables below is refused: DynamoDB may learn to understand more than this page.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from chalicelib.access.expressions import (
    NotUnderstood,
    condition_reads,
    creates_only,
    key_condition,
    projection_reads,
    update_effects,
)
from chalicelib.access.known import VALUES, Known, Prefix, Value, implies
from chalicelib.access.rules import Action, Rules, Table
from chalicelib.errors import ApiError, forbidden

Parameters = Mapping[str, Any]

# DynamoDB takes no more actions in a transaction.
MAX_ACTIONS = 100


class Attributes(NamedTuple):
    """Top-level attributes of an item.

    Those that the request names, those that it touches without naming them, and every other one where `every` is true.
    """

    named: frozenset[str] = frozenset()
    implied: frozenset[str] = frozenset()
    every: bool = False


class Access(NamedTuple):
    """One item that a request touches, or all that a query or a list may return.

    `table` is the name in the rules' file, `resource` what the request calls the table, which may be an ARN.
    """

    action: Action
    table: str
    resource: str
    key: Mapping[str, Known]
    reads: Attributes
    writes: Attributes

    def of(self, key: Mapping[str, Known]) -> "Access":
        """The same of another item."""
        return Access(self.action, self.table, self.resource, key, self.reads, self.writes)


class Touched:
    """Gathers what the parameters of one access read and write. `shown` is what `LastEvaluatedKey` shows."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.shown: set[str] = set()
        self.reads_every = self.writes_every = False

    def read(self, attributes: Iterable[str]) -> None:
        self.reads.update(attributes)

    def write(self, attributes: Iterable[str]) -> None:
        self.writes.update(attributes)

    def access(self, action: Action, table: str, resource: str, key: Mapping[str, Known]) -> Access:
        reads = Attributes(frozenset(self.reads), frozenset(self.shown), self.reads_every)
        writes = Attributes(frozenset(self.writes), every=self.writes_every)
        return Access(action, table, resource, key, reads, writes)


def accesses(
    operation: str, payload: Parameters, format: str, rules: Rules, allowed_tables: Collection[str] | None = None
) -> list[Access]:
    """The accesses of a request, whose payload has passed the check by DynamoDB's service model.

    `allowed_tables` are the stage's; None means every table. Raises `ApiError` 403 for what no rule can allow.
    """
    touched = list(_OPERATIONS[operation](Reader(rules, VALUES[format], allowed_tables), payload))
    if not touched:
        raise forbidden("The request names no item that an access rule could allow.")
    return touched


def declared_name(rules: Rules, resource: str, allowed_tables: Collection[str] | None) -> str | None:
    """The name in the rules' file of what a request calls a table; None for a table that is not declared.

    An ARN counts only where the stage allows exactly this one.
    """
    name = resource.rpartition("/")[2] if resource in (allowed_tables or ()) else resource
    return name if name in rules.tables else None


class Reader(NamedTuple):
    """What it takes to read a payload."""

    rules: Rules
    value_of: Callable[[object], Value | None]
    allowed_tables: Collection[str] | None

    def table(self, parameters: Parameters) -> tuple[str, Table]:
        name = declared_name(self.rules, parameters["TableName"], self.allowed_tables)
        if name is None:
            raise forbidden('The access rules do not know the table "%s".', parameters["TableName"])
        return name, self.rules.tables[name]

    def access(self, action: Action, parameters: Parameters, shared: Parameters) -> Access:
        """The access of an action on one item.

        `shared` are the parameters beside a batch or a transaction, which concern each of its parts.
        """
        name, table = self.table(parameters)
        touched = _touched({**parameters, **shared})
        _ITEM_ACTIONS[action](touched, parameters, table)
        return touched.access(action, name, parameters["TableName"], self.primary_key(parameters, table))

    def primary_key(self, parameters: Parameters, table: Table) -> dict[str, Known]:
        """What is known of the item's primary key. What it says of an index's key holds for a new item only."""
        return self.known_of(parameters["Item"] if "Item" in parameters else parameters["Key"], table)

    def known_of(self, item: Parameters, table: Table) -> dict[str, Known]:
        known: dict[str, Known] = {}
        for attribute in table.key:
            value = self.value_of(item.get(attribute))
            if value is not None:
                known[attribute] = value
        return known

    def range(self, action: Action, parameters: Parameters, key: dict[str, Known]) -> Access:
        """The access of a query or a list, which may return every item that fits the key."""
        name, table = self.table(parameters)
        touched = _touched(parameters)
        _returned(touched, parameters)
        touched.shown.update(table.key)
        index = parameters.get("IndexName")
        if index is not None:
            if index not in table.indexes:
                raise forbidden(f'The access rules do not know the index "%s" of the table "{name}".', index)
            touched.shown.update(table.indexes[index])
        return touched.access(action, name, parameters["TableName"], key)


def _touched(parameters: Parameters) -> Touched:
    """What the parameters of one access read and write by themselves."""
    touched = Touched(parameters.get("ExpressionAttributeNames", {}))
    for name, value in parameters.items():
        if name not in _PARAMETERS:
            raise forbidden(f'The access rules do not know the parameter "{name}".')
        try:
            _PARAMETERS[name](touched, value)
        except NotUnderstood as error:
            raise _not_understood(name, error) from None
    return touched


def _not_understood(parameter: str, error: NotUnderstood) -> ApiError:
    return forbidden(f"{parameter} is not understood for certain: {error.reason}.", *error.words)


def _nothing(touched: Touched, value: Any) -> None:
    pass


def _condition(touched: Touched, value: Any) -> None:
    touched.read(condition_reads(value, touched.names))


def _projection(touched: Touched, value: Any) -> None:
    touched.read(projection_reads(value, touched.names))


def _named(touched: Touched, value: Any) -> None:
    """The legacy parameters name attributes as they are, without paths."""
    touched.read(value)


def _update_expression(touched: Touched, value: Any) -> None:
    update = update_effects(value, touched.names)
    touched.read(update.reads)
    touched.write(update.writes)


def _attribute_updates(touched: Touched, value: Any) -> None:
    touched.write(value)
    touched.read(name for name, update in value.items() if update.get("Action", "PUT") != "PUT")


def _everything_unless_none(touched: Touched, value: Any) -> None:
    """What answers with an item, or with a size that tells about what is hidden."""
    touched.reads_every |= value != "NONE"


# What each parameter reads or writes, whatever the operation.
_PARAMETERS: dict[str, Callable[[Touched, Any], None]] = {
    "TableName": _nothing,
    "IndexName": _nothing,
    "Item": _nothing,
    "Key": _nothing,
    "ExpressionAttributeNames": _nothing,
    "ExpressionAttributeValues": _nothing,
    "ConditionalOperator": _nothing,
    "ConsistentRead": _nothing,
    "ExclusiveStartKey": _nothing,
    "Limit": _nothing,
    "ScanIndexForward": _nothing,
    "Segment": _nothing,
    "TotalSegments": _nothing,
    "ClientRequestToken": _nothing,
    "ConditionExpression": _condition,
    "FilterExpression": _condition,
    "KeyConditionExpression": _condition,
    "ProjectionExpression": _projection,
    "UpdateExpression": _update_expression,
    "AttributesToGet": _named,
    "Expected": _named,
    "KeyConditions": _named,
    "QueryFilter": _named,
    "ScanFilter": _named,
    "AttributeUpdates": _attribute_updates,
    "ReturnConsumedCapacity": _everything_unless_none,
    "ReturnItemCollectionMetrics": _everything_unless_none,
    "ReturnValuesOnConditionCheckFailure": _everything_unless_none,
    # What these two return depends on the other parameters.
    "ReturnValues": _nothing,
    "Select": _nothing,
}


def _returned(touched: Touched, parameters: Parameters) -> None:
    """What reading returns."""
    select = parameters.get("Select", "SPECIFIC_ATTRIBUTES")
    projected = "ProjectionExpression" in parameters or "AttributesToGet" in parameters
    touched.reads_every |= select != "COUNT" and not (select == "SPECIFIC_ATTRIBUTES" and projected)


def _create(touched: Touched, parameters: Parameters, table: Table) -> None:
    touched.write(parameters["Item"])
    # Without such a condition it drops the attributes that it does not name.
    condition = parameters.get("ConditionExpression")
    touched.writes_every = condition is None or not creates_only(condition, touched.names, table.key)
    touched.reads_every |= parameters.get("ReturnValues", "NONE") != "NONE"


def _read(touched: Touched, parameters: Parameters, table: Table) -> None:
    _returned(touched, parameters)


def _update(touched: Touched, parameters: Parameters, table: Table) -> None:
    returned = parameters.get("ReturnValues", "NONE")
    if returned in ("UPDATED_OLD", "UPDATED_NEW"):
        touched.read(touched.writes)
    else:
        touched.reads_every |= returned != "NONE"


def _delete(touched: Touched, parameters: Parameters, table: Table) -> None:
    touched.writes_every = True
    touched.reads_every |= parameters.get("ReturnValues", "NONE") != "NONE"


def _check(touched: Touched, parameters: Parameters, table: Table) -> None:
    """It returns nothing but whether its condition holds."""


_ITEM_ACTIONS: dict[str, Callable[[Touched, Parameters, Table], None]] = {
    "create": _create,
    "read": _read,
    "update": _update,
    "delete": _delete,
    "check": _check,
}


def _single(action: Action) -> Callable[[Reader, Parameters], Iterator[Access]]:
    def one(reader: Reader, payload: Parameters) -> Iterator[Access]:
        yield reader.access(action, payload, {})

    return one


def _query(reader: Reader, payload: Parameters) -> Iterator[Access]:
    key = _proven(reader, payload)
    start = payload.get("ExclusiveStartKey")
    if start is not None:
        for attribute, known in key.items():
            value = reader.value_of(start.get(attribute))
            if value is None or not implies(value, known):
                raise forbidden("ExclusiveStartKey lies outside of what the key condition asks for.")
    yield reader.range("query", payload, key)


def _proven(reader: Reader, payload: Parameters) -> dict[str, Known]:
    """What the key condition proves of the items it finds."""
    expression, legacy = payload.get("KeyConditionExpression"), payload.get("KeyConditions", {})
    if expression is None:
        proofs = ((attribute, _legacy_proof(reader, condition)) for attribute, condition in legacy.items())
        return {attribute: proof for attribute, proof in proofs if proof is not None}
    if legacy:
        raise forbidden("KeyConditionExpression and KeyConditions cannot be had together.")
    names, values = payload.get("ExpressionAttributeNames", {}), payload.get("ExpressionAttributeValues", {})
    try:
        return key_condition(expression, names, lambda placeholder: reader.value_of(values.get(placeholder)))
    except NotUnderstood as error:
        raise _not_understood("KeyConditionExpression", error) from None


def _legacy_proof(reader: Reader, condition: Parameters) -> Known | None:
    values = condition.get("AttributeValueList", [])
    value = reader.value_of(values[0]) if len(values) == 1 else None
    if condition["ComparisonOperator"] == "BEGINS_WITH":
        return Prefix(value) if isinstance(value, str | bytes) else None
    return value if condition["ComparisonOperator"] == "EQ" else None


def _list(reader: Reader, payload: Parameters) -> Iterator[Access]:
    yield reader.range("list", payload, {})


def _batch_read(reader: Reader, payload: Parameters) -> Iterator[Access]:
    tables, shared = _parts(payload, "RequestItems")
    for table, parameters in tables.items():
        # What all keys have in common is read once, however many there are.
        common = {name: value for name, value in parameters.items() if name != "Keys"}
        sample = reader.access("read", {**common, "TableName": table, "Key": {}}, shared)
        declared = reader.rules.tables[sample.table]
        for key in parameters["Keys"]:
            yield sample.of(reader.known_of(key, declared))


def _batch_write(reader: Reader, payload: Parameters) -> Iterator[Access]:
    tables, shared = _parts(payload, "RequestItems")
    for table, requests in tables.items():
        # No request has more than an item or a key, so that those of a kind differ in the key and in names alone.
        samples: dict[str, Access] = {}
        for request in requests:
            for kind, parameters in request.items():
                if kind not in samples:
                    samples[kind] = reader.access(_PARTS[kind], {**parameters, "TableName": table}, shared)
                sample = samples[kind]
                yield sample.of(reader.primary_key(parameters, reader.rules.tables[sample.table]))


def _transaction(reader: Reader, payload: Parameters) -> Iterator[Access]:
    items, shared = _parts(payload, "TransactItems")
    if len(items) > MAX_ACTIONS:
        raise forbidden(f"A transaction has {MAX_ACTIONS} actions at most.")
    for item in items:
        for kind, parameters in item.items():
            yield reader.access(_PARTS[kind], parameters, shared)


def _parts(payload: Parameters, name: str) -> tuple[Any, Parameters]:
    """The parts of a batch or a transaction, and the parameters beside them."""
    return payload[name], {parameter: value for parameter, value in payload.items() if parameter != name}


# The parts of batches and transactions, and the operations that they are.
_PARTS: dict[str, Action] = {
    "PutRequest": "create",
    "DeleteRequest": "delete",
    "Put": "create",
    "Get": "read",
    "Update": "update",
    "Delete": "delete",
    "ConditionCheck": "check",
}

_OPERATIONS: dict[str, Callable[[Reader, Parameters], Iterator[Access]]] = {
    "create": _single("create"),
    "read": _single("read"),
    "update": _single("update"),
    "delete": _single("delete"),
    "query": _query,
    "list": _list,
    "batchRead": _batch_read,
    "batchWrite": _batch_write,
    "transactRead": _transaction,
    "transactWrite": _transaction,
}
