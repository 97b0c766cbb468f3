"""The router's record of one open call. Mutable, and mutated only by the handlers of this package."""

from collections.abc import Mapping

import msgspec

from acd.core.ids import (
    AgentName,
    CallId,
    OfferId,
    PhoneName,
    QueueName,
    SwitchName,
    TrunkGroup,
    Uniqueid,
    WorkId,
)
from acd.core.outcomes import LeaveReason
from acd.core.requirement import ANYBODY, Requirement
from acd.core.states import CallState

LineKey = tuple[int, int, int]
"""(minus score, place, number): a strict total order among calls of one ageing rate, smallest first."""


class LiveOffer(msgspec.Struct, kw_only=True, gc=False):
    """A phone being rung, or the talk that came of it."""

    id: OfferId
    agent: AgentName
    phone: PhoneName
    made_at: int
    rang_at: int | None = None
    answered_at: int | None = None
    held_since: int | None = None
    hold_ms: int = 0
    leg: Uniqueid = Uniqueid("")
    """The phone's channel in the talk, to find it again after a restart."""
    rescinding: bool = False


class Call(msgspec.Struct, kw_only=True, gc=False):
    """One call from its entry into a queue to its end."""

    id: CallId
    number: int
    """Order of arrival in this process: the last tie-break."""
    switch: SwitchName
    channel: str
    uniqueid: Uniqueid
    queue: QueueName
    caller: str = ""
    caller_name: str = ""
    work: WorkId | None = None
    """It is an attempt at a piece of work: nobody waits on a line, until there is one (`channel`)."""
    trunk: TrunkGroup | None = None
    parent: CallId | None = None
    arrived: int
    joined: int
    """When the wait began; going on to another queue does not change it."""
    entered: int
    """When the call entered the queue it is in: what the steps count from."""
    credit: int = 0
    """Nanoseconds that count as waiting for the order only."""
    need: Requirement = ANYBODY
    """What this caller needs beyond the queue's own requirement."""
    variables: Mapping[str, str] = {}
    priority: int = 0
    """This call's own; the queue's and the steps' are added."""
    stage: int = 0
    """Steps of the queue that have been taken."""
    prefer: tuple[tuple[AgentName, int], ...] = ()
    """Agents to wait for alone until `prefer_until`, with scores."""
    prefer_until: int = 0
    direct: AgentName | None = None
    """The one agent to wait for until `prefer_until`, whatever that one serves."""
    been: tuple[QueueName, ...] = ()
    """Queues it has left for another: it never goes back there by itself."""
    move_to: QueueName | None = None
    """Where a person sends it once the phone that rings is quiet."""
    timed_out: bool = False
    """Waited long enough; leaves when the phone that rings is quiet."""
    left: LeaveReason | None = None
    """Why it left unserved; it is over then."""
    state: CallState = CallState.WAITING
    attached: bool = True
    """A live session exists: the call can be offered."""
    answered: bool = False
    """The caller's line was answered, so that music can be heard."""
    asking: int = 0
    """The question an outside program has not answered yet; 0: none."""
    questions: int = 0
    advised: bool = False
    """An outside program was asked about the next offer."""
    offers_made: int = 0
    offers: list[LiveOffer] = []
    """Phones being rung; in a talk the one that answered."""
    held_off: dict[AgentName, int] | None = None
    """Agents not to be offered this call again before that moment."""
    tried: set[AgentName] | None = None
    """Agents who did not take it: others come first."""
    recording: str = ""
    """The file it was being recorded into when the router was recalled; kept up by the shell since."""
    silenced: bool = False
    """The same for a recording that hears silence."""
    overtaken: int = 0
    retry_at: int = 0
    """When to try again to send it on; 0: not waiting for that."""
    timer_at: int | None = None
    """When the call's own timer is due."""
    expected: tuple[int, int, float] | None = None
    """The last estimate told: until when, calls ahead, agents."""

    @property
    def place(self) -> int:
        """The moment that waiting counts from, for the order."""
        return self.joined - self.credit

    @property
    def limited_from(self) -> int:
        """What the queue's longest wait counts from: the whole wait, but anew in a queue it was sent on to."""
        return self.entered if self.been else self.joined

    @property
    def offer(self) -> LiveOffer | None:
        """The talk, or the first phone that rings."""
        return self.offers[0] if self.offers else None

    def offer_named(self, offer: OfferId) -> LiveOffer | None:
        """The live offer with that id."""
        return next((live for live in self.offers if live.id == offer), None)

    @property
    def matchable(self) -> bool:
        """Whether the call may be given to an agent now."""
        return self.state is CallState.WAITING and self.attached and not self.asking
