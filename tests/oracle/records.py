"""What the reference router keeps of calls and agents: plain lists and fields, no indexes."""

from collections.abc import Mapping

import msgspec

from acd.core.ids import AgentName, CallId, OfferId, QueueName, SwitchName, offer_id
from acd.core.outcomes import OfferOutcome, PhoneState
from acd.core.requirement import Requirement
from acd.core.rules import AgentRule
from acd.core.states import AgentState


class Ring(msgspec.Struct):
    """One phone of an offer."""

    offer: OfferId
    agent: AgentName
    rescinding: bool = False


class OracleCall(msgspec.Struct, kw_only=True):
    """A call that has not ended."""

    id: CallId
    number: int
    switch: SwitchName
    queue: QueueName
    caller: str
    joined: int
    entered: int
    looked_at: int
    """When it was last put to its place: what its wait is measured by until its timer fires."""
    credit: int
    own: Requirement
    variables: Mapping[str, str]
    priority: int
    stage: int = 0
    been: list[QueueName] = []
    """Queues it was sent on from."""
    prefer: tuple[tuple[AgentName, int], ...] = ()
    direct: AgentName | None = None
    alone_until: int | None = None
    """Until then it waits for certain agents alone."""
    move_to: QueueName | None = None
    timed_out: bool = False
    attached: bool = True
    talking: bool = False
    rings: list[Ring] = []
    offers_made: int = 0
    held_off: list[AgentName] = []
    tried: list[AgentName] = []
    retry_at: int | None = None

    @property
    def place(self) -> int:
        """What the order counts waiting from."""
        return self.joined - self.credit

    @property
    def limited_from(self) -> int:
        """What the longest wait counts from."""
        return self.entered if self.been else self.joined

    @property
    def waits(self) -> bool:
        """Whether it can be given to an agent now."""
        return not self.talking and not self.rings and self.attached

    @property
    def named(self) -> tuple[AgentName, ...]:
        """Whom it waits for alone, if it does."""
        if self.alone_until is None:
            return ()
        return (self.direct,) if self.direct is not None else tuple(name for name, _ in self.prefer)

    def ring(self, agent: AgentName) -> None:
        """One more phone rings."""
        self.offers_made += 1
        self.rings.append(Ring(offer_id(self.id, self.offers_made), agent))


class OracleAgent(msgspec.Struct, kw_only=True):
    """An agent of the rules."""

    rule: AgentRule
    state: AgentState = AgentState.OFFLINE
    since: int = 0
    ready: bool = False
    logged_in: bool = False
    leaving: bool = False
    paused: str | None = None
    wrapping_up: bool = False
    phone: PhoneState = PhoneState.UNKNOWN
    call: CallId | None = None
    talking: bool = False
    backed_off_until: int = 0
    idle_since: int = 0
    idle_any: int = 0
    busy_share: float = 0.0
    answers: list[int] = []
    missed: dict[OfferOutcome, int] = {}

    @property
    def name(self) -> AgentName:
        """Who it is."""
        return self.rule.name

    @property
    def state_now(self) -> AgentState:
        """What wishes, phone and work add up to."""
        if self.call is not None:
            return AgentState.TALKING if self.talking else AgentState.OFFERED
        if not self.logged_in:
            return AgentState.OFFLINE
        if self.wrapping_up:
            return AgentState.WRAP_UP
        if self.paused is not None:
            return AgentState.PAUSED
        known = {PhoneState.UNREACHABLE: AgentState.UNREACHABLE, PhoneState.BUSY: AgentState.DIRECT_CALL}
        return known.get(self.phone, AgentState.READY)
