"""Whatever arrives on a connection, an answer is whole or the request fails in time: in clear and over TLS."""

import http.client
import io
import os
import socket
import time
from binascii import crc32
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ConnectionError, ReadTimeoutError
from botocore.httpsession import get_cert_path
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib import connections as module
from chalicelib.connections import Answer, Connections, Network, Stream, read_answer
from local.certificate import make_certificate
from tests.scripted_server import BODY, WHOLE, Server, an_answer

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(params=["http", "https"])
def server(request: pytest.FixtureRequest, certificate: Path) -> Iterator[Server]:
    server = Server(certificate if request.param == "https" else None)
    yield server
    server.close()


Post = Callable[..., Answer]


@pytest.fixture
def post(server: Server, certificate: Path) -> Post:
    return poster(Connections(Network(), str(certificate)), server.url)


def poster(connections: Connections, url: str) -> Post:
    def post(body: bytes = b"{}", fresh: bool = False, seconds: float = 1, **headers: str) -> Answer:
        lengthy = {"Content-Length": str(len(body)), **headers}
        return connections.post(url, lengthy, body, end=time.monotonic() + seconds, fresh=fresh)

    return post


def test_a_request_is_http_with_every_header(server: Server, post: Post) -> None:
    post(b"{}", Host="dynamodb", Authorization="signed")
    assert server.requests == [
        b"POST / HTTP/1.1\r\nContent-Length: 2\r\nHost: dynamodb\r\nAuthorization: signed\r\n\r\n{}"
    ]


def test_an_answer_has_status_headers_and_content(server: Server, post: Post) -> None:
    answer = an_answer(b"X-Amzn-RequestId:  1 ", status=b"400 Bad Request")
    server.answers = [[answer[:10], answer[10:60], answer[60:]]]
    server.pause = 0.01
    assert post() == (400, {"content-length": str(len(BODY)), "x-amzn-requestid": "1"}, BODY)


def test_a_connection_is_used_again(server: Server, post: Post) -> None:
    for body in (b"1", b"2", b"3" * 1_000_000):
        assert post(body, seconds=5).content == body
    assert server.connections == 1


@pytest.mark.parametrize("fresh", [False, True])
def test_a_connection_that_the_server_closed_is_replaced_and_nothing_is_sent_twice(
    server: Server, post: Post, fresh: bool
) -> None:
    server.answers = [[WHOLE, b""], [an_answer(b"Connection: close")], [WHOLE.replace(b"1.1", b"1.0")], [WHOLE]]
    for _ in range(4):
        assert post(fresh=fresh).content == BODY
        time.sleep(0.05)
    assert server.connections == 4
    assert len(server.requests) == 4


def test_an_older_connection_is_not_used_where_a_fresh_one_is_asked_for(
    server: Server, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    post()
    monkeypatch.setattr(module, "FRESH_SECONDS", 0.01)
    time.sleep(0.05)
    post(fresh=False)
    assert server.connections == 1
    time.sleep(0.05)
    post(fresh=True)
    assert server.connections == 2


def test_bytes_after_an_answer_are_never_part_of_the_next(server: Server, post: Post) -> None:
    server.answers = [[WHOLE + WHOLE[:30]], [WHOLE, WHOLE[:30]], [WHOLE]]
    for _ in range(3):
        assert post().content == BODY
        time.sleep(0.05)
    assert server.connections == 3


def test_chunks_are_put_together(server: Server, post: Post) -> None:
    chunks = b"5\r\n%b\r\n%x;note=1\r\n%b\r\n0\r\nTrailer: 1\r\n\r\n" % (BODY[:5], len(BODY) - 5, BODY[5:])
    server.answers = [[CHUNKED + chunks], [WHOLE]]
    assert [post().content for _ in range(2)] == [BODY] * 2
    assert server.connections == 1


def test_an_interim_answer_is_passed_over(server: Server, post: Post) -> None:
    server.answers = [[b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE]]
    assert post().content == BODY


INVALID = {
    "two headers Connection": an_answer(b"Connection: close", b"Connection: keep-alive"),
    "two checksums": an_answer(b"X-Amz-Crc32: 1", b"x-amz-crc32: 2"),
    "two encodings": CHUNKED[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a status without content": an_answer(status=b"204 No Content"),
    "closed": b"",
    "closed in the head": WHOLE[:30],
    "closed in the content": WHOLE[:-1],
    "closed in a chunk": CHUNKED + b"ff\r\n{",
    "closed before the last chunk": CHUNKED + b"1\r\n{\r\n",
    "no HTTP": b"no HTTP\r\n\r\n",
    "no status": b"HTTP/1.1 twohundred OK\r\n\r\n",
    "no length": b"HTTP/1.1 200 OK\r\n\r\n{}",
    "a length that is no number": b"HTTP/1.1 200 OK\r\nContent-Length: much\r\n\r\n",
    "two lengths": an_answer(b"Content-Length: 2"),
    "a length of 10^12": an_answer().replace(b"25", b"1000000000000"),
    "a chunk of 10^12": CHUNKED + b"e8d4a51000\r\n",
    "a chunk without a size": CHUNKED + b"\r\n",
    "a chunk that is longer than it says": CHUNKED + b"1\r\n{}\r\n0\r\n\r\n",
    "a length and chunks": an_answer(b"Transfer-Encoding: chunked"),
    "another encoding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "a header of 64 KB": an_answer(b"X: " + b"x" * 65536),
    "a header without a colon": an_answer(b"X"),
    "a header on two lines": an_answer(b"X: 1\r\n 2"),
    "101 headers": an_answer(*[b"X: 1"] * 101),
    "endless trailers": CHUNKED + b"0\r\n" + b"X: 1\r\n" * 1000,
}


@pytest.mark.parametrize("answer", INVALID.values(), ids=INVALID.keys())
def test_an_answer_that_is_not_whole_and_valid_is_a_lost_one(server: Server, post: Post, answer: bytes) -> None:
    server.answers = [[answer, b""], [WHOLE]]
    with pytest.raises(ConnectionClosedError):
        post()
    assert post().content == BODY
    assert server.connections == 2


NO_LENGTH = "the answer does not say its length"
REASONS = [
    (WHOLE[:-1], "the answer ended early"),
    (b"HTTP/1.1 200 OK\r\n\r\n{}", NO_LENGTH),
    (an_answer(b"Transfer-Encoding: chunked"), NO_LENGTH),
    (an_answer(status=b"304 Not Modified"), "an answer with the status 304 has no content"),
    (b"HTTP/2 200 OK\r\n\r\n", "the answer is not HTTP"),
    (an_answer(*[b"X: 1"] * 101), "the answer is not HTTP"),
    (an_answer(b"X"), "the answer has a malformed header"),
    (an_answer(b"content-length: 25"), "the answer has two headers content-length"),
    (an_answer(b"X: " + b"x" * 65_536), "a line of the answer is too long"),
    (an_answer().replace(b" 25", b" 134217729"), "the answer is longer than 134,217,728 bytes"),
    (CHUNKED + b"1\r\na\r\n8000000\r\n", "the answer is longer than 134,217,728 bytes"),
    (CHUNKED + b"x\r\n", "the answer has a malformed chunk"),
    (CHUNKED + b"1\r\nab\r\n", "the answer has a malformed chunk"),
    (CHUNKED + b"0\r\n" + b"X: 1\r\n" * 101 + b"\r\n", "the answer has too many trailers"),
]


@pytest.mark.parametrize(("answer", "reason"), REASONS)
def test_an_answer_is_refused_with_the_reason(answer: bytes, reason: str) -> None:
    received: Any = Received(answer, 1 << 20)
    with pytest.raises(ValueError, match=f"^{reason}$"):
        read_answer(Stream(received, 1, lambda: 0))


def test_an_answer_may_be_as_large_as_each_limit() -> None:
    head = b"HTTP/1.1 200 OK\r\n"
    hundred = an_answer(*[b"X: 1"] * (100 - an_answer().partition(b"\r\n\r\n")[0].count(b"\r\n")))
    length = b"Content-Length: 0\r\nX: "
    longest = head + length + b"x" * (65_536 - len(head + length)) + b"\r\n\r\n"
    trailers = CHUNKED + b"0\r\n" + b"X: 1\r\n" * 100 + b"\r\n"
    for answer in (hundred, longest, trailers):
        received: Any = Received(answer, 1 << 20)
        assert read_answer(Stream(received, 1, lambda: 0))[0].status_code == 200


@pytest.mark.parametrize(
    ("url", "port"), [("http://host/", 80), ("https://host/", 443), ("http://host:8000/", 8000), ("https://host:1/", 1)]
)
def test_the_port_is_that_of_the_url_or_of_its_scheme(url: str, port: int) -> None:
    asked: list[Any] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append((address, timeout))
        raise OSError("no way")

    with pytest.raises(ConnectionError, match=f"{url}: no way"):
        poster(Connections(Network(lambda: 0, connect=connect)), url)(seconds=1_000)
    assert asked == [(("host", port), 1.0)]


def test_a_reset_instead_of_an_answer_is_a_lost_one(server: Server, post: Post) -> None:
    server.patience = 1
    server.answers = [[b""]]
    with pytest.raises((ConnectionClosedError, ConnectionError)):
        post(b"x" * 100_000)


@pytest.mark.parametrize("start", [0, 10, len(WHOLE) - 10])
def test_an_answer_that_trickles_runs_out_of_time(server: Server, post: Post, start: int) -> None:
    server.answers = [[WHOLE[:start] or WHOLE[:1], *(WHOLE[at : at + 1] for at in range(start or 1, len(WHOLE)))]]
    server.pause = 0.1
    started = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        post(seconds=0.35)
    assert time.monotonic() - started < 0.9


def test_no_answer_runs_out_of_time(server: Server, post: Post) -> None:
    server.answers = [[]]
    with pytest.raises(ReadTimeoutError):
        post(seconds=0.2)


@pytest.mark.parametrize("ending", [[b""], []], ids=["and the end", "on a connection that stays open"])
@pytest.mark.parametrize("status", [b"400 Bad Request", b"413 Content Too Large"])
def test_an_answer_before_the_request_was_read_is_the_answer(
    server: Server, post: Post, status: bytes, ending: list[bytes]
) -> None:
    server.patience = 1
    server.answers = [[an_answer(status=status), *ending]]
    answer = post(b"x" * 8_000_000, seconds=2)
    assert (answer.status_code, answer.content) == (int(status[:3]), BODY)
    assert post().status_code == 200
    assert server.connections == 2


def test_a_request_that_is_not_read_to_its_end_was_not_sent(server: Server, post: Post) -> None:
    server.patience = 1
    server.answers = [[b""]]
    with pytest.raises(ConnectionError):
        post(b"x" * 8_000_000)


def test_a_closed_port_is_a_request_that_was_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/"
    with pytest.raises(ConnectionError, match=url):
        poster(Connections(Network()), url)()


@pytest.mark.parametrize("url", ["http://dynamodb.invalid/", f"http://{'x' * 64}.invalid/", "http://127.0.0.1:99999/"])
def test_a_name_that_is_not_found_is_a_request_that_was_not_sent(url: str) -> None:
    with pytest.raises(ConnectionError):
        poster(Connections(Network()), url)()


def test_64_threads_get_the_answer_to_what_each_asked(server: Server, post: Post) -> None:
    bodies = [f"{number}".encode() * 300 for number in range(1280)]
    with ThreadPoolExecutor(64) as pool:
        assert [answer.content for answer in pool.map(lambda body: post(body, seconds=20), bodies)] == bodies
    assert server.connections <= 64


def test_no_more_connections_stay_open_than_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_IDLE_CONNECTIONS", 3)
    opened: list[socket.socket] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        opened.append(socket.create_connection((address[0].partition(".")[2], address[1]), timeout))
        return opened[-1]

    server = Server()
    connections = Connections(Network(connect=connect))
    for account in range(10):
        poster(connections, server.url.replace("//", f"//{account}."))()
    assert len(opened) == 10
    assert sum(sock.fileno() >= 0 for sock in opened) == 3
    server.close()


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: Path, tmp_path: Path) -> None:
    server = Server(certificate)
    other = make_certificate(tmp_path, "IP:127.0.0.1")
    for ca_bundle, attempts in ((None, 2), (str(other), 1)):
        opened: list[Any] = []

        def connect(*address: Any, opened: list[Any] = opened) -> socket.socket:
            opened.append(address)
            return socket.create_connection(*address)

        with pytest.raises(ConnectionError, match="certificate verify failed"):
            poster(Connections(Network(connect=connect), ca_bundle), server.url)()
        # All of a bundle is trusted at once, so that there is nothing more to try.
        assert len(opened) == attempts
    assert server.requests == []
    server.close()


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    other = make_certificate(tmp_path, "DNS:dynamodb.example.com")
    server = Server(other)
    with pytest.raises(ConnectionError, match="IP address mismatch"):
        poster(Connections(Network(), str(other)), server.url)()
    assert server.requests == []
    server.close()


def test_what_only_the_whole_bundle_vouches_for_is_trusted(
    certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(Path(get_cert_path(True)).read_text() + certificate.read_text())
    monkeypatch.setattr(module, "get_cert_path", lambda _: str(bundle))
    server = Server(certificate)
    connections = Connections(Network())
    assert poster(connections, server.url)(b"1").content == b"1"
    poster(connections, server.url)(fresh=True)
    assert server.requests != []
    server.close()


def test_amazons_own_roots_are_trusted_at_first() -> None:
    roots: list[Any] = Connections(Network())._tls.get_ca_certs()
    assert {dict(part for (part,) in root["subject"])["commonName"] for root in roots} == {
        *(f"Amazon Root CA {number}" for number in (1, 2, 3, 4)),
        "Starfield Services Root Certificate Authority - G2",
    }


# What an HTTP server may send, whole and broken.
names = st.sampled_from(["Content-Length", "content-length", "Transfer-Encoding", "Connection", "X", "Bad Name", ""])
lengths = st.sampled_from(["25", "3", "0", "+3", "-1", "1_0", "03", " 3 ", "3,3", "999999999999"])
words = st.sampled_from(
    ["chunked", "Chunked", "gzip, chunked", "close", "keep-alive", "a b", "é", "\t", "", "\x0b", "\x85"]
)
separators = st.sampled_from([": ", ":", ":\t ", " : ", ""])
endings = st.sampled_from(["\r\n"] * 12 + ["\n", "\r", "\r\n "])
header_lines = st.tuples(names, separators, lengths | words, endings).map("".join)
status_lines = st.sampled_from(
    ["HTTP/1.1 200 OK\r\n"] * 6
    + ["HTTP/1.0 200 OK\r\n", "HTTP/1.1 400 Bad\r\n", "HTTP/1.1 200\r\n", "HTTP/1.1  200 OK\r\n", "HTTP/1.1 204 No\r\n"]
    + [
        "HTTP/1.1 304 No\r\n",
        "HTTP/1.1 100 Continue\r\n",
        "HTTP/1.1 103 Hints\r\n",
        "HTTP/2 200 OK\r\n",
        "HTTP/1.1 2000 O\r\n",
    ]
)
framings = st.sampled_from(["Content-Length: 25\r\n", "Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", ""])
heads = st.tuples(status_lines, st.lists(header_lines, max_size=3).map("".join), framings).map(
    lambda parts: ("".join(parts) + "\r\n").encode("latin-1")
)
chunks = st.tuples(
    st.sampled_from([b"3", b"03", b"A", b"a;note=x", b" 3", b"0x3", b"+3", b"3 ", b"", b"ffffffffff"]),
    st.sampled_from([b"\r\n"] * 8 + [b"\n"]),
    st.sampled_from([b"abc", b"0123456789", b"ab", b"\r\n"]),
    st.sampled_from([b"\r\n"] * 8 + [b"\n", b"", b"xx"]),
).map(b"".join)
chunked = st.tuples(
    st.lists(chunks, max_size=3).map(b"".join),
    st.sampled_from([b"0\r\n\r\n"] * 4 + [b"0\r\nX: 1\r\n\r\n", b"0\r\n", b"", b"00;x\r\n\r\n"]),
).map(b"".join)
streams = st.tuples(
    st.sampled_from([b""] * 6 + [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n"]),
    heads,
    st.one_of(st.just(BODY), chunked, st.binary(max_size=30)),
    st.sampled_from([b""] * 4 + [WHOLE, b"\r\n"]),
).map(b"".join)
# Where the stream is cut, if before its end.
cuts = st.one_of(st.just(1 << 30), st.integers(0, 200))


class Received:
    """The receiving end of a socket: some bytes, in pieces, and then the end."""

    def __init__(self, content: bytes, piece: int) -> None:
        self._content = io.BytesIO(content)
        self._piece = piece

    def settimeout(self, seconds: float) -> None:
        pass

    def recv(self, size: int) -> bytes:
        return self._content.read(min(size, self._piece))

    def makefile(self, mode: str) -> io.BytesIO:
        return self._content


@settings(max_examples=int(os.environ.get("EXAMPLES", "500")), deadline=None)
@given(streams, cuts, st.sampled_from([1, 7, 1 << 20]))
def test_an_answer_is_what_the_standard_library_reads_or_it_is_refused(stream: bytes, cut: int, piece: int) -> None:
    received: Any = Received(stream[:cut], piece)
    try:
        answer, _ = read_answer(Stream(received, 1, lambda: 0))
    except ValueError:
        return
    expected = http.client.HTTPResponse(Received(stream[:cut], piece), method="POST")  # type: ignore[arg-type]
    expected.begin()
    assert (answer.status_code, answer.content) == (expected.status, expected.read())
    assert answer.headers == {name.lower(): value.strip(" \t") for name, value in reversed(expected.headers.items())}


def test_most_whole_answers_are_accepted() -> None:
    for answer in (WHOLE, an_answer(b"x-amz-crc32: %d" % crc32(BODY)), CHUNKED + b"3\r\nabc\r\n0\r\n\r\n"):
        received: Any = Received(answer, 7)
        assert read_answer(Stream(received, 1, lambda: 0))[0].status_code == 200
