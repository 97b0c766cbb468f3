"""How offers end: every row of the outcome table on the real Asterisk, and callers who go (cases 5 and 6)."""

import pytest

from acd.core import facts as f
from acd.core.outcomes import AbandonStage, OfferOutcome
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Answer, Behaviour, Redirect, Reject, Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

QUICK = {"wrap_up": "0s"}
SHORT_RING = QUICK | {"ring_timeout": "1s"}

TABLE = [
    (Reject(486), OfferOutcome.BUSY),
    (Reject(600), OfferOutcome.BUSY),
    (Reject(603), OfferOutcome.REJECTED),
    (Reject(403), OfferOutcome.REJECTED),
    (Reject(480), OfferOutcome.NO_ANSWER),
    (Reject(404), OfferOutcome.UNREACHABLE),
    (Reject(408), OfferOutcome.UNREACHABLE),
    (Reject(488), OfferOutcome.ERROR),
    (Reject(500), OfferOutcome.ERROR),
    (Reject(503), OfferOutcome.UNREACHABLE),
    (Reject(487), OfferOutcome.ERROR),
    (Redirect("sip:900@127.0.0.1"), OfferOutcome.REJECTED),
    (Ring(), OfferOutcome.NO_ANSWER),
]


@pytest.mark.parametrize(("behaviour", "outcome"), TABLE, ids=str)
async def test_case_5_each_refusal_has_its_outcome_its_back_off_and_costs_the_caller_nothing(
    centre: Centre, behaviour: Behaviour, outcome: OfferOutcome
) -> None:
    await centre.open({"sales": SHORT_RING}, {"ann": Who(phone="1001"), "bob": Who(phone="1002")})
    centre.phone("ann").on_invite = behaviour
    centre.phone("bob").on_invite = Answer()
    caller = await centre.call()
    first = await centre.fact(f.OfferEnded)
    answered = await centre.fact(f.Answered)

    assert (first.agent, first.outcome) == ("ann", outcome)
    assert centre.facts(f.BackedOff)[0].outcome is outcome
    assert (answered.agent, answered.call) == ("bob", first.call)
    assert centre.facts(f.Offered)[1].at == first.at
    figures = await centre.figures("agent", "ann")
    assert figures[f"offer_{outcome.value}"] == 1
    assert caller.ending is None


async def test_case_5_a_dead_phone_rings_nowhere_and_is_unreachable_after_the_ring_time(
    centre: Centre,
) -> None:
    await centre.open({"sales": SHORT_RING}, {"ann": Who(phone="1098")}, phones=False)
    await centre.call()
    ended = await centre.fact(f.OfferEnded)

    assert (ended.outcome, ended.ring_ms) == (OfferOutcome.UNREACHABLE, 0)


@pytest.mark.parametrize("phone", ["1005", "nobody"], ids=["no contact", "unknown endpoint"])
async def test_case_5_a_phone_asterisk_knows_to_be_away_is_never_offered(centre: Centre, phone: str) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone=phone)}, phones=False)
    await centre.fact(f.StateChanged, agent="ann", after="unreachable")
    await centre.call()
    await centre.fact(f.Queued)

    assert centre.facts(f.Offered) == []


async def test_case_6_a_caller_who_hangs_up_waiting_is_abandoned_there(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    await centre.talk("ann")
    caller = await centre.call()
    await caller.answered()
    await caller.hangup()
    gone = await centre.fact(f.Abandoned)

    assert gone.stage is AbandonStage.WAITING
    figures = await centre.figures("queue", "sales")
    assert (figures["abandoned_waiting"], figures["abandoned_ringing"]) == (1, 0)


async def test_case_6_a_caller_who_hangs_up_while_it_rings_does_not_cost_the_agent(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    centre.phone("ann").on_invite = Ring()
    caller = await centre.call()
    ringing = await centre.phone("ann").next_call()
    await caller.hangup()
    gone = await centre.fact(f.Abandoned)
    await ringing.ended()
    centre.phone("ann").on_invite = Answer()
    await centre.call()

    assert gone.stage is AbandonStage.RINGING
    assert (await centre.fact(f.Answered)).agent == "ann"
    assert centre.facts(f.OfferEnded)[0].outcome is OfferOutcome.CALLER_LEFT
    assert centre.facts(f.BackedOff) == []


async def test_a_pause_while_ringing_pulls_the_call_back_and_the_phone_shows_no_missed_call(
    centre: Centre,
) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001"), "bob": Who(phone="1002", logged_in=False)})
    centre.phone("ann").on_invite = Ring()
    await centre.call()
    ringing = await centre.phone("ann").next_call()
    done = await centre.ask("/agents/ann/pause", method="POST", body={"reason": "lunch"})
    assert done["state"] == "offered"
    await ringing.ended()
    ended = await centre.fact(f.OfferEnded)
    await centre.ask("/agents/bob/login", method="POST")

    assert ended.outcome is OfferOutcome.RESCINDED
    assert "Call completed elsewhere" in ringing.cancel_reason
    assert (await centre.fact(f.Answered)).call == ended.call
    assert centre.facts(f.BackedOff) == []
    assert (await centre.fact(f.StateChanged, agent="ann", after="paused")).reason == "lunch"
