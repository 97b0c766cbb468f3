"""Asking the daemon: HTTP over its Unix socket, with the standard library only."""

import http.client
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

import msgspec

DEFAULT_SOCKET: Final = "/run/acd/control.sock"
TIMEOUT_SECONDS: Final = 60.0
"""A report over a year reads long; everything else answers at once."""
PIECE: Final = 65_536

View = TypeVar("View")


class UnreachableError(Exception):
    """No daemon answers; the text says what to do."""


class RefusedError(Exception):
    """The daemon refused the wish; the text is its reason, with a hint."""


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("acd", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.fspath(self._path))


class Client:
    """One daemon by its socket."""

    def __init__(self, path: Path) -> None:
        """Connects anew for each question."""
        self.path = path

    def get(self, path: str) -> bytes:
        """The raw JSON of a view. Raises UnreachableError and RefusedError."""
        return self._ask("GET", path, None)

    def post(self, path: str, body: object = None) -> bytes:
        """The raw JSON of a wish's answer. Raises UnreachableError and RefusedError."""
        return self._ask("POST", path, body)

    def fetch(self, path: str, sink: BinaryIO) -> None:
        """Copy what is there into `sink` as it comes. Raises UnreachableError, RefusedError and what the sink raises."""
        connection = _OverSocket(self.path)
        try:
            with self._reached():
                connection.request("GET", path)
                answer = connection.getresponse()
                wrong = answer.read() if answer.status >= 400 else b""
            if answer.status >= 400:
                raise RefusedError(_reason(wrong, answer.status))
            sink.writelines(self._pieces(answer))
        finally:
            connection.close()

    def _pieces(self, answer: http.client.HTTPResponse) -> Iterator[bytes]:
        while True:
            with self._reached():
                data = answer.read(PIECE)
                if not data and answer.length:
                    raise http.client.IncompleteRead(b"", answer.length)
            if not data:
                return
            yield data

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (OSError, http.client.HTTPException) as wrong:
            raise UnreachableError(_advice(self.path, wrong)) from wrong

    def _ask(self, method: str, path: str, body: object) -> bytes:
        connection = _OverSocket(self.path)
        data = None if body is None else msgspec.json.encode(body)
        headers = {"Content-Type": "application/json"} if data is not None else {}
        try:
            with self._reached():
                connection.request(method, path, data, headers)
                answer = connection.getresponse()
                text = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise RefusedError(_reason(text, answer.status))
        return text


def _advice(path: Path, wrong: Exception) -> str:
    if isinstance(wrong, PermissionError):
        return f"{path}: no permission; join the group acd (usermod -aG acd USER) or use sudo"
    if isinstance(wrong, TimeoutError):
        return f"{path}: no answer within {TIMEOUT_SECONDS:g} s; look at the daemon's log (journalctl -u acd)"
    if isinstance(wrong, FileNotFoundError | ConnectionRefusedError):
        return f"{path}: no daemon answers; start it (systemctl start acd), or name its socket with --socket"
    what = f"{type(wrong).__name__} {wrong}".rstrip()
    return f"{path}: {what}; is it the daemon's control socket?"


def read(raw: bytes, kind: type[View]) -> View:
    """An answer as the struct it is. Raises RefusedError when the daemon speaks otherwise than this program."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except msgspec.DecodeError as wrong:
        raise RefusedError(
            f"the daemon's answer is not understood: {wrong} (of another version? systemctl restart acd)"
        ) from wrong


def _reason(text: bytes, status: int) -> str:
    try:
        found: Any = msgspec.json.decode(text)
        reason = found.get("error") or found.get("detail") or f"status {status}"
        hint = found.get("hint", "")
    except (msgspec.DecodeError, AttributeError):
        return f"status {status}"
    return f"{reason} ({hint})" if hint else str(reason)
