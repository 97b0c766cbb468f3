"""What is late, early, absent and overtime, moment by moment. Units are minutes."""

import pytest

from acd.app.adherence import Allowed, Attendance, Deviation, Stay, deviations, next_moment
from config.schedule import Schedule, Shift

pytestmark = pytest.mark.unit
MINUTE = 60_000_000_000
ALLOWED = Allowed(late=5 * MINUTE, absent=30 * MINUTE, early=5 * MINUTE, overtime=15 * MINUTE)
START, END, NEXT = 480, 960, 1020
SHIFT = Shift("ann", START * MINUTE, END * MINUTE)
FOLLOWING = Shift("ann", NEXT * MINUTE, 1100 * MINUTE)
Seen = tuple[str, int, int]


def judged(*stays: tuple[int, int | None], now: int = 2000, following: Shift | None = None) -> list[Seen]:
    """What was found, in minutes."""
    known = [Stay(came * MINUTE, None if went is None else went * MINUTE) for came, went in stays]
    found = deviations(SHIFT, following, known, now * MINUTE, ALLOWED)
    return [(one.kind, one.planned // MINUTE, one.by // MINUTE) for one in found]


@pytest.mark.parametrize(
    ("stays", "found"),
    [
        ([(480, 960)], []),
        ([(470, 970)], []),
        ([(485, 955)], []),
        ([(486, 960)], [("late", 480, 6)]),
        ([(480, 954)], [("early", 960, 6)]),
        ([(480, 975)], []),
        ([(480, 976)], [("overtime", 960, 16)]),
        ([(480, 700), (730, 960)], []),
        ([(480, 700), (730, 800)], [("early", 960, 160)]),
        ([(480, 958), (959, 990)], [("overtime", 960, 30)]),
        ([], [("absent", 480, 30)]),
        ([(300, 480), (960, 1000)], [("absent", 480, 30)]),
        ([(520, 960)], [("absent", 480, 30), ("late", 480, 40)]),
        ([(520, 900)], [("absent", 480, 30), ("late", 480, 40), ("early", 960, 60)]),
        ([(300, 490)], [("early", 960, 470)]),
    ],
    ids=[
        "on time",
        "a little before and after",
        "as late and early as allowed",
        "late",
        "early",
        "as long as allowed",
        "overtime",
        "a break with log-out",
        "left in the break",
        "out and in at the end",
        "never there",
        "there before and after only",
        "absent, then late",
        "absent, late and early",
        "there since before, and gone soon",
    ],
)
def test_a_shift_that_is_over_is_judged(stays: list[tuple[int, int | None]], found: list[Seen]) -> None:
    assert judged(*stays) == found


@pytest.mark.parametrize(
    ("stays", "now", "found"),
    [
        ([], 509, []),
        ([], 510, [("absent", 480, 30)]),
        ([(486, None)], 486, [("late", 480, 6)]),
        ([(480, 600)], 959, []),
        ([(480, 600)], 960, [("early", 960, 360)]),
        ([(480, None)], 1500, []),
    ],
    ids=[
        "not yet absent",
        "absent",
        "late at once",
        "perhaps a break",
        "no break, as the shift is over",
        "overtime that goes on",
    ],
)
def test_only_what_is_certain_is_told(
    stays: list[tuple[int, int | None]], now: int, found: list[Seen]
) -> None:
    assert judged(*stays, now=now) == found


def test_overtime_ends_with_the_next_shift() -> None:
    assert judged((480, None), now=1019, following=FOLLOWING) == []
    assert judged((480, None), now=1020, following=FOLLOWING) == [("overtime", 960, 60)]
    assert judged((480, 1090), now=1100, following=FOLLOWING) == [("overtime", 960, 60)]


def test_nobody_in_a_short_shift_is_absent_at_its_end() -> None:
    short = Shift("ann", START * MINUTE, (START + 10) * MINUTE)

    assert list(deviations(short, None, [], short.end - 1, ALLOWED)) == []
    assert list(deviations(short, None, [], short.end, ALLOWED)) == [
        Deviation("absent", short.start, 10 * MINUTE)
    ]


def test_the_next_moment_is_one_at_which_time_alone_decides() -> None:
    schedule, found, now = Schedule([SHIFT, FOLLOWING]), [], 0
    while (due := next_moment(schedule, "ann", now, ALLOWED)) is not None:
        found.append(due // MINUTE)
        now = due

    assert found == [480, 510, 960, 1020, 1050, 1100]


def test_attendance_takes_what_comes_twice_and_what_came_before() -> None:
    attendance = Attendance(["eve"])
    attendance.came("ann", 5)
    attendance.came("ann", 6)
    attendance.went("ann", 7)
    attendance.went("ann", 8)
    attendance.went("bob", 9)

    assert attendance.of("ann") == [Stay(5, 7)]
    assert attendance.of("bob") == [Stay(0, 9)]
    assert (attendance.here_since("ann"), attendance.here_since("eve")) == (None, 0)
    attendance.forget(9)
    assert (attendance.of("ann"), attendance.of("bob"), attendance.of("eve")) == ((), [Stay(0, 9)], [Stay(0)])
