"""Opening hours in any zone, on days of changed clocks and around them."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from config.opening import DAY, SECOND, Closure, Hours, Span, first_showing

pytestmark = pytest.mark.property
MINUTE = 60 * SECOND
ZONES = [
    *["Europe/Berlin", "America/New_York", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata"],
    *["America/Sao_Paulo", "Pacific/Apia", "Asia/Beirut", "Africa/Casablanca", "UTC"],
]
# Changes of the clock: of an hour at night, half an hour, at midnight (St. John's until 2011, Sao Paulo 2018, Beirut), a day (Apia).
CHANGES = [
    *[dt.date(2026, *day) for day in ((3, 29), (10, 25), (3, 8), (11, 1), (4, 5), (10, 4), (6, 15), (2, 15))],
    *[dt.date(2010, 11, 7), dt.date(2018, 11, 4), dt.date(2018, 2, 18), dt.date(2011, 12, 30)],
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.builds(lambda day, by: day + dt.timedelta(days=by), st.sampled_from(CHANGES), st.integers(-2, 2))
minutes = st.builds(
    lambda hour, minute: hour * 60 + minute, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59])
)
spans = st.builds(lambda begin, end: Span(begin, end if end > begin else end + DAY), minutes, minutes)
plans = st.lists(st.lists(spans, max_size=2), min_size=7, max_size=7)


def moment(day: dt.date, minute: int = 0) -> int:
    """Of the UTC day, so that no clock is in the way."""
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()) * SECOND + minute * MINUTE


def wall(at: int, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.fromtimestamp(at // SECOND, zone).replace(tzinfo=None, fold=0)


def first_seen(shown: dt.datetime, zone: ZoneInfo) -> int:
    """The same by looking at the clock every minute from long before."""
    at = moment(shown.date() - dt.timedelta(days=3))
    while wall(at, zone) < shown:
        at += MINUTE
    return at


@given(days, minutes, zones)
@example(dt.date(2026, 3, 29), 150, ZoneInfo("Europe/Berlin"))
@example(dt.date(2026, 10, 25), 150, ZoneInfo("Europe/Berlin"))
def test_a_time_comes_when_a_clock_that_is_watched_shows_it_or_a_later_one(
    day: dt.date, minute: int, zone: ZoneInfo
) -> None:
    shown = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minute)
    assert first_showing(shown, zone) == first_seen(shown, zone)


@given(plans, days, minutes, zones)
def test_they_are_open_when_a_span_has_begun_and_has_not_ended(
    week: list[list[Span]], day: dt.date, minute: int, zone: ZoneInfo
) -> None:
    at = moment(day, minute)
    today = wall(at, zone).date()
    open_ = False
    for before in range(-1, 4):
        began_on = today - dt.timedelta(days=before)
        for span in week[began_on.weekday()]:
            midnight = dt.datetime.combine(began_on, dt.time())
            begin, end = (midnight + dt.timedelta(minutes=m) for m in (span.begin, span.end))
            open_ |= first_showing(begin, zone) <= at < first_showing(end, zone)
    assert Hours(zone, week).open_at(at) is open_


@given(plans, st.dictionaries(days, st.lists(spans, max_size=2), max_size=2), days, minutes, zones)
def test_nothing_changes_before_the_next_change_and_then_it_does(
    week: list[list[Span]], dates: dict[dt.date, list[Span]], day: dt.date, minute: int, zone: ZoneInfo
) -> None:
    at = moment(day, minute)
    hours = Hours(zone, week, dates, [Closure(at + 7 * MINUTE, at + 500 * MINUTE)])
    now, then = hours.open_at(at), hours.next_change(at)
    if then is None:
        assert all(hours.open_at(at + step * 60 * MINUTE) is now for step in range(24 * 9))
        return
    assert then > at
    assert hours.open_at(then) is not now
    step = max(SECOND, (then - at) // 40)
    assert all(hours.open_at(between) is now for between in range(at, then, step))
    assert hours.open_at(then - 1) is now


@given(plans, days, minutes, zones)
def test_the_next_opening_is_now_or_the_next_change(
    week: list[list[Span]], day: dt.date, minute: int, zone: ZoneInfo
) -> None:
    hours, at = Hours(zone, week), moment(day, minute)
    opening = hours.next_opening(at)
    assert opening == (at if hours.open_at(at) else hours.next_change(at))
    assert opening is None or hours.open_at(opening)
