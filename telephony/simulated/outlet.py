"""The sending half of a connection, where faults are put in: late, byte by byte, or not at all."""

import asyncio
import socket
import struct
from collections import deque
from typing import Final

import msgspec


class Weather(msgspec.Struct):
    """How a wire behaves now. `delay` is seconds, of real time; `split` makes every byte a segment of its own."""

    delay: float = 0.0
    split: bool = False
    stalled: bool = False


_LINGER_ZERO: Final = struct.pack("ii", 1, 0)


class Outlet:
    """Sends in order, whatever the weather."""

    def __init__(self, transport: asyncio.Transport, weather: Weather) -> None:
        self._transport = transport
        self._weather = weather
        self._queue: deque[tuple[float, bytes]] = deque()
        self._timer: asyncio.TimerHandle | asyncio.Handle | None = None
        self._closing = False
        self._half_closed = False

    def write(self, data: bytes) -> None:
        """Send now, or as late as the weather says."""
        weather = self._weather
        if weather.stalled or self._closing or self._half_closed:
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

    def half_close(self) -> None:
        """Send the end of the stream now, and nothing after it; reading goes on."""
        if not (self._transport.is_closing() or self._half_closed):
            self._half_closed = True
            self._queue.clear()
            self._transport.write_eof()

    def reset(self) -> None:
        """Drop the connection with a TCP reset, which the far end sees as an error, not as an end."""
        if not self._transport.is_closing():
            raw = self._transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_ZERO)
            self._transport.abort()

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
