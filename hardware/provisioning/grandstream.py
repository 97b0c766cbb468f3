"""Grandstream: `cfgMAC.xml` with named items (version 2), GXP21xx from firmware 1.0.11 on and GRP26xx. Unverified on hardware."""

from collections.abc import Iterator, Mapping
from typing import Final

from hardware.provisioning.description import Codec, Key, Kind, Phone, Transport
from hardware.provisioning.escaping import xml

TEMPLATE: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Written by `acd phones render`. Holds a secret. -->
<gs_provision version="1">
  <config version="2">
    <item name="account.1.enable">Yes</item>
    <item name="account.1.name">$name</item>
    <item name="account.1.sip.server.1.address">$address</item>
    <item name="account.1.sip.userid">$number</item>
    <item name="account.1.sip.subscriber.userid">$number</item>
    <item name="account.1.sip.subscriber.password">$secret</item>
    <item name="account.1.sip.subscriber.name">$name</item>
    <item name="account.1.sip.transport">$transport</item>
    <item name="account.1.intercom.allowAutoAnswer">$auto_answer</item>
    <item name="account.1.intercom.playWarningToneForAutoAnswer">Yes</item>
    <item name="language.gui">$language</item>
$codecs
$keys
  </config>
</gs_provision>
"""

TRANSPORTS: Final = {Transport.UDP: "0", Transport.TCP: "1", Transport.TLS: "2"}
CODECS: Final[Mapping[Codec, str]] = {
    Codec.OPUS: "OPUS",
    Codec.G722: "G.722",
    Codec.ALAW: "PCMA",
    Codec.ULAW: "PCMU",
    Codec.G729: "G.729A/B",
}
CHOICES: Final = 8
KEYS: Final = {Kind.LINE: "Line", Kind.LAMP: "BLF", Kind.CODE: "SpeedDial"}


def values(phone: Phone) -> dict[str, str]:
    """What the template may use, escaped for XML."""
    return {
        "number": xml(phone.number),
        "name": xml(phone.name),
        "secret": xml(phone.secret),
        "server": xml(phone.server),
        "port": str(phone.port),
        "address": xml(phone.address),
        "model": xml(phone.model),
        "mac": phone.mac,
        "transport": TRANSPORTS[phone.transport],
        "language": phone.language.value,
        "auto_answer": "Yes" if phone.auto_answer else "No",
        "codecs": "\n".join(_codecs(phone)),
        "keys": "\n".join(line for place, key in enumerate(phone.keys, 1) for line in _key(place, key)),
    }


def _codecs(phone: Phone) -> Iterator[str]:
    """A choice that is not named keeps what it was: the last codec fills the rest, so that no other is offered."""
    for place in range(1, CHOICES + 1):
        codec = phone.codecs[min(place, len(phone.codecs)) - 1]
        yield _item(f"account.1.codec.choice.{place}", CODECS[codec])


def _key(place: int, key: Key) -> Iterator[str]:
    yield _item(f"pks.vpk.{place}.keyMode", KEYS[key.kind])
    yield _item(f"pks.vpk.{place}.account", "0")
    yield _item(f"pks.vpk.{place}.description", key.label)
    yield _item(f"pks.vpk.{place}.value", key.value)


def _item(name: str, value: str) -> str:
    return f'    <item name="{name}">{xml(value)}</item>'


def file_name(phone: Phone) -> str:
    """The name a phone asks for; by its endpoint while the MAC address is unknown."""
    return f"cfg{phone.mac}.xml" if phone.mac else f"grandstream-{phone.number}.xml"
