"""Who rings, in which order, and what refusals look like, on the real Asterisk (cases 1-4, 10-12 of the issue)."""

import asyncio

import pytest

from acd.core import facts as f
from acd.core.outcomes import BlockReason
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Answer, Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

QUICK = {"wrap_up": "0s"}


async def test_case_1_the_phone_of_the_agent_with_the_skill_rings_and_explain_names_why_not_the_other(
    centre: Centre,
) -> None:
    await centre.open(
        {"sales": QUICK | {"require": {"fr": 5}}},
        {"ann": Who(phone="1001", skills={"fr": 7}), "bob": Who(phone="1002", skills={"fr": 2})},
    )
    centre.phone("ann").on_invite = Ring()
    caller = await centre.call()
    ringing = await centre.phone("ann").next_call()
    offer = await centre.fact(f.Offered)

    assert centre.phone("bob").calls == []
    assert offer.decision.excluded == {"needs fr >= 5, has fr = 2": 1}
    story = await centre.ask(f"/explain/call/{offer.call}")
    assert {"subject": "bob", "why": "needs fr >= 5, has fr = 2"} in story["now"]["agents"]
    assert story["offers"][0]["agent"] == "ann"
    await caller.hangup()
    await ringing.ended()


async def test_a_requirement_of_the_call_itself_comes_with_its_request(centre: Centre) -> None:
    await centre.open(
        {"sales": QUICK},
        {"ann": Who(phone="1001"), "bob": Who(phone="1002", skills={"vip": 3})},
    )
    await centre.call(query="need-vip=2")

    assert (await centre.fact(f.Offered)).agent == "bob"


async def test_case_2_an_agent_who_ends_a_call_gets_the_first_waiting_caller_at_once(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    _, phone = await centre.talk("ann")
    for number in range(3):
        await centre.call(caller=f"+4911{number}")
        await centre.fact(f.Queued, nth=number + 2)
    waiting = [fact.call for fact in centre.facts(f.Queued)][1:]
    centre.phone("ann").on_invite = Ring()
    await phone.hangup()
    offer = await centre.fact(f.Offered, nth=2)
    ended = await centre.fact(f.Talked)

    assert offer.call == waiting[0]
    assert offer.at == ended.at
    rung = await centre.phone("ann").next_call()
    assert rung.caller == "+49110"


async def test_case_3_a_head_nobody_can_serve_is_passed_and_keeps_its_place(centre: Centre) -> None:
    await centre.open(
        {"sales": QUICK},
        {"ann": Who(phone="1001"), "fay": Who(phone="1002", skills={"fr": 9}, logged_in=False)},
    )
    await centre.call(query="need-fr=5")
    head = await centre.fact(f.Queued)
    await centre.call()
    second = await centre.fact(f.Offered)
    assert second.call != head.call

    await centre.ask("/agents/fay/login", method="POST")
    third = await centre.fact(f.Offered, nth=2)
    assert (third.call, third.agent) == (head.call, "fay")


async def test_case_4_a_higher_priority_joins_later_and_is_served_first(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    _, phone = await centre.talk("ann")
    await centre.call()
    await centre.fact(f.Queued, nth=2)
    await centre.call(query="priority=5")
    urgent = await centre.fact(f.Queued, nth=3)
    await phone.hangup()

    assert (await centre.fact(f.Offered, nth=2)).call == urgent.call


async def test_the_longest_idle_of_equals_rings(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001"), "bob": Who(phone="1002")})
    for _ in range(4):
        talks = len(centre.facts(f.Talked))
        caller = await centre.call()
        await centre.fact(f.Answered, nth=talks + 1)
        await caller.hangup()
        await centre.fact(f.Talked, nth=talks + 1)

    assert [offer.agent for offer in centre.facts(f.Offered)] == ["ann", "bob", "ann", "bob"]


# ---------------------------------------------------------------- refused before answer


REFUSALS = [
    ("unknown_queue", "nowhere", {}, True, 100, 404),
    ("queue_full", "sales", {"max_waiting": 1}, True, 100, 486),
    ("nobody_logged_in", "sales", {}, False, 100, 480),
    ("closed", "sales", {"open": False}, True, 100, 480),
    ("trunk_full", "sales", {}, True, 1, 503),
]


@pytest.mark.parametrize(("reason", "queue", "rule", "staffed", "capacity", "status"), REFUSALS)
async def test_case_10_a_call_that_may_not_enter_is_refused_before_answer_with_its_status(
    centre: Centre,
    reason: str,
    queue: str,
    rule: dict[str, object],
    staffed: bool,
    capacity: int,
    status: int,
) -> None:
    await centre.open(
        {"sales": QUICK | rule}, {"ann": Who(phone="1001", logged_in=staffed)}, capacity=capacity
    )
    if reason in ("queue_full", "trunk_full"):
        centre.phone("ann").on_invite = Ring()
        await centre.call()
        await centre.fact(f.Offered)
    caller = await centre.call(queue)

    assert await caller.final() == status
    blocked = await centre.fact(f.Blocked)
    assert (blocked.reason, blocked.queue, blocked.trunk) == (BlockReason(reason), queue, "carrier")
    figures = await centre.figures("queue", queue)
    assert figures[f"blocked_{reason}"] == 1
    assert 200 not in [response.status for response in caller.provisionals]


async def test_case_10_the_status_of_a_refusal_is_configurable(centre: Centre) -> None:
    await centre.open(
        {"sales": QUICK | {"open": False}}, {"ann": Who(phone="1001")}, refusals={"closed": 603}
    )

    assert await (await centre.call()).final() == 603


# ---------------------------------------------------------------- phones in use, reload


async def test_case_11_an_agent_on_a_direct_call_is_not_offered_and_is_when_free(centre: Centre) -> None:
    await centre.open(
        {"sales": QUICK}, {"ann": Who(phone="1001"), "boss": Who(phone="1002", queues=(), logged_in=False)}
    )
    direct = await centre.phone("boss").invite("1001")
    await direct.answered()
    await centre.fact(f.StateChanged, agent="ann", after="direct_call")
    await centre.call()
    await centre.fact(f.Queued)
    assert centre.facts(f.Offered) == []

    await direct.hangup()
    assert (await centre.fact(f.Offered)).agent == "ann"


async def test_an_agent_whose_phone_is_not_registered_is_not_offered_until_it_is(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    await centre.phone("ann").unregister()
    await centre.fact(f.StateChanged, agent="ann", after="unreachable")
    await centre.call()
    await centre.fact(f.Queued)
    assert centre.facts(f.Offered) == []

    await centre.phone("ann").register()
    assert (await centre.fact(f.Offered)).agent == "ann"


async def test_a_free_agent_s_phone_can_ring_before_the_caller_is_answered(centre: Centre) -> None:
    await centre.open({"sales": QUICK | {"ring_before_answer": True}}, {"ann": Who(phone="1001")})
    centre.phone("ann").on_invite = Answer(after=0.3)
    caller = await centre.call()
    await caller.ringing()
    phone = await centre.phone("ann").next_call()
    assert not caller.answered_at

    await caller.answered()
    await phone.answered()


async def test_case_12_a_reload_that_adds_the_missing_skill_serves_the_waiting_caller(centre: Centre) -> None:
    queues = {"sales": QUICK | {"require": {"fr": 5}}}
    await centre.open(queues, {"ann": Who(phone="1001")})
    await centre.call()
    waiting = await centre.fact(f.Queued)
    centre.write(queues, {"ann": Who(phone="1001", skills={"fr": 6})})
    result = await centre.ask("/reload", method="POST")

    assert result["ok"]
    offer = await centre.fact(f.Offered)
    assert (offer.call, offer.agent, offer.generation) == (waiting.call, "ann", result["generation"])


async def test_case_12_a_broken_file_changes_nothing_and_says_why(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    before = await centre.ask("/status")
    (centre.directory / "agents.toml").write_text('[agents.ann]\nphnoe = "1001"\nqueues = ["sale"]\n')
    result = await centre.ask("/reload", method="POST")
    await asyncio.sleep(0)

    assert not result["ok"]
    assert any("phnoe" in problem and "phone" in problem for problem in result["problems"])
    assert any("did you mean" in problem for problem in result["problems"])
    after = await centre.ask("/status")
    assert after["generation"] == before["generation"]
    await centre.call()
    assert (await centre.fact(f.Offered)).agent == "ann"
