"""What people do to a waiting call: move it, put it elsewhere in the line, raise it; and the keys its caller presses."""

from acd.core.admission import credit_for
from acd.core.calls import Call
from acd.core.events import (
    CallMoved,
    CallPicked,
    Event,
    KeyPressed,
    PositionChanged,
    PriorityChanged,
    WayTaken,
)
from acd.core.facts import Picked, Reordered
from acd.core.floor import Floor
from acd.core.ids import CallId, QueueName
from acd.core.leaving_queue import let_go
from acd.core.limits import why_not_admitted
from acd.core.offering import rescind
from acd.core.outcomes import LeaveReason, WayKind
from acd.core.states import CallState


def _waiting(floor: Floor, event: Event, name: CallId) -> Call | None:
    call = floor.calls.get(name)
    if call is None or call.state is CallState.TALKING:
        floor.stale(event, name, "not waiting" if call else "no such open call")
        return None
    return call


def on_call_moved(floor: Floor, event: CallMoved) -> None:
    """To another queue, whether it is open or not: a person decides. A phone that rings is quieted first."""
    call = _waiting(floor, event, event.call)
    if call is None:
        return
    if event.queue not in floor.rules.queues or event.queue == call.queue:
        floor.stale(event, event.queue, "no such queue" if event.queue != call.queue else "is in that queue")
        return
    call.move_to = event.queue
    if call.state is CallState.OFFERED:
        rescind(floor, call)
    elif call.matchable:
        floor.step_aside(call)
        floor.place(call)


def on_priority_changed(floor: Floor, event: PriorityChanged) -> None:
    """Effective at once."""
    call = _waiting(floor, event, event.call)
    if call is not None:
        _reorder(floor, call, event.priority, call.credit)


def on_position_changed(floor: Floor, event: PositionChanged) -> None:
    """Forward or back, as far as priorities allow."""
    call = _waiting(floor, event, event.call)
    if call is not None:
        _reorder(floor, call, call.priority, credit_for(floor, call, event.position, back=True))


def _reorder(floor: Floor, call: Call, priority: int, credit: int) -> None:
    standing = call.id in floor.line
    floor.step_aside(call)
    call.priority, call.credit = priority, credit
    floor.tell(Reordered(**floor.stamp, call=call.id, queue=call.queue, priority=priority, credit=credit))
    if standing:
        floor.place(call)


def on_call_picked(floor: Floor, event: CallPicked) -> None:
    """For one agent alone, for as long as a direct call waits; phones of others that ring are quieted first."""
    call = _waiting(floor, event, event.call)
    if call is None:
        return
    agent = floor.agents.get(event.agent)
    if agent is None or not agent.logged_in or agent.rule.switch != call.switch:
        floor.stale(event, event.agent, "is not at work there" if agent else "no such agent")
        return
    if agent.call == call.id:
        floor.stale(event, event.agent, "is being rung for it")
        return
    standing = call.id in floor.line
    floor.step_aside(call)
    call.prefer, call.direct = (), agent.name
    call.prefer_until = floor.now + floor.queue_of(call).direct_for
    floor.tell(
        Picked(**floor.stamp, call=call.id, queue=call.queue, agent=agent.name, until=call.prefer_until)
    )
    if call.held_off is not None:
        call.held_off.pop(agent.name, None)
    rescind(floor, call)
    if standing:
        floor.place(call)


def on_key_pressed(floor: Floor, event: KeyPressed) -> None:
    """An exit key lets a waiting caller go; other keys mean nothing here."""
    call = floor.calls.get(event.call)
    if call is None or call.state is CallState.TALKING or event.key not in floor.queue_of(call).exit_keys:
        return
    let_go(floor, call, LeaveReason.KEY, event.key)


def on_way_taken(floor: Floor, event: WayTaken) -> None:
    """The caller chose a way out; a queue that takes nobody now is none, and the call waits on."""
    call = _waiting(floor, event, event.call)
    if call is None:
        return
    way = event.way
    if way.kind is not WayKind.QUEUE:
        let_go(floor, call, LeaveReason.KEY, event.key, way=way)
        return
    target = QueueName(way.target)
    if target == call.queue or why_not_admitted(floor, floor.rules.queues.get(target)) is not None:
        floor.stale(event, target, "takes no calls now")
        return
    on_call_moved(floor, CallMoved(at=event.at, call=call.id, queue=target))
