"""Timers of the core on a loop."""

import asyncio
import time

import pytest

from acd.app.timers import Timers
from acd.core.timers import Timer, TimerKind

pytestmark = pytest.mark.unit

ANN, BOB = Timer(TimerKind.WRAP_UP, "ann"), Timer(TimerKind.WRAP_UP, "bob")
MS = 1_000_000


class Clockwork:
    """Timers by the loop's own clock, and what fired."""

    def __init__(self) -> None:
        self.fired: list[Timer] = []
        self.done = asyncio.Event()
        self.early = 0
        began = time.monotonic_ns()
        self.timers = Timers(lambda: time.monotonic_ns() - began - self.early, self._fire)

    def _fire(self, timer: Timer) -> None:
        self.fired.append(timer)
        self.done.set()

    async def next(self) -> None:
        async with asyncio.timeout(5):
            await self.done.wait()
        self.done.clear()


async def test_timers_fire_in_the_order_of_their_moments_and_are_gone_then() -> None:
    clockwork = Clockwork()
    clockwork.timers.arm(ANN, 20 * MS)
    clockwork.timers.arm(BOB, 5 * MS)
    await clockwork.next()
    await clockwork.next()

    assert clockwork.fired == [BOB, ANN]
    assert len(clockwork.timers) == 0


async def test_arming_again_moves_a_timer() -> None:
    clockwork = Clockwork()
    clockwork.timers.arm(ANN, 1 * MS)
    clockwork.timers.arm(ANN, 20 * MS)
    clockwork.timers.arm(BOB, 10 * MS)
    await clockwork.next()
    await clockwork.next()

    assert clockwork.fired == [BOB, ANN]


async def test_a_cancelled_timer_never_fires_and_cancelling_nothing_is_fine() -> None:
    clockwork = Clockwork()
    clockwork.timers.arm(ANN, 1 * MS)
    clockwork.timers.cancel(ANN)
    clockwork.timers.cancel(ANN)
    clockwork.timers.arm(BOB, 5 * MS)
    await clockwork.next()

    assert clockwork.fired == [BOB]


async def test_a_moment_that_is_past_fires_at_once() -> None:
    clockwork = Clockwork()
    clockwork.timers.arm(ANN, -5)
    await clockwork.next()

    assert clockwork.fired == [ANN]


async def test_a_loop_that_comes_too_early_is_asked_to_come_again() -> None:
    clockwork = Clockwork()
    clockwork.timers.arm(ANN, 5 * MS)
    clockwork.early = 3 * MS
    await clockwork.next()
    assert clockwork.timers._now() >= 5 * MS
    assert clockwork.fired == [ANN]
