"""`make bench`: CPU for each request, of every contender, against DynamoDB on loopback; takes a few minutes.

The contenders' processes take turns, a few requests each, so that what else the machine does hits all of them.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from operator import truediv
from statistics import median

from perf.canned import SWEEP, WORKS, list_of, sdk_environment
from perf.chart import chart
from perf.report import PAGE, PROJECT, machine, table, write_section
from perf.server import serving

ROUNDS = 31
# Seconds of CPU for a contender's turn.
TURN = 0.01
WARM = 3

CONTENDERS = {
    "founding": "the founding handler",
    "resource": "Chalice, one boto3 resource",
    "powertools": "Powertools, one boto3 resource",
    "fastapi_mangum": "FastAPI and Mangum, one boto3 resource",
    "client": "boto3 client, bare",
    "client_dumps": "boto3 client and `json.dumps`, bare",
    "floor": "the floor",
    "ours": "**ours, `json`**",
    "ours_wire": "**ours, `dynamodb-json`**",
}
SHOWN = ("ping", "read", "create", "batchWrite 25", list_of(100).name, list_of(SWEEP[-1]).name)
PACKAGES = ("boto3", "chalice", "msgspec", "urllib3", "aws-lambda-powertools", "fastapi", "mangum")

# Seconds, by contender and work: the median of every turn, one for each round.
Figures = dict[str, dict[str, list[float]]]


class Worker:
    """A contender in a process of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def measure(self, work: str, calls: int) -> list[float]:
        """The CPU seconds of each call; of none for work that the contender does not do."""
        assert self._process.stdin
        assert self._process.stdout
        print(json.dumps([work, calls]), file=self._process.stdin, flush=True)
        times: list[float] = json.loads(self._process.stdout.readline())
        return times


@contextmanager
def working(contender: str, port: int) -> Iterator[Worker]:
    with subprocess.Popen(
        [sys.executable, "-m", "perf.measure", contender],
        cwd=PROJECT,
        env={**sdk_environment(port), "ALLOWED_TABLES": "*", "AUTH": "none"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Worker(process)


def measure_all() -> Figures:
    figures: Figures = {name: defaultdict(list) for name in CONTENDERS}
    with ExitStack() as stack:
        port = stack.enter_context(serving())
        workers = {name: stack.enter_context(working(name, port)) for name in CONTENDERS}
        for work in WORKS:
            for worker in workers.values():
                worker.measure(work, WARM)
            able = {name: median(taken) for name, worker in workers.items() if (taken := worker.measure(work, WARM))}
            for _ in range(ROUNDS):
                for name, estimate in able.items():
                    calls = max(1, min(100, round(TURN / estimate)))
                    figures[name][work].append(median(workers[name].measure(work, calls)))
    return figures


def ratio(figures: Figures, work: str, name: str, other: str) -> float:
    """The median of the rounds' ratios: what else the machine does falls on both sides of each."""
    rounds: list[float] = list(map(truediv, figures[name][work], figures[other][work]))
    return median(rounds)


def microseconds(figures: Figures) -> str:
    rows = (
        [label, *(f"{median(figures[name][work]) * 1e6:,.0f}" if work in figures[name] else "" for work in SHOWN)]
        for name, label in CONTENDERS.items()
    )
    return table(["µs", *SHOWN], rows)


def ratios(figures: Figures) -> str:
    """How many times what ours takes each contender takes."""
    rows = (
        [label, *(f"{ratio(figures, work, name, 'ours'):.2f}" if work in figures[name] else "" for work in SHOWN)]
        for name, label in CONTENDERS.items()
    )
    return table(["of ours in `json`", *SHOWN], rows)


def goals(figures: Figures) -> str:
    """The goals that are of this table, each with what was measured."""
    small, page = list_of(100).name, list_of(SWEEP[-1]).name

    def row(work: str, other: str, limit: float) -> list[str]:
        worst = max(ratio(figures, work, name, other) for name in ("ours", "ours_wire"))
        return [f"{work}, of {CONTENDERS[other]}", f"≤ {limit}", f"{worst:.2f}", "met" if worst <= limit else "missed"]

    rows = [
        row(work, other, limit) for work in ("read", "create") for other, limit in (("client", 0.6), ("floor", 1.6))
    ]
    rows += [
        row(work, other, limit) for work in (small, page) for other, limit in (("client_dumps", 0.35), ("floor", 1.6))
    ]
    return table(["the worse of both formats", "goal", "measured", ""], rows)


def main() -> None:
    figures = measure_all()
    write_section("machine", machine(PACKAGES))
    write_section("requests", microseconds(figures))
    write_section("ratios", ratios(figures))
    write_section("goals", goals(figures))
    lines = {
        CONTENDERS[name].strip("*").replace("`", ""): [(items, median(works[list_of(items).name])) for items in SWEEP]
        for name, works in figures.items()
        if name not in ("client", "resource", "powertools")
    }
    PAGE.with_name("page-size.svg").write_text(chart(lines))


if __name__ == "__main__":
    main()
