"""An HTTP server on loopback, in clear or over TLS, that answers with the bytes that a test tells it to."""

import socket
import ssl
import threading
import time
from contextlib import suppress
from pathlib import Path

BODY = b'{"Item":{"id":{"S":"1"}}}'


def an_answer(*headers: bytes, body: bytes = BODY, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers, b"", body])


WHOLE = an_answer()


class Server:
    """Answers each request with the next of `answers`, piece by piece; an empty piece closes the connection."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.answers: list[list[bytes]] = []
        self.requests: list[bytes] = []
        self.connections = 0
        self.pause = 0.0
        # Bytes of a request that are read before the answer.
        self.patience = 1 << 30
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self._context and certificate:
            self._context.load_cert_chain(certificate)
        self.url = f"{'https' if certificate else 'http'}://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            sock = self._context.wrap_socket(connection, server_side=True) if self._context else connection
            with sock:
                while request := self._request(sock):
                    self.requests.append(request)
                    for piece in self.answers.pop(0) if self.answers else [self.echo(request)]:
                        if not piece:
                            self._end(sock)
                            return
                        sock.sendall(piece)
                        time.sleep(self.pause)
                    if not self._whole(request):
                        # Reads no more, and stays open.
                        time.sleep(1)
                        return

    @staticmethod
    def _end(sock: socket.socket) -> None:
        """Say that nothing more comes, and read what does: to close at once would lose the answer on its way."""
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(65536):
            pass

    def _request(self, sock: socket.socket) -> bytes:
        request = b""
        while received := sock.recv(65536):
            request += received
            if len(request) > self.patience or self._whole(request):
                return request
        return b""

    @staticmethod
    def _whole(request: bytes) -> bool:
        head, _, body = request.partition(b"\r\n\r\n")
        headers = dict(line.split(b": ") for line in head.split(b"\r\n")[1:])
        return len(body) >= int(headers[b"Content-Length"])

    @staticmethod
    def echo(request: bytes) -> bytes:
        return an_answer(body=request.partition(b"\r\n\r\n")[2])
