"""This project's app, in DynamoDB's own JSON."""

from app import app
from perf.canned import Work
from perf.event import Call, calling, request_body


def prepare(work: Work) -> Call:
    return calling(app, request_body(work, work.wire, format="dynamodb-json"))
