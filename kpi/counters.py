"""The one table of counters. Rows, SQLite columns, reports and the snapshot all derive from it.

A counter is a whole number that facts add to (see kpi.accumulator for which). Its meaning, unit, home and way of
merging stand beside its name; `CATALOGUE` is the same table as data. A new counter is one line here and one in the
accumulator: columns are added to old stores, old snapshots read as 0. A changed meaning is a new name.
"""

from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Annotated, Final, get_args, get_type_hints

import msgspec


@unique
class Dimension(StrEnum):
    """What a row of numbers is about. ALL is never stored: it is added up from queues, agents and dialogues on read."""

    QUEUE = "queue"
    AGENT = "agent"
    TRUNK = "trunk"
    IVR = "ivr"
    DNIS = "dnis"
    """The number that was dialled."""
    SKILL = "skill"
    """A skill that calls asked for, beyond what their queue asks for. A call may ask for several."""
    TEAM = "team"
    """Never stored: added up from its agents on read."""
    ALL = "all"


@unique
class Merge(StrEnum):
    """How two values of a counter become one."""

    SUM = "sum"
    MAX = "max"
    FIRST = "first"
    """Over time the earliest counts; over names they add up."""
    LAST = "last"
    """Over time the latest counts; over names they add up."""
    LATEST = "latest"
    """Over time the latest counts; over names the largest."""


class Counter(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a counter beside its value."""

    meaning: str
    unit: str
    homes: frozenset[Dimension]
    """Rows of other dimensions do not have it, which is not the same as 0."""
    merge: Merge


_QUEUE: Final = frozenset({Dimension.QUEUE, Dimension.ALL})
_AGENT: Final = frozenset({Dimension.AGENT, Dimension.TEAM, Dimension.ALL})
_TRUNK: Final = frozenset({Dimension.TRUNK})
_IVR: Final = frozenset({Dimension.IVR, Dimension.ALL})
_LINES: Final = _QUEUE | _TRUNK
_WORK: Final = _QUEUE | _AGENT
_FLOW: Final = _QUEUE | {Dimension.DNIS, Dimension.SKILL}
_TALKS: Final = _WORK | _FLOW
_ARRIVALS: Final = _LINES | {Dimension.DNIS}


def _calls(meaning: str, homes: frozenset[Dimension], merge: Merge = Merge.SUM) -> Counter:
    return Counter(meaning=meaning, unit="calls", homes=homes, merge=merge)


def _offers(meaning: str) -> Counter:
    return Counter(meaning=meaning, unit="offers", homes=_WORK, merge=Merge.SUM)


def _talks(meaning: str) -> Counter:
    return Counter(meaning=meaning, unit="talks", homes=_WORK, merge=Merge.SUM)


def _work(meaning: str) -> Counter:
    return Counter(meaning=meaning, unit="pieces of work", homes=_QUEUE, merge=Merge.SUM)


def _owed(meaning: str) -> Counter:
    return Counter(meaning=meaning, unit="customers", homes=_QUEUE, merge=Merge.LAST)


def _shifts(meaning: str) -> Counter:
    return Counter(meaning=meaning, unit="shifts", homes=_AGENT, merge=Merge.SUM)


def _answers(meaning: str) -> Counter:
    return Counter(meaning=f"survey: {meaning}", unit="answers", homes=_WORK, merge=Merge.SUM)


def _ms(meaning: str, homes: frozenset[Dimension], merge: Merge = Merge.SUM) -> Counter:
    return Counter(meaning=meaning, unit="ms", homes=homes, merge=merge)


class Counters(msgspec.Struct, omit_defaults=True, gc=False):
    """All counters of one row. Mutable: the ledger adds to it."""

    # ------------------------------------------------------------ calls in
    arrived: Annotated[int, _calls("asked for the queue", _ARRIVALS)] = 0
    blocked: Annotated[int, _calls("refused before they entered the queue", _ARRIVALS)] = 0
    blocked_unknown_queue: Annotated[int, _calls("blocked: no queue of that name", _LINES)] = 0
    blocked_queue_full: Annotated[int, _calls("blocked: too many waiting", _LINES)] = 0
    blocked_nobody_logged_in: Annotated[int, _calls("blocked: no agent at work", _LINES)] = 0
    blocked_closed: Annotated[int, _calls("blocked: out of hours", _LINES)] = 0
    blocked_trunk_full: Annotated[int, _calls("blocked: trunk group at its capacity", _LINES)] = 0
    blocked_overload: Annotated[int, _calls("blocked: host at its limit", _LINES)] = 0
    blocked_engine_down: Annotated[int, _calls("blocked: daemon not running", _LINES)] = 0
    blocked_long_wait: Annotated[int, _calls("blocked: too long a wait to expect", _LINES)] = 0
    offered: Annotated[int, _calls("entered the queue", _FLOW)] = 0
    moved_in: Annotated[int, _calls("entered the queue from another, with their age", _FLOW)] = 0

    # ------------------------------------------------------------ calls out
    answered: Annotated[int, _calls("answered by an agent", _TALKS)] = 0
    abandoned_waiting: Annotated[int, _calls("caller hung up while no phone rang", _FLOW)] = 0
    abandoned_ringing: Annotated[int, _calls("caller hung up while a phone rang", _FLOW)] = 0
    left: Annotated[int, _calls("left the queue unserved, not by the caller's wish", _FLOW)] = 0
    left_redirected: Annotated[int, _calls("left: sent elsewhere", _QUEUE)] = 0
    left_withdrawn: Annotated[int, _calls("left: taken out of the queue", _QUEUE)] = 0
    left_lost_by_platform: Annotated[int, _calls("left: lost by Asterisk", _QUEUE)] = 0
    left_timed_out: Annotated[int, _calls("left: waited as long as the queue allows", _QUEUE)] = 0
    left_no_agents: Annotated[int, _calls("left: nobody was there any more", _QUEUE)] = 0
    left_key: Annotated[int, _calls("left: pressed an exit key", _QUEUE)] = 0
    left_overflowed: Annotated[int, _calls("left: went on to another queue by a step", _QUEUE)] = 0
    left_picked_up: Annotated[int, _calls("left: taken at a phone of no agent", _QUEUE)] = 0
    left_moved: Annotated[int, _calls("left: sent on to another queue by a person", _QUEUE)] = 0
    left_closed: Annotated[int, _calls("left: the queue closed", _QUEUE)] = 0
    left_not_reached: Annotated[int, _calls("left: an attempt that reached nobody", _QUEUE)] = 0
    left_cancelled: Annotated[int, _calls("left: an attempt at work that is over", _QUEUE)] = 0
    left_quiet: Annotated[int, _calls("left: an attempt out of calling hours", _QUEUE)] = 0
    attempts: Annotated[int, _calls("of those arrived: attempts at callbacks and messages", _FLOW)] = 0
    attempts_answered: Annotated[int, _calls("of those answered: attempts, an agent took them", _TALKS)] = 0
    attempts_abandoned: Annotated[int, _calls("of those abandoned: attempts", _FLOW)] = 0
    work_added: Annotated[int, _work("callbacks and messages taken in")] = 0
    work_reached: Annotated[int, _work("customers reached, messages heard")] = 0
    work_missed: Annotated[int, _work("attempts that reached nobody")] = 0
    work_done: Annotated[int, _work("ended: reached and talked")] = 0
    work_not_reached: Annotated[int, _work("ended: all attempts in vain")] = 0
    work_abandoned: Annotated[int, _work("ended: the customer hung up before an agent answered")] = 0
    work_expired: Annotated[int, _work("ended: too late")] = 0
    work_cancelled: Annotated[int, _work("ended: taken away")] = 0
    work_called_again: Annotated[int, _work("ended: the customer called again")] = 0
    wait_work_ms: Annotated[int, _ms("from joining to being reached, of work", _QUEUE)] = 0
    surveys_offered: Annotated[int, _answers("callers asked after a talk")] = 0
    surveys_answered: Annotated[int, _answers("with an answer at least")] = 0
    surveys_opted_out: Annotated[int, _answers("who are never to be asked again")] = 0
    csat_answers: Annotated[int, _answers("to how satisfied they are, 1 to 5")] = 0
    csat_good: Annotated[int, _answers("of these, 4 or 5")] = 0
    csat_sum: Annotated[int, _answers("of these, added up")] = 0
    nps_answers: Annotated[int, _answers("to whether they would recommend, 0 to 10")] = 0
    nps_promoters: Annotated[int, _answers("of these, 9 or 10")] = 0
    nps_detractors: Annotated[int, _answers("of these, 6 or less")] = 0
    ces_answers: Annotated[int, _answers("to how easy it was, 1 to 10")] = 0
    ces_sum: Annotated[int, _answers("of these, added up")] = 0
    resolved_answers: Annotated[int, _answers("to whether it is resolved")] = 0
    resolved_yes: Annotated[int, _answers("of these, yes")] = 0
    diverted_queue: Annotated[int, _calls("sent to another queue by a limit, the hours or a key", _QUEUE)] = 0
    diverted_extension: Annotated[int, _calls("sent to an extension", _QUEUE)] = 0
    diverted_external: Annotated[int, _calls("sent to a number outside", _QUEUE)] = 0
    diverted_voicemail: Annotated[int, _calls("sent to a box of VoiceMail", _QUEUE)] = 0
    diverted_message: Annotated[int, _calls("sent to leave a message for agents", _QUEUE)] = 0
    diverted_text: Annotated[int, _calls("sent a text instead of waiting", _QUEUE)] = 0
    diverted_callback: Annotated[int, _calls("sent to be called back", _QUEUE)] = 0
    waiting_at_start: Annotated[int, _calls("in the queue when the period began", _QUEUE, Merge.FIRST)] = 0
    waiting_at_end: Annotated[int, _calls("in the queue when the period ended", _QUEUE, Merge.LAST)] = 0
    oldest_wait_ms: Annotated[
        int, _ms("the longest wait of who waits on the line when the period ends", _QUEUE, Merge.LATEST)
    ] = 0
    backlog: Annotated[int, _owed("who wait on the line, callbacks and messages not done")] = 0
    backlog_12h: Annotated[int, _owed("of these, since 12 hours or longer")] = 0
    backlog_24h: Annotated[int, _owed("of these, since 24 hours or longer")] = 0
    backlog_72h: Annotated[int, _owed("of these, since 72 hours or longer")] = 0
    first_responses: Annotated[
        int, _calls("answered for the first time, by an agent on the line or a callback", _QUEUE)
    ] = 0
    first_response_ms: Annotated[int, _ms("from joining to that", _QUEUE)] = 0
    contacts_known: Annotated[int, _calls("answered, of callers who show their number", _WORK)] = 0
    ended: Annotated[int, _calls("whose story ended, served or not", _LINES)] = 0
    transferred_out_calls: Annotated[int, _calls("whose story ended by a transfer", _QUEUE)] = 0
    duration_ms: Annotated[int, _ms("from arrival to the end, of ended calls", _LINES)] = 0
    peak: Annotated[
        int, Counter(meaning="most calls up at once", unit="calls", homes=_TRUNK, merge=Merge.MAX)
    ] = 0
    carried_ms: Annotated[int, _ms("lines in use, added up, by calls of any kind", _TRUNK)] = 0
    all_busy_ms: Annotated[int, _ms("all lines in use", _TRUNK)] = 0
    all_busy_times: Annotated[
        int, Counter(meaning="times all lines came to be in use", unit="times", homes=_TRUNK, merge=Merge.SUM)
    ] = 0
    alarms: Annotated[
        int, Counter(meaning="lines that went out of order", unit="lines", homes=_TRUNK, merge=Merge.SUM)
    ] = 0
    out_of_order_ms: Annotated[int, _ms("lines out of order, added up", _TRUNK)] = 0

    # ------------------------------------------------------------ waits, from joining the queue
    wait_answered_ms: Annotated[int, _ms("waited by answered calls, ring included", _FLOW)] = 0
    wait_abandoned_ms: Annotated[int, _ms("waited by abandoned calls", _FLOW)] = 0
    wait_left_ms: Annotated[int, _ms("waited by calls that left unserved", _FLOW)] = 0
    wait_max_ms: Annotated[int, _ms("longest wait of an answered or abandoned call", _FLOW, Merge.MAX)] = 0

    # ------------------------------------------------------------ offers
    offers: Annotated[int, _offers("made")] = 0
    offer_answered: Annotated[int, _offers("ended: agent picked up")] = 0
    offer_no_answer: Annotated[int, _offers("ended: rang out")] = 0
    offer_rejected: Annotated[int, _offers("ended: declined")] = 0
    offer_busy: Annotated[int, _offers("ended: phone busy")] = 0
    offer_unreachable: Annotated[int, _offers("ended: phone not there")] = 0
    offer_caller_left: Annotated[int, _offers("ended: caller gave up")] = 0
    offer_rescinded: Annotated[int, _offers("ended: pulled back by the router")] = 0
    offer_lost_race: Annotated[int, _offers("ended: another phone was first")] = 0
    offer_error: Annotated[int, _offers("ended: no outcome to be had")] = 0
    ring_ms: Annotated[int, _ms("phones rang, all ended offers", _WORK)] = 0

    # ------------------------------------------------------------ talks
    handled: Annotated[int, Counter(meaning="ended", unit="talks", homes=_TALKS, merge=Merge.SUM)] = 0
    held_talks: Annotated[int, _talks("ended that had the caller on hold")] = 0
    estimated_talks: Annotated[int, _talks("ended unseen, with an estimated length")] = 0
    ended_by_caller: Annotated[int, _talks("ended by the caller")] = 0
    ended_by_agent: Annotated[int, _talks("ended by the agent")] = 0
    ended_by_transfer: Annotated[int, _talks("ended by a transfer")] = 0
    ended_by_router: Annotated[int, _talks("ended by the router")] = 0
    ended_by_platform: Annotated[int, _talks("ended by Asterisk")] = 0
    ended_by_unknown: Annotated[int, _talks("ended by nobody knows whom")] = 0
    talk_ms: Annotated[int, _ms("talked, without hold", _TALKS)] = 0
    hold_ms: Annotated[int, _ms("callers on hold", _TALKS)] = 0
    wrap_ups: Annotated[
        int, Counter(meaning="ended wrap-ups", unit="wrap-ups", homes=_TALKS, merge=Merge.SUM)
    ] = 0
    wrap_up_ms: Annotated[int, _ms("worked after talks", _TALKS)] = 0
    transferred_blind: Annotated[int, _calls("given away by blind transfer", _WORK)] = 0
    transferred_attended: Annotated[int, _calls("given away by attended transfer", _WORK)] = 0
    transferred_to_queue: Annotated[
        int, _calls("given away, of either kind, into a queue of ours", _WORK)
    ] = 0

    classified: Annotated[int, _calls("of which an agent said what they were about", _WORK)] = 0
    flagged_resolved: Annotated[int, _calls("of these, said to be resolved", _WORK)] = 0
    flagged_unresolved: Annotated[int, _calls("of these, said not to be", _WORK)] = 0

    # ------------------------------------------------------------ dialogues before the queue
    dialogues_queued: Annotated[int, _calls("went on from the dialogue into a queue", _IVR)] = 0
    dialogues_contained: Annotated[int, _calls("served by the dialogue itself", _IVR)] = 0
    dialogues_dismissed: Annotated[int, _calls("sent away by the dialogue unserved", _IVR)] = 0
    dialogues_transferred: Annotated[int, _calls("went on to an extension", _IVR)] = 0
    dialogues_abandoned: Annotated[int, _calls("caller hung up in the dialogue", _IVR)] = 0
    dialogues_failed: Annotated[int, _calls("the dialogue could not go on", _IVR)] = 0
    dialogue_ms: Annotated[int, _ms("callers in ended dialogues", _IVR)] = 0
    lookups: Annotated[
        int, Counter(meaning="questions for callers", unit="questions", homes=_IVR, merge=Merge.SUM)
    ] = 0
    lookups_failed: Annotated[
        int,
        Counter(
            meaning="without an answer of use: late, none, not as it must be",
            unit="questions",
            homes=_IVR,
            merge=Merge.SUM,
        ),
    ] = 0

    # ------------------------------------------------------------ agents' time, clipped to the slot
    state_ready_ms: Annotated[int, _ms("free for a call", _AGENT)] = 0
    state_offered_ms: Annotated[int, _ms("being rung", _AGENT)] = 0
    state_talking_ms: Annotated[int, _ms("in a talk, the caller not on hold", _AGENT)] = 0
    state_on_hold_ms: Annotated[int, _ms("in a talk, the caller on hold", _AGENT)] = 0
    state_wrap_up_ms: Annotated[int, _ms("in wrap-up", _AGENT)] = 0
    state_paused_ms: Annotated[int, _ms("paused", _AGENT)] = 0
    paused_unpaid_ms: Annotated[int, _ms("of paused: for reasons that are not paid", _AGENT)] = 0
    paused_productive_ms: Annotated[int, _ms("of paused: for reasons that are work", _AGENT)] = 0
    state_direct_call_ms: Annotated[int, _ms("on a call of their own", _AGENT)] = 0
    state_unreachable_ms: Annotated[int, _ms("at work with a dead phone", _AGENT)] = 0
    pauses: Annotated[int, Counter(meaning="asked for", unit="pauses", homes=_AGENT, merge=Merge.SUM)] = 0
    shifts_late: Annotated[int, _shifts("begun late")] = 0
    shifts_early: Annotated[int, _shifts("left early")] = 0
    shifts_absent: Annotated[int, _shifts("nobody came to in time")] = 0
    shifts_overtime: Annotated[int, _shifts("overrun")] = 0
    late_ms: Annotated[int, _ms("after the start of shifts, of who came late", _AGENT)] = 0
    early_ms: Annotated[int, _ms("before the end of shifts, of who left early", _AGENT)] = 0
    overtime_ms: Annotated[int, _ms("after the end of shifts", _AGENT)] = 0


def _catalogue() -> dict[str, Counter]:
    hints = get_type_hints(Counters, include_extras=True)
    return {name: get_args(hints[name])[1] for name in Counters.__struct_fields__}


CATALOGUE: Final[Mapping[str, Counter]] = _catalogue()
"""Name -> what the counter is, in the order of reports and columns."""


def names_of(dimension: Dimension) -> tuple[str, ...]:
    """The counters that rows of this dimension have."""
    return tuple(name for name, counter in CATALOGUE.items() if dimension in counter.homes)
