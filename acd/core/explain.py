"""Why a call waits and why an agent is idle: the full list, rebuilt from the live floor on demand.

What was decided at an offer is kept in its fact (facts.Decision); this answers for the present moment.
"""

import msgspec

from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.estimate import told
from acd.core.floor import Floor
from acd.core.ids import AgentName, CallId, QueueName, ms
from acd.core.matching import held_off
from acd.core.profiles import Profile
from acd.core.states import AgentState, CallState


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
    """The call's own and its queue's together, steps included; ageing comes on top."""
    waited_ms: int
    ahead: int
    """Calls before it in the line of its switch, of any queue."""
    agents: tuple[Reason, ...]
    step: int = 0
    """Steps of the queue that have been taken."""
    next_step_ms: int | None = None
    """Until the next one."""
    expected_ms: int | None = None
    waits_for: tuple[AgentName, ...] = ()
    """Agents it waits for alone at present."""


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
    line = floor.in_order()
    queue, stage = floor.queue_of(call), floor.needs.at(call.queue, call.stage)
    need, _ = floor.needs.need(call.queue, call.stage, call.need, call.variables)
    upcoming = queue.steps[call.stage].after + call.entered if call.stage < len(queue.steps) else None
    return CallExplained(
        call=call.id,
        queue=call.queue,
        state=call.state,
        requires=str(need),
        priority=queue.priority + call.priority + stage.raised,
        waited_ms=ms(now) - ms(call.joined),
        ahead=line.index(call.id) if call.id in floor.line else 0,
        agents=tuple(
            Reason(subject=agent.name, why=why_not(floor, call, agent, now))
            for agent in sorted(floor.agents.values(), key=lambda agent: agent.name)
        ),
        step=call.stage,
        next_step_ms=None if upcoming is None else max(0, ms(upcoming) - ms(now)),
        expected_ms=told(floor, call) if call.state is not CallState.TALKING else None,
        waits_for=floor.waits_for(call),
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
            for call_id in floor.in_order()
        ),
    )


def why_not(floor: Floor, call: Call, agent: Agent, now: int) -> str:
    """Why this agent does not have this call: eligibility first, then availability, then order."""
    if agent.call == call.id:
        return "talks with this call" if agent.talking else "is being rung for this call"
    return (
        unfit(floor, call, agent)
        or unavailable(floor, agent, now)
        or _held(floor, call, agent, now)
        or ("free" if call.matchable else "free, but the call is out of reach")
    )


def unfit(floor: Floor, call: Call, agent: Agent) -> str | None:
    """Why this agent may not serve the call at all, at present."""
    waits_for = floor.waits_for(call)
    if waits_for and agent.name not in waits_for:
        return f"the call waits for {' or '.join(waits_for)} first"
    profile = Profile(0, agent.rule)
    if call.direct is not None and waits_for:
        return None if profile.switch == call.switch else f"has a phone on {profile.switch}"
    why = profile.why_not(floor.class_of(call).key)
    if why is None and call.queue in profile.reserves and call.queue in floor.resting:
        return "is a reserve that is not called"
    return why


def _held(floor: Floor, call: Call, agent: Agent, now: int) -> str | None:
    """What keeps a free agent who fits from the call."""
    if call.held_off is not None and held_off(call, agent.name):
        return f"was offered this call, again in {max(0, ms(call.held_off[agent.name]) - ms(now))} ms"
    if call.switch in floor.lost_switches:
        return f"the link to {call.switch} is down"
    if floor.settling:
        return "after a restart, waiting for callers to come back"
    if call.asking:
        return "free, but an outside program is being asked"
    rule = floor.queue_of(call)
    if rule.max_offers is not None and floor.ringing[call.queue] >= rule.max_offers:
        return f"free, but {rule.max_offers} phones ring for {call.queue} already"
    return None if call.state is CallState.WAITING else f"free, but the call is {call.state.value}"


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
