"""What the API takes of closing and opening queues by hand, and what it needs of the daemon for that."""

from typing import Annotated, Protocol

import msgspec


class CloseWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Body of a closing."""

    message: Annotated[str, msgspec.Meta(max_length=120, pattern=r"^[A-Za-z0-9_./-]*\Z")] = ""
    """The sound that callers are to hear instead of being refused by a status."""
    seconds: Annotated[int, msgspec.Meta(ge=1, le=31_622_400)] | None = None
    """It opens by itself after so long; None: when somebody opens it."""


class DoorView(msgspec.Struct, frozen=True, kw_only=True):
    """Whether callers are let in. Moments in nanoseconds since the epoch."""

    queue: str
    open: bool
    by_hours: bool = False
    by_hand: bool = False
    who: str = ""
    message: str = ""
    since: int = 0
    opens: int = 0
    """As far as is known; 0: nobody knows."""


class DoorKeeper(Protocol):
    """Closes and opens queues. All raise ControlError."""

    def doors(self) -> list[DoorView]:
        """All queues, by name."""

    def close(self, queue: str, wish: CloseWish, actor: str = "") -> DoorView:
        """Nobody is let in from here on."""

    def open(self, queue: str, actor: str = "") -> DoorView:
        """Callers are let in again, unless the hours close it."""
