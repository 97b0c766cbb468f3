"""What a phone does with an INVITE. All durations are seconds of simulated time."""

import random
from typing import TypeAlias

import msgspec

from telephony.simulated.outcomes import REFUSALS


class Answers(msgspec.Struct, frozen=True):
    """Rings, then answers after `after`, then hangs up after `hangs_up_after` of talk (None: never by itself).

    `spread` 0.5 draws each duration evenly from half to one and a half times the value.
    """

    after: float = 0.0
    hangs_up_after: float | None = None
    spread: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what no phone does."""
        if self.after < 0 or (self.hangs_up_after or 0) < 0 or not 0 <= self.spread <= 1:
            raise ValueError(f"{self}: durations must be 0 or more and spread between 0 and 1")

    def draw(self, seconds: float, rng: random.Random) -> float:
        """Return `seconds` with the spread applied."""
        return seconds * (1 + self.spread * (2 * rng.random() - 1)) if self.spread else seconds


class Rings(msgspec.Struct, frozen=True):
    """Rings (180) until somebody calls `Phone.answer` or `Phone.reject`, or the caller's side gives up."""


class Rejects(msgspec.Struct, frozen=True):
    """Rings, then sends the final SIP status `code` (the refusal table's codes)."""

    code: int = 486
    after: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a code whose trace in Asterisk nobody has verified."""
        if self.code not in REFUSALS:
            raise ValueError(f"a phone cannot refuse with {self.code}; known: {sorted(REFUSALS)}")


class Redirects(msgspec.Struct, frozen=True):
    """Rings, then sends 302 to extension `to`."""

    to: str = "900"


class Dead(msgspec.Struct, frozen=True):
    """A contact at a port where nobody listens (UDP, not qualified): no reply at all."""


class RefusesConnection(msgspec.Struct, frozen=True):
    """A contact over TCP whose connection is refused."""


class Unregistered(msgspec.Struct, frozen=True):
    """No contact, or one qualified as unavailable."""


class Mixed(msgspec.Struct, frozen=True):
    """Draws one of `choices`, (weight, behaviour), for each INVITE."""

    choices: tuple[tuple[float, Answers | Rings | Rejects | Redirects | Dead], ...]

    def __post_init__(self) -> None:
        """Refuse an empty or impossible draw."""
        if not any(weight > 0 for weight, _ in self.choices) or any(weight < 0 for weight, _ in self.choices):
            raise ValueError("Mixed needs weights of 0 or more and one above 0")


Behaviour: TypeAlias = Answers | Rings | Rejects | Redirects | Dead | RefusesConnection | Unregistered | Mixed
Single: TypeAlias = Answers | Rings | Rejects | Redirects | Dead | RefusesConnection | Unregistered


def pick(behaviour: Behaviour, rng: random.Random) -> Single:
    """Return what the phone does with this INVITE."""
    if not isinstance(behaviour, Mixed):
        return behaviour
    weights = [weight for weight, _ in behaviour.choices]
    return rng.choices([choice for _, choice in behaviour.choices], weights)[0]
