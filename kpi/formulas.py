"""Formulas as text, and what they come to: `a + b / c - d * 1000` is (a + b) / (c - d) times 1000. Brackets are for the eye."""

from collections.abc import Mapping
from typing import Final

import msgspec

Terms = tuple[tuple[int, str], ...]
"""Signed words."""
_ONE: Final[Terms] = ()


class Formula(msgspec.Struct, frozen=True, kw_only=True):
    """A formula that was read."""

    top: Terms
    bottom: Terms = _ONE
    """Empty: nothing is divided."""
    times: int = 1

    @property
    def words(self) -> tuple[str, ...]:
        """Every word in it."""
        return tuple(word for _, word in (*self.top, *self.bottom))


def parse(text: str) -> Formula:
    """Read a formula. ValueError for another shape."""
    ratio, _, factor = text.partition(" * ")
    top, _, bottom = ratio.partition(" / ")
    return Formula(
        top=terms(top), bottom=terms(bottom) if bottom else _ONE, times=int(factor) if factor else 1
    )


def terms(text: str) -> Terms:
    """The signed words of `a + b - c`."""
    words = text.strip().strip("()").split()
    signs = [1, *({"+": 1, "-": -1}[operator] for operator in words[1::2])]
    return tuple(zip(signs, words[0::2], strict=True))


def added(terms: Terms, figures: Mapping[str, float]) -> float:
    """What the sum comes to. KeyError for a word without a value."""
    return sum(sign * figures[word] for sign, word in terms)


def value(formula: Formula, figures: Mapping[str, float]) -> float | None:
    """What it comes to; None, "no input", where a word has no value or the divisor is not above 0.

    Divisors may come out negative: in one slot, abandons may outnumber the calls offered in it.
    """
    try:
        top = added(formula.top, figures) * formula.times
        bottom = added(formula.bottom, figures) if formula.bottom else None
    except KeyError:
        return None
    if bottom is None:
        return top
    return top / bottom if bottom > 0 else None
