"""Schemathesis, a client written by others, sends `make run` what the OpenAPI document allows and what it does not."""

import os
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from chalicelib.openapi import document
from chalicelib.settings import read_settings
from local.process import HOST, free_port
from tests.test_run import launched, wait_until_ready

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis needs Python 3.11 or newer")

from schemathesis import Case, CheckContext, GenerationMode, Response  # noqa: E402
from schemathesis.specs.openapi.checks import positive_data_acceptance  # noqa: E402

EXAMPLES = os.environ.get("EXAMPLES")
# What makes a valid request large: a batch of a hundred keys takes Hypothesis a second.
FEW = 3


def one_path_each(tables: str) -> dict[str, Any]:
    """Return the document with one path for each operation: of one union, most requests would be for a few."""
    made = document(read_settings({"AUTH": "none", "ALLOWED_TABLES": tables}))
    post = made["paths"].pop("/DynamoDBManager")["post"]
    for name in made["components"]["schemas"]["Operations"]["properties"]:
        formats = made["components"]["schemas"]["Operations"]["properties"][name]["properties"].values()
        results = [each["properties"]["result"] for each in formats]
        call = f"{name[0].upper()}{name[1:]}Call"
        made["paths"][f"/DynamoDBManager#{name}"] = {
            "post": {
                **post,
                "operationId": name,
                "requestBody": {"required": True, "content": json({"$ref": f"#/components/schemas/{call}"})},
                "responses": {
                    **post["responses"],
                    "200": {**post["responses"]["200"], "content": json({"anyOf": results})},
                },
            }
        }
    return made


def json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def small(schema: Any) -> Any:
    """Return the schema with few members in every array and map."""
    if isinstance(schema, list):
        return [small(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    limited = {name: small(value) for name, value in schema.items()}
    if schema.get("type") == "array":
        limited["maxItems"] = FEW
    if schema.get("type") == "object" and schema.get("additionalProperties"):
        limited["maxProperties"] = FEW
    return limited


def as_strict_as_ministack(made: dict[str, Any]) -> dict[str, Any]:
    """Drop the limits of ListTables, which the embedded engine does not know."""
    members = made["components"]["schemas"]["TablesPayload"]["properties"]
    members.update(Limit={"type": "integer"}, ExclusiveStartTableName={"type": "string"})
    return made


def loaded(made: dict[str, Any], mode: Any) -> Any:
    schema = schemathesis.openapi.from_dict(made)
    schema.config.generation.update(modes=[mode], max_examples=int(EXAMPLES or 3), deterministic=EXAMPLES is None)
    schema.config.phases.coverage.enabled = EXAMPLES is not None
    # Python's own server answers to others, such as TRACE, before the gateway sees them.
    schema.config.phases.coverage.unexpected_methods = {"GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"}
    # It does not expect the answer to a request that is too large.
    schema.config.checks.negative_data_rejection.expected_statuses = ["400", "403", "404", "405", "409", "413", "415"]
    return schema


valid = loaded(small(one_path_each("lambda-apigateway")), GenerationMode.POSITIVE)
invalid = loaded(as_strict_as_ministack(one_path_each("*")), GenerationMode.NEGATIVE)
relaxed = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port = free_port()
    with launched(tmp_path_factory.mktemp("items"), port) as launcher:
        wait_until_ready(launcher)
        assert launcher.stdout
        # A full pipe would stop the gateway at its next log line.
        Thread(target=launcher.stdout.read, daemon=True).start()
        yield f"http://{HOST}:{port}"


def is_understood(context: CheckContext, response: Response, case: Case[Any]) -> None:
    """The gateway finds no fault with a valid request. DynamoDB may: the schema does not know its expressions."""
    assert response.status_code != 400 or response.json()["Code"] != "BadRequestError", response.text


def without_point(value: Any) -> Any:
    """Write 1.0 as 1, which the gateway wants for an integer."""
    if isinstance(value, dict):
        return {name: without_point(member) for name, member in value.items()}
    if isinstance(value, list):
        return [without_point(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


@valid.parametrize()  # type: ignore[untyped-decorator]
@relaxed
def test_a_valid_request_is_understood_and_answered_as_described(case: Case[Any], url: str) -> None:
    case.body = without_point(case.body)
    case.call_and_validate(url, additional_checks=[is_understood], excluded_checks=[positive_data_acceptance])


@invalid.parametrize()  # type: ignore[untyped-decorator]
@relaxed
def test_an_invalid_request_is_refused_as_described(case: Case[Any], url: str) -> None:
    case.call_and_validate(url)
