"""How a start that cannot succeed ends on a developer's machine."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import NoRegionError

from chalicelib.settings import SettingsError

NO_REGION = "AWS_DEFAULT_REGION: is not set; give the region of the tables, for example us-east-1"


@contextmanager
def one_sentence_on_failure() -> Iterator[None]:
    """End the `chalice` command with one sentence where settings or the region are missing or wrong.

    Anywhere else, Lambda included, the errors are raised as they are.
    """
    try:
        yield
    except (SettingsError, NoRegionError) as error:
        if "AWS_CHALICE_CLI_MODE" not in os.environ:
            raise
        if threading.current_thread() is not threading.main_thread():
            # `chalice local` loads the app in a thread, prints the traceback and waits for a changed file.
            print(_sentence(error), file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGINT)
        sys.exit(_sentence(error))


def _sentence(error: Exception) -> str:
    return NO_REGION if isinstance(error, NoRegionError) else str(error)
