"""`python -m clients.postman`: the examples of docs/openapi.json as a Postman collection, a request for each operation.

Converters of OpenAPI documents make one request of one path, whatever its examples.
"""

import json
import sys
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).parent.parent / "docs" / "openapi.json"
URL = "http://127.0.0.1:8000/DynamoDBManager"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
# What Postman shows under Test Results, and Newman counts.
CHECK = 'pm.test("the gateway answers with 200", () => pm.response.to.have.status(200));'


def collection(document: dict[str, Any]) -> dict[str, Any]:
    """Make a collection, in Postman's format 2.1, of an OpenAPI document's examples. The variable `url` says where."""
    post = document["paths"]["/DynamoDBManager"]["post"]
    examples = post["requestBody"]["content"]["application/json"]["examples"]
    return {
        "info": {"name": document["info"]["title"], "description": post["description"], "schema": SCHEMA},
        "variable": [{"key": "url", "value": URL}],
        "item": [_request(name, example["value"]) for name, example in examples.items()],
    }


def _request(name: str, example: Any) -> dict[str, Any]:
    return {
        "name": name,
        "request": {
            "method": "POST",
            "url": "{{url}}",
            "header": [{"key": "Content-Type", "value": "application/json"}],
            "body": {"mode": "raw", "raw": json.dumps(example, indent=2), "options": {"raw": {"language": "json"}}},
        },
        "event": [{"listen": "test", "script": {"type": "text/javascript", "exec": [CHECK]}}],
    }


if __name__ == "__main__":
    json.dump(collection(json.loads(DOCUMENT.read_text())), sys.stdout, indent=2)
