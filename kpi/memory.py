"""What the numbers must remember from one fact to a later one. Part of the snapshot, and bounded.

Open calls and work, pauses, talks before their wrap-up, what was said of a call, when known callers were last served.
"""

from typing import Final

import msgspec

from acd.core.ids import AgentName, CallId, QueueName, WorkId
from kpi.counters import Dimension

CALLERS_KEPT_MS: Final = 7 * 86_400_000
"""How long a caller is remembered; repeat windows reach no further."""
MOST_CALLERS: Final = 100_000
"""The callers served longest ago go first; about 5 MB of a snapshot."""
NOBODY: Final = frozenset({"", "anonymous", "unknown", "private", "unavailable", "restricted", "withheld"})
"""What switches write for callers who do not show their number."""


class OpenCall(msgspec.Struct, frozen=True, array_like=True):
    """A call whose story goes on."""

    caller: str
    """Empty: not known."""
    attempt: bool = False
    """We call them, nobody called."""
    passed: bool = False
    """It came from another call of ours: a transfer."""
    also: tuple[tuple[Dimension, str], ...] = ()
    """Rows it counts in beside its queue's: the number dialled, skills asked for."""


class OpenWork(msgspec.Struct, frozen=True, array_like=True):
    """A callback or message that is not done."""

    queue: QueueName
    since_ms: int
    """When the customer's wait began."""


class Pause(msgspec.Struct, frozen=True, array_like=True):
    """Why an agent is paused, or will be after the present call."""

    reason: str
    paid: bool = True
    productive: bool = False


class Handling(msgspec.Struct, frozen=True, array_like=True):
    """A talk that ended and may have a wrap-up."""

    queue: QueueName
    talk_ms: int
    """Hold included."""
    also: tuple[tuple[Dimension, str], ...] = ()


class Said(msgspec.Struct, frozen=True, array_like=True):
    """What an agent said of a call last."""

    call: CallId
    code: str = ""
    topic: str = ""
    resolved: bool | None = None


class Contact(msgspec.Struct, frozen=True, array_like=True):
    """When a caller was last served, and by whom."""

    at_ms: int
    queue: QueueName
    agent: AgentName


class Memory(msgspec.Struct, kw_only=True, omit_defaults=True):
    """All of it."""

    joined: dict[CallId, int] = {}
    """Callers on the line, since when, ms."""
    calls: dict[CallId, OpenCall] = {}
    work: dict[WorkId, OpenWork] = {}
    pauses: dict[AgentName, Pause] = {}
    handling: dict[AgentName, Handling] = {}
    said: dict[AgentName, Said] = {}
    callers: dict[str, Contact] = {}
    """In the order of their last contact."""
    teams: dict[AgentName, str] = {}


def copy_of(memory: Memory, *, callers: bool) -> Memory:
    """A copy that shares nothing that changes; without `callers`, which are many, these are left out."""
    return Memory(
        joined=dict(memory.joined),
        calls=dict(memory.calls),
        work=dict(memory.work),
        pauses=dict(memory.pauses),
        handling=dict(memory.handling),
        said=dict(memory.said),
        callers=dict(memory.callers) if callers else {},
        teams=dict(memory.teams),
    )


def known(caller: str) -> str:
    """The caller as remembered; empty for one who shows no number."""
    number = caller.strip().lower()
    return "" if number in NOBODY else number
