"""Retention: recordings older than their queue keeps them are deleted each day, or when somebody says so, unless held."""

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from acd.app import sound_files
from acd.app.recorded import Recorded
from acd.app.shelf import Shelf, runs
from acd.core.facts import RecordingDeleted
from acd.core.ids import CallId, QueueName
from acd.web.control import ControlError
from acd.web.library import Expired
from config.centre import Queue

if TYPE_CHECKING:
    from acd.app.daemon import Daemon

log = structlog.get_logger("acd.retention")
FIRST_SECONDS: Final = 60.0
"""After a start callers come first."""
HOUR_SECONDS: Final = 3_600.0
HOURS: Final = 24
NAMED: Final = 1_000
PROBLEMS: Final = 20


class Retention:
    """A file goes when all calls in it are over and each is too old for its queue."""

    def __init__(self, daemon: "Daemon", shelf: Shelf) -> None:
        """Deletes nothing yet."""
        self._daemon = daemon
        self._shelf = shelf

    async def run(self) -> None:
        """Read on each hour, so that a search has little left to read, and delete once a day; for a task."""
        await asyncio.sleep(FIRST_SECONDS)
        hour = 0
        while True:
            try:
                await (self._shelf.read_on() if hour % HOURS else self.expire("daily"))
                hour += 1
            except ControlError as wrong:
                log.warning("recordings_not_looked_after", why=wrong.message, hint=wrong.hint)
            await asyncio.sleep(HOUR_SECONDS)

    async def expire(self, by: str, *, dry_run: bool = False) -> Expired:
        """Raises ControlError when the index can't be read; a file that can't be deleted is a problem told in the answer."""
        done = _Tally(dry_run=dry_run)
        await self._shelf.read_on()
        async with self._shelf.one:
            # Again: somebody may have held one since.
            if not await self._shelf.ask(self._shelf.index.catch_up):
                raise ControlError(503, "the journal grows faster than it is read", "try again")
            for file in await self._shelf.ask(self._shelf.index.before, self._oldest_kept()):
                await self._look_at(file, done, by)
        if done.deleted and not dry_run:
            log.info("recordings_deleted", files=done.deleted, held=done.held, gone=done.gone)
        for problem in done.problems:
            log.warning("recording_not_deleted", why=problem)
        return done.result()

    def _oldest_kept(self) -> int:
        """Begun before then, a recording is too old for some queue; 0: all keep theirs."""
        queues = self._daemon.settings.queues.values()
        keeps = [queue.recording.keep.ns for queue in queues if queue.recording.keep is not None]
        return self._daemon.clock.now() - min(keeps) if keeps else 0

    def _old(self, found: Recorded) -> bool:
        """By the rule of its queue in force now; a queue that is no more keeps everything."""
        keep = self._daemon.settings.queues.get(found.queue, Queue()).recording.keep
        return keep is not None and found.started < self._daemon.clock.now() - keep.ns

    async def _look_at(self, file: list[Recorded], done: "_Tally", by: str) -> None:
        if runs(file) or not all(map(self._old, file)):
            return
        if any(each.held for each in file):
            done.held += 1
            return
        try:
            if await self._delete(file, by, dry_run=done.dry_run):
                done.took(file[0].file)
            else:
                done.gone += 1
        except (ControlError, OSError, sound_files.OutsideError) as wrong:
            done.problem(file[0].file, wrong)

    async def _delete(self, file: list[Recorded], by: str, *, dry_run: bool) -> bool:
        """False: it is not there. That is no fact: the folder may be another machine's and not mounted now."""
        folder, name = self._shelf.folder(file[0]), file[0].file
        if not await asyncio.to_thread(sound_files.there, folder, name):
            return False
        if not dry_run:
            self._shelf.writable()
            await asyncio.to_thread(sound_files.delete, folder, name)
            for each in file:
                self._shelf.tell(
                    RecordingDeleted(
                        **self._shelf.stamp,
                        call=CallId(each.call),
                        queue=QueueName(each.queue),
                        file=each.file,
                        by=by,
                    )
                )
        return True


class _Tally:
    """What a run has done so far."""

    def __init__(self, *, dry_run: bool) -> None:
        self.dry_run = dry_run
        self.files: list[str] = []
        self.problems: list[str] = []
        self.deleted = self.held = self.gone = 0

    def took(self, file: str) -> None:
        self.deleted += 1
        if len(self.files) < NAMED:
            self.files.append(file)

    def problem(self, file: str, wrong: Exception) -> None:
        """Told once, where it is the same for all."""
        if isinstance(wrong, ControlError):
            text = f"{wrong.message} ({wrong.hint})" if wrong.hint else wrong.message
        elif isinstance(wrong, PermissionError):
            text = f"{file}: {wrong.strerror}; let the daemon's user write there (systemd/README.md)"
        else:
            text = f"{file}: {wrong}"
        if text not in self.problems and len(self.problems) < PROBLEMS:
            self.problems.append(text)

    def result(self) -> Expired:
        """For the API."""
        return Expired(
            dry_run=self.dry_run,
            files=tuple(self.files),
            deleted=self.deleted,
            held=self.held,
            gone=self.gone,
            problems=tuple(self.problems),
        )
