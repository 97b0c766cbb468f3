"""The story of a call outside of offers and talks."""

from collections.abc import Mapping

from acd.core.facts.fact import Fact
from acd.core.ids import AgentName, CallId, QueueName, SwitchName, TrunkGroup, Uniqueid, WorkId
from acd.core.outcomes import AbandonStage, BlockReason, Disposition, EndedBy, LeaveReason, WayKind


class Arrived(Fact, frozen=True, kw_only=True, tag="call_arrived", omit_defaults=True):
    """A caller asked for a queue. Every call has exactly one."""

    call: CallId
    queue: QueueName
    switch: SwitchName
    channel: str
    uniqueid: Uniqueid
    caller: str = ""
    caller_name: str = ""
    trunk: TrunkGroup | None = None
    parent: CallId | None = None
    dialled: str = ""
    """The number the caller dialled, where the switch tells it."""
    work: WorkId | None = None
    """An attempt at a callback or message enters the line: nobody called."""


class Blocked(Fact, frozen=True, kw_only=True, tag="call_blocked", omit_defaults=True):
    """The call was refused before it entered a queue."""

    call: CallId
    queue: QueueName
    reason: BlockReason
    trunk: TrunkGroup | None = None


class Queued(Fact, frozen=True, kw_only=True, tag="call_queued", omit_defaults=True):
    """The call entered the queue (is offered, in the words of reports).

    `joined` may lie before `at`: after an outage, and for a call that comes from another queue (`moved_from`).
    """

    call: CallId
    queue: QueueName
    joined: int
    needs: str = ""
    """What the call asks for beyond the queue, as an expression."""
    variables: Mapping[str, str] = {}
    priority: int = 0
    credit: int = 0
    prefer: tuple[tuple[AgentName, int], ...] = ()
    direct: AgentName | None = None
    prefer_until: int = 0
    """Until when it waits for these alone; 0: not at all."""
    moved_from: QueueName | None = None
    ahead: int = 0
    """Calls before it in its queue."""
    expected_ms: int | None = None
    """The wait to expect by then; None: nobody at work could serve. Answered.wait_ms tells how good it was."""


class Misread(Fact, frozen=True, kw_only=True, tag="call_misread", omit_defaults=True):
    """Parts of the call's request made no sense and were left out; the queue's own rules count."""

    call: CallId
    queue: QueueName
    parts: tuple[str, ...]


class PlaceRestored(Fact, frozen=True, kw_only=True, tag="place_restored", omit_defaults=True):
    """A caller who gave up as call `earlier` is back and has the old place."""

    call: CallId
    queue: QueueName
    earlier: CallId
    credit: int


class StepTaken(Fact, frozen=True, kw_only=True, tag="step_taken", omit_defaults=True):
    """A waiting call is at step `step` (from 1) of its queue."""

    call: CallId
    queue: QueueName
    step: int
    skipped: bool = False
    """Before its time, because nobody could serve what was asked for."""


class Reordered(Fact, frozen=True, kw_only=True, tag="call_reordered", omit_defaults=True):
    """The call's own priority or credit (for the order, nanoseconds) is another from here on."""

    call: CallId
    queue: QueueName
    priority: int
    credit: int


class Picked(Fact, frozen=True, kw_only=True, tag="call_picked", omit_defaults=True):
    """A person gave the waiting call to one agent: it waits for that one alone until then."""

    call: CallId
    queue: QueueName
    agent: AgentName
    until: int


class PreferenceEnded(Fact, frozen=True, kw_only=True, tag="preference_ended", omit_defaults=True):
    """The call no longer waits for certain agents alone."""

    call: CallId
    queue: QueueName
    why: str


class Advice(Fact, frozen=True, kw_only=True, tag="advice", omit_defaults=True):
    """An outside program was asked whom to offer the call to; `agent` None: the strategy decided, `why` tells."""

    call: CallId
    queue: QueueName
    agent: AgentName | None = None
    why: str = ""


class Starved(Fact, frozen=True, kw_only=True, tag="call_starved", omit_defaults=True):
    """The call could have been served but others that came later were, `overtaken` times so far."""

    call: CallId
    queue: QueueName
    overtaken: int


class ReserveChanged(Fact, frozen=True, kw_only=True, tag="reserve_changed", omit_defaults=True):
    """The reserve agents of a queue begin or cease to help out, because of that estimated wait."""

    queue: QueueName
    on: bool
    expected_ms: int | None = None


class Returned(Fact, frozen=True, kw_only=True, tag="call_returned", omit_defaults=True):
    """The call came back through the dialplan after its session was lost."""

    call: CallId
    queue: QueueName


class SessionEnded(Fact, frozen=True, kw_only=True, tag="call_session_lost", omit_defaults=True):
    """The call lives on, out of the router's reach until it returns."""

    call: CallId
    queue: QueueName


class CallerChanged(Fact, frozen=True, kw_only=True, tag="caller_changed", omit_defaults=True):
    """An attended transfer put another caller into this call."""

    call: CallId
    queue: QueueName
    parent: CallId | None
    channel: str
    uniqueid: Uniqueid
    caller: str = ""
    caller_name: str = ""


class Abandoned(Fact, frozen=True, kw_only=True, tag="call_abandoned", omit_defaults=True):
    """The caller hung up before an agent answered."""

    call: CallId
    queue: QueueName
    stage: AbandonStage
    wait_ms: int
    estimated: bool = False
    work: bool = False
    """It was an attempt at work: nobody waited on the line."""


class Left(Fact, frozen=True, kw_only=True, tag="call_left", omit_defaults=True):
    """The call left the queue unserved, not by the caller's wish."""

    call: CallId
    queue: QueueName
    reason: LeaveReason
    wait_ms: int
    key: str = ""
    """What the caller pressed, where that is the reason."""
    work: bool = False
    """It was an attempt at work: nobody waited on the line."""


class Diverted(Fact, frozen=True, kw_only=True, tag="call_diverted", omit_defaults=True):
    """The call was sent a way out of its queue, or kept out of it and sent that way, because of `reason`."""

    call: CallId
    queue: QueueName
    reason: str
    """A BlockReason or a LeaveReason."""
    kind: WayKind
    target: str = ""


class Ended(Fact, frozen=True, kw_only=True, tag="call_ended", omit_defaults=True):
    """The end of the call's story. Every call has exactly one."""

    call: CallId
    queue: QueueName
    disposition: Disposition
    by: EndedBy
    duration_ms: int
    trunk: TrunkGroup | None = None
