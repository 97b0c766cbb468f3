"""What callers and callees share: the dialog, its media, and every request inside it."""

import time
from collections.abc import Callable
from typing import Literal, Protocol

import msgspec

from tests.ua import sdp
from tests.ua.address import Uri, parse_uri, refer_to, uri_of
from tests.ua.dialog import Dialog, Local
from tests.ua.errors import RefusedError, WrongStateError
from tests.ua.message import Header, Request, Response, respond
from tests.ua.rtp import Rtp
from tests.ua.transfer import Transfer
from tests.ua.wire import Wire

State = Literal["calling", "ringing", "answered", "ended"]
ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, UPDATE, MESSAGE"
ANSWERED_PLAINLY = frozenset({"INFO", "OPTIONS", "MESSAGE"})


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a call ended: `by` whom, `how` (BYE, CANCEL, the final status' number, timeout, silence), its Reason headers."""

    by: Literal["us", "peer"]
    how: str
    at: int
    status: int = 0
    reason: str = ""


class Owner(Protocol):
    """The phone, as its calls see it."""

    user: str
    wire: Wire
    local: Local

    def at_server(self, target: str) -> str:
        """A URI as it is; a bare number as a URI at the server."""

    async def ask(
        self, call_dialog: Dialog, method: str, headers: tuple[Header, ...], body: bytes
    ) -> Response:
        """Send a request in a dialog, answering a digest challenge, and return the final response."""


class Call:
    """One call of one phone. Moments are monotonic nanoseconds, 0 while they have not come."""

    def __init__(self, phone: Owner, invite: Request, dialog: Dialog, state: State) -> None:
        self.phone = phone
        self.invite = invite
        self.dialog = dialog
        self.state: State = state
        self.invited_at = time.monotonic_ns()
        self.rang_at = 0
        self.answered_at = 0
        self.ended_at = 0
        self.ending: Ending | None = None
        self.requests: list[Request] = []
        """Every request the peer sent inside the dialog."""
        self.digits = ""
        """What the peer keyed by INFO."""
        self.transfers: list[Transfer] = []
        self.leaves_once_transferred = True
        """BYE when a transfer of ours succeeded, as phones do (RFC 5589 section 6.1); chan_pjsip waits for it a while."""
        self.rtp = Rtp(phone.wire.ladder.address[0])
        self.direction: sdp.Direction = "sendrecv"
        self.remote: sdp.Audio | None = None
        self._version = 0
        self._own_reinvite = False
        self._unanswered_offer = False

    @property
    def held_by_peer(self) -> bool:
        """The peer's last description does not let us send."""
        return self.remote is not None and self.remote.direction in {"sendonly", "inactive"}

    async def ended(self, within: float = 5.0) -> Ending:
        """Wait for the end and say how it came."""
        await self._until(lambda: self.ending is not None, within, "the call's end")
        if self.ending is None:
            raise WrongStateError("the call ended without an ending")
        return self.ending

    async def hold(self) -> None:
        """Re-INVITE with sendonly; raises RefusedError when the peer does not take it."""
        await self._reinvite("sendonly")

    async def resume(self) -> None:
        """Re-INVITE with sendrecv."""
        await self._reinvite("sendrecv")

    async def refer(self, target: str) -> Transfer:
        """Blind transfer: REFER to that URI or number. Returns once the REFER is accepted; raises RefusedError."""
        return await self._refer(refer_to(parse_uri(self.phone.at_server(target))))

    async def refer_replaces(self, other: "Call") -> Transfer:
        """Attended transfer: our peer replaces us in `other` (RFC 3891)."""
        other._must_be("answered", "be a transfer's target")
        whom: Uri = uri_of(other.dialog.remote)
        return await self._refer(refer_to(whom, replaces=other.dialog.replaces))

    async def dtmf(self, digits: str, *, duration_ms: int = 160) -> None:
        """Key digits, each one INFO with application/dtmf-relay."""
        for digit in digits:
            body = f"Signal={digit}\r\nDuration={duration_ms}\r\n".encode()
            await self._demand("INFO", (("Content-Type", "application/dtmf-relay"),), body)

    async def request(
        self, method: str, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> Response:
        """Any other request inside the dialog; its final response whatever it is."""
        self._must_be("answered", f"send {method}")
        return await self.phone.ask(self.dialog, method, tuple((headers or {}).items()), body)

    def handle(self, request: Request) -> None:
        """A request the peer sent inside the dialog (not INVITE's ACK, not CANCEL)."""
        self.requests.append(request)
        if self.state == "ended" and not (request.method == "NOTIFY" and self.transfers):
            self._answer(request, 481)
        elif not self.dialog.in_order(request):
            self._answer(request, 500)
        elif request.method in ANSWERED_PLAINLY:
            self.digits += _signal(request) if request.method == "INFO" else ""
            self._answer(request, 200)
        else:
            self._handle_special(request)

    def handle_ack(self, ack: Request) -> None:
        """The ACK of a 2xx of ours; it carries the answer when the offer was ours."""
        if self._unanswered_offer and ack.body:
            self._take(sdp.parse(ack.body))
        self._unanswered_offer = False

    def handle_not_acknowledged(self) -> None:
        """Our 2xx was never acknowledged: RFC 3261 section 13.3.1.4 ends the call."""
        if self.state == "answered":
            self._bye_unheard()
            self._end(by="us", how="timeout")

    def drop(self) -> None:
        """Give the call's port and timers back, whatever its state; nothing is sent."""
        self.rtp.close()

    # ------------------------------------------------------------ inside

    def _handle_special(self, request: Request) -> None:
        match request.method:
            case "BYE":
                self._answer(request, 200)
                self._end(by="peer", how="BYE", reason=", ".join(request.all("Reason")))
            case "INVITE" | "UPDATE":
                self._renegotiate(request)
            case "NOTIFY":
                self._notified(request)
            case _:
                self._answer(request, 405, (("Allow", ALLOW),))

    def _renegotiate(self, request: Request) -> None:
        """A re-INVITE or UPDATE: new media, a new target or (without SDP in UPDATE) new identity only."""
        if self._own_reinvite and request.method == "INVITE":
            self._answer(request, 491)
            return
        self.dialog.retarget(request)
        if request.body and not self._accepts(request.body):
            self._answer(request, 488)
            return
        wants_body = bool(request.body) or request.method == "INVITE"
        self._unanswered_offer = wants_body and not request.body
        described = (("Content-Type", sdp.CONTENT_TYPE),) if wants_body else ()
        body = self._description() if wants_body else b""
        self._answer(
            request, 200, (("Contact", self.phone.local.contact), ("Allow", ALLOW), *described), body
        )

    def _accepts(self, body: bytes) -> bool:
        """Take an offer; False when no payload of it is ours."""
        offered = sdp.parse(body)
        if not sdp.common_payloads(offered):
            return False
        self.direction = sdp.MIRRORED[offered.direction]
        self._take(offered)
        return True

    def _take(self, audio: sdp.Audio) -> None:
        self.remote = audio
        self.rtp.peer = (audio.host, audio.port) if audio.port else None
        self.rtp.payload = next(iter(sdp.common_payloads(audio)), 0)

    def _description(self) -> bytes:
        """Our side as it is now: an answer lists only what the offer had."""
        self._version += 1
        payloads = sdp.common_payloads(self.remote) if self.remote is not None else tuple(sdp.ENCODINGS)
        host = self.phone.wire.ladder.address[0]
        ours = sdp.Audio(host=host, port=self.rtp.port, payloads=payloads, direction=self.direction)
        return sdp.render(ours, session=self.invited_at // 1000, version=self._version)

    async def _reinvite(self, direction: sdp.Direction) -> None:
        self._must_be("answered", "change its media")
        self.direction, self._own_reinvite = direction, True
        try:
            await self._demand("INVITE", (("Content-Type", sdp.CONTENT_TYPE),), self._description())
        finally:
            self._own_reinvite = False

    async def _refer(self, target: str) -> Transfer:
        transfer = Transfer(self.phone.wire.changes)
        self.transfers.append(transfer)
        await self._demand("REFER", (("Refer-To", target), ("Referred-By", self.dialog.local)), b"")
        return transfer

    def _notified(self, notify: Request) -> None:
        if not self.transfers or notify.get("Event").partition(";")[0].strip() != "refer":
            self._answer(notify, 489)
            return
        self._answer(notify, 200)
        self.transfers[-1].note(notify)
        if (
            200 <= self.transfers[-1].status < 300
            and self.leaves_once_transferred
            and self.state == "answered"
        ):
            self._bye_unheard()
            self._end(by="us", how="BYE")

    async def _demand(self, method: str, headers: tuple[Header, ...], body: bytes) -> Response:
        """A request that must succeed."""
        self._must_be("answered", f"send {method}")
        response = await self.phone.ask(self.dialog, method, headers, body)
        if response.status >= 300:
            raise RefusedError(f"{method} by {self.phone.user}", response.status, response.phrase)
        if method == "INVITE" and response.body:
            self.dialog.retarget(response)
            self._take(sdp.parse(response.body))
        return response

    def _answer(
        self, request: Request, status: int, headers: tuple[Header, ...] = (), body: bytes = b""
    ) -> None:
        response = respond(request, status, to_tag=self.dialog.local_tag, headers=headers, body=body)
        self.phone.wire.respond(request, response)

    async def _bye(self, headers: tuple[Header, ...] = ()) -> None:
        """End an answered call; the end is noted as it is sent, so that a crossing BYE of the peer changes nothing."""
        self._end(by="us", how="BYE")
        await self.phone.ask(self.dialog, "BYE", headers, b"")

    def _bye_unheard(self) -> None:
        """A BYE whose answer nobody waits for."""
        bye = self.dialog.request("BYE", via=self.phone.wire.via(), sender=self.phone.local)
        self.phone.wire.request(bye, self.dialog.next_hop, lambda _: None)

    def _end(self, *, by: Literal["us", "peer"], how: str, status: int = 0, reason: str = "") -> None:
        if self.ending is not None:
            return
        self.ended_at = time.monotonic_ns()
        self.ending = Ending(by=by, how=how, at=self.ended_at, status=status, reason=reason)
        self.state = "ended"
        self.drop()
        self.phone.wire.changes.announce()

    def _must_be(self, state: State, wish: str) -> None:
        if self.state != state:
            raise WrongStateError(
                f"{self.phone.user}: a call that is {self.state} cannot {wish}, it must be {state}"
            )

    async def _until(self, condition: Callable[[], bool], within: float, what: str) -> None:
        await self.phone.wire.changes.until(condition, within=within, what=f"{self.phone.user}: {what}")


def _signal(info: Request) -> str:
    """The key of an INFO: dtmf-relay has `Signal=5`, application/dtmf just `5`."""
    text = info.body.decode(errors="replace")
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and name.strip().lower() == "signal":
            return value.strip()
    return text.strip() if info.get("Content-Type").lower() == "application/dtmf" else ""
