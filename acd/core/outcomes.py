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
    LONG_WAIT = "long_wait"
    """The estimated wait, or waiting callers per agent, is over the queue's limit."""


@unique
class LeaveReason(StrEnum):
    """Why a waiting call left its queue unserved without the caller hanging up."""

    REDIRECTED = "redirected"
    WITHDRAWN = "withdrawn"
    LOST_BY_PLATFORM = "lost_by_platform"
    TIMED_OUT = "timed_out"
    """Waited as long as the queue lets anybody wait."""
    NO_AGENTS = "no_agents"
    """Nobody was left who could have served."""
    KEY = "key"
    """The caller pressed an exit key."""
    OVERFLOWED = "overflowed"
    """A step of the queue sent the call on to another queue, where it keeps its age."""
    PICKED_UP = "picked_up"
    """A phone at which no agent is logged in took it while it rang at an agent's."""
    MOVED = "moved"
    """A person sent it on to another queue, where it keeps its age."""
    CLOSED = "closed"
    """Its queue closed while it waited."""
    NOT_REACHED = "not_reached"
    """An attempt to call somebody back: they could not be reached."""
    CANCELLED = "cancelled"
    """Work that nobody is to do any more: cancelled, expired, or its caller called again."""
    QUIET = "quiet"
    """Work that waits until customers may be called again."""


@unique
class WayKind(StrEnum):
    """Where a caller goes who is not served in the queue."""

    QUEUE = "queue"
    """Another queue, with the age."""
    EXTENSION = "extension"
    """An extension of the dialplan."""
    EXTERNAL = "external"
    """A number outside."""
    VOICEMAIL = "voicemail"
    """A box of Asterisk's VoiceMail."""
    MESSAGE = "message"
    """A message that becomes work for the queue's agents."""
    CALLBACK = "callback"
    """To be called back, at the place in the line."""
    TEXT = "text"
    """A short message instead of waiting."""


@unique
class WorkKind(StrEnum):
    """What is done for somebody who does not wait on the line."""

    CALLBACK = "callback"
    MESSAGE = "message"


@unique
class WorkMiss(StrEnum):
    """Why an attempt did not reach the customer."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    UNREACHABLE = "unreachable"
    AGENT_LEFT = "agent_left"
    """The agent hung up first; it does not count as an attempt."""
    ERROR = "error"
    """Something failed that is nobody's doing; it does not count either."""


@unique
class WorkOutcome(StrEnum):
    """Every piece of work ends in exactly one of these."""

    DONE = "done"
    NOT_REACHED = "not_reached"
    """All attempts have been made."""
    ABANDONED = "abandoned"
    """The customer picked up, waited for the agent, and hung up."""
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    CALLED_AGAIN = "called_again"
    """The customer called, joined the queue, and has the place."""


@unique
class TextOutcome(StrEnum):
    """What became of a text."""

    SENT = "sent"
    """Taken by Asterisk or the gateway; whether it arrives is not known here."""
    NOT_ALLOWED = "not_allowed"
    FAILED = "failed"


@unique
class SurveyOutcome(StrEnum):
    """How a survey ended."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    DECLINED = "declined"
    """Hung up without an answer."""
    NO_INPUT = "no_input"
    OPTED_OUT = "opted_out"
    """Wants never to be asked again."""


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
    """How a queue chooses among agents who can serve the call. Ties go to the longest idle, then by name."""

    SKILLS = "skills"
    """The highest sum of levels over the skills asked for."""
    LEAST_SKILLED = "least_skilled"
    """The lowest sum of levels that still serves: keeps the experts free."""
    LONGEST_IDLE = "longest_idle"
    LEAST_OCCUPIED = "least_occupied"
    """The smallest share of working time spent busy, lately."""
    FEWEST_CALLS = "fewest_calls"
    """The fewest calls answered within the window."""
    ROUND_ROBIN = "round_robin"
    """The next in the list after whoever was rung last."""
    LINEAR = "linear"
    """The first in the list who is free."""
    SIMULTANEOUS = "simultaneous"
    """All free agents at once; the first to answer has the call."""
    PROGRESSIVE = "progressive"
    """The longest idle first, then more and more phones beside it."""
    RANDOM = "random"
    """By lot, each agent with their weight."""


@unique
class Choose(StrEnum):
    """How a free agent chooses among queues, where more than one has a caller for them."""

    ORDER = "order"
    """The one order of the line, whatever the queue."""
    GREATEST_NEED = "greatest_need"
    """The queue whose first caller has waited longest in proportion to its target."""
    WEIGHT = "weight"
    """The queue with the highest weight."""
    SERVICE_LEVEL = "service_level"
    """The queue whose first caller will be over the target first."""
    PERCENT = "percent"
    """The queue furthest behind its share of the group's calls."""


@unique
class Skip(StrEnum):
    """When a step is not waited for."""

    NEVER = "never"
    NOBODY_LOGGED_IN = "nobody_logged_in"
    """Nobody at work could serve what is asked for at present."""
    NOBODY_READY = "nobody_ready"
    """Nobody free could."""


@unique
class Via(StrEnum):
    """By what means somebody made a wish known."""

    API = "api"
    PHONE = "phone"
    EVENT = "event"
    """A UserEvent of Asterisk's."""
    SCHEDULE = "schedule"
    CONFIGURATION = "configuration"
    ROUTER = "router"


@unique
class SwitchedBy(StrEnum):
    """What closes or opens a queue."""

    HOURS = "hours"
    PERSON = "person"
    TIME = "time"
    """It had been closed by a person until now."""


@unique
class WrapUpMode(StrEnum):
    """How work after a talk begins and ends."""

    NONE = "none"
    """There is none, unless the agent pauses."""
    TIMED = "timed"
    """Always, until the time is over or the agent is done."""
    DISCRETIONARY = "discretionary"
    """Always, until the agent is done."""
    REQUESTED = "requested"
    """Only when the agent asks for it during the talk; then until the time is over or the agent is done."""


@unique
class Supervision(StrEnum):
    """What a supervisor does in somebody's talk."""

    LISTEN = "listen"
    WHISPER = "whisper"
    """The agent hears the supervisor, the caller does not."""
    BARGE = "barge"
    """Both hear the supervisor."""
