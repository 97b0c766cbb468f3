"""What new rules would do to the floor as it is, before they are put in force. Changes nothing."""

from collections.abc import Generator, Mapping
from typing import Final

import msgspec

from acd.core.calls import Call
from acd.core.floor import Floor
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.placing import FOREVER
from acd.core.profiles import CallClass, Staff
from acd.core.requirement import ANYBODY
from acd.core.rules import Rules
from acd.core.stages import Needs, due
from acd.core.states import CallState

NAMED: Final = 20
"""Calls told by name; of more only the number."""
SLICE: Final = 500
"""Calls looked at in one go."""


class Impact(msgspec.Struct, frozen=True, kw_only=True):
    """What would change for those who wait and those who serve."""

    stranded: tuple[CallId, ...] = ()
    """Waiting calls that no agent could serve any more, at their step or a later one; the first 20."""
    stranded_total: int = 0
    unstaffed_total: int = 0
    """Waiting calls that agents could serve, but none who is logged in."""
    losing: Mapping[AgentName, tuple[QueueName, ...]] = {}
    """Queues that agents would no longer serve."""
    gaining: Mapping[AgentName, tuple[QueueName, ...]] = {}
    draining: tuple[QueueName, ...] = ()
    """Queues that would be gone once their callers are served."""
    hopeless: tuple[str, ...] = ()
    """Queues and steps that ask for what no agent has."""


def survey(floor: Floor, rules: Rules) -> Generator[None, None, Impact]:
    """Look at everything, some calls at a time; the result is the generator's return value."""
    staff, needs = Staff(), Needs(rules.queues)
    for count, rule in enumerate(rules.agents.values(), 1):
        staff.assign(rule)
        if count % SLICE == 0:
            yield
    at_work = _at_work(floor, staff)
    stranded: list[CallId] = []
    unstaffed = 0
    for count, call in enumerate(list(floor.calls.values()), 1):
        if count % SLICE == 0:
            yield
        if call.state is CallState.TALKING or call.queue not in rules.queues:
            continue
        able = _able(call, rules, staff, needs, floor.now)
        if not able:
            stranded.append(call.id)
        elif not able & at_work:
            unstaffed += 1
    losing, gaining = _moves(floor.rules, rules)
    return Impact(
        stranded=tuple(stranded[:NAMED]),
        stranded_total=len(stranded),
        unstaffed_total=unstaffed,
        losing=losing,
        gaining=gaining,
        draining=tuple(sorted(name for name in floor.rules.queues if name not in rules.queues)),
        hopeless=tuple(_hopeless(rules, staff, needs)),
    )


def _at_work(floor: Floor, staff: Staff) -> int:
    mask = 0
    for agent in floor.agents.values():
        profile = staff.of.get(agent.name)
        if profile is not None and agent.logged_in:
            mask |= profile.bit
    return mask


def _able(call: Call, rules: Rules, staff: Staff, needs: Needs, now: int) -> int:
    """Profiles that could serve the call at its step by time or a later one; a way on to another queue counts as all."""
    queue = rules.queues[call.queue]
    able = 0
    for stage in range(due(queue, now - call.entered), len(queue.steps) + 1):
        taken = needs.at(call.queue, stage)
        if taken.leaves:
            return -1
        need, _ = needs.need(call.queue, stage, call.need, call.variables)
        able |= staff.eligible(CallClass(call.switch, call.queue, need, taken.groups, FOREVER))
    return able


def _moves(
    before: Rules, after: Rules
) -> tuple[dict[AgentName, tuple[QueueName, ...]], dict[AgentName, tuple[QueueName, ...]]]:
    """Who would serve fewer queues, and who more."""
    losing, gaining = {}, {}
    for name in sorted({*before.agents, *after.agents}):
        old, new = before.agents.get(name), after.agents.get(name)
        had = old.queues if old is not None else frozenset()
        has = new.queues if new is not None else frozenset()
        if lost := had - has:
            losing[name] = tuple(sorted(lost))
        if gained := has - had:
            gaining[name] = tuple(sorted(gained))
    return losing, gaining


def _hopeless(rules: Rules, staff: Staff, needs: Needs) -> list[str]:
    """What nobody of the queue, or of the groups a step adds, could ever serve."""
    switches = {rule.switch for rule in rules.agents.values()}
    found = []
    for name in rules.queues:
        for stage, taken in enumerate(needs.stages[name]):
            if taken.leaves:
                continue
            need, _ = needs.need(name, stage, ANYBODY, {})
            wanted = [CallClass(switch, name, need, taken.groups, FOREVER) for switch in switches]
            if not any(staff.eligible(key) for key in wanted):
                what = f"step {stage} of {name}" if stage else name
                found.append(
                    f"{what}: no agent has {need}" if not need.anybody else f"{what}: no agent serves it"
                )
    return found
