"""What agents do and wish."""

from acd.core.facts.fact import Fact
from acd.core.ids import AgentName, CallId, PhoneName, QueueName
from acd.core.outcomes import OfferOutcome
from acd.core.states import AgentState


class LoggedIn(Fact, frozen=True, kw_only=True, tag="agent_logged_in", omit_defaults=True):
    """The agent is at work."""

    agent: AgentName
    phone: PhoneName


class LoggedOut(Fact, frozen=True, kw_only=True, tag="agent_logged_out", omit_defaults=True):
    """The agent has left; `reason` is empty for the agent's own wish."""

    agent: AgentName
    reason: str = ""


class Paused(Fact, frozen=True, kw_only=True, tag="agent_paused", omit_defaults=True):
    """The agent wants no calls. In a call: from its end on."""

    agent: AgentName
    reason: str = ""


class Resumed(Fact, frozen=True, kw_only=True, tag="agent_resumed", omit_defaults=True):
    """The agent wants calls again."""

    agent: AgentName


class StateChanged(Fact, frozen=True, kw_only=True, tag="agent_state", omit_defaults=True):
    """The agent's state from here on; the state before lasted `lasted_ms`."""

    agent: AgentName
    before: AgentState
    after: AgentState
    lasted_ms: int
    reason: str = ""
    queue: QueueName | None = None


class WrapUpStarted(Fact, frozen=True, kw_only=True, tag="wrap_up_started", omit_defaults=True):
    """Work after the talk, until that moment at the latest."""

    call: CallId
    queue: QueueName
    agent: AgentName
    until: int


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
