"""The journal over every kind of end."""

import os
from pathlib import Path

import msgspec
import pytest

from acd.app.journal import Journal
from acd.app.segments import JournalError, segments, snapshots
from acd.core import facts as f
from acd.core.ids import AgentName, PhoneName

pytestmark = pytest.mark.unit


class Count(msgspec.Struct):
    """Any saved state."""

    facts: int = 0


def fact(number: int) -> f.LoggedIn:
    return f.LoggedIn(at=number, agent=AgentName(f"a{number}"), phone=PhoneName("PJSIP/1"))


def reopened(directory: Path, **options: int) -> tuple[Journal, Count, list[f.AnyFact]]:
    journal = Journal(directory, **options)
    saved, facts = journal.load(Count, Count)
    return journal, saved, facts


def written(directory: Path, count: int, **options: int) -> Journal:
    journal, _, _ = reopened(directory, **options)
    for number in range(count):
        journal.append([fact(number)])
    return journal


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    written(tmp_path, 3).close()

    journal, _, facts = reopened(tmp_path)
    assert facts == [fact(0), fact(1), fact(2)]
    assert journal.next == 3
    journal.close()


def test_nothing_appended_needs_a_close_to_be_there(tmp_path: Path) -> None:
    killed = written(tmp_path, 2)
    journal, _, facts = reopened(tmp_path)

    assert len(facts) == 2
    killed.close()
    journal.close()


def test_a_snapshot_replaces_the_facts_before_it(tmp_path: Path) -> None:
    journal = written(tmp_path, 3)
    journal.save(Count(facts=3))
    journal.append([fact(3)])
    journal.close()

    again, saved, facts = reopened(tmp_path)
    assert (saved.facts, facts) == (3, [fact(3)])
    again.close()


def test_an_unreadable_snapshot_falls_back_to_the_one_before(tmp_path: Path) -> None:
    journal = written(tmp_path, 1)
    journal.save(Count(facts=1))
    journal.append([fact(1)])
    newest = journal.save(Count(facts=2))
    journal.close()
    newest.write_bytes(b"{torn")

    again, saved, facts = reopened(tmp_path)
    assert (saved.facts, facts) == (1, [fact(1)])
    again.close()


@pytest.mark.parametrize("torn", [b'{"fact":"agent_logged_in","at":7', b"{}\n", b"\x00\x00\x00"])
def test_a_torn_tail_is_cut_off_and_appending_goes_on_behind_it(tmp_path: Path, torn: bytes) -> None:
    written(tmp_path, 2).close()
    with segments(tmp_path)[-1].open("ab") as file:
        file.write(torn)

    journal, _, facts = reopened(tmp_path)
    assert len(facts) == 2
    journal.append([fact(2)])
    journal.close()
    again, _, facts = reopened(tmp_path)
    assert facts[-1] == fact(2)
    again.close()


def test_damage_in_the_middle_is_named_with_file_line_and_remedy(tmp_path: Path) -> None:
    written(tmp_path, 3).close()
    segment = segments(tmp_path)[0]
    lines = segment.read_bytes().splitlines(keepends=True)
    segment.write_bytes(lines[0] + b"rubbish\n" + lines[2])

    with pytest.raises(JournalError, match=r"facts-0.jsonl, line 2: .*move the file away"):
        reopened(tmp_path)


def test_segments_are_cut_by_size_and_those_a_snapshot_covers_are_not_read(tmp_path: Path) -> None:
    journal = written(tmp_path, 10, segment_bytes=200)
    assert len(segments(tmp_path)) > 2
    journal.save(Count(facts=10))
    journal.close()
    segments(tmp_path)[0].write_bytes(b"never read\n")

    again, saved, facts = reopened(tmp_path)
    assert (saved.facts, facts) == (10, [])
    again.close()


def test_only_the_newest_snapshots_are_kept(tmp_path: Path) -> None:
    journal = written(tmp_path, 1)
    for number in range(1, 5):
        journal.append([fact(number)])
        journal.save(Count(facts=number))
    journal.close()

    assert len(snapshots(tmp_path)) == 2


def test_a_disk_that_refuses_keeps_the_facts_in_order_until_it_takes_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = written(tmp_path, 1)
    refusing = True

    def write(fd: int, data: bytes) -> int:
        if refusing:
            raise OSError(28, "No space left on device")
        return real(fd, data)

    real = os.write
    monkeypatch.setattr(os, "write", write)
    journal.append([fact(1)])
    journal.append([fact(2)])
    assert "No space" in journal.failing
    refusing = False
    journal.append([fact(3)])
    assert journal.failing == ""
    journal.close()

    again, _, facts = reopened(tmp_path)
    assert facts == [fact(0), fact(1), fact(2), fact(3)]
    again.close()


def test_facts_that_only_a_snapshot_knows_leave_no_gap_in_a_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = written(tmp_path, 1)
    with monkeypatch.context() as refusing:
        refusing.setattr(
            os, "write", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
        journal.append([fact(1)])
    journal.save(Count(facts=2))
    os.close(journal._file)
    again, _, _ = reopened(tmp_path)
    again.append([fact(2)])
    again.close()

    last, saved, facts = reopened(tmp_path)
    assert (saved.facts, facts) == (2, [fact(2)])
    last.close()


def test_half_a_write_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = written(tmp_path, 1)
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, data[: len(data) // 2]))
    journal.append([fact(1)])
    monkeypatch.undo()
    journal.append([fact(2)])
    journal.close()

    again, _, facts = reopened(tmp_path)
    assert facts == [fact(0), fact(1), fact(2)]
    again.close()
