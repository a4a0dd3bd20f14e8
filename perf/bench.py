"""`make bench`: CPU for each request, of every contender, against DynamoDB on loopback, over TLS and in clear.

The contenders' processes take turns, a few requests each, so that what else the machine does hits all of them. It takes
a few minutes.
"""

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from operator import truediv
from statistics import median
from typing import NamedTuple

from perf.canned import BATCH, CREATE, LIST, PAGE, PING, READ, RECONNECT, WORKS, Work
from perf.canned_dynamodb import Endpoint, serving
from perf.contenders import CONTENDERS
from perf.report import PROJECT, machine, table, write_section

ROUNDS = 15
# CPU seconds of a contender's turn.
TURN_SECONDS = 0.01
WARM_CALLS = 3

SCHEMES = ("https", "http")
SHOWN = (PING, READ, CREATE, RECONNECT, BATCH, LIST, PAGE)
OURS = ("ours", "ours_typed")
PACKAGES = ("boto3", "chalice", "msgspec", "urllib3", "aws-lambda-powertools")


class Goal(NamedTuple):
    """How much of a contender's CPU ours may take, in the worse of both formats."""

    work: Work
    contender: str
    limit: float


GOALS = (
    Goal(READ, "client", 0.40),
    Goal(CREATE, "client", 0.40),
    Goal(READ, "floor", 1.0),
    Goal(CREATE, "floor", 1.0),
    Goal(LIST, "client_dumps", 0.25),
    Goal(PAGE, "client_dumps", 0.15),
)

# CPU seconds, by contender and work: the median of every turn, one for each round.
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
def working(contender: str, endpoint: Endpoint) -> Iterator[Worker]:
    with subprocess.Popen(
        [sys.executable, "-m", "perf.worker", contender],
        cwd=PROJECT,
        env={**endpoint.environ(), "ALLOWED_TABLES": "*", "AUTH": "none"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Worker(process)


def measure_all(scheme: str) -> Figures:
    figures: Figures = {name: defaultdict(list) for name in CONTENDERS}
    with ExitStack() as stack:
        endpoint = stack.enter_context(serving(scheme))
        workers = {name: stack.enter_context(working(name, endpoint)) for name in CONTENDERS}
        for work in WORKS:
            for worker in workers.values():
                worker.measure(work, WARM_CALLS)
            able = {
                name: median(taken) for name, worker in workers.items() if (taken := worker.measure(work, WARM_CALLS))
            }
            for _ in range(ROUNDS):
                for name, estimate in able.items():
                    calls = max(1, min(100, round(TURN_SECONDS / estimate)))
                    figures[name][work].append(median(workers[name].measure(work, calls)))
    return figures


def ratio(figures: Figures, work: str, name: str, other: str) -> float:
    """The median of the rounds' ratios: what else the machine does falls on both sides of each."""
    rounds: list[float] = list(map(truediv, figures[name][work], figures[other][work]))
    return median(rounds)


def microseconds(figures: Figures) -> str:
    rows = (
        [
            label,
            *(f"{median(figures[name][work.name]) * 1e6:,.0f}" if figures[name][work.name] else "" for work in SHOWN),
        ]
        for name, (label, _) in CONTENDERS.items()
    )
    return table(["µs", *(work.name for work in SHOWN)], rows)


def ratios(figures: Figures) -> str:
    """What share of each contender's CPU ours takes in `json`."""
    rows = (
        [
            label,
            *(f"{ratio(figures, work.name, 'ours', name):.2f}" if figures[name][work.name] else "" for work in SHOWN),
        ]
        for name, (label, _) in CONTENDERS.items()
        if name not in OURS
    )
    return table(["ours in `json`, of", *(work.name for work in SHOWN)], rows)


def goals(figures: dict[str, Figures]) -> str:
    def row(goal: Goal) -> list[str]:
        measured = [
            max(ratio(figures[scheme], goal.work.name, name, goal.contender) for name in OURS) for scheme in SCHEMES
        ]
        of = f"{goal.work.name}, of {CONTENDERS[goal.contender].label}"
        met = max(measured) <= goal.limit
        return [of, f"≤ {goal.limit:.2f}", *(f"{each:.2f}" for each in measured), "met" if met else "missed"]

    return table(["the worse of both formats", "goal", "over TLS", "in clear", ""], map(row, GOALS))


def main() -> None:
    figures = {scheme: measure_all(scheme) for scheme in SCHEMES}
    write_section("machine", machine(PACKAGES))
    write_section("requests", microseconds(figures["https"]))
    write_section("ratios", ratios(figures["https"]))
    write_section("goals", goals(figures))


if __name__ == "__main__":
    main()
