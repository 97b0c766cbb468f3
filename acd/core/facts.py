"""What was decided and seen: the input of KPIs, wallboards, logs and of a restart. Append-only, so change with care.

Every fact is one line of the journal, tagged by `fact`. Fields may be added with a default; a change of meaning gets a
new tag. `at` is nanoseconds (see acd.core.events), durations are whole milliseconds named `…_ms`, `generation` is the
configuration the router decided by. Together the facts are enough to rebuild what the router must remember
(acd.core.memory), which is what makes a restart exact.
"""

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
)
from acd.core.outcomes import (
    AbandonStage,
    BlockReason,
    Disposition,
    EndedBy,
    LeaveReason,
    OfferOutcome,
    TransferKind,
)
from acd.core.states import AgentState


class Fact(msgspec.Struct, frozen=True, kw_only=True, tag_field="fact", omit_defaults=True, gc=False):
    """Something that is so since `at`."""

    at: int
    generation: int = 0


# ---------------------------------------------------------------- the call


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


class Left(Fact, frozen=True, kw_only=True, tag="call_left", omit_defaults=True):
    """The call left the queue unserved, not by the caller's wish."""

    call: CallId
    queue: QueueName
    reason: LeaveReason
    wait_ms: int


class Ended(Fact, frozen=True, kw_only=True, tag="call_ended", omit_defaults=True):
    """The end of the call's story. Every call has exactly one."""

    call: CallId
    queue: QueueName
    disposition: Disposition
    by: EndedBy
    duration_ms: int
    trunk: TrunkGroup | None = None


# ---------------------------------------------------------------- offers and talks


class Rival(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A free agent who could have served and was not chosen."""

    agent: AgentName
    skill: int = 0
    idle_ms: int = 0
    value: float | None = None
    """What the strategy compares besides: occupied share, calls, place in the list, weight."""
    note: str = ""

    @property
    def why(self) -> str:
        """The values in words."""
        compared = "" if self.value is None else f", {self.value:g}"
        return f"skill sum {self.skill}{compared}, idle {self.idle_ms} ms" + (
            f", {self.note}" if self.note else ""
        )


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why this agent: what `acd explain` prints. The full list is rebuilt on demand (acd.core.explain)."""

    rule: str
    """What decided: a strategy, "preferred", "direct" or "advice"."""
    side: str = "call"
    """Who chose: "call" took the best agent, "agent" took the first call."""
    skill: int = 0
    idle_ms: int = 0
    value: float | None = None
    """The winner's values, as in Rival."""
    free: int = 0
    """Agents free at that moment, whatever they serve."""
    rivals: tuple[Rival, ...] = ()
    """Free agents who could have served, nearest first; at most 8."""
    excluded: Mapping[str, int] = {}
    """Free agents who could not serve, by reason."""
    elsewhere: Mapping[str, int] = {}
    """How many agents were in each other state."""
    chose: str = ""
    """How the agent chose among queues, when that was not the order of the line."""


class Offered(Fact, frozen=True, kw_only=True, tag="offer_made", omit_defaults=True):
    """A phone is being rung for a call."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    phone: PhoneName
    wait_ms: int
    decision: Decision
    shares_of: str = ""
    """Whose shares the call counts in, where agents choose by percent."""


class OfferEnded(Fact, frozen=True, kw_only=True, tag="offer_ended", omit_defaults=True):
    """The one terminal outcome of an offer. `ring_ms` counts from the phone's first ring, 0 if it never rang."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    outcome: OfferOutcome
    ring_ms: int
    cause: str = ""


class Answered(Fact, frozen=True, kw_only=True, tag="call_answered", omit_defaults=True):
    """Agent and caller talk."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    wait_ms: int
    ring_ms: int
    leg: Uniqueid = Uniqueid("")
    leg_channel: str = ""
    estimated: bool = False


class HeldCaller(Fact, frozen=True, kw_only=True, tag="hold_started", omit_defaults=True):
    """The agent put the caller on hold."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName


class TookBack(Fact, frozen=True, kw_only=True, tag="hold_ended", omit_defaults=True):
    """The agent took the caller back, or the talk ended on hold."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    hold_ms: int


class Transferred(Fact, frozen=True, kw_only=True, tag="call_transferred", omit_defaults=True):
    """The agent gave the caller away. Counted once, by kind."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    kind: TransferKind
    target: str = ""
    into: CallId | None = None


class TransferredToQueue(Fact, frozen=True, kw_only=True, tag="transfer_reached_queue", omit_defaults=True):
    """The caller an agent gave away arrived in a queue of ours as call `into`."""

    call: CallId
    queue: QueueName
    agent: AgentName
    kind: TransferKind
    into: CallId


class Talked(Fact, frozen=True, kw_only=True, tag="talk_ended", omit_defaults=True):
    """One agent's part of a call is over: `talk_ms` without `hold_ms`."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    talk_ms: int
    hold_ms: int
    by: EndedBy
    estimated: bool = False


# ---------------------------------------------------------------- agents


class LoggedIn(Fact, frozen=True, kw_only=True, tag="agent_logged_in", omit_defaults=True):
    """The agent is at work."""

    agent: AgentName
    phone: PhoneName


class LoggedOut(Fact, frozen=True, kw_only=True, tag="agent_logged_out", omit_defaults=True):
    """The agent has left; `reason` is empty for the agent's own wish."""

    agent: AgentName
    reason: str = ""


class Paused(Fact, frozen=True, kw_only=True, tag="agent_paused", omit_defaults=True):
    """The agent wants no calls. In a call: from its end on."""

    agent: AgentName
    reason: str = ""


class Resumed(Fact, frozen=True, kw_only=True, tag="agent_resumed", omit_defaults=True):
    """The agent wants calls again."""

    agent: AgentName


class StateChanged(Fact, frozen=True, kw_only=True, tag="agent_state", omit_defaults=True):
    """The agent's state from here on; the state before lasted `lasted_ms`."""

    agent: AgentName
    before: AgentState
    after: AgentState
    lasted_ms: int
    reason: str = ""
    queue: QueueName | None = None


class WrapUpStarted(Fact, frozen=True, kw_only=True, tag="wrap_up_started", omit_defaults=True):
    """Work after the talk, until that moment at the latest."""

    call: CallId
    queue: QueueName
    agent: AgentName
    until: int


class WrapUpEnded(Fact, frozen=True, kw_only=True, tag="wrap_up_ended", omit_defaults=True):
    """Work after the talk is over."""

    call: CallId
    queue: QueueName
    agent: AgentName
    wrap_up_ms: int


class BackedOff(Fact, frozen=True, kw_only=True, tag="agent_backed_off", omit_defaults=True):
    """The agent gets no offers until then because of how the last one ended."""

    agent: AgentName
    outcome: OfferOutcome
    until: int


# ---------------------------------------------------------------- the engine, its switches and lines


class RulesApplied(Fact, frozen=True, kw_only=True, tag="rules_applied", omit_defaults=True):
    """A configuration came into force; its generation is the fact's own."""

    queues: int
    agents: int
    removed_queues: tuple[QueueName, ...] = ()
    window: int = 0
    """What "lately" means to strategies, nanoseconds."""


class EngineStarted(Fact, frozen=True, kw_only=True, tag="engine_started", omit_defaults=True):
    """The daemon started; `clean` tells whether its last end was orderly."""

    clean: bool
    open_calls: int = 0
    version: str = ""


class EngineStopped(Fact, frozen=True, kw_only=True, tag="engine_stopped", omit_defaults=True):
    """The daemon ended in order."""

    open_calls: int = 0


class LinkLost(Fact, frozen=True, kw_only=True, tag="switch_lost", omit_defaults=True):
    """The link to an Asterisk went down."""

    switch: SwitchName
    reason: str = ""


class LinkSynced(Fact, frozen=True, kw_only=True, tag="switch_synced", omit_defaults=True):
    """The link is up again and the states agree."""

    switch: SwitchName


class TrunkPeak(Fact, frozen=True, kw_only=True, tag="trunk_peak", omit_defaults=True):
    """More calls are up on a trunk group than before in this quarter of an hour."""

    trunk: TrunkGroup
    up: int
    capacity: int | None = None


class Stale(Fact, frozen=True, kw_only=True, tag="stale_event", omit_defaults=True):
    """A late or duplicate event: named, counted, without effect."""

    event: str
    subject: str
    why: str


class Refuted(Fact, frozen=True, kw_only=True, tag="invalid_step", omit_defaults=True):
    """An event that the state tables do not allow: a defect of ours, counted in production, an error in tests."""

    event: str
    subject: str
    why: str


AnyFact = (
    Arrived
    | Blocked
    | Queued
    | Returned
    | SessionEnded
    | CallerChanged
    | Misread
    | PlaceRestored
    | StepTaken
    | Reordered
    | PreferenceEnded
    | Advice
    | Starved
    | ReserveChanged
    | Abandoned
    | Left
    | Ended
    | Offered
    | OfferEnded
    | Answered
    | HeldCaller
    | TookBack
    | Transferred
    | TransferredToQueue
    | Talked
    | LoggedIn
    | LoggedOut
    | Paused
    | Resumed
    | StateChanged
    | WrapUpStarted
    | WrapUpEnded
    | BackedOff
    | RulesApplied
    | EngineStarted
    | EngineStopped
    | LinkLost
    | LinkSynced
    | TrunkPeak
    | Stale
    | Refuted
)
"""The closed union, for decoders."""
