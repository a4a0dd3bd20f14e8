"""How far a transfer is: shown while it runs, and kept for the next run where it was stopped."""

import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

from clients.python.dynamodb_manager import parse, to_text


class OtherTransfer(Exception):
    """The file that tells how far a transfer is belongs to another one."""


class Progress(NamedTuple):
    """How far a stopped transfer came, in a file beside the data. Standard input and output have none."""

    file: Path | None
    transfer: dict[str, str]

    @property
    def hint(self) -> str:
        """How to go on."""
        return f" The same command goes on from there, as {self.file} says." if self.file else ""

    def read(self) -> dict[str, Any]:
        """Return what an earlier run wrote, or nothing. Raises `OtherTransfer`."""
        if not self.file or not self.file.exists():
            return {}
        known: dict[str, Any] = parse(self.file.read_text())
        if {name: known.get(name) for name in self.transfer} != self.transfer:
            raise OtherTransfer(f"{self.file} is of another transfer. Finish that one, or remove the file.")
        return known

    def write(self, state: dict[str, Any]) -> None:
        """Keep a state."""
        if self.file:
            self.file.write_text(to_text({**self.transfer, **state}) + "\n")

    def clear(self) -> None:
        """Forget the state of a transfer that has ended."""
        if self.file:
            self.file.unlink(missing_ok=True)


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Yield what tells whether SIGINT or SIGTERM has come. What is under way can then end; a second signal ends it."""
    asked = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def stop(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, stop)
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def bar(title: str, total: int | None) -> AbstractContextManager[Any]:
    """A progress bar on standard error: tqdm's on a terminal, where tqdm is installed, or none."""
    try:
        from tqdm import tqdm
    except ImportError:
        return nullcontext(_NoBar())
    # With disable=None it stays away where standard error is no terminal.
    shown: AbstractContextManager[Any] = tqdm(desc=title, total=total, unit=" items", disable=None)
    return shown


class _NoBar:
    def update(self, items: int) -> None:
        pass

    def write(self, text: str, file: Any) -> None:
        print(text, file=file)


def say(text: str) -> None:
    """Tell something that is no data."""
    print(text, file=sys.stderr, flush=True)
