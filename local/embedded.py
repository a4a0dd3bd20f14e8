"""The embedded engine: ministack's DynamoDB, and what it lacks to keep its items whatever happens to it.

Runs in a virtual environment of its own (requirements-engine.txt). ministack writes its state at a clean end only; here
it does so while it runs too, so that an engine that is killed loses its last second, and not the day.
"""

import time
from threading import Event, Lock, Thread
from typing import Any

from ministack.app import main
from ministack.core import persistence
from ministack.services import dynamodb

# At least, and ten times what a save takes: it writes every item.
SECONDS_BETWEEN_SAVES = 1.0

_asked = Event()
_saving = Lock()
_save_state = persistence.save_state
_handle_request = dynamodb.handle_request


def save_state(service: str, data: dict[str, Any]) -> None:
    # The clean end saves too, into the same temporary file.
    with _saving:
        _save_state(service, data)


async def handle_request(*request: Any) -> Any:
    answer = await _handle_request(*request)
    _asked.set()
    return answer


def keep_saving() -> None:
    took = 0.0
    while True:
        _asked.wait()
        time.sleep(max(SECONDS_BETWEEN_SAVES, 10 * took))
        _asked.clear()
        started = time.monotonic()
        try:
            save_state("dynamodb", dynamodb.get_state())
        except RuntimeError:
            # A table changed while it was copied.
            _asked.set()
        took = time.monotonic() - started


if __name__ == "__main__":
    persistence.save_state = save_state
    dynamodb.handle_request = handle_request
    if persistence.PERSIST_STATE:
        Thread(target=keep_saving, daemon=True).start()
    main()
