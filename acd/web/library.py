"""What people are shown of recordings, and what the API needs of their library. Moments are nanoseconds since the epoch."""

from collections.abc import Iterator
from typing import Protocol

import msgspec


class Silence(msgspec.Struct, frozen=True):
    """Nothing was heard from `since` to `until`; None: it still is so."""

    since: int
    until: int | None


class RecordingView(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded of one call."""

    call: str
    queue: str
    agents: tuple[str, ...]
    caller: str
    began: int
    """The first word: when recording and talk had both begun."""
    lasted_ms: int
    runs: bool
    """It goes on at this moment, in this call or in one the caller was transferred to."""
    file: str
    why: str
    """"always", "share", who asked for it, or the call it goes on from."""
    silenced: tuple[Silence, ...]
    held: bool
    held_by: str = ""
    held_reason: str = ""
    shared_with: tuple[str, ...] = ()
    """Other calls in the same file, oldest first: a caller who is transferred to another queue is a new call there."""


class RecordingList(msgspec.Struct, frozen=True, kw_only=True):
    """What a search found, newest first. `cut` says what was left out and how to get it; empty: this is all."""

    recordings: tuple[RecordingView, ...]
    cut: str = ""


class Expired(msgspec.Struct, frozen=True, kw_only=True):
    """What was deleted for its age, or with `dry_run` would be."""

    dry_run: bool
    files: tuple[str, ...]
    """The first thousand."""
    deleted: int
    held: int
    """Old enough, but held."""
    gone: int
    """Old enough, but the file was not there."""
    problems: tuple[str, ...] = ()


class Sound(msgspec.Struct, frozen=True):
    """A file's bytes, read as they are asked for."""

    name: str
    size: int
    data: Iterator[bytes]


class Library(Protocol):
    """All raise ControlError. `actor`: the supervisor who wants it, for the rights; "" is the operator."""

    async def search(  # noqa: PLR0913 - what can be asked for
        self,
        *,
        queue: str = "",
        agent: str = "",
        caller: str = "",
        since: int | None = None,
        until: int | None = None,
        limit: int = 100,
        actor: str = "",
    ) -> RecordingList:
        """Recordings begun in the period that fit all that is given; `caller`: the number or its last digits."""

    async def sound(self, call: str, actor: str = "", file: str = "") -> Sound:
        """What was recorded of a call; of several files that one or the last."""

    async def hold(self, call: str, *, held: bool, reason: str = "", actor: str = "") -> RecordingView:
        """Keep a recording whatever its age, or no longer."""

    async def expire(self, *, dry_run: bool = False) -> Expired:
        """Delete what is older than its queue keeps recordings."""
