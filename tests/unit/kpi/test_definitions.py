"""Formulas, by the check values of their sources."""

import pytest

from kpi.counters import CATALOGUE, Counters, Dimension
from kpi.definitions import BY_THRESHOLD, HOMES, KPIS, PEAKS, PERCENTILES, SUMS, Thresholds, figures, kpis
from kpi.rows import Row

pytestmark = pytest.mark.unit


def row(dimension: Dimension = Dimension.QUEUE, **counts: int) -> Row:
    return Row(dimension=dimension, name="x", slot=0, counts=Counters(**counts))


def computed(of: Row, thresholds: Thresholds | None = None) -> dict[str, float | None]:
    return kpis(of.dimension, figures(of, thresholds or Thresholds()))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("service_level_ignore", 0.778),
        ("service_level_negative", 0.70),
        ("service_level_positive", 0.80),
        ("service_level", 0.737),  # 70 / (100 - 5)
    ],
)
def test_service_levels_meet_the_check_values_of_the_trade(name: str, expected: float) -> None:
    """70 answered and 10 abandoned within 20 s, 5 of them within 5 s, 100 offered."""
    cisco = row(offered=100, answered=90, abandoned_waiting=10)
    cisco.answered_waits = {10_000: 30, 20_000: 40, 20_100: 20}
    cisco.abandoned_waits = {5_000: 5, 20_000: 5}

    assert computed(cisco)[name] == pytest.approx(expected, abs=0.0005)


def test_another_threshold_is_asked_of_the_same_row() -> None:
    late = row(offered=130, answered=130)
    late.answered_waits = {30_000: 50, 31_000: 80}

    levels = [
        computed(late, Thresholds(service_level_ms=limit))["service_level"] for limit in (20_000, 30_000)
    ]

    assert levels == [0.0, pytest.approx(50 / 130)]


@pytest.mark.parametrize(
    ("counts", "name", "expected"),
    [
        ({"wait_answered_ms": 90, "answered": 3}, "asa_ms", 30),
        (
            {"wait_answered_ms": 90, "wait_abandoned_ms": 20, "wait_left_ms": 10, "answered": 3, "left": 1, "abandoned_ringing": 2},
            "average_wait_ms",
            20,
        ),
        ({"wait_abandoned_ms": 30, "abandoned_waiting": 1, "abandoned_ringing": 2}, "average_abandoned_wait_ms", 10),
        ({"talk_ms": 60, "hold_ms": 20, "wrap_up_ms": 10, "handled": 3}, "aht_ms", 30),
        ({"talk_ms": 60, "handled": 3}, "average_talk_ms", 20),
        ({"hold_ms": 60, "handled": 3}, "average_hold_ms", 20),
        ({"hold_ms": 60, "handled": 3, "held_talks": 2}, "average_hold_of_held_ms", 30),
        ({"wrap_up_ms": 60, "handled": 3}, "average_wrap_up_ms", 20),
        ({"ring_ms": 60, "offer_answered": 1, "offer_busy": 1, "offer_rescinded": 1}, "average_ring_ms", 20),
        ({"abandoned_waiting": 5, "abandoned_ringing": 5, "offered": 100}, "abandonment_rate", 0.1),
        ({"blocked": 2, "arrived": 100}, "blocked_rate", 0.02),
        ({"transferred_blind": 100, "transferred_attended": 50, "handled": 1000}, "transfer_rate", 0.15),
        ({"transferred_out_calls": 150, "handled": 2000}, "transferred_call_rate", 0.075),
        ({"duration_ms": 100, "ended": 4}, "average_call_ms", 25),
    ],
)  # fmt: skip
def test_a_kpi_is_its_formula(counts: dict[str, int], name: str, expected: float) -> None:
    assert computed(row(Dimension.QUEUE, **counts))[name] == pytest.approx(expected)


def test_short_abandons_go_from_both_sides() -> None:
    callers = row(offered=105, abandoned_waiting=15)
    callers.abandoned_waits = {5_000: 5, 30_000: 10}

    assert computed(callers)["abandonment_rate_without_short"] == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("occupancy_unpaused", 0.5), ("occupancy_staffed", 1 / 3), ("talking_staffed", 0.25)],
)
def test_occupancies_differ_by_their_named_divisor(name: str, expected: float) -> None:
    agent = row(
        Dimension.AGENT, state_talking_ms=15, state_wrap_up_ms=5, state_ready_ms=20, state_paused_ms=20
    )

    assert computed(agent)[name] == pytest.approx(expected)


@pytest.mark.parametrize("dimension", Dimension)
def test_nothing_to_divide_by_is_no_input_and_never_zero(dimension: Dimension) -> None:
    assert set(computed(row(dimension)).values()) == {None}


def test_more_short_abandons_than_calls_offered_in_a_slot_is_no_input() -> None:
    """Offered at 7:29:58, abandoned at 7:30:01: the slot of 7:30 has the abandon only."""
    carried = row(abandoned_waiting=1)
    carried.abandoned_waits = {3_000: 1}

    assert computed(carried)["service_level"] is None


@pytest.mark.parametrize(
    ("dimension", "has", "lacks"),
    [
        (Dimension.QUEUE, "service_level", "occupancy_staffed"),
        (Dimension.AGENT, "occupancy_staffed", "service_level"),
        (Dimension.TRUNK, "blocked_rate", "aht_ms"),
        (Dimension.AGENT, "transfer_rate", "transferred_call_rate"),
    ],
)
def test_a_row_has_the_kpis_its_counters_allow(dimension: Dimension, has: str, lacks: str) -> None:
    found = computed(row(dimension))

    assert has in found
    assert lacks not in found


def test_the_total_has_every_kpi() -> None:
    assert set(computed(row(Dimension.ALL))) == set(KPIS)


def test_no_word_has_two_meanings() -> None:
    names = [*CATALOGUE, *BY_THRESHOLD, *SUMS, *KPIS, *PERCENTILES, *PEAKS]

    assert len(names) == len(set(names)) == len(HOMES)
    assert all(HOMES.values())


def test_containment_is_of_all_dialogues_or_of_those_whose_caller_stayed() -> None:
    counts = {
        "dialogues_contained": 3,
        "dialogues_queued": 5,
        "dialogues_abandoned": 2,
        "dialogue_ms": 20_000,
    }

    found = computed(row(Dimension.IVR, **counts))

    assert found["containment_rate"] == pytest.approx(0.3)
    assert found["containment_rate_without_abandoned"] == pytest.approx(3 / 8)
    assert found["average_dialogue_ms"] == 2_000
    assert "service_level" not in found
