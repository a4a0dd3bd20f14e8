"""GET /health, for health checkers that cannot sign: does DynamoDB answer?"""

import time
from threading import Lock

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Response

from chalicelib.dynamodb import DynamoDB
from chalicelib.errors import from_dynamodb
from chalicelib.settings import Settings

HEALTH = "/health"
# Seconds. Route 53 waits for two, the way to it and a connection to DynamoDB (CONNECT_TIMEOUT_SECONDS) included.
PROBE_DEADLINE = 0.7
# Seconds for which one probe speaks, so that no flood of checks becomes a flood of calls.
FRESH = 5.0

_lock = Lock()
_last = {"at": float("-inf"), "healthy": False}


def answer_health(settings: Settings, dynamodb: DynamoDB) -> Response:
    """200 where DynamoDB answered within the last `FRESH` seconds, 503 where it did not."""
    with _lock:
        if time.monotonic() - _last["at"] >= FRESH:
            _last.update(healthy=_probe(settings, dynamodb), at=time.monotonic())
        healthy = _last["healthy"]
    status, code = ("ok", 200) if healthy else ("unavailable", 503)
    return Response({"status": status}, {"Content-Type": "application/json", "Cache-Control": "no-store"}, code)


def _probe(settings: Settings, dynamodb: DynamoDB) -> bool:
    """Read with a key that fits no table: DynamoDB refuses it without spending capacity, and has answered."""
    table = min(settings.allowed_tables) if settings.allowed_tables else "health"
    try:
        body = msgspec.json.encode({"TableName": table, "Key": {}})
        dynamodb.call("GetItem", body, {table}, within=PROBE_DEADLINE, repeatable=True)
    except ClientError as refusal:
        status = from_dynamodb(refusal, "").status
        # Where every table is allowed none is known by name, and that "health" is not found is an answer too.
        return status in (400, 429) or (status == 404 and settings.allowed_tables is None)
    except BotoCoreError:
        return False
    return True
