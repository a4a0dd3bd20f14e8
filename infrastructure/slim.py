"""Makes the deployment package that Chalice built small and quick to start, in place.

Chalice names a package by a hash of its sources and reuses the one it finds: `chalice deploy` takes the slim package
while the sources are the same, and builds a full one, which works too, when they are not.
"""

import gzip
import json
import sys
from compileall import compile_dir
from pathlib import Path
from py_compile import PycInvalidationMode
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

SERVICE = "dynamodb"
# What botocore reads for a client of any service.
SDK_DATA = ("_retry.json", "endpoints.json", "partitions.json", "sdk-default-configuration.json")
# The packages of the Python that runs this, which is the one whose bytecode it writes.
PACKAGES = "*-python{}.{}*.zip".format(*sys.version_info)


def slim(package: Path) -> None:
    """Replace a package by one that holds its code as bytecode, and of the SDK's data what is read."""
    with TemporaryDirectory() as directory:
        root = Path(directory)
        with ZipFile(package) as full:
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
    top, *below = Path(name).parts
    if "__pycache__" in below:
        return False
    if top == "botocore" and below[0] == "data":
        return below[1] in (SERVICE, *SDK_DATA)
    if top == "boto3":
        return below[0] not in ("data", "examples")
    return not top.endswith((".dist-info", ".data"))


def _slim_data(data: Path) -> None:
    """Drop what takes time to read: the endpoints of other services, documentation, compression in the compressed."""
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: data for name, data in partition["services"].items() if name == SERVICE}
    (data / "endpoints.json").write_text(json.dumps(endpoints))
    for compressed in data.rglob("*.json.gz"):
        content = json.loads(gzip.decompress(compressed.read_bytes()))
        compressed.with_suffix("").write_text(json.dumps(_undocumented(content)))
        compressed.unlink()


def _undocumented(value: Any) -> Any:
    if isinstance(value, list):
        return [_undocumented(member) for member in value]
    if isinstance(value, dict):
        # A member may have this name too; it is no string then.
        kept = {name: value[name] for name in value if name != "documentation" or not isinstance(value[name], str)}
        return {name: _undocumented(member) for name, member in kept.items()}
    return value


def _compile(root: Path) -> None:
    # Beside no source, Python takes bytecode as it is and asks for no time stamp.
    if not compile_dir(root, quiet=1, legacy=True, stripdir=root, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH):
        raise SystemExit(1)
    for source in root.rglob("*.py"):
        source.unlink()


if __name__ == "__main__":
    for package in Path(".chalice", "deployments").glob(PACKAGES):
        before = package.stat().st_size
        slim(package)
        print(f"{package}: {before / 1e6:.1f} MB before, {package.stat().st_size / 1e6:.1f} MB now")
