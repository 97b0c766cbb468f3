"""A report: rows of a period with their figures and KPIs, and whether the books balance.

`Report` is also the shape of `acd report --json` and of `make demo JSON=FILE`:

    {"schema": 1, "since": "2026-11-23T08:00:00Z", "until": "2026-11-23T09:00:00Z", "minutes": null,
     "thresholds": {"service_level_ms": 20000, "short_abandon_ms": 5000},
     "lines": [{"dimension": "queue", "name": "sales", "since": "…", "until": "…",
                "figures": {"arrived": 12, …}, "kpis": {"asa_ms": 4200.0, "blocked_rate": null, …}}, …],
     "balance": {"arrived": 12, …, "balanced": true}, "unbalanced": [],
     "definitions": {"asa_ms": {"meaning": "…", "unit": "ms", "formula": "wait_answered_ms / (answered - attempts_answered)"}, …}}

`figures` and `kpis` hold what that kind of line has (kpi.counters, kpi.definitions); null is "no input". There is one
line named "all" of dimension "all" per period. With `minutes` null the whole is one period.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import msgspec

from kpi.cohort import Key, peaks, returned
from kpi.counters import CATALOGUE, Dimension
from kpi.definitions import (
    BY_THRESHOLD,
    HOMES,
    KPIS,
    PEAKS,
    PERCENTILES,
    SUMS,
    Definition,
    Thresholds,
    figures,
    kpis,
    percentiles,
)
from kpi.outside import OUTSIDE, outside
from kpi.rows import Row, roll_up, teams, total
from kpi.slots import SLOT_MINUTES, SLOT_MS, slot_of, slot_start_ms, slots_between

SCHEMA = 1
"""Raised when a field of Report changes its meaning or goes."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One queue, agent, team, trunk group, dialled number, skill, or all, in one period."""

    dimension: Dimension
    name: str
    since: str
    until: str
    figures: dict[str, int]
    kpis: dict[str, float | None]
    labels: dict[str, int] = {}
    """What people said: `topic:…`, `topic_resolved:…`, `code:…` calls; `pause:…` milliseconds."""


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """Where the calls went.

    arrived + moved_in = blocked + offered, and waiting_at_start + offered = answered + abandoned + left + waiting_at_end. What
    waits is known by call ids, so that a fact lost or counted twice shows here.
    """

    arrived: int
    moved_in: int
    blocked: int
    offered: int
    answered: int
    abandoned: int
    left: int
    waiting_at_start: int
    waiting_at_end: int
    balanced: bool


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """See the module's docstring. `since` and `until` are the borders of the slots asked for, UTC."""

    schema: int
    since: str
    until: str
    minutes: int | None
    thresholds: Thresholds
    lines: list[Line]
    balance: Balance
    unbalanced: list[str]
    """Lines whose own numbers do not balance, as `dimension name since`."""
    definitions: Mapping[str, Definition]
    provisional_since: str = ""
    """`contacts_returned`, and with it `fcr_by_repeat`, may still change for contacts from here on; empty: settled."""


def build(  # noqa: PLR0913 - one parameter a choice
    rows: Iterable[Row],
    *,
    since: int,
    until: int,
    minutes: int | None = None,
    thresholds: Thresholds | None = None,
    now: int | None = None,
) -> Report:
    """A report of the slots that [since, until) touches (nanoseconds), in periods of `minutes` or as a whole.

    `rows` are those of queues, agents and trunk groups, from Accumulator.every_row or kpi.store.read_rows; rows of
    later slots only tell whose callers called again, and others are left out. `now` (nanoseconds): up to when `rows`
    reach, if that is not long past. ValueError for an empty period or `minutes` that is no multiple of 15.
    """
    slots = slots_between(since, until)
    if not slots:
        raise ValueError("an empty period: `until` must be after `since`")
    thresholds = Thresholds() if thresholds is None else thresholds
    rows = list(rows)
    wanted = [row for row in rows if row.slot in slots]
    parts = roll_up(wanted, first=slots.start, minutes=minutes)
    period = _Period(
        slots=slots,
        minutes=minutes,
        thresholds=thresholds,
        returned=returned(rows, slots, minutes, thresholds),
        peaks=peaks(wanted, slots, minutes),
    )
    lines = [_line(row, period) for row in (*parts, *teams(parts), *total(parts))]
    whole = _whole(wanted, slots, thresholds)
    return Report(
        schema=SCHEMA,
        since=_moment(slots.start),
        until=_moment(slots.stop),
        minutes=minutes,
        thresholds=thresholds,
        lines=lines,
        balance=balance(whole),
        unbalanced=[
            f"{line.dimension} {line.name} {line.since}"
            for line in lines
            if line.dimension in _BALANCING and not balance(line.figures).balanced
        ],
        definitions=definitions(),
        provisional_since=_provisional(slots, now, thresholds),
    )


_BALANCING = frozenset({Dimension.QUEUE, Dimension.ALL})


class _Period(msgspec.Struct, frozen=True, kw_only=True):
    """What all lines of a report have in common."""

    slots: range
    minutes: int | None
    thresholds: Thresholds
    returned: Mapping[Key, int]
    peaks: Mapping[Key, Row]


def _provisional(slots: range, now: int | None, thresholds: Thresholds) -> str:
    if now is None:
        return ""
    since = max(slots.start, slot_of(now) - thresholds.repeat_ms // SLOT_MS)
    return _moment(since) if since < slots.stop else ""


def _whole(rows: Iterable[Row], slots: range, thresholds: Thresholds) -> dict[str, int]:
    totals = total(roll_up(rows, first=slots.start, minutes=None))
    return figures(totals[0], thresholds) if totals else {}


def balance(figures: Mapping[str, int]) -> Balance:
    """Whether the figures of a queue, or of all, account for every call."""
    counts = {name: figures.get(name, 0) for name in Balance.__struct_fields__ if name != "balanced"}
    gone = sum(counts[name] for name in ("answered", "abandoned", "left", "waiting_at_end"))
    refused_or_queued = counts["arrived"] + counts["moved_in"] == counts["blocked"] + counts["offered"]
    return Balance(
        **counts, balanced=refused_or_queued and counts["waiting_at_start"] + counts["offered"] == gone
    )


def definitions() -> dict[str, Definition]:
    """What every word of a report means: counters, sums and KPIs."""
    counted = {
        name: Definition(meaning=counter.meaning, unit=counter.unit, formula=name)
        for name, counter in CATALOGUE.items()
    }
    return {**counted, **BY_THRESHOLD, **SUMS, **KPIS, **PERCENTILES, **PEAKS, **OUTSIDE}


def _line(row: Row, period: _Period) -> Line:
    slots, minutes = period.slots, period.minutes
    after = slots.stop if minutes is None else row.slot + minutes // SLOT_MINUTES
    key = (row.dimension, row.name, row.slot)
    numbers = figures(row, period.thresholds, period.returned.get(key, 0))
    return Line(
        dimension=row.dimension,
        name=row.name,
        since=_moment(max(row.slot, slots.start)),
        until=_moment(min(after, slots.stop)),
        figures=numbers,
        kpis={
            **kpis(row.dimension, numbers),
            **percentiles(row),
            **_peak(row.dimension, period.peaks.get(key)),
            **(outside(numbers) if row.dimension is Dimension.ALL else {}),
        },
        labels=dict(sorted(row.labels.items())),
    )


def _peak(dimension: Dimension, hour: Row | None) -> dict[str, float | None]:
    if dimension not in HOMES["offered_at_peak"]:
        return {}
    if hour is None:
        return dict.fromkeys(PEAKS)
    numbers = figures(hour, Thresholds())
    return {
        "abandonment_rate_at_peak": kpis(dimension, numbers)["abandonment_rate"],
        "offered_at_peak": numbers["offered"],
    }


def _moment(slot: int) -> str:
    return datetime.fromtimestamp(slot_start_ms(slot) / 1000, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
