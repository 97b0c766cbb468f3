"""One AGI session as its owner sees it, and the owner as the server sees it.

A session holds one command at a time and knows no conversation: what to say next is the owner's business.
"""

import asyncio
from typing import Final, Protocol

from telephony.agi.codec import MAX_COMMAND, AgiError, AgiFault, AgiReply, AgiRequest, gives_endpos, is_stream
from telephony.agi.limits import NS, AgiCounters, AgiLimits

Peer = tuple[str, int]
"""Address and port."""


class SessionError(Exception):
    """The owner asked for what a session cannot do."""


class CommandInFlight(SessionError):  # noqa: N818 - named for what is so, like the design's LinkDown
    """A command's reply is outstanding: Asterisk would not read a second one until even more arrives."""


class SessionClosed(SessionError):  # noqa: N818 - named for what is so, like the design's LinkDown
    """The connection is closed or closing."""


class Wire(Protocol):
    """The connection under a session."""

    peer: Peer
    accepted_at: int
    closing: bool

    def write(self, line: bytes) -> None:
        """Send bytes."""

    def close(self) -> None:
        """Send what is left, then end."""

    def abort(self) -> None:
        """End at once."""


class SessionHost(Protocol):
    """The server, as a session sees it."""

    limits: AgiLimits
    counters: AgiCounters

    def fail(self, session: "AgiSession", error: AgiError) -> None:
        """Tell the listener of a fault."""


class AgiSession:
    """One AGI session. It is not one caller: transfers swap channels under it (asterisk-facts-2.md, section 5).

    `id` is unique on this machine until it is booted again, `accepted_at` is on the server's clock.
    """

    def __init__(self, wire: Wire, request: AgiRequest, host: SessionHost, *, session_id: str) -> None:
        self.id: Final = session_id
        self.request: Final = request
        self.peer: Final = wire.peer
        self.accepted_at: Final = wire.accepted_at
        self.hung_up = False
        self._wire = wire
        self._host = host
        self._outstanding: bytes | None = None
        self._cut = False
        self._deadline: asyncio.TimerHandle | None = None
        self._strays = 0

    def __repr__(self) -> str:
        return f"<AgiSession {self.id} {self.request.channel}>"

    @property
    def busy(self) -> bool:
        """Whether a command's reply is outstanding."""
        return self._outstanding is not None

    @property
    def closing(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._wire.closing

    # ------------------------------------------------------------ for the owner

    def send(self, line: bytes, *, cut: bool = False, deadline: int | None = None) -> None:
        """Write one command, as made by `codec.encode`. `deadline`, nanoseconds from now, is for `failed` (TIMEOUT).

        `cut` lets it end a STREAM FILE that plays: that one then gives no reply, and if it had just ended by itself
        its late reply is passed over. With nothing outstanding `cut` changes nothing.

        Raises CommandInFlight, SessionClosed, and ValueError for what is not one line or cannot cut a stream.
        """
        if self.closing:
            raise SessionClosed(f"session {self.id} is closed")
        if not line.endswith(b"\n") or line.count(b"\n") != 1 or len(line) > MAX_COMMAND:
            raise ValueError("send takes one command line as made by telephony.agi.codec.encode")
        if self._outstanding is not None:
            self._check_cut(self._outstanding, line, cut=cut)
            self._cut = True
        self._disarm()
        self._outstanding = line
        if deadline is not None:
            self._deadline = asyncio.get_running_loop().call_later(deadline / NS, self._overdue)
        self._wire.write(line)

    def close(self) -> None:
        """End the session once what was sent has left; Asterisk goes on in the dialplan."""
        self._disarm()
        self._wire.close()

    def abort(self) -> None:
        """End the session at once."""
        self._disarm()
        self._wire.abort()

    # ------------------------------------------------------------ for the server

    def sort(self, reply: AgiReply) -> AgiReply | AgiError | None:
        """What a reply is: the outstanding command's, an error because it is nobody's, or None: not to be told."""
        if reply.code < 200:
            return None
        if self._cut and reply.endpos is not None:
            self._cut = False
            self._host.counters.stale_replies += 1
            return None
        if self._outstanding is None:
            return self.stray(AgiError(AgiFault.UNEXPECTED, "a reply although no command was outstanding"))
        self._disarm()
        self._outstanding = None
        self._cut = False
        return reply

    def stray(self, error: AgiError) -> AgiError:
        """Count a line that belongs to nothing; too many of them become a fault that ends the session."""
        self._strays += 1
        if self._strays <= self._host.limits.strays:
            return error
        return AgiError(
            AgiFault.STRAYS, f"more than {self._host.limits.strays} lines that belong to no command"
        )

    def ended(self) -> None:
        """The connection is over: no deadline may fire any more."""
        self._disarm()

    # ------------------------------------------------------------ private

    def _check_cut(self, playing: bytes, line: bytes, *, cut: bool) -> None:
        if not cut or not is_stream(playing):
            command = playing.split(maxsplit=1)[0].decode("ascii", "replace")
            raise CommandInFlight(
                f"session {self.id} waits for the reply to {command}: send the next command after it"
            )
        if gives_endpos(line):
            raise ValueError(
                "a STREAM FILE cannot be cut by a command whose own reply can carry endpos=, the two replies could not "
                "be told apart: cut it with NOOP and send this one after NOOP's reply"
            )

    def _overdue(self) -> None:
        self._deadline = None
        self._host.fail(self, AgiError(AgiFault.TIMEOUT, "no reply within the command's deadline"))

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


class AgiListener(Protocol):
    """Who decides. Callbacks are synchronous and in wire order; one that raises is reported and otherwise ignored.

    The last one of every started session is `closed`, exactly once. `hung_up` comes at most once before it; `closed`
    without `hung_up` means that our side ended the session and the caller may still be there.
    """

    def session_started(self, session: AgiSession) -> None:
        """A header block is complete."""

    def replied(self, session: AgiSession, reply: AgiReply) -> None:
        """The outstanding command has its reply; the next may be sent from here."""

    def failed(self, session: AgiSession, error: AgiError) -> None:
        """A command's deadline has passed, or the peer is at fault; if `error.fatal`, `closed` follows."""

    def hung_up(self, session: AgiSession) -> None:
        """The first HANGUP line, or the peer closed or reset the connection."""

    def closed(self, session: AgiSession) -> None:
        """The connection is over."""
