"""Three people in one talk: the queue counts one talk, whoever mixes the sound."""

import asyncio

import pytest

from acd.core import facts as f
from acd.core.outcomes import EndedBy, TransferKind
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Answer

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

QUEUES: dict[str, dict[str, object]] = {"sales": {"wrap_up": "0s"}, "other": {"wrap_up": "0s"}}
AGENTS = {"ann": Who(phone="1001"), "bob": Who(phone="1002", queues=("other",))}


async def conferees(centre: Centre, wanted: int) -> None:
    """So many are in the conference's bridge."""
    async with asyncio.timeout(8):
        while f"{wanted} " not in (await centre.pbx.cli("confbridge list")).replace("    ", "") and (
            f" {wanted} " not in await centre.pbx.cli("confbridge list")
        ):
            await asyncio.sleep(0.02)


async def test_a_conference_that_the_agents_phone_mixes_is_one_talk_with_a_hold(centre: Centre) -> None:
    await centre.open(QUEUES, AGENTS)
    caller, talk = await centre.talk("ann")
    await talk.hold()
    consult = await centre.phone("ann").invite("1002")
    await consult.answered()
    await centre.fact(f.StateChanged, agent="bob", after="direct_call")
    await talk.resume()  # the phone mixes both from here on
    back = await centre.fact(f.TookBack)
    await centre.fact(f.StateChanged, agent="ann", before="on_hold", after="talking")

    await consult.hangup()
    await centre.fact(f.StateChanged, agent="bob", before="direct_call", after="ready")
    assert not centre.facts(f.Talked), "the queue's talk goes on"
    await caller.hangup()
    talked = await centre.fact(f.Talked)

    assert (talked.agent, talked.by, talked.hold_ms) == ("ann", EndedBy.CALLER, back.hold_ms)
    assert not centre.facts(f.Transferred)
    sales = await centre.figures("queue", "sales")
    assert (sales["offered"], sales["answered"], sales["transferred_attended"]) == (1, 1, 0)


async def test_a_caller_sent_into_a_conference_is_transferred_and_the_agent_there_is_on_a_call_of_the_own(
    centre: Centre,
) -> None:
    await centre.open(QUEUES, AGENTS)
    caller, talk = await centre.talk("ann")
    await talk.refer("850")
    given = await centre.fact(f.Transferred)
    own = await centre.phone("ann").invite("850")
    await own.answered()
    third = await centre.phone("bob").invite("850")
    await third.answered()
    await conferees(centre, 3)
    await centre.fact(f.StateChanged, agent="ann", after="direct_call")
    await centre.fact(f.StateChanged, agent="bob", after="direct_call")

    assert (given.kind, given.target) == (TransferKind.BLIND, "850")
    assert (await centre.fact(f.Talked)).by is EndedBy.TRANSFER
    assert caller.ending is None
    await caller.hangup()
    await own.hangup()
    await third.hangup()
    await centre.fact(f.StateChanged, agent="ann", before="direct_call", after="ready")
    figures = await centre.figures("queue", "sales")
    assert (figures["answered"], figures["transferred_blind"], figures["handled"]) == (1, 1, 1)


async def test_a_caller_brought_into_a_conference_after_a_consultation_frees_the_agent_once(
    centre: Centre,
) -> None:
    await centre.open(QUEUES, AGENTS)
    caller, talk = await centre.talk("ann")
    centre.phone("bob").on_invite = Answer()
    third = await centre.phone("bob").invite("850")
    await third.answered()
    await talk.hold()
    consult = await centre.phone("ann").invite("850")
    await consult.answered()
    await conferees(centre, 2)

    await talk.refer_replaces(consult)

    given = await centre.fact(f.Transferred)
    await conferees(centre, 2)
    assert given.kind is TransferKind.ATTENDED
    assert len(centre.facts(f.Talked)) == 1
    assert caller.ending is None
    await centre.fact(f.StateChanged, agent="ann", after="ready", nth=2)
    await caller.hangup()
    await third.hangup()
    figures = await centre.figures("queue", "sales")
    assert (figures["answered"], figures["transferred_attended"], figures["offered"]) == (1, 1, 1)
