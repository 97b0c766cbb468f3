"""What may follow what. Legality only: effects live in the handlers, and nothing else decides legality.

The diagrams in acd/core/README.md are generated from these tables (tests/unit/acd/core/test_states.py checks that).
"""

from collections.abc import Mapping
from enum import StrEnum, unique
from typing import Final


@unique
class CallState(StrEnum):
    """Where a call is in its life."""

    WAITING = "waiting"
    OFFERED = "offered"
    TALKING = "talking"
    ENDED = "ended"


@unique
class CallStep(StrEnum):
    """What moves a call on."""

    OFFER_MADE = "offer_made"
    OFFER_FAILED = "offer_failed"
    ANSWERED = "answered"
    ABANDONED = "abandoned"
    LEFT = "left"
    TALK_ENDED = "talk_ended"


CALL_STEPS: Final[Mapping[CallState, Mapping[CallStep, CallState]]] = {
    CallState.WAITING: {
        CallStep.OFFER_MADE: CallState.OFFERED,
        CallStep.ABANDONED: CallState.ENDED,
        CallStep.LEFT: CallState.ENDED,
    },
    CallState.OFFERED: {
        CallStep.OFFER_FAILED: CallState.WAITING,
        CallStep.ANSWERED: CallState.TALKING,
        CallStep.ABANDONED: CallState.ENDED,
        CallStep.LEFT: CallState.ENDED,
    },
    CallState.TALKING: {CallStep.TALK_ENDED: CallState.ENDED},
    CallState.ENDED: {},
}


@unique
class AgentState(StrEnum):
    """What an agent is doing. It belongs to the agent, never to an (agent, queue) pair."""

    OFFLINE = "offline"
    READY = "ready"
    OFFERED = "offered"
    TALKING = "talking"
    ON_HOLD = "on_hold"
    """In a talk whose caller is on hold."""
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    DIRECT_CALL = "direct_call"
    UNREACHABLE = "unreachable"


RESTING: Final = frozenset(
    {
        AgentState.OFFLINE,
        AgentState.READY,
        AgentState.PAUSED,
        AgentState.DIRECT_CALL,
        AgentState.UNREACHABLE,
    }
)
"""States an agent without a call of ours is in, by wish and by phone; any of them may follow any other."""

# Whoever sits at a phone may pick up a call that rings elsewhere, whatever state they are in (acd.core.pickup).
AGENT_STEPS: Final[Mapping[AgentState, frozenset[AgentState]]] = {
    AgentState.OFFLINE: RESTING,
    AgentState.READY: RESTING | {AgentState.OFFERED},
    AgentState.PAUSED: RESTING | {AgentState.OFFERED},
    AgentState.DIRECT_CALL: RESTING | {AgentState.OFFERED},
    AgentState.UNREACHABLE: RESTING | {AgentState.OFFERED},
    AgentState.OFFERED: RESTING | {AgentState.TALKING},
    AgentState.TALKING: RESTING | {AgentState.WRAP_UP, AgentState.ON_HOLD},
    AgentState.ON_HOLD: RESTING | {AgentState.WRAP_UP, AgentState.TALKING},
    AgentState.WRAP_UP: RESTING | {AgentState.OFFERED},
}


class InvalidStepError(Exception):
    """A step the tables do not allow, with the story that led to it."""

    def __init__(self, subject: str, state: str, step: str) -> None:
        """`subject` names the call or agent."""
        super().__init__(f"{subject}: '{step}' is not allowed in state '{state}'")
        self.subject = subject
        self.state = state
        self.step = step


def next_call_state(subject: str, state: CallState, step: CallStep) -> CallState:
    """The state a call moves to, or InvalidStepError."""
    try:
        return CALL_STEPS[state][step]
    except KeyError:
        raise InvalidStepError(subject, state, step) from None


def check_agent_step(subject: str, before: AgentState, after: AgentState) -> None:
    """Raise InvalidStepError unless the table allows an agent to go from one state to the other."""
    if after not in AGENT_STEPS[before]:
        raise InvalidStepError(subject, before, after)
