"""Does what agents do agree with the schedule? Pure: moments are nanoseconds of the engine's clock, which tells UTC.

| kind | told when | `planned` | `by` |
|---|---|---|---|
| late | the agent comes, later than allowed after the start | start | from the start to then |
| absent | nobody came until `absent` after the start, or until the end of a shorter shift | start | from the start to then |
| early | the shift is over, and the agent had left earlier than allowed before its end, for good | end | from leaving to the end |
| overtime | the agent who stayed beyond the end leaves, or the next shift starts; longer than allowed | end | from the end to then |

Who comes after having been told as absent is late as well. A break with log-out in the middle is none of these.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from config.schedule import Schedule, Shift

Kind = Literal["late", "early", "absent", "overtime"]
BEFORE_ALL: Final = 0
"""When somebody came of whom only is known that they are there."""


class Allowed(msgspec.Struct, frozen=True, kw_only=True):
    """How far from the schedule is still as planned, nanoseconds."""

    late: int
    absent: int
    early: int
    overtime: int


class Stay(msgspec.Struct, gc=False):
    """Logged in from `came` until `went`; None: still."""

    came: int
    went: int | None = None


class Deviation(msgspec.Struct, frozen=True, gc=False):
    """One thing that was not as planned; `planned` is the moment of the schedule, `by` how far from it."""

    kind: Kind
    planned: int
    by: int


def deviations(
    shift: Shift, following: Shift | None, stays: Sequence[Stay], now: int, allowed: Allowed
) -> Iterator[Deviation]:
    """All that is certain by `now`: more time adds to it and takes nothing back. `stays` are in order."""
    inside = [
        stay for stay in stays if stay.came < shift.end and (stay.went is None or stay.went > shift.start)
    ]
    first = max(inside[0].came, shift.start) if inside else None
    missed = min(shift.start + allowed.absent, shift.end)
    if now >= missed and (first is None or first >= missed):
        yield Deviation("absent", shift.start, missed - shift.start)
    if first is None:
        return
    if first - shift.start > allowed.late:
        yield Deviation("late", shift.start, first - shift.start)
    if now >= shift.end:
        yield from _at_the_end(shift, following, inside[-1].went, now, allowed)


def _at_the_end(
    shift: Shift, following: Shift | None, went: int | None, now: int, allowed: Allowed
) -> Iterator[Deviation]:
    """`went`: when the last stay that touches the shift ended."""
    if went is not None and shift.end - went > allowed.early:
        yield Deviation("early", shift.end, shift.end - went)
    ends = [moment for moment in (went, following.start if following else None) if moment is not None]
    over = min(ends, default=None)
    if over is not None and over <= now and over - shift.end > allowed.overtime:
        yield Deviation("overtime", shift.end, over - shift.end)


def moments(shift: Shift, allowed: Allowed) -> tuple[int, int, int]:
    """When something may become certain by the mere passing of time."""
    return shift.start, min(shift.start + allowed.absent, shift.end), shift.end


def next_moment(schedule: Schedule, agent: str, now: int, allowed: Allowed) -> int | None:
    """The first of these moments after `now`, of all shifts of the agent."""
    for shift, _ in schedule.ending_after(agent, now):
        return min(moment for moment in moments(shift, allowed) if moment > now)
    return None


class Attendance:
    """Who was logged in when, as far back as it is kept."""

    def __init__(self, present: Iterable[str] = ()) -> None:
        """`present` are there, nobody knows since when."""
        self._stays: dict[str, list[Stay]] = {agent: [Stay(BEFORE_ALL)] for agent in present}

    def came(self, agent: str, at: int) -> None:
        """Logged in; who is there already changes the phone at most."""
        stays = self._stays.setdefault(agent, [])
        if not stays or stays[-1].went is not None:
            stays.append(Stay(at))

    def went(self, agent: str, at: int) -> None:
        """Logged out; of who was not known to be there, only that is known now."""
        stays = self._stays.setdefault(agent, [])
        if not stays:
            stays.append(Stay(BEFORE_ALL, at))
        elif stays[-1].went is None:
            stays[-1].went = at

    def of(self, agent: str) -> Sequence[Stay]:
        """The agent's stays, oldest first, none overlapping."""
        return self._stays.get(agent, ())

    def here_since(self, agent: str) -> int | None:
        """When the agent came who is there now; None for one who is not."""
        stays = self.of(agent)
        return stays[-1].came if stays and stays[-1].went is None else None

    def forget(self, before: int) -> None:
        """Drop the stays that ended before that moment."""
        kept: Mapping[str, list[Stay]] = {
            agent: [stay for stay in stays if stay.went is None or stay.went >= before]
            for agent, stays in self._stays.items()
        }
        self._stays = {agent: stays for agent, stays in kept.items() if stays}
