"""Answers that hold for a while. Pure: the moment comes as data."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Cache(Generic[V]):
    """Values by key until they are too old; beyond `most` the one not asked for longest goes."""

    def __init__(self, most: int) -> None:
        """Nothing is known."""
        self._most = most
        self._known: OrderedDict[Hashable, tuple[int, V]] = OrderedDict()

    def __len__(self) -> int:
        """How many are held, old ones included."""
        return len(self._known)

    def get(self, key: Hashable, now: int) -> V | None:
        """What is known and still holds."""
        found = self._known.get(key)
        if found is None:
            return None
        until, value = found
        if now >= until:
            del self._known[key]
            return None
        self._known.move_to_end(key)
        return value

    def put(self, key: Hashable, value: V, until: int) -> None:
        """Hold a value until that moment."""
        self._known[key] = (until, value)
        self._known.move_to_end(key)
        if len(self._known) > self._most:
            self._known.popitem(last=False)
