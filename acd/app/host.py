"""The host, measured each second: the loop's lag, processor, open files and AGI connections."""

import asyncio
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol

from acd.app.engine import Engine
from acd.core.facts import HostStrained
from config.host import Host as Settings
from hardware.host import CPU, LOAD, LOOP_LAG, OPEN_FILES, SESSIONS, Host, Limits, Measure, Strain
from hardware.trouble import Trouble

LOOKS: Final = 10
"""Times a second that the loop's lag is looked at."""
FILES: Final = Path("/proc/self/fd")


class Source(Protocol):
    """Where measures come from; a test brings its own."""

    async def measure(self) -> Measure:
        """The host over about the next second."""


def limits(settings: Settings) -> Limits:
    """The configured limits; those of 0 are none."""
    most = {
        LOOP_LAG: float(settings.loop_lag),
        CPU: float(settings.cpu),
        LOAD: float(settings.load),
        OPEN_FILES: float(settings.open_files),
        SESSIONS: float(settings.sessions),
    }
    return Limits(
        most={name: value for name, value in most.items() if value},
        begin=settings.begin_after,
        end=settings.end_after,
    )


class HostWatch:
    """Tells when limits are reached and left, and whether new calls are let in."""

    def __init__(self, engine: Engine, source: Source, settings: Settings) -> None:
        """Nothing is measured until `run`."""
        self.host = Host(limits(settings))
        self._engine = engine
        self._source = source

    @property
    def overloaded(self) -> bool:
        """Whether a new call would be one too many."""
        return bool(self.host.strained)

    def recall(self, trouble: Trouble) -> None:
        """A strain that was on when the daemon ended is over: this process is another, and measures anew."""
        for limit, most in list(trouble.strained.items()):
            self._tell([Strain(limit, 0.0, most, strained=False)])

    def configure(self, settings: Settings) -> None:
        """Take other limits."""
        self._tell(self.host.configure(limits(settings)))

    async def run(self) -> None:
        """Measure for as long as the daemon lives."""
        while True:
            self._tell(self.host.take(await self._source.measure()))

    def _tell(self, strains: list[Strain]) -> None:
        for strain in strains:
            self._engine.tell(
                HostStrained(
                    at=self._engine.clock.now(),
                    generation=self._engine.router.floor.rules.generation,
                    limit=strain.limit,
                    value=round(strain.value, 1),
                    most=strain.most,
                    strained=strain.strained,
                )
            )


class ThisHost:
    """The process and machine we run on."""

    def __init__(self, sessions: Callable[[], int], most_sessions: int) -> None:
        """`sessions` counts the callers' AGI connections that are open."""
        self._sessions = sessions
        self._most_sessions = most_sessions

    async def measure(self) -> Measure:
        """Look for a second."""
        began, used = time.monotonic(), time.process_time()
        lag = 0.0
        for _ in range(LOOKS):
            due = time.monotonic() + 1 / LOOKS
            await asyncio.sleep(1 / LOOKS)
            lag = max(lag, time.monotonic() - due)
        spent = (time.process_time() - used) / (time.monotonic() - began)
        return Measure(
            loop_lag=lag * 1000,
            cpu=spent * 100,
            load=os.getloadavg()[0] / (os.cpu_count() or 1) * 100,
            # A directory of ten thousand entries is read in milliseconds that routing need not wait.
            open_files=await asyncio.to_thread(open_files),
            sessions=self._sessions() / self._most_sessions * 100,
        )


def open_files() -> float:
    """Per cent of the files this process may have open; 0 where the system does not tell."""
    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most in {0, resource.RLIM_INFINITY} or not FILES.is_dir():
        return 0.0
    return sum(1 for _ in FILES.iterdir()) / most * 100
