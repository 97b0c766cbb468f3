"""Keys that an agent presses in a talk. Sequences, because single digits may be meant for the caller's side."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Final

from acd.core.ids import OfferId

PATIENCE_NS: Final = 3_000_000_000
"""Between two keys of one sequence."""
LONGEST: Final = 8
TALKS: Final = 2_000
"""Talks whose last keys are remembered."""


class TalkKeys:
    """The last keys of each talk."""

    def __init__(self) -> None:
        """Nobody has pressed any."""
        self._pressed: OrderedDict[OfferId, tuple[str, int]] = OrderedDict()

    def pressed(self, offer: OfferId, key: str, at: int, meanings: Mapping[str, str]) -> str:
        """Take a key. What a sequence means (its name) when this key completes one, else ""."""
        before, when = self._pressed.pop(offer, ("", at))
        keys = (before if at - when <= PATIENCE_NS else "") + key
        for name, sequence in meanings.items():
            if keys.endswith(sequence):
                return name
        self._pressed[offer] = (keys[-LONGEST:], at)
        if len(self._pressed) > TALKS:
            self._pressed.popitem(last=False)
        return ""
