"""Watched queues: reserve agents who help out while the wait is long, and callers let go when nobody is there any more."""

from acd.core.commands import ArmTimer, CancelTimer
from acd.core.estimate import for_newcomer
from acd.core.facts import ReserveChanged
from acd.core.floor import Floor
from acd.core.ids import NS_PER_MS, QueueName
from acd.core.leaving_queue import send_all_away
from acd.core.outcomes import LeaveReason
from acd.core.profiles import bits
from acd.core.rules import QueueRule
from acd.core.timers import Timer, TimerKind


def watched_queues(queues: dict[QueueName, QueueRule]) -> frozenset[QueueName]:
    """Queues whose callers and agents are to be noticed."""
    return frozenset(
        name for name, queue in queues.items() if queue.reserve_on is not None or queue.stay_states
    )


def look_after(floor: Floor) -> None:
    """Look at the watched queues that something happened to."""
    while floor.touched:
        name = min(floor.touched)
        floor.touched.remove(name)
        queue = floor.rules.queues.get(name)
        if queue is None:
            continue
        if queue.reserve_on is not None:
            _reserve(floor, queue)
        if queue.stay_states:
            _stay(floor, queue)


def _reserve(floor: Floor, queue: QueueRule) -> None:
    """On from the threshold, off below a lower one: what comes and goes by the minute would help nobody."""
    expected = for_newcomer(floor, queue.name)
    off = queue.name in floor.resting
    somebody = floor.line.waiting_in(queue.name) > 0
    long = somebody and (expected is None or expected * NS_PER_MS >= (queue.reserve_on or 0))
    short = expected is not None and expected * NS_PER_MS < queue.reserve_off
    if off and long:
        del floor.resting[queue.name]
        _told(floor, queue, expected, on=True)
        floor.reopened.add(queue.name)
    elif not off and short:
        floor.resting[queue.name] = reserves(floor, queue.name)
        _told(floor, queue, expected, on=False)


def _told(floor: Floor, queue: QueueRule, expected: int | None, *, on: bool) -> None:
    floor.staff.capacity_changes += 1
    floor.tell(ReserveChanged(**floor.stamp, queue=queue.name, on=on, expected_ms=expected))


def reserves(floor: Floor, queue: QueueName) -> int:
    """Profiles that serve the queue as a reserve."""
    members = floor.staff.serving(queue)
    return sum(1 << n for n in bits(members) if queue in floor.staff.profiles[n].reserves)


def _stay(floor: Floor, queue: QueueRule) -> None:
    """Callers may stay as long as somebody is there for them, and a while longer."""
    there = floor.staff.staffed(queue.name, queue.stay_states)
    timer = Timer(TimerKind.STAY, queue.name)
    if not there and queue.name not in floor.nobody_since and floor.in_queue[queue.name]:
        floor.nobody_since[queue.name] = floor.now
        floor.do(ArmTimer(timer=timer, at=floor.now + queue.stay_grace))
    elif there and floor.nobody_since.pop(queue.name, None) is not None:
        floor.do(CancelTimer(timer=timer))


def on_stay_over(floor: Floor, name: QueueName) -> None:
    """Nobody came: those who wait are let go."""
    queue = floor.rules.queues.get(name)
    if floor.nobody_since.pop(name, None) is None or queue is None or not queue.stay_states:
        return
    if floor.staff.staffed(name, queue.stay_states):
        return
    waiting = [
        call for call in floor.open_calls() if call.queue == name and call.matchable and call.work is None
    ]
    send_all_away(floor, waiting, LeaveReason.NO_AGENTS)
