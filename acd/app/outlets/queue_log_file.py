"""The queue_log file: appended to, reopened after a rotation by renaming, each line once over any restart.

The place in the journal is kept each second, with the file's inode and size at that moment. After a `kill -9` lines behind
that size are made again from the journal, and those that stand there already are passed over.
"""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog

from acd.app.outlets.follower import Place, end_of, facts_of, prefixes, tag_of
from acd.app.outlets.outlet import Outlet, keep, kept
from acd.core.ids import AgentName, PhoneName
from kpi.queue_log import KINDS, QueueLog, Roster, State

log = structlog.get_logger("acd.outlets")
PREFIXES: Final = prefixes(tuple(tag_of(kind) for kind in KINDS))


class Saved(msgspec.Struct, kw_only=True, omit_defaults=True):
    """All that a restart needs."""

    place: Place
    state: State
    inode: int = 0
    size: int = 0


class QueueLogFile(Outlet):
    """Lines of facts, from the place kept in `path_of_place`; without one, from now on."""

    def __init__(self, file: Path, journal: Path, path_of_place: Path, roster: Callable[[], Roster]) -> None:
        """Nothing is opened before `start`."""
        saved = kept(path_of_place, Saved)
        self._fresh = saved is None
        saved = saved or Saved(place=end_of(journal), state=State())
        super().__init__("queue_log", journal, saved.place)
        self.path = file
        self.written = 0
        """Lines since the start."""
        self._where = path_of_place
        self._saved_as = saved
        self._log = QueueLog(saved.state, roster)
        self._file = -1
        self._next = 0
        self._pending = b""
        """Of facts before number `_next`, not in the file yet."""
        self._there: Counter[bytes] = Counter()
        """Lines that stand in the file already, behind the place that was kept."""

    def begin(self, agents: Mapping[AgentName, PhoneName], at: int) -> None:
        """Before `start`: a log that is new begins with who is at work."""
        if self._fresh:
            self._pending = "".join(self._log.start(agents, at)).encode()

    def prepare(self) -> None:
        """See what stands in the file already."""
        if not self._fresh:
            self._there = _behind(self.path, self._saved_as.inode, self._saved_as.size)
        self._write()

    def take(self, lines: list[tuple[int, bytes]]) -> None:
        """Append what the log has of these facts. Raises OSError; what was to be written is kept for the next try."""
        for number, fact in facts_of(lines, PREFIXES):
            if number >= self._next:
                made = (text.encode() for text in self._log.lines(fact))
                self._pending += b"".join(one for one in made if not self._stands(one))
                self._next = number + 1
        self._write()

    def save(self) -> None:
        """Keep the place with where the file ends; not while lines of facts before it are still to be written."""
        if self._file < 0 or self._pending:
            return
        now = os.fstat(self._file)
        keep(
            self._where,
            Saved(place=self.follower.place, state=self._log.state, inode=now.st_ino, size=now.st_size),
        )

    def _stands(self, line: bytes) -> bool:
        if not self._there[line]:
            return False
        self._there[line] -= 1
        return True

    def _write(self) -> None:
        """All that is pending or nothing, into the file that has the name now."""
        self._follow_rotation()
        if not self._pending:
            return
        size = os.fstat(self._file).st_size
        written = os.write(self._file, self._pending)
        if written != len(self._pending):
            os.ftruncate(self._file, size)
            raise OSError(f"{self.path}: {written} of {len(self._pending)} bytes written; is the disk full?")
        self.written += self._pending.count(b"\n")
        self._pending = b""

    def _follow_rotation(self) -> None:
        if self._file >= 0:
            try:
                there = self.path.stat()
            except FileNotFoundError:
                there = None
            ours = os.fstat(self._file)
            if there is not None and (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino):
                return
            os.close(self._file)
            self._file = -1
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)


def _behind(path: Path, inode: int, size: int) -> Counter[bytes]:
    """Whole lines behind `size` of the file with that inode, rotated or not; a torn last one is cut off."""
    if not inode or not path.parent.is_dir():
        return Counter()
    ours = [
        file for file in path.parent.glob(f"{path.name}*") if file.is_file() and file.stat().st_ino == inode
    ]
    if not ours:
        return Counter()
    with ours[0].open("rb+") as file:
        file.seek(size)
        data = file.read()
        whole = data.rfind(b"\n") + 1
        if whole < len(data):
            file.truncate(size + whole)
    return Counter(data[:whole].splitlines(keepends=True))
