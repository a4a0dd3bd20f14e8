"""`make run` has the tables of the CloudFormation templates that are deployed."""

from pathlib import Path
from typing import Any

import pytest

from local.process import StartError
from local.table_templates import Table, ensure_tables, read_tables
from tests.conftest import PROJECT

TABLE = PROJECT / "infrastructure" / "table.yaml"
SINGLE_TABLE = PROJECT / "infrastructure" / "single-table.yaml"

ORDERS = """
Parameters:
  Stage: {Type: String, Default: dev}
  SortType: {Type: String, Default: N}
Mappings:
  Names: {dev: {orders: orders-dev}, prod: {orders: orders}}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !FindInMap [Names, !Ref Stage, orders]
      BillingMode: PROVISIONED
      ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5}
      AttributeDefinitions:
        - {AttributeName: customer, AttributeType: S}
        - {AttributeName: number, AttributeType: !Ref SortType}
        - {AttributeName: day, AttributeType: S}
      KeySchema: [{AttributeName: customer, KeyType: HASH}, {AttributeName: number, KeyType: RANGE}]
      LocalSecondaryIndexes:
        - IndexName: by-day
          KeySchema: [{AttributeName: customer, KeyType: HASH}, {AttributeName: day, KeyType: RANGE}]
          Projection: {ProjectionType: KEYS_ONLY}
      GlobalSecondaryIndexes:
        - IndexName: days
          KeySchema: [{AttributeName: day, KeyType: HASH}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [total]}
          ProvisionedThroughput: {ReadCapacityUnits: 5, WriteCapacityUnits: 5}
      TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
  Archive:
    Type: AWS::DynamoDB::Table
    Condition: IsProd
    Properties:
      TableName: !Sub "archive-${Stage}"
      AttributeDefinitions: [{AttributeName: id, AttributeType: B}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Function:
    Type: AWS::Lambda::Function
    Properties: {Code: !GetAtt Other.Thing}
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "orders.yaml"
    path.write_text(ORDERS)
    return path


def test_the_projects_own_templates_are_read() -> None:
    table, single = read_tables([TABLE, SINGLE_TABLE], "")
    assert (table.name, table.schema["KeySchema"]) == (
        "lambda-apigateway",
        [{"AttributeName": "id", "KeyType": "HASH"}],
    )
    assert (single.name, single.time_to_live) == ("shop", "expires")
    assert [index["IndexName"] for index in single.schema["GlobalSecondaryIndexes"]] == ["inverted"]


def test_parameters_conditions_and_mappings_are_resolved(template: Path) -> None:
    (orders,) = read_tables([template], "")
    assert (orders.name, orders.source) == ("orders-dev", f"{template}:10")
    orders, archive = read_tables([template], "Stage=prod SortType=S")
    assert [orders.name, archive.name] == ["orders", "archive-prod"]
    assert orders.schema["AttributeDefinitions"][1] == {"AttributeName": "number", "AttributeType": "S"}


def test_an_engine_has_the_keys_indexes_and_time_to_live(template: Path, dynamodb: Any) -> None:
    tables = read_tables([template], "")
    assert list(ensure(tables, dynamodb)) == ["Created the table orders-dev."]
    try:
        made = dynamodb.describe_table(TableName="orders-dev")["Table"]
        assert [key["AttributeName"] for key in made["KeySchema"]] == ["customer", "number"]
        assert made["LocalSecondaryIndexes"][0]["IndexName"] == "by-day"
        assert made["GlobalSecondaryIndexes"][0]["Projection"]["NonKeyAttributes"] == ["total"]
        time_to_live = dynamodb.describe_time_to_live(TableName="orders-dev")["TimeToLiveDescription"]
        assert time_to_live["AttributeName"] == "expires"
        assert list(ensure(tables, dynamodb)) == []
    finally:
        dynamodb.delete_table(TableName="orders-dev")


def ensure(tables: list[Table], dynamodb: Any) -> list[str]:
    return list(ensure_tables(dynamodb.meta.endpoint_url, tables, "us-east-1"))


@pytest.mark.parametrize(("old", "new"), [("SortType=N", "SortType=S"), ("", "")])
def test_a_table_with_other_keys_is_named_and_left_alone(template: Path, dynamodb: Any, old: str, new: str) -> None:
    assert ensure(read_tables([template], old), dynamodb)
    try:
        if not new:
            template.write_text(ORDERS.replace("IndexName: days", "IndexName: dates"))
        (message,) = ensure(read_tables([template], new), dynamodb)
        assert message.startswith(f"The table orders-dev exists with other keys or indexes than {template}:10 has.")
        made = dynamodb.describe_table(TableName="orders-dev")["Table"]
        assert {"AttributeName": "number", "AttributeType": "N"} in made["AttributeDefinitions"]
    finally:
        dynamodb.delete_table(TableName="orders-dev")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Resources:\n  A: {\n", ":3: "),
        ("", ":1: "),
        ("- a\n- b\n", ":1: "),
        ("Resources:\n  A:\n    Type: AWS::S3::Bucket\n", ":1: the template has no resource of the type AWS::DynamoDB"),
        (
            "Parameters:\n  Name: {Type: String}\nResources:\n  A:\n    Type: AWS::DynamoDB::Table\n",
            ":2: the parameter Name has no default; set TABLE_PARAMETERS='Name=…'",
        ),
        ("Resources:\n  A:\n    Type: AWS::DynamoDB::Table\n    Properties: 5\n", ":2: "),
    ],
)
def test_a_template_that_cannot_be_read_stops_the_start_with_file_and_line(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(StartError) as stop:
        read_tables([path], "")
    assert str(stop.value).startswith(f"{path}{says}")


def test_a_missing_template_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"none\.yaml:1: "):
        read_tables([tmp_path / "none.yaml"], "")


@pytest.mark.parametrize(
    "fault",
    [("AttributeName: customer, AttributeType: S", "AttributeName: client, AttributeType: S"), ("KeySchema", "Keys")],
)
def test_a_table_that_dynamodb_refuses_stops_the_start_with_file_and_line(
    template: Path, dynamodb: Any, fault: tuple[str, str]
) -> None:
    template.write_text(ORDERS.replace(*fault, 1))
    with pytest.raises(StartError) as stop:
        ensure(read_tables([template], ""), dynamodb)
    assert str(stop.value).startswith(f"{template}:10: ")


def test_a_name_in_two_templates_stops_the_start(template: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(ORDERS)
    with pytest.raises(StartError, match=f"{template}:10: the table orders-dev is also in {other}:10"):
        read_tables([template, other], "")


@pytest.mark.parametrize(("parameters", "says"), [("Stag=prod", "they have: SortType, Stage"), ("Stage", "Name=value")])
def test_a_bad_parameter_is_refused(template: Path, parameters: str, says: str) -> None:
    with pytest.raises(StartError, match=says):
        read_tables([template], parameters)
