"""A boto3 client's call and its answer as JSON text."""

import json

from perf.canned import Work
from perf.contenders import client
from perf.event import Call


def prepare(work: Work) -> Call | None:
    call = client.prepare(work)
    return call and (lambda: json.dumps(call()))
