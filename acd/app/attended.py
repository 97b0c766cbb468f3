"""Who was logged in when, and what was told about it, from the journal: so that a restart forgets and repeats nothing."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec
import structlog

from acd.app.segments import DECODER, number_of, segments
from acd.core import facts as f

log = structlog.get_logger("acd.shifts")
TAGS: Final = (b'"agent_logged_in"', b'"agent_logged_out"', b'"off_shift"')
"""Looked for before a line is decoded: a day of a big floor is a million lines."""

Told = tuple[str, str, int]
"""Agent, kind and planned moment: what makes a deviation the same."""


class Attended(msgspec.Struct, frozen=True, kw_only=True):
    """Log-ins, log-outs and deviations told, oldest first; `since` is the moment from which on all are known."""

    since: int
    facts: list[f.AnyFact]


def attended(directory: Path, *, since: int, before: int, now: int) -> Attended:
    """Look back through the journal as far as `since`, at facts with numbers under `before`. Blocks: for a thread."""
    found: list[f.AnyFact] = []
    oldest = now
    for path in reversed(segments(directory)):
        lines = _lines(path)[: max(0, before - number_of(path))]
        if not lines:
            continue
        found = [*_facts([line for line in lines if any(tag in line for tag in TAGS)], path), *found]
        oldest = min([oldest, *(fact.at for fact in _facts(lines[:1], path))])
        if oldest < since:
            break
    return Attended(since=max(oldest, since), facts=[fact for fact in found if fact.at >= since])


def _lines(path: Path) -> list[bytes]:
    """A segment's whole lines; the last one may be half written."""
    try:
        return path.read_bytes().split(b"\n")[:-1]
    except OSError as wrong:
        log.warning("attendance_unreadable", file=str(path), error=str(wrong))
        return []


def _facts(lines: Iterable[bytes], path: Path) -> Iterator[f.AnyFact]:
    """The lines read; a damaged one costs its fact and not the daemon, which did not need that segment to start."""
    for line in lines:
        try:
            yield DECODER.decode(line)
        except msgspec.DecodeError as wrong:
            log.warning("attendance_unreadable", file=str(path), error=str(wrong))
