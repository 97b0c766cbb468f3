"""The FastAGI server: who may connect, how many, and which callback a wire item becomes.

Callbacks come straight from the read that caused them, so a hang-up is known at once, also while nothing is being
asked; and nothing here waits inside a session, so there is nothing to cancel when a caller leaves.
"""

import asyncio
import contextlib
import functools
import ipaddress
import itertools
import socket
from collections.abc import Callable, Iterable
from typing import Final

from telephony.agi.codec import AgiError, AgiFault, AgiHangup, AgiItem, AgiReply, AgiRequest
from telephony.agi.connection import Connection, Lobby
from telephony.agi.limits import NS, AgiCounters, AgiLimits
from telephony.agi.session import AgiListener, AgiSession, CommandInFlight, SessionClosed, SessionError

__all__ = [
    "LOOPBACK",
    "PORT",
    "AgiCounters",
    "AgiLimits",
    "AgiListener",
    "AgiServer",
    "AgiSession",
    "CommandInFlight",
    "SessionClosed",
    "SessionError",
]

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PORT: Final = 4573
LOOPBACK: Final[tuple[Network, ...]] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
_ACCEPT_BATCH: Final = 16
"""Connections the stock loop accepts in one go: a flood must not hold up the calls that are being served."""
_BACKLOG: Final = 1024
"""Connections the kernel keeps for us meanwhile."""


class AgiServer:
    """Listens, and tells `listener` what happens on each session.

    `allow` are the networks Asterisk may connect from; `clock` gives monotonic nanoseconds; `report` gets what a
    listener raised. `counters` may be read at any time.
    """

    def __init__(
        self,
        listener: AgiListener,
        *,
        clock: Callable[[], int],
        report: Callable[[AgiSession, Exception], None],
        limits: AgiLimits | None = None,
        allow: Iterable[Network] = LOOPBACK,
    ) -> None:
        self.limits = limits or AgiLimits()
        self.clock = clock
        self.counters = AgiCounters()
        self._listener = listener
        self._report = report
        self._allow = tuple(allow)
        self.allows = functools.lru_cache(maxsize=1024)(self._judge)
        """Whether a peer of this address may connect. IPv4 in IPv6 clothes counts as IPv4."""
        self._lobby = Lobby(self.limits, self.counters)
        self._sessions: dict[str, Connection] = {}
        self._connections: set[Connection] = set()
        self._names = itertools.count(1)
        self._epoch = f"{clock():x}"
        self._listening: asyncio.Server | None = None
        self._address: tuple[str, int] = ("", 0)
        self._idle: asyncio.Future[None] | None = None
        self._closing = False

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens; the port is the real one, also after asking for port 0."""
        return self._address

    @property
    def sessions(self) -> int:
        """Calls that are up now."""
        return len(self._sessions)

    @property
    def ungreeted(self) -> int:
        """Connections in the lobby now."""
        return len(self._lobby)

    async def start(
        self, host: str = "127.0.0.1", port: int = PORT, *, sock: socket.socket | None = None
    ) -> None:
        """Listen on host and port, or on an inherited socket that is already bound.

        Raises OSError, whose text says what to do, when the address cannot be had.
        """
        loop = asyncio.get_running_loop()
        bound = sock or await _bind(host, port)
        self._address = bound.getsockname()[:2]
        self._listening = await loop.create_server(
            lambda: Connection(self), sock=bound, backlog=_ACCEPT_BATCH
        )
        bound.listen(_BACKLOG)

    async def close(self) -> int:
        """Stop accepting, end every session and wait for the ends; give the number of calls abandoned by that."""
        self._closing = True
        if self._listening is not None:
            self._listening.close()
        self.counters.ungreeted_lost += self._lobby.close()
        open_sessions = [connection for connection in self._sessions.values() if not connection.closing]
        for connection in open_sessions:
            connection.close()
        await self._drain()
        if self._listening is not None:
            await self._listening.wait_closed()
        return len(open_sessions)

    # ------------------------------------------------------------ called by connections

    def arrived(self, connection: Connection) -> None:
        """Let it into the lobby, or not at all."""
        self.counters.accepted += 1
        self._connections.add(connection)
        if not self.allows(connection.peer[0]):
            self.counters.refused_peer += 1
            connection.abort()
        elif self._closing:
            self.counters.ungreeted_lost += 1
            connection.abort()
        else:
            self._lobby.enter(connection)

    def received(self, connection: Connection, item: AgiItem) -> None:
        """Turn one item into a callback."""
        session = connection.session
        if session is None:
            self._greet(connection, item)
        elif isinstance(item, AgiReply):
            self._reply(session, item)
        elif isinstance(item, AgiHangup):
            self._hang_up(session)
        elif isinstance(item, AgiError):
            self.fail(session, session.stray(item) if item.fault is AgiFault.GARBAGE else item)

    def peer_left(self, connection: Connection) -> None:
        """An ended peer has hung up, whether it said so or not."""
        connection.close()
        if connection.session is not None:
            self._hang_up(connection.session)

    def clogged(self, connection: Connection) -> None:
        """Give a peer up that does not read: its commands would pile up in memory."""
        if connection.session is not None and not connection.closing:
            self.fail(
                connection.session,
                AgiError(AgiFault.NOT_READING, "the peer does not read what is sent to it"),
            )

    def lost(self, connection: Connection) -> None:
        """Tell the end of a session; without our doing it is a hang-up too (a reset connection)."""
        self._connections.discard(connection)
        if self._lobby.leave(connection):
            self.counters.ungreeted_lost += 1
        if session := connection.session:
            if not connection.closing:
                connection.closing = True
                self._hang_up(session)
            session.ended()
            del self._sessions[session.id]
            self.counters.closed += 1
            self._tell(session, lambda: self._listener.closed(session))
        if self._idle is not None and not self._connections and not self._idle.done():
            self._idle.set_result(None)

    def fail(self, session: AgiSession, error: AgiError) -> None:
        """Tell the listener of a fault, and end the session if it is of no more use."""
        if error.fatal:
            session.abort()
        self.counters.faults += 1
        self._tell(session, lambda: self._listener.failed(session, error))

    # ------------------------------------------------------------ private

    def _greet(self, connection: Connection, item: AgiItem) -> None:
        self._lobby.leave(connection)
        if not isinstance(item, AgiRequest):
            self.counters.bad_blocks += 1
            connection.abort()
            return
        if len(self._sessions) >= self.limits.sessions:
            self.counters.refused_full += 1
            connection.abort()
            return
        name = f"{self._epoch}-{next(self._names)}"
        session = AgiSession(connection, item, self, session_id=name)
        connection.session = session
        self._sessions[name] = connection
        self.counters.started += 1
        self.counters.malformed += item.malformed
        self._tell(session, lambda: self._listener.session_started(session))

    def _reply(self, session: AgiSession, reply: AgiReply) -> None:
        sorted_reply = session.sort(reply)
        if isinstance(sorted_reply, AgiReply):
            self.counters.replies += 1
            self._tell(session, lambda: self._listener.replied(session, reply))
        elif sorted_reply is not None:
            self.fail(session, sorted_reply)

    def _hang_up(self, session: AgiSession) -> None:
        if session.hung_up:
            return
        session.hung_up = True
        self.counters.hangups += 1
        self._tell(session, lambda: self._listener.hung_up(session))

    def _tell(self, session: AgiSession, call: Callable[[], None]) -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001 - one call's mistake must not cost the other calls
            self.counters.listener_errors += 1
            self._report(session, error)

    def _judge(self, address: str) -> bool:
        try:
            peer = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        if isinstance(peer, ipaddress.IPv6Address) and peer.ipv4_mapped is not None:
            peer = peer.ipv4_mapped
        return any(peer in network for network in self._allow)

    async def _drain(self) -> None:
        """Wait until no connection is left, for a limited time; then cut the rest."""
        for last in (False, True):
            if not self._connections:
                return
            self._idle = asyncio.get_running_loop().create_future()
            for connection in list(self._connections) if last else ():
                connection.abort()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self.limits.closing / NS):
                    await self._idle


async def _bind(host: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, address = found[0][0], found[0][4]
        return socket.create_server(address[:2], family=family)
    except OSError as error:
        raise OSError(
            error.errno,
            f"FastAGI cannot listen on {host} port {port}: {error.strerror or error}; "
            "give an address of this machine and a port that nothing else uses",
        ) from error
