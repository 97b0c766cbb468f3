"""Pauses: wished at any time, in force once there is nothing else to do; one interval per reason."""

from acd.core.agents import Agent
from acd.core.commands import ArmTimer
from acd.core.events import AgentPaused, AgentResumed
from acd.core.facts import Paused, PauseOverrun, Resumed
from acd.core.floor import Floor
from acd.core.ids import AgentName, ms
from acd.core.offering import rescind
from acd.core.outcomes import Via
from acd.core.rules import PauseRule
from acd.core.states import AgentState
from acd.core.timers import Timer, TimerKind

UNNAMED = PauseRule()


def on_agent_paused(floor: Floor, event: AgentPaused) -> None:
    """No offers from here on. In a talk or wrap-up the wish is kept and takes effect at the end."""
    agent = floor.agents.get(event.agent)
    if agent is None or not agent.logged_in:
        floor.stale(event, event.agent, "is not logged in" if agent else "no such agent")
        return
    if agent.paused == event.reason:
        floor.stale(event, event.agent, "is paused for that reason already")
        return
    if agent.paused is not None:
        _tell_resumed(floor, agent, event.via, forced=event.forced)
    pause(floor, agent, event.reason, event.via, forced=event.forced)
    if agent.state is AgentState.PAUSED:
        floor.change_state(agent, AgentState.PAUSED, event.reason, None)
    if agent.call is not None:
        rescind(floor, floor.calls[agent.call], agent)
    floor.settle(agent, reason=event.reason)


def pause(floor: Floor, agent: Agent, reason: str, via: Via, *, forced: bool = False) -> None:
    """State the pause; the caller settles the agent."""
    rule = floor.rules.pauses.get(reason, UNNAMED)
    agent.paused, agent.overrun = reason, False
    floor.tell(
        Paused(
            **floor.stamp,
            agent=agent.name,
            reason=reason,
            paid=rule.paid,
            productive=rule.productive,
            via=via,
            forced=forced,
        )
    )
    if rule.limit is not None:
        floor.do(ArmTimer(timer=Timer(TimerKind.PAUSE, agent.name), at=floor.now + rule.limit))


def on_agent_resumed(floor: Floor, event: AgentResumed) -> None:
    """Offers are welcome again."""
    agent = floor.agents.get(event.agent)
    if agent is None or agent.paused is None:
        floor.stale(event, event.agent, "is not paused" if agent else "no such agent")
        return
    _tell_resumed(floor, agent, event.via, forced=event.forced)
    agent.paused, agent.overrun = None, False
    floor.settle(agent)


def _tell_resumed(floor: Floor, agent: Agent, via: Via, *, forced: bool) -> None:
    """The end of one reason's interval; a pause that never took effect lasted no time."""
    lasted = ms(floor.now) - ms(agent.since) if agent.state is AgentState.PAUSED else 0
    floor.tell(
        Resumed(
            **floor.stamp,
            agent=agent.name,
            reason=agent.paused or "",
            lasted_ms=lasted,
            via=via,
            forced=forced,
        )
    )


def on_pause_due(floor: Floor, name: AgentName) -> None:
    """A pause may have become too long; its time counts from when it took effect. One that is over is not cancelled."""
    agent = floor.agents.get(name)
    if agent is None or agent.paused is None or agent.overrun:
        return
    limit = floor.rules.pauses.get(agent.paused, UNNAMED).limit
    if limit is None:
        return
    began = agent.since if agent.state is AgentState.PAUSED else floor.now
    if floor.now - began < limit:
        floor.do(ArmTimer(timer=Timer(TimerKind.PAUSE, name), at=began + limit))
        return
    agent.overrun = True
    floor.tell(PauseOverrun(**floor.stamp, agent=name, reason=agent.paused, limit_ms=ms(limit)))
