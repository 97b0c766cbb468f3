"""What a FastAGI server grants its peers, and what it counts."""

from typing import Final

import msgspec

NS: Final = 1_000_000_000
"""Nanoseconds of a second: the loop counts in seconds, everything else here in nanoseconds."""


class AgiLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the process strangers, peers and callers may take. Durations are nanoseconds."""

    ungreeted: int = 256
    """Connections without a complete header block; one more evicts the oldest. Asterisk needs about 1 ms for it."""
    greeting: int = 2 * NS
    """Time for the whole header block. The dialplan gives a session no more before it tries again."""
    sessions: int = 5_000
    """Calls at once. With `ungreeted` this bounds the file descriptors: keep LimitNOFILE above the sum."""
    write_high_water: int = 64 * 1024
    """Unread bytes after which a peer is given up: 32 commands, where a sound one has at most two."""
    strays: int = 64
    """Garbage lines and unexpected replies in one session after which it is given up."""
    closing: int = 2 * NS
    """Time for the last bytes to leave when a session or the server is closed."""


class AgiCounters(msgspec.Struct):
    """What happened since the start; they only grow.

    accepted = those below that end a connection in the lobby + refused_full + started + still in the lobby.
    """

    accepted: int = 0
    started: int = 0
    closed: int = 0
    """Started sessions that are over."""
    refused_peer: int = 0
    """Closed at accept: not in the allow-list."""
    refused_full: int = 0
    """Closed after the header block: as many sessions as allowed."""
    evicted: int = 0
    """Ungreeted, pushed out by a newer connection."""
    expired: int = 0
    """Ungreeted for too long."""
    ungreeted_lost: int = 0
    """Gone before their header block was complete, by themselves or because the server was closed."""
    bad_blocks: int = 0
    """Closed for what they sent instead of a header block."""
    malformed: int = 0
    """Header lines and parameters left out of requests."""
    replies: int = 0
    stale_replies: int = 0
    """Of a STREAM FILE that had ended by itself when it was cut."""
    hangups: int = 0
    """Sessions whose peer hung up."""
    faults: int = 0
    """Told to the listener by `failed`."""
    listener_errors: int = 0
