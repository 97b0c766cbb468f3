"""Waits as counts per bucket, so that any threshold can be asked for later and any two periods can be added.

A histogram is a `dict[int, int]`: a bucket's upper bound in milliseconds -> how many waits fell into it. The bounds are
the numbers of at most three significant digits, and a wait belongs to the smallest bound not below it. So a bound is
less than 1 % above its waits, "waited at most T" is exact for every T of three digits (15 s, 20 s, 2 min, 90.5 s), and
merging is plain addition. A bucket exists once a wait fell into it; a decade of waits has at most 900.
"""

from collections.abc import Mapping
from typing import Final, TypeVar

_THREE_DIGITS: Final = 1000
Key = TypeVar("Key", int, str)


def bucket(wait_ms: int) -> int:
    """The upper bound of the wait's bucket: the wait rounded up to three significant digits."""
    unit = 1
    while wait_ms > _THREE_DIGITS * unit:
        unit *= 10
    return -(-wait_ms // unit) * unit


def tally(waits: dict[int, int], wait_ms: int) -> None:
    """Count one wait."""
    bound = bucket(wait_ms)
    waits[bound] = waits.get(bound, 0) + 1


def merge(into: dict[Key, int], counts: Mapping[Key, int]) -> None:
    """Add one histogram to another, exactly."""
    for key, count in counts.items():
        into[key] = into.get(key, 0) + count


def within(waits: Mapping[int, int], threshold_ms: int) -> int:
    """How many waits were at most the threshold.

    Exact for thresholds of three significant digits; for others, waits less than 1 % under the threshold are left out.
    """
    return sum(count for bound, count in waits.items() if bound <= threshold_ms)


def percentile(waits: Mapping[int, int], percent: int) -> int | None:
    """The smallest bound that at least so many per cent of all are not above (nearest rank); None of nothing.

    Less than 1 % above the true value.
    """
    needed = -(-sum(waits.values()) * percent // 100)
    seen = 0
    for bound in sorted(waits):
        seen += waits[bound]
        if seen >= needed:
            return bound
    return None
