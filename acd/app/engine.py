"""The engine: one event at a time through the router, its facts to the journal, then its commands to the world."""

from collections import deque
from collections.abc import Callable
from time import perf_counter_ns

import structlog

from acd.app.clock import EngineClock
from acd.app.journal import Journal
from acd.core.commands import Command
from acd.core.events import Event, TimerFired
from acd.core.facts import Fact
from acd.core.floor import Output
from acd.core.memory import Memory
from acd.core.router import Router
from acd.core.timers import Timer

log = structlog.get_logger("acd.engine")


class Engine:
    """Owns the router. Everything that happens enters by `handle`, from the event loop's thread only."""

    def __init__(self, router: Router, memory: Memory, journal: Journal, clock: EngineClock) -> None:
        """`memory` is what the router was recalled from; it goes on being folded, for the next snapshot."""
        self.router = router
        self.memory = memory
        self.journal = journal
        self.clock = clock
        self.handled = 0
        """Events so far: the watchdog's proof of progress."""
        self.carry_out: Callable[[Command], None] = _nobody
        self.took: Callable[[int], None] = _not_timed
        """Is told how many nanoseconds the router took for an event."""
        self._watchers: list[Callable[[Fact], None]] = []
        self._inbox: deque[Event] = deque()
        self._busy = False

    def watch(self, watcher: Callable[[Fact], None]) -> None:
        """Tell every fact from here on to `watcher`, in order."""
        self._watchers.append(watcher)

    def handle(self, event: Event) -> None:
        """Let the event have its effects. Called from within an effect, it waits its turn."""
        self._inbox.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._inbox:
                self._step(self._inbox.popleft())
        finally:
            self._busy = False

    def fire(self, timer: Timer) -> None:
        """A timer is due."""
        self.handle(TimerFired(at=self.clock.now(), timer=timer))

    def tell(self, fact: Fact) -> None:
        """State a fact that is not the router's: the daemon's own life, a trunk's peak."""
        self.follow(Output([], [fact]))

    def follow(self, output: Output) -> None:
        """Journal first, then the watchers, then the world."""
        self.journal.append(output.facts)
        for fact in output.facts:
            self.memory.apply(fact)
            for watcher in self._watchers:
                watcher(fact)
        for command in output.commands:
            try:
                self.carry_out(command)
            except Exception:
                # One call's trouble must not keep the commands of the others from being carried out.
                log.exception("command_failed", command=type(command).__name__)

    def _step(self, event: Event) -> None:
        self.handled += 1
        began = perf_counter_ns()
        try:
            output = self.router.handle(event)
        except Exception:
            log.exception("event_failed", event_type=type(event).__name__)
            return
        self.took(perf_counter_ns() - began)
        self.follow(output)


def _nobody(_command: Command) -> None:
    """Commands before anybody listens go nowhere; there are none."""


def _not_timed(_nanoseconds: int) -> None:
    """Nobody asked for it."""
