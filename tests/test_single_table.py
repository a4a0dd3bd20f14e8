"""Every request of docs/single-table.md, in order, on the table of its template, gives the answer that the page has."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from local.table_templates import ensure_tables, read_tables
from tests.conftest import PROJECT, StageClient

PAGE = (PROJECT / "docs" / "single-table.md").read_text()
BLOCKS = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
STEPS = list(zip(BLOCKS[::2], BLOCKS[1::2], strict=True))


@pytest.fixture(scope="module")
def shop(dynamodb: Any) -> Iterator[None]:
    tables = read_tables([PROJECT / "infrastructure" / "single-table.yaml"], "")
    assert list(ensure_tables(dynamodb.meta.endpoint_url, tables, "us-east-1")) == ["Created the table shop."]
    yield
    dynamodb.delete_table(TableName="shop")


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(("request_", "answer"), STEPS, ids=[step["operation"] for step, _ in STEPS])
def test_a_step_of_the_shop(gateway: StageClient, request_: dict[str, Any], answer: dict[str, Any]) -> None:
    reply = gateway.post(json.dumps(request_).encode())
    left_out = {"ResponseMetadata", "RequestId"}
    if answer.get("Code") == "TransactionCanceledException":
        left_out.add("Message")
    assert {name: value for name, value in reply.json.items() if name not in left_out} == answer
    assert reply.status == (409 if "Code" in answer else 200)


def test_the_page_shows_every_kind_of_request() -> None:
    operations = {step["operation"] for step, _ in STEPS}
    assert operations == {"create", "batchWrite", "transactWrite", "query", "update"}
