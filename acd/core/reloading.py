"""New rules on a live floor: what runs is never touched, what waits is matched by the new rules from one moment on.

A big floor is not rebuilt at once: the new indexes grow beside the old in slices, each a timer of its own, and follow what
happens meanwhile. Decisions go on by the old rules until one swap. Slices are counted in agents and calls, not in
time, so that a replay does the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import msgspec

from acd.core.advancing import advance, agents_left, on_call_due
from acd.core.affinity import look_again
from acd.core.agents import Agent
from acd.core.calls import Call
from acd.core.commands import ArmTimer
from acd.core.doors import arm, clear
from acd.core.events import RulesChanged
from acd.core.facts import LogOutWished, RulesApplied
from acd.core.floor import Floor
from acd.core.ids import NOWHERE, AgentName, CallId, GroupName, QueueName
from acd.core.leaving import leave
from acd.core.outcomes import PhoneState, Via
from acd.core.placing import Places
from acd.core.profiles import Staff
from acd.core.ready import IDLE, ReadyAgents, order_of, orders_of
from acd.core.reserve import reserves, watched_queues
from acd.core.rules import AgentRule, QueueRule, Rules, Serving
from acd.core.stages import Needs
from acd.core.states import AgentState, CallState
from acd.core.timers import Timer, TimerKind
from acd.core.waiting import WaitingLine

SLICE: Final = 1_000
"""Agents or calls a slice deals with: some milliseconds."""
AT_ONCE: Final = 2_000
"""Up to so many agents and calls together, everything is done in one go."""


class Reload:
    """New rules and their indexes, being built."""

    def __init__(self, floor: Floor, rules: Rules, *, sliced: bool) -> None:
        """Nothing is built yet; see `build`. Over slices, somebody may still enter a queue that is to go."""
        in_use = set(floor.rules.queues) if sliced else _queues_in_use(floor)
        self.before = floor.rules
        self.rules = effective(rules, floor.rules, in_use, _agents_in_use(floor))
        self.staff = Staff()
        self.needs = Needs(self.rules.queues)
        self.line = WaitingLine(self.staff)
        self.places: Places | None = None
        self.ready = ReadyAgents(self.staff, self.rules)
        self._followed: set[AgentName] = set()
        """Agents counted in the new sets: what they do from here on is."""
        self.stages: dict[CallId, int] = {}
        """Calls that will be at another step, or due at another moment, than they were, or are to be sent on."""

    def build(self, floor: Floor) -> Iterator[None]:
        """Build everything; pauses after each slice."""
        by_group = _orders_by_group(self.rules)
        for count, rule in enumerate(self.rules.agents.values(), 1):
            profile = self.staff.assign(rule)
            if not profile.orders:
                by_step = {order for group in profile.groups for order in by_group.get(group, ())}
                profile.orders = orders_of(profile, self.rules.queues, by_step)
            self._follow(floor, rule.name)
            if count % SLICE == 0:
                yield
        self.places = Places(self.rules, self.staff, self.needs, self.line)
        for switch in floor.lost_switches:
            self.line.shut_switch(switch, shut=True)
        yield
        for count, call in enumerate(list(floor.calls.values()), 1):
            if call.id in floor.line and call.id not in self.line:
                self.add(call, floor.now)
            if count % SLICE == 0:
                yield

    def _follow(self, floor: Floor, name: AgentName) -> None:
        """Count an agent in the new sets, as they are now."""
        agent = floor.agents.get(name)
        if agent is not None:
            self._followed.add(name)
            self.staff.count(self.staff.of[name], agent.state, 1)
            if name in floor.ready:
                self.ready.add(agent)

    def agent_moved(self, agent: Agent, before: AgentState) -> None:
        """An agent's state has changed."""
        if agent.name in self._followed:
            self.staff.move(self.staff.of[agent.name], before, agent.state)

    def agent_indexed(self, agent: Agent, *, ready: bool) -> None:
        """An agent has become free, or ceased to be, or stands elsewhere among the free."""
        if agent.name in self._followed:
            self.ready.discard(agent.name)
            if ready:
                self.ready.add(agent)

    def adopted(self, agent: Agent) -> bool:
        """Whether the agent is counted in the new sets."""
        return agent.name in self._followed

    def add(self, call: Call, now: int) -> None:
        """A call stands in the line now."""
        if self.places is None or call.queue not in self.rules.queues:
            return
        stage = self.stage(call, self.places.stage_by_time(call, now))
        standing = self.places.stand(call, stage, now)
        standing.where.eligible(self.staff)  # worked out in this slice, not at the swap
        only: tuple[AgentName, ...] = ()
        if call.prefer_until:
            only = (call.direct,) if call.direct is not None else tuple(name for name, _ in call.prefer)
        self.line.add(call.id, standing.where, standing.key, only)
        overflows = self.needs.at(call.queue, stage).leaves
        if stage != call.stage or standing.next_change != call.timer_at or overflows:
            self.stages[call.id] = stage
        else:
            self.stages.pop(call.id, None)

    def stage(self, call: Call, by_time: int) -> int:
        """The step a call is at under the new rules: where the steps have changed, by time alone."""
        before, after = self.before.queues.get(call.queue), self.rules.queues[call.queue]
        same = before is not None and before.steps == after.steps
        return max(by_time, call.stage) if same else by_time

    def remove(self, call: Call) -> None:
        """A call stands in the line no longer."""
        if call.id in self.line:
            self.line.remove(call.id)
        self.stages.pop(call.id, None)


def _orders_by_group(rules: Rules) -> dict[GroupName, set[int]]:
    """The orders of queues whose steps add a group."""
    found: dict[GroupName, set[int]] = {}
    for queue in rules.queues.values():
        for step in queue.steps:
            for group in step.groups:
                found.setdefault(group, set()).add(order_of(queue))
    return found


# ---------------------------------------------------------------- slice by slice


def on_rules_changed(floor: Floor, event: RulesChanged) -> None:
    """Begin to put new rules in force; a reload that is under way is given up for this one."""
    sliced = len(floor.agents) + len(event.rules.agents) + len(floor.calls) > AT_ONCE
    floor.reload = Reload(floor, event.rules, sliced=sliced)
    floor.slices = _run(floor, floor.reload)
    if sliced:
        on_slice(floor)
    else:
        for _ in floor.slices:
            pass


def on_slice(floor: Floor) -> None:
    """Do the next slice, and ask for another one unless all is done."""
    if floor.slices is not None and next(floor.slices, DONE) is not DONE:
        floor.do(ArmTimer(timer=Timer(TimerKind.RELOAD), at=floor.now))


DONE: Final = object()


def _run(floor: Floor, reload: Reload) -> Iterator[None]:
    yield from reload.build(floor)
    before = floor.line
    late = swap(floor, reload)
    for count, (call_id, stage) in enumerate(late.items(), 1):
        call = floor.calls.get(call_id)
        if call is not None and call.state is CallState.WAITING:
            call.stage = min(call.stage, stage)
            on_call_due(floor, call)
        if count % SLICE == 0:
            yield
    yield from before.dismantle(SLICE)
    floor.slices = None


def swap(floor: Floor, reload: Reload) -> dict[CallId, int]:
    """Decide by the new rules from here on. Returns the calls whose step or timer is another now."""
    moved = _adopt(floor, reload)
    drained = tuple(sorted(name for name, queue in floor.rules.queues.items() if queue.draining))
    floor.tell(
        RulesApplied(
            **floor.stamp,
            queues=len(floor.rules.queues) - len(drained),
            agents=sum(not rule.removed for rule in floor.rules.agents.values()),
            removed_queues=drained,
            window=floor.rules.window,
        )
    )
    clear(floor, floor.doors.closed)
    for name in floor.doors.closed:
        arm(floor, name)
    for call in _not_in_line(floor):
        ringing = call.state is CallState.OFFERED
        if ringing or (call.state is CallState.WAITING and (call.asking or not call.attached)):
            call.stage = min(call.stage, reload.stage(call, floor.places.stage_by_time(call, floor.now)))
            advance(floor, call)
    for agent in list(floor.agents.values()):
        _retire(floor, agent, moved=agent.name in moved)
    agents_left(floor)
    look_again(floor)
    floor.rematch = True
    floor.touched |= floor.watched
    return reload.stages


def _not_in_line(floor: Floor) -> list[Call]:
    """At least all calls that don't stand in the line: few beside those who do."""
    busy = set(floor.offers.values())
    if len(busy) + len(floor.line) == len(floor.calls):
        return [floor.calls[call] for call in busy]
    return list(floor.calls.values())  # some are asked about, or out of reach


def _adopt(floor: Floor, reload: Reload) -> set[AgentName]:
    """Put the new indexes in place of the old, and count every agent in them. Returns those whose phone is another, or new."""
    in_use = _queues_in_use(floor)
    queues = {
        name: queue for name, queue in reload.rules.queues.items() if not queue.draining or name in in_use
    }
    agents = dict(reload.rules.agents)
    for name in _agents_in_use(floor):
        if name not in agents:
            agents[name] = _removed(floor.rules.agents[name])
            reload.staff.assign(agents[name]).orders = (IDLE,)
    rules = msgspec.structs.replace(reload.rules, queues=queues, agents=agents)
    floor.reload = None  # its indexes are the floor's own from here on
    before, resting = floor.rules, floor.resting
    floor.rules = rules
    floor.stamp["generation"] = rules.generation
    floor.staff, floor.needs, floor.line = reload.staff, reload.needs, reload.line
    floor.forget_standing()
    floor.places = Places(rules, reload.staff, reload.needs, reload.line)
    floor.ready = reload.ready
    moved = _adopt_agents(floor, reload, agents)
    floor.watched = watched_queues(queues)
    floor.resting = {
        name: reserves(floor, name)
        for name, queue in queues.items()
        if queue.reserve_on is not None
        and (name in resting or name not in before.queues or before.queues[name].reserve_on is None)
    }
    floor.count_recent()
    for queue_name in queues:
        floor.ring(queue_name, 0)
    return moved


def _adopt_agents(floor: Floor, reload: Reload, agents: Mapping[AgentName, AgentRule]) -> set[AgentName]:
    moved = set[AgentName]()
    floor.by_phone = {}
    for name, rule in agents.items():
        agent = floor.agents.get(name)
        if agent is None:
            agent = Agent(name=name, rule=rule, since=floor.now)
            floor.add_agent(agent)
        if _seat(floor, agent, rule):
            moved.add(name)
        if not reload.adopted(agent):
            floor.staff.count(floor.staff.of[name], agent.state, 1)
    return moved


def _seat(floor: Floor, agent: Agent, rule: AgentRule) -> bool:
    """Who is at work stays at the phone they chose, or goes on at their own by the new rules, if nobody else is there.

    True: their phone can do something else than before, as far as was known.
    """
    recalled = agent.rule.switch == NOWHERE
    lost = bool(agent.seat) and agent.rule.switch not in (rule.switch, NOWHERE)
    agent.rule = rule
    here = (rule.switch, agent.at_phone)
    before, agent.phone = agent.phone, floor.phones.get(here, PhoneState.UNKNOWN)
    if agent.at_work and agent.at_phone and not lost:
        there = floor.by_phone.get(here)
        if there is None or agent.seat:
            floor.by_phone[here] = agent.name
    return recalled or agent.phone is not before


def effective(
    new: Rules, old: Rules, queues_in_use: Iterable[QueueName], agents_in_use: Iterable[AgentName]
) -> Rules:
    """The new rules plus draining queues and removed agents that are still needed."""
    queues: dict[QueueName, QueueRule] = dict(new.queues)
    agents: dict[AgentName, AgentRule] = dict(new.agents)
    for name in agents_in_use:
        if name not in agents:
            agents[name] = _removed(old.agents[name])
    gone = {queue for queue in queues_in_use if queue not in queues}
    for queue in gone:
        queues[queue] = msgspec.structs.replace(old.queues[queue], draining=True)
    for name, rule in old.agents.items() if gone else ():
        kept = tuple(serving for serving in rule.serves if serving.queue in gone)
        if kept and name in agents and not agents[name].removed:
            serves: tuple[Serving, ...] = tuple(sorted((*agents[name].serves, *kept)))
            agents[name] = msgspec.structs.replace(agents[name], serves=serves)
    return msgspec.structs.replace(new, queues=queues, agents=agents)


def _removed(rule: AgentRule) -> AgentRule:
    return msgspec.structs.replace(rule, serves=(), groups=frozenset(), removed=True)


def _queues_in_use(floor: Floor) -> set[QueueName]:
    """Queues somebody is in, or works after a call of."""
    in_wrap_up = {agent.wrap_up.queue for agent in floor.agents.values() if agent.wrap_up is not None}
    waiting = {queue for queue, number in floor.in_queue.items() if number}
    in_talk = {floor.calls[call].queue for call in floor.offers.values()}
    return waiting | in_talk | (in_wrap_up & set(floor.rules.queues))


def _agents_in_use(floor: Floor) -> set[AgentName]:
    return {agent.name for agent in floor.agents.values() if agent.logged_in or agent.call is not None}


def _retire(floor: Floor, agent: Agent, *, moved: bool) -> None:
    """Let an agent who is gone from the rules go, now or after the present call; settle who has another phone."""
    rule = floor.rules.agents.get(agent.name)
    if rule is None:
        floor.drop_agent(agent)
        return
    here = (rule.switch, agent.seat or rule.phone)
    no_phone = agent.logged_in and floor.by_phone.get(here) != agent.name
    if no_phone or (rule.removed and agent.logged_in):
        _send_home(floor, agent, no_phone=no_phone)
    ready = agent.state is AgentState.READY and agent.backed_off_until <= floor.now
    if (
        rule.removed
        or no_phone
        or ready is not (agent.name in floor.ready)
        or (moved and agent.state is not agent.state_by_facts)
    ):
        floor.settle(agent)


def _send_home(floor: Floor, agent: Agent, *, no_phone: bool) -> None:
    """The rules leave the agent nothing to work with: log out now, or after the present call."""
    if agent.call is not None:
        if not agent.leaving:
            agent.leaving = True
            floor.tell(LogOutWished(**floor.stamp, agent=agent.name))
        return
    why = "removed from the configuration"
    if no_phone:
        holder = floor.agent_on(agent.rule.switch, agent.at_phone)
        why = "has no phone there" if holder is None else f"{holder.name} is logged in at {agent.at_phone}"
    leave(floor, agent, why, via=Via.CONFIGURATION)
