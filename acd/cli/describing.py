"""From the configuration to the phones that hardware.provisioning renders. Chooses secrets for phones that have none."""

import secrets
import string
from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from acd.cli.phone_keys import Keys
from config.centre import Agent
from config.phones import AgentPhone
from config.schema import Settings
from config.supervising import AutoAnswer
from hardware.provisioning.asterisk import Style
from hardware.provisioning.description import (
    Codec,
    DescriptionError,
    Language,
    Phone,
    Site,
    Transport,
    Vendor,
)
from hardware.provisioning.rendering import Templates, render

Secrets = Mapping[str, Mapping[str, str]]
"""Switch -> endpoint -> secret."""

LETTERS: Final = string.ascii_letters + string.digits
SECRET_LENGTH: Final = 20
"""119 bits, and short enough to be keyed by hand once."""
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
UNDERSTOOD: Final[Mapping[Vendor, frozenset[AutoAnswer]]] = {
    Vendor.YEALINK: frozenset({AutoAnswer.CALL_INFO, AutoAnswer.ALERT_INFO}),
    Vendor.GRANDSTREAM: frozenset({AutoAnswer.CALL_INFO}),
    Vendor.POLYCOM: frozenset({AutoAnswer.RING_ANSWER}),
    Vendor.SNOM: frozenset({AutoAnswer.CALL_INFO, AutoAnswer.INTERCOM}),
}
"""Which header lets a vendor's phones answer, as their manuals say."""


class Order(Struct, frozen=True, kw_only=True):
    """What is to be rendered."""

    settings: Settings
    style: str = "pjsip"
    vendor: str | None = None


class Made(Struct, frozen=True, kw_only=True):
    """All files by name, the secrets of all phones (old and new), and what the operator should know."""

    phones: int
    files: Mapping[str, str]
    secrets: Secrets
    notes: tuple[str, ...]


def describe(order: Order, known: Secrets, templates: Mapping[str, str]) -> Made:
    """Render everything in memory. Raises DescriptionError and TemplateError.

    With several switches each has a folder of its own: an endpoint belongs to one Asterisk.
    """
    settings, texts, keys = order.settings, Templates(templates), Keys(order.settings)
    kept = {switch: dict(entries) for switch, entries in known.items()}
    files: dict[str, str] = {}
    notes = list(_left_out(settings))
    count = 0
    for switch in settings.switches:
        own = kept.setdefault(switch.name, {})
        found = [_phone(order, keys, name, own) for name in _agents_of(settings, switch.name)]
        notes += _mismatches(settings, switch.name, found)
        made = render(found, _site(settings), style=Style(order.style), templates=texts)
        folder = f"{switch.name}/" if len(settings.switches) > 1 else ""
        files |= {folder + name: text for name, text in made.items()}
        count += len(found)
    return Made(phones=count, files=files, secrets=kept, notes=tuple(notes))


def _site(settings: Settings) -> Site:
    phones = settings.phones
    return Site(
        context=phones.context,
        lamps_context=phones.lamps_context,
        contacts=phones.contacts,
        qualify=int(phones.qualify) // 1000,
    )


def _agents_of(settings: Settings, switch: str) -> Iterator[str]:
    """The switch's agents with a SIP phone of their own."""
    for name, agent in settings.agents.items():
        here = (agent.switch or switch) == switch
        if here and agent.phone is not None and agent.phone.technology == "PJSIP":
            yield name


def _left_out(settings: Settings) -> Iterator[str]:
    for name, agent in settings.agents.items():
        if agent.phone is None:
            yield f"agent {name} has no phone of the own: none is written"
        elif agent.phone.technology != "PJSIP":
            yield f"agent {name}: {agent.phone} is no PJSIP endpoint: none is written"


def _phone(order: Order, keys: Keys, name: str, known: dict[str, str]) -> Phone:
    phones, agent = order.settings.phones, order.settings.agents[name]
    own = phones.agents.get(name, AgentPhone())
    number = "" if agent.phone is None else agent.phone.name
    vendor = (
        own.vendor.value if own.vendor else order.vendor or (phones.vendor.value if phones.vendor else None)
    )
    language = Language((own.language or phones.language).value)
    return Phone(
        number=number,
        name=agent.title or name,
        secret=known.setdefault(number, _new_secret()),
        server=_server(order.settings, agent, needed=vendor is not None),
        port=phones.port,
        vendor=Vendor(vendor) if vendor else None,
        model=own.model,
        mac=own.mac.replace(":", "").replace("-", "").lower(),
        language=language,
        transport=Transport((own.transport or phones.transport).value),
        codecs=tuple(Codec(codec.value) for codec in own.codecs or phones.codecs),
        auto_answer=agent.auto_answer is not AutoAnswer.NONE,
        keys=keys.of(name, own.keys or phones.keys, language),
    )


def _new_secret() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(SECRET_LENGTH))


def _server(settings: Settings, agent: Agent, *, needed: bool) -> str:
    """Where the phone registers; Asterisk's own files do without."""
    switch = next(one for one in settings.switches if agent.switch in {None, one.name})
    server = settings.phones.servers.get(switch.name, switch.host)
    if needed and server in LOOPBACK:
        raise DescriptionError(
            f"phones can't register at {server}: write into acd.toml "
            f'[phones] servers = {{ {switch.name} = "the address phones reach it by" }}'
        )
    return server


def _mismatches(settings: Settings, switch: str, phones: list[Phone]) -> Iterator[str]:
    for name, phone in zip(_agents_of(settings, switch), phones, strict=True):
        agent = settings.agents[name]
        if phone.auto_answer and phone.vendor and agent.auto_answer not in UNDERSTOOD[phone.vendor]:
            fitting = " or ".join(sorted(header.value for header in UNDERSTOOD[phone.vendor]))
            yield (
                f"agent {name}: phones of {phone.vendor.value} do not know auto_answer = "
                f'"{agent.auto_answer.value}": take {fitting}'
            )
