"""What agents do and wish."""

from acd.core.facts.fact import Fact
from acd.core.ids import AgentName, CallId, PhoneName, QueueName, SwitchName
from acd.core.outcomes import OfferOutcome, Via
from acd.core.states import AgentState


class LoggedIn(Fact, frozen=True, kw_only=True, tag="agent_logged_in", omit_defaults=True):
    """The agent is at work."""

    agent: AgentName
    phone: PhoneName
    switch: SwitchName = SwitchName("")
    """Where the phone is; empty in journals from before agents could choose their phone."""
    hot_desk: bool = False
    """Not the agent's own phone."""
    team: str = ""
    """The agent's attribute of that name, for reports by team."""
    via: Via = Via.API


class LogInRefused(Fact, frozen=True, kw_only=True, tag="log_in_refused", omit_defaults=True):
    """Somebody could not log in as that agent, who may not even exist; nothing has changed."""

    agent: AgentName
    switch: SwitchName
    phone: PhoneName
    why: str
    via: Via = Via.PHONE


class LogOutWished(Fact, frozen=True, kw_only=True, tag="log_out_wished", omit_defaults=True):
    """The agent leaves after the present call; `wished` False: stays after all."""

    agent: AgentName
    wished: bool = True
    reason: str = ""
    via: Via = Via.ROUTER
    forced: bool = False


class LoggedOut(Fact, frozen=True, kw_only=True, tag="agent_logged_out", omit_defaults=True):
    """The agent has left; `reason` is empty for the agent's own wish."""

    agent: AgentName
    reason: str = ""
    via: Via = Via.API
    forced: bool = False
    """By somebody else, and at once."""


class Paused(Fact, frozen=True, kw_only=True, tag="agent_paused", omit_defaults=True):
    """The agent wants no calls. In a call: from its end on."""

    agent: AgentName
    reason: str = ""
    paid: bool = True
    productive: bool = False
    via: Via = Via.API
    forced: bool = False


class Resumed(Fact, frozen=True, kw_only=True, tag="agent_resumed", omit_defaults=True):
    """The agent wants calls again, or is paused for another reason next: this pause is over."""

    agent: AgentName
    reason: str = ""
    lasted_ms: int = 0
    via: Via = Via.API
    forced: bool = False


class PauseOverrun(Fact, frozen=True, kw_only=True, tag="pause_overrun", omit_defaults=True):
    """The agent is paused for longer than that reason allows."""

    agent: AgentName
    reason: str
    limit_ms: int


class StateChanged(Fact, frozen=True, kw_only=True, tag="agent_state", omit_defaults=True):
    """The agent's state from here on; the state before lasted `lasted_ms`."""

    agent: AgentName
    before: AgentState
    after: AgentState
    lasted_ms: int
    reason: str = ""
    queue: QueueName | None = None


class WrapUpStarted(Fact, frozen=True, kw_only=True, tag="wrap_up_started", omit_defaults=True):
    """Work after the talk, until that moment at the latest; 0: until the agent is done."""

    call: CallId
    queue: QueueName
    agent: AgentName
    until: int


class WrapUpWished(Fact, frozen=True, kw_only=True, tag="wrap_up_wished", omit_defaults=True):
    """In a talk: the agent wants time for work after it (`WrapUpMode.REQUESTED`), or no longer wants it."""

    call: CallId
    queue: QueueName
    agent: AgentName
    wished: bool = True


class WrapUpExtended(Fact, frozen=True, kw_only=True, tag="wrap_up_extended", omit_defaults=True):
    """Work after the talk lasts until that moment at the latest, not as told before."""

    call: CallId
    queue: QueueName
    agent: AgentName
    until: int


class Classified(Fact, frozen=True, kw_only=True, tag="call_classified", omit_defaults=True):
    """What the agent says a call was about; the last one said of a call counts, and empty parts leave what was said."""

    call: CallId
    queue: QueueName
    agent: AgentName
    code: str = ""
    """Of the queue's disposition codes."""
    topic: str = ""
    resolved: bool | None = None
    via: Via = Via.API


class WrapUpEnded(Fact, frozen=True, kw_only=True, tag="wrap_up_ended", omit_defaults=True):
    """Work after the talk is over."""

    call: CallId
    queue: QueueName
    agent: AgentName
    wrap_up_ms: int


class BackedOff(Fact, frozen=True, kw_only=True, tag="agent_backed_off", omit_defaults=True):
    """The agent gets no offers until then because of how the last one ended."""

    agent: AgentName
    outcome: OfferOutcome
    until: int


class HelpWanted(Fact, frozen=True, kw_only=True, tag="help_wanted", omit_defaults=True):
    """The agent asks a supervisor for help with the present call; `wanted` False: no longer."""

    agent: AgentName
    call: CallId | None = None
    queue: QueueName | None = None
    wanted: bool = True


class MaliciousCall(Fact, frozen=True, kw_only=True, tag="malicious_call", omit_defaults=True):
    """The agent marks the caller as malicious: who and where, for the carrier and the police."""

    agent: AgentName
    call: CallId
    queue: QueueName
    caller: str
    channel: str
    uniqueid: str


class OffShift(Fact, frozen=True, kw_only=True, tag="off_shift", omit_defaults=True):
    """The agent's state does not agree with the schedule: `kind` is late, early, absent or overtime."""

    agent: AgentName
    kind: str
    planned: int
    """The moment of the schedule, nanoseconds."""
    by_ms: int = 0
