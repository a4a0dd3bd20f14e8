"""DynamoDB's service model, as the SDK carries it."""

import runpy
from pathlib import Path

import pytest

from chalicelib import service_model
from chalicelib.service_model import action_model, error_shape


def test_an_action_has_its_shapes_and_is_looked_up_once() -> None:
    model = action_model("GetItem")
    assert model is action_model("GetItem")
    assert (model.name, model.service_model.service_name) == ("GetItem", "dynamodb")
    assert {"TableName", "Key"} <= model.input_shape.members.keys()


def test_an_error_has_its_shape_and_an_unknown_one_has_none() -> None:
    shape = error_shape("TransactionCanceledException")
    assert shape
    assert "CancellationReasons" in shape.members
    assert error_shape("BrandNewException") is None


def test_the_data_may_be_where_the_sdks_variable_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    loader = runpy.run_path(service_model.__file__)["loader"]
    assert str(tmp_path) in loader.search_paths
