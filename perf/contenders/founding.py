"""The founding handler, which has no operation for several items at once."""

from perf.canned import Work
from perf.event import Call, calling, request_body
from perf.founding.app import app


def prepare(work: Work) -> Call | None:
    return None if work.operation == "batchWrite" else calling(app, request_body(work, work.plain))
