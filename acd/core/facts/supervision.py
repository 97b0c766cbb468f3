"""What supervisors do: every act is told with who did it, whether it was allowed or not."""

from acd.core.facts.fact import Fact
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.outcomes import Supervision


class Audited(Fact, frozen=True, kw_only=True, tag="audited", omit_defaults=True):
    """Somebody used a power over others, or tried to."""

    actor: str
    """An agent's name, or who the API knows them as."""
    act: str
    """The verb of the API: "pause", "record", "listen" …"""
    subject: str
    allowed: bool = True
    why: str = ""


class SupervisionStarted(Fact, frozen=True, kw_only=True, tag="supervision_started", omit_defaults=True):
    """A supervisor hears an agent's talk, or is heard in it."""

    supervisor: str
    agent: AgentName
    call: CallId | None
    kind: Supervision
    channel: str = ""


class SupervisionEnded(Fact, frozen=True, kw_only=True, tag="supervision_ended", omit_defaults=True):
    """The supervisor is out of it again."""

    supervisor: str
    agent: AgentName
    call: CallId | None
    lasted_ms: int


class RecordingStarted(Fact, frozen=True, kw_only=True, tag="recording_started", omit_defaults=True):
    """The call is being recorded from here on, into that file."""

    call: CallId
    queue: QueueName
    file: str
    why: str
    """"always", "share" (by lot) or who asked for it."""


class RecordingPaused(Fact, frozen=True, kw_only=True, tag="recording_paused", omit_defaults=True):
    """The recording goes on with silence: card data is being said."""

    call: CallId
    queue: QueueName
    by: str


class RecordingResumed(Fact, frozen=True, kw_only=True, tag="recording_resumed", omit_defaults=True):
    """The recording hears again."""

    call: CallId
    queue: QueueName
    by: str


class RecordingEnded(Fact, frozen=True, kw_only=True, tag="recording_ended", omit_defaults=True):
    """Nothing is recorded any more; the file is whole once the call is over."""

    call: CallId
    queue: QueueName
    by: str = ""


class RecordingHeld(Fact, frozen=True, kw_only=True, tag="recording_held", omit_defaults=True):
    """The recording is kept for the law, whatever its age, or (`held` false) may go again when it is old."""

    call: CallId
    held: bool
    by: str
    reason: str = ""


class RecordingDeleted(Fact, frozen=True, kw_only=True, tag="recording_deleted", omit_defaults=True):
    """The file is gone for good: it was older than its queue keeps them."""

    call: CallId
    queue: QueueName
    file: str
    by: str
    """Who had old recordings deleted; "daily": the daemon by itself."""
