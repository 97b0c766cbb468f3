"""A call that a phone makes."""

import time

from tests.ua import sdp
from tests.ua.address import Endpoint
from tests.ua.call import ALLOW, Call, Owner
from tests.ua.dialog import Dialog
from tests.ua.digest import ANSWERED_BY, Credentials, answer
from tests.ua.errors import RefusedError, WrongStateError
from tests.ua.message import Header, Request, Response


class OutgoingCall(Call):
    """An INVITE of ours, from the first provisional response to the end."""

    def __init__(
        self,
        phone: Owner,
        dialog: Dialog,
        to: Endpoint,
        headers: tuple[Header, ...],
        credentials: Credentials | None,
    ) -> None:
        blank = Request(method="INVITE", uri=dialog.target, headers=())
        super().__init__(phone, blank, dialog, "calling")
        self.provisionals: list[Response] = []
        self.final_response: Response | None = None
        self._to = to
        self._headers = headers
        self._credentials = credentials
        self._cancel_wanted: str | None = None
        self._cancelled = False

    def start(self) -> None:
        """Send the INVITE with an offer."""
        self._send(())

    async def ringing(self, within: float = 5.0) -> Response:
        """Wait for 180 or 183; raises RefusedError when the final answer was a failure."""
        await self._until(lambda: self._rung() is not None or self._is_final(), within, "ringing")
        rung = self._rung()
        if rung is not None:
            return rung
        raise self._refusal()

    async def answered(self, within: float = 5.0) -> Response:
        """Wait for the 200, which is acknowledged by itself; raises RefusedError with the status of any other final."""
        await self._until(self._is_final, within, "an answer")
        if self.final_response is None or self.final_response.status >= 300:
            raise self._refusal()
        return self.final_response

    async def final(self, within: float = 5.0) -> int:
        """Wait for the final status of the INVITE; 408 when there was none at all."""
        await self._until(self._is_final, within, "a final answer")
        return self.final_response.status if self.final_response is not None else 408

    async def hangup(self, *, reason: str = "", within: float = 5.0) -> None:
        """CANCEL before the answer, BYE after it; `reason` is sent as a Reason header. Returns when it is over."""
        if self.state == "answered":
            await self._bye((("Reason", reason),) if reason else ())
        elif self.state != "ended":
            self._cancel_wanted = reason
            self._cancel_if_possible()
            await self.ended(within)

    # ------------------------------------------------------------ inside

    def _send(self, authorization: tuple[Header, ...]) -> None:
        wire = self.phone.wire
        described: Header = ("Content-Type", sdp.CONTENT_TYPE)
        self.invite = self.dialog.request(
            "INVITE",
            via=wire.via(),
            sender=self.phone.local,
            headers=(("Allow", ALLOW), *self._headers, *authorization, described),
            body=self._description(),
        )
        wire.request(self.invite, self._to, self._responded)

    def _responded(self, response: Response | None) -> None:
        if response is None:
            self._end(by="peer", how="timeout", status=408)
        elif response.status < 200:
            self._progress(response)
        elif response.status < 300:
            self._connect(response)
        elif not self._try_again(response):
            self._fail(response)

    def _progress(self, response: Response) -> None:
        self.provisionals.append(response)
        self.dialog.learn(response)
        if response.status in {180, 183}:
            self.state = "ringing"
            self.rang_at = self.rang_at or time.monotonic_ns()
        if response.body:
            self._take(sdp.parse(response.body))
        self._cancel_if_possible()

    def _connect(self, response: Response) -> None:
        """Acknowledge; when our CANCEL crossed the 200, end the call at once (RFC 3261 section 9.1)."""
        self.final_response = response
        self.dialog.learn(response)
        if response.body:
            self._take(sdp.parse(response.body))
        wire = self.phone.wire
        ack = self.dialog.request("ACK", via=wire.via(), sender=self.phone.local, seq=self.invite.cseq)
        wire.acknowledge(self.invite, ack, self.dialog.next_hop)
        self.state, self.answered_at = "answered", time.monotonic_ns()
        if self._cancel_wanted is not None:
            self._bye_unheard()
            self._end(by="us", how="BYE")

    def _try_again(self, response: Response) -> bool:
        """Answer the first digest challenge with a new INVITE in the same call."""
        who, self._credentials = self._credentials, None
        if response.status not in ANSWERED_BY or who is None or self._cancel_wanted is not None:
            return False
        asked, answering = ANSWERED_BY[response.status]
        cnonce = self.phone.wire.fresh()
        value = answer(response.get(asked), who, method="INVITE", uri=self.invite.uri, cnonce=cnonce)
        self._send(((answering, value),))
        return True

    def _fail(self, response: Response) -> None:
        self.final_response = response
        cancelled = self._cancelled and response.status == 487
        self._end(
            by="us" if cancelled else "peer",
            how="CANCEL" if cancelled else str(response.status),
            status=response.status,
            reason=", ".join(response.all("Reason")),
        )

    def _cancel_if_possible(self) -> None:
        """A CANCEL may only follow a provisional response (section 9.1); until one comes it waits."""
        if self._cancel_wanted is None or self._cancelled or not self.provisionals:
            return
        self._cancelled = True
        self.phone.wire.cancel(self.invite, self._to, reason=self._cancel_wanted)

    def _rung(self) -> Response | None:
        return next((one for one in self.provisionals if one.status in {180, 183}), None)

    def _is_final(self) -> bool:
        return self.final_response is not None or self.state == "ended"

    def _refusal(self) -> RefusedError | WrongStateError:
        if self.final_response is not None and self.final_response.status >= 300:
            return RefusedError(
                f"INVITE by {self.phone.user}", self.final_response.status, self.final_response.phrase
            )
        if self.final_response is None:
            return RefusedError(f"INVITE by {self.phone.user} without any answer", 408)
        return WrongStateError(f"{self.phone.user}: the call is over: {self.ending}")
