"""Polycom: attributes of one XML element, UC Software 5 and later (VVX). Unverified on hardware.

A phone reads the files that its master file names: `CONFIG_FILES="[PHONE_MAC_ADDRESS]-acd.cfg"` in 000000000000.cfg.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from hardware.provisioning.description import Codec, Kind, Language, Phone, Transport
from hardware.provisioning.escaping import xml

TEMPLATE: Final = """\
<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<!-- Written by `acd phones render`. Holds a secret. -->
<PHONE_CONFIG>
  <ALL
    reg.1.displayName="$name"
    reg.1.label="$name"
    reg.1.address="$number"
    reg.1.auth.userId="$number"
    reg.1.auth.password="$secret"
    reg.1.server.1.address="$server"
    reg.1.server.1.port="$port"
    reg.1.server.1.transport="$transport"
    reg.1.lineKeys="$lines"
    lcl.ml.lang="$language"
    voIpProt.SIP.alertInfo.1.value="$alert"
    voIpProt.SIP.alertInfo.1.class="$ring_class"
$codecs
    attendant.reg="1"
    feature.enhancedFeatureKeys.enabled="1"
    feature.EFKLineKey.enabled="1"
    lineKey.reassignment.enabled="1"
$keys
  />
</PHONE_CONFIG>
"""

LANGUAGES: Final[Mapping[Language, str]] = {
    Language.GERMAN: "German_Germany",
    Language.ENGLISH: "English_United_Kingdom",
    Language.SPANISH: "Spanish_Spain",
    Language.FRENCH: "French_France",
    Language.ITALIAN: "Italian_Italy",
}
TRANSPORTS: Final = {Transport.UDP: "UDPOnly", Transport.TCP: "TCPOnly", Transport.TLS: "TLS"}
CODECS: Final[Mapping[Codec, str]] = {
    Codec.OPUS: "Opus",
    Codec.G722: "G722",
    Codec.ALAW: "G711_A",
    Codec.ULAW: "G711_Mu",
    Codec.G729: "G729_AB",
}
CATEGORIES: Final = {Kind.LINE: "Line", Kind.LAMP: "BLF", Kind.CODE: "EFK"}
ALERT: Final = "ring-answer"
"""What an agent's auto_answer = "ring_answer" says in Alert-Info."""


def values(phone: Phone) -> dict[str, str]:
    """What the template may use, escaped for XML."""
    lines = sum(key.kind is Kind.LINE for key in phone.keys)
    return {
        "number": xml(phone.number),
        "name": xml(phone.name),
        "secret": xml(phone.secret),
        "server": xml(phone.server),
        "port": str(phone.port),
        "model": xml(phone.model),
        "mac": phone.mac,
        "transport": TRANSPORTS[phone.transport],
        "language": LANGUAGES[phone.language],
        "lines": str(max(1, lines)),
        "alert": ALERT if phone.auto_answer else "",
        "ring_class": "ringAutoAnswer" if phone.auto_answer else "default",
        "codecs": "\n".join(_attribute(*codec) for codec in _codecs(phone)),
        "keys": "\n".join(_attribute(*key) for key in _keys(phone)),
    }


def _codecs(phone: Phone) -> Iterator[tuple[str, str]]:
    for codec, name in CODECS.items():
        place = phone.codecs.index(codec) + 1 if codec in phone.codecs else 0
        yield f"voice.codecPref.{name}", str(place)


def _keys(phone: Phone) -> Iterator[tuple[str, str]]:
    """Lamps and codes are lists of their own; a key names its kind and, but for lamps, the place in that list."""
    counted = dict.fromkeys(Kind, 0)
    for place, key in enumerate(phone.keys, 1):
        counted[key.kind] += 1
        nth = counted[key.kind]
        if key.kind is Kind.LAMP:
            yield f"attendant.resourceList.{nth}.address", key.value
            yield f"attendant.resourceList.{nth}.label", key.label
            yield f"attendant.resourceList.{nth}.type", "normal"
        elif key.kind is Kind.CODE:
            yield f"efk.efklist.{nth}.mname", f"acd{nth}"
            yield f"efk.efklist.{nth}.status", "1"
            yield f"efk.efklist.{nth}.label", key.label
            yield f"efk.efklist.{nth}.action.string", f"{key.value}$Tinvite$"
        yield f"lineKey.{place}.category", CATEGORIES[key.kind]
        yield f"lineKey.{place}.index", "0" if key.kind is Kind.LAMP else str(nth)


def _attribute(name: str, value: str) -> str:
    return f'    {name}="{xml(value)}"'


def file_name(phone: Phone) -> str:
    """A name for the master file to name; by the endpoint while the MAC address is unknown."""
    return f"{phone.mac}-acd.cfg" if phone.mac else f"polycom-{phone.number}.cfg"
