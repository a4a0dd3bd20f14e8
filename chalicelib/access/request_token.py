"""The token that makes a write happen once, kept apart from every other caller's."""

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from chalicelib.access.caller import Caller

# The longest token that DynamoDB takes, and as many bytes as fit into it as base64.
MAX_CHARACTERS, _BYTES = 36, 27


def callers_token(caller: Caller, token: Any) -> Any:
    """The token that DynamoDB gets for a caller's `ClientRequestToken`: nobody else's is the same.

    What is no token stays as it is, so that it is refused as ever.
    """
    if not isinstance(token, str) or not 1 <= len(token) <= MAX_CHARACTERS:
        return token
    digest = sha256(json.dumps([caller.kind, caller.id, token]).encode()).digest()
    return urlsafe_b64encode(digest[:_BYTES]).decode()
