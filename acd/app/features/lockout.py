"""How often a wrong PIN may be tried: by agent and by phone, so that neither one of them can be worn out. Pure."""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

KEPT: Final = 10_000
"""Keys remembered; the oldest are forgotten, so that keying numbers at random can't fill memory."""


class Lockout:
    """Wrong PINs by key ("agent ann", "phone PJSIP/1001"), each with its moment."""

    def __init__(self) -> None:
        """Nobody has erred yet."""
        self._wrong: OrderedDict[str, list[int]] = OrderedDict()

    def locked(self, keys: Iterable[str], now: int, most: int, lasting: int) -> bool:
        """Whether one of them has been wrong `most` times within the last `lasting` nanoseconds."""
        return any(len(self._lately(key, now, lasting)) >= most for key in keys)

    def wrong(self, keys: Iterable[str], now: int) -> None:
        """A PIN was wrong."""
        for key in keys:
            self._wrong.setdefault(key, []).append(now)
            self._wrong.move_to_end(key)
        while len(self._wrong) > KEPT:
            self._wrong.popitem(last=False)

    def right(self, keys: Iterable[str]) -> None:
        """The PIN was right: begin anew."""
        for key in keys:
            self._wrong.pop(key, None)

    def _lately(self, key: str, now: int, lasting: int) -> list[int]:
        known = self._wrong.get(key)
        if known is None:
            return []
        lately = [at for at in known if now - at < lasting]
        if lately:
            self._wrong[key] = lately
        else:
            del self._wrong[key]
        return lately
