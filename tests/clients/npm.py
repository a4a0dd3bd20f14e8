"""The npm packages of a folder, as its lock file says."""

import shutil
import subprocess
from pathlib import Path

import pytest


def installed(folder: Path) -> None:
    """Install a folder's packages where that is not done yet. Skips the test where Node.js is missing."""
    if not install(folder):
        pytest.skip("This needs Node.js with npm on the PATH.")


def install(folder: Path) -> bool:
    """Install a folder's packages where that is not done yet; False where Node.js is missing."""
    if not all(map(shutil.which, ("node", "npm"))):
        return False
    wanted, there = folder / "package-lock.json", folder / "node_modules" / ".package-lock.json"
    # npm writes the latter last, so that what was cut short is installed anew.
    if not there.exists() or there.stat().st_mtime < wanted.stat().st_mtime:
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        npm = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert npm.returncode == 0, npm.stderr
    return True
