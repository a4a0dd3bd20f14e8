"""A contender's process: reads `[work, calls]` lines, answers each with the CPU seconds of every call, as JSON.

None of them for work that the contender does not do. CPU is that of the whole process, every thread of it.
"""

import importlib
import json
import os
import sys
import time
from functools import cache

from perf.canned import WORKS
from perf.event import Call


def cpu_time(call: Call) -> float:
    before = time.process_time()
    call()
    return time.process_time() - before


def main(contender: str) -> None:
    results = os.fdopen(os.dup(1), "w")
    # A contender may log a line for each request, and pays for writing it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    prepare = importlib.import_module(f"perf.contenders.{contender}").prepare

    @cache
    def prepared(work: str) -> Call | None:
        call: Call | None = prepare(WORKS[work])
        return call

    for line in sys.stdin:
        work, calls = json.loads(line)
        call = prepared(work)
        print(json.dumps([cpu_time(call) for _ in range(calls)] if call else []), file=results, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
