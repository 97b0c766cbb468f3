"""What must be true of a floor between two events, written once and checked after every step of every core test."""

from collections import Counter
from collections.abc import Iterator

from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.floor import Floor
from acd.core.ids import QueueName
from acd.core.matching import held_off
from acd.core.profiles import Profile
from acd.core.states import AgentState, CallState


class BrokenFloorError(AssertionError):
    """The floor contradicts itself; the message lists every contradiction."""


def validate(floor: Floor) -> None:
    """Raise BrokenFloorError unless all indexes agree with the records and nobody who fits waits for anybody free.

    Scans everything, so it is for tests and `acd audit`, not for the hot path.
    """
    broken = [
        *_line(floor),
        *_offers(floor),
        *_agents(floor),
        *_desks(floor),
        *_doors(floor),
        *_work(floor),
        *_sets(floor),
        *_pairs(floor),
    ]
    if broken:
        raise BrokenFloorError("; ".join(broken))


def _line(floor: Floor) -> Iterator[str]:
    order = floor.in_order()
    stands = set(order)
    matchable = {call.id for call in floor.open_calls() if call.matchable}
    if stands != matchable:
        yield f"the line holds {stands ^ matchable} wrongly"
    if len(order) != len(stands) or len(floor.line) != len(stands):
        yield "a call stands in the line twice"
    waiting = [c for c in floor.open_calls() if c.state is not CallState.TALKING]
    inside = Counter(call.queue for call in waiting)
    if +floor.in_queue != inside:
        yield f"queue counts {dict(+floor.in_queue)} should be {dict(inside)}"
    rings: Counter[QueueName] = Counter()
    for call in waiting:
        rings[call.queue] += len(call.offers)
    if +floor.ringing != +rings:
        yield f"ringing counts {dict(+floor.ringing)} should be {dict(+rings)}"
    for call_id in order:
        yield from _standing(floor, floor.calls[call_id])


def _standing(floor: Floor, call: Call) -> Iterator[str]:
    """The class and the key that the rules give now are those the call stands by, until its timer says otherwise."""
    where, key = floor.line.where(call.id)
    if call.timer_at is not None and call.timer_at <= floor.now:
        return
    standing = floor.places.stand(call, call.stage, floor.now)
    if standing.where is not where or standing.key != key:
        yield f"{call.id} stands in {where.key} at {key}, should in {standing.where.key} at {standing.key}"
    if standing.next_change != call.timer_at:
        yield f"{call.id} is due at {call.timer_at}, should at {standing.next_change}"


def _doors(floor: Floor) -> Iterator[str]:
    for name, door in floor.doors.closed.items():
        if not door.by_hours and not door.by_hand:
            yield f"{name} is closed by nothing"


def _work(floor: Floor) -> Iterator[str]:
    """Each attempt in line belongs to a piece of work that knows of it, and each has one at most."""
    known = {item.call: item.id for item in floor.work.items.values() if item.call is not None}
    attempts = {call.id: call.work for call in floor.open_calls() if call.work is not None}
    if known != attempts:
        yield f"attempts {attempts} should be {known}"
    numbers = Counter((item.queue, item.number) for item in floor.work.items.values() if item.number)
    for (queue, number), count in numbers.items():
        if count > 1:
            yield f"{number} has {count} pieces of work in {queue}"
    if floor.attempts_over or floor.called_again:
        yield "an attempt's end has not been followed"


def _offers(floor: Floor) -> Iterator[str]:
    live = {offer.id: call.id for call in floor.open_calls() for offer in call.offers}
    if live != floor.offers:
        yield f"offers {floor.offers} should be {live}"
    for call in floor.open_calls():
        if bool(call.offers) is (call.state is CallState.WAITING):
            yield f"{call.id} is {call.state} with offers {call.offers}"
        if call.state is CallState.TALKING and len(call.offers) != 1:
            yield f"{call.id} talks with offers {call.offers}"
        for offer in call.offers:
            agent = floor.agents[offer.agent]
            if agent.call != call.id or agent.offer != offer.id:
                yield f"{offer.agent} does not know of {offer.id}"


def _agents(floor: Floor) -> Iterator[str]:
    if +floor.states != Counter(agent.state for agent in floor.agents.values()):
        yield "agent state counts are off"
    for agent in floor.agents.values():
        if agent.state is not agent.state_by_facts:
            yield f"{agent.name} is {agent.state}, should be {agent.state_by_facts}"
        free = agent.state is AgentState.READY and agent.backed_off_until <= floor.now
        if agent.name in floor.ready and not free:
            yield f"{agent.name} is in the ready index but {agent.state}"
        if agent.call is not None and agent.call not in floor.calls:
            yield f"{agent.name} holds {agent.call}, which has ended"


def _desks(floor: Floor) -> Iterator[str]:
    """Everybody at work sits at one phone, alone; only who is about to leave may have none."""
    for (switch, phone), name in floor.by_phone.items():
        agent = floor.agents[name]
        if not agent.at_work or (agent.rule.switch, agent.at_phone) != (switch, phone):
            yield f"{name} does not sit at {phone}"
    for agent in floor.agents.values():
        alone = floor.agent_on(agent.rule.switch, agent.at_phone) is agent
        if agent.at_work and not agent.leaving and not alone:
            yield f"{agent.name} is not alone at {agent.at_phone}"


def _sets(floor: Floor) -> Iterator[str]:
    """The bit sets say what the agents' records say."""
    for state in AgentState:
        seen = {floor.staff.of[a.name].number for a in floor.agents.values() if a.state is state}
        if floor.staff.in_state[state] != sum(1 << number for number in seen):
            yield f"the set of profiles {state} is off"
    ready = {floor.staff.of[name].number for name in floor.ready}
    if floor.ready.mask != sum(1 << number for number in ready):
        yield "the set of ready profiles is off"


def _pairs(floor: Floor) -> Iterator[str]:
    if floor.settling:
        return
    for name in floor.ready:
        for call_id in floor.in_order():
            if matchable(floor, floor.calls[call_id], floor.agents[name]):
                yield f"{name} is free and could serve {call_id}"


def matchable(floor: Floor, call: Call, agent: Agent) -> bool:
    """Whether this free agent may be offered this waiting call now, worked out without any index."""
    rule = floor.queue_of(call)
    if call.switch in floor.lost_switches or held_off(call, agent.name) or agent.rule.switch != call.switch:
        return False
    if rule.max_offers is not None and floor.ringing[call.queue] >= rule.max_offers:
        return False
    if call.prefer_until and agent.name not in floor.waits_for(call):
        return False
    if call.prefer_until and call.direct is not None:
        return True
    profile = Profile(0, agent.rule)
    if call.queue in profile.reserves and call.queue in floor.resting:
        return False
    return profile.why_not(floor.line.where(call.id)[0].key) is None
