"""The floor: all routing state, and the few primitives that keep its indexes true.

Handlers change state only through these, so that "who is ready" and "who waits" can never disagree with the records.
One event is handled at a time: `begin` opens a step, `end` hands over what it produced.
"""

from collections import Counter
from collections.abc import Iterator
from typing import TypedDict, TypeVar

import msgspec

from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.commands import Command
from acd.core.facts import Fact, Stale, StateChanged
from acd.core.ids import AgentName, CallId, OfferId, PhoneName, QueueName, SwitchName, ms
from acd.core.outcomes import PhoneState, TransferKind
from acd.core.ready import ReadyAgents
from acd.core.rules import QueueRule, Rules
from acd.core.states import AgentState, CallState, CallStep, check_agent_step, next_call_state
from acd.core.waiting import WaitingLine


class Output(msgspec.Struct, frozen=True):
    """What one event led to: commands in the order to carry them out, facts in the order they became so."""

    commands: list[Command]
    facts: list[Fact]


class Stamp(TypedDict):
    """What every fact of a step carries."""

    at: int
    generation: int


class GivenAway(msgspec.Struct, frozen=True, kw_only=True):
    """A finished transfer, remembered until its caller turns up in one of our queues."""

    call: CallId
    queue: QueueName
    agent: AgentName
    kind: TransferKind


TRANSFERS_REMEMBERED = 2_000
"""Callers given away turn up within milliseconds; the bound only keeps memory flat."""


Key = TypeVar("Key")
Kept = TypeVar("Kept")


def _keep(kept: dict[Key, Kept], key: Key, value: Kept) -> None:
    """Remember something for a while: the oldest goes when there are too many."""
    kept[key] = value
    while len(kept) > TRANSFERS_REMEMBERED:
        del kept[next(iter(kept))]


class Floor:
    """Calls, agents, the line, the ready, and the rules they live by."""

    def __init__(self) -> None:
        """An empty floor under empty rules."""
        self.rules = Rules()
        self.calls: dict[CallId, Call] = {}
        self.agents: dict[AgentName, Agent] = {}
        self.offers: dict[OfferId, CallId] = {}
        self.by_phone: dict[tuple[SwitchName, PhoneName], AgentName] = {}
        self.phones: dict[tuple[SwitchName, PhoneName], PhoneState] = {}
        self.line = WaitingLine()
        self.ready = ReadyAgents()
        self.in_queue: Counter[QueueName] = Counter()
        """Waiting or ringing, by queue: what `max_waiting` limits."""
        self.states: Counter[AgentState] = Counter()
        self.lost_switches: set[SwitchName] = set()
        self.settling = False
        """After a restart, until the callers who waited are back: matching earlier would break their order."""
        self.given_away: dict[CallId, GivenAway] = {}
        self.hung_up: dict[OfferId, tuple[CallId, QueueName, AgentName]] = {}
        """Talks that ended without a transfer, in case its event comes late: AMI promises no order there."""
        self.children: dict[CallId, CallId] = {}
        self.calls_seen = 0
        self.now = 0
        self.stamp: Stamp = {"at": 0, "generation": 0}
        self.newly_ready: list[Agent] = []
        self.newly_waiting: list[Call] = []
        self.rematch = False
        self._output = Output([], [])

    # ------------------------------------------------------------ one step

    def begin(self, at: int) -> None:
        """Open a step. Time never goes back: a late stamp counts as the present."""
        self.now = max(self.now, at)
        self.stamp = {"at": self.now, "generation": self.rules.generation}
        self.newly_ready.clear()
        self.newly_waiting.clear()
        self.rematch = False
        self._output = Output([], [])

    def end(self) -> Output:
        """Close the step and hand over its output."""
        return self._output

    def do(self, command: Command) -> None:
        """Ask the world for something."""
        self._output.commands.append(command)

    def tell(self, fact: Fact) -> None:
        """State that something is so."""
        self._output.facts.append(fact)

    def stale(self, event: object, subject: str, why: str) -> None:
        """Name a late or duplicate event; it changes nothing."""
        self.tell(Stale(**self.stamp, event=type(event).__name__, subject=subject, why=why))

    # ------------------------------------------------------------ calls

    def queue_of(self, call: Call) -> QueueRule:
        """The rule of the queue the call is in; an open call's queue always has one."""
        return self.rules.queues[call.queue]

    def place(self, call: Call) -> None:
        """Let a waiting call stand in the line."""
        self.line.add(call)
        self.newly_waiting.append(call)

    def step(self, call: Call, step: CallStep) -> None:
        """Move the call on, keeping line and counts true. A call that starts to wait must be `place`d after."""
        before = call.state
        after = next_call_state(call.id, before, step)
        if call.matchable:
            self.line.remove(call)
        call.state = after
        waits = (CallState.WAITING, CallState.OFFERED)
        if before in waits and after not in waits:
            self.in_queue[call.queue] -= 1
        if after is CallState.ENDED:
            del self.calls[call.id]

    # ------------------------------------------------------------ agents

    def add_agent(self, agent: Agent) -> None:
        """Take a new agent in, in the state it has."""
        self.agents[agent.name] = agent
        self.states[agent.state] += 1

    def drop_agent(self, agent: Agent) -> None:
        """Forget an agent who is offline and gone from the rules."""
        self.states[agent.state] -= 1
        self.ready.discard(agent.name)
        del self.agents[agent.name]

    def agent_on(self, switch: SwitchName, phone: PhoneName) -> Agent | None:
        """The agent whose phone that is."""
        name = self.by_phone.get((switch, phone))
        return None if name is None else self.agents[name]

    def settle(self, agent: Agent, reason: str = "", queue: QueueName | None = None) -> None:
        """Bring the agent's state, and the ready index, in line with wishes, phone and work."""
        after = agent.state_by_facts
        if after is not agent.state:
            check_agent_step(agent.name, agent.state, after)
            self.tell(
                StateChanged(
                    **self.stamp,
                    agent=agent.name,
                    before=agent.state,
                    after=after,
                    lasted_ms=ms(self.now) - ms(agent.since) if agent.since else 0,
                    reason=reason,
                    queue=queue,
                )
            )
            self.states[agent.state] -= 1
            self.states[after] += 1
            agent.state = after
            agent.since = self.now
        self._index(agent)

    def _index(self, agent: Agent) -> None:
        if agent.state is not AgentState.READY or agent.backed_off_until > self.now:
            self.ready.discard(agent.name)
        elif agent.name not in self.ready:
            self.ready.add(agent)
            self.newly_ready.append(agent)

    def remember_transfer(self, given: GivenAway) -> None:
        """Keep a transfer until its caller turns up."""
        _keep(self.given_away, given.call, given)

    def remember_child(self, parent: CallId, child: CallId) -> None:
        """Keep a descendant until its parent's transfer is told."""
        _keep(self.children, parent, child)

    def remember_hang_up(self, offer: OfferId, talk: tuple[CallId, QueueName, AgentName]) -> None:
        """Keep a talk that ended without a transfer."""
        _keep(self.hung_up, offer, talk)

    # ------------------------------------------------------------ views

    def open_calls(self) -> Iterator[Call]:
        """Calls without an end yet."""
        return iter(self.calls.values())
