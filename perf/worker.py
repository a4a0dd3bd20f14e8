"""A contender's process: reads `[work, calls]` lines, answers each with the CPU seconds of every call, as JSON.

The answer is empty for work that the contender does not do. CPU is that of the whole process, every thread of it.
"""

import json
import os
import sys
import time
from functools import cache

from perf.canned import WORKS
from perf.contenders import CONTENDERS
from perf.event import Call


def cpu_time(call: Call) -> float:
    before = time.process_time()
    call()
    return time.process_time() - before


def main(contender: str) -> None:
    results = os.fdopen(os.dup(1), "w")
    # A contender may log a line for each request, and pays for writing it.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)

    @cache
    def prepared(work: str) -> Call | None:
        return CONTENDERS[contender].prepare(WORKS[work])

    for line in sys.stdin:
        work, calls = json.loads(line)
        call = prepared(work)
        print(json.dumps([cpu_time(call) for _ in range(calls)] if call else []), file=results, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
