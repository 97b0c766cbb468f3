"""Why this agent for this call: kept with every offer. Rebuilt in full on demand by acd.core.explain."""

from typing import Final

from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.facts import Decision, Rival
from acd.core.floor import Floor
from acd.core.ids import NS_PER_MS, AgentName, ms
from acd.core.matching import Pick, held_off
from acd.core.outcomes import Strategy
from acd.core.profiles import bits
from acd.core.ready import IDLE, Entry, order_of
from acd.core.rules import QueueRule
from acd.core.states import AgentState
from acd.core.waiting import WaitingClass

NEAREST: Final = 8
"""Rivals kept with a decision."""
COUNTED: Final = 16
"""Profiles of free agents who could not serve that are told apart by reason; with more, they are only counted."""

_NAMES: Final = {state: state.value for state in AgentState}


def decision(floor: Floor, pick: Pick, agent: Agent) -> Decision:
    """Told before anybody is moved."""
    call, where = pick.call, pick.where
    queue = floor.rules.queues[call.queue]
    mask = floor.servers(where)
    now_ms = ms(floor.now)
    return Decision(
        rule=pick.rule,
        side=pick.side,
        skill=sum([agent.rule.skills.get(skill, 0) for skill in where.skills]),
        idle_ms=now_ms - ms(agent.idle_since),
        value=value_of(floor, queue, agent),
        free=len(floor.ready),
        # A free agent who picks a call has no rivals: they would have had it before.
        rivals=_rivals(floor, call, where, mask, agent.name) if pick.side == "call" else (),
        excluded=_excluded(floor, where, mask),
        elsewhere=_elsewhere(floor),
        chose=pick.chose,
    )


def value_of(floor: Floor, queue: QueueRule, agent: Agent) -> float | None:
    """What the strategy compares beside skill and idle time: occupied share, calls, place in the list."""
    match queue.strategy:
        case Strategy.LEAST_OCCUPIED:
            return round(floor.occupied(agent), 4)
        case Strategy.FEWEST_CALLS:
            return len(agent.recent)
        case Strategy.ROUND_ROBIN | Strategy.LINEAR:
            return agent.rule.number
        case Strategy.RANDOM:
            return agent.rule.weight
        case _:
            return None


def _rivals(floor: Floor, call: Call, where: WaitingClass, mask: int, winner: AgentName) -> tuple[Rival, ...]:
    others = mask & floor.ready.mask
    if not others:
        return ()
    queue = floor.rules.queues[call.queue]
    found: list[Rival] = []
    by_skill = queue.strategy in (Strategy.SKILLS, Strategy.LEAST_SKILLED)
    tiers = where.tiers(floor.staff, queue.strategy) if by_skill else [(0, others)]
    order = IDLE if by_skill else order_of(queue)
    plain = order == IDLE and not call.held_off and not call.tried
    for skill, tier in tiers:
        if tier & others:
            nearest = floor.ready.nearest(tier & others, order, NEAREST + 1 - len(found))
            if plain:
                found += _idle(nearest, skill, winner, ms(floor.now))
            else:
                found += [_rival(floor, call, queue, skill, e) for e in nearest if e[2] != winner]
            if len(found) >= NEAREST:
                break
    return tuple(found[:NEAREST])


def _idle(nearest: list[Entry], skill: int, winner: AgentName, now_ms: int) -> list[Rival]:
    """Rivals by idle time alone: what the index is sorted by says it all."""
    return [
        Rival(agent=name, skill=skill, idle_ms=now_ms - int(since) // NS_PER_MS)
        for since, _, name, _ in nearest
        if name != winner
    ]


def _rival(floor: Floor, call: Call, queue: QueueRule, skill: int, entry: Entry) -> Rival:
    agent = floor.agents[entry[2]]
    note = ""
    if held_off(call, agent.name):
        note = "was offered this call a moment ago"
    elif call.tried and agent.name in call.tried:
        note = "did not take this call before"
    return Rival(
        agent=agent.name,
        skill=skill,
        idle_ms=ms(floor.now) - ms(agent.idle_since),
        value=value_of(floor, queue, agent),
        note=note,
    )


def _excluded(floor: Floor, where: WaitingClass, mask: int) -> dict[str, int]:
    """Free agents who could not serve, by reason."""
    others = floor.ready.mask & ~mask
    if not others:
        return {}
    if others.bit_count() > COUNTED:
        return {"can't serve (profiles)": others.bit_count()}
    found: dict[str, int] = {}
    for number in bits(others):
        profile = floor.staff.profiles[number]
        why = where.why_not(profile) or "is a reserve that is not called"
        found[why] = found.get(why, 0) + len(profile.ready[IDLE])
    return found


def _elsewhere(floor: Floor) -> dict[str, int]:
    """How many agents were not free, by state; ready ones held by a back-off are named so."""
    counts = {_NAMES[state]: n for state, n in floor.states.items() if n}
    backed_off = counts.pop("ready", 0) - len(floor.ready)
    if backed_off:
        counts["backed_off"] = backed_off
    return counts
