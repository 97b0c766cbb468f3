"""What must be true of a floor between two events, written once and checked after every step of every core test."""

from collections import Counter
from collections.abc import Iterator

from acd.core.floor import Floor
from acd.core.matching import held_off
from acd.core.ready import Profile, profile_of
from acd.core.states import AgentState, CallState
from acd.core.waiting import class_of


class BrokenFloorError(AssertionError):
    """The floor contradicts itself; the message lists every contradiction."""


def validate(floor: Floor) -> None:
    """Raise BrokenFloorError unless all indexes agree with the records and nobody who fits waits for anybody free.

    Scans everything, so it is for tests and `acd audit`, not for the hot path.
    """
    broken = [*_line(floor), *_offers(floor), *_agents(floor), *_pairs(floor)]
    if broken:
        raise BrokenFloorError("; ".join(broken))


def _line(floor: Floor) -> Iterator[str]:
    stands = set(floor.line.in_order())
    matchable = {call.id for call in floor.open_calls() if call.matchable}
    if stands != matchable:
        yield f"the line holds {stands ^ matchable} wrongly"
    if len(floor.line) != len(stands):
        yield "a call stands in the line twice"
    inside = Counter(c.queue for c in floor.open_calls() if c.state is not CallState.TALKING)
    if +floor.in_queue != inside:
        yield f"queue counts {dict(+floor.in_queue)} should be {dict(inside)}"


def _offers(floor: Floor) -> Iterator[str]:
    live = {call.offer.id: call.id for call in floor.open_calls() if call.offer is not None}
    if live != floor.offers:
        yield f"offers {floor.offers} should be {live}"
    for call in floor.open_calls():
        if (call.offer is None) != (call.state is CallState.WAITING):
            yield f"{call.id} is {call.state} with offer {call.offer}"
        if call.offer is not None and floor.agents[call.offer.agent].call != call.id:
            yield f"{call.offer.agent} does not know of {call.id}"


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


def _pairs(floor: Floor) -> Iterator[str]:
    if floor.settling:
        return
    for name in floor.ready:
        profile = Profile(profile_of(floor.agents[name].rule))
        for call_id in floor.line.in_order():
            call = floor.calls[call_id]
            if call.switch in floor.lost_switches or held_off(call, name):
                continue
            if profile.why_not(class_of(call)) is None:
                yield f"{name} is free and could serve {call_id}"
