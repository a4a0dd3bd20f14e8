"""The tables of CloudFormation templates: what is deployed is what runs on this machine, from one file.

cfn-lint reads a template and says where it is wrong; pycfmodel resolves its parameters, conditions and functions.
"""

import logging
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pycfmodel
import pydantic
from botocore.config import Config
from botocore.exceptions import ClientError, ParamValidationError
from cfnlint.decode import decode

from local.process import StartError

TYPES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")
PSEUDO_PARAMETERS = {
    "AWS::AccountId": "000000000000",
    "AWS::Region": "us-east-1",
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "local",
}
INDEXES = ("LocalSecondaryIndexes", "GlobalSecondaryIndexes")

logging.getLogger("pycfmodel").setLevel(logging.ERROR)


class Table(NamedTuple):
    """A table of a template: where it stands, CreateTable's parameters, and the attribute that ends an item's life."""

    source: str
    schema: dict[str, Any]
    time_to_live: str | None

    @property
    def name(self) -> str:
        name: str = self.schema["TableName"]
        return name


def read_tables(templates: list[Path], parameters: str) -> list[Table]:
    """Read the tables of some templates.

    `parameters` is `Name=value Name=value`, as `aws cloudformation deploy` takes them. Raises `StartError`, with
    file and line, for a template that cannot be read or holds no table.
    """
    given = _parameters(parameters)
    parsed = {template: _parsed(template) for template in templates}
    declared = {name for template in parsed.values() for name in template.get("Parameters", {})}
    if unknown := given.keys() - declared:
        raise StartError(
            f"TABLE_PARAMETERS: no template has a parameter {', '.join(sorted(unknown))}; they have: "
            f"{', '.join(sorted(declared)) or 'none'}"
        )
    tables = [table for path, template in parsed.items() for table in _tables(path, template, given)]
    for table in tables:
        if others := [other.source for other in tables if other.name == table.name and other is not table]:
            raise StartError(f"{table.source}: the table {table.name} is also in {others[0]}")
    return tables


def _parameters(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in shlex.split(text)]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise StartError(f"TABLE_PARAMETERS: {wrong[0]!r} is not Name=value")
    return {name: value for name, _, value in pairs}


def _parsed(path: Path) -> Any:
    template, faults = decode(str(path))
    if faults or not isinstance(template, dict):
        where = f"{path}:{faults[0].linenumber}: {faults[0].message}" if faults else f"{path}:1: it is no template"
        raise StartError(where)
    if not any(_is_table(resource) for resource in _resources(template).values()):
        raise StartError(f"{path}:1: the template has no resource of the type {' or '.join(TYPES)}")
    return template


def _resources(template: Any) -> Any:
    resources = template.get("Resources")
    return resources if isinstance(resources, dict) else {}


def _is_table(resource: Any) -> bool:
    return isinstance(resource, dict) and resource.get("Type") in TYPES


def _tables(path: Path, template: Any, given: Mapping[str, str]) -> Iterator[Table]:
    for name, parameter in template.get("Parameters", {}).items():
        if name not in given and "Default" not in parameter:
            raise StartError(
                f"{path}:{_line(name)}: the parameter {name} has no default; set TABLE_PARAMETERS='{name}=…'"
            )
    parts = {name: template.get(name, {}) for name in ("Parameters", "Mappings", "Conditions")}
    values = {**PSEUDO_PARAMETERS, **{name: given[name] for name in parts["Parameters"] if name in given}}
    for name, resource in _resources(template).items():
        if not _is_table(resource):
            continue
        source = f"{path}:{_line(name)}"
        try:
            model = pycfmodel.parse({**parts, "Resources": {name: resource}}).resolve(dict(values))
        except pydantic.ValidationError as error:
            fault = error.errors()[0]
            raise StartError(f"{source}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}") from None
        except Exception as error:
            # pycfmodel has no error of its own: each of its functions raises what Python raises.
            raise StartError(f"{source}: {type(error).__name__}: {error}") from None
        for resolved in model.Resources.values():
            yield _table(source, name, _present(resolved.model_dump()["Properties"] or {}))


def _present(value: Any) -> Any:
    """Leave out the members that are null: pycfmodel's models have every member."""
    if isinstance(value, dict):
        return {name: _present(member) for name, member in value.items() if member is not None}
    return [_present(member) for member in value] if isinstance(value, list) else value


def _line(node: Any) -> int:
    """Return the line where a name of a template stands, as cfn-lint read it."""
    return int(node.start_mark.line) + 1


def _table(source: str, logical_id: str, properties: dict[str, Any]) -> Table:
    """Keep what decides how a table answers. Capacity, backups, encryption and replicas do not, on this machine."""
    schema = {
        # CloudFormation makes up a name that holds the logical id.
        "TableName": properties.get("TableName", logical_id),
        "KeySchema": properties.get("KeySchema"),
        "AttributeDefinitions": properties.get("AttributeDefinitions"),
        "BillingMode": "PAY_PER_REQUEST",
    }
    for kind in INDEXES:
        members = ("IndexName", "KeySchema", "Projection")
        if indexes := properties.get(kind):
            schema[kind] = [{name: index[name] for name in members if name in index} for index in indexes]
    time_to_live = properties.get("TimeToLiveSpecification", {})
    return Table(source, schema, time_to_live.get("AttributeName") if time_to_live.get("Enabled") else None)


def ensure_tables(endpoint: str, tables: list[Table], region: str | None) -> Iterator[str]:
    """Create the tables that are missing; yields what to tell of each that was created or has another schema.

    Raises `StartError`, with file and line, for a table that DynamoDB refuses, and what botocore raises where DynamoDB
    does not answer.
    """
    config = Config(connect_timeout=2, read_timeout=20, retries={"total_max_attempts": 2})
    client: Any = boto3.client("dynamodb", endpoint_url=endpoint, region_name=region, config=config)
    for table in tables:
        try:
            existing = client.describe_table(TableName=table.name)["Table"]
        except client.exceptions.ResourceNotFoundException:
            _create(client, table)
            yield f"Created the table {table.name}."
            continue
        if _keys(existing) != _keys(table.schema):
            yield (
                f"The table {table.name} exists with other keys or indexes than {table.source} has. It stays as it is; "
                "`make clean-data` removes every table with its items."
            )


def _create(client: Any, table: Table) -> None:
    try:
        client.create_table(**table.schema)
        client.get_waiter("table_exists").wait(TableName=table.name, WaiterConfig={"Delay": 1})
        if table.time_to_live:
            specification = {"Enabled": True, "AttributeName": table.time_to_live}
            client.update_time_to_live(TableName=table.name, TimeToLiveSpecification=specification)
    except ParamValidationError as error:
        raise StartError(f"{table.source}: the table cannot be created: {error}") from None
    except ClientError as error:
        message = error.response["Error"].get("Message") or error
        raise StartError(f"{table.source}: the table {table.name} cannot be created: {message}") from None


def _keys(schema: Mapping[str, Any]) -> dict[str, list[tuple[str, str, str]]]:
    """Return the key of a table and of each of its indexes: attribute, type, kind of key."""
    types = {each["AttributeName"]: each["AttributeType"] for each in schema["AttributeDefinitions"]}
    owners = [{"IndexName": "", **schema}, *(index for kind in INDEXES for index in schema.get(kind) or [])]
    return {
        owner["IndexName"]: [(key["AttributeName"], types[key["AttributeName"]], key["KeyType"])
                             for key in owner["KeySchema"]] for owner in owners
    }  # fmt: skip
