"""The OpenAPI document says what the operation table and the settings say, and is served where a stage opens it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from chalicelib.formats import FORMATS
from chalicelib.openapi import document
from chalicelib.operations import OPERATIONS, Operation
from chalicelib.settings import read_settings
from tests.conftest import PROJECT, StageClient

Stage = Callable[..., StageClient]


def made(**environ: str) -> Any:
    return document(read_settings({"ALLOWED_TABLES": "*", **environ}))


def post(described: Any) -> Any:
    return described["paths"]["/DynamoDBManager"]["post"]


def named_operations(described: Any) -> Any:
    return described["components"]["schemas"]["Operations"]["properties"]


def validator(described: Any, schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator({**schema, "components": described["components"]})


def strings(value: Any) -> Iterator[str]:
    """Every string in a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from strings(member)
    elif isinstance(value, list):
        for member in value:
            yield from strings(member)


def test_the_documented_one_is_up_to_date() -> None:
    documented = json.loads((PROJECT / "docs" / "openapi.json").read_text())
    assert documented == made(), "Run `make openapi`."


@pytest.mark.parametrize("auth", ["iam", "api-key", "none"])
def test_it_is_valid_openapi(auth: str) -> None:
    validate(made(AUTH=auth))


def test_every_operation_has_a_payload_and_a_result_in_each_format() -> None:
    operations = named_operations(made())
    assert operations.keys() == OPERATIONS.keys()
    for formats in operations.values():
        assert formats["properties"].keys() == FORMATS.keys()
        for each in formats["properties"].values():
            assert each["properties"].keys() == {"tableName", "payload", "result"}


def test_a_new_row_of_the_operation_table_appears_without_another_edit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(OPERATIONS, "limits", Operation("DescribeLimits", ("dynamodb:DescribeLimits",)))
    described = made()
    validate(described)
    assert "limits" in named_operations(described)
    assert {"$ref": "#/components/schemas/LimitsCall"} in content(post(described)["requestBody"])["schema"]["oneOf"]
    result = described["components"]["schemas"]["LimitsResult"]
    assert result["properties"].keys() > {"AccountMaxReadCapacityUnits", "ResponseMetadata"}


def content(body: Any) -> Any:
    return body["content"]["application/json"]


def test_operations_that_the_stage_does_not_allow_are_left_out() -> None:
    described = made(ALLOWED_OPERATIONS="read,ping")
    validate(described)
    assert named_operations(described).keys() == {"read", "ping"}
    assert content(post(described)["requestBody"])["examples"].keys() == {"read", "ping"}
    assert not {"Query", "PutItem", "TransactWriteItems", "UpdatePayload"} & set(strings(described))


def test_tables_that_the_stage_does_not_allow_fit_no_schema() -> None:
    described = made(ALLOWED_TABLES="orders")
    request = validator(described, content(post(described)["requestBody"])["schema"])
    for table, fits in (("orders", True), ("salaries", False)):
        read = {"operation": "read", "tableName": table, "payload": {"Key": {"id": "1"}}}
        batch = {"operation": "batchRead", "payload": {"RequestItems": {table: {"Keys": [{"id": "1"}]}}}}
        get = {"operation": "transactRead", "payload": {"TransactItems": [{"Get": {"TableName": table, "Key": {}}}]}}
        assert [request.is_valid(each) for each in (read, batch, get)] == [fits] * 3


@pytest.mark.parametrize(("auth", "security"), [("iam", [{"iam": []}]), ("api-key", [{"api-key": []}]), ("none", [])])
def test_the_security_is_the_stages_own(auth: str, security: list[Any]) -> None:
    described = made(AUTH=auth)
    assert described["security"] == security
    assert described["components"]["securitySchemes"].keys() == {"iam", "cognito", "api-key"}


def test_every_example_works_as_it_stands(stage: Stage, tutorial_table: str) -> None:
    described = made(AUTH="none")
    schemas = named_operations(described)
    examples = content(post(described)["requestBody"])["examples"]
    assert examples.keys() == OPERATIONS.keys()
    gateway = stage()
    for name, example in examples.items():
        reply = gateway.post(json.dumps(example["value"]).encode())
        assert reply.status == 200, reply.text
        validator(described, schemas[name]["properties"]["json"]["properties"]["result"]).validate(reply.json)


@pytest.mark.parametrize("name", ["echo", "ping", "tables", "batchRead"])
def test_a_table_name_of_null_is_no_table_name_where_none_is_needed(
    gateway: StageClient, table: str, name: str
) -> None:
    request: dict[str, Any] = {"operation": name, "tableName": None, "payload": {}}
    if name == "batchRead":
        request["payload"] = {"RequestItems": {table: {"Keys": [{"id": "1"}]}}}
    described = made()
    validator(described, content(post(described)["requestBody"])["schema"]).validate(request)
    assert gateway.post(json.dumps(request).encode()).status == 200


@pytest.mark.parametrize(
    ("payload", "fits"),
    [
        ({}, True),
        ({"UpdateExpression": "ADD n :n"}, True),
        ({"ClientRequestToken": "t"}, False),
        ({"ClientRequestToken": "t", "UpdateExpression": "ADD n :n"}, True),
        ({"ClientRequestToken": "t", "UpdateExpression": "ADD n :n", "ReturnValues": "ALL_NEW"}, False),
        ({"ClientRequestToken": "t", "UpdateExpression": "ADD n :n", "Expected": {}}, False),
        ({"ClientRequestToken": "t" * 37, "UpdateExpression": "ADD n :n"}, False),
    ],
)
def test_a_write_that_is_applied_once_has_rules_of_its_own(payload: dict[str, Any], fits: bool) -> None:
    update = validator(made(), {"$ref": "#/components/schemas/UpdatePayload"})
    assert update.is_valid({"Key": {"id": "1"}, **payload}) == fits


def test_a_stage_serves_its_own_document(stage: Stage) -> None:
    settings = {"OPENAPI": "on", "AUTH": "api-key", "ALLOWED_TABLES": "orders", "ALLOWED_OPERATIONS": "read"}
    opened = stage(**settings)
    reply = opened.request("GET", "/openapi.json")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert reply.json == document(read_settings(settings))
    assert opened.app.routes["/openapi.json"]["GET"].api_key_required


def test_a_stage_that_does_not_open_it_has_no_such_route(gateway: StageClient) -> None:
    assert "/openapi.json" not in gateway.app.routes


def test_the_served_document_names_the_path_of_the_deployed_stage(stage: Stage) -> None:
    app = stage(OPENAPI="on").app
    context = {"httpMethod": "GET", "resourcePath": "/openapi.json", "path": "/Prod/openapi.json"}
    reply = app({"requestContext": context, "headers": {}}, None)
    assert json.loads(reply["body"])["servers"] == [{"url": "/Prod"}]
