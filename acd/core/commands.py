"""What the world should do, in the imperative. Output of `Router.handle`; counterpart of acd.core.events."""

import msgspec

from acd.core.ids import AgentName, CallId, OfferId, PhoneName, QueueName, WorkId
from acd.core.outcomes import BlockReason, Disposition, WorkKind
from acd.core.timers import Timer
from acd.core.ways import Way


class Command(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Something to be done by the shell. Doing it twice does no harm."""


class Refuse(Command, frozen=True, kw_only=True):
    """Turn the call away before it is answered; the status sent is configured per reason."""

    call: CallId
    reason: BlockReason
    way: Way | None = None
    """Answered or not, the call goes there instead of being turned away."""
    message: str = ""
    """A sound: the call is answered and hears it before it is hung up or goes its way; without one it is not answered."""


class Hold(Command, frozen=True, kw_only=True):
    """Let the caller wait with music."""

    call: CallId
    music: str = ""


class Leg(msgspec.Struct, frozen=True):
    """One phone of an Offer: each has an offer id, an agent and an outcome of its own."""

    offer: OfferId
    phone: PhoneName


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """What an Offer is about that no caller waits for."""

    work: WorkId
    kind: WorkKind
    number: str
    file: str = ""
    customer_first: bool = False
    ring: int = 30_000
    """How long the customer's phone rings, milliseconds."""


class Offer(Command, frozen=True, kw_only=True):
    """Ring these phones for the call, all at once; the first to answer has it. `ring_timeout` in milliseconds.

    Told again with more legs while some ring, it adds phones: those that ring go on with the same offer ids.
    """

    call: CallId
    queue: QueueName
    legs: tuple[Leg, ...]
    ring_timeout: int
    answer_first: bool
    music: str = ""
    errand: Errand | None = None
    """The call is work and has no line yet: one is to be made first."""


class Rescind(Command, frozen=True, kw_only=True):
    """Stop the ringing of an offer; the caller stays and the phone shows no missed call."""

    offer: OfferId


class Disconnect(Command, frozen=True, kw_only=True):
    """Hang up the agent's phone in the talk that came of an offer; the end follows as an event."""

    offer: OfferId


class Release(Command, frozen=True, kw_only=True):
    """The router has nothing more to do with the call: set the verdict and let the dialplan go on."""

    call: CallId
    verdict: Disposition
    reason: str = ""
    """Why a call left unserved (a LeaveReason), for the dialplan; with "key", `key` is what was pressed."""
    key: str = ""
    message: str = ""
    """With "closed": the sound that callers are to hear, if whoever closed the queue named one."""
    way: Way | None = None
    """Where the caller is to go; without one the dialplan decides."""
    opens: int = 0
    """With "closed": when the queue is open again, 0 when nobody knows."""


class Ask(Command, frozen=True, kw_only=True):
    """Let an outside program choose: answered by the event Advised, or not in time."""

    call: CallId
    queue: QueueName
    number: int
    """Which question about this call it is: an answer to an earlier one is stale."""
    agents: tuple[AgentName, ...]
    """The free agents who can serve, best first; at most 20."""
    deadline: int
    """Milliseconds."""


class ArmTimer(Command, frozen=True, kw_only=True):
    """Send TimerFired at that moment (nanoseconds, engine clock); replaces an armed timer of the same name."""

    timer: Timer
    at: int


class CancelTimer(Command, frozen=True, kw_only=True):
    """Forget a timer. One that is not armed is no error."""

    timer: Timer
