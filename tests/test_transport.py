"""Whatever arrives on the connection to DynamoDB, an answer is whole or the call fails in time."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from botocore.exceptions import ConnectionClosedError, ConnectionError, ReadTimeoutError
from botocore.httpsession import URLLib3Session

from chalicelib.transport import Transport

BODY = b'{"Item":{"id":{"S":"1"}}}'
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nx-amz-crc32: 2061421159\r\n\r\n" % len(BODY) + BODY


class Server:
    """Sends each request the next of the given answers, piece by piece; an empty piece closes the connection."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.answers: list[list[bytes]] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.pause = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._listener = context.wrap_socket(self._listener, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while request := connection.recv(65536):
                self.requests.append(request)
                for piece in self.answers.pop(0):
                    if not piece:
                        return
                    connection.sendall(piece)
                    time.sleep(self.pause)


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


def a_request(url: str, headers: dict[str, str | bytes] | None = None) -> AWSPreparedRequest:
    return AWSPreparedRequest(
        "POST", url, HeadersDict(headers or {}), b"{}", False, {"deadline": time.monotonic() + 20}
    )


@pytest.fixture
def send(server: Server) -> Callable[..., AWSResponse | None]:
    transport = Transport(URLLib3Session(timeout=(1, 1)), 0.5)

    def send(url: str = server.url, headers: dict[str, str | bytes] | None = None) -> AWSResponse | None:
        return transport.send(a_request(url, headers))

    return send


def test_the_request_is_http_with_every_header(server: Server, send: Callable[..., AWSResponse]) -> None:
    server.answers = [[WHOLE]]
    send(f"{server.url}/path", {"Host": "dynamodb", "Content-Length": "2", "Authorization": b"signed"})
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    assert lines[0] == b"POST /path HTTP/1.1"
    assert {b"Host: dynamodb", b"Content-Length: 2", b"Authorization: signed"} <= set(lines)
    assert body == b"{}"


def test_the_answer_has_status_headers_and_body(server: Server, send: Callable[..., AWSResponse]) -> None:
    server.answers = [[WHOLE[:10], WHOLE[10:60], WHOLE[60:]]]
    server.pause = 0.01
    answer = send()
    assert (answer.status_code, answer.content) == (200, BODY)
    assert answer.headers["content-length"] == str(len(BODY))


def test_a_connection_is_kept(server: Server, send: Callable[..., AWSResponse]) -> None:
    server.answers = [[WHOLE]] * 3
    assert [send().content for _ in range(3)] == [BODY] * 3
    assert server.connections == 1


def test_a_connection_that_the_other_side_closed_is_opened_anew(
    server: Server, send: Callable[..., AWSResponse]
) -> None:
    server.answers = [[WHOLE, b""], [WHOLE.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)], [WHOLE]]
    for _ in range(3):
        assert send().content == BODY
        time.sleep(0.05)
    assert server.connections == 3


def test_chunks_are_put_together(server: Server, send: Callable[..., AWSResponse]) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"5\r\n%b\r\n%x;note=1\r\n%b\r\n0\r\nTrailer: 1\r\n\r\n" % (BODY[:5], len(BODY) - 5, BODY[5:])
    server.answers = [[head + chunks], [WHOLE]]
    assert [send().content for _ in range(2)] == [BODY] * 2
    assert server.connections == 1


def test_an_interim_answer_is_passed_over(server: Server, send: Callable[..., AWSResponse]) -> None:
    server.answers = [[b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE]]
    assert send().content == BODY


@pytest.mark.parametrize(
    "pieces",
    [
        [b""],
        [WHOLE[:30], b""],
        [WHOLE[:-1], b""],
        [WHOLE.replace(b"2061421159", b"1")],
        [b"no HTTP\r\n\r\n", b""],
        [b"HTTP/1.1 twohundred OK\r\n\r\n", b""],
        [b"HTTP/1.1 200 OK\r\nContent-Length: much\r\n\r\n", b""],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{", b""],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b""],
    ],
)
def test_an_answer_that_is_not_whole_is_a_lost_connection(
    server: Server, send: Callable[..., AWSResponse], pieces: list[bytes]
) -> None:
    server.answers = [pieces, [WHOLE]]
    with pytest.raises(ConnectionClosedError):
        send()
    assert send().content == BODY


def test_an_answer_that_drips_is_out_of_time(server: Server, send: Callable[..., AWSResponse]) -> None:
    server.answers = [[WHOLE[:-10], *(WHOLE[at : at + 1] for at in range(len(WHOLE) - 10, len(WHOLE)))]]
    server.pause = 0.1
    started = time.monotonic()
    with pytest.raises(ReadTimeoutError):
        send()
    assert time.monotonic() - started < 0.8


def test_no_answer_is_out_of_time(server: Server, send: Callable[..., AWSResponse]) -> None:
    server.answers = [[]]
    with pytest.raises(ReadTimeoutError):
        send()


def test_a_closed_port_is_no_connection(send: Callable[..., AWSResponse]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(ConnectionError):
        send(f"http://127.0.0.1:{port}")


def test_behind_a_proxy_botocore_sends_itself(server: Server) -> None:
    transport = Transport(URLLib3Session(proxies={"http": "http://127.0.0.1:1"}), 0.5)
    request = a_request(server.url)
    assert transport.send(request) is None
    assert 0 < request.context["read_timeout"] <= 0.5


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 and its key, in one file."""
    file = tmp_path_factory.mktemp("tls") / "certificate.pem"
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file), "-out", f"{file}.crt"]
    subprocess.run(["openssl", "req", *options, *names], check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


def test_https_is_spoken_with_a_server_whose_certificate_holds(certificate: Path) -> None:
    server = Server(certificate)
    server.answers = [[WHOLE]] * 2
    transport = Transport(URLLib3Session(timeout=(1, 1), verify=str(certificate)), 5)
    for _ in range(2):
        answer = transport.send(a_request(server.url))
        assert answer
        assert answer.content == BODY
    assert server.connections == 1
    server.close()


def test_https_is_not_spoken_with_a_server_whose_certificate_does_not_hold(certificate: Path) -> None:
    server = Server(certificate)
    server.answers = [[WHOLE]]
    with pytest.raises(ConnectionError):
        Transport(URLLib3Session(timeout=(1, 1)), 5).send(a_request(server.url))
    assert server.requests == []
    server.close()
