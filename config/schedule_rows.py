"""What the readers of schedules share: rows with their lines, local times made moments, and what a row may not say. Pure."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from operator import attrgetter
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from config.findings import Finding, did_you_mean, quoted
from config.schedule import SECOND, Shift

LONGEST_HOURS: Final = 24
YEARS: Final = range(2000, 2200)


class Row(Struct, frozen=True, kw_only=True):
    """One shift as a file names it; lines count from 1."""

    line: int
    agent: str
    start: int
    end: int


class BadRowError(Exception):
    """A row cannot be read: `message` says what is wrong, `hint` what to do, `line` where if it is known better."""

    def __init__(self, message: str, hint: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.line = line

    def finding(self, line: int) -> Finding:
        """The same as a finding."""
        return Finding(path=(), message=self.message, hint=self.hint, line=self.line or line)


class Content(Struct, frozen=True, kw_only=True):
    """What a file holds: its rows, and what is wrong with the others."""

    rows: Sequence[Row] = ()
    findings: Sequence[Finding] = ()


def moment(wall: dt.datetime, zone: dt.tzinfo) -> int:
    """The moment of a wall clock's time in a zone; the first of two where the clock is put back (`fold` 0).

    Raises BadRowError for a year that is no plan's.
    """
    if wall.year not in YEARS:
        raise BadRowError(f"the year is {wall.year}", f"write a year from {YEARS.start} to {YEARS.stop - 1}")
    return int(wall.replace(tzinfo=zone).timestamp()) * SECOND


def plain_moment(wall: dt.datetime, zone: ZoneInfo) -> int:
    """The same for a time that stands without its offset from UTC.

    Raises BadRowError where the clock shows that time twice or never.
    """
    at = moment(wall, zone)
    shown = dt.datetime.fromtimestamp(at // SECOND, zone)
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if shown.replace(tzinfo=None, fold=0) != wall:
        raise BadRowError(
            f"{wall:%Y-%m-%d %H:%M} does not exist in {zone.key}: the clock is put forward over it",
            f"write the offset: {_with_offset(first)} or {_with_offset(second)}",
        )
    if first.utcoffset() != second.utcoffset():
        raise BadRowError(
            f"{wall:%Y-%m-%d %H:%M} comes twice in {zone.key}: the clock is put back over it",
            f"write the offset: {_with_offset(first)} or {_with_offset(second)}",
        )
    return at


def _with_offset(wall: dt.datetime) -> str:
    return wall.isoformat(timespec="minutes")


def checked(rows: Sequence[Row], agents: Collection[str]) -> tuple[list[Shift], list[Finding]]:
    """The shifts of rows that each make sense, and what is wrong with and between the others."""
    findings = [finding for row in rows for finding in _strange(row, agents)]
    findings += _overlaps(rows)
    return [Shift(row.agent, row.start, row.end) for row in rows], findings


def _strange(row: Row, agents: Collection[str]) -> Iterator[Finding]:
    if row.agent not in agents:
        hint = did_you_mean(row.agent, agents) or "name an agent of agents.toml, or take the shift out"
        yield Finding(path=(), message=f"unknown agent {quoted(row.agent)}", hint=hint, line=row.line)
    if row.end <= row.start:
        hint = "a shift over midnight ends on the next day's date"
        yield Finding(path=(), message="the shift does not end after it starts", hint=hint, line=row.line)
    elif row.end - row.start > LONGEST_HOURS * 3600 * SECOND:
        hours = (row.end - row.start) // (3600 * SECOND)
        message = f"the shift lasts {hours} hours, more than {LONGEST_HOURS}"
        yield Finding(path=(), message=message, hint="correct the dates, or cut it in two", line=row.line)


def _overlaps(rows: Sequence[Row]) -> Iterator[Finding]:
    """Each row that begins before an earlier one of the same agent is over."""
    longest: dict[str, Row] = {}
    for row in sorted(rows, key=attrgetter("start", "line")):
        before = longest.get(row.agent)
        if before is not None and row.start < before.end and row.start < row.end:
            message = f"overlaps the shift of {quoted(row.agent)} in line {before.line}"
            yield Finding(path=(), message=message, hint="correct or remove one of the two", line=row.line)
        if before is None or row.end > before.end:
            longest[row.agent] = row
