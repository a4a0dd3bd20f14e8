"""The token that makes a write happen once, kept apart from every other caller's."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256

from chalicelib.access.caller import Caller

# As many bytes as fit into the longest token that DynamoDB takes, 36 characters of base64.
_BYTES = 27


def callers_token(caller: Caller, token: str) -> str:
    """The token that DynamoDB gets for a caller's `ClientRequestToken`: nobody else's is the same."""
    digest = sha256(json.dumps([caller.kind, caller.id, token]).encode()).digest()
    return urlsafe_b64encode(digest[:_BYTES]).decode()
