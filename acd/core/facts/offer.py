"""Offers, why they were made, and the talks that come of them."""

from collections.abc import Mapping

import msgspec

from acd.core.facts.fact import Fact
from acd.core.ids import AgentName, CallId, OfferId, PhoneName, QueueName, Uniqueid
from acd.core.outcomes import EndedBy, OfferOutcome, TransferKind


class Rival(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A free agent who could have served and was not chosen."""

    agent: AgentName
    skill: int = 0
    idle_ms: int = 0
    value: float | None = None
    """What the strategy compares besides: occupied share, calls, place in the list, weight."""
    note: str = ""

    @property
    def why(self) -> str:
        """The values in words."""
        compared = "" if self.value is None else f", {self.value:g}"
        return f"skill sum {self.skill}{compared}, idle {self.idle_ms} ms" + (
            f", {self.note}" if self.note else ""
        )


class Decision(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Why this agent: what `acd explain` prints. The full list is rebuilt on demand (acd.core.explain)."""

    rule: str
    """What decided: a strategy, "preferred", "direct" or "advice"."""
    side: str = "call"
    """Who chose: "call" took the best agent, "agent" took the first call."""
    skill: int = 0
    idle_ms: int = 0
    value: float | None = None
    """The winner's values, as in Rival."""
    free: int = 0
    """Agents free at that moment, whatever they serve."""
    rivals: tuple[Rival, ...] = ()
    """Free agents who could have served, nearest first; at most 8."""
    excluded: Mapping[str, int] = {}
    """Free agents who could not serve, by reason."""
    elsewhere: Mapping[str, int] = {}
    """How many agents were in each other state."""
    chose: str = ""
    """How the agent chose among queues, when that was not the order of the line."""


class Offered(Fact, frozen=True, kw_only=True, tag="offer_made", omit_defaults=True):
    """A phone is being rung for a call."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    phone: PhoneName
    wait_ms: int
    decision: Decision
    shares_of: str = ""
    """Whose shares the call counts in, where agents choose by percent."""


class OfferEnded(Fact, frozen=True, kw_only=True, tag="offer_ended", omit_defaults=True):
    """The one terminal outcome of an offer. `ring_ms` counts from the phone's first ring, 0 if it never rang."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    outcome: OfferOutcome
    ring_ms: int
    cause: str = ""


class Answered(Fact, frozen=True, kw_only=True, tag="call_answered", omit_defaults=True):
    """Agent and caller talk."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    wait_ms: int
    ring_ms: int
    leg: Uniqueid = Uniqueid("")
    leg_channel: str = ""
    estimated: bool = False
    work: bool = False
    """It was an attempt at work: nobody waited on the line."""


class HeldCaller(Fact, frozen=True, kw_only=True, tag="hold_started", omit_defaults=True):
    """The agent put the caller on hold."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName


class TookBack(Fact, frozen=True, kw_only=True, tag="hold_ended", omit_defaults=True):
    """The agent took the caller back, or the talk ended on hold."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    hold_ms: int


class Transferred(Fact, frozen=True, kw_only=True, tag="call_transferred", omit_defaults=True):
    """The agent gave the caller away. Counted once, by kind."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    kind: TransferKind
    target: str = ""
    where: tuple[str, ...] = ()
    """Where Asterisk says it went. Blind: extension and context; attended: Bridge, App or Link, then which."""
    into: CallId | None = None


class TransferredToQueue(Fact, frozen=True, kw_only=True, tag="transfer_reached_queue", omit_defaults=True):
    """The caller an agent gave away arrived in a queue of ours as call `into`."""

    call: CallId
    queue: QueueName
    agent: AgentName
    kind: TransferKind
    into: CallId


class Talked(Fact, frozen=True, kw_only=True, tag="talk_ended", omit_defaults=True):
    """One agent's part of a call is over: `talk_ms` without `hold_ms`."""

    offer: OfferId
    call: CallId
    queue: QueueName
    agent: AgentName
    talk_ms: int
    hold_ms: int
    by: EndedBy
    estimated: bool = False
