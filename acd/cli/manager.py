"""A small blocking AMI client for `acd doctor`: log in, ask, read lists. Nothing is retried."""

import socket
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from telephony.ami.codec import AmiAction, AmiCodec, AmiMessage, encode

DEADLINE = 5.0


class ManagerError(Exception):
    """Asterisk did not answer in time, or not as AMI."""


class Manager:
    """One connection; a context manager."""

    def __init__(self, host: str, port: int) -> None:
        """Connect. Raises OSError."""
        self._socket = socket.create_connection((host, port), timeout=DEADLINE)
        self._codec = AmiCodec()
        self._waiting: list[AmiMessage] = []
        self._asked = 0

    def __enter__(self) -> Self:
        """Use as a context manager: closed at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close."""
        self._socket.close()

    @property
    def version(self) -> str:
        """What the greeting says of the AMI version."""
        return self._codec.version

    def ask(self, name: str, headers: Mapping[str, str] | None = None) -> AmiMessage:
        """The response to an action. Raises ManagerError."""
        self._asked += 1
        action_id = f"doctor-{self._asked}"
        self._socket.sendall(encode(AmiAction(name, action_id, dict(headers or {}))))
        return self._until(
            name, lambda message: bool(message.text("Response")) and message.text("ActionID") == action_id
        )

    def listed(
        self, name: str, item: str, complete: str, headers: Mapping[str, str] | None = None
    ) -> list[AmiMessage]:
        """The items of a list; empty when the action is refused. Raises ManagerError."""
        if self.ask(name, headers).text("Response") == "Error":
            return []
        found: list[AmiMessage] = []

        def take(message: AmiMessage) -> bool:
            if message.text("Event") == item:
                found.append(message)
            return message.text("Event") == complete

        self._until(name, take)
        return found

    def _until(self, what: str, wanted: Callable[[AmiMessage], bool]) -> AmiMessage:
        until = time.monotonic() + DEADLINE
        while True:
            while self._waiting:
                message = self._waiting.pop(0)
                if wanted(message):
                    return message
            self._socket.settimeout(max(0.01, until - time.monotonic()))
            try:
                data = self._socket.recv(65_536)
            except TimeoutError:
                raise ManagerError(f"no answer to {what} within {DEADLINE:g} s") from None
            if not data:
                raise ManagerError(f"the connection was closed instead of an answer to {what}")
            self._waiting += self._codec.feed(data)
