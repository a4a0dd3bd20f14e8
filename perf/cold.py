"""`make cold-start`: from process start to the first `read` answered, of packages as Lambda gets them; and the cost.

It downloads what Chalice packages, and takes a few minutes.
"""

import math
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from zipfile import ZipFile

from perf.canned import CREATE, PAGE, READ, Work
from perf.canned_dynamodb import Endpoint, serving
from perf.event import gateway_event, request_body
from perf.report import PROJECT, machine, table, write_section
from perf.runtime import Function, function
from perf.scale import (
    LAMBDA_REQUEST,
    LAMBDA_SECOND,
    MEMORIES,
    READ_UNIT,
    REST_API,
    WHOLE_CPU,
    WRITE_UNIT,
    M,
)
from perf.scale import (
    WORKS as PRICED,
)

ROUNDS = 9
WARM_CALLS = 100

TUTORIAL = "the tutorial's handler, as Chalice packages it"
FULL = "ours, not slimmed"
SLIM = "**ours, as Chalice packages it**"


class Package(NamedTuple):
    zip_bytes: int
    root: Path


class Start(NamedTuple):
    """One cold start: seconds and peak bytes until the first `read`, peak of a page; CPU seconds of warm requests."""

    wall: float
    cpu: float
    peak: float
    page_peak: float
    read: float
    create: float


def chalice_project(source: Path, target: Path) -> Path:
    """Copy what Chalice packages."""
    target.mkdir()
    for name in ("app.py", "chalicelib", "infrastructure", "requirements.txt", ".chalice"):
        if (source / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "deploy*")
            shutil.copytree(source / name, target / name, ignore=ignored)
        elif (source / name).exists():
            shutil.copy(source / name, target)
    return target


def package(project: Path, endpoint: Endpoint) -> Package:
    """What `chalice package --stage prod` makes, unpacked where nothing can be written."""
    output = project / "packaged"
    subprocess.run(
        [Path(sys.executable).with_name("chalice"), "package", "--stage", "prod", output],
        cwd=project,
        env=endpoint.environ(),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    root = project / "unpacked"
    shutil.rmtree(root, ignore_errors=True)
    with ZipFile(output / "deployment.zip") as archive:
        archive.extractall(root)
    shutil.copy(endpoint.ca_bundle, root / "botocore" / "cacert.pem")
    for path in (root, *root.rglob("*")):
        path.chmod(0o555)
    return Package((output / "deployment.zip").stat().st_size, root)


@contextmanager
def packages(endpoint: Endpoint) -> Iterator[dict[str, Package]]:
    with TemporaryDirectory(ignore_cleanup_errors=True) as directory:
        tutorial = chalice_project(PROJECT / "perf" / "tutorial", Path(directory, "tutorial"))
        full = chalice_project(PROJECT, Path(directory, "full"))
        # What has Chalice make a slim package, taken out.
        app = full / "app.py"
        app.write_text(app.read_text().replace("slim_by_default()", "pass"))
        slim = chalice_project(PROJECT, Path(directory, "slim"))
        yield {TUTORIAL: package(tutorial, endpoint), FULL: package(full, endpoint), SLIM: package(slim, endpoint)}


def event(work: Work) -> dict[str, Any]:
    return gateway_event(request_body(work, work.plain))


def measure(root: Path, environ: dict[str, str]) -> Start:
    with function(root, environ) as started:
        first = started.answer(event(READ))
        warm = {work.name: warm_cpu(started, event(work)) for work in (READ, CREATE)}
    # A page on its own, because what was before it would stay in the peak.
    with function(root, environ) as started:
        page = started.answer(event(PAGE))
    return Start(first.wall, first.cpu, first.peak, page.peak, **warm)


def warm_cpu(started: Function, asked: dict[str, Any]) -> float:
    times = [started.answer(asked).cpu for _ in range(WARM_CALLS)]
    return (times[-1] - times[0]) / (WARM_CALLS - 1)


def cold_table(made: dict[str, Package], starts: dict[str, Start]) -> str:
    head = ["", "zip, MB", "wall, s", "CPU, s", "CPU, of the tutorial's", "peak, MB", "peak for a 1 MB page, MB"]
    rows = (
        [
            label,
            f"{made[label].zip_bytes / 1e6:.1f}",
            f"{start.wall:.2f}",
            f"{start.cpu:.2f}",
            f"{start.cpu / starts[TUTORIAL].cpu:.2f}",
            f"{start.peak / 1e6:.0f}",
            f"{start.page_peak / 1e6:.0f}",
        ]
        for label, start in starts.items()
    )
    return table(head, rows)


def cost_table(start: Start) -> str:
    """Dollars for a million requests; each takes its CPU, at the memory's share of one, and DynamoDB's time."""
    cpu = {"read": start.read, "create": start.create}
    head = ["memory", "CPU of a cold start"]
    rows = [[f"{memory:,} MB", f"{start.cpu * WHOLE_CPU / memory:.1f} s"] for memory in MEMORIES]
    for work in PRICED:
        head += [f"`{work.name}`, ms", *(f"$, {architecture}" for architecture in LAMBDA_SECOND)]
        for memory, row in zip(MEMORIES, rows, strict=True):
            milliseconds = math.ceil(cpu[work.name] * 1000 * WHOLE_CPU / memory + work.dynamodb_ms)
            row.append(str(milliseconds))
            for price in LAMBDA_SECOND.values():
                function_dollars = M * LAMBDA_REQUEST + price.of(M * milliseconds / 1000 * memory / 1024)
                table_dollars = M * (work.read_units * READ_UNIT + work.write_units * WRITE_UNIT)
                row.append(f"{REST_API.of(M) + function_dollars + table_dollars:.2f}")
    return table(head, rows)


def main() -> None:
    with serving("https") as endpoint, packages(endpoint) as made:
        environ = {**endpoint.environ(), "ALLOWED_TABLES": "*", "AUTH": "none"}
        # What Lambda trusts is the bundle in the package.
        del environ["AWS_CA_BUNDLE"]
        samples: dict[str, list[Start]] = {label: [] for label in made}
        for _ in range(ROUNDS):
            for label, each in made.items():
                samples[label].append(measure(each.root, environ))
        starts = {label: Start(*map(median, zip(*taken, strict=True))) for label, taken in samples.items()}
        write_section("cold-machine", machine(("boto3", "chalice", "msgspec")))
        write_section("cold", cold_table(made, starts))
        write_section("cost", cost_table(starts[SLIM]))


if __name__ == "__main__":
    main()
