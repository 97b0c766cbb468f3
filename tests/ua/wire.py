"""The asyncio shell around the transactions: one UDP socket, one timer, one ladder."""

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Final

from tests.ua.address import Endpoint
from tests.ua.awaiting import Changes
from tests.ua.client_transaction import cancel_of
from tests.ua.errors import RefusedError
from tests.ua.ladder import Ladder
from tests.ua.message import BRANCH_COOKIE, Request, Response, parse, render
from tests.ua.timing import Timing
from tests.ua.transactions import (
    AckArrived,
    NotAcknowledged,
    RequestArrived,
    RequestTimedOut,
    ResponseArrived,
    Transactions,
    Upcall,
)

NS: Final = 1_000_000_000
Answered = Callable[[Response | None], None]


class Wire(asyncio.DatagramProtocol):
    """Sends and receives for one user agent; who uses it sets the three `on_` callbacks.

    Whatever goes wrong inside a callback of the loop is kept in `faults` (asyncio would only log it) and raised when the
    user agent is closed. `unplugged` drops everything in both directions: a phone whose cable is out.
    """

    def __init__(self, owner: str, timing: Timing) -> None:
        self.ladder = Ladder(owner)
        self.changes = Changes(lambda: str(self.ladder))
        self.faults: list[Exception] = []
        self.unplugged = False
        self.on_request: Callable[[Request], None] = lambda _: None
        self.on_ack: Callable[[Request, Request], None] = lambda _invite, _ack: None
        self.on_not_acknowledged: Callable[[Request], None] = lambda _: None
        self._transactions = Transactions(timing)
        self._waiting: dict[tuple[str, str], Answered] = {}
        self._names = 0
        # Ids count upwards so that a ladder reads well; the random part keeps two runs against one server apart.
        self._run = f"{owner}-{secrets.token_hex(4)}"
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, host: str, port: int) -> Endpoint:
        """Bind; port 0 takes any free one. The address is returned."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, port))
        bound = self._transport.get_extra_info("sockname")
        self.ladder.address = (bound[0], bound[1])
        return self.ladder.address

    def close(self) -> None:
        """Stop the timer and give the port back."""
        if self._timer is not None:
            self._timer.cancel()
        if self._transport is not None:
            self._transport.close()
        self._timer = self._transport = None

    def fresh(self, prefix: str = "") -> str:
        """An id nobody used before: a tag, a Call-ID, a nonce."""
        self._names += 1
        return f"{prefix}{self._run}-{self._names}"

    def via(self) -> str:
        """A Via with a fresh branch."""
        host, port = self.ladder.address
        return f"SIP/2.0/UDP {host}:{port};rport;branch={self.fresh(BRANCH_COOKIE + '-')}"

    def request(self, request: Request, to: Endpoint, answered: Answered) -> None:
        """Send a request; `answered` gets every response once, or None when there was none in time."""
        self._waiting[request.branch, request.method] = answered
        self._transactions.request(request, to, time.monotonic_ns())
        self._flush()

    async def ask(self, request: Request, to: Endpoint) -> Response:
        """Send a request and return its final response; raises RefusedError(408) when there is none."""
        final: asyncio.Future[Response | None] = asyncio.get_running_loop().create_future()

        def answered(response: Response | None) -> None:
            if (response is None or response.status >= 200) and not final.done():
                final.set_result(response)

        self.request(request, to, answered)
        response = await final
        if response is None:
            raise RefusedError(f"{request.method} to {to[0]}:{to[1]} without any answer", 408)
        return response

    def cancel(self, invite: Request, to: Endpoint, *, reason: str = "") -> None:
        """Send the CANCEL of an INVITE that has a provisional response; its own answer does not matter."""
        self.request(cancel_of(invite, reason=reason), to, lambda _: None)

    def acknowledge(self, invite: Request, ack: Request, to: Endpoint) -> None:
        """Send the ACK of a 2xx."""
        self._transactions.acknowledge(invite, ack, to)
        self._flush()

    def respond(self, request: Request, response: Response) -> None:
        """Answer a request."""
        self._transactions.respond(request, response, time.monotonic_ns())
        self._flush()

    def cancelled(self, cancel: Request) -> Request | None:
        """The INVITE a CANCEL is for, answered or not."""
        return self._transactions.cancelled(cancel)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """One datagram from the loop."""
        at = time.monotonic_ns()
        if self.unplugged or not data.strip(b"\r\n\0"):  # RFC 5626 keep-alives carry no message
            return
        try:
            message = parse(data)
            self.ladder.note(message, data, at=at, outgoing=False, peer=(addr[0], addr[1]))
            self._dispatch(self._transactions.receive(message, (addr[0], addr[1]), at))
        except Exception as fault:  # noqa: BLE001 - kept and raised at close, where a test sees it
            self.faults.append(fault)
        self._flush()
        self.changes.announce()

    def error_received(self, exc: Exception) -> None:
        """An ICMP error: the transactions' timers find out who is dead, as they would over a network."""

    def guard(self, action: Callable[[], None]) -> None:
        """Run what a timer of the loop calls; a fault of it is kept."""
        try:
            action()
        except Exception as fault:  # noqa: BLE001 - as in datagram_received
            self.faults.append(fault)
        self.changes.announce()

    def _dispatch(self, upcalls: list[Upcall]) -> None:
        for upcall in upcalls:
            match upcall:
                case RequestArrived(request):
                    self.on_request(request)
                case AckArrived(invite, ack):
                    self.on_ack(invite, ack)
                case ResponseArrived(request, response):
                    self._answered(request, response)
                case RequestTimedOut(request):
                    self._answered(request, None)
                case NotAcknowledged(invite):
                    self.on_not_acknowledged(invite)
                case _:  # a stray stands in the ladder, where a test can look for it
                    pass

    def _answered(self, request: Request, response: Response | None) -> None:
        key = (request.branch, request.method)
        answered = self._waiting[key]
        if response is None or response.status >= 200:
            del self._waiting[key]
        answered(response)

    def _expire(self) -> None:
        self._timer = None
        self.guard(lambda: self._dispatch(self._transactions.expire(time.monotonic_ns())))
        self._flush()

    def _flush(self) -> None:
        """Send what the transactions want sent, and set the timer for what they want next."""
        outbox = self._transactions.outbox
        while outbox:
            datagram = outbox.pop(0)
            raw = render(datagram.message)
            if self._transport is not None and not self.unplugged:
                at = time.monotonic_ns()
                self._transport.sendto(raw, datagram.to)
                self.ladder.note(datagram.message, raw, at=at, outgoing=True, peer=datagram.to)
        self._set_timer()

    def _set_timer(self) -> None:
        due = self._transactions.next_due()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None and self._transport is not None:
            delay = max(0, due - time.monotonic_ns()) / NS
            self._timer = asyncio.get_running_loop().call_later(delay, self._expire)
