"""Snom: `MAC.xml`, which the setting server's address names as `{mac}.xml`. Firmware 8.9 and later. Unverified on hardware."""

from collections.abc import Mapping
from typing import Final

from hardware.provisioning.description import Codec, Key, Kind, Language, Phone
from hardware.provisioning.escaping import xml

TEMPLATE: Final = """\
<?xml version="1.0" encoding="utf-8"?>
<!-- Written by `acd phones render`. Holds a secret. -->
<settings>
  <phone-settings e="2">
    <language perm="">$language</language>
    <user_active idx="1" perm="">on</user_active>
    <user_realname idx="1" perm="">$name</user_realname>
    <user_name idx="1" perm="">$number</user_name>
    <user_pname idx="1" perm="">$number</user_pname>
    <user_pass idx="1" perm="">$secret</user_pass>
    <user_host idx="1" perm="">$server</user_host>
    <user_outbound idx="1" perm="">$address;transport=$transport</user_outbound>
    <codec_priority_list idx="1" perm="">$codecs</codec_priority_list>
    <answer_after_policy perm="">$answer_after</answer_after_policy>
    <intercom_enabled perm="">$auto_answer</intercom_enabled>
  </phone-settings>
  <functionKeys e="2">
$keys
  </functionKeys>
</settings>
"""

LANGUAGES: Final[Mapping[Language, str]] = {
    Language.GERMAN: "Deutsch",
    Language.ENGLISH: "English",
    Language.SPANISH: "Español",
    Language.FRENCH: "Français",
    Language.ITALIAN: "Italiano",
}
CODECS: Final[Mapping[Codec, str]] = {
    Codec.OPUS: "opus",
    Codec.G722: "g722",
    Codec.ALAW: "pcma",
    Codec.ULAW: "pcmu",
    Codec.G729: "g729",
}


def values(phone: Phone) -> dict[str, str]:
    """What the template may use, escaped for XML."""
    return {
        "number": xml(phone.number),
        "name": xml(phone.name),
        "secret": xml(phone.secret),
        "server": xml(phone.host),
        "port": str(phone.port),
        "address": xml(phone.address),
        "model": xml(phone.model),
        "mac": phone.mac,
        "transport": phone.transport.value,
        "language": LANGUAGES[phone.language],
        "answer_after": "idle" if phone.auto_answer else "off",
        "auto_answer": "on" if phone.auto_answer else "off",
        "codecs": ",".join([*(CODECS[codec] for codec in phone.codecs), "telephone-event"]),
        "keys": "\n".join(_key(place, key, phone) for place, key in enumerate(phone.keys)),
    }


def _key(place: int, key: Key, phone: Phone) -> str:
    does = {
        Kind.LINE: "line",
        Kind.LAMP: f"blf sip:{key.value}@{phone.host}",
        Kind.CODE: f"speed {key.value}",
    }[key.kind]
    return f'    <fkey idx="{place}" context="1" label="{xml(key.label)}" perm="">{xml(does)}</fkey>'


def file_name(phone: Phone) -> str:
    """The name a phone asks for, with its MAC address as it writes it; by its endpoint while that is unknown."""
    return f"{phone.mac.upper()}.xml" if phone.mac else f"snom-{phone.number}.xml"
