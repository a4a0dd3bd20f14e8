"""Which change of the code would no test notice? `make mutants`, for docs/mutations.md.

Each mutant stands in a copy of the project and meets the tests of its module in a process of its own: a fork of this
one, which has loaded the libraries and nothing that is tested.
"""

import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import boto3
import chalice.test  # noqa: F401
import hypothesis
import pytest

from local.engines import running_engine, use_local_identity
from mutation.modules import MODULES
from mutation.mutants import Mutant, mutants_of

PROJECT = Path(__file__).parent.parent
NOT_COPIED = (".venv*", ".git", ".local", "node_modules", "__pycache__", ".*_cache", ".hypothesis")
KILLED = PROJECT / ".local" / "killed.json"
PROCESSES = 2
# What takes longer or more, a loop without an end for example, counts as killed.
TIMES_AS_LONG, MORE_SECONDS = 3, 10
MEMORY_BYTES = 4 << 30

_fork = multiprocessing.get_context("fork")
_place: "Place"


class Place(NamedTuple):
    """A copy of the project, and the engine of the tests that run there."""

    tree: Path
    endpoint: str


def main() -> None:
    names = os.environ.get("MODULES", "").split()
    mutants = [each for path in MODULES if not names or path in names for each in mutants_of(PROJECT, path)]
    chance = random.Random(int(os.environ.get("SEED", "0")))
    if sample := int(os.environ.get("SAMPLE", "0")):
        mutants = [mutants[i] for i in sorted(chance.sample(range(len(mutants)), min(sample, len(mutants))))]
    killed = set(json.loads(KILLED.read_text())) if KILLED.exists() else set()
    asked = [each for each in mutants if "SURVIVORS" not in os.environ or _key(each) not in killed]
    use_local_identity()
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    # The same examples for every mutant, and none made smaller: nobody reads them.
    phases = (hypothesis.Phase.explicit, hypothesis.Phase.generate)
    hypothesis.settings.register_profile("mutants", derandomize=True, deadline=None, phases=phases)
    hypothesis.settings.load_profile("mutants")
    with ExitStack() as stack:
        places = _fork.Queue()
        for _ in range(PROCESSES):
            tree = Path(stack.enter_context(TemporaryDirectory())) / "project"
            shutil.copytree(PROJECT, tree, ignore=shutil.ignore_patterns(*NOT_COPIED))
            places.put(Place(tree, stack.enter_context(running_engine("ministack"))))
        pool = stack.enter_context(ProcessPoolExecutor(PROCESSES, _fork, _take_place, (places,)))
        survivors: Counter[str] = Counter()
        for mutant, survived in zip(asked, pool.map(_survives, asked), strict=True):
            (killed.discard if survived else killed.add)(_key(mutant))
            if survived:
                survivors[mutant.path] += 1
                print(mutant.diff(PROJECT), flush=True)
    KILLED.parent.mkdir(exist_ok=True)
    KILLED.write_text(json.dumps(sorted(killed)))
    counts = Counter(each.path for each in mutants)
    print("\n| module | mutants | killed | |\n|---|---:|---:|---:|")
    for name, count, left in [
        *((path, counts[path], survivors[path]) for path in counts),
        ("together", counts.total(), survivors.total()),
    ]:
        print(f"| {name.removeprefix('chalicelib/')} | {count} | {count - left} | {1 - left / count:.1%} |")


def _key(mutant: Mutant) -> str:
    return sha256("\0".join(mutant).encode()).hexdigest()[:16]


def _take_place(places: "multiprocessing.Queue[Place]") -> None:
    global _place
    _place = places.get()


def _survives(mutant: Mutant) -> bool:
    """Tell whether every test of its module passes with the mutant, in the place of this process."""
    seconds = _seconds_of(mutant.path)
    module = _place.tree / mutant.path
    module.write_text(mutant.text)
    passed = _passes(mutant.path, seconds * TIMES_AS_LONG + MORE_SECONDS)
    # With its old time, so that the compiled one fits again.
    shutil.copy2(PROJECT / mutant.path, module)
    return passed


@cache
def _seconds_of(path: str) -> float:
    """The time of a module's tests without a mutant. Only here, what is compiled is kept."""
    started = time.monotonic()
    sys.dont_write_bytecode = False
    if not _passes(path, 600):
        raise SystemExit(f"The tests of {path} fail without a mutant: {' '.join(MODULES[path])}")
    sys.dont_write_bytecode = True
    return time.monotonic() - started


def _passes(path: str, seconds: float) -> bool:
    process = _fork.Process(target=_test, args=(path,))
    process.start()
    process.join(seconds)
    if process.is_alive():
        os.killpg(process.pid or 0, signal.SIGKILL)
        process.join()
        dynamodb = boto3.client("dynamodb", endpoint_url=_place.endpoint)
        for name in dynamodb.list_tables()["TableNames"]:
            dynamodb.delete_table(TableName=name)
    return process.exitcode == 0


def _test(path: str) -> None:
    os.setsid()
    # A shell that starts this in the background has it ignored, and `chalice local` ends by it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for descriptor in (1, 2):
        os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)
    os.environ["DYNAMODB_ENDPOINT"] = _place.endpoint
    os.chdir(_place.tree)
    sys.path[0] = str(_place.tree)
    for name in [name for name in sys.modules if name.split(".")[0] in ("local", "mutation")]:
        del sys.modules[name]
    os._exit(pytest.main(["-x", "-p", "no:cacheprovider", *MODULES[path]]))


if __name__ == "__main__":
    main()
