"""The rules in force: one immutable value, replaced whole by a reload. Built by acd.app.rulebook from the settings.

Durations are nanoseconds.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from acd.core.expression import Expression
from acd.core.ids import AgentName, GroupName, PhoneName, QueueName, SkillName, SwitchName
from acd.core.outcomes import Choose, OfferOutcome, Skip, Strategy, WrapUpMode
from acd.core.requirement import ANYBODY, Requirement
from acd.core.states import AgentState
from acd.core.ways import Way

SECOND: Final = 1_000_000_000
AT_WORK: Final = frozenset(AgentState) - {AgentState.OFFLINE}


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What changes for a call that has been in its queue for `after`. Steps add up, in their order."""

    after: int
    """Since the call entered this queue."""
    require: Expression | Requirement | None = None
    """From here on instead of the queue's own requirement; what the call itself asks for goes on to hold."""
    drop_own: bool = False
    """From here on, what the call itself asks for is no longer asked."""
    groups: frozenset[GroupName] = frozenset()
    """Their agents may be offered the call as well from here on, whatever queues they serve."""
    raise_priority: int = 0
    """Added from here on."""
    music: str = ""
    """Another class of music from here on."""
    queue: QueueName | None = None
    """Send the call on to that queue; its age goes with it."""
    way: Way | None = None
    """Send the call there, out of all queues."""


class CallbackRule(msgspec.Struct, frozen=True, kw_only=True):
    """How a queue does work without a caller. Numbers and what is dialled are the shell's affair."""

    customer_first: bool = False
    """The customer is rung before the agent, who is held ready meanwhile."""
    ring: int = 30 * SECOND
    """How long the customer's phone rings."""
    attempts: int = 3
    gap: int = 900 * SECOND
    expiry: int = 86_400 * SECOND


class QueueRule(msgspec.Struct, frozen=True, kw_only=True):
    """How one queue admits, orders and offers."""

    name: QueueName
    strategy: Strategy = Strategy.SKILLS
    idle_counts_direct: bool = False
    """Longest idle: whether a call of the agent's own also ends being idle."""
    require: Expression | Requirement = ANYBODY
    """With an Expression, the call's variables decide; see `variables`."""
    variables: Mapping[str, str] = {}
    """Every `$name` of the expressions, with the value of a call that brings none."""
    steps: tuple[Step, ...] = ()
    skip: Skip = Skip.NOBODY_LOGGED_IN

    priority: int = 0
    ageing: int = 0
    """Thousandths of priority a call gains per minute of waiting."""
    weight: int = 1
    target: int = 20 * SECOND
    """Wait that Choose.GREATEST_NEED and Choose.SERVICE_LEVEL measure by."""

    max_waiting: int | None = None
    max_wait: int | None = None
    """Then the call leaves as timed_out; a ringing phone may ring to its end first."""
    max_estimate: int | None = None
    max_per_agent: float | None = None
    """Waiting callers, this one included, per agent at work; nobody waiting always lets one in."""
    join_states: frozenset[AgentState] = AT_WORK
    """Somebody who serves the queue must be in one of these for a call to enter; empty: nobody need be."""
    stay_states: frozenset[AgentState] = frozenset()
    """The same for calls to stay; empty: they stay whatever happens."""
    stay_grace: int = 0
    """How long nobody may be in `stay_states` before those who wait are let go as no_agents."""
    is_open: bool = True
    closed_message: str = ""
    """A sound for those who find it closed, or leave because of it; without one they are refused by a status."""
    closing_grace: int | None = None
    """How long after the queue closes those who waited are still served; then they leave as closed. None: they are served."""
    draining: bool = False
    """Gone from the configuration: nobody enters, those inside are served by the agents it had."""
    callback: CallbackRule = CallbackRule()
    exit_keys: frozenset[str] = frozenset()
    overflow: Mapping[str, Way] = {}
    """By BlockReason or LeaveReason: where calls go that are kept out, or leave unserved, for that; others are refused, or let go."""
    resume_within: int = 0
    """A caller who gave up and is back within this has the old place again."""
    shared_numbers: tuple[str, ...] = ()
    """Numbers, or beginnings of numbers, that many callers have in common: never resumed, never sticky."""

    ring_timeout: int = 15 * SECOND
    ring_most: int = 20
    """Phones rung at once, at most, by SIMULTANEOUS and PROGRESSIVE."""
    ring_first: int = 1
    """Phones PROGRESSIVE begins with, and adds every `ring_step`."""
    ring_step: int = 10 * SECOND
    max_offers: int | None = None
    """Phones of the queue ringing at the same time."""
    ring_before_answer: bool = False
    music: str = ""
    back_off: Mapping[OfferOutcome, int] = {}
    same_call_back_off: int = 30 * SECOND
    reoffer_gap: int = 0
    """An agent whose offer came to nothing without fault is left alone this long."""
    autopause: Mapping[OfferOutcome, int] = {}
    """An agent who misses so many offers in a row in that way is paused."""
    wrap_up: int = 0
    """For TIMED and REQUESTED."""
    wrap_up_mode: WrapUpMode = WrapUpMode.TIMED
    wrap_up_most: int = 900 * SECOND
    """How long it may become by extensions, from its beginning."""

    sticky: int = 0
    """How long a known caller waits for the agent of the last talk alone; 0: not at all."""
    sticky_within: int = 0
    """How long ago that talk may be."""
    prefer_for: int = 30 * SECOND
    """How long a call that names preferred agents waits for them alone."""
    direct_for: int = 30 * SECOND
    """How long a call to one agent waits for that agent before anybody of the queue will do."""

    reserve_on: int | None = None
    """Estimated wait from which reserve agents help out."""
    reserve_off: int = 0
    """Estimated wait below which they stop."""
    ask: bool = False
    """An outside program is asked which of the free agents to take."""
    ask_deadline: int = SECOND // 2


class Serving(msgspec.Struct, frozen=True, kw_only=True, order=True, gc=False):
    """How an agent serves one queue."""

    queue: QueueName
    level: int = 1
    """Queues of a lower number are looked at first."""
    delay: int = 0
    """Only calls that have waited this long."""
    reserve: bool = False
    """Only while the queue's reserve is on."""


class AgentRule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who an agent is and may serve."""

    name: AgentName
    switch: SwitchName
    phone: PhoneName
    """The agent's own; empty for one who takes any phone of the switch."""
    number: int = 0
    """Place in the list, for LINEAR and ROUND_ROBIN."""
    skills: Mapping[SkillName, int] = {}
    attributes: Mapping[str, str] = {}
    serves: tuple[Serving, ...] = ()
    """Sorted by queue, each once."""
    groups: frozenset[GroupName] = frozenset()
    weight: int = 1
    """For Strategy.RANDOM."""
    ring_timeout: int | None = None
    """Shorter than a queue's, it counts instead."""
    choose: Choose = Choose.ORDER
    shares: tuple[tuple[QueueName, int], ...] = ()
    """For Choose.PERCENT: parts of a hundred, sorted by queue."""
    shares_of: str = ""
    """Whose calls are shared out: a group's name, or the agent's own."""
    removed: bool = False
    """Gone from the configuration: logged out as soon as the present call is over."""

    @property
    def queues(self) -> frozenset[QueueName]:
        """The queues by name."""
        return frozenset(serving.queue for serving in self.serves)


class PauseRule(msgspec.Struct, frozen=True, kw_only=True):
    """One reason to be paused for."""

    paid: bool = True
    productive: bool = False
    limit: int | None = None
    """Longer is told as an overrun."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the router decides by. `generation` counts applied configurations and stamps every fact."""

    generation: int = 0
    queues: Mapping[QueueName, QueueRule] = {}
    agents: Mapping[AgentName, AgentRule] = {}
    pauses: Mapping[str, PauseRule] = {}
    """By reason; others are paid and not productive."""
    window: int = 3_600 * SECOND
    """What "lately" means to LEAST_OCCUPIED and FEWEST_CALLS."""
    starved_after: int = 20
    """An eligible call overtaken a multiple of this many times is told of."""
    seed: int = 0
    """Of Strategy.RANDOM: the same seed gives the same lots."""
