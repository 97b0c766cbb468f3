"""All that an operator can write, as one immutable value, and which file each part stands in."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Final

from msgspec import Meta, Struct, field

from config.centre import Agent, Group, Queue, Skill
from config.daemon import Agi, Daemon, Engine, Journal, Kpi, Refusals, Reload, Routing, Switch, TrunkGroup
from config.host import Host
from config.hours import Hours
from config.ivr import Ivr
from config.outlets import Metrics, QueueLog, Webhook
from config.phones import Phones
from config.routing import Serve
from config.shifts import Shifts
from config.speech import Speech
from config.supervising import Supervisor
from config.survey import Survey
from config.texting import Text, TextRule
from config.values import Name
from config.working import Features, Numbers, Pause

FILES: Final[Mapping[str, tuple[str, ...]]] = {
    "acd.toml": (
        "daemon",
        "agi",
        "switch",
        "journal",
        "kpi",
        "engine",
        "routing",
        "features",
        "numbers",
        "speech",
        "text",
        "host",
        "refusals",
        "shifts",
        "phones",
        "trunk_group",
        "queue_log",
        "metrics",
        "webhook",
        "reload",
    ),
    "queues.toml": ("queues", "hours", "surveys", "texts"),
    "agents.toml": ("agents", "groups", "pauses", "supervisors"),
    "skills.toml": ("skills",),
    "ivr.toml": ("ivr",),
}
"""File name -> the top-level keys that may stand in it. Every file must exist, but OPTIONAL ones; it may be empty."""
OPTIONAL: Final = frozenset({"ivr.toml"})
"""Files without which a centre works: a call that finds no dialogue goes to the fallback queue."""

FILE_OF: Final[Mapping[str, str]] = {key: file for file, keys in FILES.items() for key in keys}
"""Top-level key -> its file."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole configuration. Names of queues, agents, skills and groups are the mappings' keys."""

    daemon: Annotated[Daemon, Meta(description="The daemon itself.")] = Daemon()
    agi: Annotated[Agi, Meta(description="The FastAGI door.")] = Agi()
    switches: Annotated[tuple[Switch, ...], Meta(description="The Asterisk servers.")] = field(
        default=(), name="switch"
    )
    journal: Annotated[Journal, Meta(description="The log of facts.")] = Journal()
    kpi: Annotated[Kpi, Meta(description="The numbers.")] = Kpi()
    engine: Annotated[Engine, Meta(description="Outages and orphans.")] = Engine()
    routing: Annotated[Routing, Meta(description="Matching in all queues.")] = Routing()
    numbers: Annotated[Numbers, Meta(description="Callers' numbers.")] = Numbers()
    speech: Annotated[Speech, Meta(description="How things are said.")] = Speech()
    features: Annotated[Features, Meta(description="What agents do from their phones.")] = Features()
    host: Annotated[Host, Meta(description="When new calls are refused as overload.")] = Host()
    refusals: Annotated[Refusals, Meta(description="SIP status per refusal.")] = Refusals()
    shifts: Annotated[Shifts, Meta(description="The agents' schedule.")] = Shifts()
    phones: Annotated[Phones, Meta(description="What `acd phones render` writes.")] = Phones()
    trunk_groups: Annotated[tuple[TrunkGroup, ...], Meta(description="Trunks by group.")] = field(
        default=(), name="trunk_group"
    )
    queue_log: Annotated[QueueLog, Meta(description="Lines as of Asterisk's queue_log.")] = QueueLog()
    metrics: Annotated[Metrics, Meta(description="Numbers for Prometheus.")] = Metrics()
    webhooks: Annotated[tuple[Webhook, ...], Meta(description="Facts sent elsewhere.", max_length=16)] = (
        field(default=(), name="webhook")
    )
    reload: Annotated[Reload, Meta(description="When the files are read again.")] = Reload()
    queues: Annotated[Mapping[Name, Queue], Meta(description="Queues by name.")] = {}
    surveys: Annotated[Mapping[Name, Survey], Meta(description="Surveys after a talk, by name.")] = {}
    text: Annotated[TextRule, Meta(description="By what way texts go out.")] = TextRule()
    texts: Annotated[Mapping[Name, Text], Meta(description="Texts to callers, by name.")] = {}
    hours: Annotated[Mapping[Name, Hours], Meta(description="Opening hours by name.")] = {}
    agents: Annotated[Mapping[Name, Agent], Meta(description="Agents by name.")] = {}
    groups: Annotated[Mapping[Name, Group], Meta(description="Groups of agents by name.")] = {}
    pauses: Annotated[Mapping[Name, Pause], Meta(description="Reasons to pause, by name.")] = {}
    supervisors: Annotated[Mapping[Name, Supervisor], Meta(description="Supervisors by name.")] = {}
    skills: Annotated[Mapping[Name, Skill], Meta(description="Skills by name.")] = {}
    ivr: Annotated[Mapping[Name, Ivr], Meta(description="Dialogues before the queue, by name.")] = {}


def ways(queues: Iterable[str] | Mapping[str, Serve]) -> Mapping[str, Serve]:
    """Return how each queue is served, whether names were written or a table."""
    return queues if isinstance(queues, Mapping) else {name: Serve() for name in queues}


def members(settings: Settings) -> Mapping[str, tuple[str, ...]]:
    """Return queue name -> the agents who serve it, directly or by a group, in the order of agents.toml."""
    found: dict[str, list[str]] = {name: [] for name in settings.queues}
    for name, agent in settings.agents.items():
        by_group = (q for g in agent.groups if g in settings.groups for q in settings.groups[g].queues)
        for queue in dict.fromkeys((*agent.queues, *by_group)):
            if queue in found:
                found[queue].append(name)
    return {queue: tuple(agents) for queue, agents in found.items()}
