"""Pauses by reason: flags, intervals, limits, and wishes made in a call."""

from typing import Any

import msgspec
import pytest

from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName
from acd.core.outcomes import OfferOutcome, Via
from acd.core.rules import PauseRule
from tests.unit.acd.core.stage import SECOND, Stage, agent, queue, rules

pytestmark = pytest.mark.unit

ANN = AgentName("ann")
REASONS = {
    "lunch": PauseRule(paid=False, limit=60 * SECOND),
    "training": PauseRule(productive=True),
}


def floor(**fields: Any) -> Stage:
    stage = Stage(queue(**fields), agent("ann"))
    known = msgspec.structs.replace(rules(queue(**fields), agent("ann"), generation=2), pauses=REASONS)
    stage.play(ev.RulesChanged(at=stage.now, rules=known))
    return stage


def intervals(stage: Stage) -> list[tuple[str, int]]:
    """Reasons of finished pauses, with seconds."""
    return [(fact.reason, fact.lasted_ms // 1_000) for fact in stage.told(f.Resumed)]


def test_the_flags_of_a_reason_are_told_with_the_pause() -> None:
    stage = floor()
    stage.pause("ann", "lunch")
    stage.pause("ann", "training")
    stage.pause("ann", "a reason of another day")
    flags = [(fact.reason, fact.paid, fact.productive) for fact in stage.told(f.Paused)]
    assert flags == [
        ("lunch", False, False),
        ("training", True, True),
        ("a reason of another day", True, False),
    ]


def test_another_reason_closes_the_interval_and_opens_one() -> None:
    stage = floor()
    stage.pause("ann", "lunch")
    stage.wait(20).pause("ann", "training")
    stage.wait(10).resume("ann")
    assert intervals(stage) == [("lunch", 20), ("training", 10)]
    states = [(s.after.value, s.reason, s.lasted_ms) for s in stage.told(f.StateChanged)][-3:]
    assert states[1:] == [("paused", "training", 20_000), ("ready", "", 10_000)]


def test_a_pause_wished_in_a_talk_begins_at_its_end() -> None:
    stage = floor()
    call = stage.arrive()
    stage.answer(call)
    stage.pause("ann", "lunch")
    stage.wait(30).end_talk(call)
    assert stage.state("ann") == "paused"
    stage.wait(5).resume("ann")
    assert intervals(stage) == [("lunch", 5)]


def test_a_wish_that_is_taken_back_before_it_took_effect_lasted_no_time() -> None:
    stage = floor()
    stage.answer(stage.arrive())
    stage.pause("ann", "lunch")
    stage.wait(30).resume("ann")
    assert intervals(stage) == [("lunch", 0)]


def test_a_pause_that_is_too_long_is_told_once() -> None:
    stage = floor()
    stage.pause("ann", "lunch")
    stage.pass_time(59)
    assert not stage.told(f.PauseOverrun)
    stage.pass_time(300)
    (overrun,) = stage.told(f.PauseOverrun)
    assert (overrun.reason, overrun.limit_ms) == ("lunch", 60_000)
    stage.resume("ann")
    stage.pause("ann", "lunch")
    stage.pass_time(61)
    assert len(stage.told(f.PauseOverrun)) == 2


def test_the_limit_counts_from_when_the_pause_took_effect() -> None:
    stage = floor()
    call = stage.arrive()
    stage.answer(call)
    stage.pause("ann", "lunch")
    stage.pass_time(100)
    stage.end_talk(call)
    stage.pass_time(59)
    assert not stage.told(f.PauseOverrun)
    stage.pass_time(62)
    assert stage.told(f.PauseOverrun)


def test_another_reason_or_none_makes_the_limit_void() -> None:
    stage = floor()
    stage.pause("ann", "lunch")
    stage.pass_time(30)
    stage.pause("ann", "training")
    stage.pass_time(100)
    assert not stage.told(f.PauseOverrun)


def test_a_limit_goes_on_over_a_restart_and_is_told_once() -> None:
    stage = floor()
    stage.pause("ann", "lunch")
    stage.pass_time(50)
    again = stage.restarted(queue(), agent("ann"))
    known = msgspec.structs.replace(rules(queue(), agent("ann"), generation=9), pauses=REASONS)
    again.play(ev.RulesChanged(at=again.now, rules=known))
    again.fire_due()
    assert not again.told(f.PauseOverrun)
    again.pass_time(11)
    assert again.told(f.PauseOverrun)
    again.facts[:0] = stage.facts
    third = again.restarted(queue(), agent("ann"))
    third.play(ev.RulesChanged(at=third.now, rules=known))
    third.pass_time(5)
    assert not third.told(f.PauseOverrun)


def test_a_pause_made_by_the_router_says_so() -> None:
    stage = floor(autopause={OfferOutcome.NO_ANSWER: 1})
    offer = stage.offer_of(stage.arrive())
    stage.play(ev.OfferFailed(at=stage.now, offer=offer, outcome=OfferOutcome.NO_ANSWER))
    assert stage.told(f.Paused)[0].via is Via.ROUTER
    assert stage.router.floor.agents[ANN].last_miss is OfferOutcome.NO_ANSWER
    assert stage.memory().agents[ANN].last_miss is OfferOutcome.NO_ANSWER


def test_a_forced_pause_is_told_as_such() -> None:
    stage = floor()
    stage.play(ev.AgentPaused(at=stage.now, agent=ANN, reason="training", forced=True))
    stage.play(ev.AgentResumed(at=stage.now, agent=ANN, forced=True))
    assert stage.told(f.Paused)[0].forced
    assert stage.told(f.Resumed)[0].forced
