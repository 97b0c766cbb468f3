"""Reports: what they hold, whether they balance, and how they look."""

import csv
import json
from io import StringIO

import msgspec
import pytest

from acd.core import facts as f
from acd.core.outcomes import BlockReason
from kpi.counters import CATALOGUE, Counters, Dimension
from kpi.definitions import KPIS, Thresholds
from kpi.rendering import as_csv, as_json, as_text
from kpi.report import Line, Report, build
from kpi.rows import Row
from kpi.slots import slot_of
from kpi.table import printable, share, span, table
from tests.unit.kpi.day import EIGHT, SALES, Day, moment, morning
from tests.unit.kpi.test_accumulator import folded

pytestmark = pytest.mark.unit

NOW = moment(1200)


def report(facts: list[f.Fact], minutes: int | None = None, thresholds: Thresholds | None = None) -> Report:
    rows = folded(facts).every_row(since=EIGHT, until=NOW, now=NOW)
    return build(rows, since=EIGHT, until=NOW, minutes=minutes, thresholds=thresholds)


def line(of: Report, name: str, since: str = "2033-03-11T08:00:00Z") -> Line:
    return next(line for line in of.lines if (line.name, line.since) == (name, since))


def test_the_whole_is_one_period_of_whole_slots() -> None:
    whole = report(morning())

    assert (whole.since, whole.until) == ("2033-03-11T08:00:00Z", "2033-03-11T08:30:00Z")
    assert [(line.dimension.value, line.name) for line in whole.lines] == [
        ("agent", "ann"),
        ("agent", "bob"),
        ("queue", "nowhere"),
        ("queue", "sales"),
        ("trunk", "carrier"),
        ("all", "all"),
    ]


@pytest.mark.parametrize(
    ("name", "kpi", "expected"),
    [
        ("sales", "asa_ms", 59_000 / 3),
        (
            "sales",
            "service_level",
            1 / 6,
        ),  # of 7 offered one was a short abandon; only the first waited < 20 s
        ("sales", "abandonment_rate", 2 / 7),
        ("sales", "blocked_rate", 6 / 13),
        ("sales", "aht_ms", 105_000),  # (280 + 20 + 15) s / 3
        ("sales", "average_wait_ms", 16_500),  # (59 + 28 + 12) s / 6
        ("nowhere", "asa_ms", None),
        ("all", "blocked_rate", 0.5),
        ("all", "occupancy_unpaused", 510 / 1700),  # talk 300, wrap-up 210 of 2400 s less 700 paused
        ("ann", "occupancy_unpaused", 405 / 1200),
        ("ann", "average_hold_ms", 10_000),
        ("bob", "transfer_rate", 1),
        ("carrier", "average_call_ms", 340_000 / 13),
    ],
)
def test_kpis_are_as_worked_out_by_hand(name: str, kpi: str, expected: float | None) -> None:
    assert line(report(morning()), name).kpis[kpi] == (None if expected is None else pytest.approx(expected))


def test_a_report_asks_by_its_own_thresholds() -> None:
    wide = report(morning(), thresholds=Thresholds(service_level_ms=30_000, short_abandon_ms=2_000))

    assert line(wide, SALES).kpis["service_level"] == pytest.approx(3 / 7)


def test_periods_are_told_apart() -> None:
    quarters = report(morning(), minutes=15)

    spans = [(line.since[11:16], line.until[11:16]) for line in quarters.lines if line.name == SALES]
    assert spans == [("08:00", "08:15"), ("08:15", "08:30")]
    assert line(quarters, SALES, "2033-03-11T08:15:00Z").figures["answered"] == 1


def test_a_period_longer_than_the_report_ends_with_it() -> None:
    hours = report(morning(), minutes=60)

    assert {(line.since[11:16], line.until[11:16]) for line in hours.lines} == {("08:00", "08:30")}


def test_the_books_of_a_morning_balance() -> None:
    whole = report(morning())

    assert whole.balance.balanced
    assert whole.unbalanced == []
    assert msgspec.structs.astuple(whole.balance) == (14, 0, 7, 7, 3, 2, 1, 0, 1, True)


def test_calls_waiting_from_before_are_part_of_the_balance() -> None:
    rows = folded(morning()).every_row(since=EIGHT, until=NOW, now=NOW)

    late = build(rows, since=moment(900), until=NOW)

    assert late.balance.balanced
    assert (late.balance.waiting_at_start, late.balance.waiting_at_end) == (1, 1)
    assert "offered 1 + 1 from before = answered 1" in as_text(late)


@pytest.mark.parametrize("kind", [f.Arrived, f.Queued, f.Answered, f.Abandoned, f.Left])
def test_a_fact_counted_twice_does_not_balance(kind: type[f.Fact]) -> None:
    facts = [fact for fact in morning() for _ in range(2 if isinstance(fact, kind) else 1)]

    doubled = report(facts)

    assert not doubled.balance.balanced
    assert "queue sales 2033-03-11T08:00:00Z" in doubled.unbalanced
    assert "DOES NOT BALANCE" in as_text(doubled)


def test_a_call_that_arrived_twice_does_not_balance() -> None:
    facts = morning()
    arrival = next(fact for fact in facts if isinstance(fact, f.Queued))
    again = [fact for fact in facts if getattr(fact, "call", "") == arrival.call and fact.at == arrival.at][
        :2
    ]

    twice = report([*facts[:2], *again, *facts[2:]]).balance

    assert twice.arrived == twice.blocked + twice.offered
    assert not twice.balanced


@pytest.mark.parametrize("kind", [f.Arrived, f.Blocked])
def test_a_fact_that_is_missing_does_not_balance(kind: type[f.Fact]) -> None:
    assert not report([fact for fact in morning() if not isinstance(fact, kind)]).balance.balanced


def test_an_empty_report_balances() -> None:
    empty = report([])

    assert empty.balance.balanced
    assert "arrived 0 = blocked 0 + offered 0" in as_text(empty)


@pytest.mark.parametrize(("since", "until"), [(5, 5), (5, 4)])
def test_an_empty_period_is_refused(since: int, until: int) -> None:
    with pytest.raises(ValueError, match="must be after"):
        build([], since=since, until=until)


# ---------------------------------------------------------------- text


MORNING = """\
2033-03-11 08:00 to 2033-03-11 08:30 UTC

                                              abandoned                       service  speed of  longest
queue    arrived  blocked  offered  answered    waiting  ringing  left  open    level    answer     wait
--------------------------------------------------------------------------------------------------------
nowhere        1        1        0         0          0        0     0     0        -         -        -
sales         13        6        7         3          1        1     1     1    16.7%     19.7s    30.0s
all           14        7        7         3          1        1     1     1    16.7%     19.7s    30.0s

                  handle                       transferred
queue    handled    time  talk  hold  wrap-up        blind  attended  to queue
------------------------------------------------------------------------------
nowhere        0       -     -     -        -            0         0         0
sales          3    1:45  1:33  6.7s     5.0s            1         1         1
all            3    1:45  1:33  6.7s     5.0s            1         1         1

                                       handle                                 logged                 occu-
agent  offers  missed   ring  handled    time  talk   hold  wrap-up  transf.      in  ready  paused  pancy
----------------------------------------------------------------------------------------------------------
ann         3       0  13.7s        2    1:45  1:30  10.0s     5.0s        1   20:00  12:31       -  33.8%
bob         2       1  12.0s        1    1:45  1:40   0.0s     5.0s        1   20:00   6:06   11:40  21.0%
all         5       1  13.0s        3    1:45  1:33   6.7s     5.0s        2   40:00  18:37   11:40  30.0%

                           blocked                 call
trunk    arrived  blocked    share  peak  ended  length
-------------------------------------------------------
carrier       14        7    50.0%     2     13   26.2s

blocked: unknown_queue 1, queue_full 1, nobody_logged_in 1, closed 1, trunk_full 1, overload 1, engine_down 1
left: lost_by_platform 1
arrived 14 = blocked 7 + offered 7; offered 7 = answered 3 + abandoned 2 + left 1 + open 1
service level = answered_within / (offered - attempts - abandoned_short), within 20.0s, short up to 5.0s
occupancy = busy_ms / (staffed_ms - state_paused_ms); averages are per talk; - = none, or no input
"""


def test_the_text_is_tables_for_people() -> None:
    assert as_text(report(morning())) == MORNING


@pytest.mark.parametrize("minutes", [None, 15])
def test_the_text_fits_a_terminal_of_120_columns(minutes: int | None) -> None:
    assert max(len(line) for line in as_text(report(morning(), minutes)).splitlines()) <= 120


def test_periods_are_named_by_when_they_begin() -> None:
    lines = as_text(report(morning(), minutes=15)).splitlines()

    assert [line.split()[:3] for line in lines if " sales " in line][:2] == [
        ["03-11", "08:00", "sales"],
        ["03-11", "08:15", "sales"],
    ]


def test_a_name_that_would_upset_a_terminal_is_escaped() -> None:
    day = Day()
    day.block(0, BlockReason.UNKNOWN_QUEUE, "\x1b[2Jx")

    text = as_text(report(day.facts))

    assert "\x1b" not in text
    assert r"\x1b[2Jx" in text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "-"),
        (0, "0.0s"),
        (4_240, "4.2s"),
        (59_940, "59.9s"),
        (59_960, "1:00"),
        (185_400, "3:05"),
        (3_599_600, "1:00:00"),
        (3_729_000, "1:02:09"),
    ],
)
def test_spans_are_shown_for_reading(value: float | None, shown: str) -> None:
    assert span(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(None, "-"), (0, "0.0%"), (0.7777, "77.8%"), (1, "100.0%")])
def test_shares_are_shown_as_per_cent(value: float | None, shown: str) -> None:
    assert share(value) == shown


def test_a_table_is_as_wide_as_its_content() -> None:
    assert table(["name", "two\nlines"], [["a", "1"], ["longer", "1000000"]]) == [
        "            two",
        "name      lines",
        "---------------",
        "a             1",
        "longer  1000000",
    ]


def test_plain_names_are_left_alone() -> None:
    assert printable("Vertrieb Süd") == "Vertrieb Süd"


# ---------------------------------------------------------------- programs


def test_the_json_is_the_report() -> None:
    whole = report(morning())

    assert msgspec.json.decode(as_json(whole), type=Report) == whole
    assert as_json(whole).endswith(b"}\n")


def test_the_json_says_no_input_as_null_and_explains_every_word() -> None:
    told = json.loads(as_json(report(morning())))

    nowhere = next(line for line in told["lines"] if line["name"] == "nowhere")
    assert nowhere["kpis"]["asa_ms"] is None
    assert {*nowhere["kpis"], *nowhere["figures"]} <= set(told["definitions"])
    assert told["definitions"]["asa_ms"]["formula"] == "wait_answered_ms / (answered - attempts_answered)"
    assert told["schema"] == 1


def test_the_csv_has_a_line_per_line_and_a_column_per_word() -> None:
    whole = report(morning(), minutes=15)

    rows = list(csv.DictReader(StringIO(as_csv(whole))))

    assert [row["name"] for row in rows] == [line.name for line in whole.lines]
    assert {*CATALOGUE, *KPIS} < set(rows[0])
    ann = rows[0]
    assert (ann["name"], ann["handled"], ann["asa_ms"], ann["arrived"]) == ("ann", "1", "", "")


def test_rows_of_other_slots_are_left_out() -> None:
    stray = Row(dimension=Dimension.QUEUE, name=SALES, slot=slot_of(EIGHT) + 5, counts=Counters(arrived=1))

    assert build([stray], since=EIGHT, until=NOW).lines == []
