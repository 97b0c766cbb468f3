"""The page for Prometheus: counted in one thread, printed and served in others, so that a scrape costs routing nothing.

A server of the standard library is enough, and in a thread of its own it is cheaper for the routing loop than one more
uvicorn inside it would be: connections, parsing and rendering all stay outside.
"""

import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import AF_INET, AF_INET6, socket
from typing import Any, Final

import msgspec

from acd.app.outlets.follower import Place, facts_of, prefixes, tag_of
from acd.app.outlets.outlet import Outlet, keep, kept
from kpi.metrics import KINDS, Metrics, State
from kpi.openmetrics import CLASSIC, OPENMETRICS, Moment, blocks

PREFIXES: Final = prefixes(tuple(tag_of(kind) for kind in KINDS))
MOST_AT_ONCE: Final = 4
REQUEST_S: Final = 5.0


class Saved(msgspec.Struct, kw_only=True, omit_defaults=True):
    """All that a restart needs, so that no counter falls."""

    place: Place
    state: State


class Counting(Outlet):
    """Facts of the journal, folded into metrics."""

    def __init__(self, journal: Path, path_of_place: Path, begin: Callable[[], Saved]) -> None:
        """Goes on where it was, or from `begin`."""
        saved = kept(path_of_place, Saved) or begin()
        super().__init__("metrics", journal, saved.place)
        self._metrics = Metrics(saved.state)
        self._where = path_of_place
        self._lock = threading.Lock()

    def take(self, lines: list[tuple[int, bytes]]) -> None:
        """Count these facts."""
        facts = [fact for _, fact in facts_of(lines, PREFIXES)]
        with self._lock:
            for fact in facts:
                self._metrics.apply(fact)

    def save(self) -> None:
        """Keep place and counts together."""
        keep(self._where, Saved(place=self.follower.place, state=self._metrics.state))

    def page(self, moment: Moment, *, classic: bool) -> bytes:
        """The whole page; the routing loop gets its turn between pieces."""
        parts = []
        with self._lock:
            for part in blocks(self._metrics.state, moment, classic=classic):
                parts.append(part)
                time.sleep(0)
        return "".join(parts).encode()


class Door:
    """An HTTP server with one page: GET /metrics."""

    def __init__(self, listen: str, page: Callable[[bool], bytes]) -> None:
        """Bind. `page(classic)` makes the page, in a thread. Raises OSError, whose text says what to do."""
        host, _, port = listen.rpartition(":")
        try:
            self._server = _Server((host.strip("[]"), int(port)), page)
        except OSError as wrong:
            raise OSError(
                f"cannot listen on {listen}: {wrong.strerror}; give [metrics] listen an address that nothing else uses"
            ) from wrong
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics door", daemon=True)

    def start(self) -> None:
        """Serve."""
        self._thread.start()

    def stop(self) -> None:
        """Close; blocks for a moment, so for a thread."""
        if self._thread.is_alive():
            self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 16

    def __init__(self, address: tuple[str, int], page: Callable[[bool], bytes]) -> None:
        self.address_family = AF_INET6 if ":" in address[0] else AF_INET
        self.page = page
        self._places = threading.BoundedSemaphore(MOST_AT_ONCE)
        super().__init__(address, _Handler)

    def process_request(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:  # noqa: ANN401 - as inherited
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:  # noqa: ANN401 - as inherited
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:  # noqa: ANN401 - as inherited
        """A scraper that went away is nobody's trouble."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = REQUEST_S
    server_version = "acd"
    sys_version = ""

    def do_GET(self) -> None:
        if self.path.partition("?")[0] != "/metrics":
            self._send(404, CLASSIC, b"the page is /metrics\n")
            return
        classic = "application/openmetrics-text" not in self.headers.get("Accept", "")
        self._send(200, CLASSIC if classic else OPENMETRICS, self.server.page(classic))

    def _send(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as inherited
        """A scrape each fifteen seconds is no news."""
