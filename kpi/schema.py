"""The SQLite file: its tables, and rows to and from them. Columns derive from kpi.counters."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgspec

from kpi.counters import CATALOGUE, Counters, Dimension
from kpi.rows import LABELS, MAPS, Row

SCHEMA_VERSION: Final = 1
"""Raised when the meaning of what is stored changes. A new counter only adds a column."""

_KEY: Final = ("dimension", "slot", "name")
_TEAM: Final = "team"
_RETURNS: Final = "returns"
_COUNTERS: Final = tuple(CATALOGUE)
_COLUMNS: Final = (*_KEY, *_COUNTERS, *MAPS, _TEAM)
_ADDED: Final[Mapping[str, str]] = {
    **dict.fromkeys(_COUNTERS, "INTEGER NOT NULL DEFAULT 0"),
    **dict.fromkeys(MAPS, "TEXT NOT NULL DEFAULT '{}'"),
    _TEAM: "TEXT NOT NULL DEFAULT ''",
}
"""Every column beside the key, and what it is."""

# Clustered by its key: a report reads one kind of row over a range of slots. A 0 takes no room but its type byte.
_TABLES: Final = f"""
CREATE TABLE IF NOT EXISTS meta (
  id INTEGER PRIMARY KEY CHECK (id = 1), schema_version INTEGER NOT NULL, position TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS slot_rows (
  dimension TEXT NOT NULL, slot INTEGER NOT NULL, name TEXT NOT NULL,
  {", ".join(f"{name} {kind}" for name, kind in _ADDED.items())},
  PRIMARY KEY ({", ".join(_KEY)})
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS added (name TEXT PRIMARY KEY, slot INTEGER NOT NULL) STRICT;
"""
_UPSERT: Final = (
    f"INSERT OR REPLACE INTO slot_rows ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608 - names of ours
)
_HISTOGRAM: Final = msgspec.json.Decoder(dict[int, int])
_LABELS: Final = msgspec.json.Decoder(dict[str, int])


class StoreError(Exception):
    """The file cannot be used; the text names it and says what to do."""


_ADVICE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_BUSY: "another process holds it: is a second daemon, a backup or a sqlite3 shell using it?",
    sqlite3.SQLITE_CANTOPEN: "check that the file's directory exists and that this user may write there",
    sqlite3.SQLITE_READONLY: "check that this user may write to the file and its directory",
    sqlite3.SQLITE_NOTADB: "not an SQLite file: move it away, the daemon makes a new one from the journal",
    sqlite3.SQLITE_CORRUPT: "the file is damaged: move it away, the daemon makes a new one from the journal",
    sqlite3.SQLITE_IOERR: "the disk does not obey: check that the path is a file, and the disk",
    sqlite3.SQLITE_FULL: "the disk is full: make room",
    sqlite3.SQLITE_ERROR: "not a store of numbers: move it away, the daemon makes a new one from the journal",
}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into StoreErrors that say what to do."""
    try:
        yield
    except sqlite3.Error as error:
        # The low byte is the kind, the rest its detail.
        advice = _ADVICE.get(
            getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF,
            "unexpected: see the SQLite documentation of this error",
        )
        raise StoreError(f"{path}: {error}: {advice}") from error


def connect(path: Path, *, read_only: bool, busy_timeout: float) -> sqlite3.Connection:
    """A connection to the file; without `read_only` it is made if missing, with the journal in WAL mode."""
    uri = f"file:{quote(str(path.absolute()))}?mode={'ro' if read_only else 'rwc'}"
    connection = sqlite3.connect(
        uri, uri=True, timeout=busy_timeout, isolation_level=None, check_same_thread=False
    )
    try:
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            # A power cut may lose the last commits, never the file: the journal is replayed from `position`.
            connection.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prepare(connection: sqlite3.Connection, path: Path) -> str:
    """Make or extend the tables; the journal position stored, "" if new. StoreError for a newer schema."""
    connection.executescript(_TABLES)
    connection.execute("INSERT OR IGNORE INTO meta VALUES (1, ?, '')", (SCHEMA_VERSION,))
    position = check_version(connection, path)
    known = _columns(connection)
    for name, kind in _ADDED.items():
        if name not in known:
            connection.execute(
                "INSERT OR IGNORE INTO added SELECT ?, COALESCE(MAX(slot), -1) + 1 FROM slot_rows", (name,)
            )
            connection.execute(f"ALTER TABLE slot_rows ADD COLUMN {name} {kind}")
    return position


def check_version(connection: sqlite3.Connection, path: Path) -> str:
    """The journal position stored; StoreError for a file of another schema."""
    version, position = connection.execute("SELECT schema_version, position FROM meta").fetchone()
    if version != SCHEMA_VERSION:
        raise StoreError(
            f"{path}: written with schema {version}, this version reads {SCHEMA_VERSION}: "
            "run the version that wrote it, or move the file away and replay the journal"
        )
    return str(position)


def write(connection: sqlite3.Connection, rows: Sequence[Row], position: str) -> None:
    """Put the rows' absolute values and the journal position in, in one transaction: all or nothing."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany(_UPSERT, (_values(row) for row in rows))
        connection.execute("UPDATE meta SET position = ?", (position,))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def read(
    connection: sqlite3.Connection, slots: range, dimension: Dimension | None, *, returning: bool = False
) -> list[Row]:
    """The rows of those slots, by dimension, slot and name; counters the file does not have yet are 0.

    `returning`: only those in which callers of earlier contacts called again.
    """
    columns = _columns(connection)
    known = [name for name in _ADDED if name in columns]
    where = "slot >= ? AND slot < ?" + ("" if dimension is None else " AND dimension = ?")
    if returning:
        if _RETURNS not in columns:
            return []
        where += f" AND {_RETURNS} != '{{}}'"
    query = f"SELECT {', '.join((*_KEY, *known))} FROM slot_rows WHERE {where} ORDER BY dimension, slot, name"  # noqa: S608 - names of ours
    bounds = (slots.start, slots.stop) if dimension is None else (slots.start, slots.stop, dimension.value)
    return [_row(known, values) for values in connection.execute(query, bounds)]


def added(connection: sqlite3.Connection) -> dict[str, int]:
    """Columns an upgrade brought -> the first slot that was counted with them."""
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'added'").fetchone():
        return {}
    return {str(name): int(slot) for name, slot in connection.execute("SELECT name, slot FROM added")}


def _columns(connection: sqlite3.Connection) -> set[str]:
    return {str(name) for _, name, *_ in connection.execute("PRAGMA table_info(slot_rows)")}


def _values(row: Row) -> tuple[int | str, ...]:
    return (
        row.dimension.value,
        row.slot,
        row.name,
        *msgspec.structs.astuple(row.counts),
        *(_text_of(getattr(row, name)) for name in MAPS),
        row.team,
    )


def _text_of(counts: Mapping[int, int] | Mapping[str, int]) -> str:
    return msgspec.json.encode(counts).decode() if counts else "{}"


def _row(known: list[str], columns: tuple[Any, ...]) -> Row:
    dimension, slot, name, *values = columns
    found = dict(zip(known, values, strict=True))
    maps = {name: _map(name, found.pop(name)) for name in MAPS if name in found}
    team = found.pop(_TEAM, "")
    return Row(
        dimension=Dimension(dimension), name=name, slot=slot, counts=Counters(**found), team=team, **maps
    )


def _map(name: str, text: str) -> Any:  # noqa: ANN401 - the maps have keys of two kinds
    return {} if text == "{}" else (_LABELS if name == LABELS else _HISTOGRAM).decode(text)
