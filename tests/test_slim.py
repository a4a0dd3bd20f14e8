"""A slim package does what the full one does, with less in it."""

import gzip
import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from infrastructure.slim import PYTHON, slim, slim_by_default

DATA = "botocore/data/"
MODEL = {
    "documentation": "of the service",
    "operations": {"GetItem": {"input": {"shape": "A"}}, "CreateBackup": {"input": {"shape": "C"}}},
    "shapes": {
        "A": {"members": {"documentation": {"shape": "B", "documentation": "of a member"}}},
        "B": {"type": "list", "member": {"shape": "A"}},
        "C": {"type": "string"},
    },
}
ENDPOINTS = {"partitions": [{"partition": "aws", "services": {"dynamodb": {"a": 1}, "s3": {}}}, {"services": {}}]}
FULL = {
    "app.py": b"import chalicelib.greeting",
    "chalicelib/__init__.py": b"",
    "chalicelib/greeting.py": b"print('hello')",
    "chalicelib/__pycache__/greeting.cpython-39.pyc": b"",
    "chalicelib/access/rules.json": b"{}",
    "chalicelib/console/index.html": b"<html>",
    "boto3/__init__.py": b"",
    "boto3/data/dynamodb/resources-1.json": b"{}",
    "boto3/examples/s3.rst": b"",
    "boto3-1.0.dist-info/METADATA": b"",
    "jmespath-1.0.data/scripts/jp.py": b"print",
    "msgspec/__init__.pyi": b"",
    "msgspec/_core.so": b"\x7fELF",
    f"{DATA}endpoints.json": json.dumps(ENDPOINTS).encode(),
    f"{DATA}_retry.json": b"{}",
    f"{DATA}dynamodb/2012-08-10/service-2.json.gz": gzip.compress(json.dumps(MODEL).encode()),
    f"{DATA}s3/2006-03-01/service-2.json.gz": gzip.compress(b"{}"),
}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    package = tmp_path / f"package{PYTHON}.zip"
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
            "chalicelib/access/rules.json",
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
    assert model == {
        "operations": {"GetItem": {"input": {"shape": "A"}}},
        "shapes": {
            "A": {"members": {"documentation": {"shape": "B"}}},
            "B": {"type": "list", "member": {"shape": "A"}},
        },
    }


def test_the_code_runs(package: Path, tmp_path: Path) -> None:
    slim(package)
    with ZipFile(package) as archive:
        archive.extractall(tmp_path / "unpacked")
    run = [sys.executable, "-c", "import app"]
    assert subprocess.run(run, cwd=tmp_path / "unpacked", capture_output=True, check=True).stdout == b"hello\n"


def test_the_same_sources_give_the_same_bytes(package: Path) -> None:
    full = package.read_bytes()
    slim(package)
    once = package.read_bytes()
    package.write_bytes(full)
    slim(package)
    assert package.read_bytes() == once


def test_a_slim_package_stays_as_it_is(package: Path) -> None:
    slim(package)
    once = package.stat()
    slim(package)
    assert package.stat() == once


def test_a_package_that_does_not_compile_is_left_alone(package: Path) -> None:
    with ZipFile(package, "a") as archive:
        archive.writestr("broken.py", "def")
    before = package.read_bytes()
    with pytest.raises(ValueError, match="compile"):
        slim(package)
    assert package.read_bytes() == before


def test_a_package_for_another_python_is_left_alone(package: Path) -> None:
    other = package.rename(package.with_name("package-python3.9.zip"))
    before = other.read_bytes()
    with pytest.raises(ValueError, match=r"python3\.9"):
        slim(other)
    assert other.read_bytes() == before


class Packager:
    """Stands for Chalice's: makes a package that is there already."""

    def create_deployment_package(self, project_dir: str, python_version: str) -> str:
        return project_dir


def test_where_chalice_s_packager_has_changed_a_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delattr("chalice.deploy.packager.LambdaDeploymentPackager")
    slim_by_default()
    assert "LambdaDeploymentPackager" in capsys.readouterr().err


def test_a_package_that_cannot_be_slimmed_is_deployed_as_it_is_and_a_line_says_so(
    package: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("chalice.deploy.packager.LambdaDeploymentPackager", Packager)
    monkeypatch.setattr(Packager, "create_deployment_package", Packager.create_deployment_package)
    slim_by_default()
    package.write_bytes(b"no zip")
    assert Packager().create_deployment_package(str(package), "python") == str(package)
    assert package.read_bytes() == b"no zip"
    assert "BadZipFile" in capsys.readouterr().err
