"""The engine's clock: forward only, paired with the wall clock once."""

import time


class EngineClock:
    """Nanoseconds since the Unix epoch that advance with the monotonic clock.

    The wall clock is read once, here; when it is stepped later, durations stay right and stamps keep the old pairing
    until the next start. `not_before` is the last stamp of the journal: a start never goes behind it.
    """

    def __init__(self, not_before: int = 0) -> None:
        """Pair the clocks now."""
        self._offset = max(time.time_ns(), not_before + 1) - time.monotonic_ns()

    def now(self) -> int:
        """The present moment."""
        return time.monotonic_ns() + self._offset
