"""Quarter hours of UTC: the grain every number is kept in.

A slot is an int, the number of whole quarter hours since 1970-01-01T00:00Z. Time zones are whole quarter hours off UTC,
so any local hour or day is a whole number of slots. Moments are nanoseconds of the engine's clock (acd.core.events),
spans inside this package are whole milliseconds: parts of a span, cut at slot borders, add up to the whole.
"""

from collections.abc import Iterator
from typing import Final

from acd.core.ids import NS_PER_MS

SLOT_MINUTES: Final = 15
SLOT_MS: Final = SLOT_MINUTES * 60_000
SLOT_NS: Final = SLOT_MS * NS_PER_MS


def slot_of(at: int) -> int:
    """The slot that a moment in nanoseconds lies in."""
    return at // SLOT_NS


def slot_start(slot: int) -> int:
    """The slot's first moment, nanoseconds."""
    return slot * SLOT_NS


def slot_start_ms(slot: int) -> int:
    """The slot's first moment, milliseconds."""
    return slot * SLOT_MS


def slots_between(since: int, until: int) -> range:
    """The slots that [since, until) touches, moments in nanoseconds; none when `until` is not after `since`."""
    return range(slot_of(since), slot_of(until - 1) + 1) if until > since else range(0)


def clip(begin_ms: int, end_ms: int) -> Iterator[tuple[int, int]]:
    """The parts of [begin, end) in milliseconds as (slot, milliseconds), oldest first; none of an empty span."""
    while begin_ms < end_ms:
        slot = begin_ms // SLOT_MS
        border = min(end_ms, slot_start_ms(slot + 1))
        yield slot, border - begin_ms
        begin_ms = border
