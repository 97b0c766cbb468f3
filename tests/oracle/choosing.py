"""Who may serve whom, in which order, and who is best: scans of everything, by the semantics alone."""

from collections.abc import Iterator
from math import exp

from acd.core.expression import Expression, ExpressionError
from acd.core.ids import AgentName, GroupName, QueueName, SwitchName
from acd.core.outcomes import Choose, Strategy
from acd.core.requirement import Requirement, both, satisfied
from acd.core.rules import QueueRule, Rules, Serving, Step
from acd.core.states import AgentState
from tests.oracle.records import OracleAgent, OracleCall

MINUTE = 60_000_000_000
BUSY = (
    AgentState.OFFERED,
    AgentState.TALKING,
    AgentState.ON_HOLD,
    AgentState.WRAP_UP,
    AgentState.DIRECT_CALL,
)


def resolved(text: Expression | Requirement, queue: QueueRule, call: OracleCall) -> Requirement:
    """The requirement with the call's variables; with the queue's own where those make no sense."""
    if isinstance(text, Requirement):
        return text
    try:
        return text.resolve({**queue.variables, **call.variables})
    except ExpressionError:
        return text.resolve(queue.variables)


class Scene:
    """Everything there is at a moment."""

    def __init__(self) -> None:
        """Nothing yet."""
        self.rules = Rules()
        self.now = 0
        self.calls: list[OracleCall] = []
        self.agents: dict[AgentName, OracleAgent] = {}
        self.lost: set[SwitchName] = set()
        self.reserve_off: set[QueueName] = set()
        self.turns: dict[QueueName, tuple[AgentName, int]] = {}
        self.taken: dict[str, list[QueueName]] = {}
        """Per group that shares calls out: the queue of every call offered."""

    # ------------------------------------------------------------ may serve

    def queue(self, call: OracleCall) -> QueueRule:
        """The rule of the queue the call is in."""
        return self.rules.queues[call.queue]

    def taken_steps(self, call: OracleCall) -> tuple[Step, ...]:
        """The steps the call has behind it."""
        return self.queue(call).steps[: call.stage]

    def groups(self, call: OracleCall) -> set[GroupName]:
        """Groups that steps have added."""
        return {group for step in self.taken_steps(call) for group in step.groups}

    def need(self, call: OracleCall) -> Requirement:
        """What is asked for: of the queue or its last step that says so, and of the call unless that was dropped."""
        queue, steps = self.queue(call), self.taken_steps(call)
        asked = [step.require for step in steps if step.require is not None]
        need = resolved(asked[-1] if asked else queue.require, queue, call)
        return need if any(step.drop_own for step in steps) else both(need, call.own)

    def serving(self, call: OracleCall, agent: OracleAgent) -> Serving | None:
        """How the agent serves the call's queue, by itself or by a step."""
        for serving in agent.rule.serves:
            if serving.queue == call.queue:
                return serving
        return Serving(queue=call.queue) if agent.rule.groups & self.groups(call) else None

    def could(self, call: OracleCall, agent: OracleAgent) -> bool:
        """Conditions 1 to 3: switch, queue, requirement."""
        return (
            agent.rule.switch == call.switch
            and self.serving(call, agent) is not None
            and satisfied(self.need(call), agent.rule.skills, agent.rule.attributes)
        )

    def eligible(self, call: OracleCall, agent: OracleAgent) -> bool:
        """Conditions 1 to 6."""
        if call.named and agent.name not in call.named:
            return False
        if call.alone_until is not None and call.direct is not None:
            return agent.rule.switch == call.switch
        serving = self.serving(call, agent)
        if serving is None or not self.could(call, agent):
            return False
        waited = max(0, call.looked_at - call.place)
        return waited >= serving.delay and not (serving.reserve and call.queue in self.reserve_off)

    def matchable(self, call: OracleCall, agent: OracleAgent) -> bool:
        """All seven conditions."""
        return (
            call.waits
            and agent.ready
            and call.switch not in self.lost
            and agent.name not in call.held_off
            and self.room(self.queue(call)) > 0
            and self.eligible(call, agent)
        )

    def room(self, queue: QueueRule) -> int:
        """How many more phones may ring for the queue."""
        ringing = sum(len(call.rings) for call in self.calls if call.queue == queue.name and not call.talking)
        return 1_000 if queue.max_offers is None else queue.max_offers - ringing

    def staffed(self, queue: QueueName, states: frozenset[AgentState]) -> int:
        """How many who serve the queue are in one of these states."""
        return sum(agent.state in states and queue in agent.rule.queues for agent in self.agents.values())

    # ------------------------------------------------------------ order

    def raised_priority(self, call: OracleCall) -> int:
        """Its own and what its steps have added."""
        return call.priority + sum(step.raise_priority for step in self.taken_steps(call))

    def order(self, call: OracleCall) -> tuple[int, int, int]:
        """The place in the one order of the line, smallest first; thousandths of priority times a minute."""
        queue = self.queue(call)
        priority = (queue.priority + self.raised_priority(call)) * 1_000 * MINUTE
        return (-(priority + queue.ageing * (self.now - call.place)), call.place, call.number)

    def line(self) -> list[OracleCall]:
        """All waiting calls in order."""
        return sorted((call for call in self.calls if call.waits), key=self.order)

    # ------------------------------------------------------------ a free agent takes

    def first_call(self, agent: OracleAgent) -> OracleCall | None:
        """The call a free agent takes."""
        calls = [call for call in self.line() if self.matchable(call, agent)]
        if not calls:
            return None
        lowest = min(self._level(call, agent) for call in calls)
        calls = [call for call in calls if self._level(call, agent) == lowest]
        if agent.rule.choose is Choose.ORDER:
            return calls[0]
        firsts: dict[QueueName, OracleCall] = {}
        for call in calls:
            firsts.setdefault(call.queue, call)
        return max(firsts.values(), key=lambda call: (self._value(call, agent), -calls.index(call)))

    def _level(self, call: OracleCall, agent: OracleAgent) -> int:
        serving = self.serving(call, agent)
        return 1 if serving is None else serving.level

    def _value(self, call: OracleCall, agent: OracleAgent) -> float:
        queue, waited = self.queue(call), self.now - call.place
        match agent.rule.choose:
            case Choose.GREATEST_NEED:
                return waited / max(1, queue.target)
            case Choose.WEIGHT:
                return queue.weight
            case Choose.SERVICE_LEVEL:
                return waited - queue.target
            case _:
                taken = self.taken.get(agent.rule.shares_of, [])
                share = dict(agent.rule.shares).get(call.queue, 0)
                return share * (len(taken) + 1) - 100 * taken.count(call.queue)

    # ------------------------------------------------------------ a waiting call takes

    def best_agents(self, call: OracleCall, drawn: AgentName | None) -> list[OracleAgent]:
        """Whom to ring for a waiting call; `drawn`: whom the lot fell on, where a queue chooses by lot."""
        free = [agent for agent in self.agents.values() if self.matchable(call, agent)]
        if call.alone_until is not None:
            scores = dict(call.prefer)
            return sorted(free, key=lambda a: (-scores.get(a.name, 0), a.idle_since, a.name))[:1]
        free = [agent for agent in free if agent.name not in call.tried] or free
        queue = self.queue(call)
        if queue.strategy is Strategy.SIMULTANEOUS:
            return self.longest_idle(free)[: min(queue.ring_most, self.room(queue))]
        if queue.strategy is Strategy.PROGRESSIVE:
            return self.longest_idle(free)[: min(queue.ring_first, queue.ring_most, self.room(queue))]
        if queue.strategy is Strategy.RANDOM:
            return [agent for agent in free if agent.name == drawn]
        return sorted(free, key=lambda agent: (*self._rank(call, agent), agent.idle_since, agent.name))[:1]

    def longest_idle(self, agents: list[OracleAgent]) -> list[OracleAgent]:
        """Longest idle first."""
        return sorted(agents, key=lambda agent: (agent.idle_since, agent.name))

    def _rank(self, call: OracleCall, agent: OracleAgent) -> tuple[float, ...]:
        queue, number = self.queue(call), agent.rule.number
        skill = sum(agent.rule.skills.get(name, 0) for name in self.need(call).asks)
        match queue.strategy:
            case Strategy.SKILLS:
                return (-skill,)
            case Strategy.LEAST_SKILLED:
                return (skill,)
            case Strategy.LEAST_OCCUPIED:
                return (self.busy_share(agent),)
            case Strategy.FEWEST_CALLS:
                return (sum(at > self.now - self.rules.window for at in agent.answers),)
            case Strategy.ROUND_ROBIN:
                return (number <= self._turn(queue.name), number)
            case Strategy.LINEAR:
                return (number,)
            case _:
                return (agent.idle_any if queue.idle_counts_direct else agent.idle_since,)

    def _turn(self, queue: QueueName) -> int:
        name, number = self.turns.get(queue, (AgentName(""), -1))
        return self.rules.agents[name].number if name in self.rules.agents else number

    def busy_share(self, agent: OracleAgent) -> float:
        """The share of time spent busy lately, as of now."""
        kept = exp(-(self.now - agent.since) / self.rules.window)
        if agent.state in BUSY:
            return 1 - (1 - agent.busy_share) * kept
        return agent.busy_share * kept if agent.state is AgentState.READY else agent.busy_share

    def idle_pairs(self) -> Iterator[tuple[OracleCall, OracleAgent]]:
        """Pairs that should have been matched."""
        for call in self.calls:
            for agent in self.agents.values():
                if self.matchable(call, agent):
                    yield call, agent
