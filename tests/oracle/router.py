"""The reference router: each event changes state the simple way, then everything is scanned until nothing is left to do."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from acd.core import events as ev
from acd.core.facts import Fact, Offered, ReserveChanged, StepTaken
from acd.core.ids import AgentName, CallId, OfferId, QueueName
from acd.core.outcomes import (
    BLAMELESS,
    BlockReason,
    LeaveReason,
    OfferOutcome,
    PhoneState,
    Skip,
    Strategy,
    SwitchedBy,
    WayKind,
)
from acd.core.rules import QueueRule
from acd.core.states import AgentState
from acd.core.timers import TimerKind
from acd.core.ways import Way
from tests.oracle.choosing import Scene
from tests.oracle.records import OracleAgent, OracleCall, Ring

NUMBER = re.compile(r"\+?[0-9]{5,15}")
OVERFLOW_RETRY = 5_000_000_000


class Told(msgspec.Struct):
    """What came of one event."""

    offers: list[tuple[CallId, AgentName]]
    ends: list[tuple[str, ...]]


class Oracle(Scene):
    """Same events in; offers in order and ends out."""

    def __init__(self) -> None:
        """An empty floor."""
        super().__init__()
        self.phones: dict[tuple[str, str], PhoneState] = {}
        self.gave_up: dict[tuple[QueueName, str], tuple[int, int]] = {}
        self.talked: dict[str, tuple[AgentName, int]] = {}
        self.closed: dict[QueueName, tuple[int, dict[SwitchedBy, int]]] = {}
        """Since when, and what closes it until when (by hand: 0 for ever)."""
        self.seen = 0
        self.told = Told([], [])
        self.fresh_agents: list[OracleAgent] = []
        self.fresh_calls: list[OracleCall] = []
        self.reopened: list[QueueName] = []
        self.everybody = False
        self._real: list[Fact] = []

    def handle(self, event: ev.Event, real: Sequence[Fact]) -> Told:
        """One event. Of the facts of the router under test only lots and reserves are believed."""
        self.now = max(self.now, event.at)
        self.told, self._real, self.everybody = Told([], []), list(real), False
        handler: Callable[[Any], None] = getattr(self, f"on_{type(event).__name__}")
        handler(event)
        self.settle_and_match()
        return self.told

    # ------------------------------------------------------------ calls come and go

    def on_CallArrived(self, event: ev.CallArrived) -> None:  # noqa: N802 - named after the event
        """Limits in their order, then into the queue."""
        if self.call(event.call) is not None:
            return
        reason = event.refuse or self.refusal(event.queue)
        way = None if reason is None or event.refuse else self.way_round(event.queue, reason, [])
        into = event.queue
        if reason is not None:
            if way is None or way.kind is not WayKind.QUEUE:
                self.end("blocked", event.call, reason)
                return
            self.end("left", event.call, LeaveReason.OVERFLOWED)
            into = QueueName(way.target)
        self.seen += 1
        call = OracleCall(
            id=event.call,
            number=self.seen,
            switch=event.switch,
            queue=into,
            been=[] if into == event.queue else [event.queue],
            caller=event.caller,
            joined=self.now if event.joined is None else min(event.joined, self.now),
            entered=self.now,
            looked_at=self.now,
            credit=event.credit,
            own=event.require,
            variables=event.variables,
            priority=event.priority,
            prefer=event.prefer,
            direct=event.direct,
        )
        self.resume(call)
        if event.position is not None:
            call.credit = self.credit_at(call, event.position, back=False)
        self.calls.append(call)
        self.enter(call)

    def way_round(self, name: QueueName, why: str, been: list[QueueName]) -> Way | None:
        """Where the queue sends calls for that; through queues that take none, each only once."""
        way = self.rules.queues[name].overflow.get(why) if name in self.rules.queues else None
        if way is None or way.kind is not WayKind.QUEUE:
            return way
        target = QueueName(way.target)
        if target == name or target in been:
            return None
        refused = self.refusal(target)
        return way if refused is None else self.way_round(target, refused, [*been, name])

    def refusal(self, name: QueueName) -> BlockReason | None:
        """The first limit that keeps a call out."""
        queue = self.rules.queues.get(name)
        if queue is None:
            return BlockReason.UNKNOWN_QUEUE
        inside = sum(call.queue == name and not call.talking for call in self.calls)
        at_work = self.staffed(name, frozenset(AgentState) - {AgentState.OFFLINE})
        if not queue.is_open or queue.draining or name in self.closed:
            return BlockReason.CLOSED
        if queue.max_waiting is not None and inside >= queue.max_waiting:
            return BlockReason.QUEUE_FULL
        if queue.join_states and not self.staffed(name, queue.join_states):
            return BlockReason.NOBODY_LOGGED_IN
        if inside and queue.max_per_agent is not None and inside + 1 > queue.max_per_agent * at_work:
            return BlockReason.LONG_WAIT
        return None

    def resume(self, call: OracleCall) -> None:
        """A known caller who is back in time has the old place, once."""
        queue = self.queue(call)
        if queue.resume_within and self.identified(call, queue):
            place, at = self.gave_up.pop((call.queue, call.caller), (call.place, self.now))
            if self.now - at <= queue.resume_within and place < call.place:
                call.credit = call.joined - place

    def identified(self, call: OracleCall, queue: QueueRule) -> bool:
        """Whether the number is one caller's own."""
        return NUMBER.fullmatch(call.caller) is not None and not call.caller.startswith(queue.shared_numbers)

    def credit_at(self, call: OracleCall, position: int, *, back: bool) -> int:
        """The credit that puts it just before the call at that position, of those with no higher priority."""
        others = [other for other in self.line() if other.queue == call.queue and other is not call]
        for other in others[max(0, position - 1) :]:
            if self.raised_priority(other) <= self.raised_priority(call):
                stays = not back and self.order(call) < self.order(other)
                return call.credit if stays else call.joined - other.place + 1
        return call.joined - others[-1].place - 1 if back and others else call.credit

    def enter(self, call: OracleCall) -> None:
        """In its queue from now on, perhaps for certain agents alone at first."""
        queue = self.queue(call)
        call.entered, call.stage, call.retry_at = self.now, 0, None
        if call.direct is not None:
            call.alone_until = self.now + queue.direct_for
        elif call.prefer:
            call.alone_until = self.now + queue.prefer_for
        elif queue.sticky and self.identified(call, queue) and call.caller in self.talked:
            agent, at = self.talked[call.caller]
            if self.now - at <= queue.sticky_within:
                call.prefer, call.alone_until = ((agent, 100),), self.now + queue.sticky
        self.put(call)

    def put(self, call: OracleCall) -> None:
        """The call waits, at its place, as of now."""
        call.looked_at = self.now
        if call.waits and call not in self.fresh_calls:
            self.fresh_calls.append(call)

    def on_CallerHungUp(self, event: ev.CallerHungUp) -> None:  # noqa: N802
        """The caller gave up; the place is kept for a while."""
        call = self.call(event.call)
        if call is None or call.talking:
            return
        queue = self.queue(call)
        if queue.resume_within and self.identified(call, queue):
            self.gave_up[call.queue, call.caller] = (call.place, self.now)
        self.drop(call, OfferOutcome.CALLER_LEFT)
        self.end("abandoned", call.id)

    def on_CallLeftQueue(self, event: ev.CallLeftQueue) -> None:  # noqa: N802
        """Taken away."""
        call = self.call(event.call)
        if call is not None and not call.talking:
            self.leave(call, event.reason)

    def send_away(self, call: OracleCall, reason: LeaveReason) -> None:
        """To the queue that takes those, or out."""
        way = self.way_round(call.queue, reason, call.been)
        if way is None or way.kind is not WayKind.QUEUE:
            self.leave(call, reason)
        else:
            call.timed_out = False
            self.move(call, QueueName(way.target), reason)

    def leave(self, call: OracleCall, reason: LeaveReason) -> None:
        """Out of the queue, unserved."""
        self.drop(call, OfferOutcome.RESCINDED)
        self.end("left", call.id, reason)

    def drop(self, call: OracleCall, outcome: OfferOutcome) -> None:
        """The call is gone, whatever rang."""
        queue = self.queue(call)
        rings, call.rings = call.rings, []
        self.calls.remove(call)
        for ring in rings:
            self.free(self.agents[ring.agent], outcome, queue)

    def on_KeyPressed(self, event: ev.KeyPressed) -> None:  # noqa: N802
        """An exit key."""
        call = self.call(event.call)
        if call is not None and not call.talking and event.key in self.queue(call).exit_keys:
            self.leave(call, LeaveReason.KEY)

    def on_CallMoved(self, event: ev.CallMoved) -> None:  # noqa: N802
        """To another queue; a phone that rings is quieted first."""
        call = self.call(event.call)
        if call is None or call.talking or event.queue not in self.rules.queues or event.queue == call.queue:
            return
        call.move_to = event.queue
        for ring in call.rings:
            ring.rescinding = True
        self.put(call)

    def on_PriorityChanged(self, event: ev.PriorityChanged) -> None:  # noqa: N802
        """Effective at once."""
        call = self.call(event.call)
        if call is not None and not call.talking:
            call.priority = event.priority
            self.put(call)

    def on_PositionChanged(self, event: ev.PositionChanged) -> None:  # noqa: N802
        """Effective at once."""
        call = self.call(event.call)
        if call is not None and not call.talking:
            call.credit = self.credit_at(call, event.position, back=True)
            self.put(call)

    def on_SessionLost(self, event: ev.SessionLost) -> None:  # noqa: N802
        """Out of reach."""
        call = self.call(event.call)
        if call is not None:
            call.attached = False

    def on_CallReturned(self, event: ev.CallReturned) -> None:  # noqa: N802
        """Within reach again; phones that rang for it are of no use any more."""
        call = self.call(event.call)
        if call is None or call.talking:
            return
        call.attached = True
        for ring in list(call.rings):
            self.fail(call, ring, OfferOutcome.ERROR)
        self.put(call)

    # ------------------------------------------------------------ offers and talks

    def on_OfferRang(self, event: ev.OfferRang) -> None:  # noqa: N802
        """Nothing is decided by it."""

    def on_OfferAnswered(self, event: ev.OfferAnswered) -> None:  # noqa: N802
        """One has the call, the others have lost the race."""
        found = self.ringing(event.offer)
        if found is None:
            return
        call, ring = found
        losers = [other for other in call.rings if other is not ring]
        call.rings, call.talking, call.move_to = [ring], True, None
        agent = self.agents[ring.agent]
        agent.talking, agent.missed = True, {}
        if any(queue.strategy is Strategy.FEWEST_CALLS for queue in self.rules.queues.values()):
            agent.answers = [*agent.answers, self.now]
        if NUMBER.fullmatch(call.caller):
            self.talked[call.caller] = (agent.name, self.now)
        self.end("answered", call.id, agent.name)
        self.update(agent)
        for loser in losers:
            self.free(self.agents[loser.agent], OfferOutcome.LOST_RACE, self.queue(call))
        self.reopen(call.queue)

    def on_OfferFailed(self, event: ev.OfferFailed) -> None:  # noqa: N802
        """One phone did not take it."""
        found = self.ringing(event.offer)
        if found is not None:
            self.fail(*found, event.outcome)

    def fail(self, call: OracleCall, ring: Ring, outcome: OfferOutcome) -> None:
        """The pair is held off when somebody is to blame; after the last phone the call waits again."""
        call.rings.remove(ring)
        if outcome not in BLAMELESS:
            call.held_off = [*call.held_off, ring.agent]
            call.tried = [*call.tried, ring.agent]
        self.free(self.agents[ring.agent], outcome, self.queue(call))
        self.put(call)

    def free(self, agent: OracleAgent, outcome: OfferOutcome, queue: QueueRule) -> None:
        """Out of an offer that came to nothing."""
        agent.call = None
        pause = queue.reoffer_gap if outcome in BLAMELESS else queue.back_off.get(outcome, 0)
        if pause:
            agent.backed_off_until = max(agent.backed_off_until, self.now + pause)
        if outcome not in BLAMELESS:
            agent.missed = {**agent.missed, outcome: agent.missed.get(outcome, 0) + 1}
            if agent.missed[outcome] >= queue.autopause.get(outcome, 1_000) and agent.paused is None:
                agent.missed, agent.paused = {}, "missed calls"
        if agent.leaving:
            self.log_out(agent)
        self.update(agent)
        self.reopen(queue.name)

    def reopen(self, queue: QueueName) -> None:
        """A queue with a limit of offers may ring again."""
        rule = self.rules.queues[queue]
        if rule.max_offers is not None and queue not in self.reopened:
            self.reopened.append(queue)

    def on_TalkEnded(self, event: ev.TalkEnded) -> None:  # noqa: N802
        """The agent works after the talk, or is free."""
        call = next((c for c in self.calls if c.talking and c.rings[0].offer == event.offer), None)
        if call is None:
            return
        agent = self.agents[call.rings[0].agent]
        self.calls.remove(call)
        agent.call, agent.talking = None, False
        agent.idle_since = agent.idle_any = self.now
        if agent.leaving:
            self.log_out(agent)
        elif self.queue(call).wrap_up:
            agent.wrapping_up = True
        self.update(agent)

    def on_WrapUpFinished(self, event: ev.WrapUpFinished) -> None:  # noqa: N802
        """Done early."""
        self.end_wrap_up(event.agent)

    def end_wrap_up(self, name: AgentName) -> None:
        """Idle from now."""
        agent = self.agents.get(name)
        if agent is not None and agent.wrapping_up:
            agent.wrapping_up = False
            agent.idle_since = agent.idle_any = self.now
            self.update(agent)

    # ------------------------------------------------------------ agents

    def on_AgentLoggedIn(self, event: ev.AgentLoggedIn) -> None:  # noqa: N802
        """Idle from now, unless it only takes back a wish to leave."""
        agent = self.agents.get(event.agent)
        if agent is None:
            return
        if not agent.logged_in:
            agent.logged_in, agent.missed = True, {}
            agent.idle_since = agent.idle_any = self.now
        agent.leaving = False
        self.update(agent)

    def on_AgentLoggedOut(self, event: ev.AgentLoggedOut) -> None:  # noqa: N802
        """Now, or after the present call; a ringing phone is quieted."""
        agent = self.agents.get(event.agent)
        if agent is None or not agent.logged_in:
            return
        agent.leaving = agent.call is not None
        if agent.call is None:
            self.log_out(agent)
        self.quiet(agent)
        self.update(agent)

    def log_out(self, agent: OracleAgent) -> None:
        """Gone."""
        agent.logged_in, agent.leaving, agent.paused, agent.wrapping_up = False, False, None, False

    def quiet(self, agent: OracleAgent) -> None:
        """Ask for the end of the ringing."""
        for call in self.calls:
            for ring in call.rings:
                ring.rescinding = ring.rescinding or ring.agent == agent.name

    def on_AgentPaused(self, event: ev.AgentPaused) -> None:  # noqa: N802
        """No calls; a ringing phone is quieted."""
        agent = self.agents.get(event.agent)
        if agent is not None and agent.logged_in and agent.paused != event.reason:
            agent.paused = event.reason
            self.quiet(agent)
            self.update(agent)

    def on_AgentResumed(self, event: ev.AgentResumed) -> None:  # noqa: N802
        """Calls again."""
        agent = self.agents.get(event.agent)
        if agent is not None and agent.paused is not None:
            agent.paused = None
            self.update(agent)

    def on_PhoneChanged(self, event: ev.PhoneChanged) -> None:  # noqa: N802
        """A phone that is reachable again is tried at once."""
        self.phones[event.switch, event.phone] = event.state
        for agent in self.agents.values():
            if (agent.rule.switch, agent.rule.phone) == (event.switch, event.phone):
                if agent.phone is PhoneState.UNREACHABLE and event.state is PhoneState.FREE:
                    agent.backed_off_until = min(agent.backed_off_until, self.now)
                agent.phone = event.state
                self.update(agent)

    def update(self, agent: OracleAgent) -> None:
        """The state after a change, and whether the agent has become free."""
        after = agent.state_now
        if after is not agent.state:
            agent.busy_share = self.busy_share(agent)
            if agent.state is AgentState.DIRECT_CALL:
                agent.idle_any = self.now
            agent.state, agent.since = after, self.now
        free = after is AgentState.READY and agent.backed_off_until <= self.now
        if free and not agent.ready:
            self.fresh_agents.append(agent)
        agent.ready = free

    # ------------------------------------------------------------ time, rules, switches

    def on_TimerFired(self, event: ev.TimerFired) -> None:  # noqa: C901, N802, PLR0912 - one row a timer
        """What is due."""
        key = event.timer.key
        call, agent = self.call(CallId(key)), self.agents.get(AgentName(key))
        match event.timer.kind:
            case TimerKind.CALL if call is not None and not call.talking:
                self.on_call_due(call)
            case TimerKind.RING_MORE if call is not None:
                self.ring_more(call)
            case TimerKind.WRAP_UP:
                self.end_wrap_up(AgentName(key))
            case TimerKind.BACK_OFF if agent is not None:
                agent.backed_off_until = min(agent.backed_off_until, self.now)
                self.update(agent)
            case TimerKind.PAIR_BACK_OFF:
                name, _, held = key.partition(" ")
                call = self.call(CallId(name))
                if call is not None:
                    call.held_off = [other for other in call.held_off if other != held]
                    self.put(call)
            case TimerKind.OFFER_DEADLINE:
                found = self.ringing(OfferId(key))
                if found is not None and found[0].switch not in self.lost:
                    self.fail(*found, OfferOutcome.ERROR)
            case TimerKind.CLOSING:
                self.empty_closed()
            case TimerKind.OPENING:
                queue = QueueName(key)
                self.on_QueueSwitched(
                    ev.QueueSwitched(at=self.now, queue=queue, closed=False, by=SwitchedBy.PERSON)
                )
            case TimerKind.STAY:
                queue = QueueName(key)
                if not self.staffed(queue, self.rules.queues[queue].stay_states):
                    for waiting in [c for c in self.line() if c.queue == queue]:
                        self.send_away(waiting, LeaveReason.NO_AGENTS)

    def on_call_due(self, call: OracleCall) -> None:
        """The end of a preference, the longest wait; steps and delays follow when it is put."""
        call.retry_at = None
        if not call.waits:
            self.time_over(call)
            self.take_due_steps(call)
        self.put(call)

    def time_over(self, call: OracleCall) -> None:
        """The longest wait; the end of a preference."""
        longest = self.queue(call).max_wait
        call.timed_out |= longest is not None and self.now >= call.limited_from + longest
        if call.alone_until is not None and self.now >= call.alone_until:
            self.alone_no_more(call)

    def alone_no_more(self, call: OracleCall) -> None:
        """Anybody will do."""
        call.alone_until, call.direct, call.prefer = None, None, ()
        self.end("preference", call.id)

    def next_due(self, call: OracleCall) -> int:
        """The first moment at which something changes for a waiting call by itself, after it was looked at."""
        queue = self.queue(call)
        moments = [step.after + call.entered for step in queue.steps[call.stage :]]
        moments += [] if queue.max_wait is None or call.timed_out else [call.limited_from + queue.max_wait]
        moments += [moment for moment in (call.alone_until, call.retry_at) if moment is not None]
        delays = [
            s.delay for a in self.agents.values() for s in a.rule.serves if s.queue == call.queue and s.delay
        ]
        moments += [call.place + delay for delay in delays if call.place + delay > call.looked_at]
        return min(moments, default=1 << 62)

    def on_QueueSwitched(self, event: ev.QueueSwitched) -> None:  # noqa: N802
        """Hours and hand close a queue each for itself; it has been closed since the first of the two."""
        since, by = self.closed.pop(event.queue, (self.now, {}))
        by = {cause: until for cause, until in by.items() if cause is not event.by}
        if event.closed:
            by[event.by] = event.until
        if by:
            self.closed[event.queue] = (since, by)
        self.empty_closed()

    def must_leave(self, call: OracleCall) -> bool:
        """It came before its queue closed, which is as long ago as the queue lets it stay."""
        grace = self.queue(call).closing_grace
        if call.queue not in self.closed or grace is None:
            return False
        since = self.closed[call.queue][0]
        return call.entered <= since and since + grace <= self.now

    def empty_closed(self) -> None:
        """Who waits too long after the closing leaves."""
        for call in [call for call in self.line() if self.must_leave(call)]:
            self.send_away(call, LeaveReason.CLOSED)

    def on_RulesChanged(self, event: ev.RulesChanged) -> None:  # noqa: N802
        """New rules for the same names: a queue whose steps changed starts counting from those that are due."""
        before, self.rules = self.rules.queues, event.rules
        self.reserve_off = {
            name
            for name, queue in self.rules.queues.items()
            if queue.reserve_on is not None
            and (name in self.reserve_off or name not in before or before[name].reserve_on is None)
        }
        by_calls = any(queue.strategy is Strategy.FEWEST_CALLS for queue in self.rules.queues.values())
        for name, rule in self.rules.agents.items():
            agent = self.agents.setdefault(name, OracleAgent(rule=rule, since=self.now))
            agent.rule = rule
            agent.phone = self.phones.get((rule.switch, rule.phone), PhoneState.UNKNOWN)
            agent.answers = agent.answers if by_calls else []
            self.update(agent)
        self.empty_closed()
        for call in self.calls:
            if not call.talking:
                if before[call.queue].steps != self.queue(call).steps:
                    call.stage, call.retry_at = min(call.stage, self.due_steps(call)), None
                if not call.waits:
                    self.take_due_steps(call)
                self.put(call)
        self.everybody = True

    def on_SwitchLost(self, event: ev.SwitchLost) -> None:  # noqa: N802
        """No offers there."""
        self.lost.add(event.switch)

    def on_SwitchSynced(self, event: ev.SwitchSynced) -> None:  # noqa: N802
        """Everything is looked at again."""
        self.everybody |= event.switch in self.lost
        self.lost.discard(event.switch)

    # ------------------------------------------------------------ then: steps, ends, matches

    def settle_and_match(self) -> None:
        """Until nothing changes any more."""
        while self.settle() or self.reserves() or self.match():
            pass
        self.fresh_calls, self.fresh_agents, self.reopened = [], [], []

    def settle(self) -> bool:
        """Bring all waiting calls up to the moment; True when something had to be done."""
        return any(self.settle_call(call) for call in self.line())

    def settle_call(self, call: OracleCall) -> bool:
        """Preference, longest wait, moves, steps by time, steps skipped, overflow."""
        if call in self.fresh_calls:
            self.time_over(call)
        if call.alone_until is not None and not any(self.hope(call, name) for name in call.named):
            self.alone_no_more(call)
            self.put(call)
            return True
        if call.timed_out:
            self.send_away(call, LeaveReason.TIMED_OUT)
            return True
        if call in self.fresh_calls and self.must_leave(call):
            self.send_away(call, LeaveReason.CLOSED)
            return True
        if call.move_to is not None:
            self.move(call, call.move_to, LeaveReason.MOVED)
            return True
        taken = call in self.fresh_calls and self.take_due_steps(call)
        queue, again = self.queue(call), self.now + OVERFLOW_RETRY
        step = queue.steps[call.stage - 1] if call.stage else None
        target = step.queue if step is not None else None
        if step is not None and step.way is not None:
            self.leave(call, LeaveReason.OVERFLOWED)
            return True
        if (
            target is not None
            and target not in call.been
            and call.retry_at != again
            and (taken or call in self.fresh_calls)
        ):
            if self.refusal(target) is None:
                self.move(call, target, LeaveReason.OVERFLOWED)
                return True
            call.retry_at = again
        nobody = not any(
            self.could(call, a) for a in self.agents.values() if a.state is not AgentState.OFFLINE
        )
        if nobody and queue.skip is not Skip.NEVER and target is None and call.alone_until is None:
            return self.take_step(call)
        return taken

    def hope(self, call: OracleCall, name: AgentName) -> bool:
        """Whether somebody a call waits for alone is at work and could serve it."""
        agent = self.agents.get(name)
        if agent is None or agent.state is AgentState.OFFLINE:
            return False
        return agent.rule.switch == call.switch if call.direct is not None else self.could(call, agent)

    def due_steps(self, call: OracleCall) -> int:
        """The stage by time."""
        return sum(call.entered + step.after <= self.now for step in self.queue(call).steps)

    def take_due_steps(self, call: OracleCall) -> bool:
        """Up to the stage by time, but not past one that sends it on before that was tried."""
        before = call.stage
        while call.stage < self.due_steps(call):
            self.take_step(call)
            step = self.queue(call).steps[call.stage - 1]
            if step.queue is not None or step.way is not None:
                break
        return call.stage != before

    def take_step(self, call: OracleCall) -> bool:
        """One step on, if there is one."""
        if call.stage >= len(self.queue(call).steps):
            return False
        call.stage += 1
        call.retry_at = None
        self.end("step", call.id, str(call.stage))
        self.put(call)
        return True

    def move(self, call: OracleCall, target: QueueName, reason: LeaveReason) -> None:
        """To another queue, with its age."""
        self.end("left", call.id, reason)
        call.been = [*call.been, call.queue]
        call.queue, call.move_to = target, None
        call.prefer, call.direct, call.alone_until = (), None, None
        self.enter(call)

    def reserves(self) -> bool:
        """Believe the router under test when reserves are called or dismissed, at the same point between offers and steps."""
        before = len(self.told.offers) + sum(kind == "step" for kind, *_ in self.told.ends)
        for at, fact in enumerate(self._real):
            if isinstance(fact, Offered | StepTaken):
                before -= 1
            if before < 0:
                return False
            if isinstance(fact, ReserveChanged):
                del self._real[at]
                (self.reserve_off.discard if fact.on else self.reserve_off.add)(fact.queue)
                self.reopened += [fact.queue] if fact.on else []
                # Whether agents who are free only now were looked at before or after that is believed as well.
                following = next((one for one in self._real[at:] if isinstance(one, Offered)), None)
                if fact.on and following is not None and following.decision.side == "call":
                    self.fresh_agents = []
                return True
        return False

    def match(self) -> bool:
        """One match; True when there was one, or a step was skipped for want of one."""
        calls = self.line()
        if self.everybody and self.first_of(calls):
            return True
        self.everybody = False
        while self.fresh_agents:
            agent = self.fresh_agents.pop(0)
            call = self.first_call(agent) if agent.ready else None
            if call is not None:
                self.offer(call, [agent])
                return True
        if self.first_of([call for call in calls if call.queue in self.reopened]):
            return True
        self.reopened = []
        if self.first_of([call for call in calls if call in self.fresh_calls]):
            return True
        return any(self.skip(call) for call in calls)

    def skip(self, call: OracleCall) -> bool:
        """Where a step need not be waited for while nobody is free."""
        queue = self.queue(call)
        shut = call.switch in self.lost or self.room(queue) <= 0
        impatient = queue.skip is Skip.NOBODY_READY and call.alone_until is None and not shut
        return impatient and self.take_step(call)

    def first_of(self, calls: list[OracleCall]) -> bool:
        """The first of these calls that somebody can take takes the best."""
        for call in calls:
            agents = self.best_agents(call, self.drawn(call))
            if agents:
                self.offer(call, agents)
                return True
        return False

    def drawn(self, call: OracleCall) -> AgentName | None:
        """Whom the router under test rang as the next for this call."""
        made = sum(call.id == ours for ours, _ in self.told.offers)
        names = [fact.agent for fact in self._real if isinstance(fact, Offered) and fact.call == call.id]
        return names[made] if made < len(names) else None

    def offer(self, call: OracleCall, agents: list[OracleAgent]) -> None:
        """Ring."""
        for agent in agents:
            call.ring(agent.name)
            agent.call = call.id
            self.turns[call.queue] = (agent.name, agent.rule.number)
            if agent.rule.shares:
                self.taken.setdefault(agent.rule.shares_of, []).append(call.queue)
            self.told.offers.append((call.id, agent.name))
            self.update(agent)
        self.reopen(call.queue)

    def ring_more(self, call: OracleCall) -> None:
        """More phones beside those that ring."""
        queue = self.queue(call)
        quiet = any(ring.rescinding for ring in call.rings)
        if queue.strategy is not Strategy.PROGRESSIVE or not call.rings or call.talking or quiet:
            return
        if not call.attached or call.alone_until is not None or call.switch in self.lost:
            return
        call.looked_at = self.now
        number = min(queue.ring_first, queue.ring_most - len(call.rings), self.room(queue))
        free = [
            agent
            for agent in self.longest_idle(list(self.agents.values()))
            if agent.ready and agent.name not in call.held_off + call.tried and self.eligible(call, agent)
        ]
        self.offer(call, free[: max(0, number)])

    # ------------------------------------------------------------ small things

    def call(self, name: CallId) -> OracleCall | None:
        """The open call of that id."""
        return next((call for call in self.calls if call.id == name), None)

    def ringing(self, offer: OfferId) -> tuple[OracleCall, Ring] | None:
        """The call an offer rings for."""
        for call in self.calls:
            for ring in call.rings:
                if ring.offer == offer and not call.talking:
                    return call, ring
        return None

    def end(self, kind: str, *what: str) -> None:
        """Something is over."""
        self.told.ends.append((kind, *map(str, what)))
