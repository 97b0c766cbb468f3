"""What the API shows and takes of callbacks and messages, and what it needs of the daemon for them."""

from typing import Annotated, Protocol

import msgspec

from acd.core.outcomes import WorkKind


class WorkView(msgspec.Struct, frozen=True, kw_only=True):
    """One open piece of work. Moments in nanoseconds since the epoch."""

    work: str
    kind: WorkKind
    queue: str
    number: str
    name: str = ""
    added: int
    waited_ms: int
    """Since the customer's wait began."""
    due: int
    """When it is tried next; in the past while it stands in line."""
    expires: int
    attempts: int
    file: str = ""
    """Of a message: the sound, as Asterisk names it."""
    text: str = ""
    """Of a message, where a program turns it into text."""
    call: str = ""
    """Its attempt, while one stands in line or is made."""
    agent: str = ""
    """Who is at it, or being rung."""


class CallbackWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a wish to be called back."""

    queue: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    name: Annotated[str, msgspec.Meta(max_length=80, pattern=r"^[^\x00-\x1f\x7f-\x9f]*\Z")] = ""
    at: Annotated[str, msgspec.Meta(max_length=40)] = ""
    """Not before then, ISO 8601 with an offset; empty: as soon as somebody is free."""
    priority: Annotated[int, msgspec.Meta(ge=-1000, le=1000)] = 0


class Callbacks(Protocol):
    """What the API needs of the daemon for work that waits without a caller. All raise ControlError."""

    def listed(self, queue: str = "") -> list[WorkView]:
        """Open work, of one queue or of all, longest wait first."""

    def add(self, wish: CallbackWish, actor: str = "") -> WorkView:
        """Let somebody be called back."""

    def cancel(self, work: str, actor: str = "") -> WorkView:
        """Take work away; what it was."""
