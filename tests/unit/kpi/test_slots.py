"""Quarter hours and spans cut at their borders."""

from datetime import UTC, datetime

import pytest

from kpi.slots import SLOT_MS, SLOT_NS, clip, slot_of, slot_start, slot_start_ms, slots_between

pytestmark = pytest.mark.unit


def test_a_slot_starts_on_the_quarter_hour_of_utc() -> None:
    noon = int(datetime(2026, 11, 23, 12, 0, tzinfo=UTC).timestamp()) * 1_000_000_000

    slot = slot_of(noon + 7 * 60 * 1_000_000_000)

    assert slot_start(slot) == noon
    assert slot_start_ms(slot) == noon // 1_000_000


@pytest.mark.parametrize(("offset", "slot"), [(-1, 9), (0, 10), (SLOT_NS - 1, 10), (SLOT_NS, 11)])
def test_a_slot_holds_its_first_moment_and_not_its_last(offset: int, slot: int) -> None:
    assert slot_of(slot_start(10) + offset) == slot


@pytest.mark.parametrize(
    ("begin", "end", "parts"),
    [
        (0, 0, []),
        (5, 2, []),
        (5, 9, [(0, 4)]),
        (SLOT_MS - 3, SLOT_MS, [(0, 3)]),
        (SLOT_MS - 3, SLOT_MS + 4, [(0, 3), (1, 4)]),
        (SLOT_MS - 1, 3 * SLOT_MS + 1, [(0, 1), (1, SLOT_MS), (2, SLOT_MS), (3, 1)]),
    ],
)
def test_a_span_is_cut_at_the_borders(begin: int, end: int, parts: list[tuple[int, int]]) -> None:
    assert list(clip(begin, end)) == parts


@pytest.mark.parametrize(
    ("since", "until", "slots"),
    [(0, 0, []), (5, 4, []), (0, 1, [0]), (0, SLOT_NS, [0]), (SLOT_NS - 1, SLOT_NS + 1, [0, 1])],
)
def test_a_period_touches_every_slot_it_has_a_moment_in(since: int, until: int, slots: list[int]) -> None:
    assert list(slots_between(since, until)) == slots
