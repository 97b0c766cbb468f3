"""Who is at work, and at which phone: log in and out, phones reachable or not."""

from acd.core.agents import PLAIN_GOODBYE, Agent, Goodbye
from acd.core.commands import CancelTimer, Disconnect
from acd.core.events import AgentLoggedIn, AgentLoggedOut, PhoneChanged
from acd.core.facts import BackedOff, LoggedIn, LogInRefused, LogOutWished
from acd.core.floor import Floor
from acd.core.ids import PhoneName
from acd.core.leaving import leave
from acd.core.offering import rescind
from acd.core.outcomes import OfferOutcome, PhoneState
from acd.core.timers import Timer, TimerKind


def on_agent_logged_in(floor: Floor, event: AgentLoggedIn) -> None:
    """The agent is at work: idle from now, so that logging out and in again jumps no order."""
    agent = floor.agents.get(event.agent)
    if agent is None:
        floor.stale(event, event.agent, "no such agent")
    elif agent.logged_in and not agent.leaving:
        floor.stale(event, event.agent, "is logged in already")
    else:
        phone = event.phone or agent.rule.phone
        why = why_not_there(floor, agent, phone)
        if agent.logged_in and not agent.rule.removed:
            _stay(floor, agent)
        elif why:
            floor.tell(
                LogInRefused(
                    **floor.stamp,
                    agent=agent.name,
                    switch=agent.rule.switch,
                    phone=phone,
                    why=why,
                    via=event.via,
                )
            )
        else:
            _sit_down(floor, agent, phone, event)


def why_not_there(floor: Floor, agent: Agent, phone: PhoneName) -> str:
    """Why the agent can't log in at that phone of their switch; "" when they can. One agent per phone."""
    if agent.rule.removed:
        return f"{agent.name} was removed from the configuration"
    if not phone:
        return f"{agent.name} has no phone of their own, so one must be named"
    other = floor.agent_on(agent.rule.switch, phone)
    if other is not None and other is not agent:
        return f"{other.name} is logged in at {phone}"
    return ""


def _stay(floor: Floor, agent: Agent) -> None:
    """Take back the wish to leave after the present call."""
    agent.leaving, agent.goodbye = False, PLAIN_GOODBYE
    floor.tell(LogOutWished(**floor.stamp, agent=agent.name, wished=False))


def _sit_down(floor: Floor, agent: Agent, phone: PhoneName, event: AgentLoggedIn) -> None:
    own = phone == agent.rule.phone
    agent.seat = PhoneName("") if own else phone
    agent.phone = floor.phones.get((agent.rule.switch, phone), PhoneState.UNKNOWN)
    agent.logged_in = True
    agent.idle_since = agent.idle_any = floor.now
    agent.missed, agent.last_miss = {}, None
    floor.by_phone[agent.rule.switch, phone] = agent.name
    floor.tell(
        LoggedIn(
            **floor.stamp,
            agent=agent.name,
            phone=phone,
            switch=agent.rule.switch,
            hot_desk=not own,
            team=agent.rule.attributes.get("team", ""),
            via=event.via,
        )
    )
    floor.settle(agent)


def on_agent_logged_out(floor: Floor, event: AgentLoggedOut) -> None:
    """A ringing offer is pulled back at once; a talk goes on to its end first, or is cut when it is forced."""
    agent = floor.agents.get(event.agent)
    if agent is None or not agent.logged_in:
        floor.stale(event, event.agent, "is not logged in" if agent else "no such agent")
        return
    if agent.call is None:
        leave(floor, agent, event.reason, event.via, forced=event.forced)
        floor.settle(agent)
        return
    goodbye = Goodbye(event.reason, event.via, event.forced)
    if not agent.leaving or (goodbye.forced and not agent.goodbye.forced):
        agent.leaving, agent.goodbye = True, goodbye
        floor.tell(
            LogOutWished(
                **floor.stamp,
                agent=agent.name,
                reason=goodbye.reason,
                via=goodbye.via,
                forced=goodbye.forced,
            )
        )
    rescind(floor, floor.calls[agent.call], agent)
    if event.forced and agent.talking and agent.offer is not None:
        floor.do(Disconnect(offer=agent.offer))


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
        why = agent.last_miss or OfferOutcome.UNREACHABLE
        floor.tell(BackedOff(**floor.stamp, agent=agent.name, outcome=why, until=floor.now))
        floor.do(CancelTimer(timer=Timer(TimerKind.BACK_OFF, agent.name)))
    floor.settle(agent)
