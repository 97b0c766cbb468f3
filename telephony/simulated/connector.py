"""Opens the FastAGI connections. A task lives only while a connection is being made: an idle call has none."""

import asyncio
from collections.abc import Callable

from telephony.simulated.agi_session import AgiSession
from telephony.simulated.outlet import Weather


class TaskConnector:
    """Connects inside a task group that the PBX owns. `refusing` answers as a host where nobody listens."""

    def __init__(self, agi: tuple[str, int], group: asyncio.TaskGroup) -> None:
        self.weather = Weather()
        self.refusing = False
        self._agi = agi
        self._group = group

    def connect(self, session: AgiSession, failed: Callable[[], None]) -> "asyncio.Task[None]":
        """Connect in the background; call `failed` when nobody listens."""
        return self._group.create_task(self._connect(session, failed), name="agi-connect")

    async def _connect(self, session: AgiSession, failed: Callable[[], None]) -> None:
        host, port = self._agi
        try:
            if self.refusing:
                raise ConnectionRefusedError
            await asyncio.get_running_loop().create_connection(lambda: session, host, port)
        except OSError:
            failed()
