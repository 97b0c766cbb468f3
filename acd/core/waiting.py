"""The line of waiting calls, one sorted list per class of calls that ask for the same thing.

Calls of one class differ only by their place, so an agent who can serve one can serve all, and only heads need
comparing. The effective priority of a call grows with time by its queue's ageing, linearly, so among calls of the same
ageing the order never changes by itself: each keeps a fixed key, and the moment matters only between different rates.
Insertion is a binary search and one move of pointers.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator

from acd.core.calls import LineKey
from acd.core.ids import AgentName, CallId, QueueName, SwitchName
from acd.core.outcomes import Strategy
from acd.core.profiles import CallClass, Profile, Staff

Entry = tuple[LineKey, CallId]
Moment = tuple[int, int, int]
"""A line key as of a moment: comparable between any two calls."""
MOST_EMPTY = 4_096
"""Classes nobody waits in are kept for the next such call, about so many: calls may ask for anything."""


def as_of(key: LineKey, rate: int, now: int) -> Moment:
    """The place in the one order of the line at that moment; smallest first."""
    return (key[0] - rate * now, key[1], key[2])


class WaitingClass:
    """The matchable calls of one class, in order."""

    __slots__ = (
        "_tiers",
        "_why",
        "agents",
        "bit",
        "calls",
        "key",
        "mask",
        "number",
        "profiles_known",
        "rate",
        "skills",
    )

    def __init__(self, number: int, key: CallClass, rate: int) -> None:
        """`rate`: ageing of the queue, thousandths of priority per minute."""
        self.number = number
        self.bit = 1 << number
        self.key = key
        self.rate = rate
        self.calls: list[Entry] = []
        self.mask = 0
        """Profiles that may serve the class, reserves included."""
        self.profiles_known = -1
        self.skills = key.need.asks
        self.agents = (-1, 0.0)
        """Agents that count for an estimate, and the count of staff it was worked out at (acd.core.estimate)."""
        self._tiers: list[tuple[int, int]] | None = None
        self._why: dict[int, str | None] = {}

    def why_not(self, profile: Profile) -> str | None:
        """Why these agents can't serve the class, reserve aside; None when they can. Worked out once."""
        if profile.number not in self._why:
            self._why[profile.number] = profile.why_not(self.key)
        return self._why[profile.number]

    def eligible(self, staff: Staff) -> int:
        """Profiles that may serve the class, reserves included."""
        if self.profiles_known != len(staff.profiles):
            self.mask = staff.eligible(self.key)
            self.profiles_known = len(staff.profiles)
            self._tiers = None
        return self.mask

    def tiers(self, staff: Staff, strategy: Strategy) -> list[tuple[int, int]]:
        """The eligible profiles by skill: the strategy's best first."""
        mask = self.eligible(staff)
        if not self.skills:
            return [(0, mask)]
        if self._tiers is None:
            self._tiers = staff.tiers(mask, self.skills)
        return self._tiers if strategy is Strategy.SKILLS else self._tiers[::-1]


class WaitingLine:
    """Matchable calls in order. Calls being offered or out of reach are not in it; they return to their place."""

    def __init__(self, staff: Staff) -> None:
        """An empty line before these agents."""
        self.staff = staff
        self.classes: list[WaitingClass] = []
        self._by_key: dict[CallClass, WaitingClass] = {}
        self._of_queue: dict[QueueName, list[WaitingClass]] = {}
        self._heads: dict[int, list[tuple[LineKey, int]]] = {}
        """Per rate: the head of each class that has one, with the class's number."""
        self._where: dict[CallId, tuple[WaitingClass, LineKey]] = {}
        self._personal: dict[CallId, tuple[WaitingClass, LineKey, tuple[AgentName, ...]]] = {}
        self._for_agent: dict[AgentName, dict[CallId, tuple[LineKey, int]]] = {}
        self._filled = 0
        """Classes somebody waits in."""
        self._shut_queues: set[QueueName] = set()
        self._shut_switches: set[SwitchName] = set()
        self.open = 0
        """Classes somebody waits in whose calls may be offered now."""
        self.crowded = False
        """There are many classes nobody waits in."""
        self._most = MOST_EMPTY

    # ------------------------------------------------------------ classes

    def class_of(self, key: CallClass, rate: int) -> WaitingClass:
        """The class with that key."""
        found = self._by_key.get(key)
        if found is None:
            found = WaitingClass(len(self.classes), key, rate)
            self._enter(found)
        return found

    def serves(self, profile: Profile) -> int:
        """Classes the profile's agents may serve, reserve aside, empty ones included."""
        while profile.known < len(self.classes):
            known = self.classes[profile.known]
            if known.eligible(self.staff) & profile.bit:
                profile.classes |= known.bit
            profile.known += 1
        return profile.classes

    def of_queue(self, queue: QueueName) -> list[WaitingClass]:
        """The classes of one queue, empty ones included; they all have the same rate."""
        return self._of_queue.get(queue, [])

    def forget_empty(self) -> None:
        """Give up the classes nobody waits in and number the rest anew; when `crowded`, to keep memory flat.

        Costs a look at every class and profile. Classes that somebody got before this call are no longer good.
        """
        wanted = {where.number for where, _, _ in self._personal.values()}
        kept = [where for where in self.classes if where.calls or where.number in wanted]
        self.classes, self._by_key, self._of_queue = [], {}, {}
        self._heads, self._filled, self.open = {}, 0, 0
        self.crowded, self._most = False, MOST_EMPTY + 2 * len(kept)
        for where in kept:
            where.number, where.bit = len(self.classes), 1 << len(self.classes)
            self._enter(where)
            if where.calls:
                self._fill(where)
        for profile in self.staff.profiles:
            profile.classes = profile.known = 0

    def _enter(self, where: WaitingClass) -> None:
        self._by_key[where.key] = where
        self.classes.append(where)
        self.crowded = len(self.classes) > self._most
        self._of_queue.setdefault(where.key.queue, []).append(where)

    # ------------------------------------------------------------ in and out

    def add(self, call: CallId, where: WaitingClass, key: LineKey, only: tuple[AgentName, ...] = ()) -> None:
        """Put a call at its place; with `only`, it waits for these agents alone. A call is added once."""
        if only:
            self._personal[call] = (where, key, only)
            for agent in only:
                self._for_agent.setdefault(agent, {})[call] = (key, where.rate)
            return
        self._where[call] = (where, key)
        calls = where.calls
        entry = (key, call)
        if not calls:
            calls.append(entry)
            self._fill(where)
        elif entry < calls[0]:
            self._drop_head(where)
            calls.insert(0, entry)
            insort(self._heads[where.rate], (key, where.number))
        elif entry > calls[-1]:
            calls.append(entry)
        else:
            insort(calls, entry)

    def remove(self, call: CallId) -> None:
        """Take a call out; KeyError when it does not stand in the line."""
        found = self._where.pop(call, None)
        if found is None:
            _, _, only = self._personal.pop(call)
            for agent in only:
                del self._for_agent[agent][call]
                if not self._for_agent[agent]:
                    del self._for_agent[agent]
            return
        where, key = found
        calls = where.calls
        if calls[0][1] == call:
            self._drop_head(where)
            del calls[0]
            if calls:
                insort(self._heads[where.rate], (calls[0][0], where.number))
            else:
                self._filled &= ~where.bit
                self.open &= ~where.bit
        else:
            del calls[bisect_left(calls, (key, call))]

    def _fill(self, where: WaitingClass) -> None:
        self._filled |= where.bit
        if not self._shut(where):
            self.open |= where.bit
        insort(self._heads.setdefault(where.rate, []), (where.calls[0][0], where.number))

    def _drop_head(self, where: WaitingClass) -> None:
        heads = self._heads[where.rate]
        del heads[bisect_left(heads, (where.calls[0][0], where.number))]

    def __contains__(self, call: CallId) -> bool:
        """Whether the call stands in the line."""
        return call in self._where or call in self._personal

    def __len__(self) -> int:
        """How many calls stand in the line."""
        return len(self._where) + len(self._personal)

    # ------------------------------------------------------------ shut for a while

    def shut_queue(self, queue: QueueName, *, shut: bool) -> None:
        """Let no call of the queue be offered, or let them again."""
        (self._shut_queues.add if shut else self._shut_queues.discard)(queue)
        self._reopen(self.of_queue(queue))

    def shut_switch(self, switch: SwitchName, *, shut: bool) -> None:
        """The same for all calls of a switch."""
        (self._shut_switches.add if shut else self._shut_switches.discard)(switch)
        self._reopen([where for where in self.classes if where.key.switch == switch])

    def _reopen(self, classes: list[WaitingClass]) -> None:
        for where in classes:
            if self._filled & where.bit and not self._shut(where):
                self.open |= where.bit
            else:
                self.open &= ~where.bit

    def _shut(self, where: WaitingClass) -> bool:
        return where.key.queue in self._shut_queues or where.key.switch in self._shut_switches

    def is_shut(self, key: CallClass) -> bool:
        """Whether calls of that class may not be offered now."""
        return key.queue in self._shut_queues or key.switch in self._shut_switches

    def dismantle(self, number: int) -> Iterator[None]:
        """Give up a line that is no longer used, some calls at a time: freeing 100,000 at once takes a while."""
        while self._where:
            for _ in range(min(number, len(self._where))):
                self._where.popitem()
            yield
        freed = 0
        for where in self.classes:
            freed += len(where.calls)
            where.calls.clear()
            if freed >= number:
                freed = 0
                yield

    # ------------------------------------------------------------ who is first

    def rates(self) -> Iterator[tuple[int, list[tuple[LineKey, int]]]]:
        """Every ageing rate with the heads of its classes, in order."""
        return iter(self._heads.items())

    def personal(self, agent: AgentName) -> dict[CallId, tuple[LineKey, int]] | None:
        """Calls that wait for this agent (and perhaps some others) alone: line key and rate."""
        return self._for_agent.get(agent)

    def personal_calls(self) -> Iterator[CallId]:
        """All calls that wait for certain agents alone."""
        return iter(self._personal)

    def where(self, call: CallId) -> tuple[WaitingClass, LineKey]:
        """The class and the place of a call in the line; KeyError when it is not."""
        found = self._where.get(call)
        if found is not None:
            return found
        where, key, _ = self._personal[call]
        return where, key

    def ahead(self, queue: QueueName, key: LineKey) -> int:
        """How many calls of the queue stand before that place, whomever they need."""
        before = 0
        for where in self.of_queue(queue):
            calls = where.calls
            if calls and calls[0][0] < key:
                before += len(calls) if calls[-1][0] < key else bisect_left(calls, (key,))
        return before

    def waiting_in(self, queue: QueueName) -> int:
        """How many calls of the queue stand in the line and wait for no certain agent."""
        return sum(len(where.calls) for where in self.of_queue(queue))

    def in_order(self, now: int) -> list[CallId]:
        """Everybody, in the one order of the line at that moment. For views and checks: costs a sort."""
        places = [
            (as_of(key, where.rate, now), call)
            for calls in (self._where.items(), ((c, p[:2]) for c, p in self._personal.items()))
            for call, (where, key) in calls
        ]
        return [call for _, call in sorted(places)]

    def queue_in_order(self, queue: QueueName) -> list[Entry]:
        """The calls of one queue in order, those included that wait for certain agents. Costs a sort."""
        own = [entry for where in self.of_queue(queue) for entry in where.calls]
        own += [(key, call) for call, (where, key, _) in self._personal.items() if where.key.queue == queue]
        return sorted(own)
