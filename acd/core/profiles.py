"""Agents alike in everything that decides whom they may serve, and bit sets over them.

A center has far fewer profiles than agents. Each has a number, and "who may serve this class of calls" is one whole number
with a bit per profile, made by `&` and `|` from a set per queue, skill level, group and attribute: a thousand classes
over ten thousand profiles cost microseconds each, and no agent is ever looked at to find out that they don't fit.
"""

from collections.abc import Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Final, NamedTuple

from acd.core.ids import AgentName, GroupName, QueueName, SkillName, SwitchName
from acd.core.requirement import MISSING, Requirement, Words, missing
from acd.core.rules import AgentRule, Serving
from acd.core.states import AgentState

GROUP_SERVING: Final = Serving(queue=QueueName(""))
"""How an agent serves a queue whose step added one of the agent's groups."""
AVAILABLE: Final = frozenset(
    {
        AgentState.READY,
        AgentState.OFFERED,
        AgentState.TALKING,
        AgentState.ON_HOLD,
        AgentState.WRAP_UP,
        AgentState.DIRECT_CALL,
    }
)
"""States of an agent who is taking calls or will be soon: who an estimated wait counts on."""

MOST_LITERALS = 10_000
"""Sets remembered by what is asked for: calls may ask for any word, so the memory is bounded."""


class CallClass(NamedTuple):
    """What calls that differ only by their place have in common."""

    switch: SwitchName
    queue: QueueName
    need: Requirement
    groups: frozenset[GroupName]
    """Added by steps."""
    matured: int
    """The longest delay that the wait so far satisfies, nanoseconds."""


def bits(mask: int) -> Iterator[int]:
    """The numbers of the set bits, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


class Profile:
    """Agents who may serve the same calls."""

    __slots__ = (
        "at_work",
        "attributes",
        "available",
        "bit",
        "by_level",
        "choose",
        "classes",
        "groups",
        "known",
        "number",
        "orders",
        "ready",
        "reserves",
        "serves",
        "shares",
        "shares_of",
        "skills",
        "states",
        "switch",
        "weight",
    )

    def __init__(self, number: int, rule: AgentRule) -> None:
        """An empty group with everything that eligibility needs of the rule."""
        self.number = number
        self.bit = 1 << number
        self.switch = rule.switch
        self.skills: Mapping[SkillName, int] = rule.skills
        self.attributes: Mapping[str, str] = rule.attributes
        self.serves: dict[QueueName, Serving] = {serving.queue: serving for serving in rule.serves}
        self.groups = rule.groups
        self.choose = rule.choose
        self.shares: dict[QueueName, int] = dict(rule.shares)
        self.shares_of = rule.shares_of
        self.weight = rule.weight
        self.reserves = frozenset(serving.queue for serving in rule.serves if serving.reserve)
        levels = {serving.level for serving in rule.serves}
        self.by_level = len(levels | {GROUP_SERVING.level}) > 1 if levels else False
        self.orders: tuple[int, ...] = ()
        """Sort orders its free agents are kept in (acd.core.ready)."""
        self.ready: dict[int, list[tuple[float, float, AgentName, Profile]]] = {}
        self.states: dict[AgentState, int] = {}
        self.at_work = 0
        self.available = 0
        self.classes = 0
        """Classes of the line its agents may serve, as far as `known`."""
        self.known = 0

    def why_not(self, wanted: CallClass) -> str | None:
        """Why these agents can't serve that class, reserve aside; None when they can."""
        if wanted.switch != self.switch:
            return f"has a phone on {self.switch}, the call is on {wanted.switch}"
        serving = self.serves.get(wanted.queue)
        if serving is None and not self.groups & wanted.groups:
            return f"does not serve {wanted.queue}"
        if serving is not None and serving.delay > wanted.matured:
            return f"serves {wanted.queue} only after a wait of {serving.delay // 1_000_000_000} s"
        return missing(wanted.need, self.skills, self.attributes)


ProfileKey = tuple[object, ...]


def profile_key(rule: AgentRule) -> ProfileKey:
    """What the agent may serve, as a value."""
    return (
        rule.switch,
        tuple(sorted(rule.skills.items())),
        tuple(sorted(rule.attributes.items())),
        rule.serves,
        rule.groups,
        rule.choose,
        rule.shares,
        rule.shares_of,
        rule.weight,
    )


class Staff:
    """All profiles of the rules in force, and the sets over them."""

    def __init__(self) -> None:
        """Nobody works here yet."""
        self.profiles: list[Profile] = []
        self.of: dict[AgentName, Profile] = {}
        self._by_key: dict[ProfileKey, Profile] = {}
        self._all = 0
        self._switches: dict[SwitchName, int] = {}
        self._queues: dict[QueueName, int] = {}
        self._delays: dict[QueueName, dict[int, int]] = {}
        self._groups: dict[GroupName, int] = {}
        self._levels: dict[str, dict[int, int]] = {}
        self._words: dict[str, dict[str, int]] = {}
        self._literals: dict[tuple[str, int | Words], int] = {}
        self.at_work = 0
        """Profiles with somebody logged in."""
        self.in_state: dict[AgentState, int] = dict.fromkeys(AgentState, 0)
        """Profiles with somebody in that state."""
        self.capacity: dict[QueueName, float] = {}
        """Agents available to a queue, each divided by the number of queues they serve; reserves are not counted."""
        self.capacity_changes = 0
        """Grows with every change of `capacity`, and of what reserves are called."""

    # ------------------------------------------------------------ who is who

    def assign(self, rule: AgentRule) -> Profile:
        """Put an agent into the group they belong to; made when it is the first."""
        key = profile_key(rule)
        profile = self._by_key.get(key)
        if profile is None:
            profile = self._by_key[key] = Profile(len(self.profiles), rule)
            self.profiles.append(profile)
            self._index(profile)
        self.of[rule.name] = profile
        return profile

    def _index(self, profile: Profile) -> None:
        bit = profile.bit
        self._all |= bit
        self._switches[profile.switch] = self._switches.get(profile.switch, 0) | bit
        for queue, serving in profile.serves.items():
            self._queues[queue] = self._queues.get(queue, 0) | bit
            delays = self._delays.setdefault(queue, {})
            delays[serving.delay] = delays.get(serving.delay, 0) | bit
        for group in profile.groups:
            self._groups[group] = self._groups.get(group, 0) | bit
        for skill, level in profile.skills.items():
            levels = self._levels.setdefault(skill, {})
            levels[level] = levels.get(level, 0) | bit
        for name, value in profile.attributes.items():
            words = self._words.setdefault(name, {})
            words[value] = words.get(value, 0) | bit
        self._literals.clear()

    # ------------------------------------------------------------ sets

    def delays(self, queue: QueueName) -> list[int]:
        """Every wait after which more agents may serve the queue, ascending, 0 left out."""
        return sorted(delay for delay in self._delays.get(queue, ()) if delay)

    def serving(self, queue: QueueName) -> int:
        """Profiles that serve the queue, whatever their delay."""
        return self._queues.get(queue, 0)

    def eligible(self, wanted: CallClass) -> int:
        """Profiles that may serve the class, reserves included."""
        return self._switches.get(wanted.switch, 0) & self._members(wanted) & self.satisfying(wanted.need)

    def _members(self, wanted: CallClass) -> int:
        delays = self._delays.get(wanted.queue, {})
        if len(delays) == 1 and 0 in delays:
            found = delays[0]
        else:
            found = reduce(or_, (mask for delay, mask in delays.items() if delay <= wanted.matured), 0)
        if wanted.groups:
            added = reduce(or_, (self._groups.get(group, 0) for group in wanted.groups), 0)
            found |= added & ~self.serving(wanted.queue)
        return found

    def satisfying(self, need: Requirement) -> int:
        """Profiles that satisfy the requirement."""
        found = 0
        for term in need.terms:
            mask = self._all
            for literal in term:
                mask &= self._literal(literal)
            found |= mask
        return found

    def _literal(self, literal: tuple[str, int | Words]) -> int:
        mask = self._literals.get(literal)
        if mask is None:
            name, allowed = literal
            mask = self._with_levels(name, allowed) if isinstance(allowed, int) else self._with(name, allowed)
            if len(self._literals) >= MOST_LITERALS:
                self._literals.clear()
            self._literals[literal] = mask
        return mask

    def _with_levels(self, skill: str, allowed: int) -> int:
        found = reduce(
            or_, (m for level, m in self._levels.get(skill, {}).items() if allowed >> level & 1), 0
        )
        return found | self.without(skill) if allowed & MISSING else found

    def _with(self, name: str, words: Words) -> int:
        known = self._words.get(name, {})
        found = reduce(or_, (mask for value, mask in known.items() if words.allows(value)), 0)
        return found | (self._all & ~reduce(or_, known.values(), 0)) if words.allows("") else found

    def without(self, skill: str) -> int:
        """Profiles that lack the skill."""
        return self._all & ~reduce(or_, self._levels.get(skill, {}).values(), 0)

    def tiers(self, mask: int, skills: tuple[SkillName, ...]) -> list[tuple[int, int]]:
        """Split a set by the sum of levels in these skills: (sum, profiles), highest first."""
        sums = {0: mask}
        for skill in skills:
            levels = [(0, self.without(skill)), *self._levels.get(skill, {}).items()]
            split: dict[int, int] = {}
            for so_far, members in sums.items():
                for level, having in levels:
                    if both := members & having:
                        split[so_far + level] = split.get(so_far + level, 0) | both
            sums = split
        return sorted(sums.items(), reverse=True)

    # ------------------------------------------------------------ states

    def count(self, profile: Profile, state: AgentState, by: int) -> bool:
        """One agent more (1) or less (-1) of the profile is in that state. True: the first, or the last one left."""
        before = profile.states.get(state, 0)
        profile.states[state] = after = before + by
        if state is not AgentState.OFFLINE:
            profile.at_work += by
            self._flag_at_work(profile)
        if state in AVAILABLE:
            profile.available += by
            self._count_capacity(profile, by)
        if after == 0 or before == 0:
            self.in_state[state] ^= profile.bit
            return True
        return False

    def move(self, profile: Profile, before: AgentState, after: AgentState) -> bool:
        """One agent of the profile goes from one state to another. True: some set of `in_state`, or a capacity, has changed."""
        counts = (before in AVAILABLE) is not (after in AVAILABLE)
        states = profile.states
        left = states[before] = states[before] - 1
        come = states[after] = states.get(after, 0) + 1
        if counts:
            by = 1 if after in AVAILABLE else -1
            profile.available += by
            self._count_capacity(profile, by)
        if before is AgentState.OFFLINE or after is AgentState.OFFLINE:
            profile.at_work += 1 if before is AgentState.OFFLINE else -1
            self._flag_at_work(profile)
        if left == 0:
            self.in_state[before] ^= profile.bit
        if come == 1:
            self.in_state[after] ^= profile.bit
        return counts or left == 0 or come == 1

    def _flag_at_work(self, profile: Profile) -> None:
        if profile.at_work:
            self.at_work |= profile.bit
        else:
            self.at_work &= ~profile.bit

    def _count_capacity(self, profile: Profile, by: int) -> None:
        self.capacity_changes += 1
        if not profile.serves:
            return
        share = by / len(profile.serves)
        for queue, serving in profile.serves.items():
            if not serving.reserve:
                self.capacity[queue] = self.capacity.get(queue, 0.0) + share

    def staffed(self, queue: QueueName, states: frozenset[AgentState]) -> bool:
        """Whether anybody who serves the queue is in one of these states."""
        serving = self.serving(queue)
        return any(serving & self.in_state[state] for state in states)
