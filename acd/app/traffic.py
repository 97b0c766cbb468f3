"""The report of trunk groups: rows of the numbers as traffic by the hour, and what Erlang B makes of it. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from acd.web.lines import Traffic, TrunkReport, TrunkTraffic
from hardware import erlang
from kpi.counters import Counters, Dimension
from kpi.rows import Row, roll_up
from kpi.slots import slot_of, slot_start

TARGET: Final = 0.01
"""The share of calls that lines are usually planned to refuse in the busiest hour."""
HOUR_SLOTS: Final = 4


def build(
    rows: Iterable[Row], capacities: Mapping[str, int | None], *, since: int, until: int, now: int
) -> TrunkReport:
    """The trunk groups in the slots that [since, until) touches, nanoseconds; of what is not over yet, up to `now`."""
    first, after = slot_of(since), slot_of(until - 1) + 1
    wanted = [row for row in rows if row.dimension is Dimension.TRUNK and first <= row.slot < after]
    begin, end = slot_start(first), min(slot_start(after), now)
    names = sorted({*capacities, *(row.name for row in wanted)})
    groups = []
    for name in names:
        own = [row for row in wanted if row.name == name]
        groups.append(_group(name, own, capacities.get(name), begin, end))
    return TrunkReport(since=_moment(begin), until=_moment(end), target=TARGET, groups=tuple(groups))


def _group(name: str, rows: list[Row], capacity: int | None, begin: int, end: int) -> TrunkTraffic:
    hours = []
    for row in roll_up(rows, first=slot_of(begin), minutes=60):
        span = (max(begin, slot_start(row.slot)), min(end, slot_start(row.slot + HOUR_SLOTS)))
        hours.append(_traffic(row.counts, span, capacity))
    totals = roll_up(rows, first=slot_of(begin), minutes=None)
    whole = _traffic(totals[0].counts if totals else Counters(), (begin, end), capacity)
    busy = max(hours, key=lambda hour: hour.offered or hour.carried, default=None)
    return TrunkTraffic(
        name=name,
        capacity=capacity,
        whole=_planned(whole, busy),
        busiest=busy.since if busy is not None and busy.carried else "",
        hours=tuple(hours),
    )


def _traffic(counts: Counters, span: tuple[int, int], capacity: int | None) -> Traffic:
    begin, end = span
    carried = counts.carried_ms * 1_000_000 / (end - begin) if end > begin else 0.0
    # A call may be refused just after the slot it arrived in.
    refused = min(counts.blocked_trunk_full, counts.arrived)
    offered = erlang.offered(carried, counts.arrived, refused)
    return Traffic(
        since=_moment(begin),
        until=_moment(end),
        arrived=counts.arrived,
        refused=counts.blocked_trunk_full,
        carried=carried,
        offered=offered,
        peak=counts.peak,
        all_busy_ms=counts.all_busy_ms,
        all_busy_times=counts.all_busy_times,
        alarms=counts.alarms,
        out_of_order_ms=counts.out_of_order_ms,
        predicted=None if capacity is None or offered is None else erlang.blocking(capacity, offered),
        seen=refused / counts.arrived if counts.arrived else None,
        lines_needed=None if offered is None else erlang.lines_needed(offered, TARGET),
    )


def _planned(whole: Traffic, busy: Traffic | None) -> Traffic:
    """Lines are planned for the busiest hour: a day's mean would promise too much."""
    if busy is None:
        return whole
    return msgspec.structs.replace(whole, predicted=busy.predicted, lines_needed=busy.lines_needed)


def _moment(at: int) -> str:
    return dt.datetime.fromtimestamp(at // 1_000_000_000, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
