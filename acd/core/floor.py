"""The floor: all routing state, and the few primitives that keep its indexes true.

Handlers change state only through these, so that "who is ready" and "who waits" can never disagree with the records.
One event is handled at a time: `begin` opens a step, `end` hands over what it produced.
"""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypedDict, TypeVar

import msgspec

from acd.core import occupancy
from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.closed import Doors
from acd.core.commands import ArmTimer, CancelTimer, Command
from acd.core.facts import Fact, Stale, Starved, StateChanged
from acd.core.fairness import Shares
from acd.core.ids import NS_PER_MS, AgentName, CallId, OfferId, PhoneName, QueueName, SwitchName, WorkId, ms
from acd.core.outcomes import Disposition, PhoneState, Strategy, TransferKind
from acd.core.placing import Places, Standing
from acd.core.profiles import Staff
from acd.core.ready import ReadyAgents
from acd.core.rules import QueueRule, Rules
from acd.core.stages import Needs
from acd.core.states import AGENT_STEPS, AgentState, CallState, CallStep, check_agent_step, next_call_state
from acd.core.timers import Timer, TimerKind
from acd.core.waiting import WaitingClass, WaitingLine
from acd.core.work import WorkBook

if TYPE_CHECKING:
    from acd.core.reloading import Reload


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


class GaveUp(msgspec.Struct, frozen=True, kw_only=True):
    """The place of a caller who hung up, kept for a while."""

    call: CallId
    queue: QueueName
    caller: str
    place: int
    at: int


REMEMBERED = 2_000
"""Callers given away turn up within milliseconds; the bound only keeps memory flat."""
ACQUAINTANCES = 20_000
"""Callers whose last agent is remembered."""


Key = TypeVar("Key")
Kept = TypeVar("Kept")


def keep(kept: dict[Key, Kept], key: Key, value: Kept, most: int = REMEMBERED) -> None:
    """Remember something for a while: the oldest goes when there are too many."""
    kept.pop(key, None)
    kept[key] = value
    if len(kept) > most:
        del kept[next(iter(kept))]


class Floor:
    """Calls, agents, the line, the ready, and the rules they live by."""

    def __init__(self) -> None:  # noqa: PLR0915 - the one list of all state there is
        """An empty floor under empty rules."""
        self.rules = Rules()
        self.calls: dict[CallId, Call] = {}
        self.agents: dict[AgentName, Agent] = {}
        self.offers: dict[OfferId, CallId] = {}
        self.by_phone: dict[tuple[SwitchName, PhoneName], AgentName] = {}
        self.phones: dict[tuple[SwitchName, PhoneName], PhoneState] = {}
        self.staff = Staff()
        self.needs = Needs({})
        self.line = WaitingLine(self.staff)
        self.ready = ReadyAgents(self.staff, self.rules)
        self.places = Places(self.rules, self.staff, self.needs, self.line)
        self.doors = Doors()
        self.work = WorkBook()
        self.quiet: set[QueueName] = set()
        """Queues whose customers may not be called now."""
        self.attempts_over: list[tuple[Call, Disposition]] = []
        self.called_again: list[tuple[WorkId, CallId]] = []
        self.reload: Reload | None = None
        """New rules whose indexes are being built."""
        self.slices: Iterator[None] | None = None
        """The rest of a reload."""
        self.in_queue: Counter[QueueName] = Counter()
        """Waiting or ringing, by queue: what `max_waiting` limits."""
        self.ringing: Counter[QueueName] = Counter()
        """Phones ringing, by queue: what `max_offers` limits."""
        self.states: Counter[AgentState] = Counter()
        self.lost_switches: set[SwitchName] = set()
        self.settling = False
        """After a restart, until the callers who waited are back: matching earlier would break their order."""
        self.given_away: dict[CallId, GivenAway] = {}
        self.hung_up: dict[OfferId, tuple[CallId, QueueName, AgentName]] = {}
        """Talks that ended without a transfer, in case its event comes late: AMI promises no order there."""
        self.children: dict[CallId, CallId] = {}
        self.gave_up: dict[tuple[QueueName, str], GaveUp] = {}
        self.last_agents: dict[str, tuple[AgentName, int]] = {}
        """By caller's number: who talked with them last, and until when."""
        self.turns: dict[QueueName, tuple[AgentName, int]] = {}
        """Round robin: who was rung last, and that agent's place in the list."""
        self.shares = Shares()
        self.handle_ms: dict[QueueName, float] = {}
        """How long a call takes an agent, wrap-up aside: a moving average."""
        self.resting: dict[QueueName, int] = {}
        """Queues whose reserve is not called, with the profiles that serve them as a reserve."""
        self.nobody_since: dict[QueueName, int] = {}
        """Queues that nobody is there to stay for, and since when."""
        self.counts_recent = False
        """Whether some queue chooses by the calls answered within the window."""
        self._expiring: deque[tuple[int, AgentName]] = deque()
        self._standing: tuple[tuple[object, ...], Standing | None] = ((), None)
        self.calls_seen = 0
        self.now = 0
        self.stamp: Stamp = {"at": 0, "generation": 0}
        self.newly_ready: list[Agent] = []
        self.newly_waiting: list[Call] = []
        self.reopened: set[QueueName] = set()
        """Queues that have become free to offer again."""
        self.touched: set[QueueName] = set()
        """Watched queues (a reserve, or rules who must be there) whose callers or agents changed."""
        self.watched: frozenset[QueueName] = frozenset()
        self.gone: list[Agent] = []
        self.advice: list[tuple[Call, AgentName]] = []
        """Answers of an outside program that can be followed."""
        self.rematch = False
        self._output = Output([], [])
        self.do: Callable[[Command], None] = self._output.commands.append
        """Ask the world for something."""
        self.tell: Callable[[Fact], None] = self._output.facts.append
        """State that something is so."""

    # ------------------------------------------------------------ one step

    def begin(self, at: int) -> None:
        """Open a step. Time never goes back: a late stamp counts as the present."""
        self.now = max(self.now, at)
        self.stamp = {"at": self.now, "generation": self.rules.generation}
        self.rematch = False
        self._output = output = Output([], [])
        self.do, self.tell = output.commands.append, output.facts.append
        if self.line.crowded and self.reload is None:
            self.line.forget_empty()
            self.forget_standing()
        while self._expiring and self._expiring[0][0] <= self.now:
            self._forget_answer(self._expiring.popleft()[1])

    def end(self) -> Output:
        """Close the step and hand over its output."""
        return self._output

    def stale(self, event: object, subject: str, why: str) -> None:
        """Name a late or duplicate event; it changes nothing."""
        self.tell(Stale(**self.stamp, event=type(event).__name__, subject=subject, why=why))

    # ------------------------------------------------------------ calls

    def queue_of(self, call: Call) -> QueueRule:
        """The rule of the queue the call is in; an open call's queue always has one."""
        return self.rules.queues[call.queue]

    def class_of(self, call: Call) -> WaitingClass:
        """The class of a waiting call, whether it stands in the line or not."""
        if call.id in self.line:
            return self.line.where(call.id)[0]
        return self.standing(call).where

    def waited_ms(self, call: Call) -> int:
        """How long the call has waited, other queues included."""
        return ms(self.now) - ms(call.joined)

    def standing(self, call: Call) -> Standing:
        """Where the rules put a call now. One event asks this of one call several times: the last answer is kept."""
        asked = (
            call.id,
            call.queue,
            call.stage,
            self.now,
            call.credit,
            call.priority,
            call.timed_out,
            call.prefer_until,
            call.retry_at,
        )
        known, standing = self._standing
        if known != asked or standing is None:
            standing = self.places.stand(call, call.stage, self.now)
            self._standing = (asked, standing)
        return standing

    def forget_standing(self) -> None:
        """The rules, or the agents they are about, are others now."""
        self._standing = ((), None)

    def place(self, call: Call) -> None:
        """Let a waiting call take part in the matching; what nobody takes stands in the line after this step."""
        self.newly_waiting.append(call)

    def stand(self, call: Call) -> None:
        """Let a waiting call stand in the line, at the place the rules give it now, and be looked at again in time."""
        standing = self.standing(call)
        only = self.waits_for(call)
        call.advised = False
        self.line.add(call.id, standing.where, standing.key, only)
        self.due_at(call, standing.next_change)
        if self.reload is not None:
            self.reload.add(call, self.now)
        if call.queue in self.watched:
            self.touched.add(call.queue)

    def waits_for(self, call: Call) -> tuple[AgentName, ...]:
        """The agents the call waits for alone, if any."""
        if not call.prefer_until:
            return ()
        return (call.direct,) if call.direct is not None else tuple(name for name, _ in call.prefer)

    def step_aside(self, call: Call) -> None:
        """Take a call out of the line, if it stands there."""
        if call.id in self.line:
            self.line.remove(call.id)
            if self.reload is not None:
                self.reload.remove(call)
            if call.queue in self.watched:
                self.touched.add(call.queue)

    def due_at(self, call: Call, at: int | None) -> None:
        """Look at a waiting call again at that moment."""
        if at == call.timer_at:
            return
        timer = Timer(TimerKind.CALL, call.id)
        self.do(CancelTimer(timer=timer) if at is None else ArmTimer(timer=timer, at=max(at, self.now)))
        call.timer_at = at

    def step(self, call: Call, step: CallStep) -> None:
        """Move the call on, keeping line and counts true. A call that starts to wait must be `place`d after."""
        before = call.state
        after = next_call_state(call.id, before, step)
        self.step_aside(call)
        call.state = after
        waits = (CallState.WAITING, CallState.OFFERED)
        if before in waits and after not in waits:
            self.in_queue[call.queue] -= 1
            self.due_at(call, None)
        if after is CallState.ENDED:
            del self.calls[call.id]

    def ring(self, queue: QueueName, by: int) -> None:
        """So many phones more (or less) ring for the queue; at its limit no call of it is offered."""
        self.ringing[queue] += by
        rule = self.rules.queues.get(queue)
        if rule is None or rule.max_offers is None:
            return
        shut = self.ringing[queue] >= rule.max_offers
        self.line.shut_queue(queue, shut=shut)  # a line being built may have another limit: see the swap
        if not shut:
            self.reopened.add(queue)

    def see_switch(self, switch: SwitchName, *, lost: bool) -> None:
        """A switch is out of sight, or back: nothing is offered where an answer could not be seen."""
        (self.lost_switches.add if lost else self.lost_switches.discard)(switch)
        self.line.shut_switch(switch, shut=lost)
        if self.reload is not None:
            self.reload.line.shut_switch(switch, shut=lost)

    def overtake(self, call: Call) -> None:
        """Another call was served that stands behind this one, by an agent who could have served it."""
        call.overtaken += 1
        if call.overtaken % self.rules.starved_after == 0:
            self.tell(Starved(**self.stamp, call=call.id, queue=call.queue, overtaken=call.overtaken))

    def servers(self, where: WaitingClass) -> int:
        """Profiles that may serve the class now: eligible, and called if they are a reserve."""
        mask = where.eligible(self.staff)
        resting = self.resting.get(where.key.queue)
        return mask & ~resting if resting else mask

    def may_take(self, call: Call, name: AgentName) -> bool:
        """Whether the call may be offered to this agent, whatever the agent is doing."""
        profile = self.staff.of.get(name)
        if profile is None or profile.switch in self.lost_switches:
            return False
        where = self.class_of(call)
        if self.line.is_shut(where.key):
            return False
        if call.prefer_until and call.direct is not None:
            return name == call.direct and profile.switch == call.switch
        return bool(self.servers(where) & profile.bit)

    def turn(self, queue: QueueName) -> float:
        """Round robin: the place in the list of whoever was rung last."""
        last = self.turns.get(queue)
        if last is None:
            return -1
        rule = self.rules.agents.get(last[0])
        return last[1] if rule is None else rule.number

    # ------------------------------------------------------------ agents

    def add_agent(self, agent: Agent) -> None:
        """Take a new agent in, in the state it has."""
        self.agents[agent.name] = agent
        self.states[agent.state] += 1

    def drop_agent(self, agent: Agent) -> None:
        """Forget an agent who is offline and gone from the rules."""
        self.states[agent.state] -= 1
        self.ready.discard(agent.name)
        profile = self.staff.of.pop(agent.name, None)
        if profile is not None:
            self.staff.count(profile, agent.state, -1)
        del self.agents[agent.name]

    def agent_on(self, switch: SwitchName, phone: PhoneName) -> Agent | None:
        """The agent at work at that phone."""
        name = self.by_phone.get((switch, phone))
        return None if name is None else self.agents[name]

    def settle(self, agent: Agent, reason: str = "", queue: QueueName | None = None) -> None:
        """Bring the agent's state, and the ready index, in line with wishes, phone and work."""
        after = agent.state_by_facts
        if after is not agent.state:
            self.change_state(agent, after, reason, queue)
        is_ready = agent.name in self.ready
        if after is AgentState.READY and agent.backed_off_until <= self.now:
            if not is_ready:
                self._now_ready(agent)
        elif is_ready:
            self.ready.discard(agent.name)
            if self.reload is not None:
                self.reload.agent_indexed(agent, ready=False)

    def _now_ready(self, agent: Agent) -> None:
        self.ready.add(agent)
        self.newly_ready.append(agent)
        if self.reload is not None:
            self.reload.agent_indexed(agent, ready=True)

    def change_state(self, agent: Agent, after: AgentState, reason: str, queue: QueueName | None) -> None:
        """Close the interval of the present state and open one; the same state again begins another interval."""
        before, since, now = agent.state, agent.since, self.now
        if after not in AGENT_STEPS[before]:
            check_agent_step(agent.name, before, after)
        self.tell(
            StateChanged(
                at=now,
                generation=self.rules.generation,
                agent=agent.name,
                before=before,
                after=after,
                lasted_ms=now // NS_PER_MS - since // NS_PER_MS if since else 0,
                reason=reason,
                queue=queue,
            )
        )
        self.states[before] -= 1
        self.states[after] += 1
        if since and (agent.busy_share or before in occupancy.BUSY):
            agent.busy_share = occupancy.advanced(agent.busy_share, before, now - since, self.rules.window)
        if before is AgentState.DIRECT_CALL:
            agent.idle_any = now
        if after is AgentState.OFFLINE:
            self.gone.append(agent)
        agent.state = after
        agent.since = now
        profile = self.staff.of[agent.name]
        if self.staff.move(profile, before, after) and self.watched:
            self.touched |= self.watched & profile.serves.keys()
        if self.reload is not None:
            self.reload.agent_moved(agent, before)

    def occupied(self, agent: Agent) -> float:
        """The share of the agent's time that was busy lately, as of now."""
        lasted = self.now - agent.since if agent.since else 0
        return occupancy.advanced(agent.busy_share, agent.state, lasted, self.rules.window)

    def note_answer(self, agent: Agent) -> None:
        """Count an answer, for queues that choose by them."""
        if self.counts_recent:
            agent.recent.append(self.now)
            self._expiring.append((self.now + self.rules.window, agent.name))

    def _forget_answer(self, name: AgentName) -> None:
        agent = self.agents.get(name)
        if agent is not None and agent.recent:
            del agent.recent[0]
            self.ready.again(agent)
            if self.reload is not None and name in self.ready:
                self.reload.agent_indexed(agent, ready=True)

    def count_recent(self) -> None:
        """Begin to count answers anew after a change of the rules; those still within the window count on."""
        self.counts_recent = any(
            queue.strategy is Strategy.FEWEST_CALLS for queue in self.rules.queues.values()
        )
        self._expiring.clear()
        oldest = self.now - self.rules.window
        answers = []
        for agent in self.agents.values():
            agent.recent = [at for at in agent.recent if at > oldest] if self.counts_recent else []
            answers += [(at + self.rules.window, agent.name) for at in agent.recent]
        self._expiring.extend(sorted(answers))

    def remember_transfer(self, given: GivenAway) -> None:
        """Keep a transfer until its caller turns up."""
        keep(self.given_away, given.call, given)

    def remember_child(self, parent: CallId, child: CallId) -> None:
        """Keep a descendant until its parent's transfer is told."""
        keep(self.children, parent, child)

    def remember_hang_up(self, offer: OfferId, talk: tuple[CallId, QueueName, AgentName]) -> None:
        """Keep a talk that ended without a transfer."""
        keep(self.hung_up, offer, talk)

    # ------------------------------------------------------------ views

    def in_order(self) -> list[CallId]:
        """All calls that stand in the line, in its one order as of now."""
        return self.line.in_order(self.now)

    def open_calls(self) -> Iterator[Call]:
        """Calls without an end yet."""
        return iter(self.calls.values())
