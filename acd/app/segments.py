"""Files of the journal: segments of JSON lines, snapshots, and reading them back after any end.

`facts-<first>.jsonl` holds one fact a line; its first fact has the number `first`. `snapshot-<next>.json` holds what
facts before number `next` add up to. A torn last line (power loss, disk full) is cut off on reading: its step was never
acted on, because commands are dispatched after the write.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from acd.core.facts import AnyFact

DECODER = msgspec.json.Decoder(AnyFact)


class JournalError(Exception):
    """The journal cannot be read; the message names the file, the line and what to do."""


def number_of(path: Path) -> int:
    """The number in a segment's or snapshot's name."""
    return int(path.stem.partition("-")[2])


def segments(directory: Path) -> list[Path]:
    """All segments, oldest first."""
    return sorted(directory.glob("facts-*.jsonl"), key=number_of)


def snapshots(directory: Path) -> list[Path]:
    """All snapshots, newest first."""
    return sorted(directory.glob("snapshot-*.json"), key=number_of, reverse=True)


def read_segment(path: Path, *, last: bool, since: int = 0) -> Iterator[tuple[int, AnyFact]]:
    """The facts of a segment with their numbers, from number `since` on.

    Only the last segment may end in a torn line. Raises JournalError for a damaged line elsewhere.
    """
    number = number_of(path)
    data = path.read_bytes()
    lines = data.split(b"\n")
    torn = lines.pop()
    if torn and not last:
        raise JournalError(
            f"{path}: ends in a torn line though newer segments follow; restore it from a backup"
        )
    for offset, line in enumerate(lines):
        if number + offset >= since:
            try:
                yield number + offset, DECODER.decode(line)
            except msgspec.DecodeError as wrong:
                if last and offset == len(lines) - 1:
                    return
                raise JournalError(
                    f"{path}, line {offset + 1}: {wrong}; move the file away to start without it"
                ) from wrong


def cut_torn_tail(path: Path) -> int:
    """Cut an incomplete last line off; how many bytes went."""
    data = path.read_bytes()
    keep = data.rfind(b"\n") + 1
    if keep and keep == len(data):
        last = data[data.rfind(b"\n", 0, keep - 1) + 1 : keep - 1]
        try:
            DECODER.decode(last)
        except msgspec.DecodeError:
            keep -= len(last) + 1
    if keep < len(data):
        os.truncate(path, keep)
    return len(data) - keep
