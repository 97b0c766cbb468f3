"""What is read of iCalendar (RFC 5545), for schedules and holidays alike: events, their properties, times. Strict and small. Pure.

Refused, because events would be lost unseen: recurrences (RRULE, RDATE, EXDATE, RECURRENCE-ID) and DURATION. Passed over: every
other property and component. A TZID must be a name of the IANA database; VTIMEZONE definitions are not read. As the RFC says, a
time the clock shows twice is the first of the two, and one it never shows is counted with the offset before the change.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from config.findings import quoted
from config.schedule_rows import BadRowError, moment
from config.shifts import zone_of

_LINE: Final = re.compile(
    r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)'
)
_PARAMETER: Final = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^;]*)')
_TIME: Final = re.compile(r"(\d{8}T\d{6})(Z?)", re.ASCII)
_DAY: Final = re.compile(r"\d{8}", re.ASCII)
_RECURRENCES: Final = frozenset({"RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"})
_ESCAPES: Final = re.compile(r"\\([\\;,nN])")


class Property(Struct, frozen=True, kw_only=True):
    """One content line, unfolded; the line is that of its first part."""

    line: int
    name: str
    parameters: dict[str, str]
    value: str


def events(text: str) -> Iterator[tuple[int, list[Property]]]:
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


def cancelled(properties: list[Property]) -> bool:
    """Whether the event does not take place."""
    return any(one.name == "STATUS" and one.value.strip().upper() == "CANCELLED" for one in properties)


def refuse_recurrence(properties: list[Property], what: str) -> None:
    """Raise BadRowError for an event that is more than one, or that tells its end by its length; `what` it should be."""
    for one in properties:
        if one.name in _RECURRENCES:
            raise BadRowError(
                f"{one.name} is not read", f"export each {what} as an event of its own", one.line
            )
        if one.name == "DURATION":
            raise BadRowError("DURATION is not read", f"export the {what} with DTEND", one.line)


def only(name: str, properties: list[Property]) -> Property:
    """The one property of that name. Raises BadRowError for none and for several."""
    found = [one for one in properties if one.name == name]
    if len(found) != 1:
        raise BadRowError(f"the event has {len(found) or 'no'} {name}", f"give it one {name}")
    return found[0]


def text_of(item: Property) -> str:
    """A text without its escapes, in one line."""
    return _ESCAPES.sub(lambda found: " " if found[1] in "nN" else found[1], item.value).strip()


def is_day(item: Property) -> bool:
    """Whether it is a date without a time."""
    return item.parameters.get("VALUE", "").upper() == "DATE"


def day_of(item: Property) -> dt.date:
    """A whole day. Raises BadRowError."""
    value = item.value.strip()
    try:
        if _DAY.fullmatch(value):
            return dt.datetime.strptime(value, "%Y%m%d").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        pass
    raise BadRowError(f"{item.name} is {quoted(value)}, no date", "write it like 20260302", item.line)


def moment_of(item: Property, zone: ZoneInfo) -> int:
    """A date with its time, by its own zone or the one given. Raises BadRowError."""
    value = item.value.strip()
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
