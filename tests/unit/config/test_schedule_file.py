"""A schedule's file is taken whole, or refused with every mistake, its line and what to do."""

import datetime as dt
import os
from pathlib import Path

import pytest

from config.schedule import SECOND, Shift
from config.schedule_file import LoadedSchedule, load_schedule
from tests.unit.config.conftest import LoadText

pytestmark = pytest.mark.unit
AGENTS = ("ann", "bob")
ZONE = "Europe/Berlin"
HEADER = "agent,start,end\n"


def read(tmp_path: Path, name: str, text: str | bytes, *, timezone: str = ZONE) -> LoadedSchedule:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_schedule(path, timezone=timezone, agents=AGENTS)


def utc(text: str) -> int:
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC).timestamp()) * SECOND


def only(loaded: LoadedSchedule, agent: str = "ann") -> Shift:
    assert [str(problem) for problem in loaded.problems] == []
    assert loaded.schedule is not None
    ((shift, _),) = loaded.schedule.ending_after(agent, 0)
    return shift


def event(*lines: str, summary: str = "SUMMARY:ann") -> str:
    whole = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "BEGIN:VEVENT",
        *([summary] if summary else []),
        *lines,
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "\r\n".join([*whole, ""])


# ---------------------------------------------------------------- CSV


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        (HEADER + "ann,2026-03-02T08:00,2026-03-02T16:30\n", "2026-03-02T07:00", "2026-03-02T15:30"),
        (HEADER + "ann,2026-07-01 08:00:30,2026-07-01 16:00\n", "2026-07-01T06:00:30", "2026-07-01T14:00"),
        (
            HEADER + "ann,2026-03-02T08:00Z,2026-03-02T16:30-05:00\n",
            "2026-03-02T08:00",
            "2026-03-02T21:30",
        ),
        (
            "\ufeffEnd,Agent,Start\r\n\r\n2026-03-02T16:30Z, ann ,2026-03-02T08:00Z\r\n",
            "2026-03-02T08:00",
            "2026-03-02T16:30",
        ),
        (HEADER + '"ann","2026-03-28T22:00","2026-03-29T06:00"\n', "2026-03-28T21:00", "2026-03-29T04:00"),
        (HEADER + "ann,2026-10-24T22:00,2026-10-25T06:00\n", "2026-10-24T20:00", "2026-10-25T05:00"),
    ],
    ids=[
        "local time",
        "summer time, seconds, a blank",
        "with offsets",
        "as a spreadsheet saves it",
        "over the lost hour, seven hours long",
        "over the hour that comes twice, nine hours long",
    ],
)
def test_a_row_is_a_shift(tmp_path: Path, text: str, start: str, end: str) -> None:
    assert only(read(tmp_path, "s.csv", text)) == Shift("ann", utc(start), utc(end))


@pytest.mark.parametrize(
    ("text", "line", "said", "hint"),
    [
        ("", 1, "no header", "begin with the line agent,start,end"),
        ("ann,2026-03-02T08:00,2026-03-02T16:30\n", 1, "the header is", "write agent,start,end"),
        ("agent;start;end\n", 1, "the header is", "separate the columns by commas"),
        (HEADER + "ann,2026-03-02T08:00\n", 2, "2 columns instead of 3", "write agent,start,end"),
        (HEADER + ",2026-03-02T08:00,2026-03-02T09:00\n", 2, "no agent", "as agents.toml does"),
        (HEADER + "bop,2026-03-02T08:00,2026-03-02T09:00\n", 2, 'unknown agent "bop"', 'mean "bob"?'),
        (HEADER + "ann,02.03.2026 08:00,2026-03-02T09:00\n", 2, 'start is "02.03.2026', "write it like"),
        (HEADER + "ann,2026-03-02T08:00,2026-02-30T09:00\n", 2, "end is", "write it like 2026-03-02T08:00"),
        (HEADER + "ann,2026-03-02,2026-03-03\n", 2, "no date and time", "write it like"),
        (HEADER + "ann,1026-03-02T08:00,1026-03-02T09:00\n", 2, "the year is 1026", "write a year from 2000"),
        (HEADER + "ann,2026-03-02T22:00,2026-03-02T06:00\n", 2, "does not end after", "next day's date"),
        (HEADER + "ann,2026-03-02T08:00,2026-03-03T08:01\n", 2, "lasts 24 hours", "correct the dates"),
        (HEADER + "ann,2026-03-29T02:30,2026-03-29T09:00\n", 2, "does not exist", "2026-03-29T02:30+01:00"),
        (HEADER + "ann,2026-10-25T02:30,2026-10-25T09:00\n", 2, "comes twice", "2026-10-25T02:30+02:00"),
        (HEADER + 'ann,"2026-03-02T08:00,2026-03-02T09:00\n', 2, "not valid CSV", "close every quote"),
        (
            HEADER + "ann,2026-03-02T08:00,2026-03-02T10:00\n\nann,2026-03-02T09:00,2026-03-02T11:00\n",
            4,
            'overlaps the shift of "ann" in line 2',
            "correct or remove one",
        ),
        (HEADER.encode() + b"ann,\xff\n", 2, "not UTF-8", "save it as UTF-8"),
    ],
)
def test_a_bad_row_refuses_the_file(
    tmp_path: Path, text: str | bytes, line: int, said: str, hint: str
) -> None:
    loaded = read(tmp_path, "s.csv", text)

    assert loaded.schedule is None
    (told,) = map(str, loaded.problems)
    assert told.startswith(f"s.csv:{line}: error: ")
    assert said in told
    assert hint in told


def test_all_mistakes_are_told_in_the_order_of_their_lines(tmp_path: Path) -> None:
    text = HEADER + "eve,2026-03-02T08:00Z,2026-03-02T10:00Z\nann,x,y\nann,2026-03-02T08:00Z\n"

    assert [problem.line for problem in read(tmp_path, "s.csv", text).problems] == [2, 3, 4]


def test_a_day_of_changed_clocks_is_no_trouble_where_the_offset_is_written(tmp_path: Path) -> None:
    text = HEADER + "ann,2026-10-25T02:30+02:00,2026-10-25T02:30+01:00\n"

    shift = only(read(tmp_path, "s.csv", text))
    assert shift.end - shift.start == 3600 * SECOND


# ---------------------------------------------------------------- iCalendar


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        (
            event(
                "DTSTART;TZID=Europe/Berlin:20260302T080000", 'DTEND;TZID="America/New_York":20260302T083000'
            ),
            "2026-03-02T07:00",
            "2026-03-02T13:30",
        ),
        (event("DTSTART:20260302T080000Z", "DTEND:20260302T163000Z"), "2026-03-02T08:00", "2026-03-02T16:30"),
        (event("DTSTART:20260302T080000", "DTEND:20260302T163000"), "2026-03-02T07:00", "2026-03-02T15:30"),
        (
            event(
                'ATTENDEE;CN="Ann: the, best";ROLE=REQ-PARTICIPANT:MAILTO:ann@exam\r\n ple.com',
                "DTSTART;VALUE=DATE-TIME:20260302T080000Z",
                "DTEND:20260302T163000Z",
                "BEGIN:VALARM",
                "SUMMARY:ring",
                "DURATION:PT15M",
                "END:VALARM",
                summary="SUMMARY:Early shift",
            ),
            "2026-03-02T08:00",
            "2026-03-02T16:30",
        ),
        (event("DTSTART:20261025T020000", "DTEND:20261025T060000"), "2026-10-25T00:00", "2026-10-25T05:00"),
        (event("DTSTART:20260329T023000", "DTEND:20260329T060000"), "2026-03-29T01:30", "2026-03-29T04:00"),
    ],
    ids=[
        "zones by name",
        "UTC",
        "the schedule's own zone",
        "the attendee, a folded line, an alarm",
        "the first of two",
        "in the lost hour",
    ],
)
def test_an_event_is_a_shift(tmp_path: Path, text: str, start: str, end: str) -> None:
    assert only(read(tmp_path, "s.ics", text)) == Shift("ann", utc(start), utc(end))


def test_a_cancelled_event_is_left_out(tmp_path: Path) -> None:
    text = event("STATUS:CANCELLED", "DTSTART:20260302T080000Z", "DTEND:20260302T163000Z")

    loaded = read(tmp_path, "s.ics", text)
    assert loaded.schedule is not None
    assert len(loaded.schedule) == 0


TIMES = ("DTSTART:20260302T080000Z", "DTEND:20260302T163000Z")


@pytest.mark.parametrize(
    ("text", "line", "said", "hint"),
    [
        (event(*TIMES, "RRULE:FREQ=WEEKLY"), 7, "RRULE is not read", "an event of its own"),
        (event(TIMES[0], "DURATION:PT8H"), 6, "DURATION is not read", "with DTEND"),
        (event(TIMES[0]), 3, "the event has no DTEND", "give it one DTEND"),
        (event(*TIMES, TIMES[0]), 3, "the event has 2 DTSTART", "give it one"),
        (event(*TIMES, summary=""), 3, "the event has no SUMMARY", "give it one"),
        (event(*TIMES, summary="SUMMARY:Eve"), 3, 'unknown agent "Eve"', "agents.toml"),
        (
            event(*TIMES, "ATTENDEE:mailto:ann@x.org", "ATTENDEE:mailto:bob@x.org"),
            8,
            "2 ATTENDEEs",
            "one event an agent",
        ),
        (
            event("DTSTART;VALUE=DATE:20260302", "DTEND;VALUE=DATE:20260303"),
            5,
            "DTSTART is a whole day",
            "a start and an end time",
        ),
        (event("DTSTART:20260230T080000Z", TIMES[1]), 5, "no date and time", "write it like"),
        (
            event("DTSTART;TZID=W. Europe Standard Time:20260302T080000", TIMES[1]),
            5,
            'unknown time zone "W. Europe Standard Time"',
            "IANA",
        ),
        (event(*TIMES, "no colon"), 7, "no content line", "export the file again"),
        (event(*TIMES).replace("END:VCALENDAR\r\n", ""), 1, "END:VCALENDAR is missing", "cut off"),
        ("", 1, "BEGIN:VCALENDAR is missing", "no iCalendar"),
        (HEADER, 1, "no content line", "export the file again"),
    ],
)
def test_a_bad_event_refuses_the_file(tmp_path: Path, text: str, line: int, said: str, hint: str) -> None:
    loaded = read(tmp_path, "s.ics", text)

    assert loaded.schedule is None
    (told,) = map(str, loaded.problems)
    assert told.startswith(f"s.ics:{line}: error: ")
    assert said in told
    assert hint in told


# ---------------------------------------------------------------- the file itself


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    loaded = load_schedule(tmp_path / "s.csv", timezone="UTC", agents=AGENTS)

    (told,) = map(str, loaded.problems)
    assert told.startswith("s.csv: error: cannot be read: No such file")


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "s.csv")

    loaded = load_schedule(tmp_path / "s.csv", timezone="UTC", agents=AGENTS)
    assert [problem.message for problem in loaded.problems] == ["not a regular file"]


def test_an_unknown_kind_of_file_is_refused(tmp_path: Path) -> None:
    assert [problem.message for problem in read(tmp_path, "s.xlsx", "").problems] == ["unknown kind of file"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('timezone = "Europe/Berlim"', "acd.toml:5: error: shifts.timezone: unknown time zone"),
        ('file = "shifts.xlsx"', "a path that ends in .csv or .ics"),
        ("late_after = 5", "shifts.late_after: expected a duration"),
    ],
)
def test_a_mistake_in_the_settings_is_told(load_text: LoadText, line: str, said: str) -> None:
    loaded = load_text(add={"acd": f"[shifts]\n{line}\n"})

    (told,) = map(str, loaded.problems)
    assert said in told
