"""What changes for a waiting call by itself: steps, delays, the end of a preference, the longest wait."""

from collections.abc import Iterable

from acd.core.affinity import end_preference, hope
from acd.core.calls import Call
from acd.core.doors import must_leave
from acd.core.facts import StepTaken
from acd.core.floor import Floor
from acd.core.ids import QueueName
from acd.core.leaving_queue import let_go, move, send_away
from acd.core.limits import why_not_admitted
from acd.core.outcomes import LeaveReason, Skip
from acd.core.placing import OVERFLOW_RETRY
from acd.core.rules import QueueRule
from acd.core.states import CallState


def on_call_due(floor: Floor, call: Call) -> None:
    """The call's timer fired: bring it up to the moment. While a phone rings it takes effect later."""
    call.timer_at, call.retry_at = None, 0
    _time_over(floor, call)
    if call.state is CallState.OFFERED or not call.attached or call.asking:
        advance(floor, call)
        floor.due_at(call, floor.standing(call).next_change)
        return
    floor.step_aside(call)
    floor.place(call)


def _time_over(floor: Floor, call: Call) -> None:
    """Notice the longest wait and the end of a preference; while a phone rings no timer may have been armed for them."""
    queue = floor.queue_of(call)
    if queue.max_wait is not None and call.work is None and floor.now >= call.limited_from + queue.max_wait:
        call.timed_out = True
    if call.prefer_until and floor.now >= call.prefer_until:
        end_preference(floor, call, "its time is over")


def advance(floor: Floor, call: Call) -> None:
    """Take the steps that are due by time."""
    _take(floor, call, floor.places.stage_by_time(call, floor.now), skipped=False)


def settle_call(floor: Floor, call: Call) -> bool:
    """Bring a call that starts to wait to its stage. False: it is not in this queue any more."""
    queue = floor.queue_of(call)
    _time_over(floor, call)
    _give_up_hope(floor, call)
    if call.timed_out:
        send_away(floor, call, LeaveReason.TIMED_OUT)
        return False
    if must_leave(floor, call):
        send_away(floor, call, LeaveReason.CLOSED)
        return False
    if call.move_to is not None:
        by_hand, call.move_to = call.move_to, None
        if by_hand in floor.rules.queues:  # a reload may have removed it since
            move(floor, call, by_hand, LeaveReason.MOVED)
            return False
    return not queue.steps or _settle_steps(floor, call, queue)


def _give_up_hope(floor: Floor, call: Call) -> None:
    if call.prefer_until and not hope(floor, call):
        end_preference(floor, call, "nobody it waits for is at work")


def _settle_steps(floor: Floor, call: Call, queue: QueueRule) -> bool:
    """Take the steps that are due or skipped. False: one of them has sent the call on."""
    before = -1
    while call.stage != before:
        before = call.stage
        advance(floor, call)
        _give_up_hope(floor, call)
        if queue.skip is not Skip.NEVER:
            skip_steps(floor, call)
        target = overflow(floor, call)
        if target is not None:
            move(floor, call, target, LeaveReason.OVERFLOWED)
            return False
        way = floor.needs.at(call.queue, call.stage).way
        if way is not None and call.work is None:
            let_go(floor, call, LeaveReason.OVERFLOWED, way=way)
            return False
    return True


def skip_steps(floor: Floor, call: Call) -> None:
    """Go on at once where nobody at work could serve what is asked for."""
    stage, last = call.stage, len(floor.queue_of(call).steps)
    while stage < last and not _overflows(floor, call.queue, stage) and not call.prefer_until:
        if floor.places.anybody_for(floor.places.stand(call, stage, floor.now).where):
            break
        stage += 1
    _take(floor, call, stage, skipped=True)


def skip_one(floor: Floor, call: Call) -> bool:
    """Go on one step because nobody is free, where the queue says so. True: look for agents again."""
    queue = floor.queue_of(call)
    if queue.skip is not Skip.NOBODY_READY or call.stage >= len(queue.steps) or call.prefer_until:
        return False
    if floor.line.is_shut(floor.class_of(call).key):
        return False  # nobody may be rung now, whoever is free
    _take(floor, call, call.stage + 1, skipped=True)
    return True


def skip_untaken(floor: Floor, queues: Iterable[QueueName]) -> None:
    """After whole queues were matched: calls that nobody free takes go on where their queue says so, one by one."""
    for name in queues:
        queue = floor.rules.queues.get(name)
        if queue is None or queue.skip is not Skip.NOBODY_READY or not queue.steps:
            continue
        for where in list(floor.line.of_queue(name)):
            for _, call_id in () if floor.line.is_shut(where.key) else list(where.calls):
                call = floor.calls[call_id]
                if call.stage < len(queue.steps):
                    floor.step_aside(call)
                    floor.place(call)


def _take(floor: Floor, call: Call, stage: int, *, skipped: bool) -> None:
    for step in range(call.stage + 1, stage + 1):
        call.stage = step
        floor.tell(StepTaken(**floor.stamp, call=call.id, queue=call.queue, step=step, skipped=skipped))
        if _overflows(floor, call.queue, step):
            break


def _overflows(floor: Floor, queue: QueueName, stage: int) -> bool:
    return floor.needs.at(queue, stage).leaves


def overflow(floor: Floor, call: Call) -> QueueName | None:
    """Where the call's present step sends it, if that queue takes it now; else it is tried again soon."""
    target = floor.needs.at(call.queue, call.stage).overflow
    if target is None or target in call.been:
        return None
    if why_not_admitted(floor, floor.rules.queues.get(target)) is None:
        return target
    call.retry_at = floor.now + OVERFLOW_RETRY
    return None


def agents_left(floor: Floor) -> None:
    """Somebody went off work, or the rules are others: calls whose present step nobody could serve any more go on at once."""
    at_work = floor.staff.at_work
    for where in floor.line.classes:
        if not where.calls or where.eligible(floor.staff) & at_work:
            continue
        queue = floor.rules.queues[where.key.queue]
        if not queue.steps or queue.skip is Skip.NEVER or floor.places.anybody_for(where):
            continue
        for _, call_id in list(where.calls):
            call = floor.calls[call_id]
            if call.stage < len(queue.steps) and not _overflows(floor, call.queue, call.stage):
                floor.step_aside(call)
                floor.place(call)
