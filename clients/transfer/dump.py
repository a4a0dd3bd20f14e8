"""A table's items out: every segment of a parallel scan, page by page."""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from queue import SimpleQueue
from typing import Any

from clients.python.dynamodb_manager import Client, request

# How far each segment is: the key to go on after, None for its beginning, or False once it is done.
Segments = list[Any]


def dump(
    table: str,
    clients: Sequence[Client],
    segments: Segments,
    stopped: Callable[[], bool],
    write: Callable[[list[dict[str, Any]]], None],
) -> None:
    """Scan what is left of a table until `stopped`, and keep `segments` up to date.

    `write` gets each page's items as the gateway's plain JSON. Raises `ApiError`, `segments` being right then too.
    """
    idle: SimpleQueue[Client] = SimpleQueue()
    for client in clients:
        idle.put(client)

    def page(segment: int) -> Any:
        payload = {"Segment": segment, "TotalSegments": len(segments)}
        if segments[segment] is not None:
            payload["ExclusiveStartKey"] = segments[segment]
        client = idle.get()
        try:
            return client.send(request("list", table, payload), repeatable=True)
        finally:
            idle.put(client)

    pending: dict[Future[Any], int] = {}
    with ThreadPoolExecutor(len(clients)) as pool:
        for segment, start in enumerate(segments):
            if start is not False:
                pending[pool.submit(page, segment)] = segment
        while pending:
            for future in wait(pending, return_when=FIRST_COMPLETED).done:
                segment = pending.pop(future)
                answer = future.result()
                write(answer["Items"])
                segments[segment] = answer.get("LastEvaluatedKey", False)
                if segments[segment] is not False and not stopped():
                    pending[pool.submit(page, segment)] = segment
