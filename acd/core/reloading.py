"""New rules on a live floor: what runs is never touched, what waits is matched by the new rules at once."""

from collections.abc import Iterable

import msgspec

from acd.core.agents import Agent
from acd.core.events import RulesChanged
from acd.core.facts import RulesApplied
from acd.core.floor import Floor
from acd.core.ids import AgentName, QueueName
from acd.core.leaving import leave
from acd.core.outcomes import PhoneState
from acd.core.ready import ReadyAgents
from acd.core.requirement import both
from acd.core.rules import AgentRule, QueueRule, Rules
from acd.core.waiting import WaitingLine


def on_rules_changed(floor: Floor, event: RulesChanged) -> None:
    """Swap the rules, then rebuild what is derived from them."""
    adopt(floor, event.rules)
    drained = tuple(sorted(name for name, queue in floor.rules.queues.items() if queue.draining))
    floor.tell(
        RulesApplied(
            **floor.stamp,
            queues=len(event.rules.queues),
            agents=len(event.rules.agents),
            removed_queues=drained,
        )
    )
    for agent in list(floor.agents.values()):
        _retire(floor, agent)
        floor.settle(agent)
    floor.rematch = True


def adopt(floor: Floor, rules: Rules) -> None:
    """Put rules in force, keeping what open calls and busy agents still need of the old ones."""
    floor.rules = effective(rules, floor.rules, _queues_in_use(floor), _agents_in_use(floor))
    floor.stamp["generation"] = rules.generation
    floor.by_phone = {(rule.switch, rule.phone): name for name, rule in floor.rules.agents.items()}
    floor.ready = ReadyAgents()
    for name, rule in floor.rules.agents.items():
        agent = floor.agents.get(name)
        if agent is None:
            agent = Agent(name=name, rule=rule, since=floor.now)
            floor.add_agent(agent)
        agent.rule = rule
        agent.phone = floor.phones.get((rule.switch, rule.phone), PhoneState.UNKNOWN)
    _reclass(floor)


def effective(
    new: Rules, old: Rules, queues_in_use: Iterable[QueueName], agents_in_use: Iterable[AgentName]
) -> Rules:
    """The new rules plus draining queues and removed agents that are still needed."""
    queues: dict[QueueName, QueueRule] = dict(new.queues)
    agents: dict[AgentName, AgentRule] = dict(new.agents)
    for name in agents_in_use:
        if name not in agents:
            agents[name] = msgspec.structs.replace(old.agents[name], queues=frozenset(), removed=True)
    for queue in queues_in_use:
        if queue not in queues:
            queues[queue] = msgspec.structs.replace(old.queues[queue], draining=True)
            for name, rule in old.agents.items():
                if queue in rule.queues and name in agents and not agents[name].removed:
                    agents[name] = msgspec.structs.replace(agents[name], queues=agents[name].queues | {queue})
    return Rules(generation=new.generation, queues=queues, agents=agents)


def _queues_in_use(floor: Floor) -> set[QueueName]:
    in_wrap_up = {agent.wrap_up.queue for agent in floor.agents.values() if agent.wrap_up is not None}
    return {call.queue for call in floor.open_calls()} | (in_wrap_up & set(floor.rules.queues))


def _agents_in_use(floor: Floor) -> set[AgentName]:
    return {agent.name for agent in floor.agents.values() if agent.logged_in or agent.call is not None}


def _retire(floor: Floor, agent: Agent) -> None:
    """Let an agent who is gone from the rules go, now or after the present call."""
    rule = floor.rules.agents.get(agent.name)
    if rule is None:
        floor.drop_agent(agent)
        return
    if not rule.removed or not agent.logged_in:
        return
    if agent.call is None:
        leave(floor, agent, reason="removed from the configuration")
    else:
        agent.leaving = True


def _reclass(floor: Floor) -> None:
    """Let every open call ask for what the rules now ask of its queue."""
    floor.line = WaitingLine()
    for call in floor.open_calls():
        queue = floor.rules.queues[call.queue]
        call.require = both(queue.require, call.own_require)
        call.priority = queue.priority + call.own_priority
        if call.matchable:
            floor.line.add(call)
