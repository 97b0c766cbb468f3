"""What is known of a phone, whoever made it. Refuses at once what no file may hold."""

import re
from enum import Enum
from typing import Final

from msgspec import Struct

NUMBER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]{0,79}")
LAMP: Final = re.compile(r"acd-[a-z]+-[a-z0-9][a-z0-9_.-]{0,63}")
CODE: Final = re.compile(r"[0-9*#]{1,20}")
# Nothing that a configuration file or XML gives a meaning to: secrets are quoted nowhere.
SECRET: Final = re.compile(r"[A-Za-z0-9_.~+-]{8,64}")
MAC: Final = re.compile(r"[0-9a-f]{12}")
HOST: Final = re.compile(r"[A-Za-z0-9_.:%-]{1,253}")
WORD: Final = re.compile(r"[A-Za-z0-9_-]{1,80}")
MODEL: Final = re.compile(r"[A-Za-z0-9 _./+-]{0,40}")
# XML 1.0 has no way to write the others, not even escaped; a line end would begin a setting of its own.
_BAD: Final = re.compile(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
SHOWN: Final = 40  # characters of a wrong value that a message repeats
MOST_KEYS: Final = 60


class DescriptionError(ValueError):
    """A value that no phone or Asterisk may be told; the text says whose it is and what to do."""


class Vendor(Enum):
    """Who made the phone."""

    YEALINK = "yealink"
    GRANDSTREAM = "grandstream"
    POLYCOM = "polycom"
    SNOM = "snom"


class Language(Enum):
    """Of the phone's display and of what Asterisk says to it."""

    GERMAN = "de"
    ENGLISH = "en"
    SPANISH = "es"
    FRENCH = "fr"
    ITALIAN = "it"


class Transport(Enum):
    """How the phone sends SIP."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"


class Codec(Enum):
    """What both sides may speak, named as Asterisk does; the order is the preference."""

    OPUS = "opus"
    G722 = "g722"
    ALAW = "alaw"
    ULAW = "ulaw"
    G729 = "g729"


class Kind(Enum):
    """What a key is for."""

    LINE = "line"
    LAMP = "lamp"
    CODE = "code"


class Key(Struct, frozen=True, kw_only=True):
    """One key of a phone, in the order of the keys. `value`: the lamp's name or the digits; empty for a line."""

    kind: Kind
    label: str = ""
    value: str = ""

    def __post_init__(self) -> None:
        """Refuse values that are none."""
        shape = {Kind.LAMP: LAMP, Kind.CODE: CODE}.get(self.kind)
        if (self.value != "") if shape is None else not shape.fullmatch(self.value):
            raise DescriptionError(f"{_shown(self.value)} is no {self.kind.value} key: {_KEYS}")
        _text(f"the label of key {self.value or self.kind.value}", self.label)


_KEYS: Final = 'write "line", a lamp such as acd-agent-ann, or digits such as *45'


class Phone(Struct, frozen=True, kw_only=True):
    """One phone of one agent. `number` is its endpoint in Asterisk and its user name; `mac`: lower case, or empty."""

    number: str
    name: str
    secret: str
    server: str
    vendor: Vendor | None = None
    model: str = ""
    mac: str = ""
    language: Language = Language.ENGLISH
    transport: Transport = Transport.UDP
    port: int = 5060
    codecs: tuple[Codec, ...] = (Codec.G722, Codec.ALAW, Codec.ULAW)
    auto_answer: bool = False
    keys: tuple[Key, ...] = ()

    def __post_init__(self) -> None:
        """Raise DescriptionError for what no file may hold."""
        whose = f"of phone {_shown(self.number)}"
        _match(
            NUMBER, "the endpoint", self.number, "use A-Z a-z 0-9 _ . + - and begin with a letter or digit"
        )
        _text(f"the name {whose}", self.name)
        if not SECRET.fullmatch(self.secret):  # which is not repeated
            raise DescriptionError(f"the secret {whose} is wrong: write 8 to 64 of A-Z a-z 0-9 _ . ~ + -")
        _match(HOST, f"the server {whose}", self.server, "write a host name or an IP address")
        _match(MODEL, f"the model {whose}", self.model, "use letters, digits, spaces and _ . / + -")
        if self.mac:
            _match(
                MAC, f"the MAC address {whose}", self.mac, "write 12 digits of 0-9 a-f, without separators"
            )
        if not 1 <= self.port <= 65535:
            raise DescriptionError(f"the port {whose} is {self.port}: write 1 to 65535")
        if not self.codecs:
            raise DescriptionError(f"there is no codec {whose}: name at least one")
        if len(self.keys) > MOST_KEYS:
            raise DescriptionError(
                f"{len(self.keys)} keys {whose}: at most {MOST_KEYS}; name fewer in [phones] keys"
            )

    @property
    def host(self) -> str:
        """The server as a SIP URI has it, an IPv6 address in brackets."""
        return f"[{self.server}]" if ":" in self.server else self.server

    @property
    def address(self) -> str:
        """Server and port."""
        return f"{self.host}:{self.port}"


class Site(Struct, frozen=True, kw_only=True):
    """What all endpoints of one Asterisk have in common.

    `context` is where calls of the phones begin; `qualify` seconds between looks whether a phone is there, 0: none.
    """

    context: str = "from-internal"
    lamps_context: str = "acd-lamps"
    contacts: int = 1
    qualify: int = 30

    def __post_init__(self) -> None:
        """Raise DescriptionError for a context that would be read as something else."""
        for context in (self.context, self.lamps_context):
            _match(WORD, "the context", context, "use letters, digits, _ and -")


def _match(shape: re.Pattern[str], what: str, value: str, hint: str) -> None:
    if not shape.fullmatch(value):
        raise DescriptionError(f"{what} is {_shown(value)}: {hint}")


def _text(what: str, value: str) -> None:
    if found := _BAD.search(value):
        raise DescriptionError(f"{what} holds {found[0]!a}: write one line of printable characters")


def _shown(value: str) -> str:
    return ascii(value if len(value) <= SHOWN else value[:SHOWN] + "...")
