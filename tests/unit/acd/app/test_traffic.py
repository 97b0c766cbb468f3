"""Traffic of trunk groups from the rows of the numbers."""

import pytest

from acd.app.traffic import build
from hardware.erlang import blocking
from kpi.counters import Counters, Dimension
from kpi.rows import Row
from kpi.slots import SLOT_NS

pytestmark = pytest.mark.unit

HOUR = 4 * SLOT_NS


def row(slot: int, name: str = "carrier", **counts: int) -> Row:
    return Row(dimension=Dimension.TRUNK, name=name, slot=slot, counts=Counters(**counts))


def test_quarters_are_added_up_to_hours_and_time_becomes_erlangs() -> None:
    rows = [
        row(0, arrived=10, carried_ms=3_600_000, peak=3, alarms=1),
        row(3, arrived=30, blocked_trunk_full=4, carried_ms=5_400_000, peak=5, all_busy_ms=60_000),
        row(4, arrived=5, carried_ms=360_000, peak=1),
    ]
    [carrier] = build(rows, {"carrier": 5}, since=0, until=2 * HOUR, now=9 * HOUR).groups
    first, second = carrier.hours

    assert first.carried == 2.5
    assert first.offered == pytest.approx(2.5 / 0.9)
    assert (first.arrived, first.refused, first.peak, first.alarms, first.all_busy_ms) == (
        40,
        4,
        5,
        1,
        60_000,
    )
    assert first.seen == 0.1
    assert first.predicted == pytest.approx(blocking(5, 2.5 / 0.9))
    assert (second.carried, second.since, second.until) == (
        0.1,
        "1970-01-01T01:00:00Z",
        "1970-01-01T02:00:00Z",
    )
    assert carrier.whole.carried == pytest.approx(1.3)
    assert (carrier.whole.lines_needed, carrier.busiest) == (first.lines_needed, "1970-01-01T00:00:00Z")


def test_an_hour_that_is_not_over_counts_up_to_now() -> None:
    [carrier] = build(
        [row(0, carried_ms=600_000)], {"carrier": None}, since=0, until=HOUR, now=HOUR // 6
    ).groups

    assert carrier.hours[0].carried == pytest.approx(1.0)
    assert (carrier.hours[0].until, carrier.hours[0].predicted) == ("1970-01-01T00:10:00Z", None)


def test_when_all_calls_are_refused_nobody_knows_what_was_offered() -> None:
    [carrier] = build(
        [row(0, arrived=3, blocked_trunk_full=3)], {"carrier": 2}, since=0, until=HOUR, now=HOUR
    ).groups

    assert (carrier.hours[0].offered, carrier.hours[0].lines_needed, carrier.hours[0].seen) == (
        None,
        None,
        1.0,
    )


def test_groups_without_calls_and_groups_that_are_no_more_are_shown() -> None:
    queue = Row(dimension=Dimension.QUEUE, name="sales", slot=0, counts=Counters(arrived=3))
    found = build([row(0, "old", arrived=1), queue], {"new": 4}, since=0, until=HOUR, now=HOUR)

    assert [(group.name, group.capacity, len(group.hours)) for group in found.groups] == [
        ("new", 4, 0),
        ("old", None, 1),
    ]
    assert (found.groups[0].busiest, found.groups[0].whole.carried) == ("", 0.0)


def test_rows_outside_the_period_are_left_out() -> None:
    [carrier] = build(
        [row(0, arrived=1), row(4, arrived=2)], {"carrier": 1}, since=HOUR, until=2 * HOUR, now=9 * HOUR
    ).groups

    assert carrier.whole.arrived == 2
