"""Opening hours told to the router on time: by a wall clock that is moved by hand, over changed clocks and holidays."""

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest

from acd.app.engine import Engine
from acd.app.hours import LOOK_SECONDS, NS, HoursWatch
from acd.core import facts as f
from acd.core.ids import QueueName
from config.centre import Queue
from config.hours import Hours
from config.schema import Settings
from tests.unit.acd.core.stage import Stage, queue

pytestmark = pytest.mark.unit
OFFICE = Hours(timezone="Europe/Berlin", mon=("08:00-18:00",), sun=("01:30-02:30",))


class Wall:
    """A clock on the wall."""

    def __init__(self, text: str) -> None:
        self.at = 0
        self.set(text)

    def set(self, text: str) -> None:
        self.at = int(dt.datetime.fromisoformat(text).timestamp() * 1_000_000_000)

    def __call__(self) -> int:
        return self.at


class OneClock:
    """The engine's clock of a stage."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def now(self) -> int:
        return self._stage.now


class StageEngine:
    """As much of an engine as the hours need."""

    def __init__(self, stage: Stage) -> None:
        self.router = stage.router
        self.clock = OneClock(stage)
        self.handle = stage.play


def watch(tmp_path: Path, wall: Wall, hours: Hours = OFFICE, **fields: Any) -> tuple[Stage, HoursWatch]:
    """A queue with those hours."""
    stage = Stage(queue(join_states=frozenset(), **fields))
    engine: Any = StageEngine(stage)
    watching: Engine = engine
    found = HoursWatch(watching, tmp_path, wall)
    found.configure(Settings(queues={"sales": Queue(hours="office")}, hours={"office": hours}))
    return stage, found


def switched(stage: Stage) -> list[bool]:
    return [fact.closed for fact in stage.told(f.QueueSwitched)]


def test_a_queue_is_closed_at_the_start_out_of_its_hours_and_it_is_said_until_when(tmp_path: Path) -> None:
    stage, _ = watch(tmp_path, Wall("2026-11-23T07:00+01:00"))
    assert switched(stage) == [True]
    assert stage.told(f.QueueSwitched)[0].until - stage.now == 3_600_000_000_000


def test_it_opens_and_closes_to_the_minute_and_is_told_once(tmp_path: Path) -> None:
    wall = Wall("2026-11-23T07:59:59+01:00")
    stage, found = watch(tmp_path, wall)
    for moment in ("08:00:00", "08:00:01", "17:59:59", "18:00:00", "18:00:01"):
        wall.set(f"2026-11-23T{moment}+01:00")
        found.look()
    assert switched(stage) == [True, False, True]


def test_the_next_look_is_at_the_next_change_or_within_a_minute(tmp_path: Path) -> None:
    wall = Wall("2026-11-23T07:59:30+01:00")
    _, found = watch(tmp_path, wall)
    assert found._until_next() == pytest.approx(30)
    wall.set("2026-11-23T12:00+01:00")
    assert found._until_next() == LOOK_SECONDS


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-29T01:29:59+01:00", False),
        ("2026-03-29T01:30:00+01:00", True),
        ("2026-03-29T03:00:00+02:00", False),  # 02:30 does not exist: it ends when the clock is put forward
        ("2026-10-25T02:29:59+02:00", True),
        ("2026-10-25T02:30:00+02:00", False),  # the first of the two
        ("2026-10-25T02:15:00+01:00", False),
    ],
)
def test_nights_in_which_the_clock_is_changed(tmp_path: Path, moment: str, is_open: bool) -> None:
    stage, _ = watch(tmp_path, Wall(moment))
    assert (QueueName("sales") in stage.router.floor.doors) is not is_open


def test_a_clock_that_is_stepped_back_is_followed(tmp_path: Path) -> None:
    wall = Wall("2026-11-23T18:30+01:00")
    stage, found = watch(tmp_path, wall)
    wall.set("2026-11-23T17:30+01:00")
    found.look()
    assert switched(stage) == [True, False]


def test_a_queue_that_has_no_hours_any_more_opens(tmp_path: Path) -> None:
    stage, found = watch(tmp_path, Wall("2026-11-23T07:00+01:00"))
    found.configure(Settings(queues={"sales": Queue()}, hours={}))
    assert switched(stage) == [True, False]


NEW_YORK = Hours(timezone="America/New_York", sun=("01:30-02:30",))


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-08T01:29:59-05:00", False),
        ("2026-03-08T01:30:00-05:00", True),
        ("2026-03-08T03:00:00-04:00", False),  # 02:30 does not exist
        ("2026-11-01T01:29:59-04:00", False),
        ("2026-11-01T01:30:00-04:00", True),
        (
            "2026-11-01T01:15:00-05:00",
            True,
        ),  # 01:15 for the second time: it has been open since the first 01:30
        ("2026-11-01T02:29:59-05:00", True),
        ("2026-11-01T02:30:00-05:00", False),
    ],
)
def test_the_same_in_new_york(tmp_path: Path, moment: str, is_open: bool) -> None:
    stage, _ = watch(tmp_path, Wall(moment), NEW_YORK)
    assert (QueueName("sales") in stage.router.floor.doors) is not is_open


@pytest.mark.parametrize(
    ("zone", "night", "open_hours"),
    [
        ("Europe/Berlin", "2026-03-28T22:00+01:00", 8),
        ("Europe/Berlin", "2026-10-24T22:00+02:00", 10),
        ("America/New_York", "2026-03-07T22:00-05:00", 8),
        ("America/New_York", "2026-10-31T22:00-04:00", 10),
    ],
)
def test_a_night_shift_over_changed_clocks_is_followed_from_look_to_look(
    tmp_path: Path, zone: str, night: str, open_hours: int
) -> None:
    wall = Wall(night)
    begin = wall.at
    stage, found = watch(tmp_path, wall, Hours(timezone=zone, sat=("22:00-07:00",)))
    looks = 0
    while QueueName("sales") not in stage.router.floor.doors:
        wall.at += int(found._until_next() * NS)
        found.look()
        looks += 1
    assert wall.at - begin == open_hours * 3600 * NS
    assert looks == open_hours * 60
    assert switched(stage) == [True]


FEAST = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261123\r\nSUMMARY:Feast\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"


async def test_holidays_close_it_and_a_broken_file_leaves_the_last_good_one(tmp_path: Path) -> None:
    file = tmp_path / "feasts.ics"
    file.write_text(FEAST)
    hours = msgspec.structs.replace(OFFICE, holidays="feasts.ics")
    stage, found = watch(tmp_path, Wall("2026-11-23T12:00+01:00"), hours)
    assert switched(stage) == [True]
    file.write_text("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n")
    await found.read_again()
    found.look()
    assert switched(stage) == [True]
    assert "feasts.ics" in str(found.problems["office"][0])
    file.write_text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    await found.read_again()
    found.look()
    assert switched(stage) == [True, False]
    assert found.problems == {}


async def test_a_feast_that_is_added_while_it_is_closed_moves_the_opening_that_was_told(
    tmp_path: Path,
) -> None:
    file = tmp_path / "feasts.ics"
    file.write_text(FEAST.replace("20261123", "20261122"))
    week = msgspec.structs.replace(OFFICE, holidays="feasts.ics", tue=("08:00-18:00",))
    stage, found = watch(tmp_path, Wall("2026-11-22T20:00+01:00"), week)
    file.write_text(FEAST)
    await found.read_again()
    found.look()
    found.look()
    assert [(fact.until - stage.now) // (3600 * NS) for fact in stage.told(f.QueueSwitched)] == [12, 36]


def test_a_whole_day_is_that_of_the_new_zone_once_the_zone_is_changed(tmp_path: Path) -> None:
    (tmp_path / "feasts.ics").write_text(FEAST)
    here = Hours(timezone="Europe/Berlin", tue=("00:00-24:00",), holidays="feasts.ics")
    stage, found = watch(tmp_path, Wall("2026-11-24T00:30+01:00"), here)
    assert switched(stage) == []
    there = msgspec.structs.replace(here, timezone="Asia/Tokyo", mon=("00:00-24:00",))
    found._wall = Wall("2026-11-23T20:00+01:00")  # the feast is over in Tokyo, not in Berlin
    found.configure(Settings(queues={"sales": Queue(hours="office")}, hours={"office": there}))
    assert switched(stage) == []


def test_hours_that_are_gone_leave_no_trouble_behind(tmp_path: Path) -> None:
    _, found = watch(
        tmp_path, Wall("2026-11-23T12:00+01:00"), msgspec.structs.replace(OFFICE, holidays="no.ics")
    )
    assert "cannot be read" in str(found.problems["office"][0])
    found.configure(Settings(queues={"sales": Queue()}, hours={}))
    assert found.problems == {}


async def test_a_prepared_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "feasts.ics").write_text(FEAST)
    stage, found = watch(tmp_path, Wall("2026-11-23T12:00+01:00"))
    new = msgspec.structs.replace(OFFICE, holidays="feasts.ics")
    settings = Settings(queues={"sales": Queue(hours="office")}, hours={"office": new})
    await found.prepare(settings)
    monkeypatch.setattr(found, "_load", None)
    found.configure(settings)
    assert switched(stage) == [True]
