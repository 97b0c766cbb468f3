"""From a schedule's file to a Schedule, or to all that keeps it from one. Never raises for an operator's mistake."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from config.findings import Finding
from config.loading import Problem
from config.schedule import Schedule
from config.schedule_csv import read_csv
from config.schedule_ics import read_ics
from config.schedule_rows import Content, checked
from config.schema import Settings
from config.shifts import zone_of
from config.text_file import problems_of, read_text


class Reader(Protocol):
    """Reads one format."""

    def __call__(self, text: str, zone: ZoneInfo) -> Content:
        """All rows, and what is wrong with the others."""


READERS: Final[Mapping[str, Reader]] = {".csv": read_csv, ".ics": read_ics}


class LoadedSchedule(Struct, frozen=True, kw_only=True):
    """The schedule, None when anything is wrong with the file; the problems in the order of its lines."""

    schedule: Schedule | None
    problems: tuple[Problem, ...] = ()


def schedule_problems(directory: Path, settings: Settings) -> tuple[Problem, ...]:
    """What would keep the daemon from taking the schedule that the settings name; nothing when they name none."""
    if not settings.shifts.file:
        return ()
    path = directory / settings.shifts.file
    return load_schedule(path, timezone=settings.shifts.timezone, agents=settings.agents).problems


def load_schedule(path: Path, *, timezone: str, agents: Collection[str]) -> LoadedSchedule:
    """Read and check a file whole; blocks, so for a thread. `agents` are the names it may use."""
    text, findings = read_text(path, "[shifts] file")
    zone = zone_of(timezone)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        findings.append(
            Finding(path=(), message="unknown kind of file", hint="name it .csv (agent,start,end) or .ics")
        )
    if zone is None:
        findings.append(
            Finding(path=(), message=f"unknown time zone {timezone}", hint="[shifts] timezone = …")
        )
    if findings or reader is None or zone is None:
        return _refused(path, findings)
    content = reader(text, zone)
    shifts, strange = checked(content.rows, agents)
    findings += [*content.findings, *strange]
    return _refused(path, findings) if findings else LoadedSchedule(schedule=Schedule(shifts))


def _refused(path: Path, findings: Collection[Finding]) -> LoadedSchedule:
    return LoadedSchedule(schedule=None, problems=problems_of(path, findings))
