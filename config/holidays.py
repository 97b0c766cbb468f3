"""A file of holidays as iCalendar: the times to be closed, or all that keeps the file from being read.

Read of a VEVENT: DTSTART and DTEND, as whole days (one day without DTEND) or as times (with Z, with TZID, or by the hours' own zone),
SUMMARY, and STATUS:CANCELLED, which leaves it out. Recurrences are refused: a holiday that is lost would let callers in.
"""

import datetime as dt
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from config.findings import Finding
from config.icalendar import (
    Property,
    cancelled,
    day_of,
    events,
    is_day,
    moment_of,
    only,
    refuse_recurrence,
    text_of,
)
from config.loading import Problem
from config.opening import Closure, first_showing
from config.schedule_rows import YEARS, BadRowError
from config.schema import Settings
from config.shifts import zone_of
from config.text_file import problems_of, read_text

LARGEST: Final = 4 * 1024 * 1024
"""Bytes: the holidays of a country for a century take less than one MiB."""
LONGEST: Final = dt.timedelta(days=366)


class LoadedHolidays(Struct, frozen=True, kw_only=True):
    """The times to be closed, None when anything is wrong with the file; the problems in the order of its lines."""

    closures: tuple[Closure, ...] | None
    problems: tuple[Problem, ...] = ()


def holidays_problems(directory: Path, settings: Settings) -> tuple[Problem, ...]:
    """What would keep the daemon from taking the files of holidays that the settings name."""
    named = {(hours.holidays, hours.timezone) for hours in settings.hours.values() if hours.holidays}
    return tuple(
        problem
        for file, timezone in sorted(named)
        for problem in load_holidays(directory / file, timezone=timezone).problems
    )


def load_holidays(path: Path, *, timezone: str) -> LoadedHolidays:
    """Read and check a file whole; blocks, so for a thread. `timezone` is for whole days and times without one."""
    text, findings = read_text(path, "[hours.NAME] holidays", largest=LARGEST)
    zone = zone_of(timezone)
    if zone is None:
        hint = "[hours.NAME] timezone = …"
        findings.append(Finding(path=(), message=f"unknown time zone {timezone}", hint=hint))
    closures: list[Closure] = []
    if zone is not None and not findings:
        closures, findings = read_holidays(text, zone)
    if findings:
        return LoadedHolidays(closures=None, problems=problems_of(path, findings))
    return LoadedHolidays(closures=tuple(closures))


def read_holidays(text: str, zone: ZoneInfo) -> tuple[list[Closure], list[Finding]]:
    """All events that take place, and what is wrong with the others."""
    closures: list[Closure] = []
    findings: list[Finding] = []
    try:
        found = list(events(text))
    except BadRowError as bad:
        return [], [bad.finding(1)]
    for line, properties in found:
        try:
            closures += [] if cancelled(properties) else [_closure(properties, zone)]
        except BadRowError as bad:
            findings.append(bad.finding(line))
    return closures, findings


def _closure(properties: list[Property], zone: ZoneInfo) -> Closure:
    refuse_recurrence(properties, "holiday")
    begins = only("DTSTART", properties)
    ends = [one for one in properties if one.name == "DTEND"]
    if is_day(begins) and not ends:
        first = day_of(begins)
        start, end = _midnight(first, zone), _midnight(first + dt.timedelta(days=1), zone)
    else:
        start, end = (_moment(item, zone) for item in (begins, only("DTEND", properties)))
    if end <= start:
        hint = "the DTEND of a whole day is the day after"
        raise BadRowError("the event does not end after it starts", hint, begins.line)
    if end - start > LONGEST.total_seconds() * 1_000_000_000:
        raise BadRowError("the event lasts longer than a year", "correct its dates", begins.line)
    name = next((text_of(one) for one in properties if one.name == "SUMMARY"), "")
    return Closure(start, end, name)


def _moment(item: Property, zone: ZoneInfo) -> int:
    return _midnight(day_of(item), zone) if is_day(item) else moment_of(item, zone)


def _midnight(day: dt.date, zone: ZoneInfo) -> int:
    if day.year not in YEARS:
        raise BadRowError(f"the year is {day.year}", f"write a year from {YEARS.start} to {YEARS.stop - 1}")
    return first_showing(dt.datetime.combine(day, dt.time()), zone)
