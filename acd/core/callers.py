"""What is remembered of callers: who gave up a moment ago, and whom they talked with last. Only of numbers that tell callers apart."""

import re
from collections.abc import Sequence
from typing import Final

from acd.core.calls import Call
from acd.core.facts import PlaceRestored
from acd.core.floor import ACQUAINTANCES, Floor, GaveUp, keep
from acd.core.ids import AgentName
from acd.core.rules import QueueRule

_NUMBER: Final = re.compile(r"\+?[0-9]{5,15}")


def identifies(number: str, shared: Sequence[str] = ()) -> bool:
    """Whether a number names one caller: digits enough to be called back, and not one that many have in common."""
    return _NUMBER.fullmatch(number) is not None and not any(number.startswith(known) for known in shared)


def note_given_up(floor: Floor, call: Call) -> None:
    """Keep the place of a caller who hung up, if the queue gives it back."""
    queue = floor.queue_of(call)
    if queue.resume_within and call.work is None and identifies(call.caller, queue.shared_numbers):
        gave_up = GaveUp(call=call.id, queue=call.queue, caller=call.caller, place=call.place, at=floor.now)
        keep(floor.gave_up, (call.queue, call.caller), gave_up)


def restore_place(floor: Floor, call: Call) -> None:
    """Give a caller who is back in time the old place, once."""
    queue = floor.queue_of(call)
    if not queue.resume_within or not identifies(call.caller, queue.shared_numbers):
        return
    gave_up = floor.gave_up.pop((call.queue, call.caller), None)
    if gave_up is None or floor.now - gave_up.at > queue.resume_within or gave_up.place >= call.place:
        return
    call.credit += call.place - gave_up.place
    floor.tell(
        PlaceRestored(**floor.stamp, call=call.id, queue=call.queue, earlier=gave_up.call, credit=call.credit)
    )


def note_talk(floor: Floor, call: Call, agent: AgentName) -> None:
    """Remember who talked with the caller."""
    if identifies(call.caller):
        keep(floor.last_agents, call.caller, (agent, floor.now), ACQUAINTANCES)


def known_agent(floor: Floor, call: Call, queue: QueueRule) -> AgentName | None:
    """The agent the caller talked with last, if that is not too long ago for the queue."""
    if not queue.sticky or not identifies(call.caller, queue.shared_numbers):
        return None
    known = floor.last_agents.get(call.caller)
    return known[0] if known is not None and floor.now - known[1] <= queue.sticky_within else None
