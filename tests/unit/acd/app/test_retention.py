"""What is old enough is deleted and told; what is held, runs, or is not understood stays."""

import asyncio
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from acd.app import retention
from acd.app.retention import Retention
from acd.app.shelf import Shelf
from acd.core import facts as f
from acd.core.ids import CallId, QueueName
from acd.web.control import ControlError
from config.centre import Queue
from config.daemon import Switch
from config.supervising import Recording
from config.values import Duration, Secret
from tests.unit.acd.app.test_recorded import Books, answered, arrived, ended, started, talk

pytestmark = pytest.mark.unit
HOUR_NS = 3_600_000_000_000
NOW = 1_000 * HOUR_NS


class Floor:
    """As much of a daemon as retention looks at."""

    def __init__(self, place: Path, *, recordings: bool = True) -> None:
        self.books = Books(place)
        self.folder = place / "monitor"
        self.folder.mkdir()
        switch = Switch(name="pbx1", secret=Secret("x"), recordings=str(self.folder) if recordings else "")
        hour = Queue(recording=Recording(keep=Duration(3_600_000)))
        day = Queue(recording=Recording(keep=Duration(86_400_000)))
        settings = SimpleNamespace(
            daemon=SimpleNamespace(state_dir=str(place)),
            queues={"sales": hour, "billing": day, "kept": Queue()},
            switches=(switch,),
        )
        daemon: Any = SimpleNamespace(
            settings=settings,
            journal=self.books.journal,
            clock=SimpleNamespace(now=lambda: NOW),
            engine=SimpleNamespace(tell=self.books.tell),
            generation=1,
        )
        self.shelf = Shelf(daemon)
        self.retention = Retention(daemon, self.shelf)

    def file(self, name: str) -> Path:
        path = self.folder / name
        path.write_bytes(b"RIFF")
        return path

    def deleted(self) -> list[tuple[str, str]]:
        text = b"".join(path.read_bytes() for path in self.books.journal.directory.glob("facts-*"))
        return [
            (fact["call"], fact["by"])
            for fact in map(_decoded, text.splitlines())
            if fact["fact"] == "recording_deleted"
        ]


def _decoded(line: bytes) -> dict[str, str]:
    import msgspec

    return cast("dict[str, str]", msgspec.json.decode(line))


@pytest.fixture
def floor(tmp_path: Path) -> Floor:
    return Floor(tmp_path)


async def test_the_old_goes_the_young_stays(floor: Floor) -> None:
    old, young = floor.file("c1.wav"), floor.file("c2.wav")
    floor.books.tell(*talk("c1", NOW - 2 * HOUR_NS), *talk("c2", NOW - HOUR_NS // 2))
    tried = await floor.retention.expire("daily", dry_run=True)
    assert (tried.files, old.exists(), floor.deleted()) == (("c1.wav",), True, [])

    done = await floor.retention.expire("daily")

    assert (done.deleted, done.files, done.problems) == (1, ("c1.wav",), ())
    assert (old.exists(), young.exists()) == (False, True)
    assert sorted(floor.deleted()) == [("c1", "daily")]
    again = await floor.retention.expire("daily")
    assert (again.deleted, again.gone) == (0, 0)


async def test_a_file_without_a_fact_is_never_touched(floor: Floor) -> None:
    stranger = floor.file("stranger.wav")
    floor.books.tell(*talk("c1", NOW - 2 * HOUR_NS))
    assert (await floor.retention.expire("daily")).gone == 1
    assert stranger.exists()


async def test_a_fact_that_names_a_file_outside_deletes_nothing(floor: Floor) -> None:
    outside = floor.folder.parent / "outside.wav"
    outside.write_bytes(b"x")
    at = NOW - 2 * HOUR_NS
    floor.books.tell(
        arrived("c1", at), started("c1", at, "../outside.wav"), answered("c1", at), ended("c1", at)
    )
    done = await floor.retention.expire("daily")
    assert outside.exists()
    assert (done.deleted, "no name below" in done.problems[0]) == (0, True)


async def test_held_running_and_kept_recordings_stay(floor: Floor) -> None:
    at = NOW - 2 * HOUR_NS
    for name in ("c1", "c2", "c3", "c4"):
        floor.file(f"{name}.wav")
    floor.books.tell(*talk("c1", at), f.RecordingHeld(at=at + 9, call=CallId("c1"), held=True, by="eve"))
    floor.books.tell(arrived("c2", at), started("c2", at), answered("c2", at))
    for call, queue in (("c3", QueueName("kept")), ("c4", QueueName("removed"))):
        fact = started(call, at, queue=queue)
        floor.books.tell(
            arrived(call, at, queue=queue), fact, answered(call, at, queue=queue), ended(call, at)
        )
    done = await floor.retention.expire("daily")
    assert (done.deleted, done.held) == (0, 1)
    assert len(list(floor.folder.iterdir())) == 4


async def test_a_file_of_two_calls_goes_when_both_are_old_and_is_told_for_each(floor: Floor) -> None:
    file, at = floor.file("c1.wav"), NOW - 2 * HOUR_NS
    billing = QueueName("billing")
    floor.books.tell(*talk("c1", at))
    floor.books.tell(arrived("c2", at, queue=billing), started("c2", at, "c1.wav", billing))
    floor.books.tell(answered("c2", at, "bob", billing), ended("c2", at, billing))
    assert (await floor.retention.expire("daily")).deleted == 0, "billing keeps them for a day"
    assert file.exists()
    old = NOW - 30 * HOUR_NS
    floor.file("c8.wav")
    floor.books.tell(*talk("c8", old))
    floor.books.tell(arrived("c9", old, queue=billing), started("c9", old, "c8.wav", billing))
    floor.books.tell(answered("c9", old, "bob", billing), ended("c9", old, billing))
    assert (await floor.retention.expire("daily")).deleted == 1
    assert sorted(floor.deleted()) == [("c8", "daily"), ("c9", "daily")]


async def test_a_folder_that_is_not_mounted_is_told_and_nothing_forgotten(floor: Floor) -> None:
    floor.books.tell(*talk("c1", NOW - 2 * HOUR_NS))
    floor.folder.rmdir()
    done = await floor.retention.expire("daily")
    assert (done.deleted, done.gone, "No such file" in done.problems[0]) == (0, 0, True)
    floor.folder.mkdir()
    floor.file("c1.wav")
    assert (await floor.retention.expire("daily")).deleted == 1


async def test_without_the_key_it_is_said_what_to_set(tmp_path: Path) -> None:
    floor = Floor(tmp_path, recordings=False)
    floor.books.tell(*talk("c1", NOW - 2 * HOUR_NS), *talk("c2", NOW - 2 * HOUR_NS))
    (problem,) = (await floor.retention.expire("daily")).problems
    assert "nobody said where pbx1 keeps its recordings" in problem
    assert 'recordings = "/var/spool/asterisk/monitor"' in problem


async def test_nothing_is_deleted_that_can_not_be_told(floor: Floor) -> None:
    file = floor.file("c1.wav")
    floor.books.tell(*talk("c1", NOW - 2 * HOUR_NS))
    floor.books.journal.failing = "No space left on device"
    done = await floor.retention.expire("daily")
    assert (done.deleted, "the journal takes no facts" in done.problems[0]) == (0, True)
    assert file.exists()


async def test_a_broken_index_says_how_to_make_it_anew(floor: Floor, tmp_path: Path) -> None:
    (tmp_path / "recordings.sqlite").write_bytes(b"no database" * 1_000)
    with pytest.raises(ControlError) as refused:
        await floor.retention.expire("daily")
    assert (refused.value.status, "remove recordings.sqlite" in refused.value.hint) == (503, True)


async def test_the_daemon_does_so_by_itself(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "FIRST_SECONDS", 0)
    file = floor.file("c1.wav")
    floor.books.tell(*talk("c1", NOW - 2 * HOUR_NS))
    running = asyncio.get_running_loop().create_task(floor.retention.run())
    async with asyncio.timeout(5):
        while not floor.deleted():
            await asyncio.sleep(0.01)
    running.cancel()
    assert not file.exists()
    assert floor.deleted() == [("c1", "daily")]


async def test_a_day_without_an_index_is_logged_and_tried_again(
    floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "FIRST_SECONDS", 0)
    monkeypatch.setattr(retention, "HOUR_SECONDS", 0.01)
    index = tmp_path / "recordings.sqlite"
    index.write_bytes(b"no database" * 1_000)
    floor.file("c1.wav")
    floor.books.tell(*talk("c1", NOW - 2 * HOUR_NS))
    with capture_logs() as logs:
        running = asyncio.get_running_loop().create_task(floor.retention.run())
        async with asyncio.timeout(5):
            while not logs:
                await asyncio.sleep(0.01)
            index.unlink()
            while not floor.deleted():
                await asyncio.sleep(0.01)
        running.cancel()
    assert logs[0]["event"] == "recordings_not_looked_after"
