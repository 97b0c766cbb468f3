"""A schedule as iCalendar, by `config.icalendar`. Pure.

Read of a VEVENT: DTSTART and DTEND (with Z, with TZID, or by the schedule's own zone), the agent (the mail address before
the @ of the one ATTENDEE, else SUMMARY) and STATUS:CANCELLED, which leaves it out. Whole days are refused.
"""

import re
from zoneinfo import ZoneInfo

from config.findings import Finding
from config.icalendar import Property, cancelled, events, is_day, moment_of, only, refuse_recurrence, text_of
from config.schedule_rows import BadRowError, Content, Row


def read_ics(text: str, zone: ZoneInfo) -> Content:
    """Read all events; `zone` is for times without one of their own."""
    rows: list[Row] = []
    findings: list[Finding] = []
    try:
        found = list(events(text))
    except BadRowError as bad:
        return Content(findings=[bad.finding(1)])
    for line, properties in found:
        try:
            row = _row(line, properties, zone)
        except BadRowError as bad:
            findings.append(bad.finding(line))
        else:
            rows += [row] if row is not None else []
    return Content(rows=rows, findings=findings)


def _row(line: int, properties: list[Property], zone: ZoneInfo) -> Row | None:
    """The shift of one event; None when it is cancelled."""
    if cancelled(properties):
        return None
    refuse_recurrence(properties, "shift")
    start, end = (_moment(only(name, properties), zone) for name in ("DTSTART", "DTEND"))
    return Row(line=line, agent=_agent(properties), start=start, end=end)


def _moment(item: Property, zone: ZoneInfo) -> int:
    if is_day(item):
        raise BadRowError(f"{item.name} is a whole day", "give the shift a start and an end time", item.line)
    return moment_of(item, zone)


def _agent(properties: list[Property]) -> str:
    attending = [one for one in properties if one.name == "ATTENDEE"]
    if len(attending) > 1:
        raise BadRowError(
            f"the event has {len(attending)} ATTENDEEs", "export one event an agent", attending[1].line
        )
    if attending:
        value = attending[0].value.strip()
        return re.sub("^mailto:", "", value, flags=re.IGNORECASE).partition("@")[0]
    return text_of(only("SUMMARY", properties))
