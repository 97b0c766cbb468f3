"""Reading a journal that is being written: everything once, whatever happens at the borders of its segments."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.app.outlets.follower import Follower, Place, end_of

pytestmark = pytest.mark.unit


def segment(folder: Path, first: int) -> Path:
    return folder / f"facts-{first}.jsonl"


def read_all(follower: Follower) -> list[tuple[int, bytes]]:
    found = []
    while lines := follower.read():
        found += lines
    return found


def test_a_line_that_is_being_written_is_not_read_yet(tmp_path: Path) -> None:
    segment(tmp_path, 0).write_bytes(b"a\nb\nhal")
    follower = Follower(tmp_path, Place())
    assert read_all(follower) == [(0, b"a"), (1, b"b")]
    with segment(tmp_path, 0).open("ab") as file:
        file.write(b"f\n")
    assert read_all(follower) == [(2, b"half")]
    follower.close()


def test_lines_that_come_between_the_last_look_and_the_next_segment_are_not_lost(tmp_path: Path) -> None:
    segment(tmp_path, 0).write_bytes(b"a\n")
    follower = Follower(tmp_path, Place())
    assert read_all(follower) == [(0, b"a")]
    with segment(tmp_path, 0).open("ab") as file:
        file.write(b"b\n")
    segment(tmp_path, 2).write_bytes(b"c\n")
    assert not follower._turn()
    assert read_all(follower) == [(1, b"b"), (2, b"c")]
    assert follower.lost == 0
    follower.close()


def test_a_torn_end_of_an_old_segment_does_not_stop_anybody(tmp_path: Path) -> None:
    segment(tmp_path, 0).write_bytes(b"a\ntorn")
    segment(tmp_path, 1).write_bytes(b"b\n")
    follower = Follower(tmp_path, Place())
    assert read_all(follower) == [(0, b"a"), (1, b"b")]
    follower.close()


def test_a_journal_shorter_than_what_was_read_goes_on_with_what_is_new(tmp_path: Path) -> None:
    segment(tmp_path, 0).write_bytes(b"a\nb\n")
    follower = Follower(tmp_path, Place(segment=0, offset=40, number=9))
    assert read_all(follower) == []
    with segment(tmp_path, 0).open("ab") as file:
        file.write(b"c\n")
    assert read_all(follower) == [(2, b"c")]
    follower.close()


def test_lines_longer_than_a_chunk_are_read_whole(tmp_path: Path) -> None:
    long = b"x" * 100_000
    segment(tmp_path, 0).write_bytes(long + b"\nb\n")
    follower = Follower(tmp_path, Place())
    assert read_all(follower) == [(0, long), (1, b"b")]
    follower.close()


@given(
    lines=st.lists(
        st.binary(max_size=30).map(lambda data: data.replace(b"\n", b"")), min_size=1, max_size=40
    ),
    cuts=st.sets(st.integers(1, 39), max_size=6),
    stops=st.lists(st.integers(0, 40), max_size=5),
)
def test_wherever_segments_and_restarts_fall_every_line_is_read_once(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], cuts: set[int], stops: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    starts = [0, *sorted(cut for cut in cuts if cut < len(lines))]
    found: list[tuple[int, bytes]] = []
    place, written = Place(), 0
    for upto in [*sorted(min(stop, len(lines)) for stop in stops), len(lines)]:
        for number in range(written, upto):
            first = max(start for start in starts if start <= number)
            with segment(folder, first).open("ab") as file:
                file.write(lines[number] + b"\n")
        written = upto
        follower = Follower(folder, place)
        found += read_all(follower)
        place = follower.place
        follower.close()
        assert (place.offset, place.number) == (end_of(folder).offset, end_of(folder).number)
    assert found == list(enumerate(lines))
