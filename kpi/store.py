"""The numbers on disk: one thread writes them to SQLite, anybody may read beside it.

The writer holds the newest values of every row it has not committed yet, so a disk that is full or a file that is
locked costs nothing but delay: it tells of the trouble, tries again, and stays as small as the rows are many. Rows
carry absolute values and each commit the journal position they stand for; committing twice changes nothing.
"""

import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Final

import msgspec

from kpi import schema
from kpi.counters import Dimension
from kpi.rows import Row
from kpi.slots import slots_between

BUSY_TIMEOUT: Final = 2.0
"""Seconds SQLite itself waits for a lock before it is trouble."""
ALL_SLOTS: Final = range(2**62)


class _Batch(msgspec.Struct, frozen=True):
    rows: Sequence[Row]
    position: str


class _Stop(msgspec.Struct, frozen=True):
    deadline: float


class Store:
    """The writing end: `start`, any number of `put` from one thread, `stop`."""

    def __init__(
        self,
        path: Path,
        *,
        on_trouble: Callable[[str], None],
        batch: float = 1.0,
        retry: float = 1.0,
        busy_timeout: float = BUSY_TIMEOUT,
    ) -> None:
        """`on_trouble` is called in the writer's thread for each failed try and must not raise.

        `batch` is seconds between commits, `retry` seconds between tries after one failed.
        """
        self.path = path
        self.position = ""
        """The journal position of the last commit; "" when nothing was stored yet."""
        self._on_trouble = on_trouble
        self._batch = batch
        self._retry = retry
        self._busy_timeout = busy_timeout
        self._inbox: SimpleQueue[_Batch | Event | _Stop] = SimpleQueue()
        self._thread: Thread | None = None
        # The writer's own from here on.
        self._pending: dict[tuple[Dimension, int, str], Row] = {}
        self._pending_position: str | None = None
        self._flushers: list[Event] = []
        self._deadline: float | None = None

    # ------------------------------------------------------------ the owner's side

    def start(self) -> None:
        """Open the file, make its tables, start the writer. StoreError if it is locked, corrupt or of another schema."""
        with schema.explained(self.path):
            connection = schema.connect(self.path, read_only=False, busy_timeout=self._busy_timeout)
            try:
                self.position = schema.prepare(connection, self.path)
            except BaseException:
                connection.close()
                raise
        self._thread = Thread(target=self._run, args=(connection,), name="kpi-store", daemon=True)
        self._thread.start()

    def put(self, rows: Sequence[Row], position: str) -> None:
        """Hand rows over, never to be touched again; `position` is the place in the journal they stand for.

        Never blocks. Rows not committed yet are overtaken by newer ones of the same key.
        """
        self._inbox.put(_Batch(rows, position))

    def flush(self, timeout: float) -> bool:
        """Wait until everything put so far is committed; False if that took longer than `timeout` seconds."""
        done = Event()
        self._inbox.put(done)
        return done.wait(timeout)

    def stop(self, timeout: float) -> bool:
        """Commit what is left and end the writer, trying for `timeout` seconds.

        False if rows had to be left behind: the journal has them from `position` on.
        """
        if self._thread is None:
            return True
        self._inbox.put(_Stop(monotonic() + timeout))
        self._thread.join(timeout + self._busy_timeout + self._retry)
        return not self._thread.is_alive() and self._pending_position is None

    # ------------------------------------------------------------ the writer's side

    def _run(self, connection: sqlite3.Connection) -> None:
        try:
            with closing(connection):
                self._write_until_stopped(connection)
        except BaseException:
            self._on_trouble(
                f"{self.path}: the writer died of a defect; a restart catches up from the journal"
            )
            raise

    def _write_until_stopped(self, connection: sqlite3.Connection) -> None:
        while self._deadline is None:
            self._take(self._inbox.get())
            self._gather(monotonic() + self._batch, hurry=True)
            while not self._commit(connection):
                if self._deadline is not None and monotonic() >= self._deadline:
                    return
                self._gather(monotonic() + self._retry, hurry=False)

    def _gather(self, until: float, *, hurry: bool) -> None:
        """Take in what comes until then; with `hurry` only until somebody waits for the commit."""
        while not (hurry and (self._flushers or self._deadline is not None)):
            limit = until if self._deadline is None else min(until, self._deadline)
            left = limit - monotonic()
            if left <= 0:
                return
            try:
                self._take(self._inbox.get(timeout=left))
            except Empty:
                return

    def _take(self, message: _Batch | Event | _Stop) -> None:
        match message:
            case _Batch(rows, position):
                self._pending.update(((row.dimension, row.slot, row.name), row) for row in rows)
                self._pending_position = position
            case _Stop(deadline):
                self._deadline = deadline
            case _:
                self._flushers.append(message)

    def _commit(self, connection: sqlite3.Connection) -> bool:
        if self._pending_position is not None:
            try:
                schema.write(connection, list(self._pending.values()), self._pending_position)
            except sqlite3.Error as error:
                self._on_trouble(f"{self.path}: {len(self._pending)} rows not written yet: {error}")
                return False
            self.position = self._pending_position
            self._pending.clear()
            self._pending_position = None
        for done in self._flushers:
            done.set()
        self._flushers.clear()
        return True


def read_rows(  # noqa: PLR0913 - one parameter a choice
    path: Path,
    *,
    since: int,
    until: int,
    dimension: Dimension | None = None,
    returning: bool = False,
    busy_timeout: float = BUSY_TIMEOUT,
) -> list[Row]:
    """The stored rows of the slots that [since, until) touches (nanoseconds), by dimension, slot and name.

    `returning`: only those in which callers of earlier contacts called again.

    Opens a connection of its own that cannot write. StoreError if the file is missing, corrupt or of another schema.
    """
    with (
        schema.explained(path),
        closing(schema.connect(path, read_only=True, busy_timeout=busy_timeout)) as connection,
    ):
        schema.check_version(connection, path)
        return schema.read(connection, slots_between(since, until), dimension, returning=returning)


class Stored(msgspec.Struct, frozen=True):
    """Everything in the file, as of one commit."""

    position: str
    """The journal position it stands for; "" when nothing was stored yet."""
    added: dict[str, int]
    """Columns that an upgrade brought -> the first slot that was counted with them."""
    rows: list[Row]


def read_everything(path: Path, *, busy_timeout: float = BUSY_TIMEOUT) -> Stored:
    """The whole file, while a daemon may be writing. StoreError as read_rows."""
    with (
        schema.explained(path),
        closing(schema.connect(path, read_only=True, busy_timeout=busy_timeout)) as connection,
    ):
        connection.execute("BEGIN")
        position = schema.check_version(connection, path)
        return Stored(position, schema.added(connection), schema.read(connection, ALL_SLOTS, None))
