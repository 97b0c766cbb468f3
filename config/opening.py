"""When somebody is there to be called: opening hours, and questions about them. Moments are nanoseconds since the epoch (UTC). Pure.

A span belongs to the day it begins on, so a night is no business of the next day's. It lasts from the first moment at which the
clock shows its begin, or a later time, to the first at which the clock shows its end, or a later time: what begins in the hour
that does not exist begins when the clock is put forward, and in the hour that comes twice the first of the two counts.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

SECOND: Final = 1_000_000_000
DAY: Final = 1_440
"""Minutes."""
LOOK_AHEAD: Final = (10, 70, 400)
"""Days that are searched for a change, more only when fewer hold none: hours that never change are no error."""
AROUND: Final = 2
"""Days before: a span may last a day, and a clock that is put back at midnight shows the day before once more."""


class Span(Struct, frozen=True, gc=False):
    """From one minute of the day to another; `end` beyond 1440 is on the next day."""

    begin: int
    end: int

    @classmethod
    def parse(cls, text: str) -> "Span":
        """Read "08:00-12:00", or "22:00-02:00" over midnight. Raises ValueError for one that has no length."""
        begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in text.split("-"))
        if begin == end:
            raise ValueError("the span ends as it begins")
        return cls(begin, end if end > begin else end + DAY)


class Closure(Struct, frozen=True, gc=False):
    """Closed from `start` to before `end`, whatever the week says: a holiday."""

    start: int
    end: int
    name: str = ""


Piece = tuple[int, int]


class Hours:
    """One set of hours. Days named by themselves count instead of the week, and of the closures."""

    def __init__(
        self,
        zone: ZoneInfo,
        week: Sequence[Sequence[Span]],
        dates: Mapping[dt.date, Sequence[Span]] | None = None,
        closures: Iterable[Closure] = (),
    ) -> None:
        """`week` has seven days, Monday first."""
        self._zone = zone
        self._week = week
        self._dates = dates or {}
        self._closures = _merged((closure.start, closure.end) for closure in closures)

    def open_at(self, moment: int) -> bool:
        """Whether that moment is within the hours."""
        return any(start <= moment < end for start, end in self._pieces(self._day(moment), 1))

    def next_change(self, moment: int) -> int | None:
        """The first moment after it at which they open or close; None: not within more than a year."""
        return self._first(moment, lambda piece: piece)

    def next_opening(self, moment: int) -> int | None:
        """When they are open again: the moment itself within the hours, else the next begin; None: not within a year."""
        if self.open_at(moment):
            return moment
        return self._first(moment, lambda piece: piece[:1])

    def _first(self, moment: int, part: Callable[[Piece], tuple[int, ...]]) -> int | None:
        today = self._day(moment)
        for days in LOOK_AHEAD:
            # What goes on beyond the days that were looked at has no known end.
            most = self._shows(today + dt.timedelta(days=days), 0)
            found = [at for piece in self._pieces(today, days) for at in part(piece) if moment < at < most]
            if found:
                return min(found)
        return None

    def _pieces(self, day: dt.date, days: int) -> list[Piece]:
        """When it is open on so many days from that one on, and somewhat around them; in order, none touching another."""
        return _merged(
            piece
            for number in range(-AROUND, days + AROUND)
            for piece in self._of_day(day + dt.timedelta(days=number))
        )

    def _of_day(self, day: dt.date) -> list[Piece]:
        spans = self._dates.get(day, self._week[day.weekday()])
        pieces = [(self._shows(day, span.begin), self._shows(day, span.end)) for span in spans]
        return pieces if day in self._dates else _without(pieces, self._closures)

    def _day(self, moment: int) -> dt.date:
        return dt.datetime.fromtimestamp(moment // SECOND, self._zone).date()

    def _shows(self, day: dt.date, minutes: int) -> int:
        """The first moment at which the clock shows that minute of that day, or a later one."""
        return first_showing(dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes), self._zone)


def first_showing(wall: dt.datetime, zone: ZoneInfo) -> int:
    """The first moment at which a clock in that zone shows that time, or a later one."""
    at = int(wall.replace(tzinfo=zone, fold=0).timestamp())
    if _shown(at, zone) == wall:
        return at * SECOND
    # The clock is put forward over it: before the change it shows less, from then on more.
    before, after = int(wall.replace(tzinfo=zone, fold=1).timestamp()), at
    while after - before > 1:
        middle = (before + after) // 2
        if _shown(middle, zone) < wall:
            before = middle
        else:
            after = middle
    return after * SECOND


def _shown(at: int, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, zone).replace(tzinfo=None, fold=0)


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """In order, what overlaps or touches as one; empty ones are left out."""
    found: list[Piece] = []
    for start, end in sorted(pieces):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


def _without(pieces: Iterable[Piece], closed: Sequence[Piece]) -> list[Piece]:
    """What is left of the pieces outside of what is closed, which is in order."""
    left: list[Piece] = []
    for piece in pieces:
        start, end = piece
        for shut, again in closed:
            if shut < end and again > start:
                left.append((start, shut))
                start = again
        left.append((start, end))
    return left
