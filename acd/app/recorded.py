"""The index of recordings: a SQLite file folded from the journal, which stays the truth; deleted, it is made anew.

A search reads on where the last one ended, so it costs what has happened since. What is read at a time is bounded, and
told when more is left. Everything here blocks and belongs into a thread, one at a time.
"""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from acd.app.recorded_facts import KINDS, STEPS
from acd.app.segments import number_of, segments

CHUNK: Final = 262_144
"""Bytes decoded before the routing loop gets its turn: some milliseconds."""
MOST_BYTES: Final = 1_073_741_824
"""Of the journal, read for one search."""
TABLES: Final = """
CREATE TABLE IF NOT EXISTS calls (
  call TEXT PRIMARY KEY, queue TEXT NOT NULL, switch TEXT NOT NULL DEFAULT '', caller TEXT NOT NULL DEFAULT '',
  answered INTEGER, ended INTEGER,
  held INTEGER NOT NULL DEFAULT 0, held_by TEXT NOT NULL DEFAULT '', held_reason TEXT NOT NULL DEFAULT '') WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS heard (call TEXT, agent TEXT, at INTEGER, PRIMARY KEY (call, agent)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files (
  call TEXT, file TEXT, why TEXT NOT NULL, started INTEGER NOT NULL, stopped INTEGER, silenced TEXT NOT NULL DEFAULT '[]',
  PRIMARY KEY (call, file)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_start ON files (started);
CREATE INDEX IF NOT EXISTS by_file ON files (file);
CREATE INDEX IF NOT EXISTS by_agent ON heard (agent);
CREATE VIEW IF NOT EXISTS recordings AS SELECT * FROM files JOIN calls USING (call);
CREATE TABLE IF NOT EXISTS place (segment INTEGER NOT NULL, offset INTEGER NOT NULL);
"""
_IN_FILE: Final = "other.file = recordings.file AND other.switch = recordings.switch"
_HEARD: Final = f"SELECT agent FROM recordings AS other JOIN heard USING (call) WHERE {_IN_FILE}"  # noqa: S608 - words of ours
_NOBODY_ELSE: Final = f"NOT EXISTS ({_HEARD} AND agent NOT IN (SELECT value FROM json_each(?)))"  # noqa: S608 - as above


class Recorded(msgspec.Struct, frozen=True, kw_only=True):
    """What is of one call in one file. A caller who is transferred is heard as several calls in one file.

    A call has a second file when its caller was exchanged by an attended transfer. Moments in nanoseconds.
    """

    call: str
    queue: str
    switch: str
    caller: str
    answered: int | None
    ended: int | None
    file: str
    why: str
    started: int
    stopped: int | None
    silenced: tuple[tuple[int, int | None], ...]
    held: bool
    held_by: str
    held_reason: str
    agents: tuple[str, ...] = ()


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What a search asks for; empty parts ask for nothing."""

    queue: str = ""
    agent: str = ""
    caller: str = ""
    """The last digits, or the whole number."""
    since: int | None = None
    until: int | None = None
    limit: int = 100
    only: tuple[str, ...] | None = None
    """Agents; a recording in which any other is heard is left out. None: all."""


class Index:
    """One file beside one journal."""

    def __init__(self, path: Path, journal: Path) -> None:
        """Neither needs to exist yet."""
        self._path = path
        self._journal = journal

    # ------------------------------------------------------------ reading the journal

    def catch_up(self, most: int = MOST_BYTES) -> bool:
        """Read what is new in the journal, at most so many bytes; whether that was all."""
        with self._open() as base:
            left = most
            for segment, offset in self._unread(base):
                left -= self._read(base, segment, offset, left)
                if left <= 0:
                    return False
        return True

    def _unread(self, base: sqlite3.Connection) -> list[tuple[Path, int]]:
        """The segments from the place on; another journal than the one read so far is begun from its start."""
        row = base.execute("SELECT segment, offset FROM place").fetchone()
        last, offset = row if row is not None else (-1, 0)
        files = segments(self._journal)
        sizes = {number_of(path): path.stat().st_size for path in files}
        if max(sizes, default=-1) < last or sizes.get(last, offset) < offset:
            with base:
                base.executescript(
                    "DELETE FROM calls; DELETE FROM heard; DELETE FROM files; DELETE FROM place;"
                )
            last, offset = -1, 0
        return [(path, offset if number_of(path) == last else 0) for path in files if number_of(path) >= last]

    def _read(self, base: sqlite3.Connection, path: Path, offset: int, most: int) -> int:
        """Whole lines from `offset` on; how many bytes they were."""
        begun = offset
        with path.open("rb") as file:
            file.seek(offset)
            while offset - begun < most:
                data = file.read(CHUNK)
                whole = data.rfind(b"\n") + 1
                while data and not whole and (more := file.read(CHUNK)):  # a line longer than a chunk
                    data += more
                    whole = data.rfind(b"\n") + 1
                if not whole:
                    break
                offset += whole
                file.seek(offset)
                with base:
                    _fold(base, data[:whole])
                    base.execute("DELETE FROM place")
                    base.execute("INSERT INTO place VALUES (?, ?)", (number_of(path), offset))
                time.sleep(0)
        return offset - begun

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as base:
            base.row_factory = sqlite3.Row
            base.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {TABLES}")
            yield base

    # ------------------------------------------------------------ questions

    def search(self, wanted: Wanted) -> list[list[Recorded]]:
        """Recordings in which somebody talks, newest first, each followed by others in its file.

        One more than the limit where there are more.
        """
        conditions, values = _conditions(wanted)
        with self._open() as base:
            rows = base.execute(
                f"SELECT call, file FROM recordings WHERE {conditions} ORDER BY started DESC LIMIT ?",  # noqa: S608
                (*values, wanted.limit + 1),
            ).fetchall()
            return [_of_file(base, call, file) for call, file in rows]

    def of_call(self, call: str, file: str = "") -> list[Recorded]:
        """The call's recording, of several that one or the last, then others in its file; empty: it has none."""
        with self._open() as base:
            text = (
                "SELECT file FROM recordings WHERE call = ? AND ? IN ('', file) ORDER BY started DESC LIMIT 1"
            )
            row = base.execute(text, (call, file)).fetchone()
            return _of_file(base, call, row[0]) if row is not None else []

    def before(self, moment: int) -> list[list[Recorded]]:
        """Every file with a recording begun before then, oldest first, as all the calls in it."""
        with self._open() as base:
            rows = base.execute(
                "SELECT * FROM recordings WHERE EXISTS (SELECT 1 FROM recordings AS other WHERE "  # noqa: S608 - words of ours
                f"{_IN_FILE} AND other.started < ?) ORDER BY started",
                (moment,),
            ).fetchall()
            files: dict[tuple[str, str], list[Recorded]] = {}
            for found in _recorded(base, rows):
                files.setdefault((found.switch, found.file), []).append(found)
            return list(files.values())


def _of_file(base: sqlite3.Connection, call: str, file: str) -> list[Recorded]:
    rows = base.execute(
        "SELECT other.* FROM recordings JOIN recordings AS other ON "  # noqa: S608 - words of ours
        f"{_IN_FILE} WHERE recordings.call = ? AND recordings.file = ? "
        "ORDER BY other.call <> recordings.call, other.started",
        (call, file),
    ).fetchall()
    return _recorded(base, rows)


def _fold(base: sqlite3.Connection, data: bytes) -> None:
    for line in data.split(b"\n"):
        if line.startswith(KINDS.prefixes):
            try:
                fact = KINDS.decoder.decode(line)
            except msgspec.DecodeError:
                continue  # a line torn by a power cut: its step was never acted on
            for statement, values in STEPS[type(fact)](fact):
                base.execute(statement, values)


def _conditions(wanted: Wanted) -> tuple[str, list[Any]]:
    asked: list[tuple[str, object]] = [
        ("answered IS NOT NULL AND ?", 1),
        ("queue = ?", wanted.queue or None),
        ("started >= ?", wanted.since),
        ("started < ?", wanted.until),
        ("substr(caller, -length(?1)) = ?1", wanted.caller or None),
        ("call IN (SELECT call FROM heard WHERE agent = ?)", wanted.agent or None),
        (_NOBODY_ELSE, None if wanted.only is None else json.dumps(wanted.only)),
    ]
    given = [(text.replace("?1", "?"), text.count("?"), value) for text, value in asked if value is not None]
    return " AND ".join(text for text, _, _ in given), [v for _, count, v in given for _ in range(count)]


def _recorded(base: sqlite3.Connection, rows: Sequence[sqlite3.Row]) -> list[Recorded]:
    found = []
    for row in rows:
        agents = base.execute("SELECT agent FROM heard WHERE call = ? ORDER BY at", (row["call"],))
        fields = dict(row) | {
            "silenced": json.loads(row["silenced"]),
            "held": bool(row["held"]),
            "agents": [agent for (agent,) in agents],
        }
        found.append(msgspec.convert(fields, Recorded))
    return found
