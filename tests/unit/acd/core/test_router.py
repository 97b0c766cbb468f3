"""The router's decisions, event by event: no loop, no mocks, no clock."""

import pytest

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, CallId, OfferId, QueueName, SwitchName, Uniqueid
from acd.core.outcomes import (
    AbandonStage,
    BlockReason,
    Disposition,
    EndedBy,
    LeaveReason,
    OfferOutcome,
    PhoneState,
    TransferKind,
)
from acd.core.timers import Timer, TimerKind
from tests.unit.acd.core.stage import LONGEST_IDLE, PBX, SECOND, Stage, agent, queue

pytestmark = pytest.mark.unit


# ---------------------------------------------------------------- who rings


def test_the_agent_with_the_skill_rings_and_the_decision_names_why_the_other_was_excluded() -> None:
    stage = Stage(queue(require={"fr": 5}), agent("ann", fr=7), agent("bob", fr=3))
    call = stage.arrive()

    assert stage.rings() == {"ann": call}
    [offer] = stage.told(f.Offered)
    assert offer.decision.excluded == {"needs fr >= 5, has fr = 3": 1}


def test_a_skill_an_agent_lacks_is_undefined_not_zero() -> None:
    stage = Stage(queue(require={"fr": 1}), agent("bob"))
    stage.arrive()

    assert stage.rings() == {}


@pytest.mark.parametrize(
    ("rule", "rung"),
    [(queue(require={"fr": 1}), "ann"), (queue(require={"fr": 1}, strategy=LONGEST_IDLE), "bob")],
    ids=["most skilled first", "longest idle first"],
)
def test_the_strategy_ranks_those_who_can_serve(rule: object, rung: str) -> None:
    stage = Stage(rule, agent("bob", fr=2), agent("ann", fr=9))  # type: ignore[arg-type]  # parametrised
    call = stage.arrive()

    assert stage.rings() == {rung: call}


def test_among_equals_the_longest_idle_rings() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    first = stage.arrive()
    stage.answer(first)
    stage.wait(60).end_talk(first)
    second = stage.arrive()

    assert stage.rings() == {"bob": second}


def test_a_call_asks_for_more_than_its_queue() -> None:
    stage = Stage(queue(require={"fr": 1}), agent("ann", fr=9), agent("bob", fr=1, vip=1))
    call = stage.arrive(vip=1)

    assert stage.rings() == {"bob": call}


def test_an_agent_who_frees_up_gets_the_first_call_in_line() -> None:
    stage = Stage(queue(), agent("ann"))
    busy = stage.arrive()
    stage.answer(busy)
    first, second = stage.arrive(), stage.wait(1).arrive()
    stage.wait(5).end_talk(busy)

    assert stage.rings() == {"ann": first}
    assert second in stage.router.floor.calls


def test_a_head_nobody_can_serve_does_not_block_the_next_and_keeps_its_place() -> None:
    stage = Stage(queue(), queue("billing"), agent("ann", "billing"), agent("bob"), logged_in=False)
    stage.log_in("bob")
    stage.log_in("ann")
    head_busy = stage.arrive()
    head = stage.arrive()
    other = stage.arrive("billing")

    assert stage.rings() == {"bob": head_busy, "ann": other}
    assert stage.router.floor.in_order() == [head]


def test_higher_priority_joins_later_and_is_served_first() -> None:
    stage = Stage(queue(), agent("ann"))
    busy = stage.arrive()
    stage.answer(busy)
    stage.arrive()
    urgent = stage.wait(10).arrive(priority=5)
    stage.end_talk(busy)

    assert stage.rings() == {"ann": urgent}


def test_an_agent_of_another_switch_cannot_be_dialled_and_the_reason_says_so() -> None:
    stage = Stage(queue(), agent("far", switch=SwitchName("pbx2")), agent("ann"))
    stage.arrive()

    [offer] = stage.told(f.Offered)
    assert offer.agent == "ann"
    assert offer.decision.excluded == {"has a phone on pbx2, the call is on pbx1": 1}


# ---------------------------------------------------------------- offers that fail


@pytest.mark.parametrize(
    ("outcome", "seconds"),
    [
        (OfferOutcome.NO_ANSWER, 10),
        (OfferOutcome.REJECTED, 30),
        (OfferOutcome.BUSY, 5),
        (OfferOutcome.UNREACHABLE, 60),
        (OfferOutcome.ERROR, 5),
    ],
)
def test_each_outcome_has_its_back_off_and_the_next_agent_rings_at_once(
    outcome: OfferOutcome, seconds: int
) -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    call = stage.arrive()
    stage.fail(call, outcome)

    assert stage.rings() == {"bob": call}
    [backed_off] = stage.told(f.BackedOff)
    assert backed_off.until == stage.now + seconds * SECOND
    assert stage.told(f.OfferEnded)[0].outcome is outcome


@pytest.mark.parametrize("outcome", [OfferOutcome.RESCINDED, OfferOutcome.LOST_RACE])
def test_outcomes_the_agent_is_not_to_blame_for_cost_nothing(outcome: OfferOutcome) -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    stage.fail(call, outcome)

    assert stage.told(f.BackedOff) == []
    assert stage.rings() == {"ann": call}


def test_the_same_call_does_not_return_to_the_agent_before_the_pair_may_meet_again() -> None:
    stage = Stage(queue(same_call_back_off=20 * SECOND), agent("ann"))
    call = stage.arrive()
    stage.fail(call, OfferOutcome.BUSY)
    stage.wait(5).fire(Timer(TimerKind.BACK_OFF, "ann"))
    assert stage.rings() == {}

    stage.wait(15).fire(Timer(TimerKind.PAIR_BACK_OFF, f"{call} ann"))
    assert stage.rings() == {"ann": call}


def test_a_pair_is_held_off_until_its_timer_fires_however_late_that_is() -> None:
    stage = Stage(queue(same_call_back_off=20 * SECOND), agent("ann"))
    call = stage.arrive()
    stage.fail(call, OfferOutcome.BUSY)
    stage.wait(25).fire(Timer(TimerKind.BACK_OFF, "ann"))
    assert stage.rings() == {}

    stage.fire(Timer(TimerKind.PAIR_BACK_OFF, f"{call} ann"))
    assert stage.rings() == {"ann": call}


def test_a_caller_whose_offer_failed_keeps_the_place() -> None:
    stage = Stage(queue(), agent("ann"))
    first = stage.arrive()
    second = stage.wait(3).arrive()
    stage.fail(first, OfferOutcome.REJECTED)

    assert stage.router.floor.in_order() == [first, second]


def test_an_overdue_offer_is_ended_as_an_error_and_pulled_back() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    offer = stage.offer_of(call)
    stage.wait(20).fire(Timer(TimerKind.OFFER_DEADLINE, offer))

    assert stage.told(f.OfferEnded)[-1].outcome is OfferOutcome.ERROR
    assert cmd.Rescind(offer=offer) in stage.commands


def test_an_overdue_offer_waits_while_its_switch_is_out_of_sight() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    stage.play(ev.SwitchLost(at=stage.now, switch=PBX))
    stage.wait(20).fire(Timer(TimerKind.OFFER_DEADLINE, stage.offer_of(call)))

    assert stage.rings() == {"ann": call}


# ---------------------------------------------------------------- callers who go


def test_a_caller_who_hangs_up_while_waiting_is_abandoned_waiting() -> None:
    stage = Stage(queue(), agent("ann"))
    stage.arrive()
    waiting = stage.arrive()
    stage.wait(4).hang_up(waiting)

    [gone] = stage.told(f.Abandoned)
    assert (gone.stage, gone.wait_ms) == (AbandonStage.WAITING, 4_000)


def test_a_caller_who_hangs_up_while_the_phone_rings_costs_the_agent_nothing() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    next_call = stage.arrive()
    stage.wait(2).hang_up(call)

    [gone] = stage.told(f.Abandoned)
    assert gone.stage is AbandonStage.RINGING
    assert stage.told(f.OfferEnded)[0].outcome is OfferOutcome.CALLER_LEFT
    assert stage.told(f.BackedOff) == []
    assert stage.rings() == {"ann": next_call}


def test_a_call_taken_away_by_the_platform_left_and_was_not_abandoned() -> None:
    stage = Stage(queue(), agent("ann"))
    stage.arrive()
    waiting = stage.arrive()
    stage.play(ev.CallLeftQueue(at=stage.now, call=waiting, reason=LeaveReason.LOST_BY_PLATFORM))

    assert stage.told(f.Abandoned) == []
    assert stage.told(f.Left)[0].reason is LeaveReason.LOST_BY_PLATFORM


# ---------------------------------------------------------------- talks


def test_talk_hold_and_wrap_up_are_kept_apart_and_who_ended_is_known() -> None:
    stage = Stage(queue(wrap_up=10 * SECOND), agent("ann"))
    call = stage.wait(1).arrive()
    offer = stage.offer_of(call)
    stage.play(ev.OfferRang(at=stage.now, offer=offer))
    stage.wait(3).answer(call)
    stage.wait(20).play(ev.HoldStarted(at=stage.now, offer=offer))
    stage.wait(7).play(ev.HoldEnded(at=stage.now, offer=offer))
    stage.wait(5).end_talk(call, EndedBy.CALLER)
    assert stage.state("ann") == "wrap_up"
    stage.wait(10).fire(Timer(TimerKind.WRAP_UP, "ann"))

    [answered], [talked], [wrapped] = stage.told(f.Answered), stage.told(f.Talked), stage.told(f.WrapUpEnded)
    assert (answered.wait_ms, answered.ring_ms) == (3_000, 3_000)
    assert (talked.talk_ms, talked.hold_ms, talked.by) == (25_000, 7_000, EndedBy.CALLER)
    assert wrapped.wrap_up_ms == 10_000
    assert stage.state("ann") == "ready"


def test_a_talk_that_ends_on_hold_closes_the_hold() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    offer = stage.offer_of(call)
    stage.answer(call)
    stage.play(ev.HoldStarted(at=stage.now, offer=offer))
    stage.wait(6).end_talk(call, EndedBy.CALLER)

    assert stage.told(f.TookBack)[0].hold_ms == 6_000
    assert (stage.told(f.Talked)[0].talk_ms, stage.told(f.Talked)[0].hold_ms) == (0, 6_000)


def test_an_unhold_where_nothing_was_held_is_normal() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    offer = stage.offer_of(call)
    stage.answer(call)
    stage.play(ev.HoldEnded(at=stage.now, offer=offer))

    assert stage.told(f.TookBack) == []
    assert stage.told(f.Stale) == []


@pytest.mark.parametrize("kind", list(TransferKind))
def test_a_transfer_frees_the_agent_and_is_counted_once(kind: TransferKind) -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    offer = stage.offer_of(call)
    stage.answer(call)
    transfer = ev.CallTransferred(at=stage.wait(9).now, offer=offer, kind=kind, target="900")
    stage.play(transfer)
    stage.play(transfer)

    assert [t.kind for t in stage.told(f.Transferred)] == [kind]
    assert stage.told(f.Talked)[0].by is EndedBy.TRANSFER
    assert stage.state("ann") == "ready"
    assert len(stage.told(f.Stale)) == 1


def test_a_transfer_told_after_the_phone_s_hang_up_is_stated_once_and_changes_no_talk() -> None:
    stage = Stage(queue(), queue("billing"), agent("ann"), agent("bob", "billing"))
    parent = stage.arrive()
    offer = stage.offer_of(parent)
    stage.answer(parent)
    stage.end_talk(parent, EndedBy.AGENT)
    child = stage.arrive("billing", parent=parent)
    late = ev.CallTransferred(at=stage.now, offer=offer, kind=TransferKind.BLIND, target="700")
    stage.play(late)
    stage.play(late)

    assert [fact.into for fact in stage.told(f.Transferred)] == [child]
    assert stage.told(f.TransferredToQueue)[0].into == child
    assert [fact.by for fact in stage.told(f.Talked)] == [EndedBy.AGENT]
    assert len(stage.told(f.Stale)) == 1


@pytest.mark.parametrize("child_first", [False, True], ids=["transfer seen first", "new session seen first"])
def test_a_transfer_into_another_queue_links_the_segments_in_either_order(child_first: bool) -> None:
    stage = Stage(queue(), queue("billing"), agent("ann"), agent("bob", "billing"))
    parent = stage.arrive()
    offer = stage.offer_of(parent)
    stage.answer(parent)
    transfer = ev.CallTransferred(at=stage.now, offer=offer, kind=TransferKind.BLIND, target="700")
    if child_first:
        child = stage.arrive("billing", parent=parent)
        stage.play(transfer)
    else:
        stage.play(transfer)
        child = stage.arrive("billing", parent=parent)

    [reached] = stage.told(f.TransferredToQueue)
    assert (reached.call, reached.into, reached.queue, reached.agent) == (parent, child, "sales", "ann")
    assert stage.rings() == {"bob": child}


def test_a_caller_put_into_a_waiting_call_by_attended_transfer_keeps_that_call_s_place() -> None:
    stage = Stage(queue(), queue("billing"), agent("ann"), agent("bob", "billing"))
    blocker = stage.arrive("billing")
    stage.answer(blocker)
    parent = stage.arrive()
    offer = stage.offer_of(parent)
    stage.answer(parent)
    consult = stage.wait(2).arrive("billing")
    later = stage.wait(2).arrive("billing")
    stage.play(
        ev.CallTransferred(at=stage.now, offer=offer, kind=TransferKind.ATTENDED, into=consult),
    )
    stage.play(
        ev.CallerReplaced(
            at=stage.now,
            call=consult,
            parent=parent,
            channel="PJSIP/trunk-9",
            uniqueid=Uniqueid("u9"),
            caller="+33",
        ),
    )

    assert stage.router.floor.in_order() == [consult, later]
    assert stage.router.floor.calls[consult].caller == "+33"
    assert stage.told(f.TransferredToQueue)[0].into == consult


# ---------------------------------------------------------------- admission


@pytest.mark.parametrize(
    ("to", "rule", "logged_in", "reason"),
    [
        ("nowhere", queue(), True, BlockReason.UNKNOWN_QUEUE),
        ("sales", queue(max_waiting=0), True, BlockReason.QUEUE_FULL),
        ("sales", queue(), False, BlockReason.NOBODY_LOGGED_IN),
        ("sales", queue(is_open=False), True, BlockReason.CLOSED),
    ],
    ids=lambda value: value.value if isinstance(value, BlockReason) else "",
)
def test_a_call_that_may_not_enter_is_refused_with_its_reason(
    to: str, rule: object, logged_in: bool, reason: BlockReason
) -> None:
    stage = Stage(rule, agent("ann"), logged_in=logged_in)  # type: ignore[arg-type]  # parametrised
    call = stage.arrive(to)

    assert stage.commands == [cmd.Refuse(call=call, reason=reason)]
    assert stage.told(f.Blocked)[0].reason is reason
    assert stage.told(f.Ended)[0].disposition is Disposition.BLOCKED


def test_the_line_s_own_refusal_is_obeyed() -> None:
    stage = Stage(queue(), agent("ann"))
    stage.play(
        ev.CallArrived(
            at=stage.now,
            call=CallId("t1"),
            switch=PBX,
            channel="x",
            uniqueid=Uniqueid("u"),
            queue=QueueName("sales"),
            refuse=BlockReason.TRUNK_FULL,
        )
    )

    assert stage.told(f.Blocked)[0].reason is BlockReason.TRUNK_FULL


def test_the_same_call_arriving_twice_is_stale() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    stage.calls -= 1
    stage.arrive()

    assert len(stage.told(f.Arrived)) == 1
    assert stage.told(f.Stale)[0].subject == call


# ---------------------------------------------------------------- agents and phones


@pytest.mark.parametrize(
    ("phone", "state"),
    [(PhoneState.BUSY, "direct_call"), (PhoneState.UNREACHABLE, "unreachable")],
)
def test_an_agent_whose_phone_is_busy_or_dead_is_not_offered_until_it_is_free(
    phone: PhoneState, state: str
) -> None:
    stage = Stage(queue(), agent("ann"))
    stage.phone("ann", phone)
    call = stage.arrive()
    assert stage.rings() == {}
    assert stage.state("ann") == state

    stage.phone("ann", PhoneState.FREE)
    assert stage.rings() == {"ann": call}


def test_a_phone_that_comes_back_ends_the_back_off_of_being_unreachable() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    stage.fail(call, OfferOutcome.UNREACHABLE)
    stage.phone("ann", PhoneState.UNREACHABLE)
    stage.wait(1).phone("ann", PhoneState.FREE)
    other = stage.arrive()

    assert stage.rings() == {"ann": other}


def test_a_pause_while_ringing_pulls_the_offer_back_and_the_caller_keeps_the_place() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    offer = stage.offer_of(call)
    stage.play(ev.AgentPaused(at=stage.now, agent=AgentName("ann"), reason="lunch"))
    assert stage.commands == [cmd.Rescind(offer=offer)]

    stage.fail(call, OfferOutcome.RESCINDED)
    assert stage.state("ann") == "paused"
    assert stage.router.floor.in_order() == [call]


@pytest.mark.parametrize("how", ["log out", "removed by a reload"])
def test_an_agent_who_leaves_while_ringing_is_gone_and_the_caller_keeps_the_place(how: str) -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    if how == "log out":
        stage.play(ev.AgentLoggedOut(at=stage.now, agent=AgentName("ann")))
        assert stage.commands == [cmd.Rescind(offer=stage.offer_of(call))]
    else:
        stage.reload(queue())
    stage.fail(call, OfferOutcome.RESCINDED)

    assert stage.state("ann") == "offline"
    assert stage.router.floor.in_order() == [call]


@pytest.mark.parametrize("wish", ["pause", "log out"])
def test_a_wish_made_in_a_talk_takes_effect_at_its_end(wish: str) -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    stage.answer(call)
    name = AgentName("ann")
    stage.play(
        ev.AgentPaused(at=stage.now, agent=name, reason="break")
        if wish == "pause"
        else ev.AgentLoggedOut(at=stage.now, agent=name)
    )
    assert stage.state("ann") == "talking"

    stage.end_talk(call)
    assert stage.state("ann") == ("paused" if wish == "pause" else "offline")


def test_logging_out_and_in_again_does_not_jump_the_order() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    stage.play(ev.AgentLoggedOut(at=stage.now, agent=AgentName("ann")))
    stage.log_in("ann")
    call = stage.arrive()

    assert stage.rings() == {"bob": call}


# ---------------------------------------------------------------- rules, switches, restarts


def test_a_reload_that_adds_the_missing_skill_serves_the_waiting_caller() -> None:
    stage = Stage(queue(require={"fr": 5}), agent("ann"))
    call = stage.arrive()
    assert stage.rings() == {}

    stage.reload(queue(require={"fr": 5}), agent("ann", fr=5))
    assert stage.rings() == {"ann": call}


def test_a_reload_never_touches_what_runs() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    talking = stage.arrive()
    stage.answer(talking)
    stage.play(ev.AgentPaused(at=stage.now, agent=AgentName("bob"), reason="lunch"))
    waiting = stage.arrive()
    stage.reload(queue(priority=3), agent("ann"), agent("bob"), agent("cid"))

    assert (stage.state("ann"), stage.state("bob"), stage.state("cid")) == ("talking", "paused", "offline")
    assert stage.router.floor.in_order() == [waiting]


def test_a_removed_queue_drains_and_nobody_enters_it() -> None:
    stage = Stage(queue(), queue("old"), agent("ann", "old", "sales"))
    busy = stage.arrive("old")
    waiting = stage.arrive("old")
    stage.reload(queue(), agent("ann"))
    refused = stage.arrive("old")
    assert stage.told(f.Blocked)[0].call == refused

    stage.answer(busy)
    stage.end_talk(busy)
    assert stage.rings() == {"ann": waiting}


def test_a_removed_agent_finishes_the_talk_and_is_gone() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    call = stage.arrive()
    stage.answer(call)
    stage.reload(queue(), agent("bob"))
    assert stage.state("ann") == "talking"

    stage.end_talk(call)
    assert stage.state("ann") == "offline"
    stage.reload(queue(), agent("bob"))
    assert "ann" not in stage.router.floor.agents


def test_nothing_is_offered_on_a_switch_out_of_sight_and_everything_on_its_return() -> None:
    stage = Stage(queue(), agent("ann"))
    stage.play(ev.SwitchLost(at=stage.now, switch=PBX, reason="reset"))
    call = stage.arrive()
    assert stage.rings() == {}

    stage.play(ev.SwitchSynced(at=stage.now, switch=PBX))
    assert stage.rings() == {"ann": call}


def test_late_events_for_a_call_that_has_ended_are_named_and_change_nothing() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    offer = stage.offer_of(call)
    stage.hang_up(call)
    before = len(stage.facts)
    stage.hang_up(call)
    stage.play(ev.OfferAnswered(at=stage.now, offer=offer))
    stage.play(ev.OfferFailed(at=stage.now, offer=offer, outcome=OfferOutcome.BUSY))
    stage.play(ev.TalkEnded(at=stage.now, offer=offer, by=EndedBy.AGENT))
    stage.play(ev.HoldStarted(at=stage.now, offer=OfferId("none")))

    assert {type(fact) for fact in stage.facts[before:]} == {f.Stale}
    assert len(stage.facts) == before + 5
