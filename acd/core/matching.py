"""Who gets whom: feasible, then rank, then pick.

Two-sided: an agent who becomes free takes the first call in the line they can serve; a call that starts to wait takes the
best free agent. Both see only matchable calls and free agents, so what nobody can serve blocks nobody. What is looked
at are classes and profiles by their sets, never calls or agents one by one (acd.core.profiles, waiting, ready).
"""

import heapq
from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet

import msgspec

from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.fairness import First, choose
from acd.core.floor import Floor
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.lots import lot
from acd.core.outcomes import Choose, Strategy
from acd.core.profiles import GROUP_SERVING, Profile, bits
from acd.core.ready import IDLE, LISTED, ONE_BY_ONE, Entry, order_of
from acd.core.rules import QueueRule
from acd.core.waiting import Entry as LineEntry
from acd.core.waiting import Moment, WaitingClass, as_of

NOBODY: frozenset[AgentName] = frozenset()


class Pick(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A call with its class, and whom to ring for it, and what the choice was made by."""

    call: Call
    where: WaitingClass
    agents: tuple[AgentName, ...]
    rule: str
    side: str
    chose: str = ""


def held_off(call: Call, agent: AgentName) -> bool:
    """Whether this call must not go to this agent again yet: until the pair's timer has fired, not until the clock says so.

    Otherwise a pair would become matchable between two events, with nobody to match it.
    """
    return call.held_off is not None and agent in call.held_off


# ---------------------------------------------------------------- a free agent takes a call


def best_call(floor: Floor, agent: Agent) -> Pick | None:
    """The call this free agent takes."""
    profile = floor.staff.of[agent.name]
    line = floor.line
    if profile.switch in floor.lost_switches:
        return None
    mask = line.serves(profile) & line.open
    if profile.reserves:
        mask = _without_resting(floor, profile, mask)
    personal = line.personal(agent.name)
    if not mask and not personal:
        return None
    if personal or profile.by_level or profile.choose is not Choose.ORDER:
        return _by_queue(floor, agent, profile, mask)
    found = _first(floor, mask, agent.name)
    return None if found is None else _taken_by(floor, floor.calls[found[1]], agent, "")


def _taken_by(floor: Floor, call: Call, agent: Agent, chose: str) -> Pick:
    rule = floor.rules.queues[call.queue].strategy.value
    if call.prefer_until:
        rule = "direct" if call.direct is not None else "preferred"
    return Pick(
        call=call, where=floor.class_of(call), agents=(agent.name,), rule=rule, side="agent", chose=chose
    )


def _without_resting(floor: Floor, profile: Profile, mask: int) -> int:
    """Leave out classes of queues that the profile serves as a reserve that is not called."""
    for queue in profile.reserves:
        if queue in floor.resting:
            for where in floor.line.of_queue(queue):
                mask &= ~where.bit
    return mask


def _first(floor: Floor, mask: int, agent: AgentName) -> tuple[Moment, CallId] | None:
    """The first call of these classes in the one order of the line."""
    classes, best = floor.line.classes, None
    few = mask.bit_count()
    for rate, heads in floor.line.rates():
        if few * few * ONE_BY_ONE <= len(heads):
            found = [
                entry
                for number in bits(mask)
                if classes[number].rate == rate and (entry := _unheld(floor, classes[number], agent))
            ]
            first = min(found, default=None)
        else:
            first = None
            for key, number in heads:
                if first is not None and key > first[0]:
                    break
                if mask >> number & 1 and (entry := _unheld(floor, classes[number], agent)):
                    first = entry if first is None else min(first, entry)
        if first is not None:
            moment = (as_of(first[0], rate, floor.now), first[1])
            best = moment if best is None else min(best, moment)
    return best


def _unheld(floor: Floor, where: WaitingClass, agent: AgentName) -> LineEntry | None:
    """The first call of the class that is not held off from the agent."""
    for entry in where.calls:
        held = floor.calls[entry[1]].held_off
        if not held or agent not in held:
            return entry
    return None


def _by_queue(floor: Floor, agent: Agent, profile: Profile, mask: int) -> Pick | None:
    """Level, then the agent's way to choose among queues, then the order."""
    firsts = list(firsts_of(floor, agent, profile, mask).values())
    if not firsts:
        return None
    chosen = choose(firsts, profile, floor.shares, floor.now)
    for other in firsts:
        if other.moment < chosen.moment:
            floor.overtake(other.call)
    way = profile.choose.value if profile.choose is not Choose.ORDER else "level" if profile.by_level else ""
    return _taken_by(floor, chosen.call, agent, way if len(firsts) > 1 else "")


def firsts_of(floor: Floor, agent: Agent, profile: Profile, mask: int) -> dict[QueueName, First]:
    """The first call of each queue that the agent may take now."""
    found: dict[QueueName, First] = {}
    for number in bits(mask):
        where = floor.line.classes[number]
        entry = _unheld(floor, where, agent.name)
        if entry is not None:
            _keep_first(floor, found, profile, (as_of(entry[0], where.rate, floor.now), entry[1]))
    for call_id, (key, rate) in (floor.line.personal(agent.name) or {}).items():
        call = floor.calls[call_id]
        if floor.may_take(call, agent.name) and not held_off(call, agent.name):
            _keep_first(floor, found, profile, (as_of(key, rate, floor.now), call_id))
    return found


def _keep_first(
    floor: Floor, found: dict[QueueName, First], profile: Profile, place: tuple[Moment, CallId]
) -> None:
    call = floor.calls[place[1]]
    known = found.get(call.queue)
    if known is None or place[0] < known.moment:
        serving = profile.serves.get(call.queue, GROUP_SERVING)
        found[call.queue] = First(place[0], call, floor.rules.queues[call.queue], serving.level)


# ---------------------------------------------------------------- a waiting call takes an agent


def best_agents(floor: Floor, call: Call) -> Pick | None:
    """Whom to ring for this call now: one agent, or several at once where the queue's strategy says so."""
    where = floor.class_of(call)
    if floor.line.is_shut(where.key) or not len(floor.ready):
        return None
    if call.prefer_until:
        return _preferred(floor, call, where)
    mask = floor.servers(where) & floor.ready.mask
    if not mask:
        return None
    for without in _left_out(call):
        agents = _by_strategy(floor, call, where, mask, without)
        if agents:
            return Pick(
                call=call,
                where=where,
                agents=agents,
                rule=floor.rules.queues[call.queue].strategy.value,
                side="call",
            )
    return None


def _left_out(call: Call) -> Iterator[AbstractSet[AgentName]]:
    """Agents who did not take the call come last; those it is held off from do not come at all."""
    held = call.held_off.keys() if call.held_off else NOBODY
    if call.tried:
        yield call.tried | held
    yield held


def _preferred(floor: Floor, call: Call, where: WaitingClass) -> Pick | None:
    """The free agent with the highest score among those the call waits for."""
    named = ((call.direct, 0),) if call.direct is not None else call.prefer
    free = [
        (-score, floor.agents[name].idle_since, name)
        for name, score in named
        if name in floor.ready and floor.may_take(call, name) and not held_off(call, name)
    ]
    if not free:
        return None
    rule = "direct" if call.direct is not None else "preferred"
    return Pick(call=call, where=where, agents=(min(free)[2],), rule=rule, side="call")


def _by_strategy(
    floor: Floor, call: Call, where: WaitingClass, mask: int, without: AbstractSet[AgentName]
) -> tuple[AgentName, ...]:
    queue, ready, entry = floor.rules.queues[call.queue], floor.ready, None
    at_once = queue.ring_most if call.work is None else 1  # one agent calls one customer
    match queue.strategy:
        case Strategy.SKILLS | Strategy.LEAST_SKILLED:
            for _, tier in where.tiers(floor.staff, queue.strategy):
                if tier & mask and (entry := ready.best(tier & mask, IDLE, without)):
                    break
        case Strategy.ROUND_ROBIN:
            entry = ready.following(mask, floor.turn(queue.name), without)
        case Strategy.RANDOM:
            entry = _by_lot(floor, call, mask, without)
        case Strategy.SIMULTANEOUS:
            return several(floor, queue, mask, at_once, without)
        case Strategy.PROGRESSIVE:
            return several(floor, queue, mask, min(queue.ring_first, at_once), without)
        case _:
            entry = ready.best(mask, order_of(queue), without)
    return () if entry is None else (entry[2],)


def several(
    floor: Floor, queue: QueueRule, mask: int, number: int, without: AbstractSet[AgentName]
) -> tuple[AgentName, ...]:
    """The longest idle of these, as many as may ring."""
    if queue.max_offers is not None:
        number = min(number, queue.max_offers - floor.ringing[queue.name])
    nearest = floor.ready.nearest(mask, IDLE, number + len(without))
    return tuple(name for _, _, name, _ in nearest if name not in without)[:number]


def _by_lot(floor: Floor, call: Call, mask: int, without: AbstractSet[AgentName]) -> Entry | None:
    """By lot, each free agent with their weight: those left out don't draw."""
    lists = [
        (profile.weight, [entry for entry in entries if entry[2] not in without] if without else entries)
        for profile, entries in floor.ready.lists(mask, LISTED)
    ]
    total = sum(weight * len(entries) for weight, entries in lists)
    drawn = lot(floor.rules.seed, call.id, call.offers_made) * total
    for weight, entries in lists:
        if entries and drawn < weight * len(entries):
            return entries[int(drawn / weight)]
        drawn -= weight * len(entries)
    return None


# ---------------------------------------------------------------- everybody at once


def pairs(floor: Floor, queues: Collection[QueueName] | None = None) -> Iterator[Pick]:
    """Every match the present floor allows, first in line first; of some queues only, if named.

    The caller offers each before asking for the next.
    """
    line, now = floor.line, floor.now
    classes = line.classes if queues is None else [where for name in queues for where in line.of_queue(name)]
    lists = {where.number: list(where.calls) for where in classes if where.calls and _hopeful(floor, where)}
    heads = [(as_of(calls[0][0], line.classes[n].rate, now), calls[0][1], n, 0) for n, calls in lists.items()]
    heads += [
        (as_of(line.where(call)[1], line.where(call)[0].rate, now), call, -1, 0)
        for call in line.personal_calls()
        if queues is None or floor.calls[call].queue in queues
    ]
    heapq.heapify(heads)
    while heads and len(floor.ready):
        _, call_id, number, index = heapq.heappop(heads)
        pick = best_agents(floor, floor.calls[call_id]) if call_id in line else None
        if pick is not None:
            yield pick
        if number < 0:
            continue
        where = line.classes[number]
        if index + 1 < len(lists[number]) and _hopeful(floor, where):
            key, following = lists[number][index + 1]
            heapq.heappush(heads, (as_of(key, where.rate, now), following, number, index + 1))


def _hopeful(floor: Floor, where: WaitingClass) -> bool:
    """Whether anybody is free who may serve the class."""
    return not floor.line.is_shut(where.key) and bool(floor.servers(where) & floor.ready.mask)
