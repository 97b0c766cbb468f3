"""What people key on phones must mean one thing: numbers of agents and supervisors, reasons, codes, keys. Pure."""

import string
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from msgspec.structs import asdict

from config.centre import Agent
from config.findings import Finding, Path, quoted
from config.routing import Strategy
from config.schema import Settings, members

FILE_FIELDS = frozenset({"queue", "call", "caller", "year", "month", "day", "time"})
"""What a recording's file name may be made of."""


def number_of(agent: Agent) -> str:
    """What the agent keys to log in elsewhere; "" when there is nothing to key."""
    if agent.number is not None:
        return agent.number
    name = "" if agent.phone is None else agent.phone.rpartition("/")[2]
    return name if name.isdecimal() and name.isascii() and len(name) <= 8 else ""


def agents_by_number(settings: Settings) -> Mapping[tuple[str, str], str]:
    """Switch and number -> the agent's name."""
    only = settings.switches[0].name if len(settings.switches) == 1 else ""
    return {
        (agent.switch or only, number): name
        for name, agent in settings.agents.items()
        if (number := number_of(agent))
    }


def findings(settings: Settings) -> Iterator[Finding]:
    """Every number, digit or key that two things lay claim to, and file names that can't be made."""
    yield from _agents(settings)
    yield from _twice(
        (("supervisors", name, "number"), person.number or "", f"supervisor {quoted(name)}")
        for name, person in settings.supervisors.items()
    )
    yield from _twice(
        (("pauses", name, "key"), pause.key or "", f"pause {quoted(name)}")
        for name, pause in settings.pauses.items()
    )
    yield from _twice(
        (("queues", name, "number"), queue.number or "", f"queue {quoted(name)}")
        for name, queue in settings.queues.items()
    )
    for name, queue in settings.queues.items():
        if queue.number == "0":
            hint = "give the queue another number"
            yield Finding(path=("queues", name, "number"), message="0 means all queues", hint=hint)
    yield from _talk_keys(settings)
    yield from _recordings(settings)
    yield from _prompts(settings)
    if settings.features.lamps:
        yield from _lamps(("agents", settings.agents))
        yield from _lamps(("queues", settings.queues))


def _agents(settings: Settings) -> Iterator[Finding]:
    """Two agents with one phone are told of elsewhere."""
    only = settings.switches[0].name if len(settings.switches) == 1 else ""
    owners: dict[tuple[str, str], str] = {}
    told = sorted(settings.agents.items(), key=lambda entry: entry[1].number is not None)
    for name, agent in told:
        key = (agent.switch or only, number_of(agent))
        if agent.number is not None and key in owners:
            yield Finding(
                path=("agents", name, "number"),
                message=f"{key[1]} is keyed for agent {quoted(owners[key])} already",
                hint="give one of them another",
            )
        elif key[1]:
            owners.setdefault(key, name)


def _twice(uses: Iterable[tuple[Path, str, str]]) -> Iterator[Finding]:
    owners: dict[str, str] = {}
    for path, digits, owner in uses:
        if digits and digits in owners:
            yield Finding(
                path=path,
                message=f"{digits} is keyed for {owners[digits]} already",
                hint="give one of them another",
            )
        elif digits:
            owners[digits] = owner


def _talk_keys(settings: Settings) -> Iterator[Finding]:
    """One sequence must not be the beginning of another: it would never come to its end."""
    keys = {name: value for name, value in asdict(settings.features.talk_keys).items() if value}
    for name, value in keys.items():
        for other, longer in keys.items():
            if name != other and longer.startswith(value):
                yield Finding(
                    path=("features", "talk_keys", other),
                    message=f"{longer} can't be keyed: {value} is {name} already",
                    hint="let no sequence begin with another one",
                )


LONGEST_DIAL = 1_900
"""Characters of the phones of one Dial: Asterisk takes a line of 2,047, options and music included."""


def dials(settings: Settings) -> Iterator[Finding]:
    """Phones that ring at once are named in one line to Asterisk."""
    for name, agents in members(settings).items():
        queue = settings.queues[name]
        if queue.strategy not in (Strategy.SIMULTANEOUS, Strategy.PROGRESSIVE):
            continue
        phones = (settings.agents[agent].phone for agent in agents)
        lengths = sorted((len(phone) + 1 for phone in phones if phone is not None), reverse=True)
        at_once = min(queue.ring_most, len(lengths))
        if sum(lengths[:at_once]) > LONGEST_DIAL:
            fitting = next(n for n in range(at_once, 0, -1) if sum(lengths[:n]) <= LONGEST_DIAL)
            yield Finding(
                path=("queues", name, "ring_most"),
                message=f"{at_once} phones with names as long as these do not fit into one Dial",
                hint=f"write ring_most = {fitting}, or give phones shorter names",
            )


def _lamps(table: tuple[str, Iterable[str]]) -> Iterator[Finding]:
    """Asterisk leaves dashes out when it compares extensions, so such lamps would be one."""
    kind, names = table
    owners: dict[str, str] = {}
    for name in names:
        other = owners.setdefault(name.replace("-", ""), name)
        if other != name:
            yield Finding(
                path=(kind, name),
                message=f"its lamps would be those of {quoted(other)}: Asterisk sees no dashes in them",
                hint="let the names differ by more than dashes, or leave [features] lamps off",
            )


def _prompts(settings: Settings) -> Iterator[Finding]:
    for name, queue in settings.queues.items():
        sounds = [
            queue.announcements.join,
            *queue.announcements.messages,
            queue.announce,
            queue.closed_message,
        ]
        sounds += [sound for menu in queue.menus.values() for sound in menu.prompts]
        for sound in sounds:
            if sound.startswith("/") or ".." in sound.split("/"):
                yield Finding(
                    path=("queues", name, "announcements"),
                    message=f"{quoted(sound)} would be outside of Asterisk's sounds",
                    hint="name a sound without a leading / and without ..",
                )


def _recordings(settings: Settings) -> Iterator[Finding]:
    for name, queue in settings.queues.items():
        path: Path = ("queues", name, "recording", "file")
        try:
            fields = {
                field
                for _, field, _, _ in string.Formatter().parse(queue.recording.file)
                if field is not None
            }
        except ValueError as wrong:
            yield Finding(path=path, message=f"not a file name: {wrong}", hint="close every { with a }")
            continue
        if unknown := sorted(fields - FILE_FIELDS):
            known = ", ".join(sorted(FILE_FIELDS))
            yield Finding(path=path, message=f"unknown field {quoted(unknown[0])}", hint=f"known: {known}")
        if not PurePosixPath(queue.recording.file).suffix:
            yield Finding(path=path, message="the file's name tells no format", hint="end it in .wav")
        if "call" not in fields:
            yield Finding(
                path=path,
                message="two calls would be recorded into one file",
                hint="put {call} into the name",
            )
        if queue.recording.file.startswith("/") or ".." in queue.recording.file.split("/"):
            yield Finding(
                path=path,
                message="the file would be outside of Asterisk's monitor folder",
                hint="name it without a leading / and without ..",
            )


def without_phone(settings: Settings) -> Iterator[Finding]:
    """Agents without a phone of their own who could never come to work."""
    for name, agent in settings.agents.items():
        if agent.phone is None and agent.logged_in_at_start:
            yield Finding(
                path=("agents", name, "logged_in_at_start"),
                message="an agent without a phone can't be logged in by the daemon",
                hint="give the agent a phone, or let the agent log in at one",
            )
        if agent.phone is None and agent.number is None:
            yield Finding(
                path=("agents", name),
                message="an agent without a phone needs a number to log in by",
                hint='write phone = "PJSIP/1001" or number = "1001"',
            )
