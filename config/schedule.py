"""Who is to be at work when: shifts, and questions about them. Moments are nanoseconds since the Unix epoch (UTC). Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final

from msgspec import Struct

SECOND: Final = 1_000_000_000


class Shift(Struct, frozen=True, gc=False):
    """One stretch of planned work: `start` belongs to it, `end` does not."""

    agent: str
    start: int
    end: int


class Schedule:
    """All shifts. Those of one agent do not overlap; where one ends as the next begins they are one shift."""

    def __init__(self, shifts: Iterable[Shift] = ()) -> None:
        """Raises ValueError for a shift that does not end after it starts, and for two that overlap."""
        ordered = sorted(shifts, key=attrgetter("agent", "start"))
        self._of: Mapping[str, Sequence[Shift]] = {
            agent: tuple(_joined(group)) for agent, group in groupby(ordered, key=attrgetter("agent"))
        }

    @property
    def agents(self) -> Iterable[str]:
        """Whom it names."""
        return self._of.keys()

    def __len__(self) -> int:
        """How many shifts there are."""
        return sum(map(len, self._of.values()))

    def planned(self, agent: str, at: int) -> Shift | None:
        """The shift the agent is to work in at that moment, or None."""
        shift = self.begun(agent, at)
        return shift if shift is not None and at < shift.end else None

    def begun(self, agent: str, at: int) -> Shift | None:
        """The agent's last shift that began by then, over or not."""
        shifts = self._of.get(agent, ())
        place = bisect_right(shifts, at, key=attrgetter("start"))
        return shifts[place - 1] if place else None

    def following(self, agent: str, at: int) -> Shift | None:
        """The agent's first shift that begins after that moment."""
        shifts = self._of.get(agent, ())
        place = bisect_right(shifts, at, key=attrgetter("start"))
        return shifts[place] if place < len(shifts) else None

    def next_boundary(self, agent: str, at: int) -> int | None:
        """The first start or end of a shift of the agent after that moment."""
        if (shift := self.planned(agent, at)) is not None:
            return shift.end
        later = self.following(agent, at)
        return later.start if later is not None else None

    def ending_after(self, agent: str, since: int) -> Iterator[tuple[Shift, Shift | None]]:
        """The agent's shifts that end after that moment, oldest first, each with the one that follows it."""
        shifts = self._of.get(agent, ())
        # No two overlap, so the ends are in the order of the starts.
        for place in range(bisect_right(shifts, since, key=attrgetter("end")), len(shifts)):
            yield shifts[place], shifts[place + 1] if place + 1 < len(shifts) else None


def _joined(shifts: Iterable[Shift]) -> Iterator[Shift]:
    """The shifts of one agent, in order of their starts, those that touch made one."""
    last: Shift | None = None
    for shift in shifts:
        if shift.end <= shift.start:
            raise ValueError(f"a shift of {shift.agent} does not end after it starts")
        if last is not None and shift.start < last.end:
            raise ValueError(f"two shifts of {shift.agent} overlap")
        if last is not None and shift.start == last.end:
            last = Shift(last.agent, last.start, shift.end)
            continue
        if last is not None:
            yield last
        last = shift
    if last is not None:
        yield last
