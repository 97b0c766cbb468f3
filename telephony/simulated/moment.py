"""Something that happens once and can be awaited, cheap enough for every call to have several."""

import asyncio


class Moment:
    """A one-way flag. `wait` returns at once when it has happened."""

    __slots__ = ("_waiters", "happened")

    def __init__(self) -> None:
        self.happened = False
        self._waiters: list[asyncio.Future[None]] = []

    def happen(self) -> None:
        """Let it have happened and wake everybody."""
        if not self.happened:
            self.happened = True
            for waiter in self._waiters:
                if not waiter.done():
                    waiter.set_result(None)
            self._waiters.clear()

    async def wait(self, timeout: float | None = 10.0) -> None:  # noqa: ASYNC109 - a deadline with a default keeps tests from hanging
        """Wait for it; raises TimeoutError after `timeout` seconds of real time (None: never)."""
        if not self.happened:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await asyncio.wait_for(waiter, timeout)
