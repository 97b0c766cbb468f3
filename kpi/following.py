"""Numbers that take more than one fact: handle times, repeat calls, first responses, remarks, pauses, the backlog."""

from functools import lru_cache

import msgspec

from acd.core import facts as f
from acd.core.expression import ExpressionError, parse
from acd.core.ids import AgentName, ms
from acd.core.requirement import TooComplexError
from acd.core.states import AgentState
from kpi.counters import Dimension
from kpi.histogram import tally
from kpi.ledger import Ledger
from kpi.memory import (
    CALLERS_KEPT_MS,
    MOST_CALLERS,
    Contact,
    Handling,
    OpenCall,
    OpenWork,
    Pause,
    Said,
    known,
)
from kpi.rows import Row
from kpi.slots import SLOT_MS


def _both(ledger: Ledger, queue: str, agent: str) -> tuple[Row, Row]:
    return ledger.row(Dimension.QUEUE, queue), ledger.row(Dimension.AGENT, agent)


# ---------------------------------------------------------------- calls


def opened(ledger: Ledger, fact: f.Arrived) -> None:
    """A call begins; one of a caller who was served before is a return to that contact, once."""
    memory, caller = ledger.memory, known(fact.caller)
    attempt = fact.work is not None
    passed = fact.parent is not None and not attempt
    dialled = ((Dimension.DNIS, fact.dialled),) if fact.dialled else ()
    memory.calls[fact.call] = OpenCall(caller, attempt, passed, dialled)
    if not caller or attempt or passed:
        return
    contact = memory.callers.pop(caller, None)
    if contact is None or ms(fact.at) - contact.at_ms > CALLERS_KEPT_MS:
        return
    gap = max(0, ms(fact.at) // SLOT_MS - contact.at_ms // SLOT_MS)
    for row in _both(ledger, contact.queue, contact.agent):
        row.returns[gap] = row.returns.get(gap, 0) + 1


def queued(ledger: Ledger, fact: f.Queued) -> None:
    """What the call asks for is known, from the first queue it enters."""
    call = ledger.memory.calls.get(fact.call)
    if call is None or not fact.needs or fact.moved_from is not None:
        return
    skills = tuple((Dimension.SKILL, name) for name in skills_in(fact.needs))
    ledger.memory.calls[fact.call] = msgspec.structs.replace(call, also=call.also + skills)
    for row in ledger.rows_of(skills):
        row.counts.attempts += call.attempt


@lru_cache(maxsize=1000)
def skills_in(needs: str) -> tuple[str, ...]:
    """The skills an expression speaks of; none of one that makes no sense any more."""
    try:
        return tuple(sorted(parse(needs).names()[0]))
    except (ExpressionError, TooComplexError):
        return ()


def caller_changed(ledger: Ledger, fact: f.CallerChanged) -> None:
    """Somebody else is on the line, put there by a transfer."""
    call = ledger.memory.calls.get(fact.call, OpenCall(""))
    ledger.memory.calls[fact.call] = msgspec.structs.replace(call, caller=known(fact.caller), passed=True)


def closed(ledger: Ledger, fact: f.Ended) -> None:
    """Nothing more comes of the call."""
    ledger.memory.calls.pop(fact.call, None)


def answered(ledger: Ledger, fact: f.Answered) -> None:
    """A first response, and a contact with a caller who is known."""
    call = ledger.memory.calls.get(fact.call)
    if call is None or call.passed:
        return
    if not call.attempt:
        counts = ledger.row(Dimension.QUEUE, fact.queue).counts
        counts.first_responses += 1
        counts.first_response_ms += fact.wait_ms
    if call.caller:
        _remember(ledger, call.caller, Contact(ms(fact.at), fact.queue, fact.agent))


def _remember(ledger: Ledger, caller: str, contact: Contact) -> None:
    for row in _both(ledger, contact.queue, contact.agent):
        row.counts.contacts_known += 1
    callers = ledger.memory.callers
    callers.pop(caller, None)
    callers[caller] = contact
    oldest = contact.at_ms - CALLERS_KEPT_MS
    while len(callers) > MOST_CALLERS or next(iter(callers.values())).at_ms < oldest:
        del callers[next(iter(callers))]


# ---------------------------------------------------------------- talks and what is said of them


def talked(ledger: Ledger, fact: f.Talked) -> None:
    """The talk is counted with its wrap-up, once that is known."""
    handled(ledger, fact.agent)
    call = ledger.memory.calls.get(fact.call)
    also = () if call is None else call.also
    for row in ledger.rows_of(also):
        row.counts.handled += 1
        row.counts.talk_ms += fact.talk_ms
        row.counts.hold_ms += fact.hold_ms
        tally(row.talks, fact.talk_ms)
    ledger.memory.handling[fact.agent] = Handling(fact.queue, fact.talk_ms + fact.hold_ms, also)


def wrapped_up(ledger: Ledger, fact: f.WrapUpEnded) -> None:
    """The agent is done with the talk and the work after it."""
    last = ledger.memory.handling.get(fact.agent)
    for row in ledger.rows_of(() if last is None else last.also):
        row.counts.wrap_ups += 1
        row.counts.wrap_up_ms += fact.wrap_up_ms
    handled(ledger, fact.agent, fact.wrap_up_ms)


def handled(ledger: Ledger, agent: AgentName, wrap_up_ms: int = 0) -> None:
    """Nothing more comes of the last talk."""
    last = ledger.memory.handling.pop(agent, None)
    if last is None:
        return
    for row in (*_both(ledger, last.queue, agent), *ledger.rows_of(last.also)):
        tally(row.handles, last.talk_ms + wrap_up_ms)


def classified(ledger: Ledger, fact: f.Classified) -> None:
    """What is said of a call; what was said of it before counts no more, in the slot it is taken back in."""
    before = ledger.memory.said.get(fact.agent)
    if before is None or before.call != fact.call:
        before = None
    now = Said(
        fact.call,
        fact.code or (before.code if before else ""),
        fact.topic or (before.topic if before else ""),
        before.resolved if before and fact.resolved is None else fact.resolved,
    )
    for row in _both(ledger, fact.queue, fact.agent):
        if before is not None:
            _say(row, before, -1)
        _say(row, now, 1)
    ledger.memory.said[fact.agent] = now


def _say(row: Row, said: Said, by: int) -> None:
    row.counts.classified += by
    if said.resolved is not None:
        name = "flagged_resolved" if said.resolved else "flagged_unresolved"
        setattr(row.counts, name, getattr(row.counts, name) + by)
    if said.topic:
        _label(row, f"topic:{said.topic}", by)
        if said.resolved:
            _label(row, f"topic_resolved:{said.topic}", by)
    if said.code:
        _label(row, f"code:{said.code}", by)


def _label(row: Row, label: str, by: int) -> None:
    value = row.labels.get(label, 0) + by
    if value:
        row.labels[label] = value
    else:
        row.labels.pop(label, None)


# ---------------------------------------------------------------- agents


def logged_in(ledger: Ledger, fact: f.LoggedIn) -> None:
    """The agent's team from here on."""
    teams = ledger.memory.teams
    if fact.team:
        teams[fact.agent] = fact.team
    else:
        teams.pop(fact.agent, None)
    ledger.row(Dimension.AGENT, fact.agent).team = fact.team


def paused(ledger: Ledger, fact: f.Paused) -> None:
    """A reason, from here on or from the end of the present call on."""
    ledger.credit_up_to(fact.agent, ms(fact.at))
    ledger.memory.pauses[fact.agent] = Pause(fact.reason, fact.paid, fact.productive)
    ledger.row(Dimension.AGENT, fact.agent).counts.pauses += 1


def resumed(ledger: Ledger, fact: f.Resumed) -> None:
    """The reason holds no longer."""
    ledger.credit_up_to(fact.agent, ms(fact.at))
    ledger.memory.pauses.pop(fact.agent, None)


def state_changed(ledger: Ledger, fact: f.StateChanged) -> None:
    """Whoever goes on to anything but wrap-up has no wrap-up; who is gone is not paused."""
    if fact.after is not AgentState.WRAP_UP and fact.before is not AgentState.WRAP_UP:
        handled(ledger, fact.agent)
    if fact.after is AgentState.OFFLINE:
        ledger.memory.pauses.pop(fact.agent, None)


def off_shift(ledger: Ledger, fact: f.OffShift) -> None:
    """Something was not as planned."""
    counts = ledger.row(Dimension.AGENT, fact.agent).counts
    match fact.kind:
        case "late":
            counts.shifts_late += 1
            counts.late_ms += fact.by_ms
        case "early":
            counts.shifts_early += 1
            counts.early_ms += fact.by_ms
        case "absent":
            counts.shifts_absent += 1
        case _:
            counts.shifts_overtime += 1
            counts.overtime_ms += fact.by_ms


# ---------------------------------------------------------------- work without a caller on the line


def work_added(ledger: Ledger, fact: f.WorkAdded) -> None:
    """It is owed from here on."""
    ledger.memory.work[fact.work] = OpenWork(fact.queue, ms(fact.joined))


def work_reached(ledger: Ledger, fact: f.WorkReached) -> None:
    """A first response too."""
    counts = ledger.row(Dimension.QUEUE, fact.queue).counts
    counts.first_responses += 1
    counts.first_response_ms += fact.waited_ms


def work_ended(ledger: Ledger, fact: f.WorkEnded) -> None:
    """Nobody owes it any more."""
    ledger.memory.work.pop(fact.work, None)
