"""`[hours.NAME]` of queues.toml: when queues are open, by a week, by single dates and by a file of holidays."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Final

from msgspec import Meta, Struct, field

from config.findings import Finding, Path, Severity, did_you_mean, quoted
from config.opening import Closure, Span
from config.opening import Hours as Open
from config.shifts import zone_of

if TYPE_CHECKING:
    from config.schema import Settings

SpanText = Annotated[
    str,
    Meta(
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)\Z",
        extra={"expects": 'a span such as "08:00-12:00", or "22:00-02:00" over midnight'},
    ),
]
Spans = tuple[SpanText, ...]
Day = Annotated[
    str, Meta(pattern=r"^2[01]\d\d-\d\d-\d\d\Z", extra={"expects": 'a date such as "2026-12-24"'})
]
WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Hours(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One set of hours. A span belongs to the day it begins on."""

    timezone: Annotated[
        str,
        Meta(
            description="Whose clock is meant, by its name in the IANA database; changes of the clock are followed.",
            pattern=r"^[A-Za-z0-9_+-]{1,32}(/[A-Za-z0-9_+-]{1,32}){0,2}\Z",
            extra={"expects": 'a time zone such as "Europe/Berlin" or "UTC"'},
            examples=["Europe/Berlin"],
        ),
    ]
    mon: Annotated[
        Spans,
        Meta(description='Open on Mondays: ["08:00-12:00", "13:00-18:00"]. Empty: closed; so for each day.'),
    ] = ()
    tue: Annotated[Spans, Meta(description="On Tuesdays.")] = ()
    wed: Annotated[Spans, Meta(description="On Wednesdays.")] = ()
    thu: Annotated[Spans, Meta(description="On Thursdays.")] = ()
    fri: Annotated[Spans, Meta(description="On Fridays.")] = ()
    sat: Annotated[Spans, Meta(description="On Saturdays.")] = ()
    sun: Annotated[Spans, Meta(description="On Sundays.")] = ()
    dates: Annotated[
        Mapping[Day, Spans],
        Meta(
            description='Single dates that differ: { "2026-12-24" = ["08:00-12:00"], "2026-12-31" = [] }. They count instead of '
            "the week and of the holidays."
        ),
    ] = field(default_factory=dict)
    holidays: Annotated[
        str,
        Meta(
            description="iCalendar file (.ics): closed on the whole days and in the times of its events. A relative path starts at "
            "this directory. Empty: none.",
            pattern=r"^([^\x00]+\.ics)?\Z",
            max_length=4096,
            extra={"expects": "a path that ends in .ics"},
        ),
    ] = ""


def opening(hours: Hours, closures: Iterable[Closure] = ()) -> Open:
    """The hours to be asked, by checked settings; `closures` are what `holidays` holds. Raises KeyError for an unknown zone."""
    zone = zone_of(hours.timezone)
    if zone is None:
        raise KeyError(hours.timezone)
    week = [tuple(map(Span.parse, getattr(hours, day))) for day in WEEK]
    dates = {dt.date.fromisoformat(day): tuple(map(Span.parse, spans)) for day, spans in hours.dates.items()}
    return Open(zone, week, dates, closures)


def findings(settings: "Settings", *, whole: bool) -> Iterator[Finding]:
    """Spans without length, dates that are none, hours that are never; queues that name hours which are not there."""
    for name, hours in settings.hours.items():
        here: Path = ("hours", name)
        listed = [((*here, day), getattr(hours, day)) for day in WEEK]
        listed += [((*here, "dates", day), spans) for day, spans in hours.dates.items()]
        for path, spans in listed:
            yield from _spans(path, spans)
        yield from (_no_date((*here, "dates", day)) for day in hours.dates if not _is_date(day))
        if not any(spans for _, spans in listed):
            hint = 'write mon = ["08:00-18:00"] and so on'
            yield Finding(path=here, message="these hours are never", hint=hint, severity=Severity.WARNING)
    for name, queue in settings.queues.items() if whole else ():
        if queue.hours is not None and queue.hours not in settings.hours:
            hint = (
                did_you_mean(queue.hours, settings.hours)
                or f"declare them in queues.toml: [hours.{queue.hours}]"
            )
            yield Finding(
                path=("queues", name, "hours"), message=f"unknown hours {quoted(queue.hours)}", hint=hint
            )


def _spans(path: Path, spans: Spans) -> Iterator[Finding]:
    for place, span in enumerate(spans):
        begin, end = span.split("-")
        if begin == end:
            hint = 'a whole day is "00:00-24:00"'
            yield Finding(path=(*path, place), message="the span ends as it begins", hint=hint)


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _no_date(path: Path) -> Finding:
    return Finding(path=path, message="there is no such date", hint="write year-month-day: 2026-12-24")


def unknown_zones(settings: "Settings") -> list[Finding]:
    """Find time zones that this machine does not know."""
    hint = 'take a name of the IANA database such as "Europe/Berlin"; the package tzdata must be installed'
    return [
        Finding(path=("hours", name, "timezone"), message="unknown time zone", hint=hint)
        for name, hours in settings.hours.items()
        if zone_of(hours.timezone) is None
    ]
