"""Whatever the rules and whatever happens: calls are conserved, the order holds, reloads change rules and nothing else."""

from collections import Counter
from itertools import pairwise

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from acd.core import events as ev
from acd.core import facts as f
from acd.core.calls import Call
from acd.core.floor import Floor, Output
from acd.core.ids import AgentName, CallId, OfferId
from acd.core.memory import Memory
from acd.core.outcomes import Choose
from acd.core.router import SETTLE, Router
from acd.core.rules import Rules
from acd.core.states import CallState
from acd.core.validation import validate
from tests.oracle.drawing import Script, play, scripts
from tests.oracle.duel import SECOND, Duel

pytestmark = pytest.mark.property

some = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def told(duel: Duel, *kinds: type[f.Fact]) -> list[f.Fact]:
    """All facts of these kinds."""
    return [fact for fact in duel.facts if isinstance(fact, kinds)]


@some
@given(scripts())
def test_every_call_and_every_offer_has_one_end(script: Script) -> None:
    duel = play(script)
    calls = duel.router.floor.calls
    arrived = Counter(fact.call for fact in duel.facts if isinstance(fact, f.Arrived))
    ended = Counter(fact.call for fact in duel.facts if isinstance(fact, f.Ended))
    assert arrived == ended + Counter(list(calls))
    assert max(arrived.values(), default=1) == 1

    made = Counter(fact.offer for fact in duel.facts if isinstance(fact, f.Offered))
    over = Counter(fact.offer for fact in duel.facts if isinstance(fact, f.OfferEnded))
    ringing = [offer.id for call in calls.values() for offer in call.offers if offer.answered_at is None]
    assert made == over + Counter(ringing)

    entered = [fact for fact in duel.facts if isinstance(fact, f.Queued)]
    waiting = sum(call.state is not CallState.TALKING for call in calls.values())
    assert len(entered) == len(told(duel, f.Answered, f.Abandoned, f.Left)) + waiting


@some
@given(scripts())
def test_no_agent_has_two_calls_at_once(script: Script) -> None:
    busy: dict[AgentName, str] = {}
    for fact in play(script).facts:
        match fact:
            case f.Offered():
                assert fact.agent not in busy
                busy[fact.agent] = fact.offer
            case f.OfferEnded() if fact.outcome != "answered":
                assert busy.pop(fact.agent) == fact.offer
            case f.Talked():
                assert busy.pop(fact.agent) == fact.offer


@some
@given(scripts())
def test_the_seconds_of_an_agents_states_add_up(script: Script) -> None:
    duel = play(script)
    for name in script.rules.agents:
        changes = [fact for fact in duel.facts if isinstance(fact, f.StateChanged) and fact.agent == name]
        for before, after in pairwise(changes):
            assert before.after is after.before
            assert after.lasted_ms == after.at // 1_000_000 - before.at // 1_000_000


@some
@given(scripts())
def test_the_facts_remember_the_floor(script: Script) -> None:
    duel = play(script)
    memory, floor = Memory(), duel.router.floor
    for fact in duel.facts:
        memory.apply(fact)
    again = any(move.kind == "reload" for move in script.moves)
    assert memory.calls.keys() == floor.calls.keys()
    for name, call in floor.calls.items():
        assert _remembered(memory.calls[name], again=again) == _remembered(call, again=again)
    for agent_name, agent in floor.agents.items():
        kept = memory.agents.get(agent_name)
        if kept is not None:
            assert (kept.state, kept.logged_in, kept.paused) == (agent.state, agent.logged_in, agent.paused)
            assert (kept.call, kept.offer, kept.missed) == (agent.call, agent.offer, agent.missed)
    assert memory.last_agents == floor.last_agents
    assert memory.shares == floor.shares.taken
    assert {queue: name for queue, (name, _) in memory.turns.items()} == {
        queue: name for queue, (name, _) in floor.turns.items()
    }


def _remembered(call: Call, *, again: bool) -> tuple[object, ...]:
    """What a restart needs; new steps may begin anew without a fact, as they do after a restart."""
    return (
        call.state,
        call.queue,
        call.number,
        (call.joined, call.credit, call.entered),
        (call.priority, call.need, call.variables),
        (call.prefer, call.direct, call.prefer_until),
        [(offer.id, offer.agent, offer.answered_at) for offer in call.offers],
        None if again else call.stage,
    )


# ---------------------------------------------------------------- the order of the line


class InOrder(Duel):
    """Nobody is served while a call before it waits for the same agent."""

    def play(self, event: ev.Event) -> Output:
        """One event, and who was passed over by its offers."""
        output = super().play(event)
        for fact in output.facts:
            if isinstance(fact, f.Offered):
                self._nobody_passed_over(fact.call, fact.agent)
        return output

    def _nobody_passed_over(self, served: CallId, name: AgentName) -> None:
        oracle = self.oracle
        call, agent = oracle.call(served), oracle.agents[name]
        for other in oracle.line() if call is not None and call.rings else ():
            assert call is not None
            if (
                oracle.order(other) < oracle.order(call)
                and oracle.eligible(other, agent)
                and name not in other.held_off
                and other.switch not in oracle.lost
                and oracle.room(oracle.queue(other)) > 0
            ):
                self.fail(f"{other.id} comes before {served} and waits for {name} too")


def in_one_order(rules: Rules) -> Rules:
    """Agents without a wish of their own."""
    return msgspec.structs.replace(
        rules,
        agents={
            name: msgspec.structs.replace(
                rule,
                choose=Choose.ORDER,
                serves=tuple(msgspec.structs.replace(serving, level=1) for serving in rule.serves),
            )
            for name, rule in rules.agents.items()
        },
    )


@some
@given(scripts())
def test_no_call_is_served_before_one_that_comes_first_and_waits_for_the_same_agent(script: Script) -> None:
    moves = [
        msgspec.structs.replace(move, rules=in_one_order(move.rules)) if move.rules is not None else move
        for move in script.moves
    ]
    play(Script(in_one_order(script.rules), moves), InOrder)


# ---------------------------------------------------------------- reloads


class Reloading(Duel):
    """Compares what there is before and after every change of the rules."""

    def play(self, event: ev.Event) -> Output:
        """One event."""
        if not isinstance(event, ev.RulesChanged):
            return super().play(event)
        floor = self.router.floor
        calls, agents = self._calls(floor), self._agents(floor)
        output = super().play(event)
        gone = {fact.call for fact in output.facts if isinstance(fact, f.Left)}
        after = self._calls(floor)
        for name in calls.keys() - gone:
            (known, rang), (present, rings) = calls[name], after[name]
            if known != present or rang != rings[: len(rang)]:
                self.fail(f"the reload made {calls[name]} of {name} to {after[name]}")
        for agent, (rung, wishes) in self._agents(floor).items():
            if agent in agents and (agents[agent][1] != wishes or agents[agent][0] not in (None, rung)):
                self.fail(f"the reload made {agents[agent]} of {agent} to {wishes}")
        return output

    def _calls(self, floor: Floor) -> dict[CallId, tuple[tuple[object, ...], list[OfferId]]]:
        """Every call with its place and what runs."""
        return {
            call.id: (
                (
                    call.queue,
                    (call.joined, call.credit, call.entered, call.number),
                    (call.priority, call.need, call.attached),
                    call.state is CallState.TALKING,
                ),
                [offer.id for offer in call.offers],
            )
            for call in floor.calls.values()
        }

    def _agents(self, floor: Floor) -> dict[AgentName, tuple[CallId | None, tuple[object, ...]]]:
        """Every agent's call, and wishes."""
        return {
            agent.name: (
                agent.call,
                (agent.logged_in, agent.paused, agent.leaving, agent.wrap_up, agent.backed_off_until),
            )
            for agent in floor.agents.values()
        }


@some
@given(scripts())
def test_a_reload_changes_nothing_that_runs(script: Script) -> None:
    play(script, Reloading)


# ---------------------------------------------------------------- restarts


@some
@given(scripts())
def test_a_restart_anywhere_keeps_places_and_leaves_nobody_waiting_for_a_free_agent(script: Script) -> None:
    duel = play(script, rest=0)
    memory, before = Memory(), duel.router.floor
    for fact in duel.facts:
        memory.apply(fact)
    rules = duel.oracle.rules
    router = Router.recalled(memory.copy())
    router.wake(duel.now, duel.now + SECOND)
    router.handle(ev.RulesChanged(at=duel.now, rules=rules))
    validate(router.floor)
    for back in list(reversed(before.calls)):
        router.handle(ev.CallReturned(at=duel.now, call=back))
        validate(router.floor)
    router.handle(ev.TimerFired(at=duel.now, timer=SETTLE))
    validate(router.floor)

    for name, call in router.floor.calls.items():
        known = before.calls[name]
        assert (call.place, call.number, call.priority) == (known.place, known.number, known.priority)
        assert (call.state is CallState.TALKING) == (known.state is CallState.TALKING)
