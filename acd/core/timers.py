"""Timers are data: the core asks for one by name and is told when it is due."""

from enum import StrEnum, unique

import msgspec


@unique
class TimerKind(StrEnum):
    """What a timer is for; the key names whose it is."""

    OFFER_DEADLINE = "offer_deadline"
    """An offer's outcome is overdue: Dial's own time-out should have ended it."""
    WRAP_UP = "wrap_up"
    PAUSE = "pause"
    """An agent has been paused for as long as the reason allows."""
    BACK_OFF = "back_off"
    PAIR_BACK_OFF = "pair_back_off"
    CALL = "call"
    """The next moment something changes for a waiting call by itself: a step, a delay, the end of a preference."""
    RING_MORE = "ring_more"
    """More phones are due to ring for a call."""
    ASK = "ask"
    """An outside program has not answered in time."""
    STAY = "stay"
    """Nobody has been there to serve a queue for as long as it puts up with."""
    OPENING = "opening"
    """A queue opens that was closed by hand until now."""
    CLOSING = "closing"
    """A queue closed so long ago that those who waited leave."""
    WORK = "work"
    """A piece of work is to be tried, or has expired."""
    RELOAD = "reload"
    """The next slice of a reload, at once."""
    SETTLE = "settle"
    """After a restart: stop waiting for callers who have not come back."""


class Timer(msgspec.Struct, frozen=True, gc=False):
    """Identity of one timer: arming it again moves it."""

    kind: TimerKind
    key: str = ""
