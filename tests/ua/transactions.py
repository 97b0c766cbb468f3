"""Which transaction a datagram belongs to, and what of it the user agent has to know (RFC 3261 section 17). Pure.

One `Transactions` serves one UDP socket. Feed it messages and the passing of time; send what lies in `outbox`.
"""

import heapq
from itertools import count

import msgspec

from tests.ua.address import Endpoint
from tests.ua.client_transaction import ClientTransaction
from tests.ua.datagram import Datagram
from tests.ua.message import Message, Request, Response, replace_header
from tests.ua.server_transaction import ServerTransaction
from tests.ua.timing import Timing


class RequestArrived(msgspec.Struct, frozen=True):
    """A request not seen before, never an ACK."""

    request: Request


class AckArrived(msgspec.Struct, frozen=True):
    """The first ACK of our final response to `invite`."""

    invite: Request
    ack: Request


class ResponseArrived(msgspec.Struct, frozen=True):
    """A response to a request of ours; each final comes once."""

    request: Request
    response: Response


class RequestTimedOut(msgspec.Struct, frozen=True):
    """No final response within 64 * T1 (timers B and F)."""

    request: Request


class NotAcknowledged(msgspec.Struct, frozen=True):
    """No ACK of our final response within 64 * T1 (timer H)."""

    invite: Request


class Stray(msgspec.Struct, frozen=True):
    """A response or an ACK that belongs to nothing we know; dropped."""

    message: Message


Upcall = RequestArrived | AckArrived | ResponseArrived | RequestTimedOut | NotAcknowledged | Stray
Timed = ClientTransaction | ServerTransaction
ClientKey = tuple[str, str]
ServerKey = tuple[str, str, str]


class Transactions:
    """All transactions of one socket. Moments are monotonic nanoseconds."""

    def __init__(self, timing: Timing) -> None:
        self.outbox: list[Datagram] = []
        self._timing = timing
        self._clients: dict[ClientKey, ClientTransaction] = {}
        self._servers: dict[ServerKey, ServerTransaction] = {}
        # The ACK of a 2xx has a branch of its own, so it finds its INVITE by Call-ID, CSeq number and From tag.
        self._accepted: dict[tuple[str, int, str], ServerTransaction] = {}
        # Thousands of ended transactions linger for 32 s: a heap, so that the next due one is found without a scan. An
        # entry whose moment is no longer its transaction's is passed over.
        self._due: list[tuple[int, int, Timed]] = []
        self._entries = count()

    def request(self, request: Request, to: Endpoint, now: int) -> None:
        """Send a request of ours (an ACK goes through `acknowledge`)."""
        client = ClientTransaction(request, to, self._timing, self.outbox, now)
        self._clients[request.branch, request.method] = client
        self._schedule(client)
        if request.method == "CANCEL" and (invite := self._clients.get((request.branch, "INVITE"))):
            invite.give_up_by(now + self._timing.patience)
            self._schedule(invite)

    def acknowledge(self, invite: Request, ack: Request, to: Endpoint) -> None:
        """Send the ACK of a 2xx, now and whenever that 2xx is repeated."""
        self._clients[invite.branch, "INVITE"].acknowledge(ack, to)

    def respond(self, request: Request, response: Response, now: int) -> None:
        """Answer a request that `receive` reported."""
        server = self._servers[_server_key(request)]
        server.respond(response, now)
        self._schedule(server)
        if server.state == "accepted":
            self._accepted[_accepted_key(request)] = server

    def receive(self, message: Message, source: Endpoint, now: int) -> list[Upcall]:
        """Take one message from the wire."""
        if isinstance(message, Response):
            return self._response(message, now)
        request = _stamped(message, source)
        if request.method == "ACK":
            return self._acknowledgement(request, now)
        key = _server_key(request)
        if key in self._servers:
            self._servers[key].repeated()
            return []
        self._servers[key] = ServerTransaction(request, source, self._timing, self.outbox)
        return [RequestArrived(request)]

    def cancelled(self, cancel: Request) -> Request | None:
        """The INVITE a CANCEL is for, answered or not; None when there is none (section 9.2)."""
        server = self._servers.get((cancel.branch, cancel.sent_by, "INVITE"))
        return server.request if server is not None else None

    def expire(self, now: int) -> list[Upcall]:
        """Do everything due by now, and forget what has ended."""
        upcalls: list[Upcall] = []
        while (due := self.next_due()) is not None and due <= now:
            timed = heapq.heappop(self._due)[2]
            told = timed.expire(now)
            if told and isinstance(timed, ClientTransaction):
                upcalls.append(RequestTimedOut(timed.request))
            elif told:
                upcalls.append(NotAcknowledged(timed.request))
            self._schedule(timed)
        return upcalls

    def next_due(self) -> int | None:
        """When `expire` has something to do; None while nothing is timed."""
        while self._due and self._due[0][2].due != self._due[0][0]:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    def _schedule(self, timed: Timed) -> None:
        """Note when a transaction is due next; forget one that has ended."""
        if timed.due is not None:
            heapq.heappush(self._due, (timed.due, next(self._entries), timed))
        elif timed.state == "terminated" and isinstance(timed, ClientTransaction):
            self._clients.pop((timed.request.branch, timed.request.method), None)
        elif timed.state == "terminated":
            self._servers.pop(_server_key(timed.request), None)
            self._accepted.pop(_accepted_key(timed.request), None)

    def _response(self, response: Response, now: int) -> list[Upcall]:
        client = self._clients.get((response.branch, response.cseq_method))
        if client is None:
            return [Stray(response)]
        fresh = client.receive(response, now)
        self._schedule(client)
        return [ResponseArrived(client.request, response)] if fresh else []

    def _acknowledgement(self, ack: Request, now: int) -> list[Upcall]:
        server = self._servers.get(_server_key(ack)) or self._accepted.get(_accepted_key(ack))
        if server is None:
            return [Stray(ack)]
        fresh = server.acknowledged(now)
        self._schedule(server)
        return [AckArrived(server.request, ack)] if fresh else []


def _server_key(request: Request) -> ServerKey:
    """Section 17.2.3; an ACK of a failure shares its INVITE's branch."""
    return request.branch, request.sent_by, "INVITE" if request.method == "ACK" else request.method


def _accepted_key(request: Request) -> tuple[str, int, str]:
    return request.call_id, request.cseq, request.from_tag


def _stamped(request: Request, source: Endpoint) -> Request:
    """The request with `received` and `rport` filled in on its topmost Via (RFC 3581): the responses copy it."""
    via = request.get("Via")
    if "rport" not in _valueless(via):
        return request
    kept = [part for part in via.split(";") if part.strip().lower() != "rport"]
    stamped = ";".join([*kept, f"received={source[0]}", f"rport={source[1]}"])
    return replace_header(request, "Via", stamped)


def _valueless(via: str) -> set[str]:
    """The parameter names of a Via that still have no value."""
    return {part.strip().lower() for part in via.split(";")[1:] if "=" not in part}
