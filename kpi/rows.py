"""Rows of numbers, and how several become one: over time, and over names."""

from collections.abc import Iterable
from typing import Final

import msgspec

from kpi.counters import CATALOGUE, Counters, Dimension, Merge
from kpi.histogram import merge
from kpi.slots import SLOT_MINUTES


class Row(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The numbers of one queue, agent or trunk group in one slot, or from that slot on once rolled up."""

    dimension: Dimension
    name: str
    slot: int
    counts: Counters
    answered_waits: dict[int, int] = {}
    """Histogram (kpi.histogram) of the waits of answered calls; only queues have one."""
    abandoned_waits: dict[int, int] = {}
    rings: dict[int, int] = {}
    """Histogram of the rings of ended offers."""
    talks: dict[int, int] = {}
    """Histogram of talks, without hold."""
    handles: dict[int, int] = {}
    """Histogram of talk, hold and wrap-up together."""
    returns: dict[int, int] = {}
    """Slots between a contact with a known caller and this slot, in which the caller called again -> how many did."""
    labels: dict[str, int] = {}
    """Counts by what people said: `topic:…`, `topic_resolved:…` and `code:…` calls, `pause:…` ms of an agent."""
    team: str = ""
    """Of an agent, as of the last log-in."""


HISTOGRAMS: Final = ("answered_waits", "abandoned_waits", "rings", "talks", "handles", "returns")
LABELS: Final = "labels"
MAPS: Final = (*HISTOGRAMS, LABELS)
_PAUSE: Final = "pause:"


def copy_of(row: Row) -> Row:
    """A copy that shares nothing with the row."""
    return Row(
        dimension=row.dimension,
        name=row.name,
        slot=row.slot,
        counts=msgspec.structs.replace(row.counts),
        answered_waits=dict(row.answered_waits),
        abandoned_waits=dict(row.abandoned_waits),
        rings=dict(row.rings),
        talks=dict(row.talks),
        handles=dict(row.handles),
        returns=dict(row.returns),
        labels=dict(row.labels),
        team=row.team,
    )


_PLAIN_SUMS: Final = tuple(name for name, counter in CATALOGUE.items() if counter.merge is Merge.SUM)
_MAXIMA: Final = tuple(name for name, counter in CATALOGUE.items() if counter.merge is Merge.MAX)
_ENDS: Final = tuple(name for name, counter in CATALOGUE.items() if counter.merge is Merge.LAST)
_LATEST: Final = tuple(name for name, counter in CATALOGUE.items() if counter.merge is Merge.LATEST)
_STARTS: Final = tuple(name for name, counter in CATALOGUE.items() if counter.merge is Merge.FIRST)


def add_later(into: Row, later: Row) -> None:
    """Add a row of the same thing in a later period; rows missing between the two were empty."""
    _add(into, later, _PLAIN_SUMS, _MAXIMA, MAPS)
    into.team = later.team or into.team
    for name in _ENDS + _LATEST:
        setattr(into.counts, name, getattr(later.counts, name))


def add_other(into: Row, other: Row) -> None:
    """Add a row of another thing in the same period."""
    _add(into, other, _PLAIN_SUMS + _STARTS + _ENDS, _MAXIMA + _LATEST, MAPS)


def _add(into: Row, row: Row, sums: tuple[str, ...], maxima: tuple[str, ...], maps: tuple[str, ...]) -> None:
    ours, theirs = into.counts, row.counts
    for name in sums:
        value = getattr(theirs, name)
        if value:
            setattr(ours, name, getattr(ours, name) + value)
    for name in maxima:
        setattr(ours, name, max(getattr(ours, name), getattr(theirs, name)))
    for name in maps:
        merge(getattr(into, name), getattr(row, name))


def roll_up(rows: Iterable[Row], *, first: int, minutes: int | None) -> list[Row]:
    """Rows of longer periods, by period, dimension and name: `minutes` each, on the UTC clock, or one from slot `first`.

    A rolled-up row's slot is the first of its period. `minutes` is a multiple of 15; others raise ValueError.
    """
    if minutes is not None and (minutes <= 0 or minutes % SLOT_MINUTES):
        raise ValueError(f"a period of {minutes} minutes: choose a multiple of {SLOT_MINUTES}, or the whole")
    width = None if minutes is None else minutes // SLOT_MINUTES
    rolled: dict[tuple[int, Dimension, str], Row] = {}
    for row in sorted(rows, key=lambda row: row.slot):
        period = first if width is None else row.slot // width * width
        key = (period, row.dimension, row.name)
        known = rolled.get(key)
        if known is None:
            rolled[key] = fresh = copy_of(row)
            fresh.slot = period
        else:
            add_later(known, row)
    return [rolled[key] for key in sorted(rolled)]


def total(rows: Iterable[Row]) -> list[Row]:
    """One ALL row per period: what queues and dialogues count, and the time agents spent.

    Calls and talks are taken from the queues only, since an agent's row counts the same talks again; trunk groups too
    count the calls of the queues.
    """
    totals: dict[int, Row] = {}
    for row in rows:
        if row.dimension not in _PART:
            continue
        known = totals.get(row.slot)
        if known is None:
            known = Row(dimension=Dimension.ALL, name="all", slot=row.slot, counts=Counters())
            totals[row.slot] = known
        if row.dimension is Dimension.QUEUE:
            add_other(known, row)
        else:
            _add(known, row, _OWN[row.dimension], (), ())
            merge(known.labels, {label: n for label, n in row.labels.items() if label.startswith(_PAUSE)})
    return [totals[slot] for slot in sorted(totals)]


def teams(rows: Iterable[Row]) -> list[Row]:
    """One TEAM row per team and period, of agents' rows; agents without a team are in none."""
    found: dict[tuple[int, str], Row] = {}
    for row in rows:
        if row.dimension is Dimension.AGENT and row.team:
            key = (row.slot, row.team)
            if key not in found:
                found[key] = Row(dimension=Dimension.TEAM, name=row.team, slot=row.slot, counts=Counters())
            add_other(found[key], row)
    return [found[key] for key in sorted(found)]


_PART: Final = frozenset({Dimension.QUEUE, Dimension.AGENT, Dimension.IVR})
_OWN: Final = {
    dimension: tuple(
        name
        for name, counter in CATALOGUE.items()
        if counter.homes - {Dimension.TEAM} == {dimension, Dimension.ALL}
    )
    for dimension in (Dimension.AGENT, Dimension.IVR)
}
"""What only such rows count: an agent's row has the talks of the queues once more."""
