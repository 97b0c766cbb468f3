"""The two ends a FastAGI server stands between: Asterisk's socket, and a listener that writes down what it is told."""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

from telephony.agi.codec import AgiError, AgiReply
from telephony.agi.server import LOOPBACK, AgiLimits, AgiServer, AgiSession, Network

DEADLINE = 5.0
"""Seconds after which a condition that should come at once counts as failed."""


def block(**headers: str) -> bytes:
    """A header block as Asterisk sends it."""
    fields = {
        "network": "yes",
        "network_script": "sales?lang=fr",
        "request": "agi://127.0.0.1/sales?lang=fr",
        "channel": "PJSIP/trunk-a-00000001",
        "uniqueid": "1795400000.1",
        "callerid": "4912345",
        "context": "acd-try",
        "extension": "s",
        **headers,
    }
    return "".join(f"agi_{name}: {value}\n" for name, value in fields.items()).encode() + b"\n"


class Asterisk:
    """One AGI connection from Asterisk's side."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def call(
        cls, address: tuple[str, int], data: bytes = block(), *, nagle: bool = False
    ) -> "Asterisk":
        """Connect and say `data`."""
        async with asyncio.timeout(DEADLINE):
            reader, writer = await asyncio.open_connection(*address)
        peer = cls(reader, writer)
        peer.say(data)
        return peer

    def say(self, data: bytes) -> None:
        """Write at once."""
        self.writer.write(data)

    async def line(self) -> bytes:
        """The next command, or what was there when the server ended the connection."""
        async with asyncio.timeout(DEADLINE):
            return await self.reader.readline()

    async def ended(self) -> bytes:
        """Wait until the server has ended the connection; what it said before that."""
        said = b""
        async with asyncio.timeout(DEADLINE):
            with contextlib.suppress(ConnectionError):
                while data := await self.reader.read(4096):
                    said += data
        return said

    def half_close(self) -> None:
        """End our side only."""
        self.writer.write_eof()

    def reset(self) -> None:
        """End with RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def close(self) -> None:
        """End orderly."""
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


class Recorder:
    """A listener: `log` holds what it was told, in order. `on` runs an owner's reaction to one kind of callback."""

    def __init__(self) -> None:
        self.log: list[tuple[str, Any]] = []
        self.sessions: list[AgiSession] = []
        self.on: dict[str, Callable[[AgiSession], None]] = {}
        self.reported: list[Exception] = []
        self.at: list[float] = []
        self._changed = asyncio.Event()

    def session_started(self, session: AgiSession) -> None:
        self.sessions.append(session)
        self._note("started", session)

    def replied(self, session: AgiSession, reply: AgiReply) -> None:
        self._note("replied", session, reply)

    def failed(self, session: AgiSession, error: AgiError) -> None:
        self._note("failed", session, error.fault)

    def hung_up(self, session: AgiSession) -> None:
        self._note("hung_up", session)

    def closed(self, session: AgiSession) -> None:
        self._note("closed", session)

    def report(self, session: AgiSession, error: Exception) -> None:
        self.reported.append(error)

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.log]

    async def until(self, kind: str, count: int = 1) -> None:
        """Wait for the count-th callback of a kind."""
        await self.holds(lambda: self.kinds.count(kind) >= count)

    async def holds(self, condition: Callable[[], bool]) -> None:
        """Wait until something is so; it is looked at after each callback and every 5 ms."""
        async with asyncio.timeout(DEADLINE):
            while not condition():
                self._changed.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(0.005):
                        await self._changed.wait()

    def _note(self, kind: str, session: AgiSession, detail: Any = None) -> None:
        self.log.append((kind, detail))
        self.at.append(time.perf_counter())
        self._changed.set()
        if kind in self.on:
            self.on[kind](session)


@contextlib.asynccontextmanager
async def serving(
    listener: Recorder,
    limits: AgiLimits | None = None,
    allow: Iterable[Network] = LOOPBACK,
    sock: socket.socket | None = None,
) -> AsyncIterator[AgiServer]:
    """A server on a free port, closed at the end."""
    server = AgiServer(listener, clock=time.monotonic_ns, report=listener.report, limits=limits, allow=allow)
    await server.start(port=0, sock=sock)
    try:
        yield server
    finally:
        await server.close()
