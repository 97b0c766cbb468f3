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
from config.holidays import load_holidays
from config.hours import Hours, opening
from config.loading import Problem
from config.opening import Closure
from config.opening import Hours as Calendar
from config.schema import Settings

log = structlog.get_logger("acd.hours")
NS: Final = 1_000_000_000
LOOK_SECONDS: Final = 60.0
PROBLEMS_LOGGED: Final = 20

Stamp = tuple[int, int]


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
        self._changed = asyncio.Event()
        self.problems: dict[str, tuple[Problem, ...]] = {}
        """By hours: why their file of holidays is not the one in force."""

    def configure(self, settings: Settings) -> None:
        """Take new hours and say at once what they make of the queues. New files of holidays are read here: they are small."""
        self._hours = dict(settings.hours)
        self._queues = {
            QueueName(name): queue.hours
            for name, queue in settings.queues.items()
            if queue.hours is not None and queue.hours in self._hours
        }
        self._calendars.clear()
        for name in self._hours:
            self._take(name, *self._file(name))
        self.look()
        self._changed.set()

    def wake(self) -> None:
        """Look at the files soon, whatever else changed."""
        self._changed.set()

    async def run(self) -> None:
        """Follow the clock and the files; for a task."""
        while True:
            self._changed.clear()
            for name in list(self._hours):
                found = await asyncio.to_thread(self._file, name)
                if name in self._hours:
                    self._take(name, *found)
            self.look()
            try:
                async with asyncio.timeout(self._until_next()):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def look(self) -> None:
        """Tell the router what has begun or ended."""
        now = self._wall()
        doors = self._engine.router.floor.doors
        for queue in self._engine.router.floor.rules.queues:
            name = self._queues.get(queue)
            calendar = None if name is None else self.calendar(name)
            is_open = calendar is None or calendar.open_at(now)
            door = doors.get(queue)
            if is_open is (door is not None and door.by_hours):
                self._switch(queue, calendar, now, closed=not is_open)

    def _switch(self, queue: QueueName, calendar: Calendar | None, now: int, *, closed: bool) -> None:
        opens = calendar.next_opening(now) if calendar is not None and closed else None
        until = 0 if opens is None else self._engine.clock.now() + opens - now
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

    def _file(self, name: str) -> tuple[Stamp | None, tuple[Closure, ...] | None, tuple[Problem, ...]]:
        """The file's stamp and what is in it, read only when it is another than before; blocks."""
        hours = self._hours.get(name)
        if hours is None or not hours.holidays:
            return None, (), ()
        path = self._directory / hours.holidays
        try:
            told = path.stat()
            stamp: Stamp | None = (told.st_mtime_ns, told.st_size)
        except OSError:
            stamp = (0, 0)
        if stamp == self._read.get(name):
            return stamp, None, ()
        loaded = load_holidays(path, timezone=hours.timezone)
        return stamp, loaded.closures, loaded.problems

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
