"""Yealink: `MAC.cfg`, one `key = value` a line; names as of firmware 84 and later (T3, T4, T5). Unverified on hardware."""

from collections.abc import Iterator, Mapping
from typing import Final

from hardware.provisioning.description import Codec, Key, Kind, Language, Phone, Transport
from hardware.provisioning.escaping import yealink as escaped

TEMPLATE: Final = """\
#!version:1.0.0.1
# Written by `acd phones render`. Holds a secret.
account.1.enable = 1
account.1.label = $name
account.1.display_name = $name
account.1.user_name = $number
account.1.auth_name = $number
account.1.password = $secret
account.1.sip_server.1.address = $server
account.1.sip_server.1.port = $port
account.1.sip_server.1.transport_type = $transport
lang.gui = $language
features.intercom.allow = $auto_answer
features.intercom.barge = 0
features.intercom.tone = 1
$codecs
$keys
"""

LANGUAGES: Final[Mapping[Language, str]] = {
    Language.GERMAN: "German",
    Language.ENGLISH: "English",
    Language.SPANISH: "Spanish",
    Language.FRENCH: "French",
    Language.ITALIAN: "Italian",
}
TRANSPORTS: Final = {Transport.UDP: "0", Transport.TCP: "1", Transport.TLS: "2"}
CODECS: Final[Mapping[Codec, str]] = {
    Codec.OPUS: "opus",
    Codec.G722: "g722",
    Codec.ALAW: "pcma",
    Codec.ULAW: "pcmu",
    Codec.G729: "g729",
}
KEYS: Final = {Kind.LINE: "15", Kind.LAMP: "16", Kind.CODE: "13"}


def values(phone: Phone) -> dict[str, str]:
    """What the template may use."""
    return {
        "number": phone.number,
        "name": escaped(phone.name),
        "secret": phone.secret,
        "server": phone.server,
        "port": str(phone.port),
        "model": phone.model,
        "mac": phone.mac,
        "transport": TRANSPORTS[phone.transport],
        "language": LANGUAGES[phone.language],
        "auto_answer": "1" if phone.auto_answer else "0",
        "codecs": "\n".join(_codecs(phone)),
        "keys": "\n".join(line for place, key in enumerate(phone.keys, 1) for line in _key(place, key)),
    }


def _codecs(phone: Phone) -> Iterator[str]:
    for codec, name in CODECS.items():
        wanted = codec in phone.codecs
        yield f"account.1.codec.{name}.enable = {int(wanted)}"
        if wanted:
            yield f"account.1.codec.{name}.priority = {phone.codecs.index(codec) + 1}"


def _key(place: int, key: Key) -> Iterator[str]:
    yield f"linekey.{place}.type = {KEYS[key.kind]}"
    yield f"linekey.{place}.line = 1"
    yield f"linekey.{place}.value = {key.value or '%NULL%'}"
    yield f"linekey.{place}.label = {escaped(key.label) or '%NULL%'}"


def file_name(phone: Phone) -> str:
    """The name a phone asks for; by its endpoint while the MAC address is unknown."""
    return f"{phone.mac}.cfg" if phone.mac else f"yealink-{phone.number}.cfg"
