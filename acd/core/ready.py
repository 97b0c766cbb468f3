"""The agents who can take a call now, grouped by profile and ordered by idle time.

A profile is (switch, skills, queues): its agents can serve the same calls equally well, so a match looks at profiles
and takes the longest idle of the best, instead of scanning agents.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping

from acd.core.agents import Agent
from acd.core.ids import AgentName, QueueName, SkillName, SwitchName
from acd.core.requirement import missing
from acd.core.rules import AgentRule
from acd.core.waiting import CallClass

ProfileKey = tuple[SwitchName, tuple[tuple[SkillName, int], ...], frozenset[QueueName]]


def profile_of(rule: AgentRule) -> ProfileKey:
    """What the agent can serve, as a key."""
    return (rule.switch, tuple(sorted(rule.skills.items())), rule.queues)


class Profile:
    """Agents who can serve the same calls, longest idle first."""

    def __init__(self, key: ProfileKey) -> None:
        """An empty group."""
        self.switch, levels, self.queues = key
        self.skills: Mapping[SkillName, int] = dict(levels)
        self.idle: list[tuple[int, AgentName]] = []

    def why_not(self, wanted: CallClass) -> str | None:
        """Why these agents can't serve that class, or None when they can."""
        switch, queue, require = wanted
        if queue not in self.queues:
            return f"does not serve {queue}"
        if switch != self.switch:
            return f"has a phone on {self.switch}, the call is on {switch}"
        return missing(require, self.skills)


class ReadyAgents:
    """An index; agents are added and removed by the floor as their state changes."""

    def __init__(self) -> None:
        """Nobody is ready."""
        self._profiles: dict[ProfileKey, Profile] = {}
        self._where: dict[AgentName, tuple[ProfileKey, int]] = {}

    def add(self, agent: Agent) -> None:
        """Make the agent available. Adding twice changes nothing."""
        if agent.name in self._where:
            return
        key = profile_of(agent.rule)
        profile = self._profiles.get(key)
        if profile is None:
            profile = self._profiles[key] = Profile(key)
        insort(profile.idle, (agent.idle_since, agent.name))
        self._where[agent.name] = (key, agent.idle_since)

    def discard(self, agent: AgentName) -> None:
        """Make the agent unavailable, if available."""
        where = self._where.pop(agent, None)
        if where is None:
            return
        key, idle_since = where
        idle = self._profiles[key].idle
        del idle[bisect_left(idle, (idle_since, agent))]
        if not idle:
            del self._profiles[key]

    def profile(self, agent: AgentName) -> Profile | None:
        """The group a ready agent belongs to."""
        where = self._where.get(agent)
        return self._profiles[where[0]] if where else None

    def profiles(self) -> Iterator[Profile]:
        """Groups with at least one ready agent."""
        return iter(self._profiles.values())

    def __contains__(self, agent: AgentName) -> bool:
        """Whether the agent can take a call now."""
        return agent in self._where

    def __len__(self) -> int:
        """How many agents can take a call now."""
        return len(self._where)

    def __iter__(self) -> Iterator[AgentName]:
        """Who can take a call now."""
        return iter(self._where)
