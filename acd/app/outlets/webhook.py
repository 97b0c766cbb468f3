"""Facts POSTed to an address, one a request, in order, signed; tried again until they are taken or too old.

Each hook has a thread and a place in the journal of its own, so one that hangs delays nobody else, and what waits for it
waits on disk. After a `kill -9` the facts of the last second may come again: the delivery's id tells.
"""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import httpx
import msgspec
import structlog

from acd.app.outlets.follower import Place, end_of, prefixes
from acd.app.outlets.outlet import LAST_S, SAVE_EVERY_S, Outlet, keep, kept
from acd.app.outlets.signing import DELIVERY, SIGNATURE, TIMESTAMP, sign
from config.outlets import Webhook as Settings
from config.outlets import wanted

log = structlog.get_logger("acd.outlets")
NS: Final = 1_000_000_000
BACK_OFF_S: Final = (1.0, 60.0)
"""First and longest pause after a refusal; a random part of each pause keeps hooks from asking all at once."""
MOST_READ: Final = 65_536
"""Bytes of an answer that are looked at, only to keep the connection."""


class _Told(msgspec.Struct):
    at: int


_AGE: Final = msgspec.json.Decoder(_Told)


class Webhook(Outlet):
    """One hook, from the place kept in `path_of_place`; without one, from now on."""

    def __init__(
        self, settings: Settings, node: str, journal: Path, path_of_place: Path, clock: Callable[[], int]
    ) -> None:
        """`clock` gives nanoseconds as facts have them."""
        super().__init__(f"webhook {settings.name}", journal, kept(path_of_place, Place) or end_of(journal))
        self.delivered = self.refused = self.given_up = 0
        self._settings = settings
        self._node = node
        self._where = path_of_place
        self._clock = clock
        self._prefixes = prefixes(wanted(settings.events))
        self._done = self.follower.place
        """Behind the last fact that is done with."""
        self._broken_off = False
        self._end = 0.0
        self._client = httpx.Client(timeout=settings.timeout / 1000, trust_env=False, follow_redirects=False)
        self._dice = random.Random()  # noqa: S311 - jitter, no secret

    @property
    def lost(self) -> int:
        """Facts too old to be tried again, and those gone before they were read."""
        return self.follower.lost + self.given_up

    def prepare(self) -> None:
        """Keep the first place at once: a hook that is new must not miss what is told before a first kill."""
        self.save()

    def take(self, lines: list[tuple[int, bytes]]) -> None:
        """Deliver one after the other; returns early only when the daemon ends."""
        place = self.follower.place
        # The follower may have gone on to another segment since.
        offset = place.offset - sum(len(line) + 1 for _, line in lines)
        for number, line in lines:
            if self._broken_off or (line.startswith(self._prefixes) and not self._settled(number, line)):
                self._broken_off = True
                return
            offset += len(line) + 1
            self._done = Place(segment=place.segment, offset=offset, number=number + 1)

    def save(self) -> None:
        """Keep the place behind what is done."""
        keep(self._where, self._done)

    def stop(self, within: float = 3.0) -> None:
        """As inherited; then the connection is closed, under a request that hangs too."""
        super().stop(within)
        self._client.close()

    # ------------------------------------------------------------ one fact

    def _settled(self, number: int, line: bytes) -> bool:
        """Whether the fact was taken or is too old; False: the daemon ends first."""
        if self.wait(0) and time.monotonic() > self._latest():
            return False
        pause, body = BACK_OFF_S[0], self._body(number, line)
        try:
            told_at = _AGE.decode(line).at
        except msgspec.DecodeError:
            return True  # torn by a power cut: its step was never acted on
        while not self._too_old(told_at):
            why = self._post(number, body)
            if not why:
                self.delivered += 1
                self.failing = ""
                return True
            self.refused += 1
            self._failed(RuntimeError(why))
            if time.monotonic() - self._saved >= SAVE_EVERY_S:
                self._save()
            if self.wait(pause * self._dice.uniform(0.5, 1.0)):
                return False
            pause = min(2 * pause, BACK_OFF_S[1])
        if not self.given_up:
            log.error("webhook_gave_up", hook=self._settings.name, fact=number, further="counted, not logged")
        self.given_up += 1
        return True

    def _latest(self) -> float:
        """Until when to go on although the daemon ends."""
        self._end = self._end or time.monotonic() + LAST_S
        return self._end

    def _too_old(self, told_at: int) -> bool:
        return self._clock() - told_at > self._settings.give_up_after.ns

    def _body(self, number: int, line: bytes) -> bytes:
        head = msgspec.json.encode({"node": self._node, "hook": self._settings.name, "number": number})
        return head[:-1] + b',"fact":' + line + b"}"

    def _post(self, number: int, body: bytes) -> str:
        """Why it was not taken, "" when it was. Never says what the answer was but its status: it may hold anything."""
        timestamp = self._clock() // NS
        headers = {
            "Content-Type": "application/json",
            DELIVERY: f"{self._node}-{self._settings.name}-{number}",
            TIMESTAMP: str(timestamp),
            SIGNATURE: sign(self._settings.secret.reveal(), timestamp, body),
        }
        try:
            with self._client.stream("POST", self._settings.url, content=body, headers=headers) as answer:
                self._read(answer)
                return "" if answer.is_success else f"answered {answer.status_code}"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, RuntimeError) as wrong:
            return f"{type(wrong).__name__}: {wrong}"

    def _read(self, answer: httpx.Response) -> None:
        """To its end if that is near, so that the connection is used again; the status is known already."""
        until, size = time.monotonic() + self._settings.timeout / 1000, 0
        for part in answer.iter_raw():
            size += len(part)
            if size > MOST_READ or time.monotonic() > until:
                return
