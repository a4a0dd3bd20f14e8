"""Look-ups in DynamoDB's service model, the description of its API that botocore carries. No client, no connection."""

import os
from functools import cache

from botocore.loaders import create_loader
from botocore.model import OperationModel, ServiceModel, StructureShape

# The client loads its data through it too, so that the model is parsed once. AWS_DATA_PATH is the SDK's own variable.
loader = create_loader(os.environ.get("AWS_DATA_PATH"))

_model = ServiceModel(loader.load_service_model("dynamodb", "service-2"), "dynamodb")


@cache
def action_model(action: str) -> OperationModel:
    """Return the model of one action, such as `GetItem`: its input and output shapes."""
    return _model.operation_model(action)


def error_shape(code: str) -> StructureShape | None:
    """Return the shape of an error, or None for a code that the model does not have."""
    shape: StructureShape | None = _model.shape_for_error_code(code)
    return shape
