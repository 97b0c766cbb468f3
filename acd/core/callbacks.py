"""Callbacks and messages: work that stands in line without a caller, tried until it is done, spent or taken away.

Each attempt is a call of its own, with the place of the caller it came of. What an attempt comes to is told by its end
(`floor.attempts_over`); then the work is done, is tried again later, or is over.
"""

from collections.abc import Mapping
from typing import Final

from acd.core.admission import enter_queue
from acd.core.calls import Call
from acd.core.commands import ArmTimer, CancelTimer
from acd.core.events import (
    CallbackAsked,
    CallingSwitched,
    CustomerMissed,
    CustomerReached,
    WorkArrived,
    WorkCancelled,
    WorkLineMade,
    WorkTextFound,
)
from acd.core.expression import parse
from acd.core.facts import (
    Arrived,
    CallingAllowed,
    LineMade,
    WorkAdded,
    WorkDeferred,
    WorkEnded,
    WorkMissed,
    WorkReached,
    WorkTranscribed,
)
from acd.core.floor import Floor
from acd.core.ids import CallId, Uniqueid, WorkId, ms
from acd.core.leaving_queue import let_go
from acd.core.outcomes import Disposition, LeaveReason, WayKind, WorkKind, WorkMiss, WorkOutcome
from acd.core.requirement import ANYBODY
from acd.core.rules import SECOND
from acd.core.states import CallState
from acd.core.timers import Timer, TimerKind
from acd.core.ways import Way
from acd.core.work import WorkItem, began, transcribed

AGAIN = 5 * SECOND
"""After an attempt that failed for nobody's doing."""
TAKEN: Final[Mapping[LeaveReason | None, WorkOutcome]] = {
    LeaveReason.WITHDRAWN: WorkOutcome.CANCELLED,
    LeaveReason.PICKED_UP: WorkOutcome.DONE,
}
"""Attempts that left because somebody took the work away, or to themselves."""
UNCOUNTED = frozenset({WorkMiss.AGENT_LEFT, WorkMiss.ERROR})


# ---------------------------------------------------------------- where work comes from


def on_callback_asked(floor: Floor, event: CallbackAsked) -> None:
    """The caller leaves the line and the callback stands in it, at the same place: in one step, so nothing is lost."""
    call = floor.calls.get(event.call)
    if call is None or call.state is CallState.TALKING:
        floor.stale(event, event.call, "not waiting" if call else "no such open call")
        return
    item = floor.work.of_number(call.queue, event.number)
    if item is None:
        work = WorkAdded(
            **floor.stamp,
            work=WorkId(f"{call.id}-w"),
            kind=WorkKind.CALLBACK,
            queue=call.queue,
            switch=call.switch,
            number=event.number,
            name=call.caller_name,
            joined=call.joined,
            credit=call.credit,
            priority=call.priority,
            needs=floor.needs.text(call.need),
            variables=call.variables,
            parent=call.id,
            due=max(event.due, floor.now),
            expires=max(event.due, floor.now) + floor.queue_of(call).callback.expiry,
        )
        item = _added(floor, work)
    way = Way(kind=WayKind.CALLBACK, target=item.id)
    let_go(floor, call, LeaveReason.KEY if event.key else LeaveReason.OVERFLOWED, event.key, way=way)
    _look(floor, item)


def on_work_arrived(floor: Floor, event: WorkArrived) -> None:
    """By API, at a time, or a message. One per number and queue: what is open already keeps its place."""
    queue = floor.rules.queues.get(event.queue)
    known = floor.work.of_number(event.queue, event.number) if event.number else None
    if queue is None or event.work in floor.work.items or known is not None:
        floor.stale(event, event.work, "no such queue" if queue is None else "is open already")
        return
    due = max(event.due, floor.now)
    work = WorkAdded(
        **floor.stamp,
        work=event.work,
        kind=event.kind,
        queue=event.queue,
        switch=event.switch,
        number=event.number,
        name=event.name,
        joined=due if event.joined is None else event.joined,
        credit=event.credit,
        priority=event.priority,
        needs=floor.needs.text(event.require),
        variables=event.variables,
        parent=event.parent,
        file=event.file,
        due=due,
        expires=due + queue.callback.expiry,
    )
    _look(floor, _added(floor, work))


def _added(floor: Floor, fact: WorkAdded) -> WorkItem:
    floor.tell(fact)
    return floor.work.add(fact)


def on_work_text_found(floor: Floor, event: WorkTextFound) -> None:
    """The text goes with the message, as long as that is open."""
    item = floor.work.items.get(event.work)
    if item is None:
        floor.stale(event, event.work, "no such work")
        return
    fact = WorkTranscribed(**floor.stamp, work=item.id, queue=item.queue, text=event.text, why=event.why)
    floor.tell(fact)
    transcribed(floor.work.items, fact)


# ---------------------------------------------------------------- attempts


def on_work_due(floor: Floor, work: WorkId) -> None:
    """It is time to try, or too late to."""
    item = floor.work.items.get(work)
    if item is not None:
        _look(floor, item)


def _look(floor: Floor, item: WorkItem) -> None:
    """Bring open work up to the moment: over, in line, or later."""
    if floor.now >= item.expires and _withdrawn(floor, item, LeaveReason.CANCELLED):
        end(floor, item, WorkOutcome.EXPIRED)
        return
    if item.call is None and item.queue not in floor.rules.queues:
        end(floor, item, WorkOutcome.CANCELLED, by="the queue is gone")
        return
    quiet = item.queue in floor.quiet
    if item.call is None and floor.now >= item.due and not quiet:
        _enter(floor, item)
    at = item.expires if item.call is not None or quiet else min(item.due, item.expires)
    if at > floor.now:  # who is at it when it expires may finish; its end looks again
        floor.do(ArmTimer(timer=Timer(TimerKind.WORK, item.id), at=at))


def _enter(floor: Floor, item: WorkItem) -> None:
    floor.calls_seen += 1
    call = Call(
        id=CallId(f"{item.id}-{item.calls + 1}"),
        number=floor.calls_seen,
        switch=item.switch,
        channel="",
        uniqueid=Uniqueid(""),
        queue=item.queue,
        caller=item.number,
        caller_name=item.name,
        work=item.id,
        parent=item.parent,
        arrived=floor.now,
        joined=min(item.joined, floor.now),
        entered=floor.now,
        credit=item.credit,
        need=parse(item.needs) if item.needs else ANYBODY,
        variables=item.variables,
        priority=item.priority,
        answered=True,
    )
    floor.calls[call.id] = call
    began(floor.work.items, item.id, call.id)
    floor.tell(
        Arrived(
            **floor.stamp,
            call=call.id,
            queue=call.queue,
            switch=call.switch,
            channel="",
            uniqueid=Uniqueid(""),
            caller=call.caller,
            caller_name=call.caller_name,
            parent=call.parent,
            work=item.id,
        )
    )
    enter_queue(floor, call)


def on_work_line_made(floor: Floor, event: WorkLineMade) -> None:
    """From here on the attempt has a channel, as a caller has."""
    call = floor.calls.get(event.call)
    if call is None or call.work is None:
        floor.stale(event, event.call, "no such attempt")
        return
    call.channel, call.uniqueid = event.channel, event.uniqueid
    floor.tell(
        LineMade(
            **floor.stamp, call=call.id, queue=call.queue, channel=event.channel, uniqueid=event.uniqueid
        )
    )


def on_customer_reached(floor: Floor, event: CustomerReached) -> None:
    """Done, as far as the work goes; the talk goes on like any other."""
    call, item = _attempt(floor, event.call)
    if call is None or item is None or item.reached:
        floor.stale(event, event.call, "no such attempt")
        return
    fact = WorkReached(
        **floor.stamp,
        work=item.id,
        call=call.id,
        queue=call.queue,
        kind=item.kind,
        waited_ms=floor.waited_ms(call),
    )
    floor.tell(fact)
    floor.work.apply(fact)


def on_customer_missed(floor: Floor, event: CustomerMissed) -> None:
    """Agent first: the agent's phone is hung up by the dialplan. Customer first: the agent is free again at once."""
    call, item = _attempt(floor, event.call)
    if call is None or item is None or item.reached or item.missed:
        floor.stale(event, event.call, "no such attempt")
        return
    _missed(floor, item, call, event.outcome, event.cause)
    if call.state is not CallState.TALKING:
        let_go(floor, call, LeaveReason.NOT_REACHED)


def _missed(floor: Floor, item: WorkItem, call: Call, outcome: WorkMiss, cause: str = "") -> None:
    fact = WorkMissed(
        **floor.stamp,
        work=item.id,
        call=call.id,
        queue=call.queue,
        kind=item.kind,
        outcome=outcome,
        cause=cause,
    )
    floor.tell(fact)
    floor.work.apply(fact)


def _attempt(floor: Floor, name: CallId) -> tuple[Call | None, WorkItem | None]:
    call = floor.calls.get(name)
    return call, None if call is None or call.work is None else floor.work.items.get(call.work)


def attempts_over(floor: Floor) -> None:
    """What ended attempts, and customers who called themselves, mean for their work."""
    for work, call_id in floor.called_again:
        item = floor.work.items.get(work)
        if item is not None and _withdrawn(floor, item, LeaveReason.CANCELLED):
            end(floor, item, WorkOutcome.CALLED_AGAIN, by=call_id)
    floor.called_again.clear()
    while floor.attempts_over:
        call, disposition = floor.attempts_over.pop(0)
        item = floor.work.items.get(call.work) if call.work is not None else None
        if item is not None and item.call == call.id:
            _over(floor, item, call, disposition)


def _over(floor: Floor, item: WorkItem, call: Call, disposition: Disposition) -> None:
    item.call = None
    if item.reached:
        done = disposition is Disposition.ANSWERED
        end(floor, item, WorkOutcome.DONE if done else WorkOutcome.ABANDONED)
        return
    if call.left in TAKEN:
        end(floor, item, TAKEN[call.left])
        return
    if item.missed is None and disposition is not Disposition.LEFT:
        # The agent hung up first; or the line that was made for it is gone, as after a restart.
        failed = disposition is Disposition.ABANDONED
        _missed(floor, item, call, WorkMiss.ERROR if failed else WorkMiss.AGENT_LEFT)
    _again(floor, item)


def _again(floor: Floor, item: WorkItem) -> None:
    queue = floor.rules.queues.get(item.queue)
    if queue is None:
        end(floor, item, WorkOutcome.CANCELLED, by="the queue is gone")
        return
    counted = item.missed is not None and item.missed not in UNCOUNTED
    attempts = item.attempts + counted
    if attempts >= queue.callback.attempts:
        item.attempts = attempts
        end(floor, item, WorkOutcome.NOT_REACHED)
        return
    pause = queue.callback.gap if counted else AGAIN if item.missed is not None else 0
    fact = WorkDeferred(
        **floor.stamp, work=item.id, queue=item.queue, until=floor.now + pause, attempts=attempts
    )
    floor.tell(fact)
    floor.work.apply(fact)
    _look(floor, item)


# ---------------------------------------------------------------- the end of it


def on_work_cancelled(floor: Floor, event: WorkCancelled) -> None:
    """A person takes it away; not from somebody who talks."""
    item = floor.work.items.get(event.work)
    if item is None or not _withdrawn(floor, item, LeaveReason.CANCELLED):
        floor.stale(event, event.work, "no such work" if item is None else "somebody is at it")
        return
    end(floor, item, WorkOutcome.CANCELLED, by=event.by)


def _withdrawn(floor: Floor, item: WorkItem, reason: LeaveReason) -> bool:
    """Take its attempt out of the line. False: the customer has been reached, or the agent is at it."""
    call = None if item.call is None else floor.calls.get(item.call)
    if call is None:
        return True
    if item.reached or call.state is CallState.TALKING:
        return False
    item.call = None  # its end is no news to the work
    let_go(floor, call, reason)
    return True


def end(floor: Floor, item: WorkItem, outcome: WorkOutcome, by: str = "") -> None:
    """State the end."""
    fact = WorkEnded(
        **floor.stamp,
        work=item.id,
        queue=item.queue,
        kind=item.kind,
        outcome=outcome,
        attempts=item.attempts + (outcome is WorkOutcome.DONE),
        lasted_ms=ms(floor.now) - ms(item.added),
        by=by,
    )
    floor.tell(fact)
    floor.work.apply(fact)
    floor.do(CancelTimer(timer=Timer(TimerKind.WORK, item.id)))


# ---------------------------------------------------------------- when customers may be called


def on_calling_switched(floor: Floor, event: CallingSwitched) -> None:
    """Work that stands in line steps back out of it, and comes back at its place when customers may be called again."""
    if (event.queue in floor.quiet) is not event.allowed:
        floor.stale(event, event.queue, "is so already")
        return
    floor.tell(CallingAllowed(**floor.stamp, queue=event.queue, allowed=event.allowed))
    (floor.quiet.discard if event.allowed else floor.quiet.add)(event.queue)
    for item in [item for item in floor.work.items.values() if item.queue == event.queue]:
        if not event.allowed and item.kind is WorkKind.CALLBACK and item.call is not None:
            call = floor.calls.get(item.call)
            if call is not None and call.state is CallState.WAITING and not item.reached:
                let_go(floor, call, LeaveReason.QUIET)
        _look(floor, item)


def wake(floor: Floor) -> None:
    """After a restart: look at all of it. Attempts need nobody to come back to be in line again."""
    for call in floor.open_calls():
        if call.work is not None:
            call.attached = True
            if call.state is CallState.WAITING:
                floor.place(call)
    for item in list(floor.work.items.values()):
        if item.call is not None and item.call not in floor.calls:
            item.call = None
        _look(floor, item)
