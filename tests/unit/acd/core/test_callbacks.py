"""Callbacks and messages: the place kept, attempts and their ends, what a restart and the hours make of them."""

from typing import Any

import pytest

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.calls import Call
from acd.core.ids import CallId, QueueName, Uniqueid, WorkId
from acd.core.outcomes import LeaveReason, OfferOutcome, Strategy, WorkKind, WorkMiss, WorkOutcome
from acd.core.rules import CallbackRule, QueueRule
from acd.core.work import WorkItem
from tests.unit.acd.core.stage import PBX, SECOND, Stage, agent, queue

pytestmark = pytest.mark.unit
NUMBER = "+4930111111"
MINUTE = 60 * SECOND
RULE = CallbackRule(attempts=2, gap=10 * MINUTE, expiry=60 * MINUTE)


def sales(**fields: Any) -> QueueRule:
    """A queue that calls back."""
    return queue(join_states=frozenset(), **({"callback": RULE} | fields))


def ask(stage: Stage, call: CallId, number: str = NUMBER) -> WorkItem:
    """The caller would rather be called back."""
    stage.play(ev.CallbackAsked(at=stage.now, call=call, number=number, key="1"))
    return next(item for item in stage.router.floor.work.items.values() if item.number == number)


def add(stage: Stage, number: str = NUMBER, **fields: Any) -> WorkId:
    """Work that comes from no call."""
    work = WorkId(f"w{len(stage.told(f.WorkAdded)) + 1}")
    event = {"kind": WorkKind.CALLBACK, "queue": QueueName("sales"), "switch": PBX, "number": number} | fields
    stage.play(ev.WorkArrived(at=stage.now, work=work, **event))
    return work


def attempt(stage: Stage) -> Call:
    """The one attempt that is open."""
    (call,) = [call for call in stage.router.floor.calls.values() if call.work is not None]
    return call


def errands(stage: Stage) -> list[cmd.Errand]:
    return [c.errand for c in stage.commands if isinstance(c, cmd.Offer) and c.errand is not None]


def line_made(stage: Stage, call: CallId) -> None:
    stage.play(ev.WorkLineMade(at=stage.now, call=call, channel="Local/x;2", uniqueid=Uniqueid("u9")))


def reached(stage: Stage, call: CallId) -> None:
    stage.play(ev.CustomerReached(at=stage.now, call=call))


def missed(stage: Stage, call: CallId, outcome: WorkMiss = WorkMiss.BUSY) -> None:
    stage.play(ev.CustomerMissed(at=stage.now, call=call, outcome=outcome))


def ends(stage: Stage) -> list[tuple[WorkOutcome, int]]:
    return [(fact.outcome, fact.attempts) for fact in stage.told(f.WorkEnded)]


def test_a_caller_who_asks_leaves_and_the_callback_stands_at_the_same_place() -> None:
    stage = Stage(sales())
    first = stage.arrive()
    joined = stage.router.floor.calls[first].joined
    second = stage.wait(5).arrive()
    item = ask(stage.wait(5), first)
    assert (item.joined, item.parent) == (joined, first)
    assert stage.told(f.Left)[0].reason is LeaveReason.KEY
    assert [entry[1] for entry in stage.router.floor.line.queue_in_order(QueueName("sales"))] == [
        attempt(stage).id,
        second,
    ]
    (way,) = [c.way for c in stage.commands if isinstance(c, cmd.Release)]
    assert way is not None
    assert way.target == item.id


def test_a_free_agent_is_offered_the_errand_and_never_more_callbacks_go_out_than_agents_are_free() -> None:
    stage = Stage(sales(strategy=Strategy.SIMULTANEOUS), agent("ann"), agent("bob"))
    stage.pause("bob")
    add(stage)
    add(stage, "+4930222222")
    assert [fact.agent for fact in stage.told(f.Offered)] == ["ann"]
    stage.resume("bob")
    assert [fact.agent for fact in stage.told(f.Offered)] == ["ann", "bob"], (
        "one agent each, whatever rings at once"
    )


def test_who_is_reached_talks_and_the_work_is_done_at_the_end() -> None:
    stage = Stage(sales(), agent("ann"))
    stage.pause("ann")
    item = ask(stage, stage.arrive())
    call = attempt(stage).id
    stage.resume("ann")
    assert [errand.number for errand in errands(stage)] == [NUMBER]
    line_made(stage, call)
    stage.answer(call)
    reached(stage.wait(3), call)
    stage.end_talk(call)
    assert ends(stage) == [(WorkOutcome.DONE, 1)]
    assert stage.told(f.WorkReached)[0].work == item.id
    assert stage.state("ann") == "ready"
    assert stage.router.floor.work.items == {}


def test_a_busy_customer_is_tried_again_after_the_gap_and_then_given_up() -> None:
    stage = Stage(sales(), agent("ann"))
    add(stage)
    for again in (True, False):
        call = attempt(stage).id
        line_made(stage, call)
        stage.answer(call)
        missed(stage, call)
        stage.end_talk(call)
        if again:
            assert stage.router.floor.calls == {}
            stage.pass_time(599)
            assert stage.router.floor.calls == {}
            stage.pass_time(2)
    assert ends(stage) == [(WorkOutcome.NOT_REACHED, 2)]
    assert [fact.outcome for fact in stage.told(f.WorkMissed)] == [WorkMiss.BUSY, WorkMiss.BUSY]


def test_an_agent_who_hangs_up_first_costs_the_customer_no_attempt() -> None:
    stage = Stage(sales(), agent("ann"))
    work = add(stage)
    call = attempt(stage).id
    line_made(stage, call)
    stage.answer(call)
    stage.end_talk(call)
    assert [fact.outcome for fact in stage.told(f.WorkMissed)] == [WorkMiss.AGENT_LEFT]
    assert stage.router.floor.work.items[work].attempts == 0
    stage.pass_time(6)
    assert attempt(stage).id != call


def test_an_agent_who_does_not_answer_leaves_the_callback_in_line_for_the_next() -> None:
    stage = Stage(sales(), agent("ann"), agent("bob"))
    add(stage)
    call = attempt(stage)
    stage.fail(call.id, OfferOutcome.NO_ANSWER)
    assert [fact.agent for fact in stage.told(f.Offered)] == ["ann", "bob"]
    assert ends(stage) == []


def test_customer_first_holds_the_agent_ready_and_frees_them_when_nobody_picks_up() -> None:
    rule = CallbackRule(customer_first=True, attempts=1, ring=30 * SECOND)
    stage = Stage(sales(callback=rule), agent("ann"))
    add(stage)
    (errand,) = errands(stage)
    assert errand.customer_first
    assert stage.state("ann") == "offered"
    missed(stage, attempt(stage).id, WorkMiss.NO_ANSWER)
    assert stage.state("ann") == "ready"
    assert [fact.outcome for fact in stage.told(f.OfferEnded)] == [OfferOutcome.RESCINDED]
    assert ends(stage) == [(WorkOutcome.NOT_REACHED, 1)]


def test_a_customer_who_picked_up_waits_on_when_the_agent_does_not_answer_and_may_give_up() -> None:
    stage = Stage(sales(callback=CallbackRule(customer_first=True)), agent("ann"))
    add(stage)
    call = attempt(stage).id
    line_made(stage, call)
    reached(stage, call)
    stage.fail(call, OfferOutcome.NO_ANSWER)
    assert attempt(stage).matchable
    stage.hang_up(call)
    assert ends(stage) == [(WorkOutcome.ABANDONED, 0)]
    assert stage.told(f.Abandoned)[0].work


def test_one_number_has_one_callback_in_a_queue() -> None:
    stage = Stage(sales())
    first = ask(stage, stage.arrive())
    again = ask(stage, stage.arrive())
    assert again is first
    assert len(stage.told(f.WorkAdded)) == 1
    add(stage)
    assert stage.told(f.Stale)[-1].why == "is open already"


def test_a_customer_who_calls_again_has_the_place_and_is_not_called_back() -> None:
    stage = Stage(sales())
    item = ask(stage, stage.arrive())
    stage.wait(60).arrive()
    caller = stage.wait(5).arrive(asking={"caller": NUMBER})
    assert stage.router.floor.calls[caller].place == item.joined
    assert ends(stage) == [(WorkOutcome.CALLED_AGAIN, 0)]
    assert all(call.work is None for call in stage.router.floor.calls.values())


def test_work_waits_for_its_time_and_expires_when_nobody_has_it() -> None:
    stage = Stage(sales())
    add(stage, due=stage.now + 60 * SECOND)
    assert stage.router.floor.calls == {}
    stage.pass_time(61)
    assert attempt(stage).joined == stage.told(f.WorkAdded)[0].due
    stage.pass_time(3_600)
    assert ends(stage) == [(WorkOutcome.EXPIRED, 0)]
    assert stage.told(f.Left)[-1].reason is LeaveReason.CANCELLED


def test_a_person_takes_work_away_but_not_from_somebody_who_talks() -> None:
    stage = Stage(sales(), agent("ann"))
    work = add(stage)
    stage.play(ev.WorkCancelled(at=stage.now, work=work, by="eve"))
    assert ends(stage) == [(WorkOutcome.CANCELLED, 0)]
    assert stage.state("ann") == "ready"
    work = add(stage)
    call = attempt(stage).id
    stage.answer(call)
    stage.play(ev.WorkCancelled(at=stage.now, work=work, by="eve"))
    assert stage.told(f.Stale)[-1].why == "somebody is at it"


def test_out_of_calling_hours_callbacks_step_out_of_the_line_and_come_back_at_their_place() -> None:
    stage = Stage(sales())
    item = ask(stage, stage.arrive())
    stage.play(ev.CallingSwitched(at=stage.now, queue=QueueName("sales"), allowed=False))
    assert stage.router.floor.calls == {}
    stage.pass_time(60)
    assert stage.router.floor.calls == {}
    stage.play(ev.CallingSwitched(at=stage.now, queue=QueueName("sales"), allowed=True))
    assert attempt(stage).joined == item.joined
    assert item.attempts == 0


def test_a_restart_keeps_all_work_at_its_place() -> None:
    parts = (sales(), agent("ann"))
    stage = Stage(*parts)
    stage.pause("ann")
    waiting = ask(stage, stage.arrive())
    later = add(stage, "+4930222222", due=stage.now + 60 * SECOND)
    again = stage.restarted(*parts)
    assert attempt(again).joined == waiting.joined
    assert attempt(again).attached
    again.pass_time(61)
    assert again.router.floor.work.items[later].call is not None
    again.resume("ann")
    assert [fact.call for fact in again.told(f.Offered)] == [f"{waiting.id}-1"]


def test_a_restart_in_an_attempt_that_was_never_dialled_tries_it_again() -> None:
    parts = (sales(), agent("ann"))
    stage = Stage(*parts)
    add(stage)
    again = stage.restarted(*parts)
    again.pass_time(30)
    assert again.told(f.OfferEnded)[0].outcome is OfferOutcome.ERROR
    again.pass_time(30)
    assert again.told(f.Offered), "and offered anew"


def test_work_of_a_queue_that_is_gone_is_over() -> None:
    stage = Stage(sales(), queue("other", join_states=frozenset()))
    add(stage, due=stage.now + 60 * SECOND)
    stage.reload(queue("other", join_states=frozenset()))
    stage.pass_time(61)
    assert ends(stage) == [(WorkOutcome.CANCELLED, 0)]
