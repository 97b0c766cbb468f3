"""Who may enter a queue, and where the queue sends those who may not."""

from collections.abc import Collection

from acd.core.estimate import for_newcomer
from acd.core.floor import Floor
from acd.core.ids import NS_PER_MS, QueueName
from acd.core.outcomes import BlockReason, WayKind
from acd.core.profiles import bits
from acd.core.rules import QueueRule
from acd.core.ways import Way


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


def way_round(floor: Floor, name: QueueName, why: str, been: Collection[QueueName] = ()) -> Way | None:
    """Where the queue sends calls for that reason: a queue on the way that takes none is passed over by its own reason."""
    seen = {name, *been}
    while True:
        queue = floor.rules.queues.get(name)
        way = None if queue is None else queue.overflow.get(why)
        if way is None or way.kind is not WayKind.QUEUE:
            return way
        name = QueueName(way.target)
        if name in seen:
            return None
        seen.add(name)
        refused = why_not_admitted(floor, floor.rules.queues.get(name))
        if refused is None:
            return way
        why = refused
