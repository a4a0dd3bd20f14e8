"""A slim package does what the full one does, with less in it."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from infrastructure.slim import slim

DATA = "botocore/data/"
MODEL = {
    "documentation": "of the service",
    "shapes": {"A": {"members": {"documentation": {"shape": "B", "documentation": "of a member"}}}},
}
ENDPOINTS = {"partitions": [{"partition": "aws", "services": {"dynamodb": {"a": 1}, "s3": {}}}, {"services": {}}]}
FULL = {
    "app.py": b"import chalicelib.greeting",
    "chalicelib/__init__.py": b"",
    "chalicelib/greeting.py": b"print('hello')",
    "chalicelib/__pycache__/greeting.cpython-39.pyc": b"",
    "boto3/__init__.py": b"",
    "boto3/data/dynamodb/resources-1.json": b"{}",
    "boto3/examples/s3.rst": b"",
    "boto3-1.0.dist-info/METADATA": b"",
    "jmespath-1.0.data/scripts/jp.py": b"print",
    "msgspec/_core.so": b"\x7fELF",
    f"{DATA}endpoints.json": json.dumps(ENDPOINTS).encode(),
    f"{DATA}_retry.json": b"{}",
    f"{DATA}dynamodb/2012-08-10/service-2.json.gz": gzip.compress(json.dumps(MODEL).encode()),
    f"{DATA}s3/2006-03-01/service-2.json.gz": gzip.compress(b"{}"),
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    package = tmp_path / "package.zip"
    with ZipFile(package, "w") as archive:
        for name, content in FULL.items():
            archive.writestr(name, content)
    return package


def test_what_is_used_stays_and_sources_become_bytecode(package: Path) -> None:
    slim(package)
    with ZipFile(package) as archive:
        assert set(archive.namelist()) == {
            "app.pyc",
            "boto3/__init__.pyc",
            "chalicelib/__init__.pyc",
            "chalicelib/greeting.pyc",
            "msgspec/_core.so",
            f"{DATA}endpoints.json",
            f"{DATA}_retry.json",
            f"{DATA}dynamodb/2012-08-10/service-2.json",
        }


def test_data_keeps_what_is_read(package: Path) -> None:
    slim(package)
    with ZipFile(package) as archive:
        endpoints = json.loads(archive.read(f"{DATA}endpoints.json"))
        model = json.loads(archive.read(f"{DATA}dynamodb/2012-08-10/service-2.json"))
    assert endpoints["partitions"] == [
        {"partition": "aws", "services": {"dynamodb": {"a": 1}}},
        {"services": {}},
    ]
    assert model == {"shapes": {"A": {"members": {"documentation": {"shape": "B"}}}}}


def test_the_code_runs(package: Path, tmp_path: Path) -> None:
    slim(package)
    with ZipFile(package) as archive:
        archive.extractall(tmp_path / "unpacked")
    run = [sys.executable, "-c", "import app"]
    assert subprocess.run(run, cwd=tmp_path / "unpacked", capture_output=True, check=True).stdout == b"hello\n"


def test_slimming_is_repeatable_to_the_byte(package: Path) -> None:
    slim(package)
    once = package.read_bytes()
    slim(package)
    assert package.read_bytes() == once


def test_a_package_that_does_not_compile_is_left_alone(package: Path) -> None:
    with ZipFile(package, "a") as archive:
        archive.writestr("broken.py", "def")
    before = package.read_bytes()
    with pytest.raises(SystemExit):
        slim(package)
    assert package.read_bytes() == before
