"""A boto3 session whose DynamoDB calls travel through the gateway, so that any boto3 suite can run through it.

The session takes each request off the wire, where it is DynamoDB's own JSON, sends it as a request of the gateway and
puts DynamoDB's own JSON back: what boto3 makes of a call, an answer or an error stays boto3's. Actions that the gateway
does not have, such as CreateTable, go straight to the engine.
"""

import io
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import boto3
import botocore.session
import msgspec
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.model import ListShape, MapShape, Shape, StructureShape

from chalicelib import operations as gateway
from tests.conftest import Reply

# What says something of items; the tables themselves are the engine's.
OPERATIONS = {
    row.action: name for name, row in gateway.OPERATIONS.items() if row.action not in ("ListTables", "DescribeTable")
}
MODEL = botocore.session.get_session().get_service_model("dynamodb")
# What the gateway answers with another status and DynamoDB with 400.
REFUSALS = range(400, 500)

_to_json = msgspec.json.Encoder(decimal_format="number").encode


def session_through(post: Callable[[bytes], Reply], format: str) -> boto3.Session:
    """Make a session whose calls reach DynamoDB by way of `post`, which sends a body to the gateway."""

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        action = request.headers["X-Amz-Target"].decode().rpartition(".")[2]
        if action not in OPERATIONS:
            return None
        reply = post(_to_json(_request(action, json.loads(request.body), format)))
        status, body = _answer(action, json.loads(reply.text, parse_float=Decimal), reply.status, format)
        headers = {"x-amzn-requestid": str(body.pop("ResponseMetadata", {}).get("RequestId"))}
        response = AWSResponse(request.url, status, headers, io.BytesIO())
        response._content = _to_json(body)
        return response

    session = botocore.session.Session()
    session.register("before-send.dynamodb", send)
    return boto3.Session(botocore_session=session)


def _request(action: str, parameters: dict[str, Any], format: str) -> dict[str, Any]:
    if format == "json":
        parameters = convert(MODEL.operation_model(action).input_shape, parameters, to_plain)
    fields: dict[str, Any] = {"operation": OPERATIONS[action], "format": format}
    if "TableName" in parameters:
        fields["tableName"] = parameters.pop("TableName")
    return {**fields, "payload": parameters}


def _answer(action: str, body: dict[str, Any], status: int, format: str) -> tuple[int, dict[str, Any]]:
    shape = MODEL.operation_model(action).output_shape
    if status != 200:
        code, message = body.pop("Code"), body.pop("Message")
        shape = MODEL.shape_for_error_code(code)
        name = "Message" if shape and "Message" in shape.members else "message"
        body = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", name: message, **body}
    if format == "json" and shape:
        body = convert(shape, body, to_typed)
    return 400 if status in REFUSALS else status, body


def convert(shape: Shape, value: Any, leaf: Callable[[Any], Any]) -> Any:
    """Convert the attribute values that the service model knows in a value of a shape."""
    if shape.name == "AttributeValue":
        return leaf(value)
    if isinstance(shape, StructureShape):
        known = shape.members
        return {name: convert(known[name], member, leaf) if name in known else member for name, member in value.items()}
    if isinstance(shape, ListShape):
        return [convert(shape.member, member, leaf) for member in value]
    if isinstance(shape, MapShape):
        return {name: convert(shape.value, member, leaf) for name, member in value.items()}
    return value


def to_plain(value: Mapping[str, Any]) -> Any:
    """An attribute value as the gateway's plain JSON."""
    ((kind, content),) = value.items()
    if kind == "M":
        members = {name: to_plain(member) for name, member in content.items()}
        return {"$map": members} if [*members] in (["$map"], ["$set"], ["$binary"]) else members
    if kind == "L":
        return [to_plain(member) for member in content]
    if kind in ("SS", "NS", "BS"):
        return {"$set": [to_plain({kind[0]: member}) for member in content]}
    if kind == "B":
        return {"$binary": content}
    if kind == "N":
        return Decimal(content)
    return None if kind == "NULL" else content


def to_typed(value: Any) -> dict[str, Any]:
    """The gateway's plain JSON as an attribute value, numbers spelt as DynamoDB spells them."""
    if value is None:
        return {"NULL": True}
    if isinstance(value, bool):
        return {"BOOL": value}
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int | Decimal):
        return {"N": _spelt(Decimal(value))}
    if isinstance(value, list):
        return {"L": [to_typed(member) for member in value]}
    match value:
        case {"$binary": content, **rest} if not rest:
            return {"B": content}
        case {"$set": [*members], **rest} if not rest:
            typed = [to_typed(member) for member in members]
            (kind,) = {kind for member in typed for kind in member}
            return {f"{kind}S": [member[kind] for member in typed]}
        case {"$map": dict(content), **rest} if not rest:
            return {"M": {name: to_typed(member) for name, member in content.items()}}
    return {"M": {name: to_typed(member) for name, member in value.items()}}


def _spelt(number: Decimal) -> str:
    # boto3 refuses more than 38 digits, be they zeros.
    return f"{number:f}" if number.adjusted() < 38 else f"{number:.37e}"
