"""Why a call waits and why an agent is idle: the full list, rebuilt from the live floor on demand.

What was decided at an offer is kept in its fact (facts.Decision); this answers for the present moment.
"""

import msgspec

from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.floor import Floor
from acd.core.ids import AgentName, CallId, QueueName, ms
from acd.core.matching import held_off
from acd.core.ready import Profile, profile_of
from acd.core.states import AgentState, CallState
from acd.core.waiting import class_of


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """One agent or call, and why not."""

    subject: str
    why: str


class CallExplained(msgspec.Struct, frozen=True, kw_only=True):
    """Where a call stands and why each agent of the floor does not have it."""

    call: CallId
    queue: QueueName
    state: CallState
    requires: str
    priority: int
    waited_ms: int
    ahead: int
    """Calls before it in the line of its switch, of any queue."""
    agents: tuple[Reason, ...]


class AgentExplained(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent is doing and why each waiting call is not theirs."""

    agent: AgentName
    state: AgentState
    why: str
    calls: tuple[Reason, ...]


def explain_call(floor: Floor, call_id: CallId, now: int) -> CallExplained | None:
    """The present of one open call, or None when it is not open."""
    call = floor.calls.get(call_id)
    if call is None:
        return None
    line = floor.line.in_order()
    return CallExplained(
        call=call.id,
        queue=call.queue,
        state=call.state,
        requires=" and ".join(f"{skill}>={level}" for skill, level in call.require) or "nothing",
        priority=call.priority,
        waited_ms=ms(now) - ms(call.joined),
        ahead=line.index(call.id) if call.id in line else 0,
        agents=tuple(
            Reason(subject=agent.name, why=why_not(floor, call, agent, now))
            for agent in sorted(floor.agents.values(), key=lambda agent: agent.name)
        ),
    )


def explain_agent(floor: Floor, name: AgentName, now: int) -> AgentExplained | None:
    """The present of one agent, or None when there is no such agent."""
    agent = floor.agents.get(name)
    if agent is None:
        return None
    return AgentExplained(
        agent=name,
        state=agent.state,
        why=unavailable(floor, agent, now) or "ready for a call",
        calls=tuple(
            Reason(subject=call_id, why=why_not(floor, floor.calls[call_id], agent, now))
            for call_id in floor.line.in_order()
        ),
    )


def why_not(floor: Floor, call: Call, agent: Agent, now: int) -> str:
    """Why this agent does not have this call: eligibility first, then availability, then order."""
    if agent.call == call.id:
        return "talks with this call" if agent.talking else "is being rung for this call"
    unfit = Profile(profile_of(agent.rule)).why_not(class_of(call))
    if unfit is not None:
        return unfit
    busy = unavailable(floor, agent, now)
    if busy is not None:
        return busy
    if held_off(call, agent.name):
        return f"was offered this call, again in {ms(call.held_off[agent.name]) - ms(now)} ms"
    if call.switch in floor.lost_switches:
        return f"the link to {call.switch} is down"
    if floor.settling:
        return "after a restart, waiting for callers to come back"
    if call.state is not CallState.WAITING:
        return f"free, but the call is {call.state.value}"
    return "free, but the call is out of reach" if not call.attached else "free"


def unavailable(floor: Floor, agent: Agent, now: int) -> str | None:
    """Why the agent can take no call at all, or None."""
    if agent.state is AgentState.WRAP_UP and agent.wrap_up is not None:
        return f"in wrap-up for {max(0, ms(agent.wrap_up.until) - ms(now))} ms more"
    if agent.state is AgentState.PAUSED:
        return f"paused ({agent.paused})" if agent.paused else "paused"
    if agent.state is not AgentState.READY:
        return agent.state.value.replace("_", " ")
    if agent.backed_off_until > now:
        return f"held back for {ms(agent.backed_off_until) - ms(now)} ms after a missed offer"
    if agent.rule.switch in floor.lost_switches:
        return f"the link to {agent.rule.switch} is down"
    return None
