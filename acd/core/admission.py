"""Calls coming in: who may enter a queue, and who is back after an outage."""

from acd.core.affinity import begin_preference
from acd.core.callers import restore_place
from acd.core.calls import Call
from acd.core.commands import Refuse
from acd.core.estimate import expected_ms, for_newcomer
from acd.core.events import CallArrived, CallerReplaced, CallReturned, SessionLost
from acd.core.facts import (
    Arrived,
    Blocked,
    CallerChanged,
    Ended,
    Misread,
    Queued,
    Returned,
    SessionEnded,
    TransferredToQueue,
)
from acd.core.floor import Floor
from acd.core.ids import NS_PER_MS, CallId, QueueName
from acd.core.offering import fail_offer
from acd.core.outcomes import BlockReason, Disposition, EndedBy, OfferOutcome
from acd.core.placing import line_key
from acd.core.profiles import bits
from acd.core.rules import QueueRule
from acd.core.states import CallState


def on_call_arrived(floor: Floor, event: CallArrived) -> None:
    """Admit the call to its queue or refuse it."""
    if event.call in floor.calls:
        floor.stale(event, event.call, "this call is open already")
        return
    floor.tell(
        Arrived(
            at=floor.now,
            generation=floor.rules.generation,
            call=event.call,
            queue=event.queue,
            switch=event.switch,
            channel=event.channel,
            uniqueid=event.uniqueid,
            caller=event.caller,
            caller_name=event.caller_name,
            trunk=event.trunk,
            parent=event.parent,
        )
    )
    refused = event.refuse or why_not_admitted(floor, floor.rules.queues.get(event.queue))
    if refused is None:
        _enter(floor, event)
    else:
        _refuse(floor, event, refused)


def why_not_admitted(floor: Floor, queue: QueueRule | None) -> BlockReason | None:
    """The first reason to keep a call out, or None."""
    if queue is None:
        return BlockReason.UNKNOWN_QUEUE
    if not queue.is_open or queue.draining or queue.name in floor.doors:
        return BlockReason.CLOSED
    inside = floor.in_queue[queue.name]
    if queue.max_waiting is not None and inside >= queue.max_waiting:
        return BlockReason.QUEUE_FULL
    if queue.join_states and not floor.staff.staffed(queue.name, queue.join_states):
        return BlockReason.NOBODY_LOGGED_IN
    if inside and _too_long(floor, queue, inside):
        return BlockReason.LONG_WAIT
    return None


def _too_long(floor: Floor, queue: QueueRule, inside: int) -> bool:
    """Whether the wait to expect is over a limit; never asked while nobody waits."""
    if queue.max_per_agent is not None and inside + 1 > queue.max_per_agent * at_work(floor, queue.name):
        return True
    if queue.max_estimate is None:
        return False
    expected = for_newcomer(floor, queue.name)
    return expected is None or expected * NS_PER_MS > queue.max_estimate


def at_work(floor: Floor, queue: QueueName) -> int:
    """Agents logged in who serve the queue."""
    members, profiles = floor.staff.serving(queue), floor.staff.profiles
    return sum(profiles[number].at_work for number in bits(members & floor.staff.at_work))


def _refuse(floor: Floor, event: CallArrived, reason: BlockReason) -> None:
    floor.tell(Blocked(**floor.stamp, call=event.call, queue=event.queue, reason=reason, trunk=event.trunk))
    floor.tell(
        Ended(
            **floor.stamp,
            call=event.call,
            queue=event.queue,
            disposition=Disposition.BLOCKED,
            by=EndedBy.ROUTER,
            duration_ms=0,
            trunk=event.trunk,
        )
    )
    door = floor.doors.get(event.queue) if reason is BlockReason.CLOSED else None
    floor.do(Refuse(call=event.call, reason=reason, message="" if door is None else door.message))


def _enter(floor: Floor, event: CallArrived) -> None:
    floor.calls_seen += 1
    call = Call(
        id=event.call,
        number=floor.calls_seen,
        switch=event.switch,
        channel=event.channel,
        uniqueid=event.uniqueid,
        queue=event.queue,
        caller=event.caller,
        caller_name=event.caller_name,
        trunk=event.trunk,
        parent=event.parent,
        arrived=floor.now,
        joined=floor.now if event.joined is None else min(event.joined, floor.now),
        entered=floor.now,
        credit=event.credit,
        need=event.require,
        variables=event.variables,
        priority=event.priority,
        prefer=event.prefer,
        direct=event.direct,
        answered=event.answered,
    )
    floor.calls[call.id] = call
    restore_place(floor, call)
    if event.position is not None:
        call.credit = credit_for(floor, call, event.position)
    _tell_misread(floor, call, event.misread)
    if event.parent is not None:
        note_child(floor, event.parent, call.id)
    enter_queue(floor, call)


def _tell_misread(floor: Floor, call: Call, parts: tuple[str, ...]) -> None:
    _, wrong = floor.needs.need(call.queue, 0, call.need, call.variables)
    if wrong:
        parts = (*parts, wrong)
    if parts:
        floor.tell(Misread(**floor.stamp, call=call.id, queue=call.queue, parts=parts))


def credit_for(floor: Floor, call: Call, position: int, *, back: bool = False) -> int:
    """The credit that puts a call at that place of its queue, behind those of a higher priority.

    Never further back than it stands by itself, unless `back`.
    """
    queue, needs = floor.queue_of(call), floor.needs
    others = [entry for entry in floor.line.queue_in_order(call.queue) if entry[1] != call.id]
    raised = needs.at(call.queue, call.stage).raised
    for key, other in others[max(0, position - 1) :]:
        there = floor.calls[other]
        if there.priority + needs.at(call.queue, there.stage).raised <= call.priority + raised:
            stays = not back and line_key(queue, raised, call) < key
            return call.credit if stays else call.joined - there.place + 1
    if back and others:
        return call.joined - floor.calls[others[-1][1]].place - 1
    return call.credit


def enter_queue(floor: Floor, call: Call, moved_from: QueueName | None = None) -> None:
    """The call is in its queue from here on, and takes part in the matching."""
    call.entered = floor.now
    call.stage = 0
    floor.in_queue[call.queue] += 1
    begin_preference(floor, call)
    standing = floor.standing(call)
    expected, ahead, _ = expected_ms(floor, standing.where, standing.key)
    floor.tell(
        Queued(
            at=floor.now,
            generation=floor.rules.generation,
            call=call.id,
            queue=call.queue,
            joined=call.joined,
            needs=floor.needs.text(call.need),
            variables=call.variables,
            priority=call.priority,
            credit=call.credit,
            prefer=call.prefer,
            direct=call.direct,
            prefer_until=call.prefer_until,
            moved_from=moved_from,
            ahead=ahead,
            expected_ms=expected,
        )
    )
    floor.place(call)


def note_child(floor: Floor, parent: CallId, child: CallId) -> None:
    """A call descends from another: if that one was given away, the transfer has reached a queue.

    The transfer's own event may still be on its way (no order between AMI and AGI), so the child is remembered.
    """
    given = floor.given_away.pop(parent, None)
    if given is None:
        floor.remember_child(parent, child)
        return
    floor.tell(
        TransferredToQueue(
            **floor.stamp,
            call=parent,
            queue=given.queue,
            agent=given.agent,
            kind=given.kind,
            into=child,
        )
    )


def on_call_returned(floor: Floor, event: CallReturned) -> None:
    """Give a call that was out of reach its place back."""
    call = floor.calls.get(event.call)
    if call is None:
        floor.stale(event, event.call, "no such open call")
        return
    if call.state is CallState.TALKING:
        floor.stale(event, event.call, "the call is talking")
        return
    call.answered = event.answered
    if call.attached and call.state is CallState.WAITING:
        floor.step_aside(call)
        if not call.asking:
            floor.place(call)
        return
    call.attached = True
    floor.tell(Returned(**floor.stamp, call=call.id, queue=call.queue))
    if call.offers:
        for offer in list(call.offers):
            fail_offer(floor, call, offer, OfferOutcome.ERROR, "the call came back through the dialplan")
    elif not call.asking:
        floor.place(call)


def on_session_lost(floor: Floor, event: SessionLost) -> None:
    """Take a call out of reach out of the line; its place is kept."""
    call = floor.calls.get(event.call)
    if call is None or not call.attached:
        floor.stale(event, event.call, "no such call within reach")
        return
    floor.step_aside(call)
    call.attached = False
    floor.tell(SessionEnded(**floor.stamp, call=call.id, queue=call.queue))


def on_caller_replaced(floor: Floor, event: CallerReplaced) -> None:
    """An attended transfer put another caller on the line of this call."""
    call = floor.calls.get(event.call)
    if call is None:
        floor.stale(event, event.call, "no such open call")
        return
    call.channel, call.uniqueid = event.channel, event.uniqueid
    call.caller, call.caller_name, call.parent = event.caller, event.caller_name, event.parent
    floor.tell(
        CallerChanged(
            **floor.stamp,
            call=call.id,
            queue=call.queue,
            parent=event.parent,
            channel=event.channel,
            uniqueid=event.uniqueid,
            caller=event.caller,
            caller_name=event.caller_name,
        )
    )
