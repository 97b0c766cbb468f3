"""Work after a talk: four modes, longer and shorter; and what agents say about calls."""

import pytest

from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, CallId
from acd.core.outcomes import WrapUpMode
from tests.unit.acd.core.stage import SECOND, Stage, agent, queue

pytestmark = pytest.mark.unit

ANN = AgentName("ann")


def talked(mode: WrapUpMode, *, asked: bool = False, seconds: int = 20, most: int = 60) -> Stage:
    stage = Stage(
        queue(wrap_up=seconds * SECOND, wrap_up_mode=mode, wrap_up_most=most * SECOND), agent("ann")
    )
    call = stage.arrive()
    stage.answer(call)
    if asked:
        stage.play(ev.WrapUpAsked(at=stage.now, agent=ANN))
    stage.end_talk(call)
    return stage


@pytest.mark.parametrize(
    ("mode", "asked", "after", "after_21_s"),
    [
        (WrapUpMode.NONE, False, "ready", "ready"),
        (WrapUpMode.TIMED, False, "wrap_up", "ready"),
        (WrapUpMode.DISCRETIONARY, False, "wrap_up", "wrap_up"),
        (WrapUpMode.REQUESTED, False, "ready", "ready"),
        (WrapUpMode.REQUESTED, True, "wrap_up", "ready"),
    ],
)
def test_each_mode_begins_and_ends_in_its_way(
    mode: WrapUpMode, *, asked: bool, after: str, after_21_s: str
) -> None:
    stage = talked(mode, asked=asked)
    assert stage.state("ann") == after
    again = stage.restarted(
        queue(wrap_up=20 * SECOND, wrap_up_mode=mode, wrap_up_most=60 * SECOND), agent("ann")
    )
    for floor in (stage, again):
        floor.pass_time(21)
        assert floor.state("ann") == after_21_s


@pytest.mark.parametrize("mode", [WrapUpMode.TIMED, WrapUpMode.DISCRETIONARY])
def test_an_agent_may_be_done_early(mode: WrapUpMode) -> None:
    stage = talked(mode)
    stage.wait(3).play(ev.WrapUpFinished(at=stage.now, agent=ANN))
    assert stage.state("ann") == "ready"
    assert stage.told(f.WrapUpEnded)[0].wrap_up_ms == 3_000


def test_a_wrap_up_can_be_prolonged_up_to_the_queues_limit() -> None:
    stage = talked(WrapUpMode.TIMED, most=30)
    began = stage.now
    stage.wait(1).play(ev.WrapUpProlonged(at=stage.now, agent=ANN, by=60 * SECOND))
    assert [fact.until for fact in stage.told(f.WrapUpExtended)] == [began + 30 * SECOND]
    stage.play(ev.WrapUpProlonged(at=stage.now, agent=ANN, by=60 * SECOND))
    assert stage.told(f.Stale)[-1].why == "the wrap-up is as long as the queue allows"
    stage.pass_time(28)
    assert stage.state("ann") == "wrap_up"
    again = stage.restarted(queue(wrap_up=20 * SECOND, wrap_up_most=30 * SECOND), agent("ann"))
    assert again.pass_time(2).state("ann") == "ready"


def test_a_wrap_up_without_an_end_needs_no_prolonging() -> None:
    stage = talked(WrapUpMode.DISCRETIONARY)
    stage.play(ev.WrapUpProlonged(at=stage.now, agent=ANN, by=SECOND))
    assert not stage.told(f.WrapUpExtended)


def test_asking_for_time_is_for_talks_of_queues_that_want_to_be_asked() -> None:
    stage = talked(WrapUpMode.TIMED)
    stage.play(ev.WrapUpAsked(at=stage.now, agent=ANN))
    assert stage.told(f.Stale)[-1].why == "is in no talk"
    stage.play(ev.WrapUpFinished(at=stage.now, agent=ANN))
    stage.answer(stage.arrive())
    stage.play(ev.WrapUpAsked(at=stage.now, agent=ANN))
    assert "by its own rule" in stage.told(f.Stale)[-1].why


def test_a_wish_for_time_is_for_one_talk_and_survives_a_restart() -> None:
    rule = queue(wrap_up=20 * SECOND, wrap_up_mode=WrapUpMode.REQUESTED)
    stage = Stage(rule, agent("ann"))
    stage.answer(stage.arrive())
    stage.play(ev.WrapUpAsked(at=stage.now, agent=ANN))
    again = stage.restarted(rule, agent("ann"))
    for floor in (stage, again):
        (call,) = floor.router.floor.calls
        floor.end_talk(call)
        assert floor.state("ann") == "wrap_up"
        floor.pass_time(21)
        following = floor.arrive()
        floor.answer(following)
        floor.end_talk(following)
        assert floor.state("ann") == "ready"


def test_a_remark_is_about_the_talk_the_work_after_it_or_the_last_call() -> None:
    stage = Stage(queue(wrap_up=10 * SECOND), agent("ann"))
    call = stage.arrive()
    stage.answer(call)
    remark = ev.CallClassified(at=stage.now, agent=ANN, code="sold", resolved=True)
    stage.play(remark)
    stage.end_talk(call)
    stage.play(remark)
    stage.pass_time(11)
    stage.play(remark)
    assert [(fact.call, fact.code, fact.resolved) for fact in stage.told(f.Classified)] == [
        (call, "sold", True)
    ] * 3
    again = stage.restarted(queue(wrap_up=10 * SECOND), agent("ann"))
    again.play(remark)
    assert again.told(f.Classified)[0].call == call


def test_a_remark_about_nothing_is_stale() -> None:
    stage = Stage(queue(), agent("ann"))
    stage.play(ev.CallClassified(at=stage.now, agent=ANN, code="sold"))
    stage.play(ev.CallMarkedMalicious(at=stage.now, agent=ANN))
    assert [fact.why for fact in stage.told(f.Stale)] == ["has talked with nobody"] * 2


def test_a_malicious_call_is_kept_with_who_called_from_where() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive(asking={"caller": "+49301234567"})
    stage.answer(call)
    stage.play(ev.CallMarkedMalicious(at=stage.now, agent=ANN))
    (told,) = stage.told(f.MaliciousCall)
    assert (told.call, told.caller, told.channel) == (call, "+49301234567", "PJSIP/trunk-1")


def test_a_wish_for_help_ends_with_the_talk() -> None:
    stage = Stage(queue(), agent("ann"))
    call: CallId = stage.arrive()
    stage.answer(call)
    stage.play(ev.HelpAsked(at=stage.now, agent=ANN))
    stage.play(ev.HelpAsked(at=stage.now, agent=ANN))
    assert stage.restarted(queue(), agent("ann")).router.floor.agents[ANN].wants_help
    stage.end_talk(call)
    assert [(fact.wanted, fact.call) for fact in stage.told(f.HelpWanted)] == [(True, call), (False, call)]
