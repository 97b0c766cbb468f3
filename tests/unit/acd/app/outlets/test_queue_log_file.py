"""The queue_log file over rotations, full disks and kills: every line once, in order."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acd.app.journal import Journal
from acd.app.outlets.queue_log_file import QueueLogFile
from acd.core import facts as f
from acd.core.ids import AgentName, PhoneName
from kpi.queue_log import Roster

pytestmark = pytest.mark.unit
NS = 1_000_000_000
ANN = AgentName("ann")


class Stand:
    """A journal, and logs on it one after the other."""

    def __init__(self, folder: Path, segment_bytes: int = 67_108_864) -> None:
        self.folder = folder
        self.file = folder / "queue_log"
        self.journal = Journal(folder / "journal", segment_bytes)
        self.journal.load(dict, dict)
        self.log = self.open()

    def open(self) -> QueueLogFile:
        roster = Roster(queues={"ann": ("sales",)})
        return QueueLogFile(
            self.file, self.folder / "journal", self.folder / "queue_log.json", lambda: roster
        )

    def pause(self, second: int) -> None:
        """One fact that makes two lines."""
        self.journal.append([f.Paused(at=second * NS, agent=ANN, reason=str(second))])

    def seconds(self, *files: Path) -> list[int]:
        """When agents were paused, once for all queues, by the files."""
        text = "".join(file.read_text() for file in files or (self.file,))
        return [int(line.partition("|")[0]) for line in text.splitlines() if "|PAUSEALL|" in line]


@pytest.fixture
def stand(tmp_path: Path) -> Any:
    made = Stand(tmp_path)
    made.log.begin({ANN: PhoneName("PJSIP/1001")}, NS)
    made.log.start()
    yield made
    made.log.stop()
    made.journal.close()


def until(true: Callable[[], object]) -> None:
    limit = time.monotonic() + 10
    while not true():
        assert time.monotonic() < limit, "it did not come"
        time.sleep(0.005)


def test_a_new_log_begins_with_who_is_at_work(stand: Stand) -> None:
    stand.pause(5)
    until(lambda: stand.file.exists() and stand.seconds() == [5])
    assert stand.file.read_text().splitlines() == [
        "1|MANAGER|sales|ann|ADDMEMBER|",
        "5|NONE|NONE|ann|PAUSEALL|5",
        "5|NONE|sales|ann|PAUSE|5",
    ]


def test_a_rotation_by_renaming_needs_no_signal_and_loses_nothing(stand: Stand) -> None:
    stand.pause(5)
    until(lambda: stand.file.exists() and stand.seconds() == [5])
    old = stand.file.rename(stand.folder / "queue_log.1")
    stand.pause(6)
    until(lambda: stand.file.exists() and stand.seconds() == [6])
    assert stand.seconds(old) == [5]


def test_an_orderly_restart_goes_on_behind_what_was_written(stand: Stand) -> None:
    stand.pause(5)
    stand.log.stop()
    assert stand.seconds() == [5]
    stand.pause(6)
    stand.log = stand.open()
    stand.log.start()
    until(lambda: stand.seconds() == [5, 6])


@pytest.mark.parametrize("rotated", [False, True])
@pytest.mark.parametrize("torn", [0, 7])
def test_lines_written_after_the_last_place_was_kept_are_not_written_again(
    stand: Stand, torn: int, rotated: bool
) -> None:
    stand.pause(5)
    stand.log.stop()
    kept = (stand.folder / "queue_log.json").read_bytes()
    stand.pause(6)
    stand.log = stand.open()
    stand.log.start()
    until(lambda: stand.seconds() == [5, 6])
    stand.log.stop()
    # As after a kill: the file has more than the place that was kept tells, and its last line may be torn.
    (stand.folder / "queue_log.json").write_bytes(kept)
    if torn:
        stand.file.write_bytes(stand.file.read_bytes()[:-torn])
    files = [stand.file]
    if rotated:
        files.insert(0, stand.file.rename(stand.folder / "queue_log.1"))
    stand.pause(7)

    stand.log = stand.open()
    stand.log.start()
    until(lambda: stand.file.exists() and stand.seconds(*files) == [5, 6, 7])
    stand.log.stop()
    text = "".join(file.read_text() for file in files)
    assert text.count("|PAUSE|") == 3
    assert text.endswith("7|NONE|sales|ann|PAUSE|7\n")


def test_while_the_file_cannot_be_written_facts_wait_in_the_journal(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("acd.app.outlets.outlet.RETRY_S", (0.01, 0.02))
    stand.pause(5)
    until(lambda: stand.file.exists() and stand.seconds() == [5])
    stand.file.unlink()
    stand.file.mkdir()
    stand.pause(6)
    until(lambda: stand.log.failing)
    stand.pause(7)
    stand.file.rmdir()
    until(lambda: stand.file.is_file() and stand.seconds() == [6, 7])
    until(lambda: not stand.log.failing)


def test_segments_are_followed_and_what_is_gone_is_counted(tmp_path: Path) -> None:
    stand = Stand(tmp_path, segment_bytes=200)
    for second in range(10, 40):
        stand.pause(second)
    segments = sorted((tmp_path / "journal").glob("facts-*"), key=lambda path: int(path.stem[6:]))
    assert len(segments) > 4
    stand.log.follower.place.segment = stand.log.follower.place.number = stand.log.follower.place.offset = 0
    segments[0].unlink()
    stand.log.begin({ANN: PhoneName("")}, NS)
    stand.log.start()
    lost = int(segments[1].stem[6:])
    until(lambda: stand.file.exists() and stand.seconds() == list(range(10 + lost, 40)))
    assert stand.log.follower.lost == lost
    stand.log.stop()
    stand.journal.close()
