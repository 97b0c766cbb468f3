"""Opening hours kept: told to the router when they begin and end, at the start and after a reload.

Calendars are by the wall clock, which may be stepped; so it is looked at every minute at least. Files of holidays are read
again when they change; one that is broken leaves the last good one in force.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from acd.app.engine import Engine
from acd.core import events as ev
from acd.core.ids import QueueName
from acd.core.outcomes import SwitchedBy
from config.holidays import LoadedHolidays, load_holidays
from config.hours import Hours, opening
from config.loading import Problem
from config.opening import Closure
from config.opening import Hours as Calendar
from config.schema import Settings

log = structlog.get_logger("acd.hours")
NS: Final = 1_000_000_000
LOOK_SECONDS: Final = 60.0
PROBLEMS_LOGGED: Final = 20
MOVED: Final = NS
"""An opening that is expected so much earlier or later than was told is told again."""

Stamp = tuple[str, str, int, int]
"""File, time zone, when it was changed, bytes: what its closures follow from."""


class HoursWatch:
    """The calendars in force. Lives in the loop's thread."""

    def __init__(self, engine: Engine, directory: Path, wall: Callable[[], int] = time.time_ns) -> None:
        """`directory`: where relative files of holidays are. `wall`: nanoseconds since the epoch."""
        self._engine = engine
        self._directory = directory
        self._wall = wall
        self._hours: dict[str, Hours] = {}
        self._queues: dict[QueueName, str] = {}
        self._calendars: dict[str, Calendar] = {}
        self._closures: dict[str, tuple[Closure, ...]] = {}
        self._read: dict[str, Stamp | None] = {}
        self._ahead: dict[Stamp, LoadedHolidays] = {}
        self._changed = asyncio.Event()
        self.problems: dict[str, tuple[Problem, ...]] = {}
        """By hours: why their file of holidays is not the one in force."""

    async def prepare(self, settings: Settings) -> None:
        """Read the files that `configure` is going to need in a thread, so that calls need not wait for a disk."""
        self._ahead = await asyncio.to_thread(self._read_ahead, dict(settings.hours))

    def configure(self, settings: Settings) -> None:
        """Take new hours and say at once what they make of the queues. Files that were not prepared are read here."""
        self._hours = dict(settings.hours)
        self._queues = {
            QueueName(name): queue.hours
            for name, queue in settings.queues.items()
            if queue.hours is not None and queue.hours in self._hours
        }
        self._calendars.clear()
        for gone in self._read.keys() - self._hours:
            del self._read[gone]
            self._closures.pop(gone, None)
            self.problems.pop(gone, None)
        for name, hours in self._hours.items():
            self._take(name, *self._file(name, hours))
        self._ahead.clear()
        self.look()
        self._changed.set()

    def wake(self) -> None:
        """Look at the files soon, whatever else changed."""
        self._changed.set()

    async def run(self) -> None:
        """Follow the clock and the files; for a task."""
        while True:
            self._changed.clear()
            await self.read_again()
            self.look()
            try:
                async with asyncio.timeout(self._until_next()):
                    await self._changed.wait()
            except TimeoutError:
                pass

    async def read_again(self) -> None:
        """Take files of holidays that are other ones than before."""
        for name, hours in list(self._hours.items()):
            found = await asyncio.to_thread(self._file, name, hours)
            if self._hours.get(name) is hours:
                self._take(name, *found)

    def look(self) -> None:
        """Tell the router what has begun or ended, and when closed queues open if that is another moment than was told."""
        now, at = self._wall(), self._engine.clock.now()
        opens: dict[str, int] = {}
        doors = self._engine.router.floor.doors
        for queue in self._engine.router.floor.rules.queues:
            name, door = self._queues.get(queue), doors.get(queue)
            calendar = None if name is None else self.calendar(name)
            shut = door if door is not None and door.by_hours else None
            if name is None or calendar is None or calendar.open_at(now):
                if shut is not None:
                    self._switch(queue, closed=False)
                continue
            if name not in opens:
                opens[name] = _ahead(calendar.next_opening(now), at - now)
            if shut is None or abs(shut.hours_until - opens[name]) > MOVED:
                self._switch(queue, closed=True, until=opens[name])

    def _switch(self, queue: QueueName, *, closed: bool, until: int = 0) -> None:
        at = self._engine.clock.now()
        self._engine.handle(
            ev.QueueSwitched(at=at, queue=queue, closed=closed, by=SwitchedBy.HOURS, until=until)
        )

    def calendar(self, name: str) -> Calendar | None:
        """Hours by name with their holidays, to be asked; None: there are none of that name."""
        if name not in self._hours:
            return None
        known = self._calendars.get(name)
        if known is None:
            known = opening(self._hours[name], self._closures.get(name, ()))
            self._calendars[name] = known
        return known

    def _until_next(self) -> float:
        """Seconds until something changes, as far as the wall clock is to be trusted."""
        now = self._wall()
        changes = [
            change
            for name in set(self._queues.values())
            if (calendar := self.calendar(name)) is not None
            and (change := calendar.next_change(now)) is not None
        ]
        return min([LOOK_SECONDS, *((change - now) / NS for change in changes)])

    # ------------------------------------------------------------ files of holidays

    def _file(
        self, name: str, hours: Hours
    ) -> tuple[Stamp | None, tuple[Closure, ...] | None, tuple[Problem, ...]]:
        """The file's stamp and what is in it, read only when it is another than before; blocks."""
        if not hours.holidays:
            return None, (), ()
        stamp = self._stamp(hours)
        if stamp == self._read.get(name):
            return stamp, None, ()
        loaded = self._ahead.get(stamp) or self._load(hours)
        return stamp, loaded.closures, loaded.problems

    def _read_ahead(self, named: dict[str, Hours]) -> dict[Stamp, LoadedHolidays]:
        found: dict[Stamp, LoadedHolidays] = {}
        for name, hours in named.items():
            stamp = self._stamp(hours) if hours.holidays else None
            if stamp is not None and stamp not in found and stamp != self._read.get(name):
                found[stamp] = self._load(hours)
        return found

    def _load(self, hours: Hours) -> LoadedHolidays:
        return load_holidays(self._directory / hours.holidays, timezone=hours.timezone)

    def _stamp(self, hours: Hours) -> Stamp:
        try:
            told = (self._directory / hours.holidays).stat()
        except OSError:
            return hours.holidays, hours.timezone, 0, 0
        return hours.holidays, hours.timezone, told.st_mtime_ns, told.st_size

    def _take(
        self,
        name: str,
        stamp: Stamp | None,
        closures: tuple[Closure, ...] | None,
        problems: tuple[Problem, ...],
    ) -> None:
        if stamp == self._read.get(name) and stamp is not None:
            return
        self._read[name] = stamp
        if closures is None:
            self.problems[name] = problems
            for problem in problems[:PROBLEMS_LOGGED]:
                log.warning("holidays_not_read", hours=name, problem=str(problem))
            return
        self.problems.pop(name, None)
        if closures != self._closures.get(name, ()):
            self._closures[name] = closures
            self._calendars.pop(name, None)


def _ahead(opening_at: int | None, offset: int) -> int:
    """When it opens by the engine's clock; 0: nobody knows."""
    return 0 if opening_at is None else opening_at + offset
