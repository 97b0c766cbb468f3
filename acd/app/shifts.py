"""Shifts: follows the schedule's file and who is logged in, tells what is not as planned, and logs out at the end.

What is to be told is decided in acd.app.adherence; here are the file, the journal, the timer and the engine.
"""

import asyncio
import heapq
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, Protocol

import structlog

from acd.app.adherence import Allowed, Attendance, Kind, deviations, next_moment
from acd.app.attended import Attended, Told, attended
from acd.app.engine import Engine
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName
from acd.core.outcomes import Via
from config.schedule import Schedule
from config.schedule_file import LoadedSchedule, load_schedule
from config.schema import Settings
from config.shifts import Shifts

log = structlog.get_logger("acd.shifts")
NS: Final = 1_000_000_000
LOOK_SECONDS: Final = 15.0
"""A changed file is taken once two looks found it the same, so that none is read while it is being written."""
KEPT: Final = 48 * 3600 * NS
"""How far back a shift is judged: twice the longest."""
AT_ONCE: Final = 200
"""Agents judged before the loop turns: thousands of shifts begin at the same minute."""
PROBLEMS_LOGGED: Final = 20
REASON: Final = "end of shift"

Stamp = tuple[object, ...]


class Handle(Protocol):
    """What the loop gives for a call to come."""

    def cancel(self) -> None:
        """Let it not come."""


class ShiftWatch:
    """The schedule in force, who is there, and what was told. Lives in the loop's thread."""

    def __init__(
        self,
        engine: Engine,
        directory: Path,
        later: Callable[[float, Callable[[], None]], Handle] | None = None,
    ) -> None:
        """`directory`: where a relative file is. `later`: call after so many seconds, by default the loop's."""
        self.schedule = Schedule()
        self.refused: LoadedSchedule | None = None
        """The last try to read the file, when it failed and the schedule before it is still in force."""
        self._engine = engine
        self._directory = directory
        self._later = later or (lambda delay, call: asyncio.get_running_loop().call_later(delay, call))
        self._shifts = Shifts()
        self._agents: frozenset[str] = frozenset()
        self._attendance: Attendance | None = None
        self._early: list[f.Fact] | None = None
        self._since = 0
        self._told: set[Told] = set()
        self._sent: dict[str, int] = {}
        self._due: list[tuple[int, str]] = []
        self._next: dict[str, int] = {}
        """The one entry of `_due` that counts, of each agent."""
        self._dirty: dict[str, None] = {}
        self._timer: Handle | None = None
        self._changed = asyncio.Event()
        self._looked: Stamp | None = None
        self._tried: Stamp | None = None
        self._pruned = 0
        engine.watch(self._see)

    # ------------------------------------------------------------ life

    def configure(self, settings: Settings) -> None:
        """Take new settings; the file is looked at soon."""
        self._shifts, self._agents = settings.shifts, frozenset(settings.agents)
        self._looked = None
        self._changed.set()
        self._judge_everybody()

    async def run(self) -> None:
        """Learn who is there, then follow the file; for a task."""
        await self.recall()
        while True:
            self._changed.clear()
            await self.look()
            try:
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._changed.wait()
            except TimeoutError:
                pass

    def close(self) -> None:
        """Tell nothing any more."""
        self._attendance = self._early = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def recall(self) -> None:
        """Read from the journal who was there; what happens meanwhile is put behind it."""
        now, before = self._engine.clock.now(), self._engine.journal.next
        present = [name for name, agent in self._engine.memory.agents.items() if agent.logged_in]
        self._early = []
        past = await asyncio.to_thread(
            attended, self._engine.journal.directory, since=now - KEPT, before=before, now=now
        )
        early, self._early = self._early, None
        self._remember(past, present)
        for fact in early or ():
            self._note(fact)
        self._judge_everybody()

    async def look(self) -> None:
        """Read the file when it is new, or changed and at rest."""
        if not self._shifts.file:
            if self._tried is not None:
                self._tried = self.refused = None
                self._take(Schedule())
            return
        path, shifts, agents = self._directory / self._shifts.file, self._shifts, self._agents
        stamp = (path, shifts.timezone, agents, await asyncio.to_thread(_stamp, path))
        before, self._looked = self._looked, stamp
        if stamp == self._tried or (before is not None and before != stamp):
            return
        loaded = await asyncio.to_thread(load_schedule, path, timezone=shifts.timezone, agents=agents)
        if (shifts.file, shifts.timezone, agents) != (self._shifts.file, self._shifts.timezone, self._agents):
            return  # the settings changed meanwhile, which makes for another look
        self._tried = stamp
        self._loaded(path, loaded)

    # ------------------------------------------------------------ what comes in

    def _loaded(self, path: Path, loaded: LoadedSchedule) -> None:
        if loaded.schedule is None:
            self.refused = loaded
            told = [str(problem) for problem in loaded.problems[:PROBLEMS_LOGGED]]
            more = len(loaded.problems) - len(told)
            kept = len(self.schedule)
            log.error("schedule_refused", file=str(path), problems=told, more=more, shifts_kept=kept)
            return
        self.refused = None
        self._take(loaded.schedule)
        log.info("schedule_loaded", file=str(path), shifts=len(loaded.schedule))

    def _take(self, schedule: Schedule) -> None:
        self.schedule = schedule
        self._judge_everybody()

    def _see(self, fact: f.Fact) -> None:
        """A fact of the engine, told in the midst of a step: nothing may be told back before it is over."""
        if self._early is not None:
            self._early.append(fact)
        elif self._attendance is not None and (agent := self._note(fact)):
            self._dirty[agent] = None
            self._wake_in(0)

    def _note(self, fact: f.Fact) -> str:
        """Whom the fact is about, when it is about coming or going."""
        if self._attendance is None:
            return ""
        match fact:
            case f.LoggedIn():
                self._attendance.came(fact.agent, fact.at)
            case f.LoggedOut():
                self._attendance.went(fact.agent, fact.at)
            case _:
                return ""
        return fact.agent

    def _remember(self, past: Attended, present: Iterable[str]) -> None:
        known = {fact.agent for fact in past.facts if isinstance(fact, f.LoggedIn | f.LoggedOut)}
        self._attendance = Attendance(agent for agent in present if agent not in known)
        self._since = past.since
        for fact in past.facts:
            self._note(fact)
            if isinstance(fact, f.OffShift):
                self._told.add((fact.agent, fact.kind, fact.planned))

    # ------------------------------------------------------------ what goes out

    def _judge_everybody(self) -> None:
        """After a change of the schedule or of what is allowed."""
        if self._attendance is None:
            return
        self._due.clear()
        self._next.clear()
        self._dirty = dict.fromkeys(self.schedule.agents)
        self._wake_in(0)

    def _wake_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._later(seconds, self._wake)

    def _wake(self) -> None:
        """Judge whom something happened to and whose moment has come, some at a time."""
        self._timer = None
        now = self._engine.clock.now()
        while self._due and self._due[0][0] <= now:
            moment, agent = heapq.heappop(self._due)
            if self._next.get(agent) == moment:
                del self._next[agent]
                self._dirty[agent] = None
        for agent in list(self._dirty)[:AT_ONCE]:
            del self._dirty[agent]
            self._judge(AgentName(agent), now)
        self._prune(now)
        if self._dirty:
            self._wake_in(0)
        elif self._due:
            self._wake_in(max(0, self._due[0][0] - now) / NS)

    def _judge(self, agent: AgentName, now: int) -> None:
        allowed, attendance = self._allowed, self._attendance
        if attendance is None:
            return
        due = next_moment(self.schedule, agent, now, allowed)
        if due is not None and self._next.get(agent) != due:
            self._next[agent] = due
            heapq.heappush(self._due, (due, agent))
        for shift, following in self.schedule.ending_after(agent, now - KEPT):
            if shift.start > now:
                break
            if shift.start < self._since:
                continue  # who was there at its start is not known
            for found in deviations(shift, following, attendance.of(agent), now, allowed):
                self._tell(agent, found.kind, found.planned, found.by, now)
        self._log_out(agent, attendance, now)

    def _tell(self, agent: AgentName, kind: Kind, planned: int, by: int, now: int) -> None:
        if (agent, kind, planned) in self._told:
            return
        self._told.add((agent, kind, planned))
        generation = self._engine.router.floor.rules.generation
        self._engine.tell(
            f.OffShift(
                at=now, generation=generation, agent=agent, kind=kind, planned=planned, by_ms=by // 1_000_000
            )
        )

    def _log_out(self, agent: AgentName, attendance: Attendance, now: int) -> None:
        """Once a shift, who has been there since before its end. Who comes back after it may stay."""
        came, shift = attendance.here_since(agent), self.schedule.begun(agent, now)
        if not self._shifts.log_out or came is None or shift is None:
            return
        if not max(came, self._since) < shift.end <= now or self._sent.get(agent) == shift.end:
            return
        self._sent[agent] = shift.end
        self._engine.handle(ev.AgentLoggedOut(at=now, agent=agent, via=Via.SCHEDULE, reason=REASON))

    @property
    def _allowed(self) -> Allowed:
        shifts = self._shifts
        return Allowed(
            late=shifts.late_after.ns,
            absent=shifts.absent_after.ns,
            early=shifts.early_after.ns,
            overtime=shifts.overtime_after.ns,
        )

    def _prune(self, now: int) -> None:
        """Forget what no shift that is still judged can be about, now and then."""
        if self._attendance is None or now - self._pruned < KEPT // 48:
            return
        self._pruned = now
        # A shift that is judged ended within KEPT and began a day at most before.
        self._attendance.forget(now - 2 * KEPT)
        self._told = {told for told in self._told if told[2] >= now - 2 * KEPT}


def _stamp(path: Path) -> Stamp:
    """What is different when the file is: no path is opened for it."""
    try:
        found = path.stat()
    except OSError as wrong:
        return (wrong.errno,)
    return found.st_ino, found.st_size, found.st_mtime_ns
