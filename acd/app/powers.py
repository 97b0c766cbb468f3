"""Who may do what over whom. Every use, and every attempt without the right, is told as a fact."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.facts import Audited
from acd.core.ids import AgentName, QueueName
from acd.web.control import ControlError
from config.supervising import Power, Supervisor

if TYPE_CHECKING:
    from acd.app.daemon import Daemon


class Powers:
    """The supervisors of the configuration in force."""

    def __init__(self, daemon: "Daemon") -> None:
        """Reads the daemon's settings at each use."""
        self._daemon = daemon

    @contextmanager
    def used(self, actor: str, power: Power, agent: Agent, act: str) -> Iterator[None]:
        """Check the right, do the thing, tell of it. Without an actor nothing is checked: it is the agent's own wish."""
        self.check(actor, power, agent, act)
        yield
        if actor:
            self.tell(actor, act, agent.name)

    def check(self, actor: str, power: Power, agent: Agent | None, act: str) -> None:
        """Raise ControlError unless the actor has that power over the agent (None: over somebody)."""
        if not actor:
            return
        why = self._why_not(actor, power, agent)
        if why:
            subject = "" if agent is None else agent.name
            self.tell(actor, act, subject, why)
            raise ControlError(403, f"{actor} may not {act} {subject}".rstrip() + f": {why}", _HINT)

    def _why_not(self, actor: str, power: Power, agent: Agent | None) -> str:
        person = self._daemon.settings.supervisors.get(actor)
        if person is None:
            return "is no supervisor"
        if power not in person.may:
            return f"lacks the power {power.value!r}"
        if agent is not None and not leads(person, agent):
            return f"team {agent.rule.attributes.get('team', '')!r} is not theirs"
        return ""

    def check_call(self, actor: str, call: Call, act: str, *, power: Power = Power.CALLS) -> None:
        """The same over a call that no agent has: one of the supervisor's teams must serve its queue."""
        if not actor:
            return
        person = self._daemon.settings.supervisors.get(actor)
        why = self._why_not(actor, power, None)
        if not why and person is not None and not self._serve(person, call.queue):
            why = f"{call.queue!r} is served by none of their teams"
        if why:
            self.tell(actor, act, call.id, why)
            raise ControlError(403, f"{actor} may not {act} {call.id}: {why}", _HINT)

    def _serve(self, person: Supervisor, queue: QueueName) -> bool:
        agents = self._daemon.engine.router.floor.agents.values()
        return not person.teams or any(
            queue in agent.rule.queues and leads(person, agent) for agent in agents
        )

    def check_all(self, actor: str, power: Power, agents: Iterable[str], act: str, subject: str) -> None:
        """The same over all these agents, also former ones, for something they are part of. Raises ControlError."""
        if not actor:
            return
        floor = self._daemon.engine.router.floor
        known = {name: floor.agents.get(AgentName(name)) for name in agents}
        why = self._why_not(actor, power, None)
        for name, agent in known.items():
            person = self._daemon.settings.supervisors.get(actor)
            if agent is None and person is not None and person.teams:
                why = why or f"{name} is no agent any more, so that nobody knows whose team it was"
            why = why or self._why_not(actor, power, agent)
        if why:
            self.tell(actor, act, subject, why)
            raise ControlError(403, f"{actor} may not {act} {subject}".rstrip() + f": {why}", _HINT)

    def led_by(self, actor: str) -> tuple[str, ...] | None:
        """The agents of the supervisor's teams; None: all, former ones too."""
        person = self._daemon.settings.supervisors.get(actor)
        if not actor or (person is not None and not person.teams):
            return None
        agents = self._daemon.engine.router.floor.agents
        return tuple(name for name, agent in agents.items() if person is not None and leads(person, agent))

    def tell(self, actor: str, act: str, subject: str, why: str = "") -> None:
        """One line of the audit."""
        engine = self._daemon.engine
        engine.tell(
            Audited(
                at=self._daemon.clock.now(),
                generation=engine.router.floor.rules.generation,
                actor=actor,
                act=act,
                subject=subject,
                allowed=not why,
                why=why,
            )
        )


_HINT = "supervisors stand in agents.toml: [supervisors.NAME] with `may` and `teams`"


def leads(person: Supervisor, agent: Agent) -> bool:
    """Whether the agent is in one of the supervisor's teams."""
    return not person.teams or agent.rule.attributes.get("team", "") in person.teams
