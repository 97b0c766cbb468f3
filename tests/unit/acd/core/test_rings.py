"""Several phones at once, more and more phones, and the rules that hold offers back."""

from typing import Any

import pytest

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, CallId, OfferId
from acd.core.outcomes import EndedBy, OfferOutcome, PhoneState, Strategy
from acd.core.timers import Timer, TimerKind
from tests.unit.acd.core.stage import SECOND, Part, Stage, agent, queue, with_

pytestmark = pytest.mark.unit


def everybody(**fields: Any) -> Stage:
    return Stage(queue(strategy=Strategy.SIMULTANEOUS, **fields), agent("ann"), agent("bob"), agent("cid"))


def more_and_more(**fields: Any) -> Stage:
    values: dict[str, Any] = {"ring_step": 10 * SECOND, "ring_timeout": 25 * SECOND} | fields
    return Stage(
        queue(strategy=Strategy.PROGRESSIVE, **values), agent("ann"), agent("bob"), agent("cid"), agent("dan")
    )


def offer(stage: Stage, call: CallId, name: str) -> OfferId:
    return next(o.id for o in stage.router.floor.calls[call].offers if o.agent == name)


def outcomes(stage: Stage) -> dict[str, str]:
    return {fact.agent: fact.outcome.value for fact in stage.told(f.OfferEnded)}


# ---------------------------------------------------------------- simultaneous


def test_all_free_phones_ring_and_the_first_to_answer_has_the_call() -> None:
    stage = everybody()
    call = stage.arrive()
    assert stage.rings() == {"ann": call, "bob": call, "cid": call}
    [dial] = [command for command in stage.commands if isinstance(command, cmd.Offer)]
    assert [leg.phone for leg in dial.legs] == ["PJSIP/ann", "PJSIP/bob", "PJSIP/cid"]
    stage.play(ev.OfferAnswered(at=stage.now, offer=offer(stage, call, "bob")))
    assert outcomes(stage) == {"bob": "answered", "ann": "lost_race", "cid": "lost_race"}
    assert [stage.state(name) for name in ("ann", "bob", "cid")] == ["ready", "talking", "ready"]
    assert stage.told(f.BackedOff) == [], "who lost the race is not to blame"
    stage.play(ev.TalkEnded(at=stage.now, offer=stage.offer_of(call), by=EndedBy.AGENT))
    assert len(stage.told(f.Ended)) == 1


def test_at_most_so_many_phones_ring_at_once() -> None:
    stage = everybody(ring_most=2)
    first, second = stage.arrive(), stage.arrive()
    assert stage.rings() == {"ann": first, "bob": first, "cid": second}


def test_phones_that_decline_fall_out_while_the_others_ring_on() -> None:
    stage = everybody()
    call = stage.arrive()
    stage.play(ev.OfferFailed(at=stage.now, offer=offer(stage, call, "ann"), outcome=OfferOutcome.REJECTED))
    assert set(stage.rings()) == {"bob", "cid"}
    for name in ("bob", "cid"):
        stage.play(
            ev.OfferFailed(at=stage.now, offer=offer(stage, call, name), outcome=OfferOutcome.NO_ANSWER)
        )
    assert stage.rings() == {}
    assert stage.router.floor.in_order() == [call]


def test_a_second_answer_at_the_same_instant_is_stale() -> None:
    stage = everybody()
    call = stage.arrive()
    late = offer(stage, call, "cid")
    stage.play(ev.OfferAnswered(at=stage.now, offer=offer(stage, call, "ann")))
    stage.play(ev.OfferAnswered(at=stage.now, offer=late))
    assert len(stage.told(f.Answered)) == 1
    assert [fact.subject for fact in stage.told(f.Stale)] == [late]


def test_a_caller_who_hangs_up_frees_every_phone_without_blame() -> None:
    stage = everybody()
    stage.hang_up(stage.arrive())
    assert set(outcomes(stage).values()) == {"caller_left"}
    assert len(stage.router.floor.ready) == 3


def test_an_agent_who_pauses_is_pulled_out_and_the_others_ring_on() -> None:
    stage = everybody()
    call = stage.arrive()
    bob = offer(stage, call, "bob")
    stage.pause("bob")
    assert [command for command in stage.commands if isinstance(command, cmd.Rescind)] == [
        cmd.Rescind(offer=bob)
    ]
    stage.play(ev.OfferFailed(at=stage.now, offer=bob, outcome=OfferOutcome.RESCINDED))
    assert set(stage.rings()) == {"ann", "cid"}
    assert stage.state("bob") == "paused"


def test_several_ringing_phones_are_remembered_over_a_restart() -> None:
    parts: list[Part] = [queue(strategy=Strategy.SIMULTANEOUS), agent("ann"), agent("bob")]
    stage = Stage(*parts)
    call = stage.arrive()
    memory = stage.memory()
    assert {known.agent for known in memory.calls[call].offers} == {"ann", "bob"}
    again = stage.restarted(*parts)
    assert set(again.rings()) <= {"ann", "bob"}


# ---------------------------------------------------------------- progressive


def test_more_phones_ring_beside_the_first_every_few_seconds() -> None:
    stage = more_and_more(ring_first=1, ring_most=3)
    call = stage.arrive()
    assert set(stage.rings()) == {"ann"}
    stage.pass_time(10)
    assert set(stage.rings()) == {"ann", "bob"}
    [dial] = [command for command in stage.commands if isinstance(command, cmd.Offer)]
    assert [leg.phone for leg in dial.legs] == ["PJSIP/ann", "PJSIP/bob"]
    stage.pass_time(10)
    assert set(stage.rings()) == {"ann", "bob", "cid"}
    stage.pass_time(10)
    assert set(stage.rings()) == {"ann", "bob", "cid"}, "ring_most"
    stage.play(ev.OfferAnswered(at=stage.now, offer=offer(stage, call, "ann")))
    assert outcomes(stage) == {"ann": "answered", "bob": "lost_race", "cid": "lost_race"}


def test_when_nobody_more_is_free_the_ringing_goes_on_and_whoever_gets_free_joins() -> None:
    stage = more_and_more(ring_first=2)
    for name in ("ann", "bob", "cid"):
        stage.pause(name)
    call = stage.arrive()
    assert stage.rings() == {"dan": call}
    stage.pass_time(5)
    stage.resume("cid")
    assert stage.rings() == {"dan": call}
    stage.pass_time(5)
    assert set(stage.rings()) == {"dan", "cid"}


def test_a_timer_of_a_call_that_was_answered_rings_nobody() -> None:
    stage = more_and_more()
    call = stage.arrive()
    stage.answer(call)
    stage.fire(Timer(TimerKind.RING_MORE, call))
    assert stage.rings() == {}


# ---------------------------------------------------------------- what holds offers back


def test_a_call_goes_to_everybody_else_before_it_goes_to_the_same_agent_again() -> None:
    stage = Stage(queue(same_call_back_off=SECOND, back_off={}), agent("ann", fr=9), agent("bob"))
    call = stage.arrive()
    stage.fail(call, OfferOutcome.NO_ANSWER)
    assert stage.rings() == {"bob": call}
    stage.pass_time(2)
    other = stage.offer_of(call)
    stage.play(ev.OfferFailed(at=stage.now, offer=other, outcome=OfferOutcome.NO_ANSWER))
    assert stage.rings() == {"ann": call}, "both failed once: the better one again"


def test_no_more_phones_ring_for_a_queue_than_it_allows() -> None:
    stage = Stage(queue(max_offers=1), agent("ann"), agent("bob"))
    first, second = stage.arrive(), stage.arrive()
    assert stage.rings() == {"ann": first}
    stage.answer(first)
    assert stage.rings() == {"bob": second}


def test_the_limit_of_ringing_phones_may_change_while_some_ring() -> None:
    stage = Stage(queue(max_offers=1), agent("ann"), agent("bob"))
    first, second = stage.arrive(), stage.arrive()
    stage.reload(queue(), agent("ann"), agent("bob"))
    assert stage.rings() == {"ann": first, "bob": second}
    stage.reload(queue(max_offers=1), agent("ann"), agent("bob"))
    third = stage.arrive()
    stage.answer(first)
    stage.end_talk(first)
    assert third not in stage.rings().values()
    stage.answer(second)
    assert stage.rings() == {"ann": third}


def test_an_agent_whose_offer_came_to_nothing_is_left_alone_for_the_gap() -> None:
    stage = Stage(queue(reoffer_gap=2 * SECOND), agent("ann"))
    stage.hang_up(stage.arrive())
    call = stage.arrive()
    assert stage.rings() == {}
    assert stage.pass_time(2).rings() == {"ann": call}


def test_a_quick_toggle_of_a_pause_rings_the_phone_once_per_gap() -> None:
    stage = Stage(queue(reoffer_gap=2 * SECOND), agent("ann"))
    call = stage.arrive()
    for _ in range(5):
        stage.pause("ann")
        if call in stage.rings().values():
            stage.fail(call, OfferOutcome.RESCINDED)
        stage.resume("ann")
    assert len(stage.told(f.Offered)) == 1


def test_an_agent_who_misses_so_many_calls_in_a_row_is_paused_and_told_why() -> None:
    rule = queue(autopause={OfferOutcome.NO_ANSWER: 2}, back_off={}, same_call_back_off=0)
    stage = Stage(rule, agent("ann"))
    stage.fail(stage.arrive(), OfferOutcome.NO_ANSWER)
    stage.fire_due()
    [call] = stage.rings().values()
    stage.fail(call, OfferOutcome.NO_ANSWER)
    assert stage.state("ann") == "paused"
    assert stage.router.floor.agents[AgentName("ann")].paused == "missed calls"
    assert [fact.reason for fact in stage.told(f.Paused)] == ["missed calls"]
    stage.resume("ann")
    assert stage.fire_due().rings() == {"ann": call}


def test_an_answer_between_two_misses_starts_the_count_anew() -> None:
    rule = queue(autopause={OfferOutcome.NO_ANSWER: 2}, back_off={}, same_call_back_off=SECOND)
    stage = Stage(rule, agent("ann"))
    missed = stage.arrive()
    stage.fail(missed, OfferOutcome.NO_ANSWER)
    stage.hang_up(missed)
    answered = stage.arrive()
    stage.answer(answered)
    stage.end_talk(answered)
    stage.fail(stage.arrive(), OfferOutcome.NO_ANSWER)
    assert stage.state("ann") == "ready"


def test_other_outcomes_have_their_own_count() -> None:
    rule = queue(autopause={OfferOutcome.NO_ANSWER: 2}, back_off={}, same_call_back_off=0)
    stage = Stage(rule, agent("ann"))
    for outcome in (OfferOutcome.BUSY, OfferOutcome.NO_ANSWER, OfferOutcome.REJECTED):
        stage.fail(stage.arrive(), outcome)
        for call in list(stage.router.floor.calls):
            stage.hang_up(call)
    assert stage.state("ann") == "ready"


def test_an_agent_s_own_ring_time_counts_when_it_is_shorter() -> None:
    for own, expected in ((5, 5_000), (60, 15_000), (None, 15_000)):
        ann = with_(agent("ann"), ring_timeout=None if own is None else own * SECOND)
        stage = Stage(queue(), ann)
        stage.arrive()
        [dial] = [command for command in stage.commands if isinstance(command, cmd.Offer)]
        assert dial.ring_timeout == expected


def test_a_phone_may_ring_before_the_caller_is_answered_and_charged() -> None:
    stage = Stage(queue(ring_before_answer=True), agent("ann"))
    stage.arrive()
    [dial] = [command for command in stage.commands if isinstance(command, cmd.Offer)]
    assert not dial.answer_first
    stage.phone("ann", PhoneState.FREE)
