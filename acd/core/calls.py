"""The router's record of one open call. Mutable, and mutated only by the handlers of this package."""

import msgspec

from acd.core.ids import AgentName, CallId, OfferId, PhoneName, QueueName, SwitchName, TrunkGroup, Uniqueid
from acd.core.requirement import Requirement
from acd.core.states import CallState

LineKey = tuple[int, int, int]
"""(minus priority, joined, number): a strict total order, smallest first."""


class LiveOffer(msgspec.Struct, kw_only=True):
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


class Call(msgspec.Struct, kw_only=True):
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
    trunk: TrunkGroup | None = None
    parent: CallId | None = None
    arrived: int
    joined: int
    own_require: Requirement = ()
    """What this caller needs beyond the queue's own requirement."""
    require: Requirement = ()
    """Both together, by the rules in force."""
    own_priority: int = 0
    priority: int = 0
    state: CallState = CallState.WAITING
    attached: bool = True
    """A live session exists: the call can be offered."""
    answered: bool = False
    """The caller's line was answered, so that music can be heard."""
    offers_made: int = 0
    offer: LiveOffer | None = None
    held_off: dict[AgentName, int] = {}
    """Agents not to be offered this call again before that moment."""

    @property
    def line_key(self) -> LineKey:
        """The place in the line; a failed offer does not change it."""
        return (-self.priority, self.joined, self.number)

    @property
    def matchable(self) -> bool:
        """Whether the call may be given to an agent now."""
        return self.state is CallState.WAITING and self.attached
