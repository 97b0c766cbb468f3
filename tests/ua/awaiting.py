"""Waiting for a condition with a deadline, woken by changes and never by polling."""

import asyncio
from collections.abc import Callable

from tests.ua.errors import NotSeenError


class Changes:
    """Wakes those who wait whenever its owner says that something changed."""

    def __init__(self, story: Callable[[], str]) -> None:
        """`story` is called when a wait fails; its text (a ladder) ends the error."""
        self._story = story
        self._waiters: set[asyncio.Future[None]] = set()

    def announce(self) -> None:
        """Something changed."""
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, condition: Callable[[], bool], *, within: float, what: str) -> None:
        """Return once the condition holds; raise NotSeenError after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    await self._next()
        except TimeoutError:
            raise NotSeenError(f"{what}: not seen within {within} s\n{self._story()}") from None

    async def _next(self) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.add(waiter)
        try:
            await waiter
        finally:
            self._waiters.discard(waiter)
