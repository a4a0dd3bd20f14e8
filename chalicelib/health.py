"""GET /health, for health checkers that cannot sign: does DynamoDB answer?"""

import time
from threading import Lock

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from chalice.app import Response

from chalicelib.errors import from_dynamodb
from chalicelib.gateway import Stage

HEALTH = "/health"
# Route 53 waits for two, the way to it and a connection to DynamoDB included.
PROBE_SECONDS = 0.7
# One probe counts for this long, so that a flood of checks does not become a flood of calls.
SECONDS_BETWEEN_PROBES = 5.0

_lock = Lock()
_last = {"at": float("-inf"), "healthy": False}


def answer_health(stage: Stage) -> Response:
    """200 where DynamoDB answered within the last `SECONDS_BETWEEN_PROBES` seconds, 503 where it did not."""
    with _lock:
        if time.monotonic() - _last["at"] >= SECONDS_BETWEEN_PROBES:
            _last.update(healthy=_probe(stage), at=time.monotonic())
        healthy = _last["healthy"]
    status, code = ("ok", 200) if healthy else ("unavailable", 503)
    return Response({"status": status}, {"Content-Type": "application/json", "Cache-Control": "no-store"}, code)


def _probe(stage: Stage) -> bool:
    """Read with a key that fits no table: DynamoDB refuses it without spending capacity, and has answered."""
    table = min(stage.settings.allowed_tables) if stage.settings.allowed_tables else "health"
    try:
        body = msgspec.json.encode({"TableName": table, "Key": {}})
        stage.dynamodb.call("GetItem", body, [table], within=PROBE_SECONDS, repeatable=False)
    except ClientError as refusal:
        status = from_dynamodb(refusal, "").status
        # Where every table is allowed none is known by name, and that "health" is not found is an answer too.
        return status in (400, 429) or (status == 404 and stage.settings.allowed_tables is None)
    except BotoCoreError:
        return False
    return True
