"""From what the operator wrote to what the router decides by. The file format and the router can change apart."""

from collections.abc import Mapping

from acd.core.ids import AgentName, PhoneName, QueueName, SkillName, SwitchName, TrunkGroup
from acd.core.outcomes import BlockReason, OfferOutcome, Strategy
from acd.core.requirement import requirement
from acd.core.rules import AT_WORK, AgentRule, QueueRule, Rules, Serving
from config.centre import Agent, Queue
from config.schema import Settings, members
from hardware.trunks import TrunkGroupRule


def rules(settings: Settings, generation: int) -> Rules:
    """The rules of a checked configuration."""
    serves: dict[str, set[QueueName]] = {name: set() for name in settings.agents}
    for queue, names in members(settings).items():
        for name in names:
            serves[name].add(QueueName(queue))
    only = settings.switches[0].name if settings.switches else ""
    return Rules(
        generation=generation,
        queues={QueueName(name): _queue(name, queue) for name, queue in settings.queues.items()},
        agents={
            AgentName(name): _agent(name, agent, only, frozenset(serves[name]), number)
            for number, (name, agent) in enumerate(settings.agents.items(), 1)
        },
    )


def _queue(name: str, queue: Queue) -> QueueRule:
    back_off = queue.back_off
    return QueueRule(
        name=QueueName(name),
        strategy=Strategy(queue.strategy.value),
        require=requirement({SkillName(skill): level for skill, level in queue.require.items()}),
        priority=queue.priority,
        max_waiting=queue.max_waiting,
        ring_timeout=queue.ring_timeout.ns,
        wrap_up=queue.wrap_up.ns,
        back_off={
            OfferOutcome.NO_ANSWER: back_off.no_answer.ns,
            OfferOutcome.REJECTED: back_off.rejected.ns,
            OfferOutcome.BUSY: back_off.busy.ns,
            OfferOutcome.UNREACHABLE: back_off.unreachable.ns,
            OfferOutcome.ERROR: back_off.error.ns,
        },
        same_call_back_off=queue.same_call_back_off.ns,
        join_states=frozenset() if queue.admit_when_nobody_logged_in else AT_WORK,
        is_open=queue.open and not queue.drain,
        ring_before_answer=queue.ring_before_answer,
        music=queue.music,
    )


def _agent(name: str, agent: Agent, only_switch: str, queues: frozenset[QueueName], number: int) -> AgentRule:
    return AgentRule(
        name=AgentName(name),
        switch=SwitchName(agent.switch or only_switch),
        phone=PhoneName(str(agent.phone)),
        skills={SkillName(skill): level for skill, level in agent.skills.items()},
        serves=tuple(Serving(queue=queue) for queue in sorted(queues)),
        number=number,
    )


def trunk_rules(settings: Settings) -> list[TrunkGroupRule]:
    """The trunk groups, each endpoint with its switch."""
    only = settings.switches[0].name if settings.switches else ""
    return [
        TrunkGroupRule(
            name=TrunkGroup(group.name),
            capacity=group.capacity,
            endpoints=frozenset(
                (SwitchName(group.switch or only), PhoneName(str(endpoint))) for endpoint in group.endpoints
            ),
        )
        for group in settings.trunk_groups
    ]


def statuses(settings: Settings) -> Mapping[BlockReason, int]:
    """The SIP status per reason of refusal."""
    table = settings.refusals
    return {
        BlockReason.UNKNOWN_QUEUE: table.unknown_queue,
        BlockReason.QUEUE_FULL: table.queue_full,
        BlockReason.NOBODY_LOGGED_IN: table.nobody_logged_in,
        BlockReason.CLOSED: table.closed,
        BlockReason.TRUNK_FULL: table.trunk_full,
        BlockReason.OVERLOAD: table.overload,
        BlockReason.ENGINE_DOWN: table.overload,
    }
