"""Who gets whom: feasible, then rank, then pick; and the reason kept with the pick.

Two-sided: an agent who becomes ready picks the first call in the line they can serve; a call that starts to wait picks
the best ready agent. Both see only matchable calls and ready agents, so what nobody can serve blocks nobody.
"""

import heapq
from bisect import bisect_left
from collections.abc import Iterator

from acd.core.agents import Agent
from acd.core.calls import Call, LineKey
from acd.core.facts import Decision, Rival
from acd.core.floor import Floor
from acd.core.ids import AgentName, CallId, ms
from acd.core.outcomes import Strategy
from acd.core.ready import Profile
from acd.core.requirement import skill_sum
from acd.core.states import AgentState
from acd.core.waiting import CallClass, class_of

NEAREST = 8
"""Rivals and exclusions kept with a decision; the full list is rebuilt on demand by acd.core.explain."""

Rank = tuple[int, int, AgentName]
"""(minus skill, idle since, name): smallest is best; the name makes it a strict order."""


def rank(strategy: Strategy, wanted: CallClass, profile: Profile, idle_since: int, name: AgentName) -> Rank:
    """How good a free agent is for a class of calls."""
    skill = skill_sum(wanted[2], profile.skills) if strategy is Strategy.SKILLS else 0
    return (-skill, idle_since, name)


def held_off(call: Call, agent: AgentName) -> bool:
    """Whether this call must not go to this agent again yet: until the pair's timer has fired, not until the clock says so.

    Otherwise a pair would become matchable between two events, with nobody to match it.
    """
    return agent in call.held_off


def candidates(floor: Floor, call: Call) -> Iterator[Rank]:
    """Free agents who may be offered the call, the best of each profile first within the profile."""
    wanted = class_of(call)
    strategy = floor.queue_of(call).strategy
    for profile in floor.ready.profiles():
        if profile.why_not(wanted) is not None:
            continue
        for idle_since, name in profile.idle:
            if not held_off(call, name):
                yield rank(strategy, wanted, profile, idle_since, name)
                break


def best_agent(floor: Floor, call: Call) -> Agent | None:
    """The agent this call should ring now."""
    if call.switch in floor.lost_switches:
        return None
    best = min(candidates(floor, call), default=None)
    return None if best is None else floor.agents[best[2]]


def best_call(floor: Floor, agent: Agent) -> Call | None:
    """The first call in the line this agent may be offered now."""
    profile = floor.ready.profile(agent.name)
    if profile is None or profile.switch in floor.lost_switches:
        return None
    best: tuple[LineKey, CallId] | None = None
    for wanted in floor.line.classes():
        if profile.why_not(wanted) is None:
            for entry in floor.line.calls(wanted):
                if best is not None and entry > best:
                    break
                if not held_off(floor.calls[entry[1]], agent.name):
                    best = entry
                    break
    return None if best is None else floor.calls[best[1]]


def pairs(floor: Floor) -> Iterator[tuple[Call, Agent]]:
    """Every match the present floor allows, first in line first. The caller offers each before asking for the next."""
    heads = [
        (calls[0], wanted, 0) for wanted in floor.line.classes() if (calls := list(floor.line.calls(wanted)))
    ]
    lists = {wanted: list(floor.line.calls(wanted)) for _, wanted, _ in heads}
    heapq.heapify(heads)
    while heads and len(floor.ready):
        (_, call_id), wanted, index = heapq.heappop(heads)
        call = floor.calls[call_id]
        agent = best_agent(floor, call)
        if agent is not None:
            yield call, agent
        elif not any(profile.why_not(wanted) is None for profile in floor.ready.profiles()):
            continue
        if index + 1 < len(lists[wanted]):
            heapq.heappush(heads, (lists[wanted][index + 1], wanted, index + 1))


def decision(floor: Floor, call: Call, agent: Agent) -> Decision:
    """Why this agent for this call, told before either is moved."""
    wanted = class_of(call)
    strategy = floor.queue_of(call).strategy
    ours = floor.ready.profile(agent.name)
    skill = skill_sum(wanted[2], agent.rule.skills)
    idle_ms = ms(floor.now) - ms(agent.idle_since)
    rivals: list[tuple[Rank, Rival]] = []
    excluded: list[Rival] = []
    for profile in floor.ready.profiles():
        why = profile.why_not(wanted)
        for idle_since, name in profile.idle[: NEAREST + 1]:
            if name == agent.name:
                continue
            if why is not None:
                excluded.append(Rival(agent=name, why=why))
            elif held_off(call, name):
                excluded.append(Rival(agent=name, why="was offered this call a moment ago"))
            else:
                theirs = rank(strategy, wanted, profile, idle_since, name)
                rivals.append((theirs, Rival(agent=name, why=_worse(theirs, floor.now))))
    return Decision(
        rule=strategy.value,
        skill=skill,
        idle_ms=idle_ms,
        rivals=tuple(rival for _, rival in heapq.nsmallest(NEAREST, rivals, key=lambda pair: pair[0])),
        excluded=tuple(excluded[:NEAREST]),
        elsewhere=_elsewhere(floor),
        overtaken=_overtaken(floor, call, ours),
    )


def _worse(theirs: Rank, now: int) -> str:
    return f"skill sum {-theirs[0]}, idle {ms(now) - ms(theirs[1])} ms"


def _elsewhere(floor: Floor) -> dict[str, int]:
    """How many agents were not free, by state; ready ones held by a back-off are named so."""
    counts = {state.value: n for state, n in floor.states.items() if n and state is not AgentState.READY}
    backed_off = floor.states[AgentState.READY] - len(floor.ready)
    return counts | {"backed_off": backed_off} if backed_off else counts


def _overtaken(floor: Floor, call: Call, profile: Profile | None) -> int:
    """Calls ahead in the line that this agent can't serve."""
    if profile is None:
        return 0
    here = (call.line_key, call.id)
    return sum(
        bisect_left(floor.line.calls(wanted), here)
        for wanted in floor.line.classes()
        if profile.why_not(wanted) is not None
    )
