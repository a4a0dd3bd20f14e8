"""`make run`'s own launcher, over HTTP: it serves, keeps items, and ends cleanly however it is ended."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest

from local.engines import running_engine
from local.process import HOST, free_port
from tests.conftest import PROJECT

Launcher = subprocess.Popen[str]
ITEM = {"id": "1", "name": "Bob"}


def program(data: Path) -> str:
    """The launcher, with its items in `data`."""
    return f"from pathlib import Path; from local import run; run.DATA = Path({str(data)!r}); exit(run.main())"


def launched(data: Path, port: int, **environ: str) -> AbstractContextManager[Launcher]:
    return run_python(program(data), **{"PORT": str(port), **environ})


@contextmanager
def run_python(code: str, **environ: str) -> Iterator[Launcher]:
    """Run Python code in a process group of its own."""
    launcher = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield launcher
    finally:
        launcher.terminate()
        launcher.wait(30)


def wait_until_ready(launcher: Launcher) -> str:
    assert launcher.stdout
    printed = ""
    for line in launcher.stdout:
        printed += line
        if "Ctrl-C" in line:
            return printed
    raise AssertionError(printed)


def ask(port: int, body: dict[str, Any]) -> Any:
    headers = {"Content-Type": "application/json"}
    request = Request(f"http://{HOST}:{port}/DynamoDBManager", json.dumps(body).encode(), headers)
    with urlopen(request, timeout=30) as response:
        return json.load(response)


def create(port: int) -> None:
    ask(port, {"operation": "create", "tableName": "lambda-apigateway", "payload": {"Item": ITEM}})


def read(port: int) -> Any:
    return ask(port, {"operation": "read", "tableName": "lambda-apigateway", "payload": {"Key": {"id": "1"}}})["Item"]


def item_after_restart(data: Path, port: int) -> Any:
    with launched(data, port) as launcher:
        wait_until_ready(launcher)
        return read(port)


def descendants(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


def alive(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def all_gone(pids: list[int], seconds: float = 60) -> bool:
    deadline = time.monotonic() + seconds
    while any(map(alive, pids)):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_items_survive_and_no_process_does_however_it_ends(tmp_path: Path, how: signal.Signals) -> None:
    port = free_port()
    with launched(tmp_path, port) as launcher:
        wait_until_ready(launcher)
        create(port)
        children = descendants(launcher.pid)
        # A terminal's Ctrl-C reaches the whole process group.
        os.killpg(launcher.pid, how)
        assert all_gone([launcher.pid, *children])
        if how != signal.SIGKILL:
            assert launcher.wait() == 0
            assert launcher.stdout
            assert launcher.stdout.read().endswith(f"Stopped ({how.name}). Every item is saved.\n")
    assert item_after_restart(tmp_path, port) == ITEM


def test_the_printed_curl_line_works_when_pasted(tmp_path: Path) -> None:
    port = free_port()
    with launched(tmp_path, port) as launcher:
        printed = wait_until_ready(launcher)
        command = re.search(r"^curl .*?'$", printed.replace("\\\n", " "), re.MULTILINE)
        assert command
        answer = subprocess.run(command.group(), shell=True, capture_output=True, check=True).stdout
        assert json.loads(answer)["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_the_printed_address_of_the_console_opens_it(tmp_path: Path) -> None:
    with launched(tmp_path, free_port()) as launcher:
        address = re.search(r"http://\S+/console$", wait_until_ready(launcher), re.MULTILINE)
        assert address
        with urlopen(address.group(), timeout=30) as page:
            assert page.headers["Content-Type"] == "text/html; charset=utf-8"


def test_tables_come_from_templates_and_the_aws_cli_reaches_them(tmp_path: Path) -> None:
    port, engine_port = free_port(), free_port()
    template = "infrastructure/single-table.yaml"
    choice = {"TABLES": f"{template}, infrastructure/table.yaml", "TABLE_PARAMETERS": "TableName=orders"}
    with launched(tmp_path, port, **choice) as launcher:
        assert launcher.wait(30) == 1
        assert launcher.stdout
        assert "the table orders is also in" in launcher.stdout.read()
    with launched(tmp_path, port, TABLES=template, ENGINE_PORT=str(engine_port)) as launcher:
        printed = wait_until_ready(launcher)
        assert "Created the table shop." in printed
        assert f"aws dynamodb scan --table-name shop --endpoint-url http://{HOST}:{engine_port}" in printed
        key = {"pk": "1", "sk": "1"}
        ask(port, {"operation": "create", "tableName": "shop", "payload": {"Item": key}})
        index = {"IndexName": "inverted", "KeyConditionExpression": "sk = :sk"}
        query = {**index, "ExpressionAttributeValues": {":sk": "1"}}
        assert ask(port, {"operation": "query", "tableName": "shop", "payload": query})["Items"] == [key]


def listening_addresses(pids: list[int]) -> list[str]:
    connections = [each for pid in pids for each in psutil.Process(pid).net_connections("all")]
    # A UDP socket has no state.
    listening = [each for each in connections if each.status == psutil.CONN_LISTEN or each.type == socket.SOCK_DGRAM]
    return [f"{each.laddr.ip}:{each.laddr.port}" for each in listening if each.family != socket.AF_UNIX]


def test_everything_listens_on_loopback_only(tmp_path: Path) -> None:
    port, engine_port, iot_port = free_port(), free_port(), free_port()
    # ministack opens IoT's port on every interface, when it has the time, unless it is told not to.
    with launched(tmp_path, port, ENGINE_PORT=str(engine_port), IOT_MTLS_PORT=str(iot_port)) as launcher:
        wait_until_ready(launcher)
        with urlopen(f"http://{HOST}:{engine_port}/_ministack/ready", timeout=30):
            addresses = listening_addresses(descendants(launcher.pid))
        assert sorted(addresses) == sorted([f"{HOST}:{port}", f"{HOST}:{engine_port}"])


def running(program: str, pids: list[int]) -> int:
    """The process that runs a program, not the one that guards it."""
    arguments = {pid: " ".join(psutil.Process(pid).cmdline()) for pid in pids}
    (found,) = (pid for pid, words in arguments.items() if program in words and "guard.py" not in words)
    return found


@pytest.mark.parametrize(("victim", "name"), [("local.embedded", "ministack"), ("chalice_server", "The gateway")])
def test_a_dying_child_ends_it_all_and_loses_nothing(tmp_path: Path, victim: str, name: str) -> None:
    port = free_port()
    with launched(tmp_path, port) as launcher:
        wait_until_ready(launcher)
        create(port)
        # The embedded engine saves every second.
        time.sleep(2)
        children = descendants(launcher.pid)
        os.kill(running(victim, children), signal.SIGKILL)
        assert all_gone([launcher.pid, *children])
        assert launcher.wait() == 1
        assert launcher.stdout
        assert launcher.stdout.read().endswith(f"\n{name} ended by itself, so everything else was ended too.\n")
    assert item_after_restart(tmp_path, port) == ITEM


def test_an_engine_that_still_saves_keeps_the_next_one_out(tmp_path: Path) -> None:
    port = free_port()
    with launched(tmp_path, port) as launcher:
        wait_until_ready(launcher)
        create(port)
        children = descendants(launcher.pid)
        engine = running("local.embedded", children)
        os.kill(engine, signal.SIGSTOP)
        launcher.kill()
    with launched(tmp_path, free_port()) as next_one:
        assert next_one.wait(30) == 1
        assert next_one.stdout
        assert "still saves" in next_one.stdout.read()
    os.kill(engine, signal.SIGCONT)
    assert all_gone(children)
    assert item_after_restart(tmp_path, port) == ITEM


@pytest.mark.parametrize("variable", ["PORT", "ENGINE_PORT"])
def test_a_taken_port_is_a_clear_error(tmp_path: Path, variable: str) -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with launched(tmp_path, free_port(), **{variable: str(port)}) as launcher:
            assert launcher.wait(30) == 1
            assert launcher.stdout
            assert f"Port {port} is taken" in launcher.stdout.read()
            assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"ENGINE": "mongodb"}, "ENGINE: 'mongodb' is not one of: ministack, dynamodb-local"),
        ({"PORT": "http"}, "PORT: 'http' is not a port"),
        ({"PORT": "0"}, "PORT: '0' is not a port"),
        ({"TABLES": "none.yaml"}, "none.yaml:1: "),
        ({"TABLE_PARAMETERS": "SortKey"}, "TABLE_PARAMETERS: 'SortKey' is not Name=value"),
        ({"PORT": "8123", "ENGINE_PORT": "8123"}, "PORT and ENGINE_PORT are both 8123"),
        ({"DYNAMODB_ENDPOINT": "http://127.0.0.1:1"}, "DynamoDB at http://127.0.0.1:1 does not answer"),
    ],
)
def test_a_bad_choice_is_a_clear_error(tmp_path: Path, environ: dict[str, str], says: str) -> None:
    with launched(tmp_path, free_port(), **environ) as launcher:
        assert launcher.wait(30) == 1
        assert launcher.stdout
        assert says in launcher.stdout.read()


def test_the_callers_own_aws_settings_do_not_matter(tmp_path: Path) -> None:
    port = free_port()
    nowhere = f"http://{HOST}:9"
    settings = {"AWS_PROFILE": "work", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true", "HTTP_PROXY": nowhere}
    with launched(tmp_path, port, **settings) as launcher:
        wait_until_ready(launcher)
        create(port)


def test_items_that_could_not_be_saved_are_reported(tmp_path: Path) -> None:
    port = free_port()
    with launched(tmp_path, port) as launcher:
        wait_until_ready(launcher)
        items = tmp_path / "ministack" / "dynamodb.json"
        items.unlink(missing_ok=True)
        items.mkdir()
        launcher.terminate()
        assert launcher.wait(30) == 1
        assert launcher.stdout
        assert "ministack could not save every item." in launcher.stdout.read()


def test_it_ends_when_its_starter_is_killed(tmp_path: Path) -> None:
    starter = f"""
import subprocess, sys
sys.exit(subprocess.call([sys.executable, "-c", {program(tmp_path)!r}]))
"""
    with run_python(starter, PORT=str(free_port())) as process:
        wait_until_ready(process)
        children = descendants(process.pid)
        process.kill()
        assert all_gone(children)


def test_two_launchers_never_share_their_items(tmp_path: Path) -> None:
    with launched(tmp_path, free_port()) as first:
        wait_until_ready(first)
        with launched(tmp_path, free_port()) as second:
            assert second.wait(30) == 1
            assert second.stdout
            assert "Another `make run` uses" in second.stdout.read()


def test_an_engine_that_is_down_gives_a_503_and_works_again_when_it_is_back(tmp_path: Path) -> None:
    port, engine_port = free_port(), free_port()
    with ExitStack() as stack:
        with running_engine("ministack", tmp_path / "items", engine_port) as endpoint:
            wait_until_ready(stack.enter_context(launched(tmp_path, port, DYNAMODB_ENDPOINT=endpoint)))
            create(port)
        with pytest.raises(HTTPError) as refusal:
            read(port)
        assert (refusal.value.code, refusal.value.headers["Retry-After"]) == (503, "2")
        with running_engine("ministack", tmp_path / "items", engine_port):
            assert read(port) == ITEM
