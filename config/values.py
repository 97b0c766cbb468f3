"""The value types an operator writes as text: durations, phones, networks and secrets.

Each class has `expects` (how the loader names it in "expected …") and `parse(text)`, which raises ValueError.
Pure: no file, no clock, no network.
"""

import ipaddress
import re
from typing import Annotated, ClassVar, Final, Self

from msgspec import Meta

from acd.core.expression import Expression, read

_DURATION: Final = re.compile(r"(?:([0-9]{1,6})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,6})s)?(?:([0-9]{1,9})ms)?")
_UNITS: Final = ((3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms"))

# The technologies whose `TECH/name` is both a Dial target and a device name. Local/ is left out: it has no
# device state of its own, so a phone behind it would always look free.
TECHNOLOGIES: Final = ("PJSIP", "SIP", "IAX2", "DAHDI")
# `&` and `,` would split a Dial string, `/` and `@` would turn an endpoint into a route.
_ENDPOINT: Final = re.compile(r"(?:([A-Za-z0-9]{1,16})/)?([A-Za-z0-9][A-Za-z0-9_.+-]{0,79})")

_PRINTABLE: Final = re.compile(r"[^\x00-\x1f\x7f]{1,256}")

NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9_.-]{0,63}\Z"
Name = Annotated[
    str,
    Meta(
        pattern=NAME_PATTERN,
        extra={
            "expects": "a name of 1 to 64 characters from a-z 0-9 _ . - that begins with a letter or digit "
            "(names become part of AGI addresses and channel variables)"
        },
    ),
]
"""A queue's, agent's, skill's, group's, switch's or trunk group's name."""


class Duration(int):
    """A span of time in whole milliseconds, written as "15s", "2m", "1m30s" or "500ms"."""

    expects: ClassVar[str] = 'a duration such as "15s", "2m", "1m30s" or "500ms"'

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read hours, minutes, seconds, milliseconds in that order, each at most once, at least one."""
        found = _DURATION.fullmatch(text)
        if not text or found is None:
            raise ValueError(f"expected {cls.expects}")
        return cls(sum(int(n) * unit for n, (unit, _) in zip(found.groups(0), _UNITS, strict=True)))

    @property
    def ns(self) -> int:
        """The same span in nanoseconds, the unit of the router's clock."""
        return int(self) * 1_000_000

    @property
    def text(self) -> str:
        """The span as an operator would write it; `parse` reads it back."""
        rest, parts = int(self), []
        for unit, letter in _UNITS:
            count, rest = divmod(rest, unit)
            parts += [f"{count}{letter}"] if count else []
        return "".join(parts) or "0s"


class Endpoint(str):
    """What Asterisk dials and whose device state it reports, always with its technology: "PJSIP/1001"."""

    __slots__ = ()
    expects: ClassVar[str] = (
        f'a phone such as "PJSIP/1001" or "1001" (technologies: {", ".join(TECHNOLOGIES)}; name: A-Z a-z 0-9 _ . + -)'
    )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "TECH/name", or "name" for PJSIP."""
        found = _ENDPOINT.fullmatch(text)
        if found is None or (found[1] or "PJSIP") not in TECHNOLOGIES:
            raise ValueError(f"expected {cls.expects}")
        return cls(f"{found[1] or 'PJSIP'}/{found[2]}")

    @property
    def technology(self) -> str:
        """The part before the slash."""
        return self.partition("/")[0]

    @property
    def name(self) -> str:
        """The part after the slash."""
        return self.partition("/")[2]


class Network(str):
    """An IP network in canonical form, such as "127.0.0.0/8" or "::1/128"."""

    __slots__ = ()
    expects: ClassVar[str] = 'an IP address or network such as "10.1.2.3", "127.0.0.0/8" or "::1"'

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an address or a network; one with host bits set is refused, because its meaning is a guess."""
        return cls(ipaddress.ip_network(text))

    @classmethod
    def around(cls, text: str) -> str:
        """Return the network that holds an address written with a prefix; the text itself when it is neither."""
        try:
            return str(ipaddress.ip_network(text, strict=False))
        except ValueError:
            return text

    @property
    def prefix(self) -> int:
        """The prefix length; 0 means everybody."""
        return ipaddress.ip_network(self).prefixlen


class Needed(str):
    """What a queue or a step asks of agents, as text; read once, kept as it was written."""

    __slots__ = ("_read",)
    _read: Expression
    expects: ClassVar[str] = 'an expression such as "fr >= 5 and (billing >= 3 or vip)"'

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read an expression of acd.core.expression; ExpressionError is a ValueError and knows the column."""
        needed = cls(text)
        needed._read = read(text)
        return needed

    @property
    def expression(self) -> Expression:
        """The text, read."""
        return self._read


class Secret:
    """A password or PIN that shows itself only to `reveal()`: never in repr, str, a diff or a problem."""

    __slots__ = ("_text",)
    expects: ClassVar[str] = "a secret of 1 to 256 printable characters"

    def __init__(self, text: str = "") -> None:
        self._text = text

    @classmethod
    def parse(cls, text: str) -> Self:
        """Refuse control characters: a line end inside would become another AMI header."""
        if not _PRINTABLE.fullmatch(text):
            raise ValueError(f"expected {cls.expects}")
        return cls(text)

    def reveal(self) -> str:
        """Return the secret itself, for the one place that sends or compares it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "Secret(***)" if self._text else "Secret()"

    def __reduce__(self) -> str:
        raise TypeError("a Secret is not pickled: it would leave the process in clear")


def encode_value(value: object) -> str:
    """Turn a value of this module into what an operator would write (`enc_hook` of msgspec); secrets become ***."""
    match value:
        case Duration():
            return value.text
        case Endpoint() | Network() | Needed():
            return str(value)
        case Secret():
            return "***" if value else ""
        case _:
            raise NotImplementedError(f"no text form for {type(value).__name__}")
