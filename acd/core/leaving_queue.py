"""How a waiting call leaves its queue unserved: let go, or sent on to another queue with its age."""

from collections.abc import Iterable

from acd.core.admission import enter_queue, tell_diverted
from acd.core.calls import Call
from acd.core.commands import Release
from acd.core.events import CallLeftQueue
from acd.core.facts import Left
from acd.core.floor import Floor
from acd.core.ids import QueueName
from acd.core.limits import way_round
from acd.core.offering import tell_end, withdraw_offers
from acd.core.outcomes import Disposition, EndedBy, LeaveReason, OfferOutcome, WayKind
from acd.core.states import CallState, CallStep
from acd.core.waiting import Moment, as_of
from acd.core.ways import Way

BY_PLATFORM = frozenset({LeaveReason.LOST_BY_PLATFORM, LeaveReason.REDIRECTED})
"""Asterisk has the call already, or nobody has: there is nothing to tell it."""


def on_call_left_queue(floor: Floor, event: CallLeftQueue) -> None:
    """A waiting call was taken away, by a person or by what became of its channel."""
    call = floor.calls.get(event.call)
    if call is None or call.state is CallState.TALKING:
        floor.stale(event, event.call, "not waiting" if call else "no such open call")
        return
    let_go(floor, call, event.reason)


def send_away(floor: Floor, call: Call, reason: LeaveReason) -> None:
    """A limit or the hours end the wait: to where the queue says, or out."""
    way = way_round(floor, call.queue, reason, call.been)
    if way is None or way.kind is not WayKind.QUEUE:
        let_go(floor, call, reason, way=way)
        return
    floor.step_aside(call)
    call.timed_out = False
    tell_diverted(floor, call, reason, way)
    move(floor, call, QueueName(way.target), reason)


def send_all_away(floor: Floor, calls: Iterable[Call], reason: LeaveReason) -> None:
    """In the order of the line: where they go there may not be room for all."""
    for call in in_order(floor, calls):
        send_away(floor, call, reason)


def in_order(floor: Floor, calls: Iterable[Call]) -> list[Call]:
    """Waiting calls as the line has them."""
    return sorted(calls, key=lambda call: _moment(floor, call))


def _moment(floor: Floor, call: Call) -> Moment:
    standing = floor.places.stand(call, call.stage, floor.now)
    return as_of(standing.key, standing.where.rate, floor.now)


def let_go(floor: Floor, call: Call, reason: LeaveReason, key: str = "", *, way: Way | None = None) -> None:
    """End a call that was not served; its caller goes that way, or on in the dialplan."""
    outcome = OfferOutcome.RESCINDED if reason not in BY_PLATFORM else OfferOutcome.CALLER_LEFT
    # A pickup makes the leg that rang the talk's own, and ends the others: hanging up here would cut the talk.
    withdraw_offers(floor, call, outcome, quiet=reason is not LeaveReason.PICKED_UP)
    floor.step(call, CallStep.LEFT)
    call.left = reason
    if way is not None:
        tell_diverted(floor, call, reason, way)
    _tell_left(floor, call, reason, key)
    tell_end(floor, call, Disposition.LEFT, EndedBy.PLATFORM if reason in BY_PLATFORM else EndedBy.ROUTER)
    if reason not in BY_PLATFORM:
        door = floor.doors.get(call.queue) if reason is LeaveReason.CLOSED else None
        message, opens = ("", 0) if door is None else (door.message, door.opens)
        if reason is LeaveReason.CLOSED:
            message = message or floor.queue_of(call).closed_message
        floor.do(
            Release(
                call=call.id,
                verdict=Disposition.LEFT,
                reason=reason.value,
                key=key,
                message=message,
                opens=opens,
                way=way,
            )
        )


def move(floor: Floor, call: Call, target: QueueName, reason: LeaveReason) -> None:
    """Send a call that waits and does not stand in the line on to another queue. It keeps age, credit and wishes."""
    _tell_left(floor, call, reason)
    left = call.queue
    floor.in_queue[left] -= 1
    call.queue = target
    call.been = (*call.been, left)
    call.prefer, call.direct, call.prefer_until = (), None, 0
    call.expected = None
    enter_queue(floor, call, moved_from=left)


def _tell_left(floor: Floor, call: Call, reason: LeaveReason, key: str = "") -> None:
    floor.tell(
        Left(
            **floor.stamp,
            call=call.id,
            queue=call.queue,
            reason=reason,
            wait_ms=floor.waited_ms(call),
            key=key,
            work=call.work is not None,
        )
    )
