"""How long the router takes for an event: counts by fixed bounds, cheap enough for every event."""

from bisect import bisect_left
from typing import Final

BOUNDS_US: Final = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 50_000, 250_000)


class Timing:
    """Filled in the routing loop, read from any thread."""

    def __init__(self) -> None:
        """Nothing was measured yet."""
        self._counts = [0] * (len(BOUNDS_US) + 1)
        self._sum_ns = 0

    def add(self, took_ns: int) -> None:
        """One event took so many nanoseconds."""
        self._counts[bisect_left(BOUNDS_US, took_ns / 1000)] += 1
        self._sum_ns += took_ns

    @property
    def seconds(self) -> float:
        """All of it."""
        return self._sum_ns / 1e9

    def cumulative(self) -> tuple[tuple[float, int], ...]:
        """Bound in seconds -> how many took at most that long; the last bound is infinite."""
        found, total = [], 0
        for bound, count in zip((*BOUNDS_US, float("inf")), list(self._counts), strict=True):
            total += count
            found.append((bound / 1e6, total))
        return tuple(found)
