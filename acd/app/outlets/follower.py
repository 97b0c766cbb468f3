"""Reading the journal from a place on, while it is written: what was told is on disk, so an outlet loses nothing by being slow."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
import structlog

from acd.app.segments import DECODER, number_of, segments
from acd.core.facts import Fact

log = structlog.get_logger("acd.outlets")
CHUNK = 32_768
"""Bytes read at a time, about a hundred facts: while they are decoded the routing loop may have to wait, half a millisecond."""


class Place(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Where in the journal somebody is: before fact `number`, which stands at `offset` of a segment."""

    segment: int = 0
    offset: int = 0
    number: int = 0


def end_of(journal: Path) -> Place:
    """The place behind all that is written."""
    files = segments(journal)
    if not files:
        return Place()
    data = files[-1].read_bytes()
    whole = data.rfind(b"\n") + 1
    first = number_of(files[-1])
    return Place(segment=first, offset=whole, number=first + data.count(b"\n"))


def prefixes(tags: tuple[str, ...]) -> tuple[bytes, ...]:
    """How lines of these kinds of facts begin."""
    return tuple(f'{{"fact":"{tag}",'.encode() for tag in tags)


def facts_of(lines: list[tuple[int, bytes]], wanted: tuple[bytes, ...]) -> Iterator[tuple[int, Fact]]:
    """The facts whose lines begin so; a line that is none was torn by a power cut, and its step never acted on."""
    for number, line in lines:
        if line.startswith(wanted):
            try:
                yield number, DECODER.decode(line)
            except msgspec.DecodeError as wrong:
                log.warning("journal_line_unreadable", number=number, error=str(wrong))


def tag_of(kind: type[Fact]) -> str:
    """The kind's name in the journal."""
    return str(kind.__struct_config__.tag)


class Follower:
    """Whole lines after `place`, which is moved on by `read`. Blocks on the disk, so for a thread."""

    def __init__(self, journal: Path, place: Place) -> None:
        """Nothing is opened yet."""
        self._journal = journal
        self.place = place
        self.lost = 0
        """Facts that were gone before they could be read."""
        self._file: BinaryIO | None = None

    def read(self) -> list[tuple[int, bytes]]:
        """The next lines with their numbers, at most some `CHUNK` bytes; empty: there is nothing new.

        Raises OSError, after which it can be tried again.
        """
        file = self._file or self._open()
        if file is None:
            return []
        data = file.read(CHUNK)
        while data and b"\n" not in data and (more := file.read(CHUNK)):
            data += more
        whole = data[: data.rfind(b"\n") + 1]
        if not whole:
            file.seek(self.place.offset)
            return self.read() if self._turn() else []
        number = self.place.number
        lines = list(enumerate(whole.split(b"\n")[:-1], number))
        self.place = Place(
            segment=self.place.segment, offset=self.place.offset + len(whole), number=number + len(lines)
        )
        file.seek(self.place.offset)
        return lines

    def close(self) -> None:
        """Let the file go; `read` opens it again."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> BinaryIO | None:
        path = self._path(self.place.segment)
        if not path.exists():
            return self._file if self._turn() else None
        self._file = path.open("rb")
        size = path.stat().st_size
        if size < self.place.offset:
            # A power cut took what had been read already; it did not happen, and what follows is new.
            log.warning("journal_shorter_than_read", file=str(path), read=self.place.offset, size=size)
            count = path.read_bytes().count(b"\n")
            self.place = Place(segment=self.place.segment, offset=size, number=self.place.segment + count)
        self._file.seek(self.place.offset)
        return self._file

    def _turn(self) -> bool:
        """Go to the next segment, if there is one: the present one is read to its end, or gone."""
        # The next one's name is the number of the fact it begins with; to look for others costs a listing of the folder.
        after = self.place.number
        if after == self.place.segment or not self._path(after).exists():
            known = [number_of(path) for path in segments(self._journal)]
            later = [number for number in known if number > self.place.segment]
            # Lines may have come to the present one since it was read, and only then the next.
            if not later or self._more():
                return False
            after = later[0]
        if after > self.place.number:
            self.lost += after - self.place.number
            log.error("journal_facts_missing", first=self.place.number, count=after - self.place.number)
        self.close()
        self.place = Place(segment=after, offset=0, number=after)
        return self._open() is not None

    def _more(self) -> bool:
        try:
            with self._path(self.place.segment).open("rb") as file:
                file.seek(self.place.offset)
                return b"\n" in file.read()
        except FileNotFoundError:
            return False

    def _path(self, segment: int) -> Path:
        return self._journal / f"facts-{segment}.jsonl"
