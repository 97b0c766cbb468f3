"""Directed pickup: a call that rings at one phone is taken at another."""

import pytest

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, CallId, PhoneName, Uniqueid
from acd.core.outcomes import LeaveReason, OfferOutcome, PhoneState
from tests.unit.acd.core.stage import SECOND, Part, Stage, agent, queue

pytestmark = pytest.mark.unit

BOB = AgentName("bob")


def taken(stage: Stage, call: CallId, by: str) -> None:
    stage.play(
        ev.OfferPickedUp(
            at=stage.now, offer=stage.offer_of(call), phone=PhoneName(f"PJSIP/{by}"), leg=Uniqueid("9.9")
        )
    )


@pytest.mark.parametrize("doing", ["ready", "paused", "direct_call", "unreachable", "wrap_up"])
def test_who_sits_there_has_the_call_and_nobody_is_blamed(doing: str) -> None:
    parts: list[Part] = [
        queue(wrap_up=9 * SECOND),
        queue("other", wrap_up=9 * SECOND),
        agent("ann"),
        agent("bob", "other"),
    ]
    stage = Stage(*parts)
    if doing == "paused":
        stage.pause("bob")
    elif doing in ("direct_call", "unreachable"):
        stage.phone("bob", PhoneState.BUSY if doing == "direct_call" else PhoneState.UNREACHABLE)
    elif doing == "wrap_up":
        before = stage.arrive("other")
        stage.answer(before)
        stage.end_talk(before)
    assert stage.state("bob") == doing
    call = stage.arrive()
    assert stage.rings() == {"ann": call}

    taken(stage, call, "bob")

    assert (stage.state("ann"), stage.state("bob")) == ("ready", "talking")
    outcomes = {fact.agent: fact.outcome for fact in stage.told(f.OfferEnded) if fact.call == call}
    assert outcomes == {"ann": OfferOutcome.LOST_RACE, "bob": OfferOutcome.ANSWERED}
    assert stage.told(f.Offered)[-1].decision.rule == "pickup"
    again = stage.restarted(*parts)
    assert again.state("bob") == "talking"
    stage.end_talk(call)
    assert stage.state("bob") == "wrap_up"


def test_a_phone_of_nobody_takes_the_call_away_from_the_queue() -> None:
    stage = Stage(queue(), agent("ann"))
    call = stage.arrive()
    taken(stage, call, "stranger")
    (left,) = stage.told(f.Left)
    assert left.reason is LeaveReason.PICKED_UP
    assert stage.state("ann") == "ready"
    assert [c.reason for c in stage.commands if isinstance(c, cmd.Release)] == ["picked_up"]
    assert not [c for c in stage.commands if isinstance(c, cmd.Rescind)], "it would cut the talk"


def test_an_agent_with_a_call_of_ours_does_not_have_two() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    first = stage.arrive()
    stage.answer(first)
    call = stage.arrive()
    taken(stage, call, "ann")
    assert stage.told(f.Left)[0].call == call
    assert stage.state("bob") == "ready"


def test_a_pickup_that_comes_late_is_stale() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    call = stage.arrive()
    offer = stage.offer_of(call)
    stage.answer(call)
    stage.play(ev.OfferPickedUp(at=stage.now, offer=offer, phone=PhoneName("PJSIP/bob")))
    assert stage.told(f.Stale)
    assert stage.state("bob") == "ready"
