"""The manager port: listens, and can be away for a while."""

import asyncio
from collections.abc import Callable

from telephony.simulated.ami_session import AmiSession


class AmiListener:
    """A listening socket on loopback. `port` is the real one once opened, also when 0 was asked for."""

    def __init__(self, make: Callable[[], AmiSession], port: int, group: asyncio.TaskGroup) -> None:
        self.port = port
        self._make = make
        self._group = group
        self._server: asyncio.Server | None = None
        self._away: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        server = await asyncio.get_running_loop().create_server(self._make, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._server = server

    def close(self) -> None:
        """Accept nobody any more, also not after a pause that has not ended."""
        if self._away is not None:
            self._away.cancel()
            self._away = None
        if self._server is not None:
            self._server.close()
            self._server = None

    def refuse(self, seconds: float) -> None:
        """Listen no more, and again after `seconds`."""
        self.close()
        self._away = self._group.create_task(self._reopen(seconds), name="ami-reopen")

    async def _reopen(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.open()
