"""What no single entry can show: references, duplicates, and queues nobody can serve. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from acd.core.ids import SkillName
from acd.core.requirement import Requirement, satisfied
from config import codes, hours, ivr_checks, matching, survey, texting, trunk_lines, ways_checks
from config.centre import Agent, Queue
from config.findings import Finding, Path, Severity, did_you_mean, quoted
from config.phones import unknown_names
from config.schema import Settings, members
from config.values import Endpoint

# struct sockaddr_un of Linux: 108 bytes with the closing NUL.
_SOCKET_BYTES: Final = 107
_NEAREST: Final = 3  # agents named when nobody reaches what a queue asks for


class Declared(Struct, frozen=True, kw_only=True):
    """The names that stand in the files, also of entries that could not be read; None: the file was not readable.

    `whole` tells that everything could be read: only then may a check conclude from what is absent.
    """

    queues: frozenset[str] | None
    groups: frozenset[str] | None
    skills: frozenset[str] | None
    switches: frozenset[str]
    whole: bool


def validate(settings: Settings, declared: Declared) -> list[Finding]:
    """Return every contradiction between entries, in no particular order."""
    found = [finding for check in _CHECKS for finding in check(settings, declared)]
    # A queue whose only agent misspelt its name is not unstaffed: first things first.
    if declared.whole and not any(finding.severity is Severity.ERROR for finding in found):
        found += _staffing(settings)
    return found


_Found = Iterator[Finding]


def _warning(path: Path, message: str, hint: str | None = None) -> Finding:
    return Finding(path=path, message=message, hint=hint, severity=Severity.WARNING)


# ---------------------------------------------------------------- references


def _references(settings: Settings, declared: Declared) -> _Found:
    for name, agent in settings.agents.items():
        here = ("agents", name)
        yield from _unknown((*here, "skills"), agent.skills, declared.skills, "skill")
        yield from _unknown((*here, "queues"), agent.queues, declared.queues, "queue")
        yield from _unknown((*here, "groups"), agent.groups, declared.groups, "group")
    for name, group in settings.groups.items():
        yield from _unknown(("groups", name, "queues"), group.queues, declared.queues, "queue")
    for name, queue in settings.queues.items():
        if isinstance(queue.require, Mapping):
            yield from _unknown(("queues", name, "require"), queue.require, declared.skills, "skill")
        for place, step in enumerate(queue.steps):
            if isinstance(step.require, Mapping):
                path = ("queues", name, "steps", place, "require")
                yield from _unknown(path, step.require, declared.skills, "skill")


def _matching(settings: Settings, declared: Declared) -> _Found:
    yield from matching.check(settings, declared.skills)


_WHERE: Final[Mapping[str, str]] = {
    "skill": "declare it in skills.toml",
    "queue": "declare it in queues.toml",
    "group": "declare it in agents.toml",
}


def _unknown(path: Path, used: Iterable[str], known: frozenset[str] | None, kind: str) -> _Found:
    """Yield a finding per name that is used and not declared; a table's own key is part of its path."""
    keyed = isinstance(used, Mapping)
    for place, name in enumerate(used):
        if known is not None and name not in known:
            hint = did_you_mean(name, known) or f"{_WHERE[kind]}: [{kind}s.{name}]"
            yield Finding(
                path=(*path, name if keyed else place), message=f"unknown {kind} {quoted(name)}", hint=hint
            )


# ---------------------------------------------------------------- switches


def _switches(settings: Settings, declared: Declared) -> _Found:
    if not declared.switches and declared.whole:
        hint = 'add [[switch]] with name = "pbx1" to acd.toml'
        yield Finding(path=("switch",), message="no Asterisk to talk to", hint=hint)
    names: set[str] = set()
    addresses: dict[tuple[str, int], str] = {}
    for place, switch in enumerate(settings.switches):
        if switch.name in names:
            message = f"another switch is named {quoted(switch.name)}"
            yield Finding(path=("switch", place, "name"), message=message)
        names.add(switch.name)
        first = addresses.setdefault((switch.host, switch.port), switch.name)
        if first != switch.name:
            yield Finding(
                path=("switch", place, "host"),
                message=f"{switch.host}:{switch.port} is the address of switch {quoted(first)} already",
                hint="one Asterisk listed twice would count each call twice",
            )
        if switch.reconnect_first > switch.reconnect_cap:
            yield Finding(
                path=("switch", place, "reconnect_first"),
                message=f"{switch.reconnect_first.text} is longer than reconnect_cap {switch.reconnect_cap.text}",
            )


def _switch_references(settings: Settings, declared: Declared) -> _Found:
    for name, agent in settings.agents.items():
        yield from _on_switch(("agents", name, "switch"), agent.switch, declared.switches)
    for place, group in enumerate(settings.trunk_groups):
        yield from _on_switch(("trunk_group", place, "switch"), group.switch, declared.switches)
    for name, person in settings.supervisors.items():
        if person.phone is not None or person.switch is not None:
            yield from _on_switch(("supervisors", name, "switch"), person.switch, declared.switches)


def _on_switch(path: Path, switch: str | None, known: frozenset[str]) -> _Found:
    if switch is None and len(known) > 1:
        hint = f"write one of {', '.join(sorted(known))}"
        yield Finding(path=path, message="required key is missing: there are several switches", hint=hint)
    if known and switch is not None and switch not in known:
        hint = did_you_mean(switch, known) or f"known switches: {', '.join(sorted(known))}"
        yield Finding(path=path, message=f"unknown switch {quoted(switch)}", hint=hint)


# ---------------------------------------------------------------- endpoints


def _endpoints(settings: Settings, _declared: Declared) -> _Found:
    """One endpoint is one agent's phone or one line of one trunk group, else a call on it would count twice."""
    only = settings.switches[0].name if len(settings.switches) == 1 else None
    owners: dict[tuple[str | None, Endpoint], str] = {}
    for path, switch, endpoint, owner in _uses(settings):
        key = (switch or only, endpoint)
        if key in owners:
            yield Finding(path=path, message=f"{endpoint} is used by {owners[key]} already")
        owners.setdefault(key, owner)


def _uses(settings: Settings) -> Iterator[tuple[Path, str | None, Endpoint, str]]:
    for place, group in enumerate(settings.trunk_groups):
        for nth, endpoint in enumerate(group.endpoints):
            owner = f"trunk group {quoted(group.name)}"
            yield ("trunk_group", place, "endpoints", nth), group.switch, endpoint, owner
    for name, agent in settings.agents.items():
        if agent.phone is not None:
            yield ("agents", name, "phone"), agent.switch, agent.phone, f"agent {quoted(name)}"


def _trunk_names(settings: Settings, _declared: Declared) -> _Found:
    names: set[str] = set()
    for place, group in enumerate(settings.trunk_groups):
        if group.name in names:
            message = f"another trunk group is named {quoted(group.name)}"
            yield Finding(path=("trunk_group", place, "name"), message=message)
        names.add(group.name)


def _trunk_lines(settings: Settings, _declared: Declared) -> _Found:
    yield from trunk_lines.findings(settings)


def _keyed(settings: Settings, declared: Declared) -> _Found:
    yield from codes.findings(settings)
    yield from ways_checks.findings(settings)
    yield from survey.findings(settings)
    yield from texting.findings(settings)
    if declared.whole:
        yield from codes.without_phone(settings)
        yield from codes.dials(settings)


# ---------------------------------------------------------------- staffing


def _staffing(settings: Settings) -> _Found:
    """Warn of queues that nobody can ever serve: legal while a site is being set up, a mistake afterwards."""
    serving = members(settings)
    if not settings.queues:
        yield _warning(("queues",), "no queue: every call will be refused as unknown_queue")
    for name, queue in settings.queues.items():
        agents = {agent: settings.agents[agent] for agent in serving[name]}
        if not agents:
            yield _warning(("queues", name), "no agent serves this queue", "name it in an agent's queues")
        elif not any(_serves(agent, queue) for agent in agents.values()) and not _relaxes(queue, agents):
            yield _unreached(("queues", name, "require"), queue, agents)
    served = {agent for agents in serving.values() for agent in agents}
    for name in settings.agents.keys() - served:
        yield _warning(("agents", name), "this agent serves no queue", 'write queues = ["NAME"]')


def _serves(agent: Agent, queue: Queue) -> bool:
    return _satisfies(agent, matching.requirement_of(queue.require, queue.variables))


def _satisfies(agent: Agent, need: Requirement) -> bool:
    skills = {SkillName(skill): level for skill, level in agent.skills.items()}
    return satisfied(need, skills, agent.attributes)


def _relaxes(queue: Queue, agents: Mapping[str, Agent]) -> bool:
    """Tell whether a later step asks for something that somebody has, or asks others."""
    needs = [
        matching.requirement_of(step.require, queue.variables)
        for step in queue.steps
        if step.require is not None
    ]
    others = any(step.overflow or step.add_groups for step in queue.steps)
    return others or any(_satisfies(agent, need) for need in needs for agent in agents.values())


def _unreached(path: Path, queue: Queue, agents: Mapping[str, Agent]) -> Finding:
    if not isinstance(queue.require, Mapping):
        return _warning(path, f"no agent of this queue satisfies {quoted(queue.require)}")
    asked = ", ".join(f"{skill} {level}" for skill, level in queue.require.items())
    near = sorted(agents, key=lambda name: (_lacking(agents[name], queue), name))[:_NEAREST]
    hint = "nearest: " + "; ".join(
        f"{name} ({', '.join(f'{skill} {agents[name].skills.get(skill, 0)}' for skill in queue.require)})"
        for name in near
    )
    return _warning(path, f"no agent of this queue has {asked}", hint)


def _lacking(agent: Agent, queue: Queue) -> int:
    levels = queue.require if isinstance(queue.require, Mapping) else {}
    return sum(max(0, level - agent.skills.get(skill, 0)) for skill, level in levels.items())


# ---------------------------------------------------------------- doors


def _doors(settings: Settings, declared: Declared) -> _Found:
    length = len(settings.daemon.control_socket.encode())
    if length > _SOCKET_BYTES:
        yield Finding(
            path=("daemon", "control_socket"),
            message=f"a Unix socket's path has at most {_SOCKET_BYTES} bytes, this has {length}",
        )
    for place, network in enumerate(settings.agi.allow):
        if network.prefix == 0:
            yield _warning(
                ("agi", "allow", place),
                f"{network} lets every address in",
                "who can connect can put calls into queues: name the addresses of the switches",
            )
    if declared.whole and not settings.agi.allow:
        yield _warning(("agi", "allow"), "nobody may connect: no call can come in")


def _hours(settings: Settings, declared: Declared) -> _Found:
    yield from hours.findings(settings, whole=declared.whole)


def _ivr(settings: Settings, declared: Declared) -> _Found:
    known = ivr_checks.Known(declared.queues, declared.skills)
    yield from ivr_checks.findings(settings.ivr, known, whole=declared.whole)


def _phones(settings: Settings, declared: Declared) -> _Found:
    if declared.whole:
        yield from unknown_names(
            settings.phones, agents=settings.agents, queues=settings.queues, switches=declared.switches
        )


_CHECKS: Final[tuple[Callable[[Settings, Declared], _Found], ...]] = (
    _references,
    _matching,
    _switches,
    _switch_references,
    _endpoints,
    _trunk_names,
    _trunk_lines,
    _keyed,
    _doors,
    _phones,
    _hours,
    _ivr,
)
