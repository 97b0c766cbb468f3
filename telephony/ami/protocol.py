"""One AMI connection: panoramisk's protocol with its reading, matching, sending and ending replaced."""

import asyncio
import socket
from collections.abc import Callable, Iterable
from typing import Any, Protocol, TypeVar, cast

from panoramisk.ami_protocol import AMIProtocol

from telephony.ami.codec import AmiAction, AmiCodec, AmiMessage, Headers, encode
from telephony.ami.errors import LinkDownError
from telephony.ami.messages import NAMES, Event, MalformedEventError, Response, decode, response
from telephony.ami.notices import Counters
from telephony.ami.pending import Pending, expired

# Actions are a few hundred bytes: a peer that leaves this much unread does not read at all.
WRITE_LIMIT = 1024 * 1024

_Pending = TypeVar("_Pending", bound=Pending)


class Owner(Protocol):
    """What a connection needs of its link. All are called synchronously, in the order of the wire."""

    def greeted(self, protocol: "AmiProtocol") -> None:
        """Tell that the peer speaks AMI: log in now."""

    def login_answered(self, protocol: "AmiProtocol", answer: Response) -> None:
        """Tell how the login ended."""

    def dispatch(self, event: Event) -> None:
        """Take one event."""

    def event_seen(self, protocol: "AmiProtocol", event: Event) -> None:
        """Look at an event after it was dispatched."""

    def dropped(self, protocol: "AmiProtocol", reason: str) -> None:
        """Tell that the connection is over; exactly once."""


class AmiProtocol(AMIProtocol):
    """Reads through the codec, matches answers by ActionID, and settles every pending action when it ends."""

    def __init__(
        self, owner: Owner, counters: Counters, clock: Callable[[], int], ids: Callable[[], str]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.codec = AmiCodec(NAMES)
        self.codec.unread = counters.unread
        self.codec.errors = counters.protocol_errors
        self.lost: asyncio.Future[None] = loop.create_future()
        self.logged_in: asyncio.Future[None] = loop.create_future()
        self.up: asyncio.Future[None] = loop.create_future()
        self.segments = 0
        self.read_at = 0
        self._heard: asyncio.Future[None] | None = None
        self.closed = False
        self._owner = owner
        self._counters = counters
        self._clock = clock
        self._ids = ids
        self._login_id = ""
        self._pending: dict[str, Pending] = {}

    # ------------------------------------------------------------ asyncio's side
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Prepare the socket: small actions leave at once, an unread backlog is bounded."""
        if self.closed:
            cast("asyncio.Transport", transport).abort()
            return
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(high=WRITE_LIMIT)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in {socket.AF_INET, socket.AF_INET6}:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        """Handle each message the bytes complete; one that fails never costs the next."""
        self.segments += 1
        self.read_at = self._clock()
        self._counters.received_bytes += len(data)
        was_greeted = self.codec.greeted
        if self._heard is not None and not self._heard.done():
            self._heard.set_result(None)
        messages = self.codec.feed(data)
        if self.codec.greeted and not was_greeted:
            self._owner.greeted(self)
        for message in messages:
            if self.closed:
                return
            self.handle_message(message)

    def pause_writing(self) -> None:
        """End a link whose peer does not read."""
        self.drop(f"Asterisk left {WRITE_LIMIT} bytes of actions unread")

    def connection_lost(self, exc: Exception | None) -> None:
        """Settle everything; the peer or the network ended it."""
        self.drop("closed by Asterisk" if exc is None else f"connection lost: {exc}")

    # ------------------------------------------------------------ the link's side
    def login(self, headers: Headers) -> None:
        """Send the Login action; its answer goes to the owner, not to a future."""
        self._login_id = self._ids()
        self.send(AmiAction("Login", self._login_id, headers))

    def send(self, data: AmiAction, as_list: Any = None) -> None:  # noqa: ANN401, ARG002 - panoramisk's signature
        """Write one action. Raises LinkDownError when the connection is over, ValueError for what is not sendable."""
        line = encode(data)
        if self.closed or self.transport is None or self.transport.is_closing():
            raise LinkDownError(f"{data.name}: the AMI link is down")
        self.transport.write(line)

    def request(self, headers: Headers, pending: _Pending) -> tuple[str, _Pending]:
        """Write the action `pending` stands for and register it; return its id too."""
        action_id = self._ids()
        self._pending[action_id] = pending
        try:
            self.send(AmiAction(pending.name, action_id, headers))
        except (LinkDownError, ValueError):
            self.forget(action_id)
            raise
        return action_id, pending

    def forget(self, action_id: str) -> None:
        """Stop waiting; an answer that still comes is counted as stray."""
        self._pending.pop(action_id, None)

    def next_read(self) -> asyncio.Future[None]:
        """Return a future that ends with the next bytes, whatever they are."""
        self._heard = asyncio.get_running_loop().create_future()
        return self._heard

    def expire(self) -> None:
        """Fail the actions that nobody awaits and nobody answered in time."""
        now = self._clock()
        for action_id, pending in list(self._pending.items()):
            if pending.expires_at <= now:
                self.forget(action_id)
                pending.fail(expired(pending))

    def close(self) -> None:
        """End the connection from our side."""
        self.drop("closed by us")

    def drop(self, reason: str) -> None:
        """End the connection now and fail what is pending at once; later calls do nothing. Never re-sends."""
        if self.closed:
            return
        self.closed = True
        if getattr(self, "transport", None) is not None:
            self.transport.abort()
        self.lost.set_result(None)
        pending, self._pending = self._pending, {}
        _fail_all(pending.values(), reason)
        self._owner.dropped(self, reason)

    # ------------------------------------------------------------ messages
    def handle_message(self, message: AmiMessage) -> None:
        """Route one message: an event to the inbox and to the list it belongs to, a response to its action."""
        if "Event" in message.headers:
            self._handle_event(message)
        elif "Response" in message.headers:
            self._handle_response(message)
        else:
            self._counters.protocol_errors["not_for_us"] = (
                self._counters.protocol_errors.get("not_for_us", 0) + 1
            )

    def _handle_event(self, message: AmiMessage) -> None:
        name = message.text("Event")
        try:
            event = decode(message)
        except MalformedEventError:
            self._counters.malformed_events += 1
            event = None
        else:
            if event is None:
                self._counters.unread[name] = self._counters.unread.get(name, 0) + 1
        if event is not None:
            self._owner.dispatch(event)
        action_id = message.text("ActionID")
        pending = self._pending.get(action_id) if action_id else None
        if pending is not None and pending.item(name, event):
            self.forget(action_id)
        if event is not None and not self.closed:
            self._owner.event_seen(self, event)

    def _handle_response(self, message: AmiMessage) -> None:
        action_id = message.text("ActionID")
        answer = response(message)
        if action_id and action_id == self._login_id and not self.logged_in.done():
            self._owner.login_answered(self, answer)
            return
        pending = self._pending.get(action_id)
        if pending is None:
            self._counters.stray_responses += 1
        elif pending.answer(answer):
            self.forget(action_id)


def _fail_all(pending: Iterable[Pending], reason: str) -> None:
    for action in pending:
        action.fail(LinkDownError(f"{action.name}: the AMI link dropped ({reason}); the action may have run"))
