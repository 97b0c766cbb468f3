"""What each fact changes in the index of recordings (acd.app.recorded), as SQL. Pure.

A call without a recording is forgotten at its end; one with a recording, when its file is deleted.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from acd.core import facts as f

Change = tuple[str, tuple[object, ...]]
_RUNNING: Final = "json_array_length(silenced) > 0 AND json_extract(silenced, '$[#-1][1]') IS NULL"


def _arrived(fact: f.Arrived) -> list[Change]:
    text = "INSERT OR REPLACE INTO calls (call, queue, switch, caller) VALUES (?, ?, ?, ?)"
    return [(text, (fact.call, fact.queue, fact.switch, fact.caller))]


def _caller_changed(fact: f.CallerChanged) -> list[Change]:
    return [("UPDATE calls SET caller = ? WHERE call = ?", (fact.caller, fact.call))]


def _answered(fact: f.Answered) -> list[Change]:
    return [
        # It may have moved to another queue while it waited.
        (
            "UPDATE calls SET answered = coalesce(answered, ?), queue = ? WHERE call = ?",
            (fact.at, fact.queue, fact.call),
        ),
        ("INSERT OR IGNORE INTO heard VALUES (?, ?, ?)", (fact.call, fact.agent, fact.at)),
    ]


def _started(fact: f.RecordingStarted) -> list[Change]:
    text = (
        "INSERT INTO files (call, file, why, started) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (call, file) DO UPDATE SET stopped = NULL"
    )
    # A journal that was cut at its beginning has recordings without an arrival.
    known = ("INSERT OR IGNORE INTO calls (call, queue) VALUES (?, ?)", (fact.call, fact.queue))
    return [known, (text, (fact.call, fact.file, fact.why, fact.at))]


def _paused(fact: f.RecordingPaused) -> list[Change]:
    text = "UPDATE files SET silenced = json_insert(silenced, '$[#]', json_array(?, NULL)) WHERE call = ? AND stopped IS NULL"
    return [(text, (fact.at, fact.call))]


def _resumed(fact: f.RecordingResumed) -> list[Change]:
    return [_heard_again(fact.at, fact.call)]


def _heard_again(at: int, call: str) -> Change:
    text = f"UPDATE files SET silenced = json_set(silenced, '$[#-1][1]', ?) WHERE call = ? AND {_RUNNING}"  # noqa: S608
    return (text, (at, call))


def _stopped(fact: f.RecordingEnded) -> list[Change]:
    text = "UPDATE files SET stopped = ? WHERE call = ? AND stopped IS NULL"
    return [_heard_again(fact.at, fact.call), (text, (fact.at, fact.call))]


def _ended(fact: f.Ended) -> list[Change]:
    return [
        ("UPDATE calls SET ended = ? WHERE call = ?", (fact.at, fact.call)),
        _heard_again(fact.at, fact.call),
        *_forget_unless_recorded(fact.call),
    ]


def _held(fact: f.RecordingHeld) -> list[Change]:
    text = "UPDATE calls SET held = ?, held_by = ?, held_reason = ? WHERE call = ?"
    told = (fact.by, fact.reason) if fact.held else ("", "")
    return [(text, (fact.held, *told, fact.call))]


def _deleted(fact: f.RecordingDeleted) -> list[Change]:
    text = "DELETE FROM files WHERE call = ? AND file = ?"
    return [(text, (fact.call, fact.file)), *_forget_unless_recorded(fact.call)]


def _forget_unless_recorded(call: str) -> list[Change]:
    return [
        (f"DELETE FROM {table} WHERE call = ?1 AND NOT EXISTS (SELECT 1 FROM files WHERE call = ?1)", (call,))  # noqa: S608
        for table in ("heard", "calls")
    ]


STEPS: Final[Mapping[type[f.Fact], Callable[[Any], list[Change]]]] = {
    f.Arrived: _arrived,
    f.CallerChanged: _caller_changed,
    f.Answered: _answered,
    f.RecordingStarted: _started,
    f.RecordingPaused: _paused,
    f.RecordingResumed: _resumed,
    f.RecordingEnded: _stopped,
    f.Ended: _ended,
    f.RecordingHeld: _held,
    f.RecordingDeleted: _deleted,
}
"""All other facts are passed over unread."""


class Kinds(msgspec.Struct, frozen=True):
    """How lines of the facts above begin, and what reads them."""

    prefixes: tuple[bytes, ...]
    decoder: msgspec.json.Decoder[Any]


KINDS: Final = Kinds(
    tuple(f'{{"fact":"{kind.__struct_config__.tag}",'.encode() for kind in STEPS),
    msgspec.json.Decoder(f.AnyFact),
)
