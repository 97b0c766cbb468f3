"""Talk, hold, wrap-up, who ended, and transfers, on the real Asterisk (cases 7-9)."""

import asyncio

import pytest

from acd.core import facts as f
from acd.core.outcomes import EndedBy, TransferKind
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Answer, Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

QUICK = {"wrap_up": "0s"}
TWO_QUEUES = {"sales": QUICK, "billing": QUICK}
TWO_AGENTS = {"ann": Who(phone="1001"), "bob": Who(phone="1002", queues=("billing",))}


@pytest.mark.parametrize("by", [EndedBy.AGENT, EndedBy.CALLER])
async def test_case_7_who_ended_talk_and_wrap_up_are_recorded(centre: Centre, by: EndedBy) -> None:
    await centre.open({"sales": {"wrap_up": "500ms"}}, {"ann": Who(phone="1001")})
    caller, phone = await centre.talk("ann")
    await (phone if by is EndedBy.AGENT else caller).hangup()
    talked = await centre.fact(f.Talked)
    wrapped = await centre.fact(f.WrapUpEnded)

    assert (talked.by, talked.hold_ms, talked.estimated) == (by, 0, False)
    assert 490 <= wrapped.wrap_up_ms <= 600
    await centre.fact(f.StateChanged, agent="ann", before="wrap_up", after="ready")
    figures = await centre.figures("agent", "ann")
    assert (figures["handled"], figures["wrap_ups"], figures[f"ended_by_{by.value}"]) == (1, 1, 1)
    assert figures["talk_ms"] == talked.talk_ms
    await (caller if by is EndedBy.AGENT else phone).ended()


async def test_case_8_hold_time_is_kept_apart_from_talk(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    _, phone = await centre.talk("ann")
    await phone.hold()
    held = await centre.fact(f.HeldCaller)
    await asyncio.sleep(0.2)  # the length of the hold itself, not a wait for something
    await phone.resume()
    back = await centre.fact(f.TookBack)
    await phone.hangup()
    talked = await centre.fact(f.Talked)
    answered = centre.facts(f.Answered)[0]

    assert back.hold_ms >= 190
    assert talked.hold_ms == back.hold_ms == back.at // 1_000_000 - held.at // 1_000_000
    assert talked.talk_ms + talked.hold_ms == talked.at // 1_000_000 - answered.at // 1_000_000


# ---------------------------------------------------------------- transfers


async def test_case_9_a_blind_transfer_frees_the_agent_and_the_caller_is_there_at_once(
    centre: Centre,
) -> None:
    await centre.open(TWO_QUEUES, TWO_AGENTS)
    caller, phone = await centre.talk("ann")
    await phone.refer("900")
    given = await centre.fact(f.Transferred)
    await centre.fact(f.StateChanged, agent="ann", before="talking", after="ready")

    assert (given.kind, given.target) == (TransferKind.BLIND, "900")
    assert centre.facts(f.Talked)[0].by is EndedBy.TRANSFER
    await _at(centre, "900")
    assert caller.ending is None
    figures = await centre.figures("queue", "sales")
    assert (figures["transferred_blind"], figures["transferred_attended"], figures["answered"]) == (1, 0, 1)


async def test_case_9_a_blind_transferred_caller_gets_there_though_the_daemon_is_dead(centre: Centre) -> None:
    await centre.open(TWO_QUEUES, TWO_AGENTS)
    caller, phone = await centre.talk("ann")
    await centre.kill_daemon()
    await phone.refer("900")

    await _at(centre, "900")
    assert caller.ending is None


async def test_case_9_a_blind_transfer_to_another_queue_is_a_new_call_linked_to_the_old(
    centre: Centre,
) -> None:
    await centre.open(TWO_QUEUES, TWO_AGENTS)
    caller, phone = await centre.talk("ann")
    await phone.refer("700")
    reached = await centre.fact(f.TransferredToQueue)
    second = await centre.fact(f.Answered, nth=2)

    assert (reached.call, reached.into, second.agent) == (centre.facts(f.Arrived)[0].call, second.call, "bob")
    assert centre.facts(f.Arrived)[1].parent == reached.call
    await caller.hangup()
    await centre.fact(f.Ended, nth=2)
    sales, billing = await centre.figures("queue", "sales"), await centre.figures("queue", "billing")
    assert (sales["transferred_blind"], sales["transferred_to_queue"]) == (1, 1)
    assert (billing["offered"], billing["answered"], billing["transferred_blind"]) == (1, 1, 0)


async def test_case_9_an_attended_transfer_to_another_agent_frees_the_first(centre: Centre) -> None:
    await centre.open(TWO_QUEUES, TWO_AGENTS)
    caller, phone = await centre.talk("ann")
    await phone.hold()
    consult = await centre.phone("ann").invite("1002")
    await consult.answered()
    await centre.fact(f.StateChanged, agent="bob", after="direct_call")
    await phone.refer_replaces(consult)
    given = await centre.fact(f.Transferred)
    await centre.fact(f.StateChanged, agent="ann", after="ready", nth=2)

    assert given.kind is TransferKind.ATTENDED
    assert len(centre.facts(f.Talked)) == 1
    second = await centre.phone("bob").next_call()
    await second.hangup()
    await caller.ended()
    figures = await centre.figures("queue", "sales")
    assert (figures["transferred_attended"], figures["answered"], figures["offered"]) == (1, 1, 1)


@pytest.mark.parametrize("answered", [False, True], ids=["before an agent there answers", "after"])
async def test_case_9_an_attended_transfer_into_a_queue_goes_on_with_the_caller(
    centre: Centre, answered: bool
) -> None:
    await centre.open(TWO_QUEUES, TWO_AGENTS)
    centre.phone("bob").on_invite = Answer() if answered else Ring()
    caller, phone = await centre.talk("ann")
    await phone.hold()
    consult = await centre.phone("ann").invite("700")
    await consult.answered()
    rung = await centre.phone("bob").next_call()
    if answered:
        await centre.fact(f.Answered, nth=2)
    await phone.refer_replaces(consult)
    given = await centre.fact(f.Transferred)
    changed = await centre.fact(f.CallerChanged)
    if not answered:
        await rung.answer()
    second = await centre.fact(f.Answered, nth=2)
    caller.rtp.send = True
    await rung.rtp.heard(1)
    await rung.hangup()
    talked = await centre.fact(f.Talked, nth=2)
    await caller.ended()

    assert (given.kind, given.into) == (TransferKind.ATTENDED, second.call)
    assert (changed.call, changed.parent, changed.caller) == (second.call, given.call, "+4930123")
    assert (talked.agent, talked.by) == ("bob", EndedBy.AGENT)
    assert len(centre.facts(f.Arrived)) == len(centre.facts(f.Ended)) == 2
    sales, billing = await centre.figures("queue", "sales"), await centre.figures("queue", "billing")
    assert (sales["transferred_attended"], sales["transferred_to_queue"]) == (1, 1)
    assert (billing["offered"], billing["answered"], billing["transferred_attended"]) == (1, 1, 0)


async def _at(centre: Centre, extension: str) -> None:
    """Wait until the caller's channel runs that extension."""
    async with asyncio.timeout(5):
        while f"!{extension}!" not in await centre.pbx.cli("core show channels concise"):
            await asyncio.sleep(0.02)
