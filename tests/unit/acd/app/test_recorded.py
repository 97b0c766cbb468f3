"""The index of recordings: the same as the journal says, read once, bounded, made anew for another journal."""

from pathlib import Path

import pytest

from acd.app.journal import Journal
from acd.app.recorded import Index, Recorded, Wanted
from acd.core import facts as f
from acd.core.ids import AgentName, CallId, OfferId, QueueName, SwitchName, Uniqueid
from acd.core.outcomes import Disposition, EndedBy

pytestmark = pytest.mark.unit
SALES, PBX = QueueName("sales"), SwitchName("pbx1")


class Books:
    """A journal and the index beside it."""

    def __init__(self, place: Path, segment_bytes: int = 67_108_864) -> None:
        self.journal = Journal(place / "journal", segment_bytes)
        self.journal.load(dict, dict)
        self.index = Index(place / "recordings.sqlite", place / "journal")

    def tell(self, *facts: f.Fact) -> None:
        for fact in facts:
            self.journal.append([fact])

    def found(self, **wanted: object) -> list[str]:
        while not self.index.catch_up():
            pass
        return [file[0].call for file in self.index.search(Wanted(**wanted))]  # type: ignore[arg-type]

    def of(self, call: str, file: str = "") -> list[Recorded]:
        while not self.index.catch_up():
            pass
        return self.index.of_call(call, file)


@pytest.fixture
def books(tmp_path: Path) -> Books:
    return Books(tmp_path)


def arrived(call: str, at: int, caller: str = "+4930123", queue: QueueName = SALES) -> f.Arrived:
    return f.Arrived(
        at=at, call=CallId(call), queue=queue, switch=PBX, channel="", uniqueid=Uniqueid("1"), caller=caller
    )


def started(call: str, at: int, file: str = "", queue: QueueName = SALES) -> f.RecordingStarted:
    return f.RecordingStarted(at=at, call=CallId(call), queue=queue, file=file or f"{call}.wav", why="always")


def answered(call: str, at: int, agent: str = "ann", queue: QueueName = SALES) -> f.Answered:
    offer, name = OfferId(f"{call}.1"), AgentName(agent)
    return f.Answered(at=at, offer=offer, call=CallId(call), queue=queue, agent=name, wait_ms=0, ring_ms=0)


def ended(call: str, at: int, queue: QueueName = SALES) -> f.Ended:
    disposition, by = Disposition.ANSWERED, EndedBy.CALLER
    return f.Ended(at=at, call=CallId(call), queue=queue, disposition=disposition, by=by, duration_ms=1)


def talk(call: str, at: int, agent: str = "ann", caller: str = "+4930123") -> tuple[f.Fact, ...]:
    """A recorded call of four moments."""
    return (
        arrived(call, at, caller),
        started(call, at + 1),
        answered(call, at + 2, agent),
        ended(call, at + 3),
    )


def test_a_recording_is_known_with_all_that_was_told_of_its_call(books: Books) -> None:
    call = CallId("c1")
    books.tell(
        arrived("c1", 1),
        started("c1", 2),
        answered("c1", 3),
        f.RecordingPaused(at=4, call=call, queue=SALES, by="eve"),
        f.RecordingResumed(at=5, call=call, queue=SALES, by="eve"),
        f.RecordingPaused(at=6, call=call, queue=SALES, by="eve"),
        ended("c1", 7),
        f.RecordingHeld(at=8, call=call, held=True, by="eve", reason="case 7"),
    )
    assert books.of("c1") == [
        Recorded(
            call="c1",
            queue="sales",
            switch="pbx1",
            caller="+4930123",
            answered=3,
            ended=7,
            file="c1.wav",
            why="always",
            started=2,
            stopped=None,
            silenced=((4, 5), (6, 7)),
            held=True,
            held_by="eve",
            held_reason="case 7",
            agents=("ann",),
        )
    ]


def test_it_is_found_by_each_of_what_can_be_asked_for(books: Books) -> None:
    books.tell(*talk("c1", 100), *talk("c2", 200, "bob", "+4940999"))
    assert books.found() == ["c2", "c1"]
    for wanted, call in (
        ({"agent": "bob"}, "c2"),
        ({"caller": "123"}, "c1"),
        ({"caller": "+4940999"}, "c2"),
        ({"since": 200}, "c2"),
        ({"until": 200}, "c1"),
        ({"only": ("ann", "cid")}, "c1"),
        ({"queue": "sales", "agent": "ann"}, "c1"),
    ):
        assert books.found(**wanted) == [call], wanted
    assert books.found(queue="other") == books.found(caller="%") == books.found(only=()) == []
    assert books.found(limit=1) == ["c2", "c1"], "one more than the limit tells that there is more"


def test_calls_in_one_file_are_told_together_and_hidden_from_who_leads_one_agent_only(books: Books) -> None:
    books.tell(
        *talk("c1", 100),
        arrived("c2", 110),
        started("c2", 111, "c1.wav"),
        answered("c2", 112, "bob"),
        ended("c2", 113),
    )
    assert [each.call for each in books.of("c2")] == ["c2", "c1"]
    assert books.found(only=("ann",)) == books.found(only=("bob",)) == []
    assert books.found(only=("ann", "bob")) == ["c2", "c1"]
    assert [[each.call for each in file] for file in books.index.before(150)] == [["c1", "c2"]]


def test_a_call_may_have_two_files(books: Books) -> None:
    stop = f.RecordingEnded(at=4, call=CallId("c1"), queue=SALES)
    books.tell(arrived("c1", 1), started("c1", 2), answered("c1", 3), stop, started("c1", 5, "other.wav"))
    assert [each.file for each in books.of("c1")] == ["other.wav"]
    first = books.of("c1", "c1.wav")[0]
    assert (first.stopped, books.of("c1")[0].stopped) == (4, None)


def test_a_recording_begun_again_runs_again(books: Books) -> None:
    stop = f.RecordingEnded(at=4, call=CallId("c1"), queue=SALES)
    books.tell(arrived("c1", 1), answered("c1", 2), started("c1", 3), stop, started("c1", 5))
    (only,) = books.of("c1")
    assert (only.started, only.stopped) == (3, None)


def test_in_which_nobody_talks_is_not_found_but_grows_old(books: Books) -> None:
    books.tell(arrived("c1", 1), started("c1", 2), ended("c1", 3))
    assert books.found() == []
    assert [file[0].call for file in books.index.before(10)] == ["c1"]


def test_a_deleted_recording_and_a_call_without_one_are_forgotten(books: Books) -> None:
    gone = f.RecordingDeleted(at=9, call=CallId("c1"), queue=SALES, file="c1.wav", by="daily")
    books.tell(*talk("c1", 1), arrived("c2", 1), answered("c2", 2), ended("c2", 3), gone)
    assert books.of("c1") == books.of("c2") == []
    with books.index._open() as base:
        for table in ("calls", "files", "heard"):
            assert not base.execute(f"SELECT * FROM {table}").fetchall()


def test_the_journal_is_read_on_where_the_last_search_ended_over_segments(tmp_path: Path) -> None:
    books = Books(tmp_path, segment_bytes=400)
    for number in range(20):
        books.tell(*talk(f"c{number}", number * 10))
        assert len(books.found()) == number + 1
    assert len(list((tmp_path / "journal").glob("facts-*"))) > 5


def test_one_reading_is_bounded_and_says_so(tmp_path: Path) -> None:
    books = Books(tmp_path, segment_bytes=400)
    books.tell(*(fact for number in range(20) for fact in talk(f"c{number}", number * 10)))
    readings = 1
    while not books.index.catch_up(most=1_000):
        readings += 1
    assert readings > 3
    assert len(books.found()) == 20


def test_a_line_that_is_being_written_waits_for_its_end(books: Books, tmp_path: Path) -> None:
    books.tell(*talk("c1", 1))
    (segment,) = (tmp_path / "journal").glob("facts-*")
    whole = segment.read_bytes()
    segment.write_bytes(whole[:-20])
    assert books.of("c1")[0].ended is None
    segment.write_bytes(whole)
    assert books.of("c1")[0].ended == 4


def test_another_journal_is_read_from_its_start(books: Books, tmp_path: Path) -> None:
    books.tell(*talk("c1", 1), *talk("c2", 10))
    assert books.found() == ["c2", "c1"]
    (segment,) = (tmp_path / "journal").glob("facts-*")
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(b"".join(lines[:4]))
    assert books.found() == ["c1"]


def test_a_journal_cut_at_its_beginning_still_tells_of_recordings(books: Books) -> None:
    books.tell(started("c1", 2), answered("c1", 3), ended("c1", 4))
    assert books.found() == ["c1"]
