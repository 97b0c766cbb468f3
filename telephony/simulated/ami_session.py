"""One manager connection, Asterisk's side: reads actions, sends responses and events."""

import asyncio
import random
from typing import Final, Protocol, cast

import msgspec

from telephony.simulated.manager_user import ManagerUser
from telephony.simulated.outlet import Outlet, Weather

GREETING: Final = b"Asterisk Call Manager/11.0.0\r\n"
MAX_BACKLOG: Final = 4 * 1024 * 1024
"""Asterisk closes a client that does not read once this much waits for it."""
MAX_LINE: Final = 1024
"""Asterisk reads actions through a window of this size and drops a longer line."""


class Disorder(msgspec.Struct):
    """How often, 0 to 1, an event is sent twice, or after the one that follows it."""

    duplicate: float = 0.0
    reorder: float = 0.0


class Manager(Protocol):
    """Who answers actions and knows the sessions."""

    def opened(self, session: "AmiSession") -> None:
        """A client connected."""

    def act(self, session: "AmiSession", action: dict[str, str]) -> None:
        """Answer one action. Keys are in lower case."""

    def closed(self, session: "AmiSession") -> None:
        """A client is gone."""


class AmiSession(asyncio.Protocol):
    """A manager session. `user` is None until Login."""

    def __init__(self, manager: Manager, weather: Weather, disorder: Disorder, rng: random.Random) -> None:
        self.user: ManagerUser | None = None
        self._manager = manager
        self._weather = weather
        self._disorder = disorder
        self._rng = rng
        self._outlet: Outlet | None = None
        self._buffer = bytearray()
        self._held = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        stream = cast("asyncio.Transport", transport)
        stream.set_write_buffer_limits(high=MAX_BACKLOG)
        self._outlet = Outlet(stream, self._weather)
        self._manager.opened(self)
        self.send(GREETING)

    def data_received(self, data: bytes) -> None:
        """Take actions, each ended by an empty line."""
        if self._weather.stalled:
            return
        self._buffer += data
        *actions, rest = bytes(self._buffer).split(b"\r\n\r\n")
        self._buffer = bytearray(rest[-MAX_BACKLOG:])
        for action in actions:
            self._manager.act(self, _headers(action))

    def pause_writing(self) -> None:
        """Close a client that does not read."""
        self.reset()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the signature is asyncio's
        """Forget the session."""
        self._manager.closed(self)

    def send(self, data: bytes) -> None:
        """Send as it is."""
        if self._outlet is not None:
            self._outlet.write(data)

    def event(self, data: bytes) -> None:
        """Send an event, in the disorder that was asked for."""
        disorder, rng = self._disorder, self._rng
        if disorder.reorder and not self._held and rng.random() < disorder.reorder:
            self._held = data
            return
        held, self._held = self._held, b""
        twice = disorder.duplicate and rng.random() < disorder.duplicate
        self.send(data + held + (data if twice else b""))

    def half_close(self) -> None:
        """Send the end of the stream and go on reading."""
        if self._outlet is not None:
            self._outlet.half_close()

    def reset(self) -> None:
        """Drop the connection with a TCP reset."""
        if self._outlet is not None:
            self._outlet.reset()

    def close(self) -> None:
        """Close once everything is sent."""
        if self._outlet is not None:
            self._outlet.close()


def _headers(action: bytes) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in action.split(b"\r\n"):
        key, colon, value = line.decode(errors="replace").partition(":")
        if colon and len(line) < MAX_LINE:
            headers.setdefault(key.strip().lower(), value.strip())
    return headers
