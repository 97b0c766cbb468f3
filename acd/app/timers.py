"""Timers of the core on the event loop."""

import asyncio
from collections.abc import Callable

from acd.core.timers import Timer

NS = 1_000_000_000


class Timers:
    """Arms and cancels by name; `fire` is called when one is due."""

    def __init__(self, now: Callable[[], int], fire: Callable[[Timer], None]) -> None:
        """`now` is the engine's clock."""
        self._now = now
        self._fire = fire
        self._handles: dict[Timer, asyncio.TimerHandle] = {}

    def arm(self, timer: Timer, at: int) -> None:
        """Fire at that moment, or at once when it is past; replaces an armed timer of the same name."""
        self.cancel(timer)
        delay = max(0, at - self._now()) / NS
        self._handles[timer] = asyncio.get_running_loop().call_later(delay, self._due, timer, at)

    def cancel(self, timer: Timer) -> None:
        """Forget a timer."""
        handle = self._handles.pop(timer, None)
        if handle is not None:
            handle.cancel()

    def clear(self) -> None:
        """Forget all."""
        for timer in list(self._handles):
            self.cancel(timer)

    def __len__(self) -> int:
        """How many are armed."""
        return len(self._handles)

    def _due(self, timer: Timer, at: int) -> None:
        """The loop counts in milliseconds and may come up to one early: what asks the clock would find it is not yet time."""
        del self._handles[timer]
        if self._now() < at:
            self.arm(timer, at)
        else:
            self._fire(timer)
