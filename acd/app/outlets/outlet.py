"""A thread that reads the journal and does something with it, at its own pace. Routing never waits for it."""

import os
import threading
import time
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import structlog

from acd.app.outlets.follower import Follower, Place

log = structlog.get_logger("acd.outlets")
POLL_S: Final = 0.2
BREATH_S: Final = 0.001
"""Between two chunks of a backlog, so that the routing loop gets its turn at once."""
SAVE_EVERY_S: Final = 1.0
RETRY_S: Final = (1.0, 30.0)
"""After an error: first and longest pause."""
STOP_S: Final = 3.0
LAST_S: Final = 1.5
"""Of these, for what was told before the end."""
Kept = TypeVar("Kept")


class Outlet(threading.Thread):
    """`start`, then `stop`; a subclass says what is done with lines and what is kept over a restart."""

    def __init__(self, name: str, journal: Path, place: Place) -> None:
        """The thread ends with the process if it must: what it has not done is in the journal."""
        super().__init__(name=name, daemon=True)
        self.follower = Follower(journal, place)
        self.failing = ""
        """What keeps it from going on, empty when nothing does."""
        self._ending = threading.Event()
        self._ready = False
        self._saved = 0.0

    def run(self) -> None:
        """Until `stop`: read, take, now and then save; after an error try again, ever more slowly."""
        pause = RETRY_S[0]
        while not self._ending.is_set():
            try:
                self._round()
                pause, self.failing = RETRY_S[0], ""
            except Exception as wrong:  # noqa: BLE001 - the thread must live; the error is told and tried again
                self._failed(wrong)
                self._ending.wait(pause)
                pause = min(2 * pause, RETRY_S[1])
        self._last()

    @property
    def lost(self) -> int:
        """Facts that will never go out, since the start."""
        return self.follower.lost

    def stop(self, within: float = STOP_S) -> None:
        """Do what is there to be done already, keep the place, and end; blocks, so for a thread."""
        self._ending.set()
        if self.is_alive():
            self.join(within)

    def wait(self, seconds: float) -> bool:
        """Sleep; True: it is to end."""
        return self._ending.wait(seconds)

    # ------------------------------------------------------------ for subclasses

    def prepare(self) -> None:
        """Before anything is read; tried again when it raises."""

    def take(self, lines: list[tuple[int, bytes]]) -> None:
        """Do it for these lines of the journal. What raises is tried again with the same lines."""
        raise NotImplementedError

    def save(self) -> None:
        """Keep the place and what else must outlive a restart."""
        raise NotImplementedError

    # ------------------------------------------------------------ inside

    def _round(self) -> None:
        if not self._ready:
            self.prepare()
            self._ready = True
        before = self.follower.place
        lines = self.follower.read()
        if lines:
            try:
                self.take(lines)
            except Exception:
                self.follower.close()
                self.follower.place = before
                raise
        if time.monotonic() - self._saved >= SAVE_EVERY_S:
            self._save()
        self._ending.wait(BREATH_S if lines else POLL_S)

    def _save(self) -> None:
        self._saved = time.monotonic()
        self.save()

    def _last(self) -> None:
        """What was told before the end goes out as well."""
        try:
            until = time.monotonic() + LAST_S
            while not self.failing and time.monotonic() < until and (lines := self.follower.read()):
                self.take(lines)
            if self._ready:
                self._save()
        except Exception as wrong:  # noqa: BLE001 - the journal has it, for the next start
            self._failed(wrong)
        self.follower.close()

    def _failed(self, wrong: Exception) -> None:
        if not self.failing:
            log.error("outlet_failing", outlet=self.name, error=str(wrong) or repr(wrong))
        self.failing = str(wrong) or repr(wrong)


def keep(path: Path, state: Any) -> None:  # noqa: ANN401 - any msgspec type
    """Write a state whole or not at all."""
    half = path.with_suffix(".half")
    half.write_bytes(msgspec.json.encode(state))
    os.replace(half, path)  # noqa: PTH105 - as a system call


def kept(path: Path, kind: type[Kept]) -> Kept | None:
    """The state that was kept there; None: none, or none that can be read, which is told."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as wrong:
        effect = "it begins with what happens now"
        log.error("outlet_place_unreadable", file=str(path), error=str(wrong), effect=effect)  # noqa: TRY400 - the text says all
        return None
