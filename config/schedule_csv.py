"""A schedule as comma-separated values: `agent,start,end`, times in ISO 8601 with or without offset. Pure.

agent,start,end
ann,2026-03-02T08:00,2026-03-02T16:30
bob,2026-03-02T22:00+01:00,2026-03-03T06:00+01:00
"""

import csv
import datetime as dt
import re
from typing import Final
from zoneinfo import ZoneInfo

from config.findings import Finding, quoted
from config.schedule_rows import BadRowError, Content, Row, moment, plain_moment

COLUMNS: Final = ("agent", "start", "end")
HEADER: Final = ",".join(COLUMNS)
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def read_csv(text: str, zone: ZoneInfo) -> Content:
    """Read all rows; `zone` is for times without an offset."""
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    rows: list[Row] = []
    findings: list[Finding] = []
    places: dict[str, int] | None = None
    try:
        for fields in reader:
            if not any(field.strip() for field in fields):
                continue
            try:
                if places is None:
                    places = _places(fields)
                else:
                    rows.append(_row(fields, places, zone, reader.line_num))
            except BadRowError as bad:
                findings.append(bad.finding(reader.line_num))
                if places is None:  # without a header no row can be read
                    break
    except csv.Error as wrong:
        hint = "close every quote, and double the quotes inside quotes"
        findings.append(
            Finding(path=(), message=f"not valid CSV: {wrong}", hint=hint, line=reader.line_num or 1)
        )
    if places is None and not findings:
        findings.append(Finding(path=(), message="no header", hint=f"begin with the line {HEADER}", line=1))
    return Content(rows=rows, findings=findings)


def _places(fields: list[str]) -> dict[str, int]:
    """Column -> its place, from the header."""
    names = [field.strip().lower() for field in fields]
    if sorted(names) != sorted(COLUMNS):
        first = fields[0].replace(";", ",").replace("\t", ",").strip().lower()
        split = len(fields) == 1 and first == HEADER
        hint = "separate the columns by commas" if split else f"write {HEADER}, no other columns"
        raise BadRowError(f"the header is {quoted(','.join(fields))}", hint)
    return {name: place for place, name in enumerate(names)}


def _row(fields: list[str], places: dict[str, int], zone: ZoneInfo, line: int) -> Row:
    if len(fields) != len(COLUMNS):
        raise BadRowError(f"{len(fields)} columns instead of {len(COLUMNS)}", f"write {HEADER}")
    agent, start, end = (fields[places[name]].strip() for name in COLUMNS)
    if not agent:
        raise BadRowError("no agent", "name the agent as agents.toml does")
    return Row(line=line, agent=agent, start=_moment("start", start, zone), end=_moment("end", end, zone))


def _moment(column: str, text: str, zone: ZoneInfo) -> int:
    example = "write it like 2026-03-02T08:00 or 2026-03-02T08:00+01:00"
    if not _TIME.fullmatch(text):
        raise BadRowError(f"{column} is {quoted(text)}, no date and time of ISO 8601", example)
    try:
        wall = dt.datetime.fromisoformat(text)
    except ValueError as wrong:
        raise BadRowError(f"{column} is {quoted(text)}: {wrong}", example) from None
    if wall.tzinfo is not None:
        return moment(wall.replace(tzinfo=None), wall.tzinfo)
    return plain_moment(wall, zone)
