"""All outlets of one daemon: made from the configuration at the start, stopped at the end."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from acd.app.outlets.outlet import Outlet
from acd.app.outlets.queue_log_file import QueueLogFile
from config.schema import Settings, members
from kpi.queue_log import Roster

if TYPE_CHECKING:
    from acd.app.daemon import Daemon


class Outlets:
    """`start` once the daemon listens, `configure` with each new configuration, `stop`."""

    def __init__(self, daemon: "Daemon") -> None:
        """Nothing runs yet."""
        self._daemon = daemon
        self._roster = Roster()
        settings, state = daemon.settings, Path(daemon.settings.daemon.state_dir)
        journal = daemon.journal.directory
        self.queue_log: QueueLogFile | None = None
        if settings.queue_log.file:
            self.queue_log = QueueLogFile(
                Path(settings.queue_log.file), journal, state / "queue_log.json", lambda: self._roster
            )
        self._begun = daemon.clock.now()
        """Before anything is told."""
        self._at_work = {
            name: agent.seat or agent.phone for name, agent in daemon.memory.agents.items() if agent.logged_in
        }

    @property
    def running(self) -> list[Outlet]:
        """The threads."""
        return [outlet for outlet in (self.queue_log,) if outlet is not None]

    def configure(self, settings: Settings) -> None:
        """From here on agents serve these queues."""
        queues: dict[str, list[str]] = {}
        for queue, agents in members(settings).items():
            for agent in agents:
                queues.setdefault(agent, []).append(queue)
        self._roster = Roster(
            queues={agent: tuple(sorted(served)) for agent, served in queues.items()},
            phones=settings.queue_log.agents == "phone",
        )

    async def start(self) -> None:
        """Begin where the last daemon ended."""
        if self.queue_log is not None:
            self.queue_log.begin(self._at_work, self._begun)
        for outlet in self.running:
            outlet.start()

    async def stop(self) -> None:
        """Let each do what is there to be done, for some seconds at most."""
        await asyncio.gather(*(asyncio.to_thread(outlet.stop) for outlet in self.running))
