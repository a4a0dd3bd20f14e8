"""Writes what was measured into docs/performance.md, each table where it belongs."""

import os
import platform
import re
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

PROJECT = Path(__file__).parent.parent
PAGE = PROJECT / "docs" / "performance.md"


def write_section(name: str, text: str) -> None:
    """Replace what stands between the page's marks of this name, and print it."""
    print(text)
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    PAGE.write_text(marked.sub(lambda marks: f"{marks[1]}\n{text}\n\n{marks[2]}", PAGE.read_text()))


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Make a Markdown table: names on the left, figures on the right."""
    head = list(head)
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def machine(packages: Iterable[str]) -> str:
    """Name the machine and the versions."""
    cpus = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    python = f"{platform.python_implementation()} {platform.python_version()}"
    versions = ", ".join(f"{package} {version(package)}" for package in packages)
    return f"{cpus[0].strip()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; {python}, {versions}."
