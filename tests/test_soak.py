"""Many clients at once: no answer is lost, none is another's, and the memory stays flat."""

import json
import os
import random
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from local.process import HOST, free_port, guarded, wait_for
from tests.conftest import PROJECT

CLIENTS = 64
REQUESTS = int(os.environ.get("REQUESTS", "640"))
# MiB. What the gateway may hold more at the end than when it was warm.
GROWTH = 16


class Served:
    """The gateway's server, as `make run` starts it."""

    def __init__(self, port: int, pid: int) -> None:
        self.port = port
        self.pid = pid

    def memory(self) -> float:
        """MiB that the gateway holds."""
        (line,) = (line for line in Path(f"/proc/{self.pid}/status").read_text().splitlines() if "VmRSS" in line)
        return int(line.split()[1]) / 1024


@pytest.fixture
def served() -> Iterator[Served]:
    port = free_port()
    command = [sys.executable, "-m", "local.chalice_server", str(port)]
    log = PROJECT / ".local" / "soak.log"
    with guarded("The gateway", command, os.environ, cwd=PROJECT, log=log) as process:
        wait_for(process, port)
        guard = process.guard.pid
        yield Served(port, int(Path(f"/proc/{guard}/task/{guard}/children").read_text().split()[0]))


class Client:
    """One caller with items of its own, which checks whatever it is answered."""

    def __init__(self, port: int, table: str, name: str) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=60)
        self._table = table
        self._name = name
        self._random = random.Random(name)
        self._known: dict[str, Any] = {}
        # Chalice's server queues five new connections and no more.
        assert self.ask("ping", {}) == "pong"

    def ask(self, operation: str, payload: Any, table: str | None = None) -> Any:
        body = {"operation": operation, "payload": payload, **({"tableName": table} if table else {})}
        self._connection.request("POST", "/DynamoDBManager", json.dumps(body), {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        answer = json.loads(response.read())
        assert response.status == 200, answer
        return answer

    def step(self) -> None:
        id_ = f"{self._name}-{self._random.randrange(8)}"
        key = {"id": id_}
        item = {
            **key,
            "owner": self._name,
            "n": self._random.getrandbits(100),
            "text": "x" * self._random.randrange(500),
        }
        match self._random.randrange(8):
            case 0 | 1:
                self.ask("create", {"Item": item}, self._table)
                self._known[id_] = item
            case 2:
                assert self.ask("read", {"Key": key}, self._table).get("Item") == self._known.get(id_)
            case 3:
                answer = self.ask("delete", {"Key": key, "ReturnValues": "ALL_OLD"}, self._table)
                assert answer.get("Attributes") == self._known.pop(id_, None)
            case 4:
                update = {"UpdateExpression": "ADD hits :one", "ExpressionAttributeValues": {":one": 1}}
                answer = self.ask("update", {"Key": key, **update, "ReturnValues": "ALL_NEW"}, self._table)
                known = self._known.setdefault(id_, key)
                self._known[id_] = {**known, "hits": known.get("hits", 0) + 1}
                assert answer["Attributes"] == self._known[id_]
            case 5:
                keys = [{"id": f"{self._name}-{number}"} for number in range(8)]
                answer = self.ask("batchRead", {"RequestItems": {self._table: {"Keys": keys}}})
                assert {found["id"]: found for found in answer["Responses"][self._table]} == self._known
            case 6:
                self.ask("transactWrite", {"TransactItems": [{"Put": {"TableName": self._table, "Item": item}}]})
                self._known[id_] = item
            case 7:
                assert self.ask("echo", item) == item


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the memory is read from /proc")
def test_64_clients_at_once_read_back_just_what_they_wrote_in_flat_memory(served: Served, table: str) -> None:
    clients = [Client(served.port, table, f"client-{number}") for number in range(CLIENTS)]

    def work(steps: int) -> None:
        def run(client: Client) -> None:
            for _ in range(steps):
                client.step()

        list(pool.map(run, clients))

    with ThreadPoolExecutor(CLIENTS) as pool:
        work(REQUESTS // CLIENTS // 2)
        warm = served.memory()
        work(REQUESTS // CLIENTS // 2)
        assert served.memory() - warm < GROWTH
    log = (PROJECT / ".local" / "soak.log").read_text()
    assert "Traceback" not in log
    assert '"level": "ERROR"' not in log
