"""All outlets of one daemon: made from the configuration at the start, stopped at the end."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from acd import version
from acd.app.outlets.follower import end_of
from acd.app.outlets.metrics_door import Counting, Door, Saved
from acd.app.outlets.outlet import Outlet
from acd.app.outlets.queue_log_file import QueueLogFile
from acd.app.outlets.timing import Timing
from acd.app.outlets.webhook import Webhook
from acd.app.segments import segments
from acd.core.states import AgentState, CallState
from config.schema import Settings, members
from kpi.metrics import State, Waiting, label_text
from kpi.openmetrics import Moment
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

        self.webhooks = [
            Webhook(
                hook, settings.daemon.node, journal, state / f"webhook-{hook.name}.json", daemon.clock.now
            )
            for hook in settings.webhooks
        ]
        self.metrics: Counting | None = None
        self._door: Door | None = None
        self._timing = Timing()
        if settings.metrics.listen:
            self.metrics = Counting(journal, state / "metrics.json", self._counts_to_begin_with)
            daemon.engine.took = self._timing.add

    @property
    def running(self) -> list[Outlet]:
        """The threads."""
        return [outlet for outlet in (self.queue_log, self.metrics, *self.webhooks) if outlet is not None]

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
        """Begin where the last daemon ended. Raises OSError when the page for Prometheus has no place."""
        if self.metrics is not None:
            self._door = Door(self._daemon.settings.metrics.listen, self._page)
            self._door.start()
        if self.queue_log is not None:
            self.queue_log.begin(self._at_work, self._begun)
        for outlet in self.running:
            outlet.start()

    async def stop(self) -> None:
        """Let each do what is there to be done, for some seconds at most."""
        if self._door is not None:
            await asyncio.to_thread(self._door.stop)
        await asyncio.gather(*(asyncio.to_thread(outlet.stop) for outlet in self.running))

    # ------------------------------------------------------------ metrics

    def _counts_to_begin_with(self) -> Saved:
        """Nothing was counted yet, but calls wait and agents are at work."""
        memory = self._daemon.memory
        waiting = (CallState.WAITING, CallState.OFFERED)
        state = State(
            agents={
                name: agent.state
                for name, agent in memory.agents.items()
                if agent.state is not AgentState.OFFLINE
            },
            waiting={
                call.id: Waiting(call.queue, call.joined)
                for call in memory.calls.values()
                if call.state in waiting
            },
        )
        return Saved(place=end_of(self._daemon.journal.directory), state=state)

    def _page(self, classic: bool) -> bytes:
        """What Prometheus reads; in a thread of its own, so only what may be read from there."""
        return b"" if self.metrics is None else self.metrics.page(self._moment(), classic=classic)

    def _moment(self) -> Moment:
        settings = self._daemon.settings
        targets = {int(queue.target) for queue in settings.queues.values()}
        return Moment(
            now=self._daemon.clock.now(),
            queues=tuple(settings.queues),
            members=self._roster.queues,
            thresholds_ms=tuple({int(settings.kpi.service_level_threshold), *targets} - {0}),
            numbers=self._numbers(),
            decisions=self._timing.cumulative(),
            decisions_s=self._timing.seconds,
        )

    def _numbers(self) -> dict[str, dict[str, float]]:
        journal = self._daemon.journal
        size = sum(path.stat().st_size for path in segments(journal.directory))
        outlets = [(label_text({"outlet": outlet.name}), outlet) for outlet in self.running]
        return {
            "acd_build": {label_text({"version": version()}): 1},
            "acd_config_last_reload_success": {"": int(self._daemon.reloads.succeeded)},
            "acd_facts": {"": journal.next},
            "acd_facts_lost": {"": journal.lost},
            "acd_event_log_bytes": {"": size},
            "acd_event_log_failing": {"": int(bool(journal.failing))},
            "acd_outlet_failing": {label: int(bool(outlet.failing)) for label, outlet in outlets},
            "acd_outlet_behind_facts": {
                label: max(0, journal.next - outlet.follower.place.number) for label, outlet in outlets
            },
            "acd_outlet_lost_facts": {label: outlet.lost for label, outlet in outlets},
            "acd_webhook_deliveries": {
                label_text({"hook": hook.name.removeprefix("webhook "), "result": result}): count
                for hook in self.webhooks
                for result, count in (("delivered", hook.delivered), ("refused", hook.refused))
            },
        }
