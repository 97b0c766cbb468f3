"""From a schedule's file to a Schedule, or to all that keeps it from one. Never raises for an operator's mistake."""

import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from config.findings import Finding, Severity
from config.loading import Problem
from config.schedule import Schedule
from config.schedule_csv import read_csv
from config.schedule_ics import read_ics
from config.schedule_rows import Content, checked
from config.schema import Settings
from config.shifts import zone_of

LARGEST: Final = 32 * 1024 * 1024
"""Bytes: a thousand agents for a year take about 15 MiB as CSV."""


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
    text, findings = _text(path)
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


def _text(path: Path) -> tuple[str, list[Finding]]:
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
            return "", [Finding(path=(), message="not a regular file", hint="name a file in [shifts] file")]
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as wrong:
        hint = "put the file there, or correct [shifts] file"
        return "", [Finding(path=(), message=f"cannot be read: {wrong.strerror}", hint=hint)]
    if len(data) > LARGEST:
        hint = "leave out shifts that are over"
        return "", [Finding(path=(), message=f"larger than {LARGEST // 1024 // 1024} MiB", hint=hint)]
    try:
        return data.decode("utf-8-sig"), []  # spreadsheets put a byte order mark in front
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        return "", [Finding(path=(), message="not UTF-8 text", hint="save it as UTF-8", line=line)]


def _refused(path: Path, findings: Collection[Finding]) -> LoadedSchedule:
    ordered = sorted(findings, key=lambda finding: finding.line or 0)
    return LoadedSchedule(
        schedule=None,
        problems=tuple(
            Problem(
                file=path.name,
                path="",
                line=finding.line,
                message=finding.message,
                hint=finding.hint,
                severity=Severity.ERROR,
            )
            for finding in ordered
        ),
    )
