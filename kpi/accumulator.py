"""Facts in, numbers out: the fold that live numbers, the store and a replay of the journal all come from.

Each fact counts in the slot of its own `at` (the event-time ledger): a call that arrives at 7:28 and is answered at 7:32
is offered in the slot of 7:15 and answered in the slot of 7:30. Agents' states are clipped to the slots they lasted
in (the state ledger). The two are never divided by each other (kpi.definitions). What a threshold decides, such as
the service level, is not counted here but asked of the wait histograms, so the fold depends on the facts alone.

Facts come once and in the order of the journal.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Final

from acd.core import facts as f
from acd.core.dialogues import DialogueEnd, LookupEnd
from acd.core.ids import ms
from acd.core.outcomes import (
    AbandonStage,
    BlockReason,
    EndedBy,
    LeaveReason,
    OfferOutcome,
    SurveyOutcome,
    TransferKind,
    WayKind,
    WorkOutcome,
)
from kpi import following
from kpi.counters import Counters, Dimension
from kpi.histogram import tally
from kpi.ledger import Ledger, LedgerState
from kpi.rows import Row, total
from kpi.slots import SLOT_NS, slot_of, slots_between

QUEUE: Final = Dimension.QUEUE
AGENT: Final = Dimension.AGENT
TRUNK: Final = Dimension.TRUNK
IVR: Final = Dimension.IVR


class Accumulator:
    """All numbers so far. Not thread-safe: the routing loop owns it and hands out copies."""

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._slot_start = 0
        self._slot_end = 0

    @classmethod
    def from_state(cls, state: LedgerState) -> "Accumulator":
        """Go on where `state` was taken. Takes the state over; every row counts as changed, for the store may lag."""
        accumulator = cls()
        accumulator._ledger = Ledger(state)
        return accumulator

    def state(self) -> LedgerState:
        """A copy of everything, for the snapshot."""
        return self._ledger.state()

    def apply(self, fact: f.Fact) -> None:
        """Take one more fact in."""
        at = fact.at
        if not self._slot_start <= at < self._slot_end:
            self.tick(at)
        step = STEPS.get(type(fact))
        if step is not None:
            step(self._ledger, fact)

    def tick(self, at: int) -> None:
        """It is `at` (nanoseconds): slots that are over are closed on time though no fact comes. Changes no number."""
        slot = slot_of(at)
        self._ledger.turn_to(slot)
        self._slot_start, self._slot_end = slot * SLOT_NS, (slot + 1) * SLOT_NS

    def rows(self, *, dimension: Dimension, since: int, until: int, now: int) -> list[Row]:
        """Copies of the rows of the slots that [since, until) touches, by slot and name; open states run up to `now`.

        Moments in nanoseconds. ALL rows are added up from queues and agents.
        """
        rows = self._read(since, until, now)
        if dimension is Dimension.ALL:
            return total(rows)
        return sorted((row for row in rows if row.dimension is dimension), key=attrgetter("slot", "name"))

    def every_row(self, *, since: int, until: int, now: int) -> list[Row]:
        """The rows of queues, agents and trunk groups: what kpi.report.build takes."""
        return sorted(self._read(since, until, now), key=attrgetter("slot", "dimension", "name"))

    def _read(self, since: int, until: int, now: int) -> list[Row]:
        slots = slots_between(since, until)
        view = Ledger(self._ledger.state(slots))
        view.carry(ms(now))
        if view.slot is not None and view.slot in slots:
            view.look(view.slot, ms(now))
        return list(view.select(slots))

    def take_dirty(self) -> list[Row]:
        """Copies of the rows that changed since this was last called, with absolute values: what kpi.store takes."""
        return self._ledger.take_dirty()

    def forget(self, before: int) -> None:
        """Drop the stored rows of slots that end at or before that moment (nanoseconds). The present slot stays."""
        self._ledger.forget(slot_of(before))


# ---------------------------------------------------------------- calls

_BLOCKED: Final = {reason: f"blocked_{reason}" for reason in BlockReason}
_LEFT: Final = {reason: f"left_{reason}" for reason in LeaveReason}
_DIVERTED: Final = {kind: f"diverted_{kind}" for kind in WayKind}
_WORK: Final = {outcome: f"work_{outcome}" for outcome in WorkOutcome}
_OUTCOME: Final = {outcome: f"offer_{outcome}" for outcome in OfferOutcome}
_ENDED_BY: Final = {by: f"ended_by_{by}" for by in EndedBy}
_TRANSFERRED: Final = {kind: f"transferred_{kind}" for kind in TransferKind}


def _count(counts: Counters, name: str) -> None:
    setattr(counts, name, getattr(counts, name) + 1)


def _arrived(ledger: Ledger, fact: f.Arrived) -> None:
    following.opened(ledger, fact)
    for row in ledger.lines(fact.call, fact.queue):
        row.counts.arrived += 1
        if fact.work is not None:
            row.counts.attempts += 1
    if fact.trunk is not None:
        ledger.row(TRUNK, fact.trunk).counts.arrived += 1


def _blocked(ledger: Ledger, fact: f.Blocked) -> None:
    rows = ledger.lines(fact.call, fact.queue)
    if fact.trunk is not None:
        rows.append(ledger.row(TRUNK, fact.trunk))
    for row in rows:
        row.counts.blocked += 1
        if row.dimension is not Dimension.DNIS:
            _count(row.counts, _BLOCKED[fact.reason])


def _queued(ledger: Ledger, fact: f.Queued) -> None:
    following.queued(ledger, fact)
    for row in ledger.lines(fact.call, fact.queue):
        row.counts.offered += 1
        if fact.moved_from is not None:
            row.counts.moved_in += 1
    ledger.enter(fact.call, fact.queue, ms(fact.joined))


def _abandoned(ledger: Ledger, fact: f.Abandoned) -> None:
    for row in ledger.lines(fact.call, fact.queue):
        counts = row.counts
        if fact.stage is AbandonStage.RINGING:
            counts.abandoned_ringing += 1
        else:
            counts.abandoned_waiting += 1
        if fact.work:
            counts.attempts_abandoned += 1
        else:
            counts.wait_abandoned_ms += fact.wait_ms
            counts.wait_max_ms = max(counts.wait_max_ms, fact.wait_ms)
            tally(row.abandoned_waits, fact.wait_ms)
    ledger.leave(fact.call)


def _left(ledger: Ledger, fact: f.Left) -> None:
    for row in ledger.lines(fact.call, fact.queue):
        row.counts.left += 1
        row.counts.wait_left_ms += 0 if fact.work else fact.wait_ms
    _count(ledger.row(QUEUE, fact.queue).counts, _LEFT[fact.reason])
    ledger.leave(fact.call)


def _survey_rows(ledger: Ledger, fact: f.SurveyOffered | f.SurveyAnswered | f.SurveyEnded) -> list[Counters]:
    return [ledger.row(QUEUE, fact.queue).counts, ledger.row(AGENT, fact.agent).counts]


def _survey_offered(ledger: Ledger, fact: f.SurveyOffered) -> None:
    for counts in _survey_rows(ledger, fact):
        counts.surveys_offered += 1


def _survey_ended(ledger: Ledger, fact: f.SurveyEnded) -> None:
    for counts in _survey_rows(ledger, fact):
        counts.surveys_answered += fact.answers > 0
        counts.surveys_opted_out += fact.outcome is SurveyOutcome.OPTED_OUT


def _survey_answered(ledger: Ledger, fact: f.SurveyAnswered) -> None:
    for counts in _survey_rows(ledger, fact):
        _score(counts, fact.kind, fact.score)


def _score(counts: Counters, kind: str, score: int) -> None:
    match kind:
        case "csat":
            counts.csat_answers += 1
            counts.csat_good += score >= 4
            counts.csat_sum += score
        case "nps":
            counts.nps_answers += 1
            counts.nps_promoters += score >= 9
            counts.nps_detractors += score <= 6
        case "ces":
            counts.ces_answers += 1
            counts.ces_sum += score
        case _:
            counts.resolved_answers += 1
            counts.resolved_yes += score


def _work_added(ledger: Ledger, fact: f.WorkAdded) -> None:
    ledger.row(QUEUE, fact.queue).counts.work_added += 1
    following.work_added(ledger, fact)


def _work_reached(ledger: Ledger, fact: f.WorkReached) -> None:
    counts = ledger.row(QUEUE, fact.queue).counts
    counts.work_reached += 1
    counts.wait_work_ms += fact.waited_ms
    following.work_reached(ledger, fact)


def _work_missed(ledger: Ledger, fact: f.WorkMissed) -> None:
    ledger.row(QUEUE, fact.queue).counts.work_missed += 1


def _work_ended(ledger: Ledger, fact: f.WorkEnded) -> None:
    _count(ledger.row(QUEUE, fact.queue).counts, _WORK[fact.outcome])
    following.work_ended(ledger, fact)


def _diverted(ledger: Ledger, fact: f.Diverted) -> None:
    _count(ledger.row(QUEUE, fact.queue).counts, _DIVERTED[fact.kind])


def _ended(ledger: Ledger, fact: f.Ended) -> None:
    counts = ledger.row(QUEUE, fact.queue).counts
    counts.ended += 1
    counts.duration_ms += fact.duration_ms
    if fact.by is EndedBy.TRANSFER:
        counts.transferred_out_calls += 1
    if fact.trunk is not None:
        line = ledger.row(TRUNK, fact.trunk).counts
        line.ended += 1
        line.duration_ms += fact.duration_ms
    following.closed(ledger, fact)


def _trunk_peak(ledger: Ledger, fact: f.TrunkPeak) -> None:
    counts = ledger.row(TRUNK, fact.trunk).counts
    counts.peak = max(counts.peak, fact.up)


def _trunk_use(ledger: Ledger, fact: f.TrunkUse) -> None:
    counts = ledger.row(TRUNK, fact.trunk).counts
    counts.carried_ms += fact.up_ms
    counts.all_busy_ms += fact.busy_ms
    counts.out_of_order_ms += fact.out_of_order_ms


def _trunks_busy(ledger: Ledger, fact: f.TrunksBusy) -> None:
    if not fact.lasted_ms:
        ledger.row(TRUNK, fact.trunk).counts.all_busy_times += 1


def _trunk_alarm(ledger: Ledger, fact: f.TrunkAlarm) -> None:
    if fact.alarm:
        ledger.row(TRUNK, fact.trunk).counts.alarms += 1


# ---------------------------------------------------------------- dialogues before the queue

_DIALOGUE: Final = {end: f"dialogues_{end}" for end in DialogueEnd}


def _ivr_ended(ledger: Ledger, fact: f.IvrEnded) -> None:
    counts = ledger.row(IVR, fact.ivr).counts
    _count(counts, _DIALOGUE[fact.outcome])
    counts.dialogue_ms += fact.lasted_ms


def _lookup_done(ledger: Ledger, fact: f.LookupDone) -> None:
    counts = ledger.row(IVR, fact.ivr).counts
    counts.lookups += 1
    if fact.outcome not in {LookupEnd.OK, LookupEnd.NOT_FOUND}:
        counts.lookups_failed += 1


# ---------------------------------------------------------------- offers and talks


def _offered(ledger: Ledger, fact: f.Offered) -> None:
    ledger.row(QUEUE, fact.queue).counts.offers += 1
    ledger.row(AGENT, fact.agent).counts.offers += 1


def _offer_ended(ledger: Ledger, fact: f.OfferEnded) -> None:
    name = _OUTCOME[fact.outcome]
    for row in (ledger.row(QUEUE, fact.queue), ledger.row(AGENT, fact.agent)):
        _count(row.counts, name)
        row.counts.ring_ms += fact.ring_ms
        tally(row.rings, fact.ring_ms)


def _answered(ledger: Ledger, fact: f.Answered) -> None:
    agent = ledger.row(AGENT, fact.agent).counts
    agent.answered += 1
    agent.attempts_answered += fact.work
    for row in ledger.lines(fact.call, fact.queue):
        counts = row.counts
        counts.answered += 1
        if fact.work:  # nobody listened to music: such a wait says nothing of the service level
            counts.attempts_answered += 1
            continue
        counts.wait_answered_ms += fact.wait_ms
        counts.wait_max_ms = max(counts.wait_max_ms, fact.wait_ms)
        tally(row.answered_waits, fact.wait_ms)
    ledger.leave(fact.call)
    following.answered(ledger, fact)


def _talked(ledger: Ledger, fact: f.Talked) -> None:
    by = _ENDED_BY[fact.by]
    for row in (ledger.row(QUEUE, fact.queue), ledger.row(AGENT, fact.agent)):
        counts = row.counts
        counts.handled += 1
        counts.talk_ms += fact.talk_ms
        tally(row.talks, fact.talk_ms)
        _count(counts, by)
        if fact.hold_ms:
            counts.held_talks += 1
            counts.hold_ms += fact.hold_ms
        if fact.estimated:
            counts.estimated_talks += 1
    following.talked(ledger, fact)


def _wrap_up_ended(ledger: Ledger, fact: f.WrapUpEnded) -> None:
    for counts in (ledger.row(QUEUE, fact.queue).counts, ledger.row(AGENT, fact.agent).counts):
        counts.wrap_ups += 1
        counts.wrap_up_ms += fact.wrap_up_ms
    following.wrapped_up(ledger, fact)


def _transferred(ledger: Ledger, fact: f.Transferred) -> None:
    name = _TRANSFERRED[fact.kind]
    for counts in (ledger.row(QUEUE, fact.queue).counts, ledger.row(AGENT, fact.agent).counts):
        _count(counts, name)


def _transferred_to_queue(ledger: Ledger, fact: f.TransferredToQueue) -> None:
    for counts in (ledger.row(QUEUE, fact.queue).counts, ledger.row(AGENT, fact.agent).counts):
        counts.transferred_to_queue += 1


def _state_changed(ledger: Ledger, fact: f.StateChanged) -> None:
    end = ms(fact.at)
    ledger.change_state(fact.agent, fact.before, fact.after, (end - fact.lasted_ms, end))
    following.state_changed(ledger, fact)


STEPS: Final[Mapping[type[f.Fact], Callable[[Ledger, Any], None]]] = {
    f.Arrived: _arrived,
    f.CallerChanged: following.caller_changed,
    f.Classified: following.classified,
    f.LoggedIn: following.logged_in,
    f.Paused: following.paused,
    f.Resumed: following.resumed,
    f.OffShift: following.off_shift,
    f.Blocked: _blocked,
    f.Queued: _queued,
    f.Abandoned: _abandoned,
    f.Left: _left,
    f.Diverted: _diverted,
    f.SurveyOffered: _survey_offered,
    f.SurveyAnswered: _survey_answered,
    f.SurveyEnded: _survey_ended,
    f.WorkAdded: _work_added,
    f.WorkReached: _work_reached,
    f.WorkMissed: _work_missed,
    f.WorkEnded: _work_ended,
    f.Ended: _ended,
    f.TrunkPeak: _trunk_peak,
    f.TrunkUse: _trunk_use,
    f.TrunksBusy: _trunks_busy,
    f.TrunkAlarm: _trunk_alarm,
    f.IvrEnded: _ivr_ended,
    f.LookupDone: _lookup_done,
    f.Offered: _offered,
    f.OfferEnded: _offer_ended,
    f.Answered: _answered,
    f.Talked: _talked,
    f.WrapUpEnded: _wrap_up_ended,
    f.Transferred: _transferred,
    f.TransferredToQueue: _transferred_to_queue,
    f.StateChanged: _state_changed,
}
"""The facts that count, and how. All others only tell what time it is."""
