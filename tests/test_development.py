"""The Python of docs/development.md runs as it stands, in a process without any settings."""

import os
import re
import subprocess
import sys

from tests.conftest import PROJECT

PAGE = (PROJECT / "docs" / "development.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)


def test_both_entry_points_and_a_stub_work_as_the_page_says() -> None:
    client, stub, _ = BLOCKS
    clean = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-c", client + stub],
        cwd=PROJECT,
        env={**clean, "AWS_CONFIG_FILE": os.devnull, "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
