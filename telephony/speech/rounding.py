"""How exactly a span is told: "about three minutes", "less than a minute". The rule is the site's."""

from enum import StrEnum, unique
from math import isfinite
from typing import Final

import msgspec


@unique
class Direction(StrEnum):
    """Where a span between two steps goes."""

    UP = "up"
    """Nobody minds being served earlier than told."""
    NEAREST = "nearest"


@unique
class Precision(StrEnum):
    """What stands before the span."""

    EXACTLY = "exactly"
    ABOUT = "about"
    LESS_THAN = "less-than"
    MORE_THAN = "more-than"


class Step(msgspec.Struct, frozen=True):
    """Spans below `below` are told in multiples of `to`. Both in seconds."""

    below: int
    to: int


class Rounding(msgspec.Struct, frozen=True, kw_only=True):
    """Steps with `below` ascending; above the last its `to` goes on. Seconds throughout."""

    steps: tuple[Step, ...] = (Step(600, 60), Step(3600, 300), Step(86_400, 900))
    direction: Direction = Direction.UP
    least: int = 60
    """Below it "less than `least`"; 0 is never."""
    most: int = 0
    """Above it "more than `most`"; 0 is never."""
    about: bool = True

    def problems(self) -> list[str]:
        """What the operator has to change."""
        bounds = [step.below for step in self.steps]
        return [
            *(["steps: give at least one"] if not self.steps else []),
            *(["steps: below must ascend"] if bounds != sorted(set(bounds)) else []),
            *(f"steps: to must be at least 1, not {step.to}" for step in self.steps if step.to < 1),
            *(["least and most must not be negative"] if min(self.least, self.most) < 0 else []),
            *(["most must be above least"] if 0 < self.most <= self.least else []),
        ]


class Span(msgspec.Struct, frozen=True):
    """What is told."""

    precision: Precision
    seconds: int


DEFAULT: Final = Rounding()


def rounded(seconds: float, rule: Rounding) -> Span:
    """A span as the rule tells it; of two spans the longer is never told as the shorter.

    Raises ValueError for a rule with problems and for a span without end that no `most` holds.
    """
    if problems := rule.problems():
        raise ValueError("; ".join(problems))
    if seconds < rule.least:
        return Span(Precision.LESS_THAN, rule.least)
    if rule.most and seconds > rule.most:
        return Span(Precision.MORE_THAN, rule.most)
    if not isfinite(seconds):
        raise ValueError("a span without end needs `most`")
    told = max(_stepped(max(seconds, 0), rule), rule.least)
    return Span(Precision.ABOUT if rule.about else Precision.EXACTLY, min(told, rule.most or told))


def _stepped(seconds: float, rule: Rounding) -> int:
    start = 0
    for step in rule.steps:
        if seconds < step.below:
            return min(max(_multiple(seconds, step.to, rule.direction), start), step.below)
        start = step.below
    return max(_multiple(seconds, rule.steps[-1].to, rule.direction), start)


def _multiple(seconds: float, step: int, direction: Direction) -> int:
    """At least one step: "about no minutes" tells nothing."""
    if direction is Direction.UP:
        return max(-int(-seconds // step), 1) * step
    return max(int(seconds / step + 0.5), 1) * step
