"""What is said to one waiting caller, and when: pure, time is data.

A plan is made when the wait begins and asked at each moment it names. Gaps count from the end of what was said, so a
long message never runs into the next.
"""

from typing import Final

import msgspec

from acd.core.ids import CallId
from acd.core.lots import lot
from config.announcing import Announcements, Order

MINUTE_MS: Final = 60_000


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """Place in the line and expected wait as they are said: a number, and whether it is "more than" that."""

    place: int = 0
    place_more: bool = False
    minutes: int = 0
    minutes_more: bool = False


NOTHING: Final = Said()


def _repeats(rule: Announcements) -> bool:
    return bool(rule.messages) or rule.position or rule.wait


class Plan(msgspec.Struct, kw_only=True):
    """One caller's announcements; `due` is the next moment, nanoseconds, or None when there is nothing to come."""

    call: CallId
    rule: Announcements
    due: int | None
    joined: bool = False
    turn: int = 0
    said: Said = NOTHING

    @classmethod
    def made(cls, call: CallId, rule: Announcements, now: int, *, joined: bool = False) -> "Plan | None":
        """For a caller who begins to wait, or (`joined`) goes on to; None when there is nothing to say."""
        greets = bool(rule.join) and not joined
        if not greets and not _repeats(rule):
            return None
        return cls(call=call, rule=rule, due=now if greets else now + rule.first.ns, joined=joined)

    def over(self, now: int) -> None:
        """What was said has ended, or was cut: the next comes after the gap."""
        begun = self.turn > 0 or self.said != NOTHING
        gap = self.rule.every.ns if begun else self.rule.first.ns
        self.due = now + gap if _repeats(self.rule) else None

    def next_message(self, seed: int = 0) -> str:
        """The message whose turn it is; "" without any. Shuffled: each once, in another order for each caller."""
        messages = self.rule.messages
        if not messages:
            return ""
        number, place = divmod(self.turn, len(messages))
        self.turn += 1
        if self.rule.order is Order.ORDER:
            return messages[place]
        key = CallId(f"{self.call} {number}")
        shuffled = sorted(range(len(messages)), key=lambda index: lot(seed, key, index))
        return messages[shuffled[place]]

    def news(self, place: int, wait_ms: int | None) -> Said:
        """What of place and wait is to be said now; empty parts are not."""
        rule, said = self.rule, self.said
        shown = min(place, rule.position_most) if rule.position and place > 0 else 0
        more = shown > 0 and place > rule.position_most
        minutes, minutes_more = self._minutes(wait_ms)
        if rule.only_when_changed:
            if (shown, more) == (said.place, said.place_more):
                shown, more = 0, False
            if (minutes, minutes_more) == (said.minutes, said.minutes_more):
                minutes, minutes_more = 0, False
        self.said = Said(
            place=shown or said.place,
            place_more=more if shown else said.place_more,
            minutes=minutes or said.minutes,
            minutes_more=minutes_more if minutes else said.minutes_more,
        )
        return Said(place=shown, place_more=more, minutes=minutes, minutes_more=minutes_more)

    def _minutes(self, wait_ms: int | None) -> tuple[int, bool]:
        if not self.rule.wait or wait_ms is None:
            return 0, False
        step = int(self.rule.wait_step)
        rounded = max(1, -(-wait_ms // step)) * step
        most = int(self.rule.wait_most)
        return min(rounded, most) // MINUTE_MS, rounded > most
