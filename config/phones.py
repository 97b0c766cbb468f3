"""`[phones]` of acd.toml: what `acd phones render` writes for the agents' phones. The daemon itself needs none of it."""

from collections.abc import Collection, Iterator, Mapping
from enum import Enum
from typing import Annotated, Final

from msgspec import Meta, Struct

from config.daemon import Host, Port, Word
from config.findings import Finding, Path, did_you_mean, quoted
from config.values import Duration, Name


class Vendor(Enum):
    """Who made the phone."""

    YEALINK = "yealink"
    GRANDSTREAM = "grandstream"
    POLYCOM = "polycom"
    SNOM = "snom"


class Language(Enum):
    """Of the display and of Asterisk's prompts."""

    GERMAN = "de"
    ENGLISH = "en"
    SPANISH = "es"
    FRENCH = "fr"
    ITALIAN = "it"


class Transport(Enum):
    """How a phone sends SIP."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class Codec(Enum):
    """What may be spoken, named as Asterisk does."""

    OPUS = "opus"
    G722 = "g722"
    ALAW = "alaw"
    ULAW = "ulaw"
    G729 = "g729"


_NAME: Final = "[a-z0-9][a-z0-9_.-]{0,63}"
ProgrammedKey = Annotated[
    str,
    Meta(
        pattern=rf"^(line|agent|pause|missed|help|queues|free|((agent|pause|missed|help|queue|free):{_NAME})|[0-9*#]{{1,20}})"
        r"(=[^\x00-\x1f\x7f]{1,40})?\Z",
        extra={
            "expects": 'a key such as "line", "agent", "pause", "queues", "queue:sales", "agent:bob" or "*45", '
            'and its label after a =, such as "*45=Log in"'
        },
    ),
]
"""What a key does, as an operator writes it."""


class AgentPhone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[phones.agents.NAME]`: where the phone of one agent differs."""

    vendor: Annotated[Vendor | None, Meta(description="Who made it. Absent: as in [phones].")] = None
    model: Annotated[
        str,
        Meta(
            description="Its model, for templates.",
            pattern=r"^[A-Za-z0-9 _./+-]{0,40}\Z",
            extra={"expects": "a model of letters, digits, spaces and _ . / + -"},
        ),
    ] = ""
    mac: Annotated[
        str,
        Meta(
            description="Its MAC address, by which it asks for its file. Empty: the file is named by the endpoint.",
            pattern=r"^(([0-9A-Fa-f]{2}[:-]?){5}[0-9A-Fa-f]{2})?\Z",
            extra={"expects": 'a MAC address such as "00:15:65:aa:bb:cc"'},
        ),
    ] = ""
    language: Annotated[Language | None, Meta(description="Absent: as in [phones].")] = None
    transport: Annotated[Transport | None, Meta(description="Absent: as in [phones].")] = None
    codecs: Annotated[tuple[Codec, ...], Meta(description="Empty: as in [phones].")] = ()
    keys: Annotated[tuple[ProgrammedKey, ...], Meta(description="Empty: as in [phones].")] = ()


class Phones(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[phones]`: what all phones have in common."""

    servers: Annotated[
        Mapping[Name, Host],
        Meta(
            description="Where phones register, by the name of their switch. Absent: the switch's own host."
        ),
    ] = {}
    port: Annotated[Port, Meta(description="SIP port there.")] = 5060
    transport: Annotated[Transport, Meta(description="How phones send SIP.")] = Transport.UDP
    vendor: Annotated[
        Vendor | None, Meta(description="Who made the phones. Absent: files for Asterisk only.")
    ] = None
    language: Annotated[Language, Meta(description="Of displays, labels and Asterisk's prompts.")] = (
        Language.ENGLISH
    )
    codecs: Annotated[tuple[Codec, ...], Meta(description="In order of preference.", min_length=1)] = (
        Codec.G722,
        Codec.ALAW,
        Codec.ULAW,
    )
    keys: Annotated[
        tuple[ProgrammedKey, ...],
        Meta(
            description="In order: line, lamps of the agent's own state (agent, pause, missed, help) or of another's "
            "(agent:bob), of own queues (queues; free: somebody is free) or one (queue:sales, free:sales), "
            'codes to dial. A label after a =: "*45=Log in".'
        ),
    ] = ("line", "agent", "pause", "queues", "*45", "*46", "*47")
    context: Annotated[Word, Meta(description="Context of the dialplan where calls of the phones begin.")] = (
        "from-internal"
    )
    lamps_context: Annotated[
        Word, Meta(description="Context that gets the lamps' hints; the phones' context must include it.")
    ] = "acd-lamps"
    contacts: Annotated[
        Annotated[int, Meta(ge=1, le=10)],
        Meta(description="Phones that may be registered for one agent; one more takes the oldest's place."),
    ] = 1
    qualify: Annotated[
        Duration,
        Meta(
            description="How often Asterisk looks whether a phone is there. 0s: never.",
            extra={"at_least": "0s", "at_most": "1h"},
        ),
    ] = Duration(30_000)
    agents: Annotated[Mapping[Name, AgentPhone], Meta(description="Phones that differ, by agent.")] = {}


def unknown_names(
    phones: Phones, *, agents: Collection[str], queues: Collection[str], switches: Collection[str]
) -> Iterator[Finding]:
    """Find agents, queues and switches that [phones] names and nobody else does."""
    yield from (
        _unknown(("phones", "agents", name), name, agents, "agent")
        for name in phones.agents
        if name not in agents
    )
    yield from (
        _unknown(("phones", "servers", name), name, switches, "switch")
        for name in phones.servers
        if name not in switches
    )
    places: list[tuple[Path, tuple[str, ...]]] = [(("phones", "keys"), phones.keys)]
    places += [(("phones", "agents", name, "keys"), own.keys) for name, own in phones.agents.items()]
    for path, keys in places:
        for place, key in enumerate(keys):
            kind, _, name = key.partition("=")[0].partition(":")
            known, what = (queues, "queue") if kind in {"queue", "free"} else (agents, "agent")
            if name and name not in known:
                yield _unknown((*path, place), name, known, what)


def _unknown(path: Path, name: str, known: Collection[str], what: str) -> Finding:
    hint = did_you_mean(name, known) or f"known: {', '.join(sorted(known)[:10])}"
    return Finding(path=path, message=f"unknown {what} {quoted(name)}", hint=hint)
