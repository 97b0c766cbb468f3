"""An outside program that chooses among the free agents. Only where there is a choice, never for longer than its deadline."""

from acd.core.calls import Call
from acd.core.commands import ArmTimer, Ask, CancelTimer
from acd.core.events import Advised
from acd.core.facts import Advice
from acd.core.floor import Floor
from acd.core.ids import NS_PER_MS, AgentName
from acd.core.matching import Pick, held_off
from acd.core.ready import IDLE, order_of
from acd.core.rules import QueueRule
from acd.core.timers import Timer, TimerKind

MOST_CANDIDATES = 20


def ask_first(floor: Floor, pick: Pick) -> bool:
    """Whether somebody else is to choose: then the question is out, and the call waits for the answer."""
    call, queue = pick.call, floor.queue_of(pick.call)
    if not queue.ask or call.prefer_until or pick.rule == "advice" or call.advised:
        return False
    agents = candidates(floor, call, queue)
    if len(agents) < 2:
        return False
    floor.step_aside(call)
    call.questions += 1
    call.asking = call.questions
    floor.do(
        Ask(
            call=call.id,
            queue=call.queue,
            number=call.asking,
            agents=agents,
            deadline=queue.ask_deadline // NS_PER_MS,
        )
    )
    floor.do(ArmTimer(timer=Timer(TimerKind.ASK, call.id), at=floor.now + queue.ask_deadline))
    return True


def candidates(floor: Floor, call: Call, queue: QueueRule) -> tuple[AgentName, ...]:
    """Free agents who can serve the call, in the strategy's own order, skill aside."""
    mask = floor.servers(floor.class_of(call))
    order = order_of(queue) if queue.strategy.value not in ("skills", "least_skilled") else IDLE
    nearest = floor.ready.nearest(mask, order, MOST_CANDIDATES)
    return tuple(entry[2] for entry in nearest if not held_off(call, entry[2]))


def on_advised(floor: Floor, event: Advised) -> None:
    """The answer counts if it is in time and names an agent who can still take the call; else the strategy decides."""
    call = floor.calls.get(event.call)
    if call is None or call.asking != event.number:
        floor.stale(event, event.call, "the question is over" if call else "no such open call")
        return
    floor.do(CancelTimer(timer=Timer(TimerKind.ASK, call.id)))
    decide(floor, call, event.agent, event.why)


def on_no_advice(floor: Floor, call: Call) -> None:
    """The deadline is over."""
    if call.asking:
        decide(floor, call, None, "no answer in time")


def decide(floor: Floor, call: Call, agent: AgentName | None, why: str) -> None:
    """Go on after a question."""
    call.asking = 0
    call.advised = True
    takes = (
        agent is not None
        and call.matchable
        and not (call.timed_out or call.move_to)
        and agent in floor.ready
        and floor.may_take(call, agent)
        and not held_off(call, agent)
    )
    if agent is not None and not takes:
        agent, why = None, f"{agent} can't take the call (any more)"
    floor.tell(Advice(**floor.stamp, call=call.id, queue=call.queue, agent=agent, why=why))
    if agent is not None:
        floor.advice.append((call, agent))
    elif call.matchable:
        floor.place(call)
