"""The sending half of a connection, where faults are put in: late, byte by byte, or not at all."""

import asyncio
from collections import deque
from typing import Protocol

import msgspec


class Weather(msgspec.Struct):
    """How a wire behaves now. `delay` is seconds, of real time; `split` makes every byte a segment of its own."""

    delay: float = 0.0
    split: bool = False
    stalled: bool = False


class Transport(Protocol):
    """What an outlet needs of asyncio's transport."""

    def write(self, data: bytes) -> None:
        """Send."""

    def is_closing(self) -> bool:
        """Whether nothing can be sent any more."""

    def close(self) -> None:
        """Send what is left, then close."""


class Outlet:
    """Sends in order, whatever the weather."""

    def __init__(self, transport: Transport, weather: Weather) -> None:
        self._transport = transport
        self._weather = weather
        self._queue: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._closing = False

    def write(self, data: bytes) -> None:
        """Send now, or as late as the weather says."""
        weather = self._weather
        if weather.stalled or self._closing:
            return
        if not (weather.delay or weather.split or self._queue):
            if not self._transport.is_closing():
                self._transport.write(data)
            return
        due = asyncio.get_running_loop().time() + weather.delay
        pieces = [data[i : i + 1] for i in range(len(data))] if weather.split else [data]
        self._queue.extend((due, piece) for piece in pieces)
        self._pump()

    def close(self) -> None:
        """Close once everything is sent."""
        self._closing = True
        if not self._queue:
            self._transport.close()

    def _pump(self) -> None:
        if self._timer is None and self._queue:
            loop = asyncio.get_running_loop()
            wait = self._queue[0][0] - loop.time()
            # One piece a turn of the loop: a reader in this process gets it before the next is sent.
            self._timer = loop.call_later(wait, self._send) if wait > 0 else loop.call_soon(self._send)

    def _send(self) -> None:
        self._timer = None
        if self._transport.is_closing():
            self._queue.clear()
            return
        self._transport.write(self._queue.popleft()[1])
        if self._queue:
            self._pump()
        elif self._closing:
            self._transport.close()
