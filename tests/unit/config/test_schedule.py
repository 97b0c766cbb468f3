"""Questions to a schedule."""

import pytest

from config.schedule import Schedule, Shift

pytestmark = pytest.mark.unit
SCHEDULE = Schedule(
    [Shift("ann", 300, 400), Shift("ann", 100, 200), Shift("bob", 100, 150), Shift("bob", 150, 180)]
)


@pytest.mark.parametrize(
    ("at", "planned", "boundary"),
    [
        (99, None, 100),
        (100, Shift("ann", 100, 200), 200),
        (199, Shift("ann", 100, 200), 200),
        (200, None, 300),
        (300, Shift("ann", 300, 400), 400),
        (400, None, None),
    ],
    ids=["before", "at the start", "in it", "at the end", "at the next start", "after the last"],
)
def test_a_moment_is_in_a_shift_or_not(at: int, planned: Shift | None, boundary: int | None) -> None:
    assert (SCHEDULE.planned("ann", at), SCHEDULE.next_boundary("ann", at)) == (planned, boundary)


def test_shifts_that_touch_are_one() -> None:
    assert SCHEDULE.planned("bob", 150) == Shift("bob", 100, 180)
    assert SCHEDULE.next_boundary("bob", 120) == 180
    assert len(SCHEDULE) == 3


def test_an_agent_without_shifts_is_never_planned() -> None:
    assert SCHEDULE.planned("cleo", 100) is None
    assert SCHEDULE.next_boundary("cleo", 100) is None
    assert list(SCHEDULE.ending_after("cleo", 0)) == []


def test_shifts_come_with_the_one_after_them() -> None:
    first, second = Shift("ann", 100, 200), Shift("ann", 300, 400)
    assert list(SCHEDULE.ending_after("ann", 0)) == [(first, second), (second, None)]
    assert list(SCHEDULE.ending_after("ann", 200)) == [(second, None)]


@pytest.mark.parametrize(
    "shifts", [[Shift("ann", 100, 100)], [Shift("ann", 100, 200), Shift("ann", 199, 300)]]
)
def test_impossible_shifts_are_refused(shifts: list[Shift]) -> None:
    with pytest.raises(ValueError, match="shift"):
        Schedule(shifts)
