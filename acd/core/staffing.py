"""Agents' wishes and their phones: log in and out, pause and resume, reachable or not."""

from acd.core.commands import CancelTimer
from acd.core.events import AgentLoggedIn, AgentLoggedOut, AgentPaused, AgentResumed, PhoneChanged
from acd.core.facts import LoggedIn, Paused, Resumed
from acd.core.floor import Floor
from acd.core.leaving import leave
from acd.core.offering import rescind
from acd.core.outcomes import PhoneState
from acd.core.timers import Timer, TimerKind


def on_agent_logged_in(floor: Floor, event: AgentLoggedIn) -> None:
    """The agent is at work: idle from now, so that logging out and in again jumps no order."""
    agent = floor.agents.get(event.agent)
    if agent is None:
        floor.stale(event, event.agent, "no such agent")
    elif agent.logged_in and not agent.leaving:
        floor.stale(event, event.agent, "is logged in already")
    elif agent.logged_in:
        agent.leaving = False
    else:
        agent.logged_in = True
        agent.idle_since = agent.idle_any = floor.now
        agent.missed = {}
        floor.tell(LoggedIn(**floor.stamp, agent=agent.name, phone=agent.rule.phone))
        floor.settle(agent)


def on_agent_logged_out(floor: Floor, event: AgentLoggedOut) -> None:
    """A ringing offer is pulled back at once, a talk goes on to its end first."""
    agent = floor.agents.get(event.agent)
    if agent is None or not agent.logged_in:
        floor.stale(event, event.agent, "is not logged in" if agent else "no such agent")
        return
    if agent.call is None:
        leave(floor, agent)
        floor.settle(agent)
        return
    agent.leaving = True
    rescind(floor, floor.calls[agent.call], agent)


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
        floor.tell(Resumed(**floor.stamp, agent=agent.name))
    agent.paused = event.reason
    floor.tell(Paused(**floor.stamp, agent=agent.name, reason=event.reason))
    if agent.call is not None:
        rescind(floor, floor.calls[agent.call], agent)
    floor.settle(agent, reason=event.reason)


def on_agent_resumed(floor: Floor, event: AgentResumed) -> None:
    """Offers are welcome again."""
    agent = floor.agents.get(event.agent)
    if agent is None or agent.paused is None:
        floor.stale(event, event.agent, "is not paused" if agent else "no such agent")
        return
    agent.paused = None
    floor.tell(Resumed(**floor.stamp, agent=agent.name))
    floor.settle(agent)


def on_phone_changed(floor: Floor, event: PhoneChanged) -> None:
    """An agent on a call of their own, or with a dead phone, is not offered a call."""
    floor.phones[event.switch, event.phone] = event.state
    agent = floor.agent_on(event.switch, event.phone)
    if agent is None:
        return
    came_back = agent.phone is PhoneState.UNREACHABLE and event.state is PhoneState.FREE
    agent.phone = event.state
    if came_back and agent.backed_off_until > floor.now:
        agent.backed_off_until = floor.now
        floor.do(CancelTimer(timer=Timer(TimerKind.BACK_OFF, agent.name)))
    floor.settle(agent)
