"""Lambda as far as a cold start needs it: a Runtime API on loopback, and AWS's own runtime client in front of a zip."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any, NamedTuple

from perf.report import PROJECT

RUNTIME = PROJECT / ".venv-lambda" / "bin" / "python"


class Spent(NamedTuple):
    """What a function had spent since the start of its process when its answer arrived: seconds, and bytes at most."""

    wall: float
    cpu: float
    peak: int


class RuntimeApi(ThreadingHTTPServer):
    """Hands out events and takes answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.events: Queue[dict[str, Any]] = Queue()
        self.answers: Queue[Any] = Queue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: RuntimeApi

    def do_GET(self) -> None:
        event = self.server.events.get()
        headers = {
            "Lambda-Runtime-Aws-Request-Id": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef",
            "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 29_000),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:bench",
            "Lambda-Runtime-Trace-Id": "Root=1-5e66d96f-7491f09xmpl79d18acf3d050",
            "Content-Type": "application/json",
        }
        self._send(200, json.dumps(event).encode(), headers)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.answers.put((self.path, body))
        self._send(202, b"", {})

    def handle(self) -> None:
        # A function that is done is killed, in the middle of its wait for another event.
        with suppress(ConnectionError):
            super().handle()

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def function(package: Path, environ: dict[str, str]) -> Iterator["Function"]:
    """Start the function of an unpacked zip, as Lambda does: nothing beside it, and nothing can be written."""
    with RuntimeApi() as api:
        Thread(target=api.serve_forever, daemon=True).start()
        lambda_environ = {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": "bench",
            "AWS_LAMBDA_FUNCTION_VERSION": "1",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info[0]}.{sys.version_info[1]}",
            "LAMBDA_TASK_ROOT": str(package),
            # Whoever runs this may be allowed to write where Lambda's user is not.
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        process = subprocess.Popen(
            [RUNTIME, "-m", "awslambdaric", "app.app"],
            cwd=package,
            env={**environ, **lambda_environ},
            stdout=subprocess.DEVNULL,
        )
        try:
            yield Function(api, process)
        finally:
            process.kill()
            process.wait()
            api.shutdown()


class Function:
    """A running function."""

    def __init__(self, api: RuntimeApi, process: "subprocess.Popen[bytes]") -> None:
        self._api, self._process, self._started = api, process, time.perf_counter()

    def answer(self, event: dict[str, Any]) -> Spent:
        """Let it answer an event with 200."""
        self._api.events.put(event)
        path, body = self._api.answers.get(timeout=60)
        wall = time.perf_counter() - self._started
        if not path.endswith("/response") or json.loads(body)["statusCode"] != 200:
            raise SystemExit(f"{path}: {body.decode()}")
        return Spent(wall, self._cpu(), self._peak())

    def _cpu(self) -> float:
        tasks = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def _peak(self) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))
