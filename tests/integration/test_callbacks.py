"""Callbacks on the real Asterisk: asked for by key or API, agent or customer first, and every way an attempt can end."""

import datetime as dt
import json
from typing import Any

import pytest

from acd.core import facts as f
from acd.core.outcomes import OfferOutcome, WorkKind, WorkMiss, WorkOutcome
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Answer, Reject, Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]
ANN = {"ann": Who(phone="1001")}
GERMANY = '[numbers]\ncountry = "49"\n'
OWN = "+4930123456"
RULE: dict[str, Any] = {"dial": "PJSIP/{number}@trunk-a", "gap": "1s", "attempts": 2, "ring": "5s"}


async def opened(centre: Centre, **rule: Any) -> None:
    """A queue that calls back by key 1, an agent who is away for a moment, and a customer's phone."""
    queue = {"wrap_up": "0s", "keys": {"1": {"callback": True}}, "callback": RULE | rule}
    await centre.open({"sales": queue}, ANN, more=GERMANY)
    await centre.trunk.register()
    centre.trunk.on_invite = Ring()
    await centre.acd("agent", "pause", "ann")


async def asked(centre: Centre, *keys: str) -> str:
    """A caller presses 1, then these keys at each question; the id of the work."""
    caller = await centre.call("sales", caller=OWN)
    await centre.fact(f.Queued)
    await caller.answered()
    await caller.dtmf("1")
    for key in keys:
        await caller.dtmf(key)
    return (await centre.fact(f.WorkAdded)).work


async def ready(centre: Centre) -> None:
    await centre.acd("agent", "resume", "ann")


async def ended(centre: Centre, outcome: WorkOutcome) -> f.WorkEnded:
    found = await centre.fact(f.WorkEnded, within=15)
    assert found.outcome is outcome, centre.story()
    return found


async def listed(centre: Centre) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((await centre.acd("callbacks", "--json")).stdout)
    return found


async def test_a_caller_keeps_the_place_hangs_up_and_is_called_back_by_the_agent(centre: Centre) -> None:
    await opened(centre)
    work = await asked(centre, "1")
    added = await centre.fact(f.WorkAdded)
    assert (added.number, added.kind) == (OWN, WorkKind.CALLBACK)
    assert added.joined == (await centre.fact(f.Queued)).joined, "the place"
    await centre.callers[0].ended()
    assert [view["work"] for view in await listed(centre)] == [work]

    await ready(centre)

    customer = await centre.trunk.next_call(8)
    assert OWN in customer.invite.uri
    await customer.answer()
    assert (await centre.fact(f.WorkReached)).work == work
    talk = await centre.fact(f.Answered)
    assert (talk.agent, talk.work) == ("ann", True)
    agent = await centre.phones["1001"].next_call(8)
    agent.rtp.send = customer.rtp.send = True
    await customer.rtp.heard(50, 5)
    await agent.rtp.heard(50, 5)
    assert OWN in agent.invite.get("From"), "the agent sees whom"
    assert "Callback: " in agent.invite.get("From"), "and what for"
    await customer.hangup()
    assert (await centre.fact(f.Talked)).by.value == "caller"
    assert (await ended(centre, WorkOutcome.DONE)).attempts == 1
    await centre.fact(f.StateChanged, agent="ann", after="ready", nth=3)


async def test_another_number_is_keyed_read_back_and_confirmed(centre: Centre) -> None:
    await opened(centre)
    await asked(centre, "2", "030654321#", "1")
    assert (await centre.fact(f.WorkAdded)).number == "+4930654321"


async def test_a_time_is_keyed_and_the_callback_waits_for_it(centre: Centre) -> None:
    await opened(centre, ask_time=True)
    wanted = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0) + dt.timedelta(hours=2)
    await asked(centre, "1", "2", f"{wanted:%H%M}", "1")
    added = await centre.fact(f.WorkAdded)
    assert abs(added.due / 1e9 - wanted.timestamp()) < 1
    await ready(centre)
    (view,) = await listed(centre)
    assert view["call"] == "", "it does not stand in line before"
    assert centre.facts(f.Offered) == []


@pytest.mark.parametrize("number", ["0" * 40, "0900123456", "0033142000000", "12"])
async def test_a_number_that_may_not_be_called_is_refused_and_nothing_is_dialled(
    centre: Centre, number: str
) -> None:
    await opened(centre, deny=["+49900"])
    caller = await centre.call("sales", caller=OWN)
    await centre.fact(f.Queued)
    await caller.answered()
    for keys in ("1", "2", f"{number}#", "*"):
        await caller.dtmf(keys)
    answer = await centre.acd("callbacks", "add", "sales", number)
    assert "may not call" in answer.stderr
    assert centre.facts(f.WorkAdded) == []
    assert centre.facts(f.Left) == [], "the caller waits on"


async def test_the_customer_is_rung_first_where_the_queue_says_so(centre: Centre) -> None:
    await opened(centre, first="customer")
    await asked(centre, "1")
    await ready(centre)
    customer = await centre.trunk.next_call(8)
    assert not centre.phones["1001"].calls, "the agent's phone is quiet until then"
    assert (await centre.fact(f.StateChanged, agent="ann", after="offered")).before == "ready"
    centre.phones["1001"].on_invite = Ring()
    await customer.answer()
    phone = await centre.phones["1001"].next_call(8)
    await phone.answer()
    await centre.fact(f.Answered)
    phone.rtp.send = True
    await customer.rtp.heard(50, 5)
    await phone.hangup()
    await ended(centre, WorkOutcome.DONE)


@pytest.mark.parametrize("first", ["agent", "customer"])
@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [(Reject(486), WorkMiss.BUSY), (Ring(), WorkMiss.NO_ANSWER), (Reject(404), WorkMiss.UNREACHABLE)],
)
async def test_who_can_not_be_reached_is_tried_again_and_then_given_up(
    centre: Centre, first: str, behaviour: Any, outcome: WorkMiss
) -> None:
    await opened(centre, first=first)
    centre.trunk.on_invite = behaviour
    await asked(centre, "1")
    await ready(centre)
    for nth in (1, 2):
        missed = await centre.fact(f.WorkMissed, nth=nth, within=20)
        assert missed.outcome is outcome
    assert (await ended(centre, WorkOutcome.NOT_REACHED)).attempts == 2
    await centre.until(lambda: (centre.facts(f.StateChanged, agent="ann")[-1]).after == "ready", "ann free")


async def test_an_agent_who_does_not_answer_costs_the_customer_nothing(centre: Centre) -> None:
    await opened(centre)
    await centre.acd("agent", "pause", "ann")
    centre.phones["1001"].script.append(Reject(603))
    await asked(centre, "1")
    await ready(centre)
    assert (await centre.fact(f.OfferEnded)).outcome is OfferOutcome.REJECTED
    assert centre.facts(f.WorkMissed) == []
    assert len(await listed(centre)) == 1
    assert len(centre.trunk.calls) == 1, "only the caller's own: nobody is rung without an agent"


async def test_an_agent_who_declined_is_rung_for_it_again_by_a_new_line(centre: Centre) -> None:
    queue = {
        "wrap_up": "0s",
        "keys": {"1": {"callback": True}},
        "callback": RULE,
        "back_off": {"rejected": "1s"},
        "same_call_back_off": "1s",
    }
    await centre.open({"sales": queue}, ANN, more=GERMANY)
    await centre.trunk.register()
    centre.trunk.on_invite = Ring()
    await centre.acd("agent", "pause", "ann")
    centre.phones["1001"].script.append(Reject(603))
    await asked(centre, "1")
    await ready(centre)
    await centre.fact(f.OfferEnded, outcome=OfferOutcome.REJECTED)
    await centre.fact(f.Answered)
    customer = await centre.trunk.next_call(8)
    await customer.answer()
    await centre.fact(f.WorkReached)
    assert len(centre.facts(f.LineMade, channel="")) == 1, "the first line was let go"
    await customer.hangup()
    await ended(centre, WorkOutcome.DONE)


async def test_a_pause_while_the_customers_phone_rings_pulls_the_call_back(centre: Centre) -> None:
    await opened(centre, first="customer")
    await asked(centre, "1")
    await ready(centre)
    customer = await centre.trunk.next_call(8)
    await centre.acd("agent", "pause", "ann")
    await customer.ended()
    assert (await centre.fact(f.OfferEnded)).outcome is OfferOutcome.RESCINDED
    assert centre.facts(f.WorkMissed) == []
    assert len(await listed(centre)) == 1


async def test_an_agent_who_hangs_up_first_is_told_apart(centre: Centre) -> None:
    await opened(centre)
    await asked(centre, "1")
    await ready(centre)
    await centre.trunk.next_call(8)
    await centre.acd("agent", "pause", "ann")
    agent = await centre.phones["1001"].next_call(8)
    await agent.hangup()
    assert (await centre.fact(f.WorkMissed)).outcome is WorkMiss.AGENT_LEFT
    assert (await centre.fact(f.WorkDeferred)).attempts == 0


async def test_a_customer_who_calls_again_gets_the_place_and_no_callback(centre: Centre) -> None:
    await opened(centre)
    work = await asked(centre, "1")
    await centre.call("sales", caller=OWN)
    assert (await ended(centre, WorkOutcome.CALLED_AGAIN)).work == work
    await ready(centre)
    await centre.fact(f.Answered, work=False)
    assert await listed(centre) == []


async def test_callbacks_survive_kill_nine_and_keep_their_place(centre: Centre) -> None:
    await opened(centre)
    work = await asked(centre, "1")
    await centre.callers[0].ended()
    await centre.kill_daemon()
    await centre.start_daemon()
    (view,) = await listed(centre)
    assert view["work"] == work
    await ready(centre)
    customer = await centre.trunk.next_call(8)
    await customer.answer()
    await centre.fact(f.WorkReached)
    await customer.hangup()
    await ended(centre, WorkOutcome.DONE)


async def test_a_talk_that_came_of_a_callback_survives_kill_nine(centre: Centre) -> None:
    await opened(centre)
    await asked(centre, "1")
    await ready(centre)
    customer = await centre.trunk.next_call(8)
    await customer.answer()
    await centre.fact(f.WorkReached)
    await centre.kill_daemon()
    await centre.start_daemon()
    agent = centre.phones["1001"].calls[-1]
    agent.rtp.send = True
    await customer.rtp.heard(customer.rtp.received + 50, 5)
    await customer.hangup()
    await ended(centre, WorkOutcome.DONE)


async def test_a_callback_by_the_command_line_waits_for_its_time_and_can_be_taken_away(
    centre: Centre,
) -> None:
    await opened(centre)
    later = "2027-01-01T09:00+01:00"
    added = await centre.acd("callbacks", "add", "sales", "030123456", "--at", later)
    assert added.returncode == 0, added.stderr
    assert (await centre.fact(f.WorkAdded)).number == OWN
    twice = await centre.acd("callbacks", "add", "sales", OWN)
    assert "has a callback in sales already" in twice.stderr
    (view,) = await listed(centre)
    gone = await centre.acd("callbacks", "cancel", view["work"])
    assert gone.returncode == 0, gone.stderr
    await ended(centre, WorkOutcome.CANCELLED)
    assert "there is no open work" in (await centre.acd("callbacks", "cancel", view["work"])).stderr


async def test_nobody_is_called_outside_of_the_calling_hours(centre: Centre) -> None:
    await opened(centre)
    work = await asked(centre, "1")
    path = centre.directory / "queues.toml"
    hours = '[hours.never]\ntimezone = "UTC"\ndates = { "2100-01-01" = ["08:00-09:00"] }\n'
    path.write_text(path.read_text().replace('"attempts"', '"hours" = "never", "attempts"') + hours)
    done = await centre.acd("reload")
    assert done.returncode == 0, done.stderr
    await centre.fact(f.CallingAllowed, allowed=False, within=20)
    assert (await centre.fact(f.Left, work=True)).reason.value == "quiet"
    await ready(centre)
    assert [(view["work"], view["call"]) for view in await listed(centre)] == [(work, "")]


@pytest.mark.parametrize("presses", [0, 1])
async def test_a_caller_who_hangs_up_in_the_dialogue_has_abandoned_and_is_not_called_back(
    centre: Centre, presses: int
) -> None:
    await opened(centre)
    caller = await centre.call("sales", caller=OWN)
    await centre.fact(f.Queued)
    await caller.answered()
    await caller.dtmf("1")
    for _ in range(presses):
        await caller.dtmf("2")
    await caller.hangup()
    await centre.fact(f.Abandoned)
    assert centre.facts(f.WorkAdded) == []


async def test_an_agent_who_becomes_free_takes_the_caller_out_of_the_dialogue(centre: Centre) -> None:
    await opened(centre)
    caller = await centre.call("sales", caller=OWN)
    await centre.fact(f.Queued)
    await caller.answered()
    await caller.dtmf("1")
    centre.phones["1001"].on_invite = Answer()
    await ready(centre)
    await centre.fact(f.Answered, work=False)
    assert centre.facts(f.WorkAdded) == []


async def test_a_step_offers_the_callback_by_itself(centre: Centre) -> None:
    steps = [{"after": "1s", "to": {"callback": True}}]
    queue = {"callback": RULE, "steps": steps, "skip_steps": "never"}
    await centre.open({"sales": queue}, ANN, more=GERMANY)
    await centre.acd("agent", "pause", "ann")
    caller = await centre.call("sales", caller=OWN)
    await centre.fact(f.StepTaken)
    await caller.dtmf("1")
    assert (await centre.fact(f.Diverted)).reason == "overflowed"
    assert (await centre.fact(f.WorkAdded)).number == OWN
