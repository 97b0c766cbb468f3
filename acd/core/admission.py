"""Calls coming in: who may enter a queue, and who is back after an outage."""

from acd.core.affinity import begin_preference
from acd.core.callers import restore_place
from acd.core.calls import Call
from acd.core.commands import Refuse
from acd.core.estimate import expected_ms
from acd.core.events import CallArrived, CallerReplaced, CallReturned, SessionLost
from acd.core.facts import (
    Arrived,
    Blocked,
    CallerChanged,
    Diverted,
    Ended,
    Left,
    Misread,
    Queued,
    Returned,
    SessionEnded,
    TransferredToQueue,
)
from acd.core.floor import Floor
from acd.core.ids import CallId, QueueName
from acd.core.limits import way_round, why_not_admitted
from acd.core.offering import fail_offer
from acd.core.outcomes import BlockReason, Disposition, EndedBy, LeaveReason, OfferOutcome, WayKind
from acd.core.placing import line_key
from acd.core.states import CallState
from acd.core.ways import Way


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
            dialled=event.dialled,
        )
    )
    refused = event.refuse or why_not_admitted(floor, floor.rules.queues.get(event.queue))
    way = None if refused is None or event.refuse else way_round(floor, event.queue, refused)
    if refused is None:
        _enter(floor, event)
    elif way is not None and way.kind is WayKind.QUEUE:
        _divert(floor, event, refused, way)
    else:
        _refuse(floor, event, refused, way)


def tell_diverted(floor: Floor, call: Call, why: str, way: Way) -> None:
    """State which way a call goes, and why."""
    floor.tell(
        Diverted(**floor.stamp, call=call.id, queue=call.queue, reason=why, kind=way.kind, target=way.target)
    )


def _take_own_place(floor: Floor, call: Call) -> None:
    """A customer who is to be called back calls and joins: the place is theirs, and nobody calls them back any more."""
    item = floor.work.of_number(call.queue, call.caller) if call.caller else None
    if item is None:
        return
    attempt = None if item.call is None else floor.calls.get(item.call)
    if item.reached or (attempt is not None and attempt.state is CallState.TALKING):
        return
    call.credit = max(call.credit, call.joined - (item.joined - item.credit))
    floor.called_again.append((item.id, call.id))


def _divert(floor: Floor, event: CallArrived, reason: BlockReason, way: Way) -> None:
    """Through the queue that can't take it into the one that does."""
    call = _admitted(floor, event)
    _tell_queued(floor, call)
    tell_diverted(floor, call, reason, way)
    left = call.queue
    why = LeaveReason.OVERFLOWED
    floor.tell(Left(**floor.stamp, call=call.id, queue=left, reason=why, wait_ms=floor.waited_ms(call)))
    call.queue, call.been = QueueName(way.target), (left,)
    _seat(floor, call, event, moved_from=left)


def _refuse(floor: Floor, event: CallArrived, reason: BlockReason, way: Way | None) -> None:
    if way is not None:
        floor.tell(
            Diverted(
                **floor.stamp,
                call=event.call,
                queue=event.queue,
                reason=reason,
                kind=way.kind,
                target=way.target,
            )
        )
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
    rule = floor.rules.queues.get(event.queue)
    closed = reason is BlockReason.CLOSED and rule is not None
    message = "" if door is None else door.message
    if closed and rule is not None:
        message = message or rule.closed_message
    floor.do(Refuse(call=event.call, reason=reason, message=message, way=way))


def _enter(floor: Floor, event: CallArrived) -> None:
    _seat(floor, _admitted(floor, event), event)


def _admitted(floor: Floor, event: CallArrived) -> Call:
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
    return call


def _seat(floor: Floor, call: Call, event: CallArrived, moved_from: QueueName | None = None) -> None:
    """Give the call its place and let it enter."""
    restore_place(floor, call)
    _take_own_place(floor, call)
    if event.position is not None:
        call.credit = credit_for(floor, call, event.position)
    _tell_misread(floor, call, event.misread)
    if event.parent is not None:
        note_child(floor, event.parent, call.id)
    enter_queue(floor, call, moved_from=moved_from)


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
    _tell_queued(floor, call, moved_from)
    floor.place(call)


def _tell_queued(floor: Floor, call: Call, moved_from: QueueName | None = None) -> None:
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
