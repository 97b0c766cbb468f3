"""How long to wait before the next try: doubling, capped, jittered. Pure: the dice come from outside."""

import random

# 2 ** 32 times any first pause is past every cap; the bound only keeps the power small.
_MOST_DOUBLINGS = 32


class Backoff:
    """Pauses in seconds: the n-th is drawn from the upper half of min(most, first * 2**n).

    The jitter keeps several daemons from returning to one restarted Asterisk at the same moment.
    """

    def __init__(self, first: float, most: float, rng: random.Random) -> None:
        self._first = first
        self._most = most
        self._rng = rng
        self._tries = 0

    @property
    def ceiling(self) -> float:
        """The longest the next pause can be, in seconds."""
        return min(self._most, self._first * 2.0 ** min(self._tries, _MOST_DOUBLINGS))

    def pause(self) -> float:
        """Return the next pause in seconds and count the try."""
        ceiling = self.ceiling
        self._tries += 1
        return ceiling * self._rng.uniform(0.5, 1.0)

    def reset(self) -> None:
        """Start again from the first pause."""
        self._tries = 0
