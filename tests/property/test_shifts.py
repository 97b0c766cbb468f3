"""Shifts on any day, those of changed clocks among them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.app.adherence import Allowed, Attendance, deviations, next_moment
from config.schedule import SECOND, Schedule, Shift
from config.schedule_csv import HEADER, read_csv
from config.schedule_rows import checked

pytestmark = pytest.mark.property
MINUTE = 60 * SECOND
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Sao_Paulo"]
"""An hour, an hour at another date, half an hour in the other half of the year, none, and none any more."""
# Of 2026 in Berlin, New York and on Lord Howe, and a day around each.
CHANGES = [dt.date(2026, *day) for day in ((3, 29), (10, 25), (3, 8), (11, 1), (4, 5), (10, 4), (6, 15))]
days = st.builds(lambda day, by: day + dt.timedelta(days=by), st.sampled_from(CHANGES), st.integers(-1, 1))
walls = st.builds(
    dt.datetime.combine, days, st.builds(dt.time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
)
spans = st.integers(1, 1440)
allowances = st.builds(
    lambda late, absent, early, overtime: Allowed(
        late=late * MINUTE, absent=absent * MINUTE, early=early * MINUTE, overtime=overtime * MINUTE
    ),
    st.integers(0, 60),
    st.integers(1, 120),
    st.integers(0, 60),
    st.integers(0, 60),
)


def shift_of(wall: dt.datetime, minutes: int, zone: str) -> Shift:
    """A shift that begins at a wall clock's time and lasts so long by any clock."""
    start = int(wall.replace(tzinfo=ZoneInfo(zone)).timestamp()) * SECOND
    return Shift("ann", start, start + minutes * MINUTE)


def text_of(moment: int, zone: str) -> str:
    return dt.datetime.fromtimestamp(moment // SECOND, ZoneInfo(zone)).isoformat()


@given(walls, spans, st.sampled_from(ZONES))
def test_a_shift_written_with_offsets_is_read_back(wall: dt.datetime, minutes: int, zone: str) -> None:
    shift = shift_of(wall, minutes, zone)
    content = read_csv(
        f"{HEADER}\nann,{text_of(shift.start, zone)},{text_of(shift.end, zone)}\n", ZoneInfo("UTC")
    )

    assert checked(content.rows, {"ann"}) == ([shift], [])


@given(walls, spans, st.sampled_from(ZONES))
def test_a_local_time_is_read_as_the_wall_shows_it_or_refused(
    wall: dt.datetime, minutes: int, zone: str
) -> None:
    end = wall + dt.timedelta(minutes=minutes)
    content = read_csv(f"{HEADER}\nann,{wall.isoformat()},{end.isoformat()}\n", ZoneInfo(zone))
    odd = [time for time in (wall, end) if len(readings(time, zone)) != 1]

    assert bool(content.findings) == bool(odd)
    for row in content.rows:
        assert [readings(wall, zone), readings(end, zone)] == [[row.start], [row.end]]


def readings(wall: dt.datetime, zone: str) -> list[int]:
    """Every moment, quarter by quarter of a day around, at which a clock in the zone shows that time."""
    around = int(wall.replace(tzinfo=dt.UTC).timestamp())
    shown = ZoneInfo(zone)
    candidates = range(around - 16 * 3600, around + 16 * 3600, 60)
    return [
        at * SECOND for at in candidates if dt.datetime.fromtimestamp(at, shown).replace(tzinfo=None) == wall
    ]


@given(walls, spans, st.sampled_from(ZONES), allowances)
def test_who_works_as_planned_is_told_nothing(
    wall: dt.datetime, minutes: int, zone: str, allowed: Allowed
) -> None:
    shift, attendance = shift_of(wall, minutes, zone), Attendance()
    attendance.came("ann", shift.start)
    attendance.went("ann", shift.end)

    assert list(deviations(shift, None, attendance.of("ann"), shift.end * 2, allowed)) == []


@given(walls, spans, st.sampled_from(ZONES), allowances, st.integers(0, 1439), st.integers(0, 1439))
def test_minutes_late_and_early_are_those_that_passed(
    wall: dt.datetime, minutes: int, zone: str, allowed: Allowed, late: int, early: int
) -> None:
    shift, attendance = shift_of(wall, minutes, zone), Attendance()
    if late + early >= minutes:
        return
    attendance.came("ann", shift.start + late * MINUTE)
    attendance.went("ann", shift.end - early * MINUTE)
    found = {one.kind: one.by for one in deviations(shift, None, attendance.of("ann"), shift.end, allowed)}

    assert found.get("late") == (late * MINUTE if late * MINUTE > allowed.late else None)
    assert found.get("early") == (early * MINUTE if early * MINUTE > allowed.early else None)
    assert ("absent" in found) == (late * MINUTE >= allowed.absent)


@given(
    st.lists(st.integers(1, 300), max_size=12),
    st.lists(st.integers(1, 200), min_size=2, max_size=8),
    allowances,
)
def test_time_adds_and_takes_nothing_back_and_every_moment_that_matters_is_named(
    stays: list[int], shifts: list[int], allowed: Allowed
) -> None:
    """Judged each minute, and judged only when something happens or is due: the same, and nothing twice."""
    bounds = [sum(shifts[:place]) * MINUTE + 1000 * MINUTE for place in range(1, len(shifts) + 1)]
    pairs = zip(bounds[::2], bounds[1::2], strict=False)
    schedule = Schedule(Shift("ann", start, end) for start, end in pairs)
    turns = [1000 * MINUTE + sum(stays[: place + 1]) * MINUTE for place in range(len(stays))]
    always, sparse = Attendance(), Attendance()
    seen: set[tuple[str, int, int]] = set()
    noticed: set[tuple[str, int, int]] = set()
    due = next_moment(schedule, "ann", 0, allowed)
    for now in range(1000 * MINUTE, 4800 * MINUTE, MINUTE):
        turned = now in turns
        if turned:
            for attendance in (always, sparse):
                (attendance.came if turns.index(now) % 2 == 0 else attendance.went)("ann", now)
        present = judged(schedule, always, now, allowed)
        assert seen <= present
        seen = present
        if turned or now == due:
            noticed |= judged(schedule, sparse, now, allowed)
            due = next_moment(schedule, "ann", now, allowed)
    assert noticed == seen
    assert len({(kind, planned) for kind, planned, _ in seen}) == len(seen)


def judged(
    schedule: Schedule, attendance: Attendance, now: int, allowed: Allowed
) -> set[tuple[str, int, int]]:
    stays = attendance.of("ann")
    return {
        (one.kind, one.planned, one.by)
        for shift, following in schedule.ending_after("ann", 0)
        if shift.start <= now
        for one in deviations(shift, following, stays, now, allowed)
    }
