"""Opening hours and holidays as the operator writes them: what is read, and every mistake with what to do."""

from pathlib import Path

import pytest

from config.holidays import holidays_problems, load_holidays
from config.hours import opening
from config.loading import Loaded, load
from config.opening import Closure
from tests.unit.config.test_opening import at

pytestmark = pytest.mark.unit
WEEK = '[hours.office]\ntimezone = "Europe/Berlin"\nmon = ["08:00-12:00", "13:00-18:00"]\n'
CALENDAR = "BEGIN:VCALENDAR\n{}END:VCALENDAR\n"
EVENT = "BEGIN:VEVENT\n{}\nEND:VEVENT\n"


def loaded(folder: Path, queues: str) -> Loaded:
    """The configuration with that queues.toml."""
    (folder / "acd.toml").write_text('[[switch]]\nname = "pbx1"\nsecret = "x"\n')
    (folder / "acd.toml").chmod(0o600)
    (folder / "agents.toml").write_text('[agents.ann]\nphone = "1001"\nqueues = ["sales"]\n')
    (folder / "skills.toml").write_text("")
    (folder / "queues.toml").write_text(queues)
    return load(folder, environ={})


def told(folder: Path, queues: str) -> list[str]:
    return [str(problem) for problem in loaded(folder, queues).problems]


def events(*lines: str) -> str:
    return CALENDAR.format("".join(EVENT.format(event) for event in lines))


def closures(folder: Path, text: str) -> tuple[Closure, ...]:
    (folder / "h.ics").write_text(text)
    found = load_holidays(folder / "h.ics", timezone="Europe/Berlin")
    assert found.problems == ()
    assert found.closures is not None
    return found.closures


def refusals(folder: Path, text: str) -> list[str]:
    (folder / "h.ics").write_text(text)
    found = load_holidays(folder / "h.ics", timezone="Europe/Berlin")
    assert found.closures is None
    return [str(problem) for problem in found.problems]


def test_a_queue_names_its_hours(tmp_path: Path) -> None:
    found = loaded(
        tmp_path, WEEK + 'dates = { 2026-12-28 = ["08:00-10:00"] }\n[queues.sales]\nhours = "office"\n'
    )
    assert found.problems == ()
    assert found.settings is not None
    assert found.settings.queues["sales"].hours == "office"
    office = opening(found.settings.hours["office"])
    assert office.next_change(at("2026-12-28T09:00")) == at("2026-12-28T10:00")
    assert office.next_change(at("2026-12-21T09:00")) == at("2026-12-21T12:00")


@pytest.mark.parametrize(
    ("queues", "line"),
    [
        (
            WEEK + 'tue = ["8:00-12:00"]\n[queues.sales]\n',
            (
                'queues.toml:4: error: hours.office.tue[0]: expected a span such as "08:00-12:00", or "22:00-02:00" over '
                'midnight, got "8:00-12:00"'
            ),
        ),
        (
            WEEK + 'tue = ["08:00-24:30"]\n[queues.sales]\n',
            (
                'queues.toml:4: error: hours.office.tue[0]: expected a span such as "08:00-12:00", or "22:00-02:00" over '
                'midnight, got "08:00-24:30"'
            ),
        ),
        (
            WEEK + 'tue = ["08:00-08:00"]\n[queues.sales]\n',
            'queues.toml:4: error: hours.office.tue[0]: the span ends as it begins (a whole day is "00:00-24:00")',
        ),
        (
            WEEK + "dates = { 2026-02-30 = [] }\n[queues.sales]\n",
            "queues.toml:4: error: hours.office.dates.2026-02-30: there is no such date (write year-month-day: 2026-12-24)",
        ),
        (
            '[hours.office]\nmon = ["08:00-12:00"]\n[queues.sales]\n',
            'queues.toml:1: error: hours.office.timezone: required key is missing (for example timezone = "Europe/Berlin")',
        ),
        (
            WEEK.replace("Berlin", "Bonn") + "[queues.sales]\n",
            (
                "queues.toml:2: error: hours.office.timezone: unknown time zone (take a name of the IANA database such as "
                '"Europe/Berlin"; the package tzdata must be installed)'
            ),
        ),
        (
            WEEK + '[queues.sales]\nhours = "ofice"\n',
            'queues.toml:5: error: queues.sales.hours: unknown hours "ofice" (did you mean "office"?)',
        ),
        (
            '[hours.office]\ntimezone = "UTC"\n[queues.sales]\n',
            'queues.toml:1: warning: hours.office: these hours are never (write mon = ["08:00-18:00"] and so on)',
        ),
        (
            WEEK + 'holidays = "h.csv"\n[queues.sales]\n',
            'queues.toml:4: error: hours.office.holidays: expected a path that ends in .ics, got "h.csv"',
        ),
        (
            '[queues.sales]\nnumber = "0"\n',
            "queues.toml:2: error: queues.sales.number: 0 means all queues (give the queue another number)",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place_and_what_to_do(tmp_path: Path, queues: str, line: str) -> None:
    assert told(tmp_path, queues) == [line]


def test_whole_days_times_and_what_does_not_take_place(tmp_path: Path) -> None:
    text = events(
        "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261227\nSUMMARY:Christmas",
        "DTSTART;VALUE=DATE:20261231",
        "DTSTART:20261224T130000Z\nDTEND;TZID=Europe/Berlin:20261224T180000",
        "DTSTART;VALUE=DATE:20270101\nSTATUS:CANCELLED",
    )
    assert closures(tmp_path, text) == (
        Closure(at("2026-12-25T00:00"), at("2026-12-27T00:00"), "Christmas"),
        Closure(at("2026-12-31T00:00"), at("2027-01-01T00:00")),
        Closure(at("2026-12-24T14:00"), at("2026-12-24T18:00")),
    )


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (
            "DTSTART;VALUE=DATE:20261225\nRRULE:FREQ=YEARLY",
            "h.ics:4: error: RRULE is not read (export each holiday as an event of its own)",
        ),
        ("DTSTART:20261225T080000", "h.ics:2: error: the event has no DTEND (give it one DTEND)"),
        (
            "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20261225",
            "h.ics:3: error: the event does not end after it starts (the DTEND of a whole day is the day after)",
        ),
        (
            "DTSTART;VALUE=DATE:2026-12-25",
            'h.ics:3: error: DTSTART is "2026-12-25", no date (write it like 20260302)',
        ),
        (
            "DTSTART;VALUE=DATE:19991225",
            "h.ics:2: error: the year is 1999 (write a year from 2000 to 2199)",
        ),
        (
            "DTSTART;VALUE=DATE:20261225\nDTEND;VALUE=DATE:20281225",
            "h.ics:3: error: the event lasts longer than a year (correct its dates)",
        ),
    ],
)
def test_an_event_that_is_none_refuses_the_file(tmp_path: Path, event: str, line: str) -> None:
    assert refusals(tmp_path, events(event)) == [line]


def test_a_file_that_is_cut_off_or_not_there_is_told(tmp_path: Path) -> None:
    assert refusals(tmp_path, "BEGIN:VCALENDAR\n") == [
        "h.ics:1: error: END:VCALENDAR is missing (the file is cut off or no iCalendar: export it again)"
    ]
    found = loaded(tmp_path, WEEK + 'holidays = "none.ics"\n[queues.sales]\n')
    assert found.settings is not None
    assert [str(problem) for problem in holidays_problems(tmp_path, found.settings)] == [
        "none.ics: error: cannot be read: No such file or directory (put the file there, or correct [hours.NAME] holidays)"
    ]
