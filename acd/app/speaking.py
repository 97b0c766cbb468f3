"""Which sounds say a place in the line and a wait, in the caller's language."""

from typing import TYPE_CHECKING

from acd.app.announcement import Said

if TYPE_CHECKING:
    from acd.app.daemon import Daemon


class Speaking:
    """Asterisk's own queue sounds around numbers."""

    def __init__(self, daemon: "Daemon") -> None:
        """Reads the configuration in force."""
        self._daemon = daemon

    def line(self, said: Said, language: str) -> tuple[str, ...]:
        """Sounds for what is to be said; none for what is not."""
        return (*self._place(said, language), *self._wait(said, language))

    def _place(self, said: Said, language: str) -> tuple[str, ...]:
        if not said.place:
            return ()
        if said.place == 1 and not said.place_more:
            return ("queue-youarenext",)
        more = ("queue-quantity1",) if said.place_more else ()
        return ("queue-thereare", *more, *self._number(said.place, language), "queue-callswaiting")

    def _wait(self, said: Said, language: str) -> tuple[str, ...]:
        if not said.minutes:
            return ()
        more = ("queue-quantity1",) if said.minutes_more else ()
        return ("queue-holdtime", *more, *self._number(said.minutes, language), "queue-minutes")

    def _number(self, number: int, _language: str) -> tuple[str, ...]:
        """English by the core digits, up to 99."""
        if number <= 20:
            return (f"digits/{number}",)
        tens, ones = divmod(min(number, 99), 10)
        return (f"digits/{tens}0", *([f"digits/{ones}"] if ones else ()))
