"""Time in the simulated PBX: every delay goes through one place, so that a whole day can run faster."""

import asyncio
import time
from collections.abc import Callable
from typing import Any


class Pace:
    """Timers on the running loop, `speed` times as fast as written. All arguments are seconds before scaling."""

    def __init__(self, speed: float = 1.0) -> None:
        if not speed > 0:
            raise ValueError(
                f"speed is {speed}; it must be more than 0 (1.0 is real time, 10.0 ten times as fast)"
            )
        self.speed = speed
        self._stopped = False

    def after(self, seconds: float, action: Callable[..., None], *args: Any) -> asyncio.TimerHandle:  # noqa: ANN401 - passed through as the loop does
        """Call `action(*args)` later; cancel the handle to call it off."""
        return asyncio.get_running_loop().call_later(seconds / self.speed, self._fire, action, args)

    def stop(self) -> None:
        """Let no timer fire any more."""
        self._stopped = True

    def _fire(self, action: Callable[..., None], args: tuple[Any, ...]) -> None:
        if not self._stopped:
            action(*args)


def wall_seconds() -> float:
    """Return the epoch time in seconds: Asterisk builds Uniqueids, Timestamps and EPOCH from it."""
    return time.time_ns() / 1e9
