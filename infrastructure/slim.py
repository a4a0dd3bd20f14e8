"""Makes the deployment package that Chalice builds small and quick to start.

app.py calls `slim_by_default` where the `chalice` command runs, so that `chalice deploy` and `chalice package` make
slim packages. Chalice names a package by a hash of its sources and reuses the one it finds, which is slim already then.
"""

import gzip
import json
import sys
from collections.abc import Iterator
from compileall import compile_dir
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chalicelib.operations import OPERATIONS

SERVICE = "dynamodb"
# What botocore reads for a client of any service.
SDK_DATA = ("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json")
# What only a developer's machine uses.
LOCAL = ("chalicelib", "console")
# The Python that runs this is the one whose bytecode it writes; Chalice has it in a package's name.
PYTHON = "-python{}.{}".format(*sys.version_info)


def slim_by_default() -> None:
    """Have Chalice slim each package that it makes.

    Chalice has no setting for it, so its packager is wrapped. Where that is not possible any more, or a package cannot
    be slimmed, a line says so and Chalice goes on with the full package, which works too.
    """
    try:
        from chalice.deploy.packager import LambdaDeploymentPackager as Packager

        make = Packager.create_deployment_package
    except (ImportError, AttributeError) as change:
        print(f"The deployment package stays as large as Chalice makes it: {change}", file=sys.stderr)
        return

    def make_slim(packager: Packager, project_dir: str, python_version: str) -> str:
        package = make(packager, project_dir, python_version)
        try:
            slim(Path(package))
        except Exception as problem:
            print(f"The deployment package stays as large as Chalice makes it: {problem!r}", file=sys.stderr)
        return package

    Packager.create_deployment_package = make_slim  # type: ignore[assignment, method-assign]


def slim(package: Path) -> None:
    """Replace a package by one that holds its code as bytecode, and of the SDK's data what is read.

    Raises `ValueError`, and leaves the package alone, where it does not compile or is for another Python.
    """
    if PYTHON not in package.name:
        raise ValueError(f"{package.name} is not for the Python that runs this, {PYTHON[1:]}")
    with TemporaryDirectory() as directory:
        root = Path(directory)
        with ZipFile(package) as full:
            if "app.pyc" in full.namelist():
                return
            full.extractall(root, [name for name in full.namelist() if _is_used(name)])
        _slim_data(root / "botocore" / "data")
        _compile(root)
        slimmed = package.with_suffix(".slim")
        with ZipFile(slimmed, "w", ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(path for path in root.rglob("*") if path.is_file()):
                # Without the time, so that the same sources give the same bytes.
                info = ZipInfo(path.relative_to(root).as_posix())
                info.compress_type, info.external_attr = ZIP_DEFLATED, 0o644 << 16
                archive.writestr(info, path.read_bytes())
        slimmed.replace(package)


def _is_used(name: str) -> bool:
    top, *below = parts = Path(name).parts
    if "__pycache__" in below or parts[:2] == LOCAL:
        return False
    if top == "botocore" and below[0] == "data":
        return below[1] in (SERVICE, *SDK_DATA)
    if top == "boto3":
        return below[0] not in ("data", "examples")
    return not top.endswith((".dist-info", ".data")) and not name.endswith(".pyi")


def _slim_data(data: Path) -> None:
    """Drop what takes time to read: other services and actions, documentation, compression in the compressed."""
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: data for name, data in partition["services"].items() if name == SERVICE}
    (data / "endpoints.json").write_text(json.dumps(endpoints))
    for compressed in data.rglob("*.json.gz"):
        content = _undocumented(json.loads(gzip.decompress(compressed.read_bytes())))
        if compressed.name.startswith("service-"):
            content = _trimmed(content)
        compressed.with_suffix("").write_text(json.dumps(content))
        compressed.unlink()


def _trimmed(model: dict[str, Any]) -> dict[str, Any]:
    """The service model with the actions that an operation calls, and the shapes that these reach."""
    called = {operation.action for operation in OPERATIONS.values()}
    actions = {
        name: action
        for name, action in model["operations"].items()
        # botocore looks for the action that tells endpoints.
        if name in called or action.get("endpointoperation")
    }
    shapes: dict[str, Any] = {}
    reached = set(_shapes_of(actions))
    while reached:
        name = reached.pop()
        shapes[name] = model["shapes"][name]
        reached.update(set(_shapes_of(shapes[name])) - shapes.keys())
    return {**model, "operations": actions, "shapes": shapes}


def _shapes_of(value: Any) -> Iterator[str]:
    """The names of the shapes that a part of a service model refers to."""
    for member in value if isinstance(value, list) else value.values() if isinstance(value, dict) else ():
        yield from _shapes_of(member)
    if isinstance(value, dict) and isinstance(value.get("shape"), str):
        yield value["shape"]


def _undocumented(value: Any) -> Any:
    if isinstance(value, list):
        return [_undocumented(member) for member in value]
    if isinstance(value, dict):
        # A member may have this name too; it is no string then.
        kept = {name: value[name] for name in value if name != "documentation" or not isinstance(value[name], str)}
        return {name: _undocumented(member) for name, member in kept.items()}
    return value


def _compile(root: Path) -> None:
    # Beside no source, Python takes bytecode as it is and asks for no time stamp. Level 2 leaves docstrings out.
    unchecked = PycInvalidationMode.UNCHECKED_HASH
    if not compile_dir(root, quiet=1, legacy=True, stripdir=root, invalidation_mode=unchecked, optimize=2):
        raise ValueError("a source does not compile")
    for source in root.rglob("*.py"):
        source.unlink()
