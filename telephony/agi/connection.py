"""One TCP connection of the FastAGI port, and the lobby where it waits until it has said who it is."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Final, Protocol, cast

from telephony.agi.codec import AgiCodec, AgiItem
from telephony.agi.limits import NS, AgiCounters, AgiLimits
from telephony.agi.session import AgiSession, Peer

_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


class Host(Protocol):
    """The server, as a connection sees it."""

    limits: AgiLimits
    clock: Callable[[], int]

    def arrived(self, connection: "Connection") -> None:
        """It was accepted."""

    def received(self, connection: "Connection", item: AgiItem) -> None:
        """One item is complete."""

    def peer_left(self, connection: "Connection") -> None:
        """The peer has ended its side."""

    def clogged(self, connection: "Connection") -> None:
        """The peer does not read."""

    def lost(self, connection: "Connection") -> None:
        """It is over."""


class Connection(asyncio.Protocol):
    """Bytes to items; in the lobby first, then with a session."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._codec = AgiCodec()
        self._transport: asyncio.Transport | None = None
        self._socket: socket.socket | None = None
        self.session: AgiSession | None = None
        self.peer: Peer = ("", 0)
        self.accepted_at = 0
        self.expires = 0.0
        """On the loop's clock: when an ungreeted peer has had its time."""
        self.closing = False
        self._wrote = False

    # ------------------------------------------------------------ called by the transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Set the socket up and enter."""
        self._transport = cast("asyncio.Transport", transport)
        self._transport.set_write_buffer_limits(high=self._host.limits.write_high_water)
        self._socket = transport.get_extra_info("socket")
        self.peer = tuple(transport.get_extra_info("peername") or ("", 0))[:2]
        self.accepted_at = self._host.clock()
        # The stock loop does this only for sockets made with a protocol number, which accepted ones lack.
        self._set(socket.TCP_NODELAY)
        self._host.arrived(self)

    def data_received(self, data: bytes) -> None:
        """Hand on what is complete, until the connection is ended from inside."""
        self._wrote = False
        for item in self._codec.feed(data):
            if self.closing:
                return
            self._host.received(self, item)
        if not (self._wrote or self.closing):
            self._quickack()

    def eof_received(self) -> None:
        """The peer has ended its side: for Asterisk that is the end of the session."""
        self._host.peer_left(self)

    def pause_writing(self) -> None:
        """The write buffer is above its high-water mark. Told later: this is called from inside the owner's send."""
        asyncio.get_running_loop().call_soon(self._host.clogged, self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the transport passes it
        """The end, whoever made it."""
        self._socket = None
        self._host.lost(self)
        self.closing = True
        self._transport = None

    # ------------------------------------------------------------ called by session and server

    def write(self, line: bytes) -> None:
        """Send one line."""
        if self._transport is not None:
            self._wrote = True
            self._transport.write(line)

    def close(self) -> None:
        """Let what was written leave, for a limited time: a peer that never reads would keep us for ever."""
        if self.closing or self._transport is None:
            return
        self.closing = True
        if self._transport.get_write_buffer_size():
            asyncio.get_running_loop().call_later(self._host.limits.closing / NS, self.abort)
        self._transport.close()

    def abort(self) -> None:
        """End at once; what was not written is lost."""
        self.closing = True
        if self._transport is not None:
            self._transport.abort()

    # ------------------------------------------------------------ private

    def _quickack(self) -> None:
        """Acknowledge what has just been read at once.

        Asterisk leaves Nagle's algorithm on: it holds a HANGUP back until the reply before it is acknowledged, and
        a delayed acknowledgement takes 40 ms (asterisk-facts-2.md, section 1). Linux forgets the option, so it is set
        after each read; a read that was answered needs none, for the command carries the acknowledgement.
        """
        if _QUICKACK is not None:
            self._set(_QUICKACK)

    def _set(self, option: int) -> None:
        # The peer may have reset the connection meanwhile; the next read tells.
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(socket.IPPROTO_TCP, option, 1)


class Lobby:
    """Connections whose header block is not complete, oldest first, all under one timer."""

    def __init__(self, limits: AgiLimits, counters: AgiCounters) -> None:
        self._limits = limits
        self._counters = counters
        self._waiting: dict[Connection, None] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def enter(self, connection: Connection) -> None:
        """Give it its time, and a place: the oldest's when there is no other."""
        if len(self._waiting) >= self._limits.ungreeted:
            self._turn_out(next(iter(self._waiting)))
            self._counters.evicted += 1
        loop = asyncio.get_running_loop()
        connection.expires = loop.time() + self._limits.greeting / NS
        self._waiting[connection] = None
        if self._timer is None:
            self._timer = loop.call_at(connection.expires, self._sweep)

    def leave(self, connection: Connection) -> bool:
        """Whether it was here."""
        here = connection in self._waiting
        self._waiting.pop(connection, None)
        return here

    def close(self) -> int:
        """Turn everybody out and say how many they were."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        waiting = list(self._waiting)
        for connection in waiting:
            self._turn_out(connection)
        return len(waiting)

    def _turn_out(self, connection: Connection) -> None:
        del self._waiting[connection]
        connection.abort()

    def _sweep(self) -> None:
        """All get the same time, so the oldest is the next to go."""
        loop = asyncio.get_running_loop()
        self._timer = None
        while self._waiting:
            oldest = next(iter(self._waiting))
            if oldest.expires > loop.time():
                self._timer = loop.call_at(oldest.expires, self._sweep)
                return
            self._turn_out(oldest)
            self._counters.expired += 1
