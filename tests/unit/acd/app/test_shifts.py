"""The watch over shifts, with a clock and a timer that move by hand: engine, router and journal are the real ones."""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from acd.app.clock import EngineClock
from acd.app.engine import Engine
from acd.app.journal import Journal
from acd.app.shifts import AT_ONCE, ShiftWatch
from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, CallId, QueueName, Uniqueid
from acd.core.memory import Memory
from acd.core.outcomes import EndedBy, Via
from acd.core.router import Router
from config.centre import Agent
from config.schedule import SECOND
from config.schema import Settings
from config.shifts import Shifts
from config.values import Duration, Endpoint
from tests.unit.acd.core.stage import PBX, agent, queue, rules

pytestmark = [pytest.mark.unit, pytest.mark.asyncio(loop_scope="function")]
ANN = AgentName("ann")
DAY = 1_772_409_600 * SECOND  # 2026-03-02T00:00Z
HEADER = "agent,start,end\n"
SHIFT = HEADER + "ann,2026-03-02T08:00,2026-03-02T16:00\n"
BOTH = SHIFT + "bob,2026-03-02T08:00,2026-03-02T16:00\n"


def clock(text: str) -> int:
    """`8:00` of the day, or of the day after as `32:00`."""
    hours, minutes = text.split(":")
    return DAY + (int(hours) * 3600 + int(minutes) * 60) * SECOND


class HandClock(EngineClock):
    """Moves when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.at = clock("7:00")

    def now(self) -> int:
        return self.at


class Alarm:
    """One call to come, on the clock moved by hand."""

    def __init__(self, due: int, call: Callable[[], None]) -> None:
        self.due = due
        self.call = call
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class Office:
    """An engine with agents, and a watch that its owner may start again on the same journal."""

    def __init__(self, folder: Path, agents: int = 2) -> None:
        self.folder = folder
        self.clock = HandClock()
        self.facts: list[f.Fact] = []
        self.offers: list[cmd.Offer] = []
        self.alarms: list[Alarm] = []
        self.names = ["ann", "bob", *(f"a{number}" for number in range(agents - 2))]
        self.open()

    def open(self) -> None:
        """As after a start of the daemon: everything from the journal."""
        journal = Journal(self.folder / "journal")
        memory, facts = journal.load(Memory, Memory)
        for fact in facts:
            memory.apply(fact)
        router = Router.recalled(memory.copy(), strict=False) if facts else Router()
        self.engine = Engine(router, memory, journal, self.clock)
        self.engine.watch(self.facts.append)
        self.engine.carry_out = self.carry_out
        self.watch = ShiftWatch(self.engine, self.folder, self.later)
        self.happen(ev.RulesChanged, rules=rules(queue(), *map(agent, self.names)))

    def carry_out(self, command: cmd.Command) -> None:
        if isinstance(command, cmd.Offer):
            self.offers.append(command)

    def later(self, delay: float, call: Callable[[], None]) -> Alarm:
        self.alarms.append(Alarm(self.clock.at + round(delay * SECOND), call))
        return self.alarms[-1]

    def happen(self, kind: Callable[..., ev.Event], **fields: object) -> None:
        self.engine.handle(kind(at=self.clock.at, **fields))

    def until(self, text: str) -> None:
        """Let the time pass, and everything come that is due in it."""
        while due := [one for one in self.alarms if not one.cancelled and one.due <= clock(text)]:
            first = min(due, key=lambda one: one.due)
            self.alarms.remove(first)
            self.clock.at = max(self.clock.at, first.due)
            first.call()
        self.clock.at = clock(text)

    def comes(self, text: str, who: str = "ann") -> None:
        self.until(text)
        self.happen(ev.AgentLoggedIn, agent=AgentName(who))

    def goes(self, text: str, who: str = "ann") -> None:
        self.until(text)
        self.happen(ev.AgentLoggedOut, agent=AgentName(who))

    async def begin(self, text: str | None = SHIFT, **shifts: object) -> None:
        """Put a schedule in force."""
        if text is not None:
            self.write(text)
        settings: Mapping[str, object] = {"file": "shifts.csv"} | shifts
        everybody = {name: Agent(phone=Endpoint(f"PJSIP/{name}")) for name in self.names}
        self.watch.configure(Settings(shifts=Shifts(**settings), agents=everybody))  # type: ignore[arg-type]
        await self.watch.recall()
        await self.watch.look()

    def write(self, text: str) -> None:
        """As a program that is careful does: another file in its place."""
        (self.folder / "new").write_text(text)
        (self.folder / "new").rename(self.folder / "shifts.csv")

    @property
    def told(self) -> list[tuple[str, str, int]]:
        """Agent, kind and minutes of the deviations told."""
        return [
            (fact.agent, fact.kind, fact.by_ms // 60_000)
            for fact in self.facts
            if isinstance(fact, f.OffShift)
        ]

    def of(self, *kinds: type[f.Fact]) -> list[f.Fact]:
        return [fact for fact in self.facts if isinstance(fact, kinds)]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.mark.parametrize(
    ("way", "told"),
    [
        (("8:03", "16:02"), []),
        (("8:07", "16:00"), [("ann", "late", 7)]),
        (("8:00", "15:00"), [("ann", "early", 60)]),
        (("8:00", "16:40"), [("ann", "overtime", 40)]),
        ((), [("ann", "absent", 30)]),
        (("9:00", "16:00"), [("ann", "absent", 30), ("ann", "late", 60)]),
        (("8:00", "12:00", "12:30", "16:00"), []),
    ],
    ids=["as planned", "late", "early", "overtime", "absent", "absent and late", "a break"],
)
async def test_what_is_not_as_planned_is_told(
    office: Office, way: tuple[str, ...], told: list[tuple[str, str, int]]
) -> None:
    await office.begin()
    for place, moment in enumerate(way):
        (office.comes if place % 2 == 0 else office.goes)(moment)
    office.until("23:00")

    assert office.told == told


async def test_a_fact_says_when_it_was_told_and_of_which_moment(office: Office) -> None:
    await office.begin()
    office.until("9:00")

    (absent,) = office.of(f.OffShift)
    assert isinstance(absent, f.OffShift)
    assert (absent.at, absent.planned, absent.by_ms) == (clock("8:30"), clock("8:00"), 30 * 60_000)


async def test_what_is_allowed_is_a_setting(office: Office) -> None:
    await office.begin(late_after=Duration(600_000))
    office.comes("8:07")
    office.until("9:00")
    assert office.told == []


@pytest.mark.parametrize("log_out", [True, False])
async def test_the_end_of_the_shift_logs_out_where_it_is_wished(office: Office, log_out: bool) -> None:
    await office.begin(log_out=log_out)
    office.comes("8:00")
    office.until("16:00")

    gone = [(one.at, one.agent, one.via, one.reason) for one in office.facts if isinstance(one, f.LoggedOut)]
    assert gone == ([(clock("16:00"), ANN, Via.SCHEDULE, "end of shift")] if log_out else [])


async def test_in_a_call_the_log_out_waits_for_its_end(office: Office) -> None:
    await office.begin(log_out=True)
    office.comes("8:00")
    office.until("15:58")
    office.happen(
        ev.CallArrived,
        call=CallId("c1"),
        switch=PBX,
        channel="PJSIP/trunk-1",
        uniqueid=Uniqueid("1.1"),
        queue=QueueName("sales"),
    )
    (offer,) = office.offers
    office.happen(ev.OfferAnswered, offer=offer.legs[0].offer)
    office.until("16:30")
    assert len(office.of(f.LogOutWished)) == 1
    assert office.of(f.LoggedOut) == []

    office.happen(ev.TalkEnded, offer=offer.legs[0].offer, by=EndedBy.CALLER)
    office.until("16:31")
    assert [fact.at for fact in office.of(f.LoggedOut)] == [clock("16:30")]
    assert office.told == [("ann", "overtime", 30)]


async def test_who_comes_back_after_the_shift_may_stay(office: Office) -> None:
    await office.begin(log_out=True)
    office.comes("8:00")
    office.comes("16:05")
    office.until("23:00")

    assert office.engine.router.floor.agents[ANN].logged_in
    assert office.told == []


async def test_a_shift_that_goes_on_in_the_next_logs_nobody_out(office: Office) -> None:
    await office.begin(SHIFT + "ann,2026-03-02T16:00,2026-03-02T18:00\n", log_out=True)
    office.comes("8:00")
    office.until("17:00")
    assert office.of(f.LoggedOut) == []
    office.until("18:00")
    assert len(office.of(f.LoggedOut)) == 1


# ---------------------------------------------------------------- restart


async def again(office: Office, **shifts: object) -> None:
    """Kill the daemon and start it on what it left."""
    office.watch.close()
    office.open()
    await office.begin(None, **shifts)


async def test_after_a_restart_nothing_is_forgotten_and_nothing_told_twice(office: Office) -> None:
    await office.begin(BOTH)
    office.comes("8:10")
    office.until("9:00")
    assert office.told == [("ann", "late", 10), ("bob", "absent", 30)]
    await again(office)
    office.goes("15:00")
    office.until("23:00")

    assert office.told == [("ann", "late", 10), ("bob", "absent", 30), ("ann", "early", 60)]


async def test_a_log_out_that_came_due_while_the_daemon_was_down_is_made_up_for(office: Office) -> None:
    await office.begin(log_out=True)
    office.comes("8:00")
    office.until("15:00")
    office.watch.close()
    office.until("16:10")
    office.open()
    await office.begin(None, log_out=True)
    office.until("16:11")

    assert [fact.at for fact in office.of(f.LoggedOut)] == [clock("16:10")]


async def test_a_shift_that_began_before_anything_is_known_is_not_judged(office: Office) -> None:
    office.watch.close()
    shutil.rmtree(office.folder / "journal")
    office.clock.at = clock("12:00")
    office.open()
    await office.begin(SHIFT + "ann,2026-03-03T08:00,2026-03-03T16:00\n")
    office.comes("12:01")
    office.goes("13:00")
    office.until("47:00")

    assert office.told == [("ann", "absent", 30)]
    assert [one.planned for one in office.facts if isinstance(one, f.OffShift)] == [clock("32:00")]


async def test_what_happens_while_the_journal_is_read_is_not_lost(office: Office) -> None:
    await office.begin()
    office.watch.close()
    office.until("8:20")
    office.watch = ShiftWatch(office.engine, office.folder, office.later)
    async with asyncio.TaskGroup() as group:
        group.create_task(office.begin(None))
        await asyncio.sleep(0)
        office.comes("8:20")
    office.until("9:00")

    assert office.told == [("ann", "late", 20)]


async def test_a_damaged_old_line_costs_its_fact_only(office: Office) -> None:
    await office.begin()
    office.comes("8:10")
    office.until("8:11")
    (segment,) = (office.folder / "journal").glob("facts-*.jsonl")
    segment.write_bytes(b'{"fact":"agent_logged_in"\n' + segment.read_bytes())
    office.watch.close()
    office.watch = ShiftWatch(office.engine, office.folder, office.later)
    await office.begin(None)
    office.until("23:00")

    assert office.told == [("ann", "late", 10)]


# ---------------------------------------------------------------- the file


async def test_a_bad_file_is_refused_and_the_old_schedule_stays(office: Office) -> None:
    await office.begin()
    office.write(HEADER + "ann,2026-03-02T10:00,2026-03-02T09:00\n")
    await office.watch.look()
    await office.watch.look()

    assert office.watch.refused is not None
    assert [str(problem) for problem in office.watch.refused.problems] == [
        "shifts.csv:2: error: the shift does not end after it starts (a shift over midnight ends on the next day's date)"
    ]
    office.until("9:00")
    assert office.told == [("ann", "absent", 30)]


async def test_a_changed_file_counts_once_it_is_at_rest(office: Office) -> None:
    await office.begin()
    office.write(HEADER + "ann,2026-03-02T10:00,2026-03-02T18:00\n")
    await office.watch.look()
    assert office.watch.schedule.planned("ann", clock("9:00")) is not None
    await office.watch.look()
    assert office.watch.schedule.planned("ann", clock("9:00")) is None
    office.until("10:00")
    assert office.told == []


async def test_no_file_is_no_schedule_and_none_that_was_named_is_refused(office: Office) -> None:
    await office.begin(None)
    assert office.watch.refused is not None
    await office.begin(SHIFT)
    assert office.watch.refused is None
    await office.begin(None, file="")
    office.until("23:00")
    assert len(office.watch.schedule) == 0
    assert office.told == []


async def test_many_shifts_that_begin_at_once_let_the_loop_turn(tmp_path: Path) -> None:
    office = Office(tmp_path, agents=3 * AT_ONCE)
    rows = "".join(f"{name},2026-03-02T08:00,2026-03-02T16:00\n" for name in office.names)
    await office.begin(HEADER + rows)
    office.until("8:29")
    office.clock.at = clock("8:30")
    next(alarm for alarm in office.alarms if not alarm.cancelled).call()
    assert len(office.told) == AT_ONCE
    office.until("9:00")

    assert sorted(office.told) == sorted((name, "absent", 30) for name in office.names)
    assert {fact.at for fact in office.of(f.OffShift)} == {clock("8:30")}


async def test_the_watch_follows_the_file_by_itself(office: Office) -> None:
    office.write(SHIFT)
    office.watch.configure(
        Settings(shifts=Shifts(file="shifts.csv"), agents={"ann": Agent(phone=Endpoint("PJSIP/ann"))})
    )
    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        running = group.create_task(office.watch.run())
        while not len(office.watch.schedule):
            await asyncio.sleep(0.01)
        running.cancel()
    office.until("9:00")

    assert office.told == [("ann", "absent", 30)]
