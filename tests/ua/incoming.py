"""A call that came to a phone."""

import asyncio
import time
from collections.abc import Callable

from tests.ua import sdp
from tests.ua.address import uri_of
from tests.ua.behaviour import Answer, Behaviour, Redirect, Reject, Ring, Silent
from tests.ua.call import ALLOW, Call, Owner
from tests.ua.dialog import callee_dialog
from tests.ua.errors import WrongStateError
from tests.ua.message import Header, Request, respond

WAITING = frozenset({"calling", "ringing"})


class IncomingCall(Call):
    """An INVITE and what became of it. Methods without `await` only send; the awaited ones see it through."""

    def __init__(self, phone: Owner, invite: Request) -> None:
        super().__init__(phone, invite, callee_dialog(invite, local_tag=phone.wire.fresh()), "calling")
        self.acknowledged = False
        """The peer's ACK of our final answer came."""
        self.cancel_reason = ""
        """The Reason headers of the CANCEL, e.g. `SIP;cause=200;text="Call completed elsewhere"`."""
        self._silent = False
        self._later: asyncio.TimerHandle | None = None

    @property
    def caller(self) -> str:
        """The user part of From."""
        return uri_of(self.invite.get("From")).user

    @property
    def waiting(self) -> bool:
        """No final answer yet."""
        return self.state in WAITING

    @property
    def cancelled(self) -> bool:
        return self.ending is not None and self.ending.how == "CANCEL"

    def behave(self, behaviour: Behaviour) -> None:
        """Do as told; a later call replaces what an earlier one had planned."""
        self._forget_plan()
        match behaviour:
            case Ring():
                self.ring()
            case Answer(after=after, ring=ring):
                self._plan(after, self.pick_up, ring=ring)
            case Reject(status, after, ring):
                self._plan(after, lambda: self.refuse(status), ring=ring)
            case Redirect(target, after, ring):
                self._plan(after, lambda: self.refuse(302, (("Contact", f"<{target}>"),)), ring=ring)
            case Silent():
                self._silent = True

    def ring(self) -> None:
        """Send 180."""
        self._must_wait("ring")
        self.state, self.rang_at = "ringing", self.rang_at or time.monotonic_ns()
        self._answer(self.invite, 180, (("Contact", self.phone.local.contact),))

    def pick_up(self) -> None:
        """Send 200 with our description; 488 when the offer has nothing for us."""
        self._must_wait("be answered")
        self._forget_plan()
        if self.invite.body and not self._accepts(self.invite.body):
            self.refuse(488)
            return
        self._unanswered_offer = not self.invite.body
        self.state, self.answered_at = "answered", time.monotonic_ns()
        headers = (
            ("Contact", self.phone.local.contact),
            ("Allow", ALLOW),
            ("Content-Type", sdp.CONTENT_TYPE),
        )
        self._answer(self.invite, 200, headers, self._description())
        self.phone.wire.changes.announce()

    def refuse(self, status: int, headers: tuple[Header, ...] = ()) -> None:
        """Send a final answer of 300 or more."""
        self._must_wait("be refused")
        self._answer(self.invite, status, headers)
        self._end(by="us", how=str(status), status=status)

    async def answer(self, within: float = 5.0) -> None:
        """Answer and wait for the ACK."""
        self.pick_up()
        await self._acknowledged(within)

    async def reject(self, status: int = 486, within: float = 5.0) -> None:
        """Refuse and wait for the ACK."""
        self.refuse(status)
        await self._acknowledged(within)

    async def hangup(self, within: float = 5.0) -> None:
        """Decline (603) while it rings, BYE when answered, nothing when it is over or the phone is silent."""
        if self._silent:
            self._end(by="us", how="silence")
        elif self.waiting:
            await self.reject(603, within)
        elif self.state == "answered":
            await self._acknowledged(within)  # RFC 3261 section 15: the callee's BYE waits for the ACK
            if self.ending is None:
                await self._bye()

    async def answered(self, within: float = 5.0) -> None:
        """Wait until the call is answered (by its behaviour) and the ACK is here."""
        await self._until(lambda: self.state == "ended" or self.answered_at > 0, within, "an answered call")
        if not self.answered_at:
            raise WrongStateError(f"{self.phone.user}: the call ended unanswered: {self.ending}")
        await self._acknowledged(within)

    def handle_cancel(self, cancel: Request) -> None:
        """The caller gave up: 200 for the CANCEL, 487 for the INVITE (RFC 3261 section 9.2)."""
        self.cancel_reason = ", ".join(cancel.all("Reason"))
        if not self._silent:
            self.phone.wire.respond(cancel, respond(cancel, 200, to_tag=self.dialog.local_tag))
            self._answer(self.invite, 487)
        self._end(by="peer", how="CANCEL", status=487, reason=self.cancel_reason)

    def handle_ack(self, ack: Request) -> None:
        super().handle_ack(ack)
        self.acknowledged = True

    def drop(self) -> None:
        self._forget_plan()
        super().drop()

    def _plan(self, after: float, action: Callable[[], None], *, ring: bool) -> None:
        if ring:
            self.ring()
        if after <= 0:
            action()
        else:
            loop = asyncio.get_running_loop()
            self._later = loop.call_later(after, self.phone.wire.guard, action)

    def _forget_plan(self) -> None:
        if self._later is not None:
            self._later.cancel()
            self._later = None

    async def _acknowledged(self, within: float) -> None:
        await self._until(
            lambda: self.acknowledged or self._over_by_peer(), within, "the ACK of our final answer"
        )

    def _over_by_peer(self) -> bool:
        return self.ending is not None and (self.ending.by == "peer" or self.ending.how == "timeout")

    def _must_wait(self, wish: str) -> None:
        if not self.waiting:
            raise WrongStateError(f"{self.phone.user}: a call that is {self.state} can no longer {wish}")
