"""What a request costs grows with its size and no faster. `make hostile` measures seconds and MB of the same bodies."""

import json
import sys
import tracemalloc
from typing import Any

import pytest

from chalicelib.request import _refuse_repeats
from perf.hostile import bodies
from tests.conftest import StageClient

SMALL, LARGE = 20_000, 80_000
NAMES = bodies(SMALL).keys()
# Bytes of memory for each byte of a body. The worst body takes 50: one list object for every two bytes.
MAX_MEMORY = 60


def ask(gateway: StageClient, entry_point: str, body: bytes) -> None:
    if entry_point == "http":
        assert gateway.post(body).status < 500
        return
    refused = ""
    try:
        gateway.app(json.loads(body), None)
    except Exception as error:
        refused = type(error).__name__
    assert refused not in ("InternalServerError", "RecursionError")


def calls(gateway: StageClient, entry_point: str, body: bytes) -> int:
    """Count the calls of functions, Python's and C's, that a request takes."""
    count = 0

    def profile(frame: Any, event: str, argument: Any) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(profile)
    try:
        ask(gateway, entry_point, body)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("entry_point", ["http", "event"])
@pytest.mark.parametrize("name", NAMES)
def test_the_calls_that_a_request_takes_grow_with_its_size(gateway: StageClient, entry_point: str, name: str) -> None:
    ask(gateway, entry_point, b'{"operation":"list","tableName":"t"}')
    small, large = (calls(gateway, entry_point, bodies(size)[name]) for size in (SMALL, LARGE))
    assert large < small * 1.1 * LARGE / SMALL
    assert large < LARGE * 4


@pytest.mark.parametrize("name", NAMES)
def test_the_memory_that_a_request_takes_grows_with_its_size(gateway: StageClient, name: str) -> None:
    body = bodies(LARGE)[name]
    ask(gateway, "http", bodies(SMALL)[name])
    tracemalloc.start()
    try:
        ask(gateway, "http", body)
        assert tracemalloc.get_traced_memory()[1] < MAX_MEMORY * len(body)
    finally:
        tracemalloc.stop()


def test_the_search_for_a_repeated_name_compares_each_name_once() -> None:
    compared = 0

    class Name(str):
        __slots__ = ()

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    members: list[tuple[str, Any]] = [(Name(f"n{number}"), 1) for number in (*range(1000), 0)]
    with pytest.raises(Exception, match='names "n0" twice'):
        _refuse_repeats(members)
    assert compared < 20
