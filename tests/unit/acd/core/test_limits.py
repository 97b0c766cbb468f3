"""Who may join, who must leave, and what people and keys may do to a waiting call."""

from typing import Any

import pytest

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import QueueName
from acd.core.outcomes import BlockReason, Disposition, LeaveReason, OfferOutcome, PhoneState
from acd.core.states import AgentState
from tests.unit.acd.core.stage import SECOND, Stage, agent, queue

pytestmark = pytest.mark.unit
AVAILABLE = frozenset({AgentState.READY, AgentState.OFFERED, AgentState.TALKING, AgentState.WRAP_UP})


def blocked(stage: Stage) -> list[BlockReason]:
    return [fact.reason for fact in stage.told(f.Blocked)]


def left(stage: Stage) -> list[tuple[str, LeaveReason]]:
    return [(fact.call, fact.reason) for fact in stage.told(f.Left)]


# ---------------------------------------------------------------- joining


@pytest.mark.parametrize("what", ["log out", "pause", "phone"])
def test_a_call_joins_only_while_somebody_is_in_a_state_that_counts(what: str) -> None:
    stage = Stage(queue(join_states=AVAILABLE), agent("ann"), agent("bob", "other"))
    if what == "log out":
        stage.log_out("ann")
    elif what == "pause":
        stage.pause("ann")
    else:
        stage.phone("ann", PhoneState.UNREACHABLE)
    stage.arrive()
    assert blocked(stage) == [BlockReason.NOBODY_LOGGED_IN]


def test_wrap_up_counts_unless_it_is_left_out() -> None:
    for states, refused in ((AVAILABLE, 0), (AVAILABLE - {AgentState.WRAP_UP}, 1)):
        stage = Stage(queue(join_states=states, wrap_up=60 * SECOND), agent("ann"))
        call = stage.arrive()
        stage.answer(call)
        stage.end_talk(call)
        stage.arrive()
        assert len(blocked(stage)) == refused


def test_a_ratio_of_waiting_callers_to_agents_limits_the_queue_but_never_an_empty_one() -> None:
    stage = Stage(queue(max_per_agent=0.5, join_states=frozenset()), agent("ann"), agent("bob"))
    for _ in range(2):
        stage.answer(stage.arrive())
    assert blocked(stage) == []
    stage.arrive()
    stage.arrive()
    assert blocked(stage) == [BlockReason.LONG_WAIT]


def test_an_estimated_wait_over_the_limit_refuses_the_call() -> None:
    stage = Stage(queue(max_estimate=240 * SECOND), agent("ann"))
    stage.answer(stage.arrive())
    stage.arrive()
    assert blocked(stage) == [], "180 s: one before it to be served"
    stage.arrive()
    assert blocked(stage) == [BlockReason.LONG_WAIT]


# ---------------------------------------------------------------- leaving


def test_who_waited_as_long_as_the_queue_allows_leaves_as_timed_out() -> None:
    stage = Stage(queue(max_wait=30 * SECOND, join_states=frozenset()), logged_in=False)
    call = stage.arrive()
    stage.pass_time(29.9)
    assert left(stage) == []
    stage.pass_time(0.1)
    assert left(stage) == [(call, LeaveReason.TIMED_OUT)]
    assert (
        stage.commands == [cmd.Release(call=call, verdict=Disposition.LEFT, reason="timed_out")]
        or cmd.Release(call=call, verdict=Disposition.LEFT, reason="timed_out") in stage.commands
    )


def test_a_phone_that_rings_at_that_moment_may_ring_to_its_end() -> None:
    stage = Stage(queue(max_wait=5 * SECOND), agent("ann"))
    call = stage.arrive()
    stage.pass_time(10)
    assert stage.rings() == {"ann": call}
    stage.fail(call, OfferOutcome.NO_ANSWER)
    assert left(stage) == [(call, LeaveReason.TIMED_OUT)]
    answered = Stage(queue(max_wait=5 * SECOND), agent("ann"))
    call = answered.arrive()
    answered.pass_time(10).answer(call)
    assert left(answered) == []


def test_when_nobody_is_there_any_more_those_who_wait_leave_after_the_grace() -> None:
    rule = queue(stay_states=AVAILABLE, stay_grace=10 * SECOND)
    stage = Stage(rule, agent("ann"), agent("bob"))
    talking = stage.arrive()
    stage.answer(talking)
    stage.pause("bob")
    call = stage.arrive()
    stage.log_out("ann")
    stage.end_talk(talking)
    stage.pass_time(9)
    assert left(stage) == []
    stage.pass_time(1)
    assert left(stage) == [(call, LeaveReason.NO_AGENTS)]


def test_somebody_who_comes_back_in_time_keeps_them_in() -> None:
    stage = Stage(queue(stay_states=AVAILABLE, stay_grace=10 * SECOND), agent("ann"))
    first = stage.arrive()
    stage.answer(first)
    second = stage.arrive()
    stage.pause("ann")
    stage.end_talk(first)
    stage.pass_time(5)
    stage.resume("ann")
    assert stage.rings() == {"ann": second}
    stage.pass_time(10)
    assert left(stage) == []


def test_an_exit_key_lets_the_caller_go_with_the_key_and_other_keys_do_nothing() -> None:
    stage = Stage(queue(exit_keys=frozenset("0*")), agent("ann"))
    call = stage.arrive()
    stage.play(ev.KeyPressed(at=stage.now, call=call, key="5"))
    assert left(stage) == []
    stage.play(ev.KeyPressed(at=stage.now, call=call, key="0"))
    assert left(stage) == [(call, LeaveReason.KEY)]
    assert cmd.Release(call=call, verdict=Disposition.LEFT, reason="key", key="0") in stage.commands
    assert [fact.outcome for fact in stage.told(f.OfferEnded)] == [OfferOutcome.RESCINDED]
    assert stage.state("ann") == "ready"


def test_a_person_may_withdraw_a_waiting_call() -> None:
    stage = Stage(queue(join_states=frozenset()), logged_in=False)
    call = stage.arrive()
    stage.play(ev.CallLeftQueue(at=stage.now, call=call, reason=LeaveReason.WITHDRAWN))
    assert left(stage) == [(call, LeaveReason.WITHDRAWN)]
    assert cmd.Release(call=call, verdict=Disposition.LEFT, reason="withdrawn") in stage.commands


def test_a_person_moves_a_waiting_call_to_another_queue_with_its_age() -> None:
    stage = Stage(queue("a", join_states=frozenset()), queue("b"), agent("bob", "b"))
    call = stage.arrive("a")
    stage.wait(30).play(ev.CallMoved(at=stage.now, call=call, queue=QueueName("b")))
    assert stage.rings() == {"bob": call}
    assert left(stage) == [(call, LeaveReason.MOVED)]
    assert stage.told(f.Offered)[0].wait_ms == 30_000


def test_a_call_that_rings_is_moved_when_the_phone_is_quiet() -> None:
    stage = Stage(queue("a"), queue("b"), agent("ann", "a"), agent("bob", "b"))
    call = stage.arrive("a")
    stage.play(ev.CallMoved(at=stage.now, call=call, queue=QueueName("b")))
    assert [type(command) for command in stage.commands] == [cmd.Rescind]
    stage.fail(call, OfferOutcome.RESCINDED)
    assert stage.rings() == {"bob": call}


@pytest.mark.parametrize("target", ["a", "nowhere"])
def test_a_move_to_nowhere_is_stale(target: str) -> None:
    stage = Stage(queue("a", join_states=frozenset()))
    call = stage.arrive("a")
    stage.play(ev.CallMoved(at=stage.now, call=call, queue=QueueName(target)))
    assert left(stage) == []
    assert len(stage.told(f.Stale)) == 1


# ---------------------------------------------------------------- coming back


def gave_up(number: str, **fields: Any) -> Stage:
    stage = Stage(queue(resume_within=60 * SECOND, join_states=frozenset(), **fields))
    stage.wait(5)
    mine = stage.arrive(asking={"caller": number})
    stage.wait(20).arrive()
    stage.wait(5).hang_up(mine)
    return stage


def test_a_caller_who_gave_up_and_is_back_in_time_has_the_old_place_once() -> None:
    stage = gave_up("+4930123456")
    other = stage.router.floor.in_order()[0]
    back = stage.wait(30).arrive(asking={"caller": "+4930123456"})
    twice = stage.wait(1).arrive(asking={"caller": "+4930123456"})
    assert stage.router.floor.in_order() == [back, other, twice]
    assert [(fact.call, fact.earlier) for fact in stage.told(f.PlaceRestored)] == [(back, "c1")]


def test_after_that_time_a_caller_stands_at_the_end() -> None:
    stage = gave_up("+4930123456")
    stage.wait(61).arrive(asking={"caller": "+4930123456"})
    assert stage.told(f.PlaceRestored) == []


@pytest.mark.parametrize("number", ["", "anonymous", "unknown", "12", "+4930999123"])
def test_nobody_takes_the_place_of_another_by_a_number_that_many_have(number: str) -> None:
    stage = gave_up(number, shared_numbers=("+4930999",))
    stage.wait(5).arrive(asking={"caller": number})
    assert stage.told(f.PlaceRestored) == []


def test_the_place_is_kept_over_a_restart() -> None:
    stage = gave_up("+4930123456")
    rule = queue(resume_within=60 * SECOND, join_states=frozenset())
    again = stage.restarted(rule)
    back = again.wait(5).arrive(asking={"caller": "+4930123456"})
    assert again.router.floor.in_order()[0] == back


# ---------------------------------------------------------------- requests that make no sense


def test_parts_of_a_request_that_make_no_sense_are_told_and_the_queue_s_own_rules_count() -> None:
    stage = Stage(queue(require={"fr": 5}), agent("ann", fr=7))
    call = stage.arrive(asking={"misread": ("need",)})
    assert stage.rings() == {"ann": call}
    assert [fact.parts for fact in stage.told(f.Misread)] == [("need",)]


def test_a_call_whose_new_queue_was_removed_before_its_phone_was_quiet_stays_where_it_is() -> None:
    stage = Stage(queue(), queue("other"), agent("ann"))
    call = stage.arrive()
    stage.play(ev.CallMoved(at=stage.now, call=call, queue=QueueName("other")))
    stage.reload(queue(), agent("ann"))
    stage.fail(call, OfferOutcome.RESCINDED)
    assert stage.router.floor.calls[call].queue == "sales"
    assert left(stage) == []
