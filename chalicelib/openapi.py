"""The OpenAPI 3.1 document of a stage, made from the operation table and DynamoDB's service model.

Each operation `read` gets the schemas `ReadCall` (the request object), `ReadPayload` and `ReadResult`, and
`ReadTypedPayload` and `ReadTypedResult` for the format `dynamodb-json`. A structure that holds attribute values has a
`Typed` twin in the same way. The schema `Operations` names all of them by operation and format. No request or answer
has this schema: generators of typed clients start from it.
"""

import json
from collections.abc import Callable
from typing import Any

from botocore.model import ListShape, MapShape, Shape, StructureShape
from chalice.app import Request, Response

from chalicelib.errors import RETRY_AFTER_SECONDS, STATUS_BY_CODE
from chalicelib.formats import DEFAULT_FORMAT, FORMATS
from chalicelib.once import MAX_TOKEN_CHARACTERS, TOKEN, WRITES
from chalicelib.operations import OPERATIONS, Operation
from chalicelib.service_model import action_model, error_shape
from chalicelib.settings import Settings, read_settings
from chalicelib.shapes import TABLE_SHAPES

Schema = dict[str, Any]

_REFERENCE = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference"
_FOUNDING_TABLE = "lambda-apigateway"
# The prefix of the schemas that a format has to itself.
_PREFIXES = {"json": "", "dynamodb-json": "Typed"}

# What the service model says in words only: DynamoDB keeps these for old clients, and has expressions instead.
_LEGACY = frozenset(
    (
        "AttributeUpdates",
        "AttributesToGet",
        "ConditionalOperator",
        "Expected",
        "KeyConditions",
        "QueryFilter",
        "ScanFilter",
    )
)

_STATUSES = {
    400: "The request cannot be understood, or DynamoDB finds it invalid.",
    403: "This stage, its access rules or its role do not allow it.",
    404: "There is no such table.",
    409: "A condition failed, or a transaction was cancelled, conflicted with another, or reused a token.",
    413: "The request or the answer is larger than Lambda carries.",
    415: "The content type is not application/json.",
    429: "DynamoDB throttled the request, and the retries are spent.",
    500: "The gateway failed.",
    503: "DynamoDB cannot be reached.",
    504: "DynamoDB did not answer in time. A write may or may not have been applied.",
}
# API Gateway's own answers, where the stage has an authorizer or an API key, do not come from the function.
_API_GATEWAY_STATUSES = {401: "API Gateway refuses the token."}
_API_GATEWAY_ANSWERS = frozenset((403, 429, 500, 503, 504))

# The payload of a request that works on a table whose key is the string `id`.
_EXAMPLES: dict[str, Any] = {
    "create": {"Item": {"id": "1", "name": "Bob"}},
    "read": {"Key": {"id": "1"}},
    "update": {
        "Key": {"id": "1"},
        "UpdateExpression": "ADD hits :n",
        "ExpressionAttributeValues": {":n": 1},
        "ReturnValues": "ALL_NEW",
    },
    "delete": {"Key": {"id": "1"}, "ReturnValues": "ALL_OLD"},
    "list": {"Limit": 100},
    "query": {"KeyConditionExpression": "id = :id", "ExpressionAttributeValues": {":id": "1"}},
    "batchRead": {"RequestItems": {_FOUNDING_TABLE: {"Keys": [{"id": "1"}]}}},
    "batchWrite": {"RequestItems": {_FOUNDING_TABLE: [{"PutRequest": {"Item": {"id": "2", "tags": {"$set": ["a"]}}}}]}},
    "transactRead": {"TransactItems": [{"Get": {"TableName": _FOUNDING_TABLE, "Key": {"id": "1"}}}]},
    "transactWrite": {"TransactItems": [{"Put": {"TableName": _FOUNDING_TABLE, "Item": {"id": "1", "name": "Bob"}}}]},
    "tables": {},
    "describe": {},
    "echo": {"somekey1": "somevalue1", "somekey2": "somevalue2"},
    "ping": {},
}


def answer_openapi(request: Request, settings: Settings) -> Response:
    """Answer GET /openapi.json. The document's paths follow the path that the request was sent to."""
    base_path = request.context.get("path", "").removesuffix("/openapi.json") or "/"
    text = json.dumps(document(settings, base_path), separators=(",", ":"))
    return Response(text, {"Content-Type": "application/json"})


def document(settings: Settings, base_path: str = "/") -> Schema:
    """Return the document of a stage: the operations and tables that it allows, and its way to sign requests.

    `base_path` is the path that the API's own paths follow, such as `/Prod`.
    """
    operations = {name: row for name, row in OPERATIONS.items() if name in settings.allowed_operations}
    schemas = {**_value_schemas(), "TableName": _table_name(settings)}
    # First the payloads: what a payload and a result share has the payload's limits.
    for name, operation in operations.items():
        for format in FORMATS:
            schemas[_payload_name(name, operation, format)] = _payload(name, operation, format, schemas)
    for name, operation in operations.items():
        for format in FORMATS:
            schemas[_result_name(name, operation, format)] = _result(name, operation, format, schemas)
    for name, operation in operations.items():
        schemas[f"{_title(name)}Call"] = _call(name, operation, schemas)
    schemas["Operations"] = _operations(operations, schemas)
    schemas["Error"] = _error()
    behind_api_gateway = settings.auth != "none"
    if behind_api_gateway:
        schemas["ApiGatewayError"] = _API_GATEWAY_ERROR
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "serverless-lab",
            "summary": "Amazon DynamoDB behind one HTTPS resource.",
            "description": _DESCRIPTION,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            "version": "1.0.0",
        },
        "servers": [{"url": base_path}],
        "tags": [{"name": "DynamoDBManager", "description": "The one resource."}],
        "security": [{settings.auth: []}] if behind_api_gateway else [],
        "paths": {"/DynamoDBManager": {"post": _post(operations, settings, behind_api_gateway)}},
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": _responses(behind_api_gateway),
            "headers": _HEADERS,
            "securitySchemes": _SECURITY_SCHEMES,
        },
    }


_DESCRIPTION = (
    "Every request is one JSON object: an operation, a table, and the parameters of the DynamoDB action behind the "
    "operation, named as DynamoDB's API reference names them. The schema `Operations` lists the payload and the "
    "result of every operation in both formats."
)


def _post(operations: dict[str, Operation], settings: Settings, behind_api_gateway: bool) -> Schema:
    statuses = [*_STATUSES, *(_API_GATEWAY_STATUSES if behind_api_gateway else ())]
    return {
        "operationId": "callDynamoDBManager",
        "summary": "Call an operation",
        "description": "The operations: " + ", ".join(map(_described, operations, operations.values())) + ".",
        "tags": ["DynamoDBManager"],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": {"oneOf": [_ref(f"{_title(name)}Call") for name in operations]},
                    "examples": _examples(operations, settings),
                }
            },
        },
        "responses": {
            "200": {
                "description": "The result of the operation.",
                "headers": {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}},
                "content": {"application/json": {"schema": {"anyOf": _results(operations)}}},
            },
            **{str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)},
        },
    }


def _described(name: str, operation: Operation) -> str:
    return f"`{name}` ([{operation.action}]({_page(operation.action)}))" if operation.action else f"`{name}`"


def _page(action: str) -> str:
    return f"{_REFERENCE}/API_{action}.html"


def _examples(operations: dict[str, Operation], settings: Settings) -> Schema:
    allowed = settings.allowed_tables
    table = _FOUNDING_TABLE if allowed is None or _FOUNDING_TABLE in allowed else min(allowed)
    return {name: {"value": _example(name, operations[name], table)} for name in _EXAMPLES if name in operations}


def _example(name: str, operation: Operation, table: str) -> Schema:
    named = {"tableName": table} if _needs_table(operation) else {}
    # Table names stand where a request names them, as keys or as values.
    payload = json.loads(json.dumps(_EXAMPLES[name]).replace(json.dumps(_FOUNDING_TABLE), json.dumps(table)))
    return {"operation": name, **named, **({"payload": payload} if payload else {})}


def _results(operations: dict[str, Operation]) -> list[Schema]:
    names = {_result_name(name, row, format): None for name, row in operations.items() for format in FORMATS}
    return [_ref(name) for name in names]


# The request object.


def _call(name: str, operation: Operation, schemas: Schema) -> Schema:
    """Describe the request objects of an operation: one, or one for each format."""
    payloads = {_payload_name(name, operation, format) for format in FORMATS}
    if len(payloads) == 1:
        return {"title": name, **_call_object(name, operation, {"enum": list(FORMATS)}, DEFAULT_FORMAT, schemas)}
    calls = [_call_object(name, operation, {"const": format}, format, schemas) for format in FORMATS]
    return {"title": name, "anyOf": calls}


def _call_object(name: str, operation: Operation, formats: Schema, format: str, schemas: Schema) -> Schema:
    payload = _payload_name(name, operation, format)
    required = ["operation"]
    if _needs_table(operation):
        required.append("tableName")
    if schemas[payload].get("required"):
        required.append("payload")
    if format != DEFAULT_FORMAT:
        required.append("format")
    return {
        "type": "object",
        "properties": {
            "operation": {"const": name},
            "tableName": _table(operation),
            "payload": _ref(payload) if "payload" in required or name == "echo" else _or_null(_ref(payload)),
            "format": {"type": "string", **formats},
        },
        "required": required,
        "additionalProperties": False,
    }


def _needs_table(operation: Operation) -> bool:
    return operation.action is not None and "TableName" in action_model(operation.action).input_shape.members


def _table(operation: Operation) -> Schema:
    if _needs_table(operation):
        return _ref("TableName")
    # The stage allows the table even where the operation names its tables in the payload.
    return {"type": ["string", "null"]} if operation.action in (None, "ListTables") else _or_null(_ref("TableName"))


def _operations(operations: dict[str, Operation], schemas: Schema) -> Schema:
    """Name the payload and the result of every operation in each format."""

    def in_format(name: str, operation: Operation, format: str) -> Schema:
        payload = _payload_name(name, operation, format)
        properties = {
            "tableName": _table(operation),
            "payload": _ref(payload),
            "result": _ref(_result_name(name, operation, format)),
        }
        optional = [] if _needs_table(operation) else ["tableName"]
        optional += [] if schemas[payload].get("required") else ["payload"]
        return _object(properties, [each for each in properties if each not in optional])

    described = {
        name: _object({format: in_format(name, operation, format) for format in FORMATS}, list(FORMATS))
        for name, operation in operations.items()
    }
    described_all = _object(described, list(operations))
    return {"description": "For generators of typed clients. Nothing that is sent has this schema.", **described_all}


# Payloads and results.


def _payload_name(name: str, operation: Operation, format: str) -> str:
    shape = action_model(operation.action).input_shape if operation.action else None
    return f"{_title(name)}{_prefix(shape, format)}Payload"


def _result_name(name: str, operation: Operation, format: str) -> str:
    shape = action_model(operation.action).output_shape if operation.action else None
    return f"{_title(name)}{_prefix(shape, format)}Result"


def _prefix(shape: Shape | None, format: str) -> str:
    return _PREFIXES[format] if shape and _holds_values(shape) else ""


def _title(name: str) -> str:
    return name[0].upper() + name[1:]


def _payload(name: str, operation: Operation, format: str, schemas: Schema) -> Schema:
    if operation.action is None:
        return {"description": "Any JSON."} if name == "echo" else {"type": "object"}
    shape = action_model(operation.action).input_shape
    schema = _structure(shape, format, schemas, sent=True)
    schema["properties"].pop("TableName", None)
    required = [member for member in schema.pop("required", []) if member != "TableName"]
    if name in WRITES:
        schema |= _applied_once(schema["properties"])
    page = {"description": f"The parameters of [{operation.action}]({_page(operation.action)})."}
    return {**page, **schema, **({"required": required} if required else {})}


def _applied_once(members: Schema) -> Schema:
    """Describe what a write takes with a `ClientRequestToken`, which it then sends as a transaction of one item."""
    token = {"type": "string", "minLength": 1, "maxLength": MAX_TOKEN_CHARACTERS, "description": "Applies it once."}
    limits: Schema = {"ReturnValues": {"const": "NONE"}, **dict.fromkeys(sorted(_LEGACY & members.keys()), False)}
    required: Schema = {}
    if "UpdateExpression" in members:
        limits["UpdateExpression"], required = {}, {"required": ["UpdateExpression"]}
    return {
        "properties": {**members, TOKEN: token},
        "dependentSchemas": {TOKEN: {"properties": limits, **required}},
    }


def _result(name: str, operation: Operation, format: str, schemas: Schema) -> Schema:
    if operation.action is None:
        return {"description": "The payload."} if name == "echo" else {"const": "pong"}
    schema = _structure(action_model(operation.action).output_shape, format, schemas, sent=False)
    schema["properties"]["ResponseMetadata"] = _ref("ResponseMetadata")
    schemas["ResponseMetadata"] = _RESPONSE_METADATA
    # Without a permission to call DynamoDB, the stage's settings may be the answer.
    return {**schema, **({"required": ["ResponseMetadata"]} if operation.iam_actions else {})}


_RESPONSE_METADATA: Schema = {
    "type": "object",
    "properties": {
        "RequestId": {"type": ["string", "null"], "description": "DynamoDB's id of the request."},
        "HTTPStatusCode": {"type": "integer"},
        "RetryAttempts": {"type": "integer"},
    },
    "required": ["RequestId", "HTTPStatusCode", "RetryAttempts"],
}


# Schemas of DynamoDB's shapes. `sent` tells that clients send them: DynamoDB's limits are of use to them, and unknown
# members are refused. A newer DynamoDB may answer more than this SDK has heard of.


def _schema(shape: Shape, format: str, schemas: Schema, sent: bool) -> Schema:
    if shape.name == "AttributeValue":
        return _ref(f"{_PREFIXES[format]}Value")
    if shape.name in TABLE_SHAPES:
        return _ref("TableName") if sent else {"type": "string"}
    return _SCHEMAS[shape.type_name](shape, format, schemas, sent)


def _named_structure(shape: StructureShape, format: str, schemas: Schema, sent: bool) -> Schema:
    name = _prefix(shape, format) + shape.name
    if name not in schemas:
        schemas[name] = _structure(shape, format, schemas, sent)
    return _ref(name)


def _structure(shape: StructureShape, format: str, schemas: Schema, sent: bool) -> Schema:
    members = {name: _schema(member, format, schemas, sent) for name, member in shape.members.items()}
    for name in _LEGACY & members.keys() if sent else ():
        members[name]["deprecated"] = True
    return {
        "type": "object",
        "properties": members,
        **({"required": list(shape.required_members)} if shape.required_members else {}),
        **({"additionalProperties": False} if sent else {}),
    }


def _list(shape: ListShape, format: str, schemas: Schema, sent: bool) -> Schema:
    items = _schema(shape.member, format, schemas, sent)
    return {"type": "array", "items": items, **_limits(shape, sent, min="minItems", max="maxItems")}


def _map(shape: MapShape, format: str, schemas: Schema, sent: bool) -> Schema:
    names = {"propertyNames": _ref("TableName")} if sent and shape.key.name in TABLE_SHAPES else {}
    values = _schema(shape.value, format, schemas, sent)
    limits = _limits(shape, sent, min="minProperties", max="maxProperties")
    return {"type": "object", **names, "additionalProperties": values, **limits}


def _string(shape: Shape, format: str, schemas: Schema, sent: bool) -> Schema:
    choices = {"enum": list(shape.enum)} if shape.enum else {}
    return {"type": "string", **choices, **_limits(shape, sent, min="minLength", max="maxLength", pattern="pattern")}


def _integer(shape: Shape, format: str, schemas: Schema, sent: bool) -> Schema:
    bits = {"integer": 32, "long": 64}[shape.type_name]
    bounds = {"minimum": -(1 << (bits - 1)), "maximum": (1 << (bits - 1)) - 1} if sent else {}
    return {"type": "integer", "format": f"int{bits}", **bounds, **_limits(shape, sent, min="minimum", max="maximum")}


def _limits(shape: Shape, sent: bool, **keywords: str) -> Schema:
    """Translate the limits of a shape's metadata to the keywords of JSON Schema."""
    return {keywords[name]: limit for name, limit in shape.metadata.items() if sent and name in keywords}


_SCHEMAS: dict[str, Callable[[Any, str, Schema, bool], Schema]] = {
    "structure": _named_structure,
    "list": _list,
    "map": _map,
    "string": _string,
    "integer": _integer,
    "long": _integer,
    "boolean": lambda *_: {"type": "boolean"},
    "double": lambda *_: {"type": "number"},
    "timestamp": lambda *_: {"type": "number", "description": "Seconds since 1970."},
}


def _holds_values(shape: Shape) -> bool:
    if shape.name == "AttributeValue":
        return True
    if shape.type_name == "structure":
        return any(map(_holds_values, shape.members.values()))
    return shape.type_name in ("list", "map") and _holds_values(
        shape.member if shape.type_name == "list" else shape.value
    )


# Attribute values.


def _value_schemas() -> dict[str, Schema]:
    """Describe an attribute value in each format.

    What stands inside a plain array or object is open, as generators do not follow an array of itself.
    """
    base64 = {
        "type": "string",
        "contentEncoding": "base64",
        "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
    }
    members = [{"type": "string"}, {"type": "number"}, _ref("Binary")]
    sets = [{"type": "array", "items": member, "minItems": 1} for member in members]
    marked = [_object({marker: {}}, [marker]) for marker in ("$binary", "$set", "$map")]
    typed: dict[str, Schema] = {
        "S": {"type": "string"},
        "N": {"type": "string", "description": "A number as text."},
        "B": base64,
        "SS": {"type": "array", "items": {"type": "string"}},
        "NS": {"type": "array", "items": {"type": "string"}},
        "BS": {"type": "array", "items": base64},
        "M": {"type": "object", "additionalProperties": _ref("TypedValue")},
        "L": {"type": "array", "items": _ref("TypedValue")},
        "NULL": {"type": "boolean"},
        "BOOL": {"type": "boolean"},
    }
    return {
        "Value": {
            "description": "An attribute value as plain JSON.",
            "anyOf": [
                {"type": ["string", "number", "boolean", "null"]},
                {"type": "array", "items": {}},
                _ref("Binary"),
                _ref("Set"),
                _ref("EscapedMap"),
                {"type": "object", "additionalProperties": {}, "not": {"anyOf": marked}},
            ],
        },
        "Binary": {"description": "Binary data.", **_object({"$binary": base64}, ["$binary"])},
        "Set": {
            "description": "A set: all strings, all numbers, or all binary.",
            **_object({"$set": {"anyOf": sets}}, ["$set"]),
        },
        "EscapedMap": {
            "description": "A map whose only key is `$binary`, `$set` or `$map`.",
            **_object({"$map": {"type": "object", "additionalProperties": {}}}, ["$map"]),
        },
        "TypedValue": {
            "description": f"[AttributeValue]({_REFERENCE}/API_AttributeValue.html) in DynamoDB's own JSON.",
            **_object(typed, []),
            "minProperties": 1,
            "maxProperties": 1,
        },
    }


def _table_name(settings: Settings) -> Schema:
    if settings.allowed_tables is not None:
        return {"type": "string", "enum": sorted(settings.allowed_tables)}
    name = {"type": "string", "minLength": 1, "maxLength": 1024, "pattern": "^[a-zA-Z0-9_.:/-]+$"}
    return {**name, "description": "The name or the ARN of a table."}


# Errors, headers, security.


def _error() -> Schema:
    details: dict[str, Shape] = {}
    for code in STATUS_BY_CODE:
        if shape := error_shape(code):
            details |= {name: member for name, member in shape.members.items() if name.lower() != "message"}
    properties = {
        "Code": {"type": "string", "description": "DynamoDB's name of the error, or the gateway's own."},
        "Message": {"type": "string", "description": "What is wrong, and what to send instead."},
        "RequestId": {"type": "string", "description": "The id in the header X-Request-Id."},
        **{name: _detail(member) for name, member in details.items()},
    }
    return {"type": "object", "properties": properties, "required": ["Code", "Message", "RequestId"]}


def _detail(shape: Shape) -> Schema:
    """Describe what DynamoDB adds to an error. Attribute values in it are in the request's format."""
    if shape.type_name == "list":
        return {"type": "array", "items": _detail(shape.member)}
    if shape.type_name == "structure" and shape.name != "AttributeValue":
        return {"type": "object", "properties": {name: _detail(member) for name, member in shape.members.items()}}
    if shape.type_name == "map":
        return {"type": "object", "additionalProperties": _detail(shape.value)}
    return {"type": "string"} if shape.type_name == "string" else {}


def _responses(behind_api_gateway: bool) -> Schema:
    statuses = {**_STATUSES, **(_API_GATEWAY_STATUSES if behind_api_gateway else {})}
    return {str(status): _response(status, words, behind_api_gateway) for status, words in sorted(statuses.items())}


def _response(status: int, words: str, behind_api_gateway: bool) -> Schema:
    codes = [code for code, its_status in STATUS_BY_CODE.items() if its_status == status != 500]
    errors = [_ref("Error")] if status in _STATUSES else []
    if behind_api_gateway and (status in _API_GATEWAY_ANSWERS or status in _API_GATEWAY_STATUSES):
        errors.append(_ref("ApiGatewayError"))
    headers = ["X-Request-Id"] if status in _STATUSES else []
    headers += ["Retry-After"] if status in RETRY_AFTER_SECONDS else []
    return {
        "description": words + (f" DynamoDB's codes: {', '.join(codes)}." if codes else ""),
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers},
        "content": {"application/json": {"schema": errors[0] if len(errors) == 1 else {"anyOf": errors}}},
    }


_API_GATEWAY_ERROR: Schema = {
    "description": "API Gateway's own answer, before the request reaches the function.",
    "type": "object",
    "properties": {"message": {"type": ["string", "null"]}},
}

_HEADERS: Schema = {
    "X-Request-Id": {"description": "The id of the request, as the log has it.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait before the next attempt.", "schema": {"type": "integer"}},
}

# Under the names of the values of the setting AUTH.
_SECURITY_SCHEMES: Schema = {
    "iam": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "Signature Version 4, for the service execute-api.",
        "x-amazon-apigateway-authtype": "awsSigv4",
    },
    "cognito": {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "The id token of a user in the stage's Cognito user pool.",
        "x-amazon-apigateway-authtype": "cognito_user_pools",
    },
    "api-key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(properties: Schema, required: list[str]) -> Schema:
    named = {"required": required} if required else {}
    return {"type": "object", "properties": properties, **named, "additionalProperties": False}


if __name__ == "__main__":
    print(json.dumps(document(read_settings({"ALLOWED_TABLES": "*"})), indent=1))
