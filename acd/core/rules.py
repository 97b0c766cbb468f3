"""The rules in force: one immutable value, replaced whole by a reload. Built by acd.app.reload from the settings.

Durations are nanoseconds.
"""

from collections.abc import Mapping

import msgspec

from acd.core.ids import AgentName, PhoneName, QueueName, SkillName, SwitchName
from acd.core.outcomes import OfferOutcome, Strategy
from acd.core.requirement import Requirement


class QueueRule(msgspec.Struct, frozen=True, kw_only=True):
    """How one queue admits, orders and offers."""

    name: QueueName
    strategy: Strategy = Strategy.SKILLS
    require: Requirement = ()
    priority: int = 0
    max_waiting: int | None = None
    ring_timeout: int = 15_000_000_000
    wrap_up: int = 0
    back_off: Mapping[OfferOutcome, int] = {}
    same_call_back_off: int = 30_000_000_000
    admit_unstaffed: bool = False
    is_open: bool = True
    ring_before_answer: bool = False
    music: str = ""
    draining: bool = False
    """Gone from the configuration: nobody enters, those inside are served by the agents it had."""


class AgentRule(msgspec.Struct, frozen=True, kw_only=True):
    """Who an agent is and may serve."""

    name: AgentName
    switch: SwitchName
    phone: PhoneName
    skills: Mapping[SkillName, int] = {}
    queues: frozenset[QueueName] = frozenset()
    removed: bool = False
    """Gone from the configuration: logged out as soon as the present call is over."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the router decides by. `generation` counts applied configurations and stamps every fact."""

    generation: int = 0
    queues: Mapping[QueueName, QueueRule] = {}
    agents: Mapping[AgentName, AgentRule] = {}
