"""When the host is at a limit: new calls are refused before those that are in are served late. Pure.

A limit is reached when `begin` measures in a row are at or over it, and left when `end` in a row are under `RELIEF` of
it: one stutter refuses nobody, and a load that hovers at the limit does not open and shut the door.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

RELIEF: Final = 0.8
"""Part of a limit below which a measure must fall to count as relief."""

LOOP_LAG: Final = "loop_lag"
CPU: Final = "cpu"
LOAD: Final = "load"
OPEN_FILES: Final = "open_files"
SESSIONS: Final = "sessions"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The most of each measure by its name (see `Measure`); a name that is absent has no limit. Why: README."""

    most: Mapping[str, float]
    begin: int = 3
    end: int = 10


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """The host at a moment."""

    loop_lag: float
    """Milliseconds the event loop was late at worst since the last measure."""
    cpu: float
    """Per cent of one processor that the process used since the last measure."""
    load: float
    """Per cent of the machine's processors that are wanted: the load average of one minute over their number."""
    open_files: float
    """Per cent of the files the process may have open."""
    sessions: float
    """Per cent of the callers' AGI connections it may hold."""


class Strain(msgspec.Struct, frozen=True):
    """A limit is reached, or left: `strained` False. `value` is the measure that decided."""

    limit: str
    value: float
    most: float
    strained: bool


class Host:
    """One host over time."""

    def __init__(self, limits: Limits) -> None:
        """Nothing is scarce yet."""
        self.limits = limits
        self.measure: Measure | None = None
        self.strained: dict[str, Strain] = {}
        """Limits reached at present, with what reached them."""
        self._over: dict[str, int] = {}
        self._under: dict[str, int] = {}

    def configure(self, limits: Limits) -> list[Strain]:
        """Take other limits; a strain whose limit is gone is over."""
        self.limits = limits
        gone = [strain for name, strain in self.strained.items() if name not in limits.most]
        return [self._left(strain.limit, strain.value, strain.most) for strain in gone]

    def take(self, measure: Measure) -> list[Strain]:
        """One more measure; what it made begin or end."""
        self.measure = measure
        changed = []
        for name, most in self.limits.most.items():
            value = getattr(measure, name)
            strain = (
                self._ending(name, value, most)
                if name in self.strained
                else self._beginning(name, value, most)
            )
            changed += [strain] if strain is not None else []
        return changed

    def _beginning(self, name: str, value: float, most: float) -> Strain | None:
        self._over[name] = self._over.get(name, 0) + 1 if value >= most else 0
        if self._over[name] < self.limits.begin:
            return None
        self._over[name] = self._under[name] = 0
        self.strained[name] = Strain(name, value, most, strained=True)
        return self.strained[name]

    def _ending(self, name: str, value: float, most: float) -> Strain | None:
        self._under[name] = self._under.get(name, 0) + 1 if value < most * RELIEF else 0
        return self._left(name, value, most) if self._under[name] >= self.limits.end else None

    def _left(self, name: str, value: float, most: float) -> Strain:
        del self.strained[name]
        self._over[name] = self._under[name] = 0
        return Strain(name, value, most, strained=False)
