"""Callbacks and messages: work for agents that waits in line without a caller."""

from collections.abc import Mapping

from acd.core.facts.fact import Fact
from acd.core.ids import CallId, QueueName, SwitchName, Uniqueid, WorkId
from acd.core.outcomes import WorkKind, WorkMiss, WorkOutcome


class WorkAdded(Fact, frozen=True, kw_only=True, tag="work_added", omit_defaults=True):
    """Somebody is to be called back, or a message to be heard. It keeps the place of the call it came of (`parent`)."""

    work: WorkId
    kind: WorkKind
    queue: QueueName
    switch: SwitchName
    number: str
    name: str = ""
    joined: int
    credit: int = 0
    priority: int = 0
    needs: str = ""
    variables: Mapping[str, str] = {}
    parent: CallId | None = None
    file: str = ""
    due: int
    expires: int


class WorkReached(Fact, frozen=True, kw_only=True, tag="work_reached", omit_defaults=True):
    """The customer picked up; or the agent hears the message."""

    work: WorkId
    call: CallId
    queue: QueueName
    kind: WorkKind
    waited_ms: int
    """Since the customer's wait began."""


class WorkMissed(Fact, frozen=True, kw_only=True, tag="work_missed", omit_defaults=True):
    """An attempt did not reach the customer."""

    work: WorkId
    call: CallId
    queue: QueueName
    kind: WorkKind
    outcome: WorkMiss
    cause: str = ""


class WorkDeferred(Fact, frozen=True, kw_only=True, tag="work_deferred", omit_defaults=True):
    """The attempt is over and the next comes `until` then; `attempts` have been made and counted."""

    work: WorkId
    queue: QueueName
    until: int
    attempts: int


class WorkEnded(Fact, frozen=True, kw_only=True, tag="work_ended", omit_defaults=True):
    """The end of it. Every piece of work has exactly one."""

    work: WorkId
    queue: QueueName
    kind: WorkKind
    outcome: WorkOutcome
    attempts: int
    lasted_ms: int
    """Since it was added."""
    by: str = ""


class WorkTranscribed(Fact, frozen=True, kw_only=True, tag="work_transcribed", omit_defaults=True):
    """A message as text; or why there is none."""

    work: WorkId
    queue: QueueName
    text: str = ""
    why: str = ""


class CallingAllowed(Fact, frozen=True, kw_only=True, tag="calling_allowed", omit_defaults=True):
    """Customers of the queue may be called back from now on, or not: its hours for that began or ended."""

    queue: QueueName
    allowed: bool


class LineMade(Fact, frozen=True, kw_only=True, tag="line_made", omit_defaults=True):
    """A piece of work has a channel on the switch: as of a caller from here on."""

    call: CallId
    queue: QueueName
    channel: str
    uniqueid: Uniqueid
