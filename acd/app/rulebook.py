"""From what the operator wrote to what the router decides by. The file format and the router can change apart."""

from collections.abc import Iterable, Mapping
from typing import Final

from acd.core.expression import Expression
from acd.core.ids import (
    AgentName,
    GroupName,
    PhoneName,
    QueueName,
    SkillName,
    SwitchName,
    TrunkGroup,
)
from acd.core.outcomes import (
    BLAMELESS,
    BlockReason,
    Choose,
    LeaveReason,
    OfferOutcome,
    Skip,
    Strategy,
    WayKind,
    WrapUpMode,
)
from acd.core.requirement import Requirement
from acd.core.rules import AT_WORK, SECOND, AgentRule, CallbackRule, PauseRule, QueueRule, Rules, Serving
from acd.core.rules import Step as CoreStep
from acd.core.states import AgentState
from acd.core.ways import Way
from config.centre import Agent, Group, Queue
from config.matching import expression_of, requirement_of
from config.routing import Choose as ConfiguredChoose
from config.routing import Presence, Serve, Step
from config.schema import Settings, ways
from config.trunk_lines import lines
from config.ways import Callback, First, kind_of
from config.ways import Way as ConfiguredWay
from config.working import AtClosing
from hardware.trunks import TrunkGroupRule
from telephony.numbers import Numbering


def rules(settings: Settings, generation: int) -> Rules:
    """The rules of a checked configuration."""
    only = settings.switches[0].name if settings.switches else ""
    return Rules(
        generation=generation,
        queues={QueueName(name): _queue(name, queue) for name, queue in settings.queues.items()},
        agents={
            AgentName(name): _agent(name, agent, settings, only, number)
            for number, (name, agent) in enumerate(settings.agents.items(), 1)
        },
        pauses={
            name: PauseRule(
                paid=pause.paid,
                productive=pause.productive,
                limit=None if pause.limit is None else pause.limit.ns,
            )
            for name, pause in settings.pauses.items()
        },
        window=settings.routing.window.ns,
        starved_after=settings.routing.starved_after,
        seed=settings.routing.seed,
    )


def numbering(settings: Settings) -> Numbering:
    """How callers' numbers are written on the lines."""
    found = settings.numbers
    return Numbering(
        country=found.country,
        trunk_prefix=found.trunk_prefix,
        international_prefix=found.international_prefix,
    )


def _needs(needs: Mapping[str, int] | str) -> Expression | Requirement:
    """An expression that speaks of the calls' variables is worked out per call, everything else now."""
    expression = expression_of(needs)
    return requirement_of(needs, {}) if expression is None else expression


def _queue(name: str, queue: Queue) -> QueueRule:
    reserve_on = None if queue.reserve_above is None else queue.reserve_above.ns
    reserve_off = (reserve_on or 0) // 2 if queue.reserve_below is None else queue.reserve_below.ns
    return QueueRule(
        name=QueueName(name),
        strategy=Strategy(queue.strategy.value),
        idle_counts_direct=queue.idle_counts_direct,
        require=_needs(queue.require),
        variables=queue.variables,
        steps=tuple(_step(step) for step in queue.steps),
        skip=Skip(queue.skip_steps.value),
        priority=queue.priority,
        ageing=round(queue.ageing * 1_000),
        weight=queue.weight,
        target=queue.target.ns,
        max_waiting=queue.max_waiting,
        max_wait=None if queue.max_wait is None else queue.max_wait.ns,
        max_estimate=None if queue.max_estimated_wait is None else queue.max_estimated_wait.ns,
        max_per_agent=queue.max_waiting_per_agent,
        join_states=_join_states(queue),
        stay_states=_states(queue.stay_needs),
        stay_grace=queue.stay_grace.ns,
        is_open=queue.open and not queue.drain,
        closed_message=queue.closed_message,
        closing_grace=None if queue.at_closing is AtClosing.SERVE else queue.closing_grace.ns,
        callback=_callback(queue.callback),
        exit_keys=frozenset(queue.exit_keys),
        overflow={
            reason: way_of(way)
            for key, reason in REASONS.items()
            if (way := getattr(queue.overflow, key)) is not None
        },
        resume_within=queue.resume_within.ns,
        shared_numbers=queue.shared_numbers,
        ring_timeout=queue.ring_timeout.ns,
        ring_most=queue.ring_most,
        ring_first=queue.ring_first,
        ring_step=queue.ring_step.ns,
        max_offers=queue.max_offers,
        ring_before_answer=queue.ring_before_answer,
        music=queue.music,
        back_off={outcome: getattr(queue.back_off, outcome.value).ns for outcome in BLAMED},
        same_call_back_off=queue.same_call_back_off.ns,
        reoffer_gap=queue.reoffer_gap.ns,
        autopause={
            outcome: misses
            for outcome in BLAMED
            if (misses := getattr(queue.autopause, outcome.value)) is not None
        },
        wrap_up=queue.wrap_up.ns,
        wrap_up_mode=WrapUpMode(queue.wrap_up_mode.value),
        wrap_up_most=queue.wrap_up_most.ns,
        sticky=queue.sticky.ns,
        sticky_within=queue.sticky_within.ns,
        prefer_for=queue.prefer_for.ns,
        direct_for=queue.direct_for.ns,
        reserve_on=reserve_on,
        reserve_off=reserve_off,
        ask=queue.hook is not None,
        ask_deadline=SECOND if queue.hook is None else queue.hook.deadline.ns,
    )


BLAMED: Final = tuple(outcome for outcome in OfferOutcome if outcome not in BLAMELESS)
"""Outcomes that back_off and autopause have keys for."""


def _callback(rule: Callback | None) -> CallbackRule:
    """A queue without one still gives messages to its agents."""
    if rule is None:
        return CallbackRule()
    return CallbackRule(
        customer_first=rule.first is First.CUSTOMER,
        ring=rule.ring.ns,
        attempts=rule.attempts,
        gap=rule.gap.ns,
        expiry=rule.expiry.ns,
    )


REASONS: Final = {
    "full": BlockReason.QUEUE_FULL,
    "long_wait": BlockReason.LONG_WAIT,
    "nobody": BlockReason.NOBODY_LOGGED_IN,
    "closed": BlockReason.CLOSED,
    "timed_out": LeaveReason.TIMED_OUT,
    "no_agents": LeaveReason.NO_AGENTS,
}
"""Keys of `overflow`; closed is one word for those who are kept out and those who leave."""


def way_of(way: ConfiguredWay) -> Way:
    """The core's word for a way out; a menu is the shell's own affair."""
    kind = WayKind(kind_of(way))
    target = {
        WayKind.QUEUE: way.queue,
        WayKind.EXTENSION: way.extension,
        WayKind.EXTERNAL: way.external,
        WayKind.VOICEMAIL: way.voicemail,
        WayKind.TEXT: way.text,
    }.get(kind)
    return Way(kind=kind, target=target or "", context=way.context if kind is WayKind.EXTENSION else "")


def _step(step: Step) -> CoreStep:
    return CoreStep(
        after=step.after.ns,
        require=_expressed(step.require),
        drop_own=step.drop_call_needs,
        groups=frozenset(map(GroupName, step.add_groups)),
        raise_priority=step.raise_priority,
        music=step.music or "",
        queue=None if step.overflow is None else QueueName(step.overflow),
        way=None if step.to is None or step.to.callback else way_of(step.to),
    )


def _expressed(needs: Mapping[str, int] | str | None) -> Expression | Requirement | None:
    return None if needs is None else _needs(needs)


def _join_states(queue: Queue) -> frozenset[AgentState]:
    if queue.join_needs is not None:
        return _states(queue.join_needs)
    return frozenset() if queue.admit_when_nobody_logged_in else AT_WORK


def _states(named: Iterable[Presence]) -> frozenset[AgentState]:
    """A talk is one whether the caller is on hold or not."""
    states = {AgentState(presence.value) for presence in named}
    return frozenset(states | {AgentState.ON_HOLD} if AgentState.TALKING in states else states)


def _agent(name: str, agent: Agent, settings: Settings, only_switch: str, number: int) -> AgentRule:
    groups = {group: settings.groups[group] for group in agent.groups if group in settings.groups}
    chosen = [(group, entry) for group, entry in groups.items() if entry.choose is not None]
    choose, shares, shares_of = (agent.choose, agent.shares, name)
    if choose is None and chosen:
        group, entry = chosen[0]
        choose, shares, shares_of = entry.choose, entry.shares, group
    return AgentRule(
        name=AgentName(name),
        switch=SwitchName(agent.switch or only_switch),
        phone=PhoneName("" if agent.phone is None else str(agent.phone)),
        number=number,
        skills={SkillName(skill): level for skill, level in agent.skills.items()},
        attributes=agent.attributes,
        serves=_serves(agent, groups.values(), settings),
        groups=frozenset(map(GroupName, groups)),
        weight=agent.weight,
        ring_timeout=None if agent.ring_timeout is None else agent.ring_timeout.ns,
        choose=Choose((choose or ConfiguredChoose.ORDER).value),
        shares=tuple(sorted((QueueName(queue), share) for queue, share in shares.items())),
        shares_of=shares_of if shares else "",
    )


def _serves(agent: Agent, groups: Iterable[Group], settings: Settings) -> tuple[Serving, ...]:
    """How the agent serves each queue: by an entry of their own first, then by the first group that has one."""
    found: dict[str, Serve] = {}
    for queues in (agent.queues, *(group.queues for group in groups)):
        for queue, serve in ways(queues).items():
            found.setdefault(queue, serve)
    return tuple(
        sorted(
            Serving(queue=QueueName(queue), level=serve.level, delay=serve.delay.ns, reserve=serve.reserve)
            for queue, serve in found.items()
            if queue in settings.queues
        )
    )


def trunk_rules(settings: Settings) -> list[TrunkGroupRule]:
    """The trunk groups, each line with its switch."""
    only = settings.switches[0].name if settings.switches else ""
    return [
        TrunkGroupRule(
            name=TrunkGroup(group.name),
            capacity=group.capacity,
            endpoints=frozenset(
                (SwitchName(group.switch or only), PhoneName(str(line)))
                for endpoint in group.endpoints
                for line in lines(endpoint)
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
        BlockReason.LONG_WAIT: table.long_wait,
        BlockReason.ENGINE_DOWN: table.overload,
    }
