"""Wait histograms: buckets of three digits, exact thresholds."""

import pytest

from kpi.histogram import bucket, merge, tally, within

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("wait", "bound"),
    [
        (0, 0),
        (1, 1),
        (999, 999),
        (1000, 1000),
        (1001, 1010),
        (1010, 1010),
        (20_000, 20_000),
        (20_001, 20_100),
        (100_001, 101_000),
        (3_600_000, 3_600_000),
        (3_600_001, 3_610_000),
    ],
)
def test_a_wait_is_rounded_up_to_three_digits(wait: int, bound: int) -> None:
    assert bucket(wait) == bound


@pytest.mark.parametrize("threshold", [5_000, 15_000, 20_000, 90_500, 120_000, 600_000])
def test_waits_at_and_after_a_threshold_are_told_apart(threshold: int) -> None:
    waits: dict[int, int] = {}
    for wait in (threshold - 1, threshold, threshold + 1):
        tally(waits, wait)

    assert within(waits, threshold) == 2


def test_merging_adds_bucket_by_bucket() -> None:
    ours = {10: 1, 20: 2}

    merge(ours, {20: 3, 30: 4})

    assert ours == {10: 1, 20: 5, 30: 4}
