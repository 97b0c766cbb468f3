"""Reloading: read, compare, say what it would do, apply, and take back what nobody confirmed."""

import asyncio
from collections.abc import Generator
from typing import TYPE_CHECKING

import msgspec
import structlog

from acd.app import rulebook
from acd.core import facts as f
from acd.core.impact import Impact, survey
from acd.core.rules import Rules
from acd.web.control import ControlError
from acd.web.views import ReloadResult
from config.diff import Diff, diff
from config.loading import Loaded
from config.schema import Settings

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.reloads")


class Pending(msgspec.Struct):
    """A change in force that is taken back unless somebody confirms it."""

    former: Settings
    tried: Settings
    generation: int
    until: float
    """On the loop's clock."""
    timer: asyncio.TimerHandle


class Reloads:
    """The one way new settings come into force after the start."""

    def __init__(self, daemon: "Daemon") -> None:
        """Sees when rules are in force by the facts."""
        self._daemon = daemon
        self.succeeded = True
        """The last reload was taken, or there was none."""
        self._waiting: dict[int, asyncio.Future[None]] = {}
        self._pending: Pending | None = None
        self._taken_back: Settings | None = None
        """Not applied again by the file watch until the files say something else."""
        daemon.engine.watch(self._see)

    def _see(self, fact: f.Fact) -> None:
        if isinstance(fact, f.RulesApplied):
            for generation in [known for known in self._waiting if known <= fact.generation]:
                self._waiting.pop(generation).set_result(None)

    # ------------------------------------------------------------ wishes

    async def reload(
        self, *, dry_run: bool = False, confirm_s: int | None = None, watched: bool = False
    ) -> ReloadResult:
        """Read all files; apply them whole or not at all. `watched`: because a file changed, not by a person's wish.

        Raises ControlError while an earlier change waits to be confirmed.
        """
        if self._pending is not None and not dry_run:
            if watched:
                log.warning("reload_waits", why="a change waits to be confirmed")
                return ReloadResult(ok=False, generation=self._daemon.generation)
            raise ControlError(
                409, "a change waits to be confirmed", "acd confirm keeps it, or wait until it is taken back"
            )
        loaded = await asyncio.to_thread(self._daemon.load_again)
        refused = self._refused(loaded)
        self.succeeded = self.succeeded if dry_run else refused is None
        if refused is not None or loaded.settings is None:
            return refused or ReloadResult(ok=False, generation=self._daemon.generation)
        if watched and loaded.settings == self._taken_back:
            log.info("reload_skipped", why="this change was taken back; edit it, or reload by hand")
            return ReloadResult(ok=False, generation=self._daemon.generation)
        found = diff(self._daemon.settings, loaded.settings)
        result = ReloadResult(
            ok=not found.needs_restart,
            generation=self._daemon.generation,
            changes=_lines(found),
            problems=tuple(map(str, loaded.problems)),
            needs_restart=tuple(found.needs_restart),
        )
        if found.needs_restart:
            self.succeeded = dry_run and self.succeeded
            log.warning("reload_needs_restart", keys=found.needs_restart)
        if dry_run:
            impact = await self._impact(loaded.settings)
            return msgspec.structs.replace(result, dry_run=True, impact=impact)
        return result if found.needs_restart else await self._apply(loaded.settings, result, confirm_s)

    async def by_signal(self) -> None:
        """SIGHUP: like `acd reload`, with nobody to answer to but the log."""
        try:
            await self.reload()
        except ControlError as refused:
            log.warning("reload_refused", problems=(refused.message,))

    async def confirm(self) -> ReloadResult:
        """Keep the change that waits to be confirmed. Raises ControlError when none does."""
        if self._pending is None:
            raise ControlError(409, "no change waits to be confirmed", "acd reload --confirm 5m makes one")
        pending, self._pending = self._pending, None
        pending.timer.cancel()
        log.info("reload_confirmed", generation=pending.generation)
        return ReloadResult(ok=True, generation=self._daemon.generation)

    # ------------------------------------------------------------ steps

    def _refused(self, loaded: Loaded) -> ReloadResult | None:
        if loaded.settings is not None:
            return None
        problems = tuple(map(str, loaded.problems))
        log.warning("reload_refused", problems=problems)
        return ReloadResult(ok=False, generation=self._daemon.generation, problems=problems)

    async def _apply(self, settings: Settings, result: ReloadResult, confirm_s: int | None) -> ReloadResult:
        daemon, former = self._daemon, self._daemon.settings
        self._taken_back = None
        if result.changes:
            await self._put_in_force(settings)
            if confirm_s is not None:
                self._expect_confirmation(former, settings, confirm_s)
        daemon.hours.wake()  # files of holidays may have changed alone
        log.info("reloaded", generation=daemon.generation, changes=len(result.changes), confirm_s=confirm_s)
        return msgspec.structs.replace(
            result, generation=daemon.generation, confirm_s=confirm_s if result.changes else None
        )

    async def _put_in_force(self, settings: Settings) -> None:
        """Until the router decides by them: a big floor takes them in slices."""
        daemon = self._daemon
        await daemon.hours.prepare(settings)
        known = set(daemon.engine.router.floor.agents)
        generation = daemon.generation + 1 + len(self._waiting)
        applied = self._waiting[generation] = asyncio.get_running_loop().create_future()
        daemon.apply(settings, generation)
        await applied
        daemon.log_in_at_start(known)
        daemon.hours.wake()  # queues that are in force only now

    def _expect_confirmation(self, former: Settings, tried: Settings, seconds: int) -> None:
        loop = asyncio.get_running_loop()
        timer = loop.call_later(seconds, self._take_back)
        self._pending = Pending(former, tried, self._daemon.generation, loop.time() + seconds, timer)

    def _take_back(self) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            self._taken_back = pending.tried
            log.warning("reload_taken_back", generation=pending.generation, why="nobody confirmed it in time")
            self._daemon.tasks.start("take back", self._put_in_force(pending.former))

    async def _impact(self, settings: Settings) -> Impact:
        """Look at the live floor by the rules that would be, some calls at a time."""
        rules: Rules = await asyncio.to_thread(rulebook.rules, settings, 0)
        looking = survey(self._daemon.engine.router.floor, rules)
        return await _in_turns(looking)


async def _in_turns(work: Generator[None, None, Impact]) -> Impact:
    """Run a generator to its end, letting the loop turn in between."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]  # a generator's return value
        await asyncio.sleep(0)


def _lines(found: Diff) -> tuple[str, ...]:
    return tuple(f"{change.kind.value} {change.path}" for change in found.changes)
