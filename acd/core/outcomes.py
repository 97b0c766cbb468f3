"""How things end: the closed vocabularies of offers, calls, talks and phones."""

from enum import StrEnum, unique


@unique
class OfferOutcome(StrEnum):
    """Every offer ends in exactly one of these."""

    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    REJECTED = "rejected"
    BUSY = "busy"
    UNREACHABLE = "unreachable"
    CALLER_LEFT = "caller_left"
    RESCINDED = "rescinded"
    LOST_RACE = "lost_race"
    ERROR = "error"


BLAMELESS: frozenset[OfferOutcome] = frozenset(
    {OfferOutcome.ANSWERED, OfferOutcome.CALLER_LEFT, OfferOutcome.RESCINDED, OfferOutcome.LOST_RACE}
)
"""Outcomes an agent is never made to wait for."""


@unique
class Disposition(StrEnum):
    """Every call ends in exactly one of these; arrived = blocked + offered, offered = the other three + open."""

    BLOCKED = "blocked"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    LEFT = "left"


@unique
class BlockReason(StrEnum):
    """Why a call never entered a queue."""

    UNKNOWN_QUEUE = "unknown_queue"
    QUEUE_FULL = "queue_full"
    NOBODY_LOGGED_IN = "nobody_logged_in"
    CLOSED = "closed"
    TRUNK_FULL = "trunk_full"
    OVERLOAD = "overload"
    ENGINE_DOWN = "engine_down"


@unique
class LeaveReason(StrEnum):
    """Why a waiting call left its queue unserved without the caller hanging up."""

    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"
    LOST_BY_PLATFORM = "lost_by_platform"


@unique
class AbandonStage(StrEnum):
    """What the caller was listening to when giving up."""

    WAITING = "waiting"
    RINGING = "ringing"


@unique
class EndedBy(StrEnum):
    """Who ended a talk or a call."""

    CALLER = "caller"
    AGENT = "agent"
    TRANSFER = "transfer"
    ROUTER = "router"
    PLATFORM = "platform"
    UNKNOWN = "unknown"


@unique
class TransferKind(StrEnum):
    """How an agent gave the caller away."""

    BLIND = "blind"
    ATTENDED = "attended"


@unique
class PhoneState(StrEnum):
    """What an agent's phone can do, whatever the agent wishes. Calls we offered ourselves do not make it busy."""

    UNKNOWN = "unknown"
    FREE = "free"
    BUSY = "busy"
    UNREACHABLE = "unreachable"


@unique
class Strategy(StrEnum):
    """How a queue chooses among agents who can serve the call."""

    SKILLS = "skills"
    """The highest sum of levels over the required skills, then the longest idle."""
    LONGEST_IDLE = "longest_idle"
