"""How an agent goes: the wrap-up is closed, the log-out stated. The caller settles the agent."""

from acd.core.agents import PLAIN_GOODBYE, Agent
from acd.core.commands import CancelTimer
from acd.core.facts import LoggedOut, WrapUpEnded
from acd.core.floor import Floor
from acd.core.ids import PhoneName, ms
from acd.core.outcomes import Via
from acd.core.timers import Timer, TimerKind


def leave(
    floor: Floor, agent: Agent, reason: str = "", via: Via = Via.ROUTER, *, forced: bool = False
) -> None:
    """Log the agent out; the caller settles the agent."""
    if agent.wrap_up is not None:
        floor.do(CancelTimer(timer=Timer(TimerKind.WRAP_UP, agent.name)))
        close_wrap_up(floor, agent)
    here = (agent.rule.switch, agent.at_phone)
    if floor.by_phone.get(here) == agent.name:
        del floor.by_phone[here]
    agent.logged_in = agent.leaving = agent.wants_wrap_up = agent.wants_help = agent.overrun = False
    agent.paused, agent.seat, agent.goodbye = None, PhoneName(""), PLAIN_GOODBYE
    floor.tell(LoggedOut(**floor.stamp, agent=agent.name, reason=reason, via=via, forced=forced))


def leave_as_wished(floor: Floor, agent: Agent) -> None:
    """The call is over after which the agent wanted to leave."""
    leave(floor, agent, agent.goodbye.reason, agent.goodbye.via, forced=agent.goodbye.forced)


def close_wrap_up(floor: Floor, agent: Agent) -> None:
    """State the end of the wrap-up, if there is one; idle time counts from here."""
    work = agent.wrap_up
    if work is None:
        return
    agent.wrap_up = None
    agent.idle_since = agent.idle_any = floor.now
    floor.tell(
        WrapUpEnded(
            at=floor.now,
            generation=floor.rules.generation,
            call=work.call,
            queue=work.queue,
            agent=agent.name,
            wrap_up_ms=ms(floor.now) - ms(work.began),
        )
    )
