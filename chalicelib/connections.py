"""Connections to DynamoDB: HTTP/1.1 over TCP or TLS, one request and its answer at a time, kept open between them.

The standard library's `http.client` would take a quarter more CPU for a request: it parses headers as e-mail. Where
this reader accepts an answer, `http.client` reads the same from it, and a test holds it to that. It refuses what
DynamoDB never sends, such as an answer without a length.
"""

import re
import select
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from botocore.exceptions import ConnectionClosedError, ConnectionError, ReadTimeoutError
from botocore.httpsession import get_cert_path

# DynamoDB accepts a connection in milliseconds, or something is wrong with the network.
CONNECT_TIMEOUT_SECONDS = 1.0
# The server may have closed a connection that was idle for longer, and its end may not have arrived yet: Lambda freezes
# the environment between two requests.
FRESH_SECONDS = 5.0
# `chalice local` answers many clients at once; a Lambda function needs one connection.
MAX_IDLE_CONNECTIONS = 64
# What is sent or received at once.
CHUNK_BYTES = 64 * 1024
# The limits of http.client, which has the first for each line.
MAX_HEAD_BYTES = 64 * 1024
MAX_HEADERS = 100
# The largest page, BatchGetItem's, is 16 MB of items; their JSON can be several times as long.
MAX_CONTENT_BYTES = 128 * 1024 * 1024

_STATUS_LINE = re.compile(r"HTTP/1\.([01]) (100|[2-5][0-9]{2})(?: [^\0\r\n]*)?")
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\0\r\n]*)")
_LENGTH = re.compile(r"[0-9]{1,15}")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,12})(?:;[^\0\r\n]*)?")
_ONCE = {"content-length", "transfer-encoding", "connection", "x-amz-crc32"}
# The roots that Amazon's certificates go back to (https://www.amazontrust.com/repository/), in a labelled CA bundle.
_AMAZON_ROOTS = re.compile(
    r'# Label: "(?:Amazon Root CA \d|Starfield Services Root Certificate Authority - G2)"\n'
    r"(?:#.*\n)*(-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----)"
)


class Network(NamedTuple):
    """What is taken from the operating system, for tests to replace."""

    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    connect: Callable[[tuple[str, int], float], socket.socket] = socket.create_connection


class Answer(NamedTuple):
    """An HTTP answer. The names of its headers are in lower case."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


class _Idle(NamedTuple):
    origin: tuple[str, str]
    sock: socket.socket
    since: float


class Connections:
    """The connections to every endpoint. `ca_bundle` is a file of certificates to trust instead of the SDK's own."""

    def __init__(self, network: Network, ca_bundle: str | None = None) -> None:
        self._network = network
        self._ca_bundle = ca_bundle
        self._idle: list[_Idle] = []
        self._lock = Lock()

    def post(self, url: str, headers: Mapping[str, str], body: bytes, *, end: float, fresh: bool) -> Answer:
        """Send a POST request and read its answer, both before the monotonic clock says `end`.

        `fresh` asks for a new connection, or one that was used within the last few seconds. Raises botocore's
        `ConnectionError` where the request was not sent to its end, `ReadTimeoutError` where the time ran out after
        that, and `ConnectionClosedError` where the answer is not a whole and valid one.
        """
        target = urlsplit(url)
        head = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        request = f"POST {target.path or '/'} HTTP/1.1\r\n{head}\r\n".encode() + body
        kept = False
        try:
            sock = self._take(target, fresh) or self._connect(target, end)
        except (OSError, ValueError) as error:
            raise ConnectionError(error=f"{url}: {error}") from error
        try:
            stream = Stream(sock, end, self._network.monotonic)
            try:
                stream.send(request)
            except OSError as error:
                raise ConnectionError(error=f"{url}: {error}") from error
            answer, kept = read_answer(stream)
            return answer
        except TimeoutError as error:
            raise ReadTimeoutError(endpoint_url=url, error=error) from error
        except (OSError, ValueError) as error:
            raise ConnectionClosedError(endpoint_url=url, error=error) from error
        finally:
            if kept:
                self._keep(target, sock)
            else:
                sock.close()

    def _take(self, target: SplitResult, fresh: bool) -> socket.socket | None:
        """Return the idle connection to the target that was used last, if it can still be used."""
        while idle := self._pop(target[:2]):
            # The monotonic clock may stand still while Lambda freezes the environment.
            age = time.time() - idle.since
            if (0 <= age <= FRESH_SECONDS or not fresh) and not _readable(idle.sock):
                return idle.sock
            idle.sock.close()
        return None

    def _pop(self, origin: tuple[str, str]) -> _Idle | None:
        with self._lock:
            for index in reversed(range(len(self._idle))):
                if self._idle[index].origin == origin:
                    return self._idle.pop(index)
        return None

    def _keep(self, target: SplitResult, sock: socket.socket) -> None:
        with self._lock:
            self._idle.append(_Idle(target[:2], sock, time.time()))
            surplus = self._idle[:-MAX_IDLE_CONNECTIONS]
            del self._idle[:-MAX_IDLE_CONNECTIONS]
        for idle in surplus:
            idle.sock.close()

    def _connect(self, target: SplitResult, end: float) -> socket.socket:
        try:
            return self._open(target, end)
        except ssl.SSLCertVerificationError:
            if not self._trust_more():
                raise
            return self._open(target, end)

    def _open(self, target: SplitResult, end: float) -> socket.socket:
        timeout = min(CONNECT_TIMEOUT_SECONDS, _left(end, self._network.monotonic))
        tls = target.scheme == "https"
        host = target.hostname or ""
        sock = self._network.connect((host, target.port or (443 if tls else 80)), timeout)
        try:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self._tls.wrap_socket(sock, server_hostname=host) if tls else sock
        except BaseException:
            sock.close()
            raise

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """The TLS context, which checks the chain and the host name.

        To read all of the SDK's bundle takes 20 ms of CPU, so that only Amazon's own roots are trusted at first.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        bundle = self._ca_bundle or get_cert_path(True)
        if not self._ca_bundle and (roots := _AMAZON_ROOTS.findall(Path(bundle).read_text())):
            context.load_verify_locations(cadata="\n".join(roots))
        else:
            context.load_verify_locations(bundle)
        return context

    def _trust_more(self) -> bool:
        """Trust all of the SDK's bundle; tells whether that is more than before."""
        before = self._tls.cert_store_stats()
        self._tls.load_verify_locations(self._ca_bundle or get_cert_path(True))
        return self._tls.cert_store_stats() != before


class Stream:
    """The bytes that a socket sends and receives before a point in time, however slowly they trickle.

    Raises `OSError` where the connection fails, `TimeoutError` of its kinds, and `ValueError` where bytes are missing.
    """

    def __init__(self, sock: socket.socket, end: float, monotonic: Callable[[], float]) -> None:
        self._sock = sock
        self._end = end
        self._monotonic = monotonic
        self._received = bytearray()
        self._sent = False

    @property
    def is_clean(self) -> bool:
        """Whether all was sent and all that was received is read, so that another request may follow."""
        return self._sent and not self._received

    def send(self, request: bytes) -> None:
        """Send a request, until an answer begins to arrive: an early refusal is the answer."""
        view = memoryview(request)
        for start in range(0, len(request), CHUNK_BYTES):
            if start and self._answer_begins():
                return
            try:
                self._sock.settimeout(_left(self._end, self._monotonic))
                self._sock.sendall(view[start : start + CHUNK_BYTES])
            except OSError:
                if self._answer_begins():
                    return
                raise
        self._sent = True

    def _answer_begins(self) -> bool:
        self._sock.settimeout(0)
        try:
            received = self._sock.recv(CHUNK_BYTES)
        except OSError:
            # Nothing has arrived, or the connection is broken, which sending finds out.
            return False
        if not received:
            raise BrokenPipeError("the server closed the connection")
        self._received += received
        return True

    def read_until(self, mark: bytes, limit: int) -> bytes:
        """Read to the mark, which is not returned, and no more than so many bytes."""
        while (size := self._received.find(mark)) < 0 and len(self._received) <= limit:
            self._receive()
        if not 0 <= size <= limit:
            raise ValueError("a line of the answer is too long")
        part = bytes(self._received[:size])
        del self._received[: size + len(mark)]
        return part

    def read(self, size: int) -> bytes:
        """Read so many bytes."""
        while len(self._received) < size:
            self._receive()
        part = bytes(self._received[:size])
        del self._received[:size]
        return part

    def _receive(self) -> None:
        self._sock.settimeout(_left(self._end, self._monotonic))
        received = self._sock.recv(CHUNK_BYTES)
        if not received:
            raise ValueError("the answer ended early")
        self._received += received


def read_answer(stream: Stream) -> tuple[Answer, bool]:
    """Read an answer; tells whether the connection may be kept.

    Raises `ValueError` for an answer that is not whole, or not HTTP as DynamoDB speaks it.
    """
    status = 100
    while status == 100:
        minor_version, status, headers = _read_head(stream)
    length, encoding = headers.get("content-length"), headers.get("transfer-encoding")
    if length is not None and encoding is None and _LENGTH.fullmatch(length):
        content = stream.read(_bounded(int(length)))
    elif length is None and encoding is not None and encoding.lower() == "chunked":
        content = _read_chunks(stream)
    else:
        raise ValueError("the answer does not say its length")
    if status in (204, 304):
        raise ValueError(f"an answer with the status {status} has no content")
    kept = minor_version == "1" and headers.get("connection", "keep-alive").lower() == "keep-alive" and stream.is_clean
    return Answer(status, headers, content), kept


def _read_head(stream: Stream) -> tuple[str, int, dict[str, str]]:
    """Read the head of an answer: the minor version of HTTP/1, the status, and the headers."""
    first, *lines = stream.read_until(b"\r\n\r\n", MAX_HEAD_BYTES).decode("latin-1").split("\r\n")
    status_line = _STATUS_LINE.fullmatch(first)
    if not status_line or len(lines) > MAX_HEADERS:
        raise ValueError("the answer is not HTTP")
    headers: dict[str, str] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if not header:
            raise ValueError("the answer has a malformed header")
        name = header[1].lower()
        if name in headers and name in _ONCE:
            raise ValueError(f"the answer has two headers {name}")
        headers.setdefault(name, header[2].rstrip(" \t"))
    return status_line[1], int(status_line[2]), headers


def _read_chunks(stream: Stream) -> bytes:
    content = bytearray()
    size = None
    while size != 0:
        line = _CHUNK_SIZE.fullmatch(stream.read_until(b"\r\n", MAX_HEAD_BYTES))
        if not line:
            raise ValueError("the answer has a malformed chunk")
        size = int(line[1], 16)
        _bounded(len(content) + size)
        content += stream.read(size)
        if size and stream.read(2) != b"\r\n":
            raise ValueError("the answer has a malformed chunk")
    for _ in range(MAX_HEADERS + 1):
        if not stream.read_until(b"\r\n", MAX_HEAD_BYTES):
            return bytes(content)
    raise ValueError("the answer has too many trailers")


def _bounded(size: int) -> int:
    if size > MAX_CONTENT_BYTES:
        raise ValueError(f"the answer is longer than {MAX_CONTENT_BYTES:,} bytes")
    return size


def _left(end: float, monotonic: Callable[[], float]) -> float:
    left = end - monotonic()
    if left <= 0:
        raise TimeoutError("the time is over")
    return left


def _readable(sock: socket.socket) -> bool:
    """Tell whether bytes, or the end of the connection, have arrived: neither belongs to an idle connection."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
