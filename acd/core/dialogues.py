"""How dialogues before the queue end, and what became of their look-ups."""

from enum import StrEnum, unique


@unique
class DialogueEnd(StrEnum):
    """What became of the caller."""

    QUEUED = "queued"
    CONTAINED = "contained"
    """Served by the dialogue itself."""
    DISMISSED = "dismissed"
    """Sent away unserved, as out of hours."""
    TRANSFERRED = "transferred"
    """To an extension outside of all queues."""
    ABANDONED = "abandoned"
    """The caller hung up."""
    FAILED = "failed"
    """The dialogue could not go on; the call went to the fallback queue."""


@unique
class LookupEnd(StrEnum):
    """What became of a question."""

    OK = "ok"
    NOT_FOUND = "not_found"
    DEADLINE = "deadline"
    ERROR = "error"
    MISFIT = "misfit"
    """An answer that is not as the configuration says."""
