"""Items into a table: in batches, over several connections, each line that fails by itself."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from typing import NamedTuple

from clients.python.dynamodb_manager import ApiError, Client, request, to_text, wait_seconds

# What BatchWriteItem takes at most.
BATCH_ITEMS = 25
# A character takes up to four bytes, and the gateway takes 6 MB.
BATCH_CHARACTERS = 1_400_000
# Where nothing at all can be loaded, the cause is not in the lines.
HOPELESS_FAILURES = 50


class Line(NamedTuple):
    """A line of a file, and its item as the JSON text that the gateway takes."""

    number: int
    item: str


class Failure(NamedTuple):
    """A line that could not be loaded, and why."""

    number: int
    reason: str


class Loading:
    """How far a load is. Every line before `next_line` is loaded or has failed."""

    def __init__(self, first_line: int) -> None:
        self.next_line = first_line
        self.loaded = 0
        self.failed = 0


def load(
    lines: Iterable[Line | Failure],
    table: str,
    clients: Sequence[Client],
    loading: Loading,
    stopped: Callable[[], bool],
    report: Callable[[list[Failure], int], None],
) -> None:
    """Put the items of some lines until `stopped`, and keep `loading` up to date.

    `report` gets the failures and the number of items loaded, batch after batch. Raises `ApiError` for what is not
    about single lines, `loading` being right then too.
    """
    idle: SimpleQueue[Client] = SimpleQueue()
    for client in clients:
        idle.put(client)

    def put_batch(batch: list[Line]) -> list[Failure]:
        client = idle.get()
        try:
            return put(client, table, batch)
        finally:
            idle.put(client)

    def collect(done: Iterable[Future[list[Failure]]]) -> None:
        for future in done:
            failures = future.result()
            batch = pending.pop(future)
            account(failures, len(batch) - len(failures))

    def account(failures: list[Failure], loaded: int) -> None:
        loading.failed += len(failures)
        loading.loaded += loaded
        report(failures, loaded)
        if not loading.loaded and loading.failed >= HOPELESS_FAILURES:
            raise ApiError(
                400, "NothingLoaded", f"The first {loading.failed} lines all failed; the rest was not tried."
            )

    pending: dict[Future[list[Failure]], list[Line]] = {}
    with ThreadPoolExecutor(len(clients)) as pool:
        try:
            for batch in batches(lines, account):
                pending[pool.submit(put_batch, batch)] = batch
                loading.next_line = batch[-1].number + 1
                if len(pending) >= 2 * len(clients):
                    collect(wait(pending, return_when=FIRST_COMPLETED).done)
                if stopped():
                    break
            collect(wait(pending).done)
        finally:
            pool.shutdown(cancel_futures=True)
            unfinished = [batch for future, batch in pending.items() if not _succeeded(future)]
            loading.next_line = min([loading.next_line, *(batch[0].number for batch in unfinished)])


def _succeeded(future: Future[list[Failure]]) -> bool:
    return not future.cancelled() and future.exception() is None


def batches(lines: Iterable[Line | Failure], account: Callable[[list[Failure], int], None]) -> Iterator[list[Line]]:
    """Group lines into what one request takes; account for the lines that cannot be sent."""
    batch: list[Line] = []
    characters = 0
    for line in lines:
        if isinstance(line, Failure):
            account([line], 0)
            continue
        if len(batch) == BATCH_ITEMS or (batch and characters + len(line.item) > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        batch.append(line)
        characters += len(line.item)
    if batch:
        yield batch


def put(client: Client, table: str, lines: list[Line]) -> list[Failure]:
    """Put the items of some lines, by halves where the whole is refused; return the lines that are refused alone."""
    try:
        write(client, table, [line.item for line in lines])
    except ApiError as error:
        if not about_items(error):
            raise
        if len(lines) == 1:
            return [Failure(lines[0].number, error.message)]
        half = len(lines) // 2
        return put(client, table, lines[:half]) + put(client, table, lines[half:])
    return []


def about_items(error: ApiError) -> bool:
    """Tell whether a refusal may be about some items of a batch and not about others."""
    return error.status in (400, 413) or error.code == "ForbiddenError"


def write(client: Client, table: str, items: Iterable[str]) -> None:
    """Put items, given as JSON text, until DynamoDB has processed all of them."""
    puts = ",".join([f'{{"PutRequest":{{"Item":{item}}}}}' for item in items])
    body = f'{{"operation":"batchWrite","payload":{{"RequestItems":{{{to_text(table)}:[{puts}]}}}}}}'
    attempt = 0
    while rest := client.send(body, repeatable=True).get("UnprocessedItems"):
        attempt += 1
        time.sleep(wait_seconds(attempt))
        body = request("batchWrite", None, {"RequestItems": rest})
