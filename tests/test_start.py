"""The start: quick in Lambda; `chalice local` with a setting missing ends with a sentence that says what to set."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from local.process import free_port
from tests.conftest import PROJECT

REGION = {"AWS_DEFAULT_REGION": "us-east-1"}
NO_SETTINGS = {
    **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}


def chalice_local(*options: str, **environ: str) -> str:
    """Run `chalice local` without any settings for AWS but these; returns what it printed until it ended."""
    done = subprocess.run(
        [Path(sys.executable).with_name("chalice"), "local", "--port", str(free_port()), *options],
        cwd=PROJECT,
        env={**NO_SETTINGS, **environ},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("reload", ["--autoreload", "--no-autoreload"])
def test_without_a_region(reload: str) -> None:
    assert chalice_local(reload) == (
        "AWS_DEFAULT_REGION: is not set; give the region of the tables, for example us-east-1\n"
    )


@pytest.mark.parametrize("reload", ["--autoreload", "--no-autoreload"])
def test_the_stage_local_never_uses_the_tables_of_an_account_by_mistake(reload: str) -> None:
    (sentence,) = chalice_local(reload, "--stage", "local", **REGION).splitlines()
    assert sentence.startswith("AWS_ENDPOINT_URL_DYNAMODB: is not set")


def test_a_bad_setting() -> None:
    (sentence,) = chalice_local("--stage", "dev", LOG_LEVEL="LOUD", **REGION).splitlines()
    assert sentence.startswith("LOG_LEVEL: 'LOUD' is not one of: ")


@pytest.mark.parametrize(
    ("environ", "error"), [({}, "NoRegionError"), ({"AUTH": "none", "CONSOLE": "on", **REGION}, "SettingsError")]
)
def test_elsewhere_the_error_is_raised(environ: dict[str, str], error: str) -> None:
    command = [sys.executable, "-c", "import app"]
    done = subprocess.run(command, cwd=PROJECT, env={**NO_SETTINGS, **environ}, capture_output=True, text=True)
    assert error in done.stderr.splitlines()[-1]


def test_the_garbage_collector_is_slowed_before_the_sdk_is_imported() -> None:
    ask = "import gc, sys, chalicelib; print(gc.get_threshold()[0], 'botocore' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", ask], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert done.stdout == "100000 False\n"
