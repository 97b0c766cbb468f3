"""Queues that are closed: out of their hours, or by somebody's hand. Who waits then is served or leaves, as the queue says."""

from collections.abc import Collection

from acd.core.calls import Call
from acd.core.commands import ArmTimer, CancelTimer
from acd.core.events import QueueSwitched as Switched
from acd.core.facts import QueueSwitched
from acd.core.floor import Floor
from acd.core.ids import QueueName
from acd.core.leaving_queue import send_all_away
from acd.core.outcomes import LeaveReason, SwitchedBy
from acd.core.timers import Timer, TimerKind


def on_queue_switched(floor: Floor, event: Switched) -> None:
    """The hours, or a person, close or open a queue. Effective at once, whatever the rules say besides."""
    if event.queue not in floor.rules.queues:
        floor.stale(event, event.queue, "no such queue")
        return
    fact = QueueSwitched(
        **floor.stamp,
        queue=event.queue,
        closed=event.closed,
        by=event.by,
        who=event.who,
        until=event.until,
        message=event.message,
    )
    if floor.doors.after(fact) == floor.doors.get(event.queue):
        floor.stale(event, event.queue, "is so already")
        return
    _switch(floor, fact)


def on_open_due(floor: Floor, name: QueueName) -> None:
    """A queue was closed by hand until now."""
    door = floor.doors.get(name)
    if door is not None and door.by_hand and 0 < door.until <= floor.now:
        _switch(floor, QueueSwitched(**floor.stamp, queue=name, closed=False, by=SwitchedBy.TIME))


def _switch(floor: Floor, fact: QueueSwitched) -> None:
    floor.tell(fact)
    floor.doors.apply(fact)
    clear(floor, [fact.queue])
    arm(floor, fact.queue)


def clear(floor: Floor, names: Collection[QueueName]) -> None:
    """Let those go whom the closing of these queues leaves no more time; where a phone rings, when it is quiet."""
    due = {name for name in names if _over(floor, name)}
    if due:
        waiting = (call for call in floor.open_calls() if call.queue in due and call.matchable)
        send_all_away(floor, [call for call in waiting if must_leave(floor, call)], LeaveReason.CLOSED)


def _over(floor: Floor, name: QueueName) -> bool:
    """Whether the queue is closed and the grace is over."""
    door, rule = floor.doors.get(name), floor.rules.queues.get(name)
    if door is None or rule is None or rule.closing_grace is None:
        return False
    return floor.now >= door.since + rule.closing_grace


def must_leave(floor: Floor, call: Call) -> bool:
    """Whether the call entered before its queue closed and the grace is over. Who is sent there later may stay."""
    if not floor.doors.closed or call.work is not None:
        return False
    door = floor.doors.get(call.queue)
    return door is not None and call.entered <= door.since and _over(floor, call.queue)


def arm(floor: Floor, name: QueueName) -> None:
    """Look again when a grace, or the time somebody closed the queue for, is over."""
    door, rule = floor.doors.get(name), floor.rules.queues.get(name)
    again, grace = 0, 0
    if door is not None and rule is not None:
        again = door.until if door.by_hand else 0
        grace = door.since + rule.closing_grace if rule.closing_grace is not None else 0
    for kind, at in ((TimerKind.OPENING, again), (TimerKind.CLOSING, grace if grace > floor.now else 0)):
        timer = Timer(kind, name)
        floor.do(ArmTimer(timer=timer, at=max(at, floor.now)) if at else CancelTimer(timer=timer))
