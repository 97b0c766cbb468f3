"""The SQLite store: what is put is read back, and trouble is told, outlived and never silent."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from queue import Empty, Queue
from threading import enumerate as threads
from time import monotonic, sleep

import pytest

from kpi import schema
from kpi.counters import CATALOGUE, Counters, Dimension
from kpi.rows import Row
from kpi.schema import StoreError
from kpi.slots import SLOT_NS
from kpi.store import Store, read_rows
from tests.unit.kpi.day import EIGHT, moment, morning
from tests.unit.kpi.test_accumulator import everything, folded

pytestmark = pytest.mark.unit

DEADLINE = 10.0
Make = Callable[[], Store]


def row(name: str = "sales", slot: int = 1, **counts: int) -> Row:
    return Row(dimension=Dimension.QUEUE, name=name, slot=slot, counts=Counters(**counts))


def read(path: Path, slots: int = 100) -> list[Row]:
    return read_rows(path, since=0, until=slots * SLOT_NS)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kpi ?#%.sqlite"


@pytest.fixture
def troubles() -> "Queue[str]":
    return Queue()


@pytest.fixture
def make(path: Path, troubles: "Queue[str]") -> Iterator[Make]:
    made = []

    def one() -> Store:
        store = Store(path, on_trouble=troubles.put, batch=0.01, retry=0.01, busy_timeout=0.01)
        made.append(store)
        store.start()
        return store

    yield one
    for store in made:
        store.stop(DEADLINE)


def test_a_morning_is_read_back_as_it_was_counted(make: Make, path: Path) -> None:
    accumulator = folded(morning())
    accumulator.tick(moment(1800))
    store = make()

    store.put(accumulator.take_dirty(), "journal:7")

    assert store.flush(DEADLINE)
    stored = read_rows(path, since=EIGHT, until=moment(1800))
    assert sorted(stored, key=lambda row: (row.slot, row.dimension, row.name)) == everything(
        accumulator, now=moment(1800)
    )
    assert store.position == "journal:7"


def test_rows_of_one_kind_and_period_are_read(make: Make, path: Path) -> None:
    store = make()
    agent = Row(dimension=Dimension.AGENT, name="ann", slot=2, counts=Counters(handled=1))
    store.put([row(slot=1), row(slot=2), agent, row(slot=3)], "1")
    store.flush(DEADLINE)

    found = read_rows(path, since=2 * SLOT_NS, until=3 * SLOT_NS, dimension=Dimension.QUEUE)

    assert found == [row(slot=2)]


def test_putting_the_same_again_changes_nothing(make: Make, path: Path) -> None:
    store = make()
    for _ in range(2):
        store.put([row(arrived=3)], "1")
        store.flush(DEADLINE)

    assert read(path) == [row(arrived=3)]


def test_newer_values_replace_older_ones(make: Make, path: Path) -> None:
    store = make()
    store.put([row(arrived=3)], "1")
    store.put([row(arrived=4)], "2")

    assert store.flush(DEADLINE)
    assert (read(path), store.position) == ([row(arrived=4)], "2")


def test_the_position_is_known_after_a_restart(make: Make) -> None:
    first = make()
    first.put([row()], "segment-3:99")
    assert first.stop(DEADLINE)

    assert make().position == "segment-3:99"


def test_stopping_commits_what_is_left_and_ends_the_thread(path: Path, troubles: "Queue[str]") -> None:
    store = Store(path, on_trouble=troubles.put, batch=600.0)
    store.start()
    assert "kpi-store" in {thread.name for thread in threads()}

    store.put([row(arrived=1)], "1")

    assert store.stop(DEADLINE)
    assert read(path) == [row(arrived=1)]
    assert "kpi-store" not in {thread.name for thread in threads()}


def test_a_store_never_started_stops() -> None:
    assert Store(Path("nowhere"), on_trouble=print).stop(DEADLINE)


def test_a_batch_is_committed_without_a_flush(make: Make, path: Path) -> None:
    store = make()

    store.put([row(arrived=1)], "1")

    ends = monotonic() + DEADLINE
    while store.position != "1" and monotonic() < ends:
        sleep(0.001)
    assert read(path) == [row(arrived=1)]


# ---------------------------------------------------------------- trouble


def locked(path: Path) -> sqlite3.Connection:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_locked_file_is_told_and_the_rows_follow_when_it_is_free(
    make: Make, path: Path, troubles: "Queue[str]"
) -> None:
    store = make()
    with closing(locked(path)) as other:
        store.put([row(arrived=1)], "1")
        told = troubles.get(timeout=DEADLINE)
        store.put([row(arrived=2), row("help")], "2")
        assert not store.flush(0.01)
        other.execute("ROLLBACK")

        assert store.flush(DEADLINE)
    assert "1 rows not written yet: database is locked" in told
    assert (read(path), store.position) == ([row("help"), row(arrived=2)], "2")


def test_what_is_committed_is_not_held_any_more(make: Make, path: Path, troubles: "Queue[str]") -> None:
    store = make()
    store.put([row("a"), row("b")], "1")
    assert store.flush(DEADLINE)
    with closing(locked(path)) as other:
        store.put([row("c")], "2")

        assert " 1 rows not written" in troubles.get(timeout=DEADLINE)
        other.execute("ROLLBACK")


def test_stopping_a_store_that_cannot_write_says_so(make: Make, path: Path, troubles: "Queue[str]") -> None:
    store = make()
    with closing(locked(path)):
        store.put([row(arrived=1)], "1")

        assert not store.stop(0.05)

    assert "not written" in troubles.get(timeout=DEADLINE)
    assert read(path) == []


def test_readers_do_not_stop_the_writer(make: Make, path: Path, troubles: "Queue[str]") -> None:
    store = make()
    store.put([row(arrived=1)], "1")
    store.flush(DEADLINE)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM slot_rows").fetchall()
        store.put([row(arrived=2)], "2")

        assert store.flush(DEADLINE)
    with pytest.raises(Empty):
        troubles.get_nowait()


def test_a_half_written_batch_leaves_nothing_behind(path: Path) -> None:
    with closing(schema.connect(path, read_only=False, busy_timeout=0)) as connection:
        schema.prepare(connection, path)
        with pytest.raises(OverflowError):
            schema.write(connection, [row(), row("help", arrived=2**70)], "1")

        assert schema.check_version(connection, path) == ""
        assert schema.read(connection, range(100), None) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_writer_that_dies_says_so(make: Make, troubles: "Queue[str]") -> None:
    store = make()

    store.put([row(arrived=2**70)], "1")

    assert "the writer died" in troubles.get(timeout=DEADLINE)
    assert not store.flush(0.01)
    assert not store.stop(DEADLINE)


@pytest.mark.parametrize(
    "content", [b"not a database, but long enough to be told so" * 40, b"SQLite format 3\0junk"]
)
def test_a_file_that_is_no_store_is_refused(make: Make, path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(StoreError, match="move it away"):
        make()


def test_a_file_of_another_schema_is_refused_both_ways(make: Make, path: Path) -> None:
    make().stop(DEADLINE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("UPDATE meta SET schema_version = 99")

    with pytest.raises(StoreError, match="schema 99"):
        make()
    with pytest.raises(StoreError, match="schema 99"):
        read(path)


def test_a_locked_file_is_refused_at_the_start(make: Make, path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(StoreError, match="another process holds it"):
            make()


@pytest.mark.parametrize("reason", ["missing", "directory"])
def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path, reason: str) -> None:
    path = tmp_path if reason == "directory" else tmp_path / "no" / "kpi.sqlite"

    with pytest.raises(StoreError, match="check that"):
        Store(path, on_trouble=print).start()
    with pytest.raises(StoreError, match="check that"):
        read(path)


def test_another_database_is_no_store_to_a_reader(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE t (a)")

    with pytest.raises(StoreError, match="not a store of numbers"):
        read(path)


# ---------------------------------------------------------------- older files


@pytest.fixture
def older(make: Make, path: Path) -> Path:
    """A file from before the newest counter was added."""
    store = make()
    store.put([row(arrived=1)], "1")
    store.stop(DEADLINE)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute(f"ALTER TABLE slot_rows DROP COLUMN {list(CATALOGUE)[-1]}")
    return path


def test_an_older_file_is_read_with_zeros(older: Path) -> None:
    assert read(older) == [row(arrived=1)]


def test_an_older_file_gets_the_new_columns(older: Path, make: Make) -> None:
    store = make()

    store.put([row("help", **{list(CATALOGUE)[-1]: 5})], "2")

    assert store.flush(DEADLINE)
    assert read(older) == [row("help", **{list(CATALOGUE)[-1]: 5}), row(arrived=1)]
