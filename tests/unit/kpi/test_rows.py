"""Rows added up, over time and over names."""

import pytest

from kpi.counters import Counters, Dimension
from kpi.rows import Row, copy_of, roll_up, total

pytestmark = pytest.mark.unit


def row(dimension: Dimension, name: str, slot: int, **counts: int) -> Row:
    return Row(dimension=dimension, name=name, slot=slot, counts=Counters(**counts))


SALES = [
    row(Dimension.QUEUE, "sales", 4, arrived=1, wait_max_ms=7, waiting_at_start=2, waiting_at_end=3),
    row(Dimension.QUEUE, "sales", 5, arrived=2, wait_max_ms=9, waiting_at_start=3, waiting_at_end=4),
    row(Dimension.QUEUE, "sales", 8, arrived=4, wait_max_ms=1, waiting_at_start=0, waiting_at_end=1),
]


def shape(rows: list[Row]) -> list[tuple[int, int, int, int, int]]:
    return [
        (row.slot, row.counts.arrived, row.counts.wait_max_ms, row.counts.waiting_at_start, row.counts.waiting_at_end)
        for row in rows
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (15, [(4, 1, 7, 2, 3), (5, 2, 9, 3, 4), (8, 4, 1, 0, 1)]),
        (30, [(4, 3, 9, 2, 4), (8, 4, 1, 0, 1)]),
        (60, [(4, 3, 9, 2, 4), (8, 4, 1, 0, 1)]),
        (None, [(1, 7, 9, 2, 1)]),
    ],
)
def test_slots_roll_up_to_longer_periods(
    minutes: int | None, expected: list[tuple[int, int, int, int, int]]
) -> None:
    assert shape(roll_up(reversed(SALES), first=1, minutes=minutes)) == expected


@pytest.mark.parametrize("minutes", [0, -15, 10, 20])
def test_a_period_that_is_no_multiple_of_a_slot_is_refused(minutes: int) -> None:
    with pytest.raises(ValueError, match="multiple of 15"):
        roll_up(SALES, first=1, minutes=minutes)


def test_rolling_up_leaves_the_rows_alone() -> None:
    before = [copy_of(row) for row in SALES]

    roll_up(SALES, first=1, minutes=None)

    assert before == SALES


def test_a_copy_shares_nothing() -> None:
    original = row(Dimension.QUEUE, "sales", 1, arrived=1)
    copied = copy_of(original)

    copied.counts.arrived = 5
    copied.answered_waits[10] = 1

    assert (original.counts.arrived, original.answered_waits) == (1, {})


def test_the_total_counts_a_talk_once() -> None:
    rows = [
        row(Dimension.QUEUE, "sales", 1, handled=2, waiting_at_start=1, waiting_at_end=1, wait_max_ms=5),
        row(Dimension.QUEUE, "help", 1, handled=1, waiting_at_start=2, waiting_at_end=3, wait_max_ms=8),
        row(Dimension.AGENT, "ann", 1, handled=3, state_ready_ms=10),
        row(Dimension.AGENT, "bob", 1, state_ready_ms=5),
        row(Dimension.TRUNK, "carrier", 1, arrived=9, peak=4),
    ]

    assert total(rows) == [
        row(
            Dimension.ALL,
            "all",
            1,
            handled=3,
            waiting_at_start=3,
            waiting_at_end=4,
            wait_max_ms=8,
            state_ready_ms=15,
        )
    ]


def test_dialogues_are_part_of_all_and_their_time_is_no_call_of_a_queue() -> None:
    (everything,) = total(
        [
            row(Dimension.QUEUE, "sales", 1, handled=2),
            row(Dimension.IVR, "main", 1, dialogues_contained=3, lookups=4),
        ]
    )

    assert (everything.counts.handled, everything.counts.dialogues_contained, everything.counts.lookups) == (
        2,
        3,
        4,
    )
