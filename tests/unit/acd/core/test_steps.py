"""Requirements that relax: each step at its moment, or at once where nobody could serve."""

from typing import Any

import pytest

from acd.core import events as ev
from acd.core import facts as f
from acd.core.expression import read
from acd.core.ids import AgentName, GroupName, QueueName
from acd.core.outcomes import Disposition, LeaveReason, OfferOutcome, Skip
from acd.core.router import Router
from acd.core.rules import Step
from tests.unit.acd.core.stage import PBX, SECOND, Part, Stage, agent, queue, with_

pytestmark = pytest.mark.unit


def step(after: float, require: str | None = None, **fields: Any) -> Step:
    needs = None if require is None else read(require)
    return Step(after=int(after * SECOND), require=needs, **fields)


def at(after: float, **fields: Any) -> Step:
    return step(after, None, **fields)


def busy(stage: Stage, *names: str) -> None:
    """Let these agents be talking."""
    for name in names:
        call = stage.arrive("other")
        assert stage.rings()[name] == call
        stage.answer(call)


OTHER = queue("other")


def test_a_step_lowers_what_is_asked_for_at_its_moment_and_the_free_agent_rings_at_once() -> None:
    stage = Stage(
        queue(require={"fr": 7}, steps=(step(20, "fr >= 3"),)),
        OTHER,
        agent("ann", "sales", "other", fr=8),
        agent("bob", fr=4),
    )
    busy(stage, "ann")
    call = stage.arrive()
    assert stage.pass_time(19.9).rings() == {}
    assert stage.pass_time(0.1).rings() == {"bob": call}
    assert [(fact.step, fact.skipped) for fact in stage.told(f.StepTaken)] == [(1, False)]


def test_steps_count_from_entering_the_queue_and_add_up() -> None:
    steps = (at(10, raise_priority=5), at(30, groups=frozenset({GroupName("back")})))
    stage = Stage(
        queue(steps=steps),
        OTHER,
        agent("ann", "sales", "other"),
        with_(agent("gus", "other"), groups=frozenset({GroupName("back")})),
    )
    busy(stage, "ann")
    old = stage.arrive()
    stage.pass_time(1)
    vip = stage.arrive(priority=3)
    assert stage.router.floor.in_order() == [vip, old]
    stage.pass_time(9.5)
    assert stage.router.floor.in_order() == [old, vip], "raised by its step before the other"
    stage.pass_time(19.5)
    assert stage.rings() == {"gus": old}, "the group helps out after 30 s"


def test_a_step_is_skipped_at_once_when_nobody_at_work_could_serve() -> None:
    stage = Stage(
        queue(require={"fr": 7}, steps=(step(20, "fr >= 5"), step(40, "anybody"))),
        agent("ann", fr=8),
        agent("bob", fr=1),
        logged_in=False,
    )
    stage.log_in("bob")
    call = stage.arrive()
    assert stage.rings() == {"bob": call}
    assert [(fact.step, fact.skipped) for fact in stage.told(f.StepTaken)] == [(1, True), (2, True)]


def test_the_last_expert_leaving_sends_the_waiting_on_to_the_next_step() -> None:
    stage = Stage(
        queue(require={"fr": 7}, steps=(step(60, "anybody"),)),
        OTHER,
        agent("ann", "sales", "other", fr=8),
        agent("bob", fr=1),
    )
    busy(stage, "ann")
    call = stage.arrive()
    assert stage.rings() == {}
    stage.log_out("ann")
    assert stage.rings() == {}, "she still talks, so she is at work"
    talking = stage.router.floor.agents[AgentName("ann")].call
    assert talking is not None
    stage.end_talk(talking)
    assert stage.rings() == {"bob": call}


def test_skipping_may_be_asked_for_as_soon_as_nobody_is_free_or_not_at_all() -> None:
    for skip, rung in ((Skip.NOBODY_READY, {"bob"}), (Skip.NEVER, set())):
        stage = Stage(
            queue(require={"fr": 7}, steps=(step(60, "anybody"),), skip=skip),
            OTHER,
            agent("ann", "sales", "other", fr=8),
            agent("bob", fr=1),
        )
        busy(stage, "ann")
        stage.arrive()
        assert set(stage.rings()) == rung


IMPATIENT = queue(require={"fr": 7}, steps=(step(60, "anybody"),), skip=Skip.NOBODY_READY)


def test_a_step_is_skipped_also_by_a_caller_who_came_while_others_were_awaited_back() -> None:
    parts = (IMPATIENT, agent("ann", fr=1), agent("bob", fr=8))
    before = Stage(*parts)
    before.pause("ann")
    before.pause("bob")
    awaited = before.arrive()
    router = Router.recalled(before.memory())
    stage = Stage(*parts, logged_in=False, router=router, now=before.now)
    stage.calls = before.calls
    stage.resume("ann")
    fresh = stage.arrive()
    assert stage.rings() == {}, "the caller from before is not back"
    stage.hang_up(awaited)
    assert stage.rings() == {"ann": fresh}


def test_new_rules_that_skip_steps_count_for_those_who_wait_already() -> None:
    patient = queue(require={"fr": 7}, steps=(step(60, "anybody"),), skip=Skip.NEVER)
    agents = (agent("ann", fr=1), agent("bob", fr=8))
    stage = Stage(patient, *agents)
    stage.pause("bob")
    call = stage.arrive()
    assert stage.rings() == {}
    stage.reload(IMPATIENT, *agents)
    assert stage.rings() == {"ann": call}


def test_no_step_is_skipped_because_no_more_phones_may_ring() -> None:
    limited = queue(require={"fr": 7}, steps=(step(60, "anybody"),), skip=Skip.NOBODY_READY, max_offers=1)
    stage = Stage(limited, agent("ann", fr=8), agent("bob", fr=8))
    first, second = stage.arrive(), stage.arrive()
    assert stage.rings() == {"ann": first}
    assert stage.told(f.StepTaken) == []
    stage.answer(first)
    assert stage.rings() == {"bob": second}


def test_no_step_is_skipped_because_the_switch_is_out_of_sight() -> None:
    onward = queue(steps=(at(60, queue=QueueName("other")),), skip=Skip.NOBODY_READY)
    stage = Stage(onward, queue("other", join_states=frozenset()), agent("ann"))
    stage.play(ev.SwitchLost(at=stage.now, switch=PBX))
    call = stage.arrive()
    assert stage.router.floor.calls[call].queue == "sales"
    stage.play(ev.SwitchSynced(at=stage.now, switch=PBX))
    assert stage.rings() == {"ann": call}


def test_a_step_taken_while_a_phone_rings_holds_when_the_call_waits_again() -> None:
    stage = Stage(
        queue(require={"fr": 7}, steps=(step(10, "anybody"),), ring_timeout=30 * SECOND),
        agent("ann", fr=8),
        agent("bob", fr=1),
    )
    call = stage.arrive()
    stage.pass_time(15)
    assert stage.rings() == {"ann": call}
    stage.fail(call, OfferOutcome.NO_ANSWER)
    assert stage.rings() == {"bob": call}


def test_overflow_sends_the_call_on_with_its_age_and_both_queues_count_it_once() -> None:
    stage = Stage(
        queue(steps=(at(20, queue=QueueName("other")),), skip=Skip.NEVER, join_states=frozenset()),
        queue("other", join_states=frozenset()),
        agent("bob", "other"),
        logged_in=False,
    )
    call = stage.arrive()
    later = stage.wait(5).arrive("other")
    stage.pass_time(15)
    assert stage.router.floor.in_order() == [call, later], "older, though it came later to this queue"
    [left] = stage.told(f.Left)
    assert (left.queue, left.reason, left.wait_ms) == ("sales", LeaveReason.OVERFLOWED, 20_000)
    assert [(fact.queue, fact.moved_from) for fact in stage.told(f.Queued) if fact.call == call] == [
        ("sales", None),
        ("other", "sales"),
    ]
    stage.log_in("bob")
    assert stage.rings() == {"bob": call}
    stage.answer(call)
    stage.end_talk(call)
    assert [fact.disposition for fact in stage.told(f.Ended)] == [Disposition.ANSWERED]
    assert stage.told(f.Answered)[0].wait_ms == stage.now // 1_000_000 - left.at // 1_000_000 + 20_000


def test_overflow_to_a_queue_that_takes_nobody_is_tried_again_until_it_does() -> None:
    stage = Stage(
        queue(steps=(at(20, queue=QueueName("other")),), join_states=frozenset()),
        queue("other"),
        agent("bob", "other"),
        logged_in=False,
    )
    call = stage.arrive()
    stage.pass_time(60)
    assert stage.router.floor.calls[call].queue == "sales"
    stage.log_in("bob")
    stage.pass_time(5)
    assert stage.rings() == {"bob": call}


def test_an_edit_of_the_steps_reaches_those_who_wait() -> None:
    ann, bob = agent("ann", "sales", "other", fr=8), agent("bob", fr=4)
    stage = Stage(queue(require={"fr": 7}), OTHER, ann, bob)
    busy(stage, "ann")
    call = stage.arrive()
    stage.pass_time(30)
    stage.reload(queue(require={"fr": 7}, steps=(step(40, "fr >= 3"),)), OTHER, ann, bob)
    assert stage.pass_time(9).rings() == {}
    assert stage.pass_time(1).rings() == {"bob": call}


def test_a_step_that_is_due_already_is_taken_at_the_reload() -> None:
    ann, bob = agent("ann", "sales", "other", fr=8), agent("bob", fr=4)
    stage = Stage(queue(require={"fr": 7}), OTHER, ann, bob)
    busy(stage, "ann")
    call = stage.arrive()
    stage.pass_time(30)
    stage.reload(queue(require={"fr": 7}, steps=(step(25, "fr >= 3"),)), OTHER, ann, bob)
    assert stage.rings() == {"bob": call}


def test_steps_go_on_after_a_restart_where_they_were() -> None:
    parts: list[Part] = [queue(require={"fr": 7}, steps=(step(20, "fr >= 3"),)), agent("bob", fr=4)]
    stage = Stage(*parts, logged_in=False)
    parts[0] = queue(
        require={"fr": 7}, steps=(step(20, "fr >= 3"),), join_states=frozenset(), skip=Skip.NEVER
    )
    stage.reload(*parts)
    stage.log_in("bob")
    call = stage.arrive()
    stage.pass_time(15)
    again = stage.restarted(*parts)
    assert again.pass_time(4).rings() == {}
    assert again.pass_time(1).rings() == {"bob": call}


def test_what_a_call_asks_for_itself_goes_on_to_hold_unless_a_step_drops_it() -> None:
    for drop, rung in ((False, {}), (True, {"bob": "c2"})):
        stage = Stage(
            queue(steps=(at(20, drop_own=drop),)), OTHER, agent("ann", "sales", "other", vip=5), agent("bob")
        )
        busy(stage, "ann")
        stage.arrive(vip=1)
        stage.pass_time(20)
        assert stage.rings() == rung
