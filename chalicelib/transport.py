"""HTTP/1.1 as far as DynamoDB needs it: one request, one answer, on a connection that is kept.

The connections are those of botocore's own pool, with its TLS and its checks. Only what goes over them does not pass
through urllib3 and http.client, which take longer for a request than signing it does.
"""

import time
from binascii import crc32
from collections.abc import Iterator, Mapping
from functools import cache
from io import BufferedReader, RawIOBase
from socket import socket
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ConnectionClosedError, ConnectionError, ReadTimeoutError
from urllib3.exceptions import HTTPError

# Bytes read at once.
PIECE = 65536

clock = time.monotonic


class Transport:
    """Answers botocore's event `before-send` on connections of botocore's HTTP session."""

    def __init__(self, http: Any, timeout: float) -> None:
        self._http = http
        self._timeout = timeout
        self._pool_of = cache(self._make_pool)

    def send(self, request: AWSPreparedRequest, **_: object) -> AWSResponse | None:
        """Send a request and read the answer within the time of one attempt.

        A read timeout alone bounds each wait for bytes, and not their sum. Behind a proxy botocore sends itself.
        """
        end = min(clock() + self._timeout, request.context["deadline"])
        url = urlsplit(request.url)
        pool = self._pool_of(url.scheme, url.netloc)
        if pool is None:
            request.context["read_timeout"] = max(end - clock(), 0.001)
            return None
        connection = pool._get_conn()
        kept = False
        try:
            if connection.is_closed:
                _connect(connection)
            answer = _exchange(connection.sock, request, url.path or "/", end)
            kept = answer.headers.get("Connection", "").lower() != "close"
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except (OSError, LookupError, ValueError) as error:
            raise ConnectionClosedError(endpoint_url=request.url, error=error) from error
        finally:
            if not kept:
                connection.close()
            pool._put_conn(connection)
        return answer

    def _make_pool(self, scheme: str, netloc: str) -> Any:
        url = f"{scheme}://{netloc}"
        if self._http._proxy_config.proxy_url_for(url):
            return None
        pool = self._http._manager.connection_from_url(url)
        self._http._setup_ssl_cert(pool, url, self._http._verify)
        return pool


def _connect(connection: Any) -> None:
    try:
        connection.connect()
    except (HTTPError, OSError, ValueError) as error:
        raise ConnectionError(error=error) from error


def _exchange(sock: socket, request: AWSPreparedRequest, path: str, end: float) -> AWSResponse:
    """Send the request, read its answer. Raises `ValueError` or `LookupError` for one that is not whole or not HTTP."""
    sock.settimeout(_left(end))
    sock.sendall(_head(path, request.headers) + request.body)
    with BufferedReader(Bounded(sock, end), PIECE) as reader:
        stream = cast(BinaryIO, reader)
        status = 100
        while status < 200:
            status = int(stream.readline(PIECE).split(b" ", 2)[1])
            answer = AWSResponse(request.url, status, dict(_headers(stream)), None)
        chunked = "Transfer-Encoding" in answer.headers
        body = _chunks(stream) if chunked else _whole(stream, int(answer.headers["Content-Length"]))
    if answer.headers.get("x-amz-crc32") not in (None, str(crc32(body))):
        raise ValueError("the answer arrived damaged")
    answer._content = body
    return answer


class Bounded(RawIOBase):
    """Reads a socket until a point in time, however slowly the bytes trickle: its timeout alone begins anew at each."""

    def __init__(self, sock: socket, end: float) -> None:
        self._sock = sock
        self._end = end

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(_left(self._end))
        return self._sock.recv_into(buffer)


def _head(path: str, headers: Mapping[str, str | bytes]) -> bytes:
    lines = [f"POST {path} HTTP/1.1".encode(), b"Accept-Encoding: identity"]
    for name, value in headers.items():
        lines.append(b"%b: %b" % (name.encode(), value if isinstance(value, bytes) else value.encode()))
    return b"\r\n".join((*lines, b"", b""))


def _headers(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    while line := stream.readline(PIECE).strip():
        name, _, value = line.decode("latin-1").partition(":")
        yield name, value.strip()


def _chunks(stream: BinaryIO) -> bytes:
    body = bytearray()
    while size := int(stream.readline(PIECE).partition(b";")[0], 16):
        body += _whole(stream, size)
        stream.readline(PIECE)
    for _ in _headers(stream):
        pass
    return bytes(body)


def _whole(stream: BinaryIO, size: int) -> bytes:
    content = stream.read(size)
    if len(content) != size:
        raise ValueError("the answer ended early")
    return content


def _left(end: float) -> float:
    left = end - clock()
    if left <= 0:
        raise TimeoutError("the answer took too long")
    return left
