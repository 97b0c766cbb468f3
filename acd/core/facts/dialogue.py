"""Dialogues before the queue: what callers heard and keyed, what was looked up for them. Secrets are in none of these."""

from acd.core.dialogues import DialogueEnd, LookupEnd
from acd.core.facts.fact import Fact
from acd.core.ids import QueueName, SwitchName, Uniqueid


class IvrStarted(Fact, frozen=True, kw_only=True, tag="ivr_started", omit_defaults=True):
    """A caller is in a dialogue."""

    ivr: str
    switch: SwitchName
    uniqueid: Uniqueid
    """Of the channel: the same as in the call_arrived that may follow."""
    channel: str
    caller: str = ""
    dialled: str = ""
    language: str = ""


class IvrEnded(Fact, frozen=True, kw_only=True, tag="ivr_ended", omit_defaults=True):
    """The dialogue is over."""

    ivr: str
    switch: SwitchName
    uniqueid: Uniqueid
    outcome: DialogueEnd
    node: str
    """Where it ended."""
    lasted_ms: int
    path: tuple[str, ...] = ()
    """The nodes in order, with what was keyed: "menu=2", "pin=***"."""
    queue: QueueName | None = None
    why: str = ""
    """Of a failure."""


class LookupDone(Fact, frozen=True, kw_only=True, tag="lookup_done", omit_defaults=True):
    """Something was asked for a caller, over HTTP or of a database."""

    ivr: str
    switch: SwitchName
    uniqueid: Uniqueid
    node: str
    outcome: LookupEnd
    took_ms: int
    cached: bool = False
    why: str = ""
    """What was wrong, without a word of the answer."""
