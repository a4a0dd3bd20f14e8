"""The attacks and the honest requests, through both entry points, in both formats, on a real engine."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from chalicelib import entry_points
from tests.access.cases import ATTACKS, CALLERS, HONEST, Case, in_both_formats
from tests.access.conftest import AUTHS, http_event, items_of, request_context
from tests.conftest import StageClient

Answer = tuple[int, str]


@pytest.fixture(scope="module")
def stages(guarded: Callable[..., StageClient]) -> dict[str, StageClient]:
    """A stage for each kind of caller."""
    return {kind: guarded(**environ) for kind, environ in AUTHS.items()}


def over_http(stages: dict[str, StageClient], case: Case, patch: pytest.MonkeyPatch) -> Answer:
    caller = CALLERS[case.caller]
    app = stages[caller.kind if caller else "iamUser"].app
    response = app(http_event(_request(case), request_context(caller)), None)
    return response["statusCode"], response["body"]


def as_event(stages: dict[str, StageClient], case: Case, patch: pytest.MonkeyPatch) -> Answer:
    """Through the entry point without HTTP, as if this were the caller whom it knows."""
    patch.setattr(entry_points, "INVOKE", CALLERS[case.caller])
    try:
        stages["anonymous"].app(_request(case), None)
    except Exception as error:
        return (403 if type(error).__name__ == "ForbiddenError" else 500), str(error)
    return 200, ""


def _request(case: Case) -> dict[str, Any]:
    table = {} if case.table is None else {"tableName": case.table}
    return {"operation": case.operation, **table, "payload": case.payload, "format": case.format}


@pytest.mark.parametrize("case", ATTACKS, ids=lambda case: case.name)
def test_an_attack_is_refused_and_nothing_is_written(
    case: Case, stages: dict[str, StageClient], items: Any, dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for enter, each in entered(case):
        answered = enter(stages, each, monkeypatch)
        assert answered[0] == 403, answered
    assert items_of(dynamodb) == items


@pytest.mark.parametrize("case", HONEST, ids=lambda case: case.name)
def test_an_honest_request_is_answered(
    case: Case, stages: dict[str, StageClient], write_items: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for enter, each in entered(case):
        write_items()
        answered = enter(stages, each, monkeypatch)
        assert answered[0] == 200, answered


def entered(case: Case) -> Iterator[tuple[Any, Case]]:
    """Both entry points, each with both formats."""
    for enter in (over_http, as_event):
        for each in in_both_formats(iter([case])):
            yield enter, each
