"""How a free agent chooses among queues, where more than one has a caller for them.

Each way looks at one call a queue, the first in its order that the agent may take. What decides is a number, the greater the
better; ties go by the order of the line.
"""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from acd.core.calls import Call
from acd.core.ids import QueueName
from acd.core.outcomes import Choose
from acd.core.profiles import Profile
from acd.core.rules import QueueRule
from acd.core.waiting import Moment

REMEMBERED: Final = 1_000
"""Calls of a group that its shares are counted over; then the older half counts half."""


class First(msgspec.Struct, frozen=True):
    """The first call of a queue that an agent may take."""

    moment: Moment
    call: Call
    queue: QueueRule
    level: int


class Shares:
    """How many calls of each queue a group's agents were offered, lately."""

    def __init__(self) -> None:
        """None yet."""
        self.taken: dict[str, dict[QueueName, float]] = {}

    def count(self, group: str, queue: QueueName) -> None:
        """One more call of the queue for that group."""
        taken = self.taken.setdefault(group, {})
        taken[queue] = taken.get(queue, 0.0) + 1.0
        if sum(taken.values()) > REMEMBERED:
            self.taken[group] = {name: count / 2 for name, count in taken.items()}

    def deficit(self, profile: Profile, queue: QueueName) -> float:
        """By how many calls, in hundredths, the queue is behind its share."""
        taken: Mapping[QueueName, float] = self.taken.get(profile.shares_of, {})
        total = sum(taken.values()) + 1.0
        return profile.shares.get(queue, 0) * total - 100.0 * taken.get(queue, 0.0)


def _need(first: First, _profile: Profile, _shares: Shares, now: int) -> float:
    return (now - first.call.place) / max(1, first.queue.target)


def _weight(first: First, _profile: Profile, _shares: Shares, _now: int) -> float:
    return first.queue.weight


def _risk(first: First, _profile: Profile, _shares: Shares, now: int) -> float:
    return (now - first.call.place) - first.queue.target


def _behind(first: First, profile: Profile, shares: Shares, _now: int) -> float:
    return shares.deficit(profile, first.queue.name)


VALUES: Final[Mapping[Choose, Callable[[First, Profile, Shares, int], float]]] = {
    Choose.GREATEST_NEED: _need,
    Choose.WEIGHT: _weight,
    Choose.SERVICE_LEVEL: _risk,
    Choose.PERCENT: _behind,
}


def choose(firsts: list[First], profile: Profile, shares: Shares, now: int) -> First:
    """One of these, by the agents' levels and their way to choose."""
    level = min(first.level for first in firsts)
    here = [first for first in firsts if first.level == level]
    value = VALUES.get(profile.choose)
    if value is None:
        return min(here, key=lambda first: first.moment)
    return min(here, key=lambda first: (-value(first, profile, shares, now), first.moment))
