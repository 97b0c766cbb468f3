"""A receiver of webhooks on loopback that keeps what it took, refuses or hangs when told to."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from acd.app.outlets.signing import DELIVERY, SIGNATURE, TIMESTAMP, genuine

SECRET = "of-both-sides"


class Receiver:
    """`taken`: the bodies of good requests, in order. `refuse`: how many are answered 503 first."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.asked = 0
        self.refuse = 0
        self.hang = threading.Event()
        self.hang.set()
        self.url = ""

    def numbers(self) -> list[int]:
        return [body["number"] for body in self.taken]

    def answer(self, headers: Any, body: bytes) -> int:
        self.asked += 1
        self.hang.wait(20)
        now = int(time.time())  # noqa: TID251 - as any receiver does
        if not genuine(SECRET, headers[TIMESTAMP], body, headers[SIGNATURE], now):
            return 401
        if self.refuse:
            self.refuse -= 1
            return 503
        self.taken.append(json.loads(body))
        self.ids.append(headers[DELIVERY])
        return 204


@contextmanager
def receiver(port: int = 0) -> Iterator[Receiver]:
    """One that listens."""
    found = Receiver()
    connections: list[socket.socket] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(found.answer(self.headers, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
            """No noise."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def process_request(self, request: Any, client_address: Any) -> None:
            connections.append(request)
            super().process_request(request, client_address)

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A client that went away."""

    server = Server(("127.0.0.1", port), Handler)
    found.url = f"http://127.0.0.1:{server.server_address[1]}/acd"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.hang.set()
        server.shutdown()
        server.server_close()
        for connection in connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
