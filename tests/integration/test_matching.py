"""Each group of issue "Matching" once on the real Asterisk: what the rules say is what the phones do."""

import asyncio
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from acd.core import facts as f
from acd.core.outcomes import BlockReason, LeaveReason, OfferOutcome
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Answer, Reject, Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

QUICK = {"wrap_up": "0s"}
ANN, BOB, CID = (Who(phone=phone) for phone in ("1001", "1002", "1003"))


async def ring_all(centre: Centre) -> None:
    for name in centre.phone_of:
        centre.phone(name).on_invite = Ring()


# ---------------------------------------------------------------- strategies


async def test_simultaneous_rings_all_and_the_losers_see_answered_elsewhere(centre: Centre) -> None:
    await centre.open({"sales": QUICK | {"strategy": "simultaneous"}}, {"ann": ANN, "bob": BOB, "cid": CID})
    await ring_all(centre)
    centre.phone("bob").on_invite = Answer(after=0.3)
    caller = await centre.call()
    ann, cid = await centre.phone("ann").next_call(), await centre.phone("cid").next_call()
    answered = await centre.fact(f.Answered)
    assert answered.agent == "bob"
    await asyncio.gather(ann.ended(), cid.ended())
    for loser in (ann, cid):
        assert "Call completed elsewhere" in loser.cancel_reason
    outcomes = {fact.agent: fact.outcome for fact in centre.facts(f.OfferEnded)}
    assert outcomes == {
        "ann": OfferOutcome.LOST_RACE,
        "bob": OfferOutcome.ANSWERED,
        "cid": OfferOutcome.LOST_RACE,
    }
    assert centre.facts(f.BackedOff) == []
    await caller.hangup()
    await centre.fact(f.Ended)


async def test_a_phone_that_declines_falls_out_while_the_others_ring_on(centre: Centre) -> None:
    await centre.open({"sales": QUICK | {"strategy": "simultaneous"}}, {"ann": ANN, "bob": BOB})
    centre.phone("ann").on_invite = Reject(603)
    centre.phone("bob").on_invite = Answer(after=0.5)
    await centre.call()
    rejected = await centre.fact(f.OfferEnded, agent="ann")
    answered = await centre.fact(f.Answered)
    assert rejected.outcome is OfferOutcome.REJECTED
    assert rejected.at < answered.at
    assert answered.agent == "bob"


async def test_two_phones_that_pick_up_at_the_same_instant_are_one_talk(centre: Centre) -> None:
    await centre.open({"sales": QUICK | {"strategy": "simultaneous"}}, {"ann": ANN, "bob": BOB})
    for name in ("ann", "bob"):
        centre.phone(name).on_invite = Answer(after=0.2)
    caller = await centre.call()
    answered = await centre.fact(f.Answered)
    await centre.fact(f.OfferEnded, outcome=OfferOutcome.LOST_RACE)
    await caller.hangup()
    await centre.fact(f.Ended)
    assert len(centre.facts(f.Answered)) == 1
    assert [fact.agent for fact in centre.facts(f.Talked)] == [answered.agent]
    for name in ("ann", "bob"):
        await centre.fact(f.StateChanged, agent=name, after="ready", nth=2)


async def test_progressive_rings_more_phones_beside_the_first_by_a_new_dial(centre: Centre) -> None:
    await centre.open(
        {"sales": QUICK | {"strategy": "progressive", "ring_step": "2s"}},
        {"ann": ANN, "bob": BOB},
    )
    await ring_all(centre)
    centre.phone("bob").on_invite = Answer(after=0.5)
    await centre.call()
    first = await centre.phone("ann").next_call()
    await first.ended()
    assert "Call completed elsewhere" in first.cancel_reason, "the running Dial was cut"
    again = await centre.phone("ann").next_call()
    answered = await centre.fact(f.Answered)
    assert answered.agent == "bob"
    await again.ended()
    outcomes = [(fact.agent, fact.outcome) for fact in centre.facts(f.OfferEnded)]
    assert sorted(outcomes) == [("ann", OfferOutcome.LOST_RACE), ("bob", OfferOutcome.ANSWERED)]


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("linear", ["ann", "ann", "ann"]),
        ("round_robin", ["ann", "bob", "cid"]),
        ("longest_idle", ["ann", "bob", "cid"]),
        ("fewest_calls", ["ann", "bob", "cid"]),
        ("least_occupied", ["ann", "bob", "cid"]),
        ("least_skilled", ["cid", "cid", "cid"]),
        ("skills", ["ann", "ann", "ann"]),
    ],
)
async def test_a_strategy_of_the_configuration_decides_who_rings(
    centre: Centre, strategy: str, expected: list[str]
) -> None:
    skilled = [Who(phone=f"100{n}", skills={"fr": 9 - n}) for n in (1, 2, 3)]
    await centre.open(
        {"sales": QUICK | {"strategy": strategy, "require": {"fr": 1}}},
        dict(zip(("ann", "bob", "cid"), skilled, strict=True)),
    )
    for nth in (1, 2, 3):
        caller = await centre.call()
        await centre.fact(f.Answered, nth=nth)
        await caller.hangup()
        await centre.fact(f.Ended, nth=nth)
    assert [fact.agent for fact in centre.facts(f.Answered)] == expected


# ---------------------------------------------------------------- requirement, relaxation


async def test_an_expression_with_the_call_s_variables_decides_who_may_serve(centre: Centre) -> None:
    await centre.open(
        {"sales": QUICK | {"require": "$lang >= 5 and site = paris or vip", "variables": {"lang": "fr"}}},
        {
            "ann": Who(phone="1001", skills={"fr": 9}, more={"attributes": {"site": "rome"}}),
            "bob": Who(phone="1002", skills={"de": 6, "fr": 1}, more={"attributes": {"site": "paris"}}),
            "cid": Who(phone="1003", skills={"vip": 1}),
        },
    )
    await centre.call(query="lang=de")
    assert (await centre.fact(f.Answered)).agent == "bob"
    await centre.call()
    assert (await centre.fact(f.Answered, nth=2)).agent == "cid", "nobody in Paris has French"


async def test_a_request_that_makes_no_sense_is_routed_by_the_queue_and_told(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": ANN})
    await centre.call(query="need=fr%20%3E%3D&priority=many")
    await centre.fact(f.Answered)
    assert set((await centre.fact(f.Misread)).parts) == {"need", "priority"}


async def test_a_step_relaxes_the_requirement_adds_a_group_and_overflows(centre: Centre) -> None:
    steps = [{"after": "1s", "require": {"fr": 2}}, {"after": "2s", "overflow": "back"}]
    await centre.open(
        {"sales": QUICK | {"require": {"fr": 8}, "steps": steps}, "back": QUICK},
        {
            "ann": Who(phone="1001", skills={"fr": 9}),
            "bob": Who(phone="1002", skills={"fr": 3}),
            "cid": Who(phone="1003", queues=("back",)),
        },
    )
    for nth, agent in ((1, "ann"), (2, "bob"), (3, "cid")):
        await centre.call()
        assert (await centre.fact(f.Answered, nth=nth)).agent == agent
    waits = [fact.wait_ms for fact in centre.facts(f.Answered)]
    assert waits[1] >= 1_000
    assert waits[2] >= 2_000
    [left] = centre.facts(f.Left)
    assert (left.queue, left.reason) == ("sales", LeaveReason.OVERFLOWED)
    assert (await centre.report()).balance.balanced


# ---------------------------------------------------------------- order and fairness


async def test_priority_credit_and_an_agent_s_way_to_choose_decide_which_caller_is_next(
    centre: Centre,
) -> None:
    ann = Who(
        phone="1001", queues={"sales": {"level": 2}, "vip": {"level": 1}}, more={"choose": "greatest_need"}
    )
    await centre.open({"sales": QUICK, "vip": QUICK}, {"ann": ann})
    caller, _ = await centre.talk("ann")
    for nth, (queue, query) in enumerate((("sales", ""), ("sales", "priority=5"), ("vip", "")), 2):
        await centre.call(queue, query=query)
        await centre.fact(f.Queued, nth=nth)
    await caller.hangup()
    taken = [(await centre.fact(f.Offered, nth=2)).queue]
    for nth in (3, 4):
        await centre.callers[{3: 3, 4: 2}[nth]].hangup()
        taken.append((await centre.fact(f.Offered, nth=nth)).queue)
    assert taken == ["vip", "sales", "sales"]
    calls = [fact.call for fact in centre.facts(f.Queued)]
    assert [fact.call for fact in centre.facts(f.Offered)][1:] == [calls[3], calls[2], calls[1]]


# ---------------------------------------------------------------- reserve and affinity


async def test_a_reserve_agent_is_rung_only_when_the_wait_is_long(centre: Centre) -> None:
    rex = Who(phone="1002", queues={"sales": {"reserve": True}})
    rules = QUICK | {"reserve_above": "8m", "reserve_below": "5m"}
    await centre.open({"sales": rules}, {"ann": ANN, "rex": rex})
    await centre.talk("ann")
    await centre.call()
    await centre.fact(f.Queued, nth=2)
    await centre.call()
    changed = await centre.fact(f.ReserveChanged)
    assert (changed.on, changed.expected_ms) == (True, 540_000)
    offered = await centre.fact(f.Offered, nth=2)
    assert (offered.agent, offered.call) == ("rex", centre.facts(f.Queued)[1].call)


async def test_a_known_caller_gets_the_same_agent_and_a_direct_call_its_own(centre: Centre) -> None:
    await centre.open({"sales": QUICK | {"sticky": "5s", "direct_for": "1s"}}, {"ann": ANN, "bob": BOB})
    for nth in (1, 2):
        caller = await centre.call(caller="+4930555123")
        assert (await centre.fact(f.Answered, nth=nth)).agent == "ann"
        await caller.hangup()
        await centre.fact(f.Ended, nth=nth)
    await centre.call(query="agent=bob")
    assert (await centre.fact(f.Answered, nth=3)).agent == "bob"
    await centre.call(query="agent=bob", caller="+4930555999")
    late = await centre.fact(f.Answered, nth=4)
    assert late.agent == "ann", "bob talks; after a second anybody will do"
    assert late.wait_ms >= 1_000


# ---------------------------------------------------------------- offers, join and leave


async def test_an_agent_who_misses_calls_is_paused_and_no_more_phones_ring_than_allowed(
    centre: Centre,
) -> None:
    rules = {"ring_timeout": "1s", "autopause": {"no_answer": 1}, "max_offers": 1}
    await centre.open({"sales": QUICK | rules}, {"ann": ANN, "bob": BOB})
    centre.phone("ann").on_invite = Ring()
    await centre.call()
    second = await centre.call(caller="+4930999")
    paused = await centre.fact(f.Paused)
    assert (paused.agent, paused.reason) == ("ann", "missed calls")
    answered = await centre.fact(f.Answered)
    assert answered.agent == "bob"
    assert len(centre.facts(f.Offered)) == 2, "the second caller waited for the first phone to be quiet"
    await second.hangup()


async def test_who_may_join_and_who_must_leave_follows_the_rules(centre: Centre) -> None:
    rules = {"max_wait": "1s", "exit_keys": "0", "max_waiting_per_agent": 1}
    await centre.open({"sales": QUICK | rules}, {"ann": ANN}, refusals={"long_wait": 488})
    await centre.talk("ann")
    waiting = await centre.call()
    await centre.fact(f.Queued, nth=2)
    refused = await centre.call()
    assert (await centre.fact(f.Blocked)).reason is BlockReason.LONG_WAIT
    await centre.until(lambda: refused.final_response is not None, "the refusal")
    assert refused.final_response is not None
    assert refused.final_response.status == 488
    timed_out = await centre.fact(f.Left)
    assert timed_out.reason is LeaveReason.TIMED_OUT
    assert timed_out.wait_ms >= 1_000
    await centre.until(lambda: waiting.ended_at is not None, "the dialplan to end the call")


async def test_a_caller_who_is_back_in_time_has_the_old_place(centre: Centre) -> None:
    await centre.open({"sales": QUICK | {"resume_within": "1m"}}, {"ann": ANN})
    talking, _ = await centre.talk("ann")
    first = await centre.call(caller="+4930555123")
    await centre.fact(f.Queued, nth=2)
    await centre.call(caller="+4930555999")
    await centre.fact(f.Queued, nth=3)
    await first.hangup()
    await centre.fact(f.Abandoned)
    await centre.call(caller="+4930555123")
    back = await centre.fact(f.PlaceRestored)
    await talking.hangup()
    assert (await centre.fact(f.Offered, nth=2)).call == back.call


# ---------------------------------------------------------------- an outside program


class Adviser(BaseHTTPRequestHandler):
    """Answers every question with the last candidate."""

    asked: list[dict[str, Any]] = []  # noqa: RUF012 - one server, one test

    def do_POST(self) -> None:
        """Take one question."""
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append(question)
        answer = json.dumps({"agent": question["candidates"][-1]["agent"]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


async def test_an_outside_program_chooses_and_without_its_answer_the_strategy_does(centre: Centre) -> None:
    server = HTTPServer(("127.0.0.1", 0), Adviser)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/route"
    await centre.open({"sales": QUICK | {"hook": {"url": url}}}, {"ann": ANN, "bob": BOB})
    caller = await centre.call(query="tier=gold")
    assert (await centre.fact(f.Answered)).agent == "bob"
    assert (await centre.fact(f.Offered)).decision.rule == "advice"
    assert Adviser.asked[0]["variables"] == {"tier": "gold"}
    await caller.hangup()
    await centre.fact(f.Ended)
    server.shutdown()
    server.server_close()
    await centre.call()
    assert (await centre.fact(f.Answered, nth=2)).agent == "ann"
    assert (await centre.fact(f.Advice, nth=2)).agent is None
