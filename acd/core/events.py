"""What happened, in the past tense. Input of `Router.handle`; counterpart of acd.core.commands.

`at` is nanoseconds on the engine's clock: it only moves forward and was paired with the wall clock once, at start
(acd.app.clock), so it also tells the time of day.
"""

from collections.abc import Mapping

import msgspec

from acd.core.ids import (
    AgentName,
    CallId,
    OfferId,
    PhoneName,
    QueueName,
    SwitchName,
    TrunkGroup,
    Uniqueid,
    WorkId,
)
from acd.core.outcomes import (
    BlockReason,
    EndedBy,
    LeaveReason,
    OfferOutcome,
    PhoneState,
    SwitchedBy,
    TransferKind,
    Via,
    WorkKind,
    WorkMiss,
)
from acd.core.requirement import ANYBODY, Requirement
from acd.core.rules import Rules
from acd.core.timers import Timer
from acd.core.ways import Way


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something that happened at a moment."""

    at: int


# ---------------------------------------------------------------- calls


class CallArrived(Event, frozen=True, kw_only=True):
    """A caller asks for a queue. `refuse` is set when the line or the host must not take the call."""

    call: CallId
    switch: SwitchName
    channel: str
    uniqueid: Uniqueid
    queue: QueueName
    caller: str = ""
    caller_name: str = ""
    require: Requirement = ANYBODY
    """Beyond what the queue asks for."""
    variables: Mapping[str, str] = {}
    """Values for the `$names` in the queue's expressions."""
    priority: int = 0
    credit: int = 0
    """Time spent elsewhere before (an IVR, another queue) that counts as waiting for the order, nanoseconds."""
    position: int | None = None
    """Enter the queue at that place (from 1), as far as priorities allow."""
    prefer: tuple[tuple[AgentName, int], ...] = ()
    """Agents to wait for alone at first, with scores: the highest who is free gets the call."""
    direct: AgentName | None = None
    """The agent the caller asks for; skills and queues are not looked at."""
    misread: tuple[str, ...] = ()
    """Parts of the request that made no sense and were left out."""
    trunk: TrunkGroup | None = None
    parent: CallId | None = None
    dialled: str = ""
    """The number the caller dialled."""
    joined: int | None = None
    refuse: BlockReason | None = None
    answered: bool = False


class CallReturned(Event, frozen=True, kw_only=True):
    """A call the router knows came back through the dialplan after its session was lost; it keeps its place."""

    call: CallId
    answered: bool = True


class SessionLost(Event, frozen=True, kw_only=True):
    """The call lives on but nothing can be told to it until it returns."""

    call: CallId


class CallerHungUp(Event, frozen=True, kw_only=True):
    """The caller is gone, waiting or while a phone rang. A talk's end is TalkEnded."""

    call: CallId
    estimated: bool = False


class CallLeftQueue(Event, frozen=True, kw_only=True):
    """A waiting call was taken away without the caller hanging up."""

    call: CallId
    reason: LeaveReason


class CallMoved(Event, frozen=True, kw_only=True):
    """A person sends a waiting call on to another queue; it keeps its age."""

    call: CallId
    queue: QueueName


class PriorityChanged(Event, frozen=True, kw_only=True):
    """A person gives a waiting call another priority of its own (the queue's is added); effective at once."""

    call: CallId
    priority: int


class PositionChanged(Event, frozen=True, kw_only=True):
    """A person puts a waiting call at another place of its queue (from 1), as far as priorities allow."""

    call: CallId
    position: int


class CallPicked(Event, frozen=True, kw_only=True):
    """A person gives a waiting call to one agent, whatever that one serves; after a while anybody will do again."""

    call: CallId
    agent: AgentName


class KeyPressed(Event, frozen=True, kw_only=True):
    """The caller pressed a key."""

    call: CallId
    key: str


class WayTaken(Event, frozen=True, kw_only=True):
    """The caller chose a way out, by a key or in a menu; to a queue the age goes along."""

    call: CallId
    way: Way
    key: str = ""


class CallbackAsked(Event, frozen=True, kw_only=True):
    """A caller who waits would rather be called back: leaves, and keeps the place."""

    call: CallId
    number: str
    key: str = ""
    due: int = 0
    """Not before then; 0: as soon as the line comes to it."""


class WorkArrived(Event, frozen=True, kw_only=True):
    """Work that comes from no waiting call: a callback by API or at a time, a message that was left."""

    work: WorkId
    kind: WorkKind
    queue: QueueName
    switch: SwitchName
    number: str
    name: str = ""
    require: Requirement = ANYBODY
    variables: Mapping[str, str] = {}
    priority: int = 0
    joined: int | None = None
    """When the wait began; None: now, or with `due` then."""
    credit: int = 0
    due: int = 0
    """Not before then; 0: at once."""
    parent: CallId | None = None
    file: str = ""


class WorkCancelled(Event, frozen=True, kw_only=True):
    """A person takes the work away; an attempt that reaches somebody just now goes on."""

    work: WorkId
    by: str = ""


class WorkTextFound(Event, frozen=True, kw_only=True):
    """A program has turned a message into text, or has not: `why`."""

    work: WorkId
    text: str = ""
    why: str = ""


class CustomerReached(Event, frozen=True, kw_only=True):
    """The customer of a callback picked up, or the agent hears the message."""

    call: CallId


class CustomerMissed(Event, frozen=True, kw_only=True):
    """The customer could not be reached. `cause` is the wire's own word for it."""

    call: CallId
    outcome: WorkMiss
    cause: str = ""


class WorkLineMade(Event, frozen=True, kw_only=True):
    """The attempt has a channel that can be dialled from."""

    call: CallId
    channel: str
    uniqueid: Uniqueid


class CallingSwitched(Event, frozen=True, kw_only=True):
    """The hours in which a queue's customers may be called begin or end."""

    queue: QueueName
    allowed: bool


class Advised(Event, frozen=True, kw_only=True):
    """An outside program answered `Ask`: an agent, or None to let the strategy decide."""

    call: CallId
    number: int
    agent: AgentName | None = None
    why: str = ""
    """What went wrong, when it gave no answer."""


class CallerReplaced(Event, frozen=True, kw_only=True):
    """An attended transfer put another caller's channel into this call; the place in the line stays."""

    call: CallId
    parent: CallId | None
    channel: str
    uniqueid: Uniqueid
    caller: str = ""
    caller_name: str = ""


# ---------------------------------------------------------------- offers and talks


class OfferRang(Event, frozen=True, kw_only=True):
    """The phone rings."""

    offer: OfferId


class OfferAnswered(Event, frozen=True, kw_only=True):
    """The agent picked up; `leg` is the phone's channel."""

    offer: OfferId
    leg_channel: str = ""
    leg: Uniqueid = Uniqueid("")
    estimated: bool = False


class OfferPickedUp(Event, frozen=True, kw_only=True):
    """A phone that did not ring took the call by directed pickup; `leg` is that phone's channel."""

    offer: OfferId
    phone: PhoneName
    leg_channel: str = ""
    leg: Uniqueid = Uniqueid("")


class OfferFailed(Event, frozen=True, kw_only=True):
    """The offer ended without a talk. `cause` is the wire's own word for it, for explain."""

    offer: OfferId
    outcome: OfferOutcome
    cause: str = ""


class HoldStarted(Event, frozen=True, kw_only=True):
    """The agent put the caller on hold."""

    offer: OfferId


class HoldEnded(Event, frozen=True, kw_only=True):
    """The agent took the caller back. Also sent by a REFER where nothing was held."""

    offer: OfferId


class CallTransferred(Event, frozen=True, kw_only=True):
    """The agent gave the caller away and is out of the talk. `into` is our call the caller joined, if any."""

    offer: OfferId
    kind: TransferKind
    target: str = ""
    where: tuple[str, ...] = ()
    """As in the fact of that name."""
    into: CallId | None = None


class TalkEnded(Event, frozen=True, kw_only=True):
    """The agent's leg is gone.

    After an outage the true end may be known from Asterisk's own log (`ended_at`); else the end is `estimated`, and
    `at` is the latest it can have been.
    """

    offer: OfferId
    by: EndedBy
    estimated: bool = False
    ended_at: int | None = None


# ---------------------------------------------------------------- agents and phones


class AgentLoggedIn(Event, frozen=True, kw_only=True):
    """The agent is at work, at the own phone or at another of the same switch."""

    agent: AgentName
    phone: PhoneName = PhoneName("")
    """Empty: the agent's own."""
    via: Via = Via.API


class AgentLoggedOut(Event, frozen=True, kw_only=True):
    """The agent leaves; a ringing offer is pulled back, a talk goes on to its end unless it is forced."""

    agent: AgentName
    via: Via = Via.API
    forced: bool = False
    """Somebody else wants it, and at once: the talk is cut."""
    reason: str = ""


class AgentPaused(Event, frozen=True, kw_only=True):
    """The agent wants no calls, for a reason."""

    agent: AgentName
    reason: str = ""
    via: Via = Via.API
    forced: bool = False


class AgentResumed(Event, frozen=True, kw_only=True):
    """The agent wants calls again."""

    agent: AgentName
    via: Via = Via.API
    forced: bool = False


class WrapUpFinished(Event, frozen=True, kw_only=True):
    """The agent is done before the wrap-up time is over."""

    agent: AgentName


class WrapUpAsked(Event, frozen=True, kw_only=True):
    """In a talk: the agent wants time after it, or no longer; for queues where it must be asked for."""

    agent: AgentName
    wanted: bool = True


class WrapUpProlonged(Event, frozen=True, kw_only=True):
    """In wrap-up: the agent needs so much longer (nanoseconds)."""

    agent: AgentName
    by: int


class CallClassified(Event, frozen=True, kw_only=True):
    """The agent says what the present or the last call was about. What is empty leaves what was said before."""

    agent: AgentName
    code: str = ""
    topic: str = ""
    resolved: bool | None = None
    via: Via = Via.API


class HelpAsked(Event, frozen=True, kw_only=True):
    """The agent wants a supervisor's help, or no longer."""

    agent: AgentName
    wanted: bool = True


class CallMarkedMalicious(Event, frozen=True, kw_only=True):
    """The agent marks the present or the last caller as malicious."""

    agent: AgentName


class PhoneChanged(Event, frozen=True, kw_only=True):
    """What a phone can do now, our own offers not counted."""

    switch: SwitchName
    phone: PhoneName
    state: PhoneState


# ---------------------------------------------------------------- the engine and its switches


class TimerFired(Event, frozen=True, kw_only=True):
    """A timer armed by ArmTimer is due."""

    timer: Timer


class RulesChanged(Event, frozen=True, kw_only=True):
    """New rules are in force from here on."""

    rules: Rules


class QueueSwitched(Event, frozen=True, kw_only=True):
    """The hours of a queue, or a person, close it or open it. It is open when neither closes it."""

    queue: QueueName
    closed: bool
    by: SwitchedBy
    who: str = ""
    """A person's name."""
    until: int = 0
    """By hours: when it is to open again, 0 when nobody knows. By a person: when it opens by itself, 0 for never."""
    message: str = ""
    """By a person: the sound that callers are to hear."""


class SwitchLost(Event, frozen=True, kw_only=True):
    """The link to an Asterisk is down: what happens there is unseen until SwitchSynced."""

    switch: SwitchName
    reason: str = ""


class SwitchSynced(Event, frozen=True, kw_only=True):
    """The link is up and the state there has been read and told."""

    switch: SwitchName
