"""One RTP port per call: counts what comes in, sends silence when asked (RFC 3550, RFC 3551 payload 0)."""

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import Callable
from typing import Final

from tests.ua.address import Endpoint
from tests.ua.awaiting import Changes

FRAME_S: Final = 0.02
FRAME_SAMPLES: Final = 160
SILENCE: Final = {0: b"\xff" * FRAME_SAMPLES, 8: b"\xd5" * FRAME_SAMPLES}
LONGEST: Final = 2048
HEADER: Final = 12
TENTH: Final = 5
KEPT: Final = 100
"""Frames, two seconds."""


class Rtp:
    """A bound, non-blocking UDP socket read by the running loop.

    `received` counts datagrams that look like RTP version 2, `sent` those we sent. It is bound from the offer on, so that
    the port in our SDP is real, and closed with the call.
    """

    def __init__(self, host: str) -> None:
        self.received = 0
        self.frames: deque[bytes] = deque(maxlen=KEPT)
        """The last payloads, oldest first."""
        self.sent = 0
        self.peer: Endpoint | None = None
        self.payload = 0
        self._loop = asyncio.get_running_loop()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self._loop.add_reader(self._socket, self._read)
        self._ticking: asyncio.TimerHandle | None = None
        self._next_frame = 0.0
        self._changes = Changes(lambda: f"RTP received: {self.received}")

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def send(self) -> bool:
        """True while silence goes out, a frame each 20 ms."""
        return self._ticking is not None

    @send.setter
    def send(self, wanted: bool) -> None:
        if wanted and self._ticking is None:
            self._next_frame = self._loop.time()
            self._tick()
        elif not wanted and self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None

    async def heard(self, packets: int, within: float = 2.0) -> None:
        """Wait until at least so many packets came since the call began; raises NotSeenError."""
        await self._changes.until(
            lambda: self.received >= packets, within=within, what=f"{packets} RTP packets"
        )

    async def sounds(self, like: Callable[[list[bytes]], bool], within: float, what: str) -> None:
        """Wait until the last tenth of a second sounds like that; raises NotSeenError."""
        await self._changes.until(
            lambda: len(self.frames) >= TENTH and like(list(self.frames)[-TENTH:]), within=within, what=what
        )

    def close(self) -> None:
        """Stop sending and give the port back."""
        self.send = False
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _tick(self) -> None:
        if self.peer is not None:
            frame = struct.pack(
                "!BBHII",
                0x80,
                self.payload,
                self.sent & 0xFFFF,
                self.sent * FRAME_SAMPLES,
                id(self) & 0xFFFFFFFF,
            )
            with contextlib.suppress(OSError):  # the peer's port may be closed already
                self._socket.sendto(frame + SILENCE[self.payload], self.peer)
            self.sent += 1
        self._next_frame += FRAME_S
        self._ticking = self._loop.call_at(self._next_frame, self._tick)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionRefusedError):
            while True:
                datagram = self._socket.recv(LONGEST)
                if len(datagram) >= HEADER and datagram[0] >> 6 == 2:
                    self.received += 1
                    self.frames.append(datagram[HEADER:])
                    self._changes.announce()
