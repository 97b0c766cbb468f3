"""Opening hours: weeks, nights, single dates, closures, and the two nights on which the clock is changed."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pytest

from config.opening import SECOND, Closure, Hours, Span

pytestmark = pytest.mark.unit
BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = ["08:00-12:00", "13:00-18:00"]


def at(text: str) -> int:
    """A moment, in Berlin's time unless it has an offset."""
    when = dt.datetime.fromisoformat(text)
    return int((when if when.tzinfo else when.replace(tzinfo=BERLIN)).timestamp()) * SECOND


def spans(texts: Sequence[str]) -> list[Span]:
    return [Span.parse(text) for text in texts]


def hours(
    *week: Sequence[str], dates: dict[str, list[str]] | None = None, closures: Sequence[Closure] = ()
) -> Hours:
    """Hours from Monday on; days not given are closed."""
    days = [spans(day) for day in week] + [[] for _ in range(7 - len(week))]
    single = {dt.date.fromisoformat(day): spans(texts) for day, texts in (dates or {}).items()}
    return Hours(BERLIN, days, single, closures)


def test_a_span_begins_with_its_begin_and_ends_before_its_end() -> None:
    office = hours(OFFICE)  # 2026-03-02 is a Monday
    shown = [
        office.open_at(at(f"2026-03-02T{time}"))
        for time in ("07:59:59", "08:00", "11:59:59", "12:00", "13:00")
    ]
    assert shown == [False, True, True, False, True]


def test_the_next_change_and_the_next_opening_go_over_nights_and_weekends() -> None:
    office = hours(OFFICE)
    assert office.next_change(at("2026-03-02T12:00")) == at("2026-03-02T13:00")
    assert office.next_opening(at("2026-03-02T18:00")) == at("2026-03-09T08:00")
    assert office.next_opening(at("2026-03-02T09:00")) == at("2026-03-02T09:00")


def test_a_night_goes_on_into_a_day_without_hours() -> None:
    night = hours(["22:00-02:00"])
    assert night.open_at(at("2026-03-03T01:59"))
    assert not night.open_at(at("2026-03-03T02:00"))


def test_spans_that_touch_are_one_and_hours_that_never_end_have_no_change() -> None:
    always = hours(*[["00:00-24:00"]] * 7)
    assert always.open_at(at("2026-03-02T00:00"))
    assert always.next_change(at("2026-03-02T00:00")) is None
    assert hours().next_opening(at("2026-03-02T00:00")) is None
    assert hours(["08:00-12:00", "12:00-18:00"]).next_change(at("2026-03-02T08:00")) == at("2026-03-02T18:00")


def test_a_single_date_counts_instead_of_its_weekday() -> None:
    office = hours(*[OFFICE] * 5, dates={"2026-12-24": ["08:00-12:00"], "2026-12-25": []})
    assert office.next_change(at("2026-12-24T09:00")) == at("2026-12-24T12:00")
    assert office.next_opening(at("2026-12-24T12:00")) == at("2026-12-28T08:00")


def test_a_closure_cuts_what_it_meets_but_not_a_date_named_by_itself() -> None:
    closed = Closure(at("2026-12-24T10:00"), at("2026-12-25T09:00"), "x-mas")
    office = hours(*[OFFICE] * 5, closures=[closed])
    assert not office.open_at(at("2026-12-24T11:00"))
    assert office.next_opening(at("2026-12-24T11:00")) == at("2026-12-25T09:00")
    named = hours(*[OFFICE] * 5, dates={"2026-12-24": OFFICE}, closures=[closed])
    assert named.open_at(at("2026-12-24T11:00"))
    assert not named.open_at(at("2026-12-25T08:30"))


def test_a_span_that_begins_in_the_hour_that_is_left_out_begins_with_the_change() -> None:
    sunday = Hours(BERLIN, [[]] * 6 + [spans(["02:30-04:00"])])
    assert sunday.next_opening(at("2026-03-28T12:00")) == at("2026-03-29T03:00+02:00")
    within = Hours(BERLIN, [[]] * 6 + [spans(["02:10-02:50"])])
    assert within.next_opening(at("2026-03-28T12:00")) == at("2026-04-05T02:10+02:00")


def test_a_span_that_begins_in_the_hour_that_comes_twice_begins_in_the_first_and_does_not_stop_between() -> (
    None
):
    sunday = Hours(BERLIN, [[]] * 6 + [spans(["02:30-04:00"])])
    begins = sunday.next_opening(at("2026-10-24T12:00"))
    assert begins == at("2026-10-25T02:30+02:00")
    assert sunday.next_change(begins) == at("2026-10-25T04:00+01:00")


def test_a_span_that_ends_in_the_hour_that_comes_twice_ends_in_the_first() -> None:
    sunday = Hours(BERLIN, [[]] * 6 + [spans(["01:00-02:30"])])
    assert sunday.next_change(at("2026-10-25T01:00+02:00")) == at("2026-10-25T02:30+02:00")
    assert not sunday.open_at(at("2026-10-25T02:10+01:00"))


def test_a_span_without_length_is_none() -> None:
    with pytest.raises(ValueError, match="ends as it begins"):
        Span.parse("08:00-08:00")
