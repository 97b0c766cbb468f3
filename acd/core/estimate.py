"""How long a caller has to expect to wait.

Agents finish calls at a rate; the call is served when all before it in its queue and it have found one who finishes:
(ahead + 1) times handle time, divided by the agents that count for it. An agent who serves several queues counts for each
by an equal share; of the queue's agents those count who satisfy what this call asks for. Somebody free: 0. Nobody at
work who could serve: None. Told to a caller it falls or stands still, unless there are fewer agents or more ahead.
"""

from typing import Final

from acd.core.calls import Call, LineKey
from acd.core.floor import Floor
from acd.core.ids import NS_PER_MS, QueueName
from acd.core.profiles import bits
from acd.core.waiting import WaitingClass

HANDLE_MS: Final = 180_000.0
"""Taken for a queue's handle time until it is known."""
WEIGHT: Final = 1 / 16
"""Of the latest talk in the moving average."""
EXACT: Final = 24
"""Profiles counted agent by agent; of more, profiles are counted for their agents."""


def learn(floor: Floor, queue: QueueName, handle_ms: int) -> None:
    """One more talk of the queue took an agent so long, ringing and wrap-up aside."""
    floor.handle_ms[queue] = learned(floor.handle_ms.get(queue), handle_ms)
    if queue in floor.watched:
        floor.touched.add(queue)


def learned(known: float | None, handle_ms: int) -> float:
    """The moving average after one more."""
    return float(handle_ms) if known is None else known + (handle_ms - known) * WEIGHT


def handle_ms(floor: Floor, queue: QueueName) -> float:
    """How long a call of the queue takes an agent, wrap-up included."""
    rule = floor.rules.queues.get(queue)
    wrap_up = rule.wrap_up // NS_PER_MS if rule is not None else 0
    return max(1.0, floor.handle_ms.get(queue, HANDLE_MS) + wrap_up)


def agents_for(floor: Floor, where: WaitingClass) -> float:
    """The agents that count for a class, each by the share of their time this queue has."""
    as_of, agents = where.agents
    if as_of != floor.staff.capacity_changes:
        agents = _agents_for(floor, where)
        where.agents = (floor.staff.capacity_changes, agents)
    return agents


def _agents_for(floor: Floor, where: WaitingClass) -> float:
    staff, queue = floor.staff, where.key.queue
    everybody = staff.capacity.get(queue, 0.0)
    mask = floor.servers(where)
    members = staff.serving(queue)
    if mask & members == members or everybody <= 0.0:
        extra = mask & ~members
        return everybody if not extra else everybody + _count(floor, extra)
    if mask.bit_count() <= EXACT:
        return _count(floor, mask)
    fitting, all_of_it = (mask & members & staff.at_work).bit_count(), (members & staff.at_work).bit_count()
    return everybody * fitting / max(1, all_of_it)


def _count(floor: Floor, mask: int) -> float:
    profiles = (floor.staff.profiles[number] for number in bits(mask))
    return sum(profile.available / max(1, len(profile.serves)) for profile in profiles)


def expected_ms(floor: Floor, where: WaitingClass, key: LineKey) -> tuple[int | None, int, float]:
    """The wait from now on of a call at that place; calls before it in its queue; agents that count for it."""
    queue = where.key.queue
    ahead = floor.line.ahead(queue, key)
    agents = agents_for(floor, where)
    if floor.servers(where) & floor.ready.mask and not ahead:
        return 0, ahead, agents
    if agents <= 0.0:
        return None, ahead, agents
    return int((ahead + 1) * handle_ms(floor, queue) / agents), ahead, agents


def for_newcomer(floor: Floor, queue: QueueName) -> int | None:
    """The wait of a call that entered the queue now and asked for nothing special; for reserves, without them."""
    agents = floor.staff.capacity.get(queue, 0.0)
    waiting = floor.line.waiting_in(queue)
    members = floor.staff.serving(queue) & ~floor.resting.get(queue, 0)
    if not waiting and members & floor.ready.mask:
        return 0
    return int((waiting + 1) * handle_ms(floor, queue) / agents) if agents > 0.0 else None


def told(floor: Floor, call: Call) -> int | None:
    """What to tell this caller, in milliseconds: like `expected_ms`, but never rising without cause."""
    if call.id not in floor.line:
        return 0 if call.offers else None
    where, key = floor.line.where(call.id)
    estimate, ahead, agents = expected_ms(floor, where, key)
    if estimate is None:
        return None
    until = floor.now + estimate * NS_PER_MS
    if call.expected is not None:
        before, ahead_then, agents_then = call.expected
        if ahead <= ahead_then and agents >= agents_then:
            until = min(until, max(before, floor.now))
    call.expected = (until, ahead, agents)
    return max(0, until - floor.now) // NS_PER_MS
