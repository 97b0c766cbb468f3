"""Calls of an outage, written down by the dialplan's lost-call script: read at start, so that demand is not zero then."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog

from acd.core.facts import Arrived, Blocked, Ended, Fact
from acd.core.ids import CallId, QueueName, SwitchName, Uniqueid
from acd.core.outcomes import BlockReason, Disposition, EndedBy

log = structlog.get_logger("acd.spool")
BATCH = 10_000
"""Files taken at one start; the rest waits for the next."""


class LostCall(msgspec.Struct, frozen=True):
    """One file of the spool, as acd_lost_call.py writes it. `at` is an epoch second with a fraction."""

    queue: str
    at: float
    call: str = ""
    since: str = ""
    joined: str = ""
    uniqueid: str = ""
    channel: str = ""
    caller: str = ""


def lost_calls(directory: Path) -> Iterator[tuple[Path, LostCall]]:
    """The readable files, oldest first. An unreadable one is renamed aside and named in the log."""
    try:
        paths = sorted(path for path in directory.iterdir() if path.suffix == ".json")[:BATCH]
    except FileNotFoundError:
        return
    except OSError as wrong:
        log.warning("lost_calls_unreadable", directory=str(directory), error=str(wrong))
        return
    for path in paths:
        try:
            yield path, msgspec.json.decode(path.read_bytes(), type=LostCall)
        except (msgspec.DecodeError, OSError) as wrong:
            log.warning("lost_call_unreadable", file=str(path), error=str(wrong))
            with contextlib.suppress(OSError):
                path.rename(path.with_suffix(".bad"))


def take(path: Path) -> bool:
    """Remove a file before its facts are told: one that can't be removed would be counted again at every start."""
    try:
        path.unlink()
    except OSError as wrong:
        log.warning("lost_call_not_taken", file=str(path), error=str(wrong))
        return False
    return True


def facts_of(lost: LostCall, switch: SwitchName, generation: int, *, known: bool) -> list[Fact]:
    """A lost call as `blocked(engine_down)`. One the journal knows ends there by itself and is not counted again.

    The stamps are the call's own, so it counts in the quarter of an hour in which it was lost.
    """
    if known:
        return []
    at = int(lost.at * 1e9)
    call = CallId(f"lost-{lost.uniqueid or at}")
    queue = QueueName(lost.queue)
    return [
        Arrived(
            at=at,
            generation=generation,
            call=call,
            queue=queue,
            switch=switch,
            channel=lost.channel,
            uniqueid=Uniqueid(lost.uniqueid),
            caller=lost.caller,
        ),
        Blocked(at=at, generation=generation, call=call, queue=queue, reason=BlockReason.ENGINE_DOWN),
        Ended(
            at=at,
            generation=generation,
            call=call,
            queue=queue,
            disposition=Disposition.BLOCKED,
            by=EndedBy.PLATFORM,
            duration_ms=0,
        ),
    ]
