"""The router's record of one agent. Mutable, and mutated only by the handlers of this package."""

import msgspec

from acd.core.ids import AgentName, CallId, OfferId, PhoneName, QueueName
from acd.core.outcomes import OfferOutcome, PhoneState, Via
from acd.core.rules import AgentRule
from acd.core.states import AgentState


class WrapUp(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Work after a talk."""

    call: CallId
    queue: QueueName
    began: int
    until: int
    """0: until the agent is done."""


class Goodbye(msgspec.Struct, frozen=True, gc=False):
    """How a log-out that waits for the end of a call was wished."""

    reason: str = ""
    via: Via = Via.ROUTER
    forced: bool = False


PLAIN_GOODBYE = Goodbye()


class Agent(msgspec.Struct, kw_only=True, gc=False):
    """One person: one state, at most one call, whatever queues they serve."""

    name: AgentName
    rule: AgentRule
    state: AgentState = AgentState.OFFLINE
    since: int = 0
    """When the present state began."""
    idle_since: int = 0
    """End of the last contact, or the log-in: what "longest idle" means. A missed offer does not reset it."""
    idle_any: int = 0
    """The same, but a call of the agent's own counts as a contact."""
    busy_share: float = 0.0
    """How busy lately, as of `since` (acd.core.occupancy)."""
    recent: list[int] = []
    """Moments of the answers within the rules' window, oldest first; kept while a queue asks for them."""
    logged_in: bool = False
    leaving: bool = False
    """Wants to log out once the present call is over."""
    goodbye: Goodbye = PLAIN_GOODBYE
    paused: str | None = None
    """The reason, or None when not paused. Made in a call, it takes effect at its end."""
    overrun: bool = False
    """Paused for longer than the reason allows, and told so."""
    wrap_up: WrapUp | None = None
    seat: PhoneName = PhoneName("")
    """The phone the agent has logged in at, where that is not the agent's own."""
    phone: PhoneState = PhoneState.UNKNOWN
    backed_off_until: int = 0
    call: CallId | None = None
    offer: OfferId | None = None
    talking: bool = False
    holding: bool = False
    """The caller of the talk is on hold."""
    wants_wrap_up: bool = False
    """Asked in the talk for time after it."""
    wants_help: bool = False
    last_talk: tuple[CallId, QueueName] | None = None
    """The call a remark is about that comes after it."""
    missed: dict[OfferOutcome, int] = {}
    """Offers missed in a row, by outcome."""
    last_miss: OfferOutcome | None = None
    """How the last offer was missed; None once one was answered."""

    @property
    def at_phone(self) -> PhoneName:
        """The phone to ring; empty for an agent without one of their own who has not logged in at any."""
        return self.seat or self.rule.phone

    @property
    def at_work(self) -> bool:
        """Logged in, or still in the call after which they leave."""
        return self.logged_in or self.call is not None

    @property
    def state_by_facts(self) -> AgentState:
        """The state that wishes, phone and work add up to.

        A phone nobody has told about yet counts as free: its switch is not in sync, so nothing is offered there.
        """
        if self.call is not None:
            if not self.talking:
                return AgentState.OFFERED
            return AgentState.ON_HOLD if self.holding else AgentState.TALKING
        if not self.logged_in:
            return AgentState.OFFLINE
        if self.wrap_up is not None:
            return AgentState.WRAP_UP
        if self.paused is not None:
            return AgentState.PAUSED
        if self.phone is PhoneState.UNREACHABLE:
            return AgentState.UNREACHABLE
        if self.phone is PhoneState.BUSY:
            return AgentState.DIRECT_CALL
        return AgentState.READY
