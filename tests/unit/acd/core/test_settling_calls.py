"""What a waiting call has come to is settled before anybody is matched: found by the duel with tests.oracle."""

from typing import Any

import pytest

from acd.core import events as ev
from acd.core import facts as f
from acd.core.expression import read
from acd.core.ids import AgentName, GroupName, QueueName
from acd.core.outcomes import LeaveReason, OfferOutcome, Strategy
from acd.core.rules import Step
from tests.unit.acd.core.stage import SECOND, Stage, agent, queue, serving, with_

pytestmark = pytest.mark.unit

ANN, BOB = AgentName("ann"), AgentName("bob")
BACK = frozenset({GroupName("back")})


def step(after: int, require: str | None = None, **fields: Any) -> Step:
    """A step in a line."""
    return Step(after=after * SECOND, require=None if require is None else read(require), **fields)


def reasons(stage: Stage) -> list[LeaveReason]:
    """Why calls left their queues."""
    return [fact.reason for fact in stage.told(f.Left)]


def test_calls_whose_step_is_skipped_at_once_are_matched_in_the_order_of_the_line() -> None:
    stage = Stage(
        queue(steps=(step(60, groups=BACK),)),
        queue("other"),
        agent("ann", fr=5, de=5),
        with_(agent("bob", "other", fr=5, de=5), groups=BACK),
    )
    stage.pause("ann")
    stage.arrive(fr=1)
    first = stage.arrive(priority=5, de=1)
    assert stage.rings() == {}
    stage.log_out("ann")

    assert stage.rings() == {"bob": first}


def test_a_pair_stays_held_off_when_the_call_is_sent_on() -> None:
    stage = Stage(
        queue(steps=(step(5, queue=QueueName("next")),), back_off={}),
        queue("next"),
        agent("bob", "sales", "next"),
        agent("ann", "next"),
    )
    call = stage.arrive()
    assert stage.rings() == {"bob": call}
    stage.wait(6).fail(call, OfferOutcome.NO_ANSWER)

    assert reasons(stage) == [LeaveReason.OVERFLOWED]
    assert stage.rings() == {"ann": call}


def test_a_preference_ends_when_its_agent_goes_while_the_phone_rings() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    call = stage.arrive(asking={"prefer": ((BOB, 1),)})
    assert stage.rings() == {"bob": call}
    stage.log_out("bob")
    stage.fail(call, OfferOutcome.RESCINDED)

    assert [fact.call for fact in stage.told(f.PreferenceEnded)] == [call]
    assert stage.rings() == {"ann": call}


def test_a_preference_ends_when_a_step_asks_for_what_its_agent_lacks() -> None:
    stage = Stage(
        queue(steps=(step(5, "fr >= 3"),), prefer_for=600 * SECOND),
        agent("ann", fr=3),
        agent("bob"),
        queue("other"),
    )
    stage.pause("bob")
    call = stage.arrive(asking={"prefer": ((BOB, 1),)})
    assert stage.rings() == {}
    stage.pass_time(5)
    assert stage.rings() == {"ann": call}


def test_a_call_over_the_longest_wait_is_not_offered_again_after_the_phone_that_rang() -> None:
    stage = Stage(queue(max_wait=3 * SECOND), agent("ann"), agent("bob"))
    call = stage.arrive()
    stage.pass_time(10).fail(call, OfferOutcome.NO_ANSWER)

    assert len(stage.told(f.Offered)) == 1
    assert reasons(stage) == [LeaveReason.TIMED_OUT]


def test_a_preference_whose_time_is_over_does_not_outlast_the_phone_that_rang() -> None:
    stage = Stage(queue(prefer_for=5 * SECOND), agent("ann"), agent("bob"))
    call = stage.arrive(asking={"prefer": ((BOB, 1),)})
    stage.pass_time(10).fail(call, OfferOutcome.NO_ANSWER)

    assert stage.rings() == {"ann": call}


def test_a_direct_call_waits_while_its_queue_rings_as_many_phones_as_it_may() -> None:
    stage = Stage(queue(max_offers=1), queue("other"), agent("ann"), agent("bob", "sales", "other"))
    stage.answer(stage.arrive("other"))
    ringing = stage.arrive()
    direct = stage.arrive(asking={"direct": BOB})
    stage.end_talk(stage.router.floor.agents[BOB].call or direct)
    assert stage.rings() == {"ann": ringing}
    stage.answer(ringing)
    assert stage.rings() == {"bob": direct}


def test_a_step_that_is_due_is_taken_at_once_where_the_one_before_could_not_send_the_call_on() -> None:
    stage = Stage(
        queue(steps=(step(5, queue=QueueName("shut")), step(10, groups=BACK))),
        queue("shut", is_open=False),
        agent("ann"),
        with_(agent("bob", "shut"), groups=BACK),
    )
    call = stage.arrive()
    stage.wait(12).fail(call, OfferOutcome.NO_ANSWER)

    assert [fact.step for fact in stage.told(f.StepTaken)] == [1, 2]
    assert stage.rings() == {"bob": call}


def test_reserves_who_are_called_are_chosen_by_the_queue_as_other_agents_are() -> None:
    reserve = serving("sales", reserve=True)
    stage = Stage(
        queue(require={"fr": 1}, reserve_on=1, strategy=Strategy.SKILLS),
        agent("ann", reserve, fr=2),
        agent("bob", reserve, fr=9),
        agent("cid", fr=5),
    )
    first = stage.arrive()
    second = stage.arrive()

    assert stage.rings() == {"cid": first, "bob": second}


def test_a_reload_after_which_nobody_could_serve_skips_the_step_at_once() -> None:
    relaxed = queue(require={"fr": 3}, steps=(step(60, "anybody"),))
    stage = Stage(relaxed, agent("ann", fr=3))
    stage.pause("ann")
    stage.arrive()
    assert stage.told(f.StepTaken) == []
    stage.reload(relaxed, agent("ann"))

    assert [fact.skipped for fact in stage.told(f.StepTaken)] == [True]


def test_a_reload_ends_a_preference_for_an_agent_who_can_not_serve_any_more() -> None:
    stage = Stage(queue(require={"fr": 3}), agent("ann", fr=3), agent("bob", fr=3))
    stage.pause("bob")
    call = stage.arrive(asking={"prefer": ((BOB, 1),)})
    stage.reload(queue(require={"fr": 3}), agent("ann", fr=3), agent("bob"))

    assert stage.rings() == {"ann": call}


def test_a_reload_sends_on_a_call_whose_step_of_the_same_number_now_does_so() -> None:
    stage = Stage(
        queue(steps=(step(5, raise_priority=1),)), queue("next"), agent("ann"), agent("bob", "next")
    )
    stage.pause("ann")
    call = stage.arrive()
    stage.pass_time(6)
    stage.reload(
        queue(steps=(step(5, queue=QueueName("next")),)), queue("next"), agent("ann"), agent("bob", "next")
    )

    assert stage.rings() == {"bob": call}


def test_the_steps_of_a_call_out_of_reach_begin_anew_at_a_reload_too() -> None:
    old = queue(steps=(step(1, groups=BACK), step(2, raise_priority=1)))
    new = queue(steps=(step(50, groups=BACK),))
    people = (agent("ann"), with_(agent("bob", "other"), groups=BACK), queue("other"))
    stage = Stage(old, *people)
    stage.pause("ann")
    stage.pause("bob")
    call = stage.arrive()
    stage.pass_time(3).play(ev.SessionLost(at=stage.now, call=call))
    stage.reload(new, *people)
    stage.resume("bob")
    stage.play(ev.CallReturned(at=stage.now, call=call))

    assert stage.rings() == {}, "the group is added after 50 s only"


def test_who_becomes_free_takes_the_first_of_the_line_though_another_queue_may_ring_again() -> None:
    stage = Stage(queue(), queue("few", max_offers=1), agent("ann", "sales", "few"))
    ringing = stage.arrive("few")
    first = stage.arrive()
    stage.arrive("few")
    assert stage.rings() == {"ann": ringing}

    stage.hang_up(ringing)
    assert stage.rings() == {"ann": first}
