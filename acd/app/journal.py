"""The append-only log of facts: what makes `kill -9` and a restart exact.

`append` writes before the step's commands are dispatched, into the page cache: a killed process loses nothing that was
decided. A power cut may lose up to `fsync_every` (a second by default), because a thread syncs that often.
"""

import os
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog

from acd.app.segments import cut_torn_tail, number_of, read_segment, segments, snapshots
from acd.core.facts import AnyFact, Fact

log = structlog.get_logger("acd.journal")
UNSAVED_LIMIT = 100_000
"""Lines kept in memory while the disk refuses them, about 30 MB; beyond it they are counted as lost."""
KEEP_SNAPSHOTS = 2

Saved = TypeVar("Saved")


class Journal:
    """One directory, one writer."""

    def __init__(self, directory: Path, segment_bytes: int = 67_108_864) -> None:
        """Open the directory, made if need be; `start` goes to the end of what is there."""
        self.directory = directory
        self.next = 0
        """The number of the next fact."""
        self.lost = 0
        self.failing = ""
        """The error the disk last gave, empty when it takes writes."""
        self._segment_bytes = segment_bytes
        self._encoder = msgspec.json.Encoder()
        self._file = -1
        self._size = 0
        self._unsaved: deque[bytes] = deque()
        directory.mkdir(mode=0o750, parents=True, exist_ok=True)

    # ------------------------------------------------------------ reading

    def load(self, kind: type[Saved], new: Callable[[], Saved]) -> tuple[Saved, list[AnyFact]]:
        """The newest readable snapshot of `kind` and the facts after it; then new facts are appended there.

        Raises JournalError for a damaged segment.
        """
        files = segments(self.directory)
        if files:
            cut = cut_torn_tail(files[-1])
            if cut:
                log.warning("journal_tail_cut", file=str(files[-1]), bytes=cut)
        saved, since = self._snapshot(kind, new)
        facts: list[AnyFact] = []
        self.next = since
        for index, path in enumerate(files):
            last = index == len(files) - 1
            if not last and number_of(files[index + 1]) <= since:
                continue
            for number, fact in read_segment(path, last=last, since=since):
                facts.append(fact)
                self.next = number + 1
        written = number_of(files[-1]) + files[-1].read_bytes().count(b"\n") if files else 0
        # Facts that a full disk never took, but a snapshot knows: a segment's numbers must go on without a gap.
        self._open(files[-1] if files and written == self.next else self._segment(self.next))
        return saved, facts

    def _snapshot(self, kind: type[Saved], new: Callable[[], Saved]) -> tuple[Saved, int]:
        for path in snapshots(self.directory):
            try:
                return msgspec.json.decode(path.read_bytes(), type=kind), number_of(path)
            except (msgspec.DecodeError, OSError) as wrong:
                log.warning("snapshot_unreadable", file=str(path), error=str(wrong))
        return new(), 0

    # ------------------------------------------------------------ writing

    def append(self, facts: Sequence[Fact]) -> None:
        """Write a step's facts as one write. Never raises: routing goes on when the disk does not."""
        if not facts:
            return
        data = b"".join([self._encoder.encode(fact) + b"\n" for fact in facts])
        self.next += len(facts)
        if self._unsaved:
            self._unsaved.append(data)
            self._drain()
        elif not self._write(data):
            self._unsaved.append(data)
        while len(self._unsaved) > UNSAVED_LIMIT:
            self.lost += self._unsaved.popleft().count(b"\n")
        if self._size >= self._segment_bytes and not self._unsaved:
            self._open(self._segment(self.next))

    def _drain(self) -> None:
        while self._unsaved and self._write(self._unsaved[0]):
            self._unsaved.popleft()

    def _write(self, data: bytes) -> bool:
        """One write; a part of a line is taken back, so that what follows stands on a line of its own."""
        try:
            written = os.write(self._file, data)
            if written != len(data):
                os.ftruncate(self._file, self._size)
        except OSError as wrong:
            self._failed(str(wrong))
            return False
        if written != len(data):
            self._failed(f"{written} of {len(data)} bytes written")
            return False
        self.failing = ""
        self._size += len(data)
        return True

    def _failed(self, why: str) -> None:
        if not self.failing:
            log.error("journal_write_failed", error=why, directory=str(self.directory))
        self.failing = why

    def sync(self) -> None:
        """Bring what was written to the disk; called from a thread."""
        if self._file >= 0:
            os.fsync(self._file)

    def save(self, state: Any) -> Path:  # noqa: ANN401 - any msgspec type
        """Write a snapshot of what all facts so far add up to, whole or not at all; older ones go."""
        path = self.directory / f"snapshot-{self.next}.json"
        half = path.with_suffix(".half")
        half.write_bytes(self._encoder.encode(state))
        half.rename(path)
        for old in snapshots(self.directory)[KEEP_SNAPSHOTS:]:
            old.unlink()
        return path

    def close(self) -> None:
        """Sync and close."""
        if self._file >= 0:
            self._drain()
            self.sync()
            os.close(self._file)
            self._file = -1

    def _segment(self, number: int) -> Path:
        return self.directory / f"facts-{number}.jsonl"

    def _open(self, path: Path) -> None:
        fresh = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
        if self._file >= 0:
            os.close(self._file)
        self._file = fresh
        self._size = os.fstat(fresh).st_size
