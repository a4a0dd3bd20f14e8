"""`make hostile`: what bodies that are made to cost CPU or memory cost, each in a fresh process, at both entry points.

CPU is that of the handler, for each MB of the body; memory is the process's peak beyond what it held before, the event
that Lambda parses included. DynamoDB is a server on loopback that answers with an empty object.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from perf.canned_dynamodb import sdk_environment
from perf.event import Context, gateway_event
from perf.report import table, write_section

# The bounds of the contract.
MAX_CPU_SECONDS_PER_MB = 0.5
MAX_MEMORY_MB = 300
BODY_BYTES = 5_500_000

CREATE = b'{"operation":"create","tableName":"t","payload":{"Item":{"id":"1","v":%b}}}'
TYPED = (
    b'{"operation":"create","tableName":"t","format":"dynamodb-json","payload":{"Item":{"id":{"S":"1"},"v":{"L":%b}}}}'
)
ECHO = b'{"operation":"echo","payload":%b}'


def bodies(size: int) -> dict[str, bytes]:
    """The table of bodies, each of about so many bytes."""

    def repeated(member: bytes, around: bytes = CREATE) -> bytes:
        return around % (b"[" + b",".join([member] * (size // (len(member) + 1))) + b"]")

    def names(count: int) -> bytes:
        return CREATE % (b"{%b}" % b",".join([*(b'"n%d":1' % number for number in range(count)), b'"n0":1']))

    return {
        "an honest string": CREATE % (b'"%b"' % (b"a" * size)),
        "control characters": CREATE % (b'"%b"' % (b"\\u0001" * (size // 6))),
        "different names, and one of them twice": names(size // 12),
        "`[[[[[[[[]]]]]]]]` repeated": repeated(b"[" * 8 + b"]" * 8),
        "`[` 60 deep, repeated": repeated(b"[" * 60 + b"]" * 60),
        '`{"a":` 60 deep, repeated': repeated(b'{"a":' * 60 + b"1" + b"}" * 60),
        "`1` repeated": repeated(b"1"),
        "`1.5` repeated": repeated(b"1.5"),
        '`""` repeated': repeated(b'""'),
        "`[]` repeated": repeated(b"[]"),
        "`{}` repeated": repeated(b"{}"),
        '`{"a":1}` repeated': repeated(b'{"a":1}'),
        '`{"$binary":""}` repeated': repeated(b'{"$binary":""}'),
        "a `$set` of numbers": CREATE % repeated(b"1", b'{"$set":%b}'),
        '`{"L":[]}` repeated, `dynamodb-json`': repeated(b'{"L":[]}', TYPED),
        "transactWrite of `{}`": repeated(b"{}", b'{"operation":"transactWrite","payload":{"TransactItems":%b}}'),
        "batchRead of `{}`": repeated(b"{}", b'{"operation":"batchRead","payload":{"RequestItems":{"t":{"Keys":%b}}}}'),
        "echo of `[]` repeated": repeated(b"[]", ECHO),
        "echo of `[` 60 deep, repeated": repeated(b"[" * 60 + b"]" * 60, ECHO),
    }


def _memory_mb(field: str) -> float:
    """Read a field of the process's status, such as VmRSS or VmHWM (its peak)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024


def measure(entry_point: str, body: bytes) -> tuple[int, float, float]:
    """Return the status, the CPU seconds for each MB, and the MB of memory beyond the idle process."""
    from app import app

    app(gateway_event('{"operation":"list","tableName":"t"}'), Context)
    before = _memory_mb("VmRSS")
    # The peak counts from here.
    Path("/proc/self/clear_refs").write_text("5")
    event: Any = gateway_event(body.decode()) if entry_point == "HTTP" else json.loads(body)
    started, status = time.process_time(), 200
    try:
        answer = app(event, Context)
        status = answer["statusCode"] if entry_point == "HTTP" else 200
    except Exception as error:
        status = STATUSES.get(type(error).__name__, 500)
    cpu = time.process_time() - started
    return status, cpu / (len(body) / 1e6), _memory_mb("VmHWM") - before


STATUSES = {"BadRequestError": 400, "RequestTooLargeError": 413, "AnswerTooLargeError": 413}


class EmptyAnswer(BaseHTTPRequestHandler):
    """Answers every request with an empty object."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def answering() -> Iterator[int]:
    """Run a DynamoDB that answers with an empty object, and yield its port."""
    with ThreadingHTTPServer(("127.0.0.1", 0), EmptyAnswer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def main() -> None:
    rows = []
    worst_cpu = worst_memory = 0.0
    with answering() as port:
        environ = {
            **os.environ,
            **sdk_environment(f"http://127.0.0.1:{port}"),
            "AUTH": "none",
            "ALLOWED_TABLES": "*",
            "LOG_LEVEL": "CRITICAL",
        }
        for name, body in bodies(BODY_BYTES).items():
            row = [name, f"{len(body) / 1e6:.1f}"]
            for entry_point in ("HTTP", "event"):
                command = [sys.executable, "-m", "perf.hostile", entry_point]
                child = subprocess.run(command, env=environ, input=body, capture_output=True, check=True)
                status, cpu, memory = json.loads(child.stdout.splitlines()[-1])
                worst_cpu, worst_memory = max(worst_cpu, cpu), max(worst_memory, memory)
                row += [str(status), f"{cpu:.2f}", f"{memory:.0f}"]
            rows.append(row)
    head = ["body", "MB", "HTTP", "CPU, s a MB", "MB", "event", "CPU, s a MB", "MB"]
    cpu_line = f"The most CPU: {worst_cpu:.2f} s a MB; the bound is {MAX_CPU_SECONDS_PER_MB}."
    memory_line = f"The most memory: {worst_memory:.0f} MB; the bound is {MAX_MEMORY_MB}."
    write_section("hostile", f"{table(head, rows)}\n\n{cpu_line} {memory_line}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], sys.stdin.buffer.read())))
    else:
        main()
