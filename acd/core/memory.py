"""What the router must remember over a restart, as a fold over the facts it told.

A start reads the last snapshot of this and applies the facts after it; nothing else is stored. That the fold and the
live floor agree is checked by `tests/property/test_memory.py`.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from acd.core import facts as f
from acd.core.agents import Agent, WrapUp
from acd.core.calls import Call, LiveOffer
from acd.core.floor import Floor
from acd.core.ids import AgentName, CallId, PhoneName, SwitchName
from acd.core.outcomes import OfferOutcome
from acd.core.rules import AgentRule, QueueRule, Rules
from acd.core.states import AgentState, CallState


class RememberedAgent(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An agent without the rules, which the configuration tells anew."""

    phone: PhoneName = PhoneName("")
    state: AgentState = AgentState.OFFLINE
    since: int = 0
    idle_since: int = 0
    logged_in: bool = False
    paused: str | None = None
    wrap_up: WrapUp | None = None
    backed_off_until: int = 0
    call: CallId | None = None
    talking: bool = False


class Memory(msgspec.Struct, kw_only=True):
    """Open calls and agents at a moment. Encodes to JSON for the snapshot."""

    at: int = 0
    generation: int = 0
    calls_seen: int = 0
    calls: dict[CallId, Call] = {}
    agents: dict[AgentName, RememberedAgent] = {}
    clean: bool = True
    """Whether the engine's last end was orderly."""

    def apply(self, fact: f.Fact) -> None:
        """Take one more fact in, in the order of the journal."""
        self.at = max(self.at, fact.at)
        self.generation = max(self.generation, fact.generation)
        remember = _STEPS.get(type(fact))
        if remember is not None:
            remember(self, fact)

    def copy(self) -> "Memory":
        """An independent copy: a floor takes the records of the one it is recalled from for its own."""
        return msgspec.convert(msgspec.to_builtins(self), Memory)

    def agent(self, name: AgentName) -> RememberedAgent:
        """What is known of an agent; nothing yet makes an empty record."""
        return self.agents.setdefault(name, RememberedAgent())


def _arrived(memory: Memory, fact: f.Arrived) -> None:
    memory.calls[fact.call] = Call(
        id=fact.call,
        number=0,
        switch=fact.switch,
        channel=fact.channel,
        uniqueid=fact.uniqueid,
        queue=fact.queue,
        caller=fact.caller,
        caller_name=fact.caller_name,
        trunk=fact.trunk,
        parent=fact.parent,
        arrived=fact.at,
        joined=fact.at,
        attached=False,
    )


def _queued(memory: Memory, fact: f.Queued) -> None:
    call = memory.calls[fact.call]
    memory.calls_seen += 1
    call.number = memory.calls_seen
    call.joined = fact.joined
    call.own_require = call.require = fact.require
    call.own_priority = call.priority = fact.priority


def _caller_changed(memory: Memory, fact: f.CallerChanged) -> None:
    call = memory.calls.get(fact.call)
    if call is not None:
        call.channel, call.uniqueid, call.parent = fact.channel, fact.uniqueid, fact.parent
        call.caller, call.caller_name = fact.caller, fact.caller_name


def _offered(memory: Memory, fact: f.Offered) -> None:
    call = memory.calls[fact.call]
    call.offers_made += 1
    call.state = CallState.OFFERED
    call.offer = LiveOffer(id=fact.offer, agent=fact.agent, phone=fact.phone, made_at=fact.at)
    memory.agent(fact.agent).call = fact.call


def _offer_ended(memory: Memory, fact: f.OfferEnded) -> None:
    if fact.outcome is OfferOutcome.ANSWERED:
        return
    call = memory.calls[fact.call]
    call.state, call.offer = CallState.WAITING, None
    memory.agent(fact.agent).call = None


def _answered(memory: Memory, fact: f.Answered) -> None:
    call = memory.calls[fact.call]
    call.state = CallState.TALKING
    if call.offer is not None:
        call.offer.answered_at = fact.at
        call.offer.leg = fact.leg
    memory.agent(fact.agent).talking = True


def _held(memory: Memory, fact: f.HeldCaller) -> None:
    offer = memory.calls[fact.call].offer
    if offer is not None:
        offer.held_since = fact.at


def _took_back(memory: Memory, fact: f.TookBack) -> None:
    offer = memory.calls[fact.call].offer
    if offer is not None:
        offer.held_since = None
        offer.hold_ms += fact.hold_ms


def _talked(memory: Memory, fact: f.Talked) -> None:
    agent = memory.agent(fact.agent)
    agent.call, agent.talking, agent.idle_since = None, False, fact.at


def _ended(memory: Memory, fact: f.Ended) -> None:
    memory.calls.pop(fact.call, None)


def _logged_in(memory: Memory, fact: f.LoggedIn) -> None:
    agent = memory.agent(fact.agent)
    agent.logged_in, agent.phone, agent.idle_since = True, fact.phone, fact.at


def _logged_out(memory: Memory, fact: f.LoggedOut) -> None:
    agent = memory.agent(fact.agent)
    agent.logged_in, agent.paused = False, None


def _paused(memory: Memory, fact: f.Paused) -> None:
    memory.agent(fact.agent).paused = fact.reason


def _resumed(memory: Memory, fact: f.Resumed) -> None:
    memory.agent(fact.agent).paused = None


def _wrap_up_started(memory: Memory, fact: f.WrapUpStarted) -> None:
    memory.agent(fact.agent).wrap_up = WrapUp(
        call=fact.call, queue=fact.queue, began=fact.at, until=fact.until
    )


def _wrap_up_ended(memory: Memory, fact: f.WrapUpEnded) -> None:
    agent = memory.agent(fact.agent)
    agent.wrap_up, agent.idle_since = None, fact.at


def _backed_off(memory: Memory, fact: f.BackedOff) -> None:
    memory.agent(fact.agent).backed_off_until = fact.until


def _state_changed(memory: Memory, fact: f.StateChanged) -> None:
    agent = memory.agent(fact.agent)
    agent.state, agent.since = fact.after, fact.at


def _engine_started(memory: Memory, _fact: f.EngineStarted) -> None:
    memory.clean = False


def _engine_stopped(memory: Memory, _fact: f.EngineStopped) -> None:
    memory.clean = True


_STEPS: Final[Mapping[type[f.Fact], Callable[[Memory, Any], None]]] = {
    f.Arrived: _arrived,
    f.Queued: _queued,
    f.CallerChanged: _caller_changed,
    f.Offered: _offered,
    f.OfferEnded: _offer_ended,
    f.Answered: _answered,
    f.HeldCaller: _held,
    f.TookBack: _took_back,
    f.Talked: _talked,
    f.Ended: _ended,
    f.LoggedIn: _logged_in,
    f.LoggedOut: _logged_out,
    f.Paused: _paused,
    f.Resumed: _resumed,
    f.WrapUpStarted: _wrap_up_started,
    f.WrapUpEnded: _wrap_up_ended,
    f.BackedOff: _backed_off,
    f.StateChanged: _state_changed,
    f.EngineStarted: _engine_started,
    f.EngineStopped: _engine_stopped,
}
"""Facts not named here change nothing that a restart needs."""


def recall(memory: Memory) -> Floor:
    """A floor as it was, every call out of reach until it returns, under rules that only hold the names in use.

    The first event to handle is RulesChanged with the present configuration.
    """
    floor = Floor()
    floor.now = memory.at
    floor.calls_seen = memory.calls_seen
    nowhere = SwitchName("")
    floor.rules = Rules(
        generation=memory.generation,
        queues={call.queue: QueueRule(name=call.queue) for call in memory.calls.values()},
        agents={
            name: AgentRule(name=name, switch=nowhere, phone=agent.phone)
            for name, agent in memory.agents.items()
        },
    )
    for name, remembered in memory.agents.items():
        fields = {key: getattr(remembered, key) for key in remembered.__struct_fields__ if key != "phone"}
        floor.add_agent(Agent(name=name, rule=floor.rules.agents[name], **fields))
    for call in memory.calls.values():
        call.attached = False
        floor.calls[call.id] = call
        if call.state is not CallState.TALKING:
            floor.in_queue[call.queue] += 1
        if call.offer is not None:
            floor.offers[call.offer.id] = call.id
    floor.settling = any(call.state is not CallState.TALKING for call in memory.calls.values())
    return floor
