"""Short messages to callers."""

from acd.core.facts.fact import Fact
from acd.core.ids import CallId, QueueName
from acd.core.outcomes import TextOutcome


class TextSent(Fact, frozen=True, kw_only=True, tag="text_sent", omit_defaults=True):
    """A text was sent, or was not: `why`. `call` is what it is about."""

    call: CallId
    queue: QueueName
    text: str
    """The template's name."""
    outcome: TextOutcome
    why: str = ""
