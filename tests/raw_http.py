"""A request to a loopback port with exactly the path and headers that a test gives."""

import json
from http.client import HTTPConnection
from typing import Any, NamedTuple

from local.process import HOST

PING = json.dumps({"operation": "ping"}).encode()
OWN_HOST = ("Host", "127.0.0.1:PORT")
JSON = ("Content-Type", "application/json")


class RawAnswer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body or b"null")


def ask(
    port: int, *headers: tuple[str, str], method: str = "POST", path: str = "/DynamoDBManager", body: bytes = PING
) -> RawAnswer:
    """Send a body with these headers and its length; `PORT` in them stands for the port."""
    connection = HTTPConnection(HOST, port, timeout=60)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in [*headers, ("Content-Length", str(len(body)))]:
        connection.putheader(name, value.replace("PORT", str(port)))
    connection.endheaders(body)
    response = connection.getresponse()
    answer = RawAnswer(response.status, dict(response.headers), response.read())
    connection.close()
    return answer
