"""A schedule as iCalendar (RFC 5545): one VEVENT a shift. Strict and small. Pure.

Read of a VEVENT: DTSTART and DTEND (with Z, with TZID, or by the schedule's own zone), the agent (the mail address before
the @ of the one ATTENDEE, else SUMMARY) and STATUS:CANCELLED, which leaves it out. Refused, because shifts would be lost
unseen: recurrences (RRULE, RDATE, EXDATE, RECURRENCE-ID), DURATION, whole days. Passed over: every other property and
component. A TZID must be a name of the IANA database; VTIMEZONE definitions are not read. As the RFC says, a time the
clock shows twice is the first of the two, and one it never shows is counted with the offset before the change.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from config.findings import Finding, quoted
from config.schedule_rows import BadRowError, Content, Row, moment
from config.shifts import zone_of

_LINE: Final = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)'
)
_PARAMETER: Final = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^;]*)')
_TIME: Final = re.compile(r"(\d{8}T\d{6})(Z?)", re.ASCII)
_RECURRENCES: Final = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"})
_ESCAPES: Final = re.compile(r"\\([\\;,nN])")


class Property(Struct, frozen=True, kw_only=True):
    """One content line, unfolded; the line is that of its first part."""

    line: int
    name: str
    parameters: dict[str, str]
    value: str


def read_ics(text: str, zone: ZoneInfo) -> Content:
    """Read all events; `zone` is for times without one of their own."""
    rows: list[Row] = []
    findings: list[Finding] = []
    try:
        events = list(_events(text))
    except BadRowError as bad:
        return Content(findings=[bad.finding(1)])
    for line, properties in events:
        try:
            row = _row(line, properties, zone)
        except BadRowError as bad:
            findings.append(bad.finding(line))
        else:
            rows += [row] if row is not None else []
    return Content(rows=rows, findings=findings)


def _events(text: str) -> Iterator[tuple[int, list[Property]]]:
    """Each VEVENT's own properties and the line of its BEGIN. Raises BadRowError for what is no whole calendar."""
    open_: list[str] = []
    began, event = 0, list[Property]()
    calendars = 0
    for item in _properties(text):
        kind = item.value.strip().upper()
        if item.name == "BEGIN":
            open_.append(kind)
            calendars += kind == "VCALENDAR"
            if kind == "VEVENT":
                began, event = item.line, []
        elif not open_:
            raise BadRowError("something outside of any calendar", "begin with BEGIN:VCALENDAR", item.line)
        elif item.name == "END":
            if open_.pop() != kind:
                raise BadRowError(f"END:{kind} ends nothing", "export the file again", item.line)
            if kind == "VEVENT":
                yield began, event
        elif open_[-1] == "VEVENT":
            event.append(item)
    if open_ or not calendars:
        missing = f"END:{open_[-1]}" if open_ else "BEGIN:VCALENDAR"
        raise BadRowError(f"{missing} is missing", "the file is cut off or no iCalendar: export it again")


def _properties(text: str) -> Iterator[Property]:
    for line, content in _unfolded(text):
        found = _LINE.fullmatch(content)
        if found is None:
            raise BadRowError(
                f"no content line of iCalendar: {quoted(content)}", "export the file again", line
            )
        parameters = {name.upper(): value.strip('"') for name, value in _PARAMETER.findall(found[2])}
        yield Property(line=line, name=found[1].upper(), parameters=parameters, value=found[3])


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """The content lines: one that begins with a blank goes on the one before."""
    began, content = 0, ""
    for number, line in enumerate(re.split(r"\r\n|\n", text), start=1):
        if line[:1] in {" ", "\t"} and content:
            content += line[1:]
            continue
        if content.strip():
            yield began, content
        began, content = number, line
    if content.strip():
        yield began, content


def _row(line: int, properties: list[Property], zone: ZoneInfo) -> Row | None:
    """The shift of one event; None when it is cancelled."""
    if any(one.name == "STATUS" and one.value.strip().upper() == "CANCELLED" for one in properties):
        return None
    for one in properties:
        if one.name in _RECURRENCES:
            raise BadRowError(f"{one.name} is not read", "export each shift as an event of its own", one.line)
        if one.name == "DURATION":
            raise BadRowError("DURATION is not read", "export the shift with DTEND", one.line)
    start, end = (_moment(_only(name, properties), zone) for name in ("DTSTART", "DTEND"))
    return Row(line=line, agent=_agent(properties), start=start, end=end)


def _only(name: str, properties: list[Property]) -> Property:
    found = [one for one in properties if one.name == name]
    if len(found) != 1:
        raise BadRowError(f"the event has {len(found) or 'no'} {name}", f"give it one {name}")
    return found[0]


def _agent(properties: list[Property]) -> str:
    attending = [one for one in properties if one.name == "ATTENDEE"]
    if len(attending) > 1:
        raise BadRowError(
            f"the event has {len(attending)} ATTENDEEs", "export one event an agent", attending[1].line
        )
    if attending:
        value = attending[0].value.strip()
        return re.sub("^mailto:", "", value, flags=re.IGNORECASE).partition("@")[0]
    return _ESCAPES.sub(
        lambda found: " " if found[1] in "nN" else found[1], _only("SUMMARY", properties).value
    ).strip()


def _moment(item: Property, zone: ZoneInfo) -> int:
    value = item.value.strip()
    if item.parameters.get("VALUE", "").upper() == "DATE":
        raise BadRowError(f"{item.name} is a whole day", "give the shift a start and an end time", item.line)
    found = _TIME.fullmatch(value)
    try:
        wall = dt.datetime.strptime(found[1], "%Y%m%dT%H%M%S") if found else None  # noqa: DTZ007 - the zone follows
    except ValueError:
        wall = None
    if wall is None or found is None:
        raise BadRowError(
            f"{item.name} is {quoted(value)}, no date and time", "write it like 20260302T080000", item.line
        )
    if found[2]:
        return moment(wall, dt.UTC)
    return moment(wall, _zone(item) or zone)


def _zone(item: Property) -> ZoneInfo | None:
    name = item.parameters.get("TZID")
    if name is None:
        return None
    zone = zone_of(name)
    if zone is None:
        hint = 'export it with names of the IANA database such as "Europe/Berlin", or in UTC'
        raise BadRowError(f"unknown time zone {quoted(name)}", hint, item.line)
    return zone
