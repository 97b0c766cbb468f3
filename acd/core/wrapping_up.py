"""Work after a talk: whether there is any, how long it may last, and its end."""

from acd.core.agents import Agent, WrapUp
from acd.core.calls import Call
from acd.core.commands import ArmTimer, CancelTimer
from acd.core.events import WrapUpAsked, WrapUpFinished, WrapUpProlonged
from acd.core.facts import WrapUpExtended, WrapUpStarted, WrapUpWished
from acd.core.floor import Floor
from acd.core.ids import AgentName
from acd.core.leaving import close_wrap_up
from acd.core.outcomes import WrapUpMode
from acd.core.rules import QueueRule
from acd.core.timers import Timer, TimerKind


def start_wrap_up(floor: Floor, agent: Agent, call: Call, queue: QueueRule) -> None:
    """Begin the work after a talk that just ended, if the queue's mode has any; the caller settles the agent."""
    lasting = _lasting(queue, wished=agent.wants_wrap_up)
    agent.wants_wrap_up = False
    if lasting is None:
        return
    until = floor.now + lasting if lasting else 0
    agent.wrap_up = WrapUp(call=call.id, queue=queue.name, began=floor.now, until=until)
    floor.tell(
        WrapUpStarted(
            at=floor.now,
            generation=floor.rules.generation,
            call=call.id,
            queue=queue.name,
            agent=agent.name,
            until=until,
        )
    )
    if until:
        floor.do(ArmTimer(timer=Timer(TimerKind.WRAP_UP, agent.name), at=until))


def _lasting(queue: QueueRule, *, wished: bool) -> int | None:
    """Nanoseconds; 0: until the agent is done; None: there is none."""
    match queue.wrap_up_mode:
        case WrapUpMode.TIMED:
            return queue.wrap_up or None
        case WrapUpMode.DISCRETIONARY:
            return 0
        case WrapUpMode.REQUESTED:
            return queue.wrap_up if wished and queue.wrap_up else None
        case WrapUpMode.NONE:
            return None


def on_wrap_up_asked(floor: Floor, event: WrapUpAsked) -> None:
    """The agent wants time after the present talk, or no longer."""
    agent = floor.agents.get(event.agent)
    if agent is None or agent.call is None or not agent.talking:
        floor.stale(event, event.agent, "is in no talk")
        return
    call = floor.calls[agent.call]
    if floor.queue_of(call).wrap_up_mode is not WrapUpMode.REQUESTED:
        floor.stale(event, event.agent, f"{call.queue} gives time after talks by its own rule")
    elif agent.wants_wrap_up is event.wanted:
        floor.stale(event, event.agent, "has said so already")
    else:
        agent.wants_wrap_up = event.wanted
        floor.tell(
            WrapUpWished(**floor.stamp, call=call.id, queue=call.queue, agent=agent.name, wished=event.wanted)
        )


def on_wrap_up_prolonged(floor: Floor, event: WrapUpProlonged) -> None:
    """The agent needs longer, as far as the queue allows."""
    agent = floor.agents.get(event.agent)
    work = None if agent is None else agent.wrap_up
    if agent is None or work is None:
        floor.stale(event, event.agent, "not in wrap-up")
        return
    if not work.until:
        floor.stale(event, event.agent, "the wrap-up has no end by time")
        return
    until = longest(floor, work, event.by)
    if until <= work.until:
        floor.stale(event, event.agent, "the wrap-up is as long as the queue allows")
        return
    agent.wrap_up = WrapUp(call=work.call, queue=work.queue, began=work.began, until=until)
    floor.tell(WrapUpExtended(**floor.stamp, call=work.call, queue=work.queue, agent=agent.name, until=until))
    floor.do(ArmTimer(timer=Timer(TimerKind.WRAP_UP, agent.name), at=until))


def longest(floor: Floor, work: WrapUp, by: int) -> int:
    """When the wrap-up would end if it were prolonged by so much."""
    queue = floor.rules.queues.get(work.queue)
    most = 0 if queue is None else queue.wrap_up_most
    return max(work.until, min(work.until + by, work.began + most))


def on_wrap_up_finished(floor: Floor, event: WrapUpFinished) -> None:
    """The agent is done early."""
    agent = floor.agents.get(event.agent)
    if agent is None or agent.wrap_up is None:
        floor.stale(event, event.agent, "not in wrap-up")
        return
    floor.do(CancelTimer(timer=Timer(TimerKind.WRAP_UP, agent.name)))
    end_wrap_up(floor, agent)


def on_wrap_up_over(floor: Floor, name: AgentName) -> None:
    """The time is up."""
    agent = floor.agents.get(name)
    if agent is not None and agent.wrap_up is not None:
        end_wrap_up(floor, agent)


def end_wrap_up(floor: Floor, agent: Agent) -> None:
    """Close the wrap-up and let the agent rest."""
    close_wrap_up(floor, agent)
    floor.settle(agent)
