"""A caller outside: dials in over a trunk, waits as long as the patience lasts, talks, hangs up."""

import asyncio

from telephony.simulated.pace import Pace
from telephony.simulated.remote_end import TALKING, RemoteEnd


class Caller(RemoteEnd):
    """One call from outside. `patience` and `talk` are seconds until it hangs up by itself; None waits for ever."""

    def __init__(self, pace: Pace, *, patience: float | None = None, talk: float | None = None) -> None:
        super().__init__()
        self._pace = pace
        self._talk = talk
        self._timer: asyncio.TimerHandle | None = None
        if patience is not None:
            self._timer = pace.after(patience, self.hangup)

    def hears(self, what: str) -> None:
        """Hear something; the first talk ends the waiting."""
        if what.startswith(TALKING) and not self._talking.happened:
            self._stop_timer()
            if self._talk is not None:
                self._timer = self._pace.after(self._talk, self.hangup)
        super().hears(what)

    def is_gone(self, status: int) -> None:
        """End, for whatever reason."""
        self._stop_timer()
        super().is_gone(status)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
