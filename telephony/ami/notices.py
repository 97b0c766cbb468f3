"""What a link tells its owner besides events: up, down, faults, its state and its counters."""

import enum
from typing import TypeAlias

import msgspec

from telephony.ami.messages import Event


class LinkState(enum.Enum):
    """Where a link is. WRONG_CREDENTIALS stays through the slow retries until a login is answered otherwise."""

    DOWN = "down"
    CONNECTING = "connecting"
    LOGGING_IN = "logging_in"
    BOOTING = "booting"
    UP = "up"
    WRONG_CREDENTIALS = "wrong_credentials"
    CLOSED = "closed"


class LinkUp(msgspec.Struct, frozen=True):
    """The link is usable: logged in and, where waited for, Asterisk fully booted. Resync now. `at` is monotonic ns."""

    switch: str
    at: int
    version: str


class LinkDown(msgspec.Struct, frozen=True):
    """A link that was up is lost; exactly one per LinkUp. What happens until the next LinkUp is not replayed."""

    switch: str
    at: int
    reason: str


class LinkFault(msgspec.Struct, frozen=True):
    """Something an operator should know. `kind` is one word, `detail` says what to look at and holds no secret."""

    switch: str
    at: int
    kind: str
    detail: str


class Counters(msgspec.Struct):
    """What a link has seen since it was made, over all its connections."""

    events: dict[str, int] = {}
    unread: dict[str, int] = {}
    protocol_errors: dict[str, int] = {}
    received_bytes: int = 0
    connects: int = 0
    ups: int = 0
    losses: int = 0
    malformed_events: int = 0
    stray_responses: int = 0
    deliver_errors: int = 0
    send_failures: int = 0
    report_errors: int = 0

    @property
    def reconnects(self) -> int:
        """How often the link came back after a loss."""
        return max(0, self.ups - 1)


Inbox: TypeAlias = Event | LinkUp | LinkDown
