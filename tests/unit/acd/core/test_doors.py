"""Queues that close: who is refused, who is still served, who leaves, and what a restart and a reload make of it."""

import pytest

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import QueueName
from acd.core.outcomes import BlockReason, LeaveReason, OfferOutcome, SwitchedBy
from acd.core.router import Router
from acd.core.rules import Step
from tests.unit.acd.core.stage import SECOND, Stage, agent, queue

pytestmark = pytest.mark.unit
HOURS, PERSON = SwitchedBy.HOURS, SwitchedBy.PERSON
LEAVE = queue(closing_grace=0, join_states=frozenset())
LATER = queue(closing_grace=30 * SECOND, join_states=frozenset())
SERVE = queue(join_states=frozenset())


def switch(
    stage: Stage,
    *,
    closed: bool,
    by: SwitchedBy = HOURS,
    to: str = "sales",
    until: int = 0,
    message: str = "",
) -> None:
    """Close or open a queue."""
    who = "sue" if by is PERSON else ""
    stage.play(
        ev.QueueSwitched(
            at=stage.now, queue=QueueName(to), closed=closed, by=by, who=who, until=until, message=message
        )
    )


def left(stage: Stage) -> list[tuple[str, LeaveReason]]:
    return [(fact.call, fact.reason) for fact in stage.told(f.Left)]


def blocked(stage: Stage) -> list[tuple[str, BlockReason]]:
    return [(fact.call, fact.reason) for fact in stage.told(f.Blocked)]


def test_a_closed_queue_refuses_and_an_open_one_does_not() -> None:
    stage = Stage(SERVE, agent("ann"))
    switch(stage, closed=True)
    refused = stage.arrive()
    switch(stage, closed=False)
    stage.arrive()
    assert blocked(stage) == [(refused, BlockReason.CLOSED)]
    assert [(fact.closed, fact.by) for fact in stage.told(f.QueueSwitched)] == [(True, HOURS), (False, HOURS)]


def test_hours_and_hand_close_each_for_itself() -> None:
    stage = Stage(SERVE)
    switch(stage, closed=True)
    switch(stage, closed=True, by=PERSON)
    switch(stage, closed=False)
    stage.arrive()
    switch(stage, closed=False, by=PERSON)
    stage.arrive()
    assert blocked(stage) == [("c1", BlockReason.CLOSED)]


def test_who_waits_at_closing_is_served_where_the_queue_says_so() -> None:
    stage = Stage(SERVE, agent("ann"), logged_in=False)
    call = stage.arrive()
    switch(stage, closed=True)
    stage.pass_time(3_600)
    stage.log_in("ann")
    assert stage.rings() == {"ann": call}


def test_who_waits_at_closing_leaves_as_closed_and_is_told_when_it_opens() -> None:
    stage = Stage(LEAVE, logged_in=False)
    calls = [stage.arrive() for _ in range(5)]
    switch(stage, closed=True, until=stage.now + 3_600 * SECOND)
    assert left(stage) == [(call, LeaveReason.CLOSED) for call in calls]
    released = [command for command in stage.commands if isinstance(command, cmd.Release)]
    assert {(one.reason, one.opens - stage.now) for one in released} == {("closed", 3_600 * SECOND)}


def test_a_grace_is_waited_for_and_an_opening_within_it_lets_them_stay() -> None:
    stage = Stage(LATER)
    first = stage.arrive()
    switch(stage, closed=True)
    stage.pass_time(29)
    assert left(stage) == []
    switch(stage, closed=False)
    stage.pass_time(60)
    assert left(stage) == []
    switch(stage, closed=True)
    stage.pass_time(30)
    assert left(stage) == [(first, LeaveReason.CLOSED)]


def test_a_second_reason_does_not_prolong_the_grace() -> None:
    stage = Stage(LATER)
    call = stage.arrive()
    switch(stage, closed=True)
    stage.pass_time(20)
    switch(stage, closed=True, by=PERSON)
    stage.pass_time(10)
    assert left(stage) == [(call, LeaveReason.CLOSED)]


def test_a_phone_that_rings_may_be_answered_and_when_it_is_not_the_caller_leaves() -> None:
    stage = Stage(LEAVE, agent("ann"), agent("bob"))
    one, two = stage.arrive(), stage.arrive()
    switch(stage, closed=True)
    stage.answer(one)
    stage.fail(two, OfferOutcome.NO_ANSWER)
    assert left(stage) == [(two, LeaveReason.CLOSED)]
    assert [fact.call for fact in stage.told(f.Answered)] == [one]


def test_who_is_sent_to_a_closed_queue_by_a_person_may_stay() -> None:
    stage = Stage(LEAVE, queue("other", join_states=frozenset()))
    call = stage.arrive("other")
    switch(stage, closed=True)
    stage.wait(1)
    stage.play(ev.CallMoved(at=stage.now, call=call, queue=QueueName("sales")))
    assert stage.router.floor.calls[call].queue == "sales"
    assert left(stage) == [(call, LeaveReason.MOVED)]


def test_a_queue_closed_by_hand_until_a_moment_opens_then() -> None:
    stage = Stage(SERVE)
    switch(stage, closed=True, by=PERSON, until=stage.now + 60 * SECOND)
    stage.pass_time(60)
    stage.arrive()
    assert blocked(stage) == []
    assert stage.told(f.QueueSwitched)[-1].by is SwitchedBy.TIME


def test_a_message_goes_with_the_refusal() -> None:
    stage = Stage(SERVE)
    switch(stage, closed=True, by=PERSON, message="fire-drill")
    stage.arrive()
    assert [command.message for command in stage.commands if isinstance(command, cmd.Refuse)] == [
        "fire-drill"
    ]


def test_closing_what_is_closed_so_already_and_what_is_not_there_changes_nothing() -> None:
    stage = Stage(SERVE)
    switch(stage, closed=False)
    switch(stage, closed=True)
    switch(stage, closed=True)
    switch(stage, closed=True, to="nowhere")
    assert len(stage.told(f.QueueSwitched)) == 1
    assert [fact.why for fact in stage.told(f.Stale)] == [
        "is so already",
        "is so already",
        "no such queue",
    ]


def test_a_restart_remembers_and_who_comes_back_too_late_leaves() -> None:
    stage = Stage(LATER)
    call = stage.arrive()
    switch(stage, closed=True, by=PERSON, until=stage.now + 600 * SECOND)
    router = Router.recalled(stage.memory())
    again = Stage(LATER, router=router, now=stage.now)
    woken = router.wake(stage.now, stage.now + SECOND)
    armed = {
        command.timer.kind.value: command.at
        for command in woken.commands
        if isinstance(command, cmd.ArmTimer)
    }
    assert armed["opening"] == stage.now + 600 * SECOND
    assert armed["closing"] == stage.now + 30 * SECOND
    again.wait(40)
    again.play(ev.CallReturned(at=again.now, call=call))
    assert left(again) == [(call, LeaveReason.CLOSED)]


def test_a_reload_that_lets_them_leave_counts_at_once() -> None:
    stage = Stage(SERVE)
    call = stage.arrive()
    switch(stage, closed=True)
    stage.wait(10)
    stage.reload(LATER)
    assert left(stage) == []
    stage.pass_time(20)
    assert left(stage) == [(call, LeaveReason.CLOSED)]


def test_an_overflow_into_a_closed_queue_waits_until_it_opens() -> None:
    stage = Stage(
        queue("first", join_states=frozenset(), steps=(Step(after=0, queue=QueueName("sales")),)), SERVE
    )
    switch(stage, closed=True)
    call = stage.arrive("first")
    stage.pass_time(20)
    assert stage.router.floor.calls[call].queue == "first"
    switch(stage, closed=False)
    stage.pass_time(5)
    assert stage.router.floor.calls[call].queue == "sales"
