"""Calls coming in: who may enter a queue, and who is back after an outage."""

from acd.core.calls import Call
from acd.core.commands import Refuse
from acd.core.events import CallArrived, CallerReplaced, CallReturned, SessionLost
from acd.core.facts import (
    Arrived,
    Blocked,
    CallerChanged,
    Ended,
    Queued,
    Returned,
    SessionEnded,
    TransferredToQueue,
)
from acd.core.floor import Floor
from acd.core.ids import CallId
from acd.core.offering import fail_offer
from acd.core.outcomes import BlockReason, Disposition, EndedBy, OfferOutcome
from acd.core.requirement import both
from acd.core.rules import QueueRule
from acd.core.states import AgentState, CallState


def on_call_arrived(floor: Floor, event: CallArrived) -> None:
    """Admit the call to its queue or refuse it."""
    if event.call in floor.calls:
        floor.stale(event, event.call, "this call is open already")
        return
    floor.tell(
        Arrived(
            **floor.stamp,
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
        _enter(floor, event, floor.rules.queues[event.queue])
    else:
        _refuse(floor, event, refused)


def why_not_admitted(floor: Floor, queue: QueueRule | None) -> BlockReason | None:
    """The first reason to keep a call out, or None."""
    if queue is None:
        return BlockReason.UNKNOWN_QUEUE
    if not queue.is_open or queue.draining:
        return BlockReason.CLOSED
    if queue.max_waiting is not None and floor.in_queue[queue.name] >= queue.max_waiting:
        return BlockReason.QUEUE_FULL
    if not queue.admit_unstaffed and not staffed(floor, queue):
        return BlockReason.NOBODY_LOGGED_IN
    return None


def staffed(floor: Floor, queue: QueueRule) -> bool:
    """Whether anybody who serves the queue is at work, free or not."""
    return any(
        agent.state is not AgentState.OFFLINE and queue.name in agent.rule.queues
        for agent in floor.agents.values()
    )


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
    floor.do(Refuse(call=event.call, reason=reason))


def _enter(floor: Floor, event: CallArrived, queue: QueueRule) -> None:
    floor.calls_seen += 1
    joined = floor.now if event.joined is None else min(event.joined, floor.now)
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
        joined=joined,
        own_require=event.require,
        require=both(queue.require, event.require),
        own_priority=event.priority,
        priority=queue.priority + event.priority,
        answered=event.answered,
    )
    floor.calls[call.id] = call
    floor.in_queue[call.queue] += 1
    floor.tell(
        Queued(
            **floor.stamp,
            call=call.id,
            queue=call.queue,
            joined=joined,
            require=event.require,
            priority=event.priority,
        )
    )
    if event.parent is not None:
        note_child(floor, event.parent, call.id)
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
        floor.newly_waiting.append(call)
        return
    call.attached = True
    floor.tell(Returned(**floor.stamp, call=call.id, queue=call.queue))
    if call.offer is not None:
        fail_offer(floor, call, OfferOutcome.ERROR, "the call came back through the dialplan")
    else:
        floor.place(call)


def on_session_lost(floor: Floor, event: SessionLost) -> None:
    """Take a call out of reach out of the line; its place is kept."""
    call = floor.calls.get(event.call)
    if call is None or not call.attached:
        floor.stale(event, event.call, "no such call within reach")
        return
    if call.matchable:
        floor.line.remove(call)
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
