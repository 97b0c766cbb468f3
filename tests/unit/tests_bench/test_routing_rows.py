"""Rows of the bench: medians, ratios, verdicts."""

import pytest

from tests.bench.routing_rows import Round, Row, met, rows, table

pytestmark = pytest.mark.unit


def round_of(scale: float, daemon: float = 0.0) -> Round:
    """A round whose times are `scale` ms."""
    return Round(
        ring=[scale],
        gap=[scale],
        waited=[scale],
        asterisk_free=scale,
        asterisk_busy=scale,
        daemon_free=daemon,
        daemon_busy=daemon,
    )


@pytest.mark.parametrize(
    ("target", "value", "ratio", "ok"),
    [
        ("<= 4 ms", 4.0, None, True),
        ("<= 4 ms", 4.01, None, False),
        ("ratio <= 1.4", 99.0, 1.4, True),
        ("ratio <= 1.4", 0.1, 1.41, False),
        ("ratio <= 1/50", 99.0, 0.02, True),
        ("ratio <= 1/50", 99.0, 0.021, False),
    ],
)
def test_a_target_is_of_the_value_or_of_the_ratio(
    target: str, value: float, ratio: float | None, ok: bool
) -> None:
    assert met(target, value, ratio) is ok


def test_a_ratio_that_there_is_none_of_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="there is no reference"):
        met("ratio <= 1", 1.0, None)


def test_the_median_round_counts_and_each_target_has_a_row_and_a_verdict() -> None:
    found = rows(
        {"acd": [round_of(2, 1), round_of(3, 2), round_of(99, 50)], "app_queue": [round_of(300)] * 3}
    )

    gap = found[0]
    assert (gap.value, gap.reference, gap.ratio, gap.ok) == (3.0, 300.0, 0.01, True)
    assert {row.target for row in found} == {
        None,
        "<= 4 ms",
        "ratio <= 1/50",
        "ratio <= 1.4",
        "ratio <= 1",
        "<= 3 ms",
    }
    assert all((row.ok is None) == (row.target is None) for row in found)
    assert [row.reference for row in found if row.measure.startswith("daemon")] == [None, None]


def test_a_missed_target_is_said() -> None:
    found = rows({"acd": [round_of(5, 4)], "app_queue": [round_of(5)]})

    assert [row.ok for row in found if row.target == "ratio <= 1/50"] == [False]
    assert "ratio <= 1/50: MISSED" in table(found)


def test_the_table_reads_small_ratios_as_fractions() -> None:
    row = Row(measure="gap", value=2.0, unit="ms", reference=300.0, ratio=2 / 300)

    assert table([row]).splitlines()[1].split() == ["gap", "2.00", "ms", "300.00", "1/150"]
