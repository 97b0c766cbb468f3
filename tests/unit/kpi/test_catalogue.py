"""The catalogue: complete, computed, and the same on the page."""

from pathlib import Path

import pytest

from kpi.catalogue import ALIASES, ASKED_FOR, COUNTS, ENTRIES, Needs, find
from kpi.catalogue_page import explained, listed, page
from kpi.catalogue_table import NOTES, TABLE
from kpi.definitions import KPIS, PEAKS, PERCENTILES
from kpi.outside import INPUTS, OUTSIDE, compute, outside

pytestmark = pytest.mark.unit

PAGE = Path(__file__).parents[3] / "docs" / "kpi-catalogue.md"


def test_there_are_39_and_each_is_answered() -> None:
    assert len(ASKED_FOR) == len(set(ASKED_FOR)) == 39
    assert set(ASKED_FOR) <= {entry.asked_for for entry in ENTRIES.values()}


def test_every_kpi_that_is_computed_has_its_entry_and_no_other() -> None:
    assert set(ENTRIES) == set(KPIS) | set(PERCENTILES) | set(PEAKS) | set(OUTSIDE) | set(COUNTS)
    assert set(NOTES) <= set(TABLE)


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_is_whole(key: str) -> None:
    entry = ENTRIES[key]

    assert entry.name
    assert entry.meaning
    assert entry.source
    assert entry.inputs
    assert entry.rows
    assert "\n" not in entry.meaning


def test_the_page_is_the_catalogue() -> None:
    assert PAGE.read_text() == page(), "run: python -m kpi.catalogue_page > docs/kpi-catalogue.md"


def test_usual_names_are_found() -> None:
    assert {find(alias).key for alias in ALIASES} == set(ALIASES.values())
    assert find("ASA").key == find("asa_ms").key == "asa_ms"
    assert find("service-level").key == "service_level"


def test_an_unknown_name_is_answered_with_near_ones() -> None:
    with pytest.raises(KeyError, match=r"near: .*service_level"):
        find("servicelevel")


def test_an_explanation_tells_the_trap() -> None:
    told = explained(find("asa"))

    assert "wait_answered_ms / (answered - attempts_answered)" in told
    assert "the inverse for reply time" in " ".join(told.split())
    assert "service_level_ignore" in listed()


# ---------------------------------------------------------------- from outside


@pytest.mark.parametrize("key", OUTSIDE)
def test_what_nobody_handed_in_is_no_input_and_never_zero(key: str) -> None:
    assert outside({"handled": 100})[key] is None
    assert ENTRIES[key].needs in {Needs.IMPORT, Needs.FORECAST, Needs.DISPOSITION}


def test_every_input_is_used() -> None:
    used = {word.name for key in OUTSIDE for word in ENTRIES[key].inputs}

    assert set(INPUTS) <= used


@pytest.mark.parametrize(
    ("key", "inputs", "expected"),
    [
        (
            "cost_per_call",
            {"salaries": 70, "infrastructure_cost": 10, "technology_cost": 15, "overhead_cost": 5, "handled": 20},
            5.0,
        ),
        ("attrition_rate", {"leavers": 3, "average_staff": 20}, 0.15),
        ("absenteeism_rate", {"absent_days": 5, "planned_days": 200}, 0.025),
        ("training_ratio", {"system_training_hours": 6, "skill_training_hours": 4}, 1.5),
        ("technology_adoption_rate", {"technology_users": 30, "technology_intended_users": 40}, 0.75),
        ("churn_rate", {"customers_at_start": 1000, "customers_gained": 100, "customers_at_end": 950}, 0.15),
        ("churn_rate_net", {"customers_at_start": 1000, "customers_at_end": 950}, 0.05),
        ("retention_rate", {"customers_at_start": 1000, "customers_gained": 100, "customers_at_end": 950}, 0.85),
        ("upsell_rate", {"additional_sales": 12, "customers_served": 48}, 0.25),
        ("phone_preference", {"channel_phone": 60, "channel_answers": 100}, 0.6),
        ("experience_score", {"experience_sum": 42, "experience_answers": 10}, 4.2),
        ("call_score", {"score_points": 85, "score_points_possible": 100}, 0.85),
        ("occupancy_of_paid_time", {"busy_ms": 20, "paid_ms": 80}, 0.25),
        ("adherence_rate", {"scheduled_worked_ms": 90, "scheduled_ms": 100}, 0.9),
        ("conversion_rate", {"conversions": 5, "handled": 50}, 0.1),
        ("average_resolution_ms", {"ticket_time_ms": 9000, "tickets_solved": 3}, 3000.0),
        ("tickets_solved_per_day", {"tickets_solved": 180, "working_days": 18}, 10.0),
        ("reopen_rate", {"tickets_reopened": 3, "tickets_solved": 100}, 0.03),
        ("ticket_volume", {"tickets": 77}, 77),
        ("forecast_wape", {"forecast_error": 5, "forecast_actual": 100}, 0.05),
        ("forecast_bias", {"forecast_bias_sum": -5, "forecast_actual": 100}, -0.05),
        ("forecast_share_within_5", {"forecast_within_5": 80, "forecast_intervals": 96}, 80 / 96),
    ],
)  # fmt: skip
def test_a_kpi_from_outside_is_its_formula(key: str, inputs: dict[str, float], expected: float) -> None:
    assert compute(key, inputs) == pytest.approx(expected)
