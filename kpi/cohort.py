"""Counts that a row alone cannot tell: what became of a period's contacts later, and its busiest hour."""

from collections.abc import Iterable, Mapping
from typing import Final

from kpi.counters import Dimension
from kpi.definitions import Thresholds
from kpi.rows import Row, roll_up, total
from kpi.slots import SLOT_MINUTES, SLOT_MS

Key = tuple[Dimension, str, int]
"""Dimension, name and the first slot of the period."""
HOUR: Final = 60


def period_of(slot: int, slots: range, minutes: int | None) -> int:
    """The first slot of the period that a slot lies in."""
    width = None if minutes is None else minutes // SLOT_MINUTES
    return slots.start if width is None else slot // width * width


def returned(
    rows: Iterable[Row], slots: range, minutes: int | None, thresholds: Thresholds
) -> Mapping[Key, int]:
    """Contacts of each period whose caller called again within the window, as far as `rows` reach.

    `rows` are of single slots, those after the period too: a later row says how many slots ago the contact was.
    """
    found: dict[Key, int] = {}
    for row in rows:
        for gap, count in row.returns.items():
            if row.slot - gap in slots and gap * SLOT_MS <= thresholds.repeat_ms:
                period = period_of(row.slot - gap, slots, minutes)
                names = [(row.dimension, row.name)]
                if row.dimension is Dimension.QUEUE:
                    names.append((Dimension.ALL, "all"))
                elif row.team:
                    names.append((Dimension.TEAM, row.team))
                for dimension, name in names:
                    key = (dimension, name, period)
                    found[key] = found.get(key, 0) + count
    return found


def peaks(rows: Iterable[Row], slots: range, minutes: int | None) -> Mapping[Key, Row]:
    """The busiest hour of each period, by calls that entered the queue; none for periods of no whole hours."""
    if minutes is not None and minutes % HOUR:
        return {}
    found: dict[Key, Row] = {}
    hours = roll_up((row for row in rows if row.counts.offered), first=slots.start, minutes=HOUR)
    for hour in (*hours, *total(hours)):
        # An hour may begin before the period does.
        key = (hour.dimension, hour.name, period_of(max(hour.slot, slots.start), slots, minutes))
        known = found.get(key)
        if known is None or hour.counts.offered > known.counts.offered:
            found[key] = hour
    return found
