"""Who is compared, and under which load: one Asterisk, one set of phones and callers, two ways to the agent."""

import contextlib
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from tests.centre.centre import Centre, Who
from tests.pbx.settings import Agent, Settings

PHONES: Final = tuple(str(1001 + number) for number in range(20))
TICKS: Final = os.sysconf("SC_CLK_TCK")


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """Callers of one run: how many, how many a second, how long an agent talks. All are served."""

    name: str
    calls: int
    rate: float
    talk_ms: int
    ring_ms: int = 50
    within: float
    """Seconds after which the run has failed."""


FREE: Final = Load(name="agents free", calls=120, rate=10.0, talk_ms=500, within=40.0)
"""About five of the twenty agents are busy at a time."""
BUSY: Final = Load(name="callers waiting", calls=240, rate=15.0, talk_ms=2_000, within=75.0)
"""More than twenty agents can take, so that callers wait from the second second on."""

APP_QUEUE: Final = f"""\
[general]
persistentmembers=no
autofill=yes

[bench]
strategy=leastrecent
autofill=yes
retry=1
timeout=15
ringinuse=no
wrapuptime=0
joinempty=yes
leavewhenempty=no
announce-frequency=0
announce-position=no
musicclass=default
{"".join(f"member => PJSIP/{phone}{chr(10)}" for phone in PHONES)}"""
"""app_queue at its best; `leastrecent` is what our longest idle is."""

DIALPLAN: Final = """\
exten => app_queue,1,Answer(,i)
 same => n,Queue(bench)
 same => n,Hangup()
"""

QUEUES: Final[Mapping[str, Mapping[str, Any]]] = {
    "acd": {"strategy": "longest_idle", "wrap_up": "0s", "ring_timeout": "15s"}
}
AGENTS: Final = {f"a{phone}": Who(phone=phone, queues=("acd",)) for phone in PHONES}


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """Processor seconds so far."""

    asterisk: float
    daemon: float = 0.0


class Arm:
    """One way to the agent: what callers dial, and what runs meanwhile."""

    name = "app_queue"

    def __init__(self, centre: Centre, asterisk: int) -> None:
        self.centre = centre
        self.asterisk = asterisk

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Nothing to start: the queue is in Asterisk. The daemon is down, so that its AMI events cost nothing here."""
        yield

    def spent(self) -> Spent:
        """Processor time so far."""
        return Spent(asterisk=cpu_s(self.asterisk))


class AcdArm(Arm):
    """Our daemon: a process beside Asterisk, started for its rounds."""

    name = "acd"

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """The daemon in sync."""
        await self.centre.start_daemon()
        try:
            yield
        finally:
            await self.centre.stop_daemon()

    def spent(self) -> Spent:
        """Processor time so far, the daemon's as well."""
        return Spent(asterisk=cpu_s(self.asterisk), daemon=cpu_s(self.centre.daemon_pid))


def settings(agi: int, phones: int) -> Settings:
    """The Asterisk of the bench: no console log, phones at one UDP port, the same records for both arms."""
    return Settings(
        agents=tuple(Agent(name=phone, contact=f"127.0.0.1:{phones}") for phone in PHONES),
        agi=f"127.0.0.1:{agi}",
        dialplan=DIALPLAN,
        queues=APP_QUEUE,
        verbose=0,
    )


def cpu_s(pid: int) -> float:
    """Processor seconds of a process, its threads that have ended included (proc_pid_stat(5), fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS
