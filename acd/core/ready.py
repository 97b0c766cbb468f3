"""The agents who can take a call now, by profile and in the orders the strategies choose by.

Every order is a list sorted by a key that does not change while the agent is free, one over all and one per profile. The
best of a set of profiles is found by walking the long list until an agent of the set comes, or by comparing the heads
of the set's profiles, whichever looks at fewer: at most about the square root of the number of free agents.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import chain, islice
from typing import Final

from acd.core import occupancy
from acd.core.agents import Agent
from acd.core.ids import AgentName, QueueName
from acd.core.outcomes import Strategy
from acd.core.profiles import Profile, Staff, bits
from acd.core.rules import QueueRule, Rules

Entry = tuple[float, float, AgentName, Profile]
"""(first key, second key, name, profile): the name makes it a strict order."""

ONE_BY_ONE: Final = 16
"""Looking up one profile of a set costs about as much as walking past so many agents in a sorted list."""
IDLE: Final = 0
IDLE_ANY: Final = 1
OCCUPIED: Final = 2
CALLS: Final = 3
LISTED: Final = 4

ORDER_OF: Final[Mapping[Strategy, int]] = {
    Strategy.SKILLS: IDLE,
    Strategy.LEAST_SKILLED: IDLE,
    Strategy.LONGEST_IDLE: IDLE,
    Strategy.LEAST_OCCUPIED: OCCUPIED,
    Strategy.FEWEST_CALLS: CALLS,
    Strategy.ROUND_ROBIN: LISTED,
    Strategy.LINEAR: LISTED,
    Strategy.SIMULTANEOUS: IDLE,
    Strategy.PROGRESSIVE: IDLE,
    Strategy.RANDOM: LISTED,
}


def order_of(queue: QueueRule) -> int:
    """The order a queue's strategy chooses by."""
    if queue.strategy is Strategy.LONGEST_IDLE and queue.idle_counts_direct:
        return IDLE_ANY
    return ORDER_OF[queue.strategy]


def orders_of(
    profile: Profile, queues: Mapping[QueueName, QueueRule], by_step: Iterable[int]
) -> tuple[int, ...]:
    """The orders the profile's agents must stand in. `by_step`: those of queues whose steps may add their group."""
    own = {order_of(queues[queue]) for queue in profile.serves if queue in queues}
    return tuple(sorted({IDLE, *own, *by_step}))


class ReadyAgents:
    """An index; agents are added and removed by the floor as their state changes."""

    def __init__(self, staff: Staff, rules: Rules) -> None:
        """Nobody is ready."""
        self._staff = staff
        self._window = rules.window
        self._lists: list[list[Entry]] = [[] for _ in range(5)]
        self._where: dict[AgentName, tuple[Profile, tuple[tuple[int, Entry], ...]]] = {}
        self.mask = 0
        """Profiles with at least one agent who can take a call now."""
        self._keys: tuple[Callable[[Agent], tuple[float, float]], ...] = (
            lambda agent: (agent.idle_since, 0),
            lambda agent: (agent.idle_any, 0),
            lambda agent: (occupancy.rank(agent.busy_share, agent.since, self._window), agent.idle_since),
            lambda agent: (len(agent.recent), agent.idle_since),
            lambda agent: (rules.agents[agent.name].number, 0),
        )

    # ------------------------------------------------------------ in and out

    def add(self, agent: Agent) -> None:
        """Make the agent available. Adding twice changes nothing."""
        if agent.name in self._where:
            return
        profile = self._staff.of[agent.name]
        entries = []
        for order in profile.orders:
            entry = (*self._keys[order](agent), agent.name, profile)
            entries.append((order, entry))
            insort(self._lists[order], entry)
            insort(profile.ready.setdefault(order, []), entry)
        self._where[agent.name] = (profile, tuple(entries))
        self.mask |= profile.bit

    def discard(self, name: AgentName) -> None:
        """Make the agent unavailable, if available."""
        where = self._where.pop(name, None)
        if where is None:
            return
        profile, entries = where
        for order, entry in entries:
            _take_out(self._lists[order], entry)
            _take_out(profile.ready[order], entry)
        if not profile.ready[IDLE]:
            self.mask &= ~profile.bit

    def again(self, agent: Agent) -> None:
        """The agent's keys have changed: let them stand where they belong now."""
        if agent.name in self._where:
            self.discard(agent.name)
            self.add(agent)

    # ------------------------------------------------------------ who is best

    def best(self, mask: int, order: int, without: AbstractSet[AgentName] = frozenset()) -> Entry | None:
        """The first of these profiles' free agents in that order, leaving some out."""
        wanted = mask & self.mask
        if not wanted:
            return None
        profiles = self._staff.profiles
        if not wanted & (wanted - 1):
            return _first(profiles[wanted.bit_length() - 1].ready[order], without)
        if self._few(wanted, order):
            heads = (_first(profiles[number].ready[order], without) for number in bits(wanted))
            return min((head for head in heads if head is not None), default=None)
        for entry in self._lists[order]:
            if wanted & entry[3].bit and entry[2] not in without:
                return entry
        return None

    def nearest(self, mask: int, order: int, number: int) -> list[Entry]:
        """The first so many of these profiles' free agents in that order."""
        wanted = mask & self.mask
        if not wanted:
            return []
        profiles = self._staff.profiles
        if self._few(wanted, order):
            lists = [profiles[profile].ready[order][:number] for profile in bits(wanted)]
            return lists[0] if len(lists) == 1 else sorted(chain.from_iterable(lists))[:number]
        return list(islice((entry for entry in self._lists[order] if wanted & entry[3].bit), number))

    def following(
        self, mask: int, number: float, without: AbstractSet[AgentName] = frozenset()
    ) -> Entry | None:
        """The first in the list after `number`, else the first from its beginning."""
        wanted = mask & self.mask
        if not wanted:
            return None
        profiles = self._staff.profiles
        after = (number, 1.0)
        if self._few(wanted, LISTED):
            lists = [profiles[profile].ready[LISTED] for profile in bits(wanted)]
            turned = [_first(entries, without, bisect_left(entries, after)) for entries in lists]
            found = [entry for entry in turned if entry is not None]
            return min(found, key=lambda entry: (entry[0] <= number, entry), default=None)
        whole = self._lists[LISTED]
        at = bisect_left(whole, after)
        for entry in (*islice(whole, at, None), *islice(whole, at)):
            if wanted & entry[3].bit and entry[2] not in without:
                return entry
        return None

    def _few(self, wanted: int, order: int) -> bool:
        few = wanted.bit_count()
        return few * few * ONE_BY_ONE <= len(self._lists[order])

    # ------------------------------------------------------------ views

    def lists(self, mask: int, order: int) -> Iterator[tuple[Profile, list[Entry]]]:
        """The free agents of each profile in the mask that has some; not to be changed."""
        for number in bits(mask & self.mask):
            profile = self._staff.profiles[number]
            yield profile, profile.ready[order]

    def __contains__(self, agent: AgentName) -> bool:
        """Whether the agent can take a call now."""
        return agent in self._where

    def __len__(self) -> int:
        """How many agents can take a call now."""
        return len(self._where)

    def __iter__(self) -> Iterator[AgentName]:
        """Who can take a call now."""
        return iter(self._where)


def _take_out(entries: list[Entry], entry: Entry) -> None:
    del entries[bisect_left(entries, entry)]


def _first(entries: list[Entry], without: AbstractSet[AgentName], start: int = 0) -> Entry | None:
    """The first entry from `start` on, cyclically, whose agent is not left out."""
    if not without:
        return entries[start % len(entries)]
    for place in range(len(entries)):
        entry = entries[(start + place) % len(entries)]
        if entry[2] not in without:
            return entry
    return None
