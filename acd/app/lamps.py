"""Lamps on phones: `Custom:` device states kept in line with the floor, so that a BLF key shows it.

| device | lit (INUSE) | blinking (RINGING) | dark (NOT_INUSE) |
|---|---|---|---|
| `Custom:acd-agent-NAME` | talking, in wrap-up (BUSY), on hold (ONHOLD) | being rung | ready; UNAVAILABLE when not at work |
| `Custom:acd-pause-NAME` | paused | paused for too long | not paused |
| `Custom:acd-missed-NAME` | | held back after a missed call | otherwise |
| `Custom:acd-help-NAME` | | wants a supervisor | otherwise |
| `Custom:acd-queue-NAME` | somebody of it talks | callers wait | nobody waits |
| `Custom:acd-closed-NAME` | the queue is closed, by its hours or by hand | | it is open |
| `Custom:acd-free-NAME` | an agent of the queue is free | | nobody is |

Facts tell which lamps may have changed; what they show is read off the floor a moment later, so that a burst costs one
action a lamp. After a reconnect, and so after a restart of Asterisk, all are set anew.
"""

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import structlog

from acd.core.agents import Agent
from acd.core.facts import BackedOff, Fact, LinkSynced, RulesApplied
from acd.core.ids import AgentName, QueueName, SwitchName
from acd.core.states import AgentState
from telephony.ami.errors import AmiError

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.lamps")
DELAY_S: Final = 0.1
"""How late a lamp may be: as long as a person takes for a glance, and many changes make one."""
SLICE: Final = 200
"""Lamps set in one go; a center of 10,000 agents takes some seconds after a reconnect."""

Lamp = tuple[SwitchName, str]
SHOWN: Final = {
    AgentState.READY: "NOT_INUSE",
    AgentState.OFFERED: "RINGING",
    AgentState.TALKING: "INUSE",
    AgentState.DIRECT_CALL: "INUSE",
    AgentState.ON_HOLD: "ONHOLD",
    AgentState.WRAP_UP: "BUSY",
    AgentState.PAUSED: "BUSY",
    AgentState.OFFLINE: "UNAVAILABLE",
    AgentState.UNREACHABLE: "UNAVAILABLE",
}


class Lamps:
    """What every lamp was set to last, and which may have to change."""

    def __init__(self, daemon: "Daemon") -> None:
        """Dark until the first switch is in sync."""
        self._daemon = daemon
        self._set: dict[Lamp, str] = {}
        self._agents: set[AgentName] = set()
        self._queues: set[QueueName] = set()
        self._shown: set[QueueName] = set()
        """Queues with lamps: those of one that is removed go out."""
        self._timer: asyncio.TimerHandle | None = None
        daemon.engine.watch(self._see)

    def _see(self, fact: Fact) -> None:
        if not self._daemon.settings.features.lamps:
            return
        if isinstance(fact, LinkSynced):
            self._set = {lamp: shown for lamp, shown in self._set.items() if lamp[0] != fact.switch}
            self._all()
            self._held_back()
        elif isinstance(fact, RulesApplied):
            self._all()
        else:
            agent, queue = getattr(fact, "agent", None), getattr(fact, "queue", None)
            if agent is None and queue is None:
                return
            if agent is not None:
                self._agents.add(agent)
            if queue is not None:
                self._queues.add(queue)
            if isinstance(fact, BackedOff):
                self._look_again(fact.agent, fact.until)
        self._soon(DELAY_S)

    def _all(self) -> None:
        floor = self._daemon.engine.router.floor
        self._agents.update(floor.agents)
        self._queues.update(floor.rules.queues, self._shown)

    def _held_back(self) -> None:
        """Back-offs from before a restart end as well."""
        now = self._daemon.clock.now()
        for agent in self._daemon.engine.router.floor.agents.values():
            if agent.backed_off_until > now:
                self._look_again(agent.name, agent.backed_off_until)

    def _look_again(self, agent: AgentName, at: int) -> None:
        """The end of a back-off is no fact."""
        in_s = (at - self._daemon.clock.now()) / 1e9 + DELAY_S

        def over() -> None:
            self._agents.add(agent)
            self._soon(0)

        asyncio.get_running_loop().call_later(max(0.0, in_s), over)

    def _soon(self, in_s: float) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(in_s, self._flush)

    def stop(self) -> None:
        """Change nothing more: lamps stay as they are until the daemon is back."""
        if self._timer is not None:
            self._timer.cancel()

    # ------------------------------------------------------------ what is to be seen

    def _flush(self) -> None:
        self._timer = None
        floor, room = self._daemon.engine.router.floor, SLICE
        while self._agents and room > 0:
            agent = floor.agents.get(self._agents.pop())
            if agent is not None:
                room -= self._show(agent.rule.switch, dict(self._of_agent(agent)))
                self._queues.update(agent.rule.queues)
        while self._queues and room > 0:
            queue = self._queues.pop()
            known = queue in floor.rules.queues
            if known or queue in self._shown:
                shown = dict(self._of_queue(queue) if known else _dark(queue))
                (self._shown.add if known else self._shown.discard)(queue)
                room -= sum(self._show(switch, shown) for switch in self._daemon.exchange.boards)
        if self._agents or self._queues:
            self._soon(DELAY_S)

    def _of_agent(self, agent: Agent) -> Iterator[tuple[str, str]]:
        paused = "NOT_INUSE" if agent.paused is None else "RINGING" if agent.overrun else "INUSE"
        held_back = agent.backed_off_until > self._daemon.clock.now() and agent.last_miss is not None
        yield f"acd-agent-{agent.name}", SHOWN[agent.state]
        yield f"acd-pause-{agent.name}", paused
        yield f"acd-missed-{agent.name}", "RINGING" if held_back else "NOT_INUSE"
        yield f"acd-help-{agent.name}", "RINGING" if agent.wants_help else "NOT_INUSE"

    def _of_queue(self, queue: QueueName) -> Iterator[tuple[str, str]]:
        floor = self._daemon.engine.router.floor
        free = floor.staff.serving(queue) & floor.ready.mask
        talks = floor.staff.staffed(queue, TALKING)
        waits = floor.in_queue[queue] > 0
        yield f"acd-queue-{queue}", "RINGING" if waits else "INUSE" if talks else "NOT_INUSE"
        yield f"acd-free-{queue}", "INUSE" if free else "NOT_INUSE"
        yield f"acd-closed-{queue}", "INUSE" if queue in floor.doors else "NOT_INUSE"

    def _show(self, switch: SwitchName, shown: dict[str, str]) -> int:
        """Set what is not set yet; how many were."""
        link = self._daemon.exchange.links.get(switch)
        if link is None or not link.up or switch in self._daemon.engine.router.floor.lost_switches:
            return 0  # all are set anew once it is in sync
        changed = 0
        for name, state in shown.items():
            if self._set.get((switch, name)) == state:
                continue
            try:
                link.send("Setvar", {"Variable": f"DEVICE_STATE(Custom:{name})", "Value": state})
            except AmiError as wrong:
                log.warning("lamp_not_set", lamp=name, error=str(wrong))
                return changed
            self._set[switch, name] = state
            changed += 1
        return changed


def _dark(queue: QueueName) -> Iterator[tuple[str, str]]:
    yield f"acd-queue-{queue}", "NOT_INUSE"
    yield f"acd-free-{queue}", "NOT_INUSE"
    yield f"acd-closed-{queue}", "NOT_INUSE"


TALKING: Final = frozenset({AgentState.TALKING, AgentState.ON_HOLD})
