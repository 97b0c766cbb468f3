"""Ways out of a queue on the real Asterisk: keys at any time, menus, limits, the hours; to where they lead."""

import asyncio
from typing import Any

import pytest

from acd.core import facts as f
from acd.core.outcomes import BlockReason, WayKind
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]
ANN = Who(phone="1001", queues=("sales", "support"))
LONG = "demo-congrats"
"""About thirty seconds, of the core sounds."""
OUT: dict[str, dict[str, Any]] = {
    "extension": {"extension": "500", "context": "night"},
    "external": {"external": "+4930999999"},
    "voicemail": {"voicemail": "200@default"},
    "queue": {"queue": "support"},
}


async def waiting(centre: Centre, sales: dict[str, Any], support: dict[str, Any] | None = None) -> Any:
    """A caller who waits in sales because ann is paused."""
    await centre.open({"sales": sales, "support": support or {}}, {"ann": ANN})
    await centre.acd("agent", "pause", "ann")
    caller = await centre.call("sales")
    await centre.fact(f.Queued)
    await caller.answered()
    return caller


@pytest.mark.parametrize("kind", OUT)
async def test_a_key_in_the_middle_of_a_message_leads_there(centre: Centre, kind: str) -> None:
    caller = await waiting(centre, {"announcements": {"join": LONG}, "keys": {"2": OUT[kind]}})
    await caller.rtp.heard(50, 5)
    if kind == "external":
        centre.trunk.on_invite = Ring()
        await centre.trunk.register()

    await caller.dtmf("2")

    if kind == "queue":
        assert (await centre.fact(f.Queued, moved_from="sales")).queue == "support"
        return
    diverted = await centre.fact(f.Diverted)
    assert (diverted.kind.value, diverted.reason) == (kind, "key")
    assert (await centre.fact(f.Left)).reason.value == "key"
    if kind == "external":
        call = await centre.trunk.next_call(8)
        assert "+4930999999@" in call.invite.uri
        await call.answer()
    else:
        heard = caller.rtp.received
        await caller.rtp.heard(heard + 50, 5)
        assert not caller.ended_at, "the dialplan has it"


async def test_a_menu_behind_a_key_leaves_the_caller_in_line_until_something_is_chosen(
    centre: Centre,
) -> None:
    menu = {"prompts": [LONG], "keys": {"3": {"voicemail": "200"}}}
    caller = await waiting(centre, {"keys": {"9": {"menu": "more"}}, "menus": {"more": menu}})
    await caller.dtmf("9")
    await caller.rtp.heard(caller.rtp.received + 50, 5)
    assert centre.facts(f.Left) == []

    await caller.dtmf("3")

    assert (await centre.fact(f.Diverted)).kind is WayKind.VOICEMAIL


async def test_an_agent_who_becomes_free_takes_the_caller_out_of_the_menu(centre: Centre) -> None:
    menu = {"prompts": [LONG], "keys": {"3": {"voicemail": "200"}}}
    caller = await waiting(centre, {"keys": {"9": {"menu": "more"}}, "menus": {"more": menu}})
    await caller.dtmf("9")
    await caller.rtp.heard(caller.rtp.received + 50, 5)

    await centre.acd("agent", "resume", "ann")

    await centre.fact(f.Answered, agent="ann")
    await caller.dtmf("3")
    await asyncio.sleep(0)
    assert centre.facts(f.Diverted) == []


@pytest.mark.parametrize(
    ("limit", "why", "reason"),
    [
        ({"max_waiting": 1}, "full", BlockReason.QUEUE_FULL),
        ({"open": False}, "closed", BlockReason.CLOSED),
        ({"join_needs": ["ready"]}, "nobody", BlockReason.NOBODY_LOGGED_IN),
        ({"max_waiting_per_agent": 1}, "long_wait", BlockReason.LONG_WAIT),
    ],
)
async def test_who_is_kept_out_goes_to_another_queue(
    centre: Centre, limit: dict[str, Any], why: str, reason: BlockReason
) -> None:
    sales = {**limit, "overflow": {why: {"queue": "support"}}}
    await centre.open({"sales": sales, "support": {}}, {"ann": ANN})
    await centre.acd("agent", "pause", "ann")
    first = 1 if why in ("full", "long_wait") else 0
    for _ in range(first):
        await centre.call("sales")
        await centre.fact(f.Queued)
    await centre.call("sales")

    assert (await centre.fact(f.Diverted)).reason == reason.value
    assert (await centre.fact(f.Queued, moved_from="sales")).queue == "support"
    await centre.acd("agent", "resume", "ann")
    await centre.fact(f.Answered)


async def test_who_is_kept_out_may_go_to_the_dialplan_without_being_hung_up(centre: Centre) -> None:
    sales = {"open": False, "overflow": {"closed": OUT["extension"]}}
    await centre.open({"sales": sales}, {"ann": Who(phone="1001")})
    caller = await centre.call("sales")
    await caller.answered()
    assert (await centre.fact(f.Blocked)).reason is BlockReason.CLOSED
    assert (await centre.fact(f.Diverted)).kind is WayKind.EXTENSION
    await caller.rtp.heard(50, 5)


async def test_who_has_waited_long_enough_goes_where_the_queue_says(centre: Centre) -> None:
    caller = await waiting(centre, {"max_wait": "1s", "overflow": {"timed_out": OUT["voicemail"]}})
    diverted = await centre.fact(f.Diverted)
    assert (diverted.reason, diverted.kind) == ("timed_out", WayKind.VOICEMAIL)
    await caller.rtp.heard(caller.rtp.received + 50, 5)


async def test_a_step_leads_out_of_the_queue(centre: Centre) -> None:
    caller = await waiting(
        centre, {"skip_steps": "never", "steps": [{"after": "1s", "to": OUT["extension"]}]}
    )
    assert (await centre.fact(f.Diverted)).reason == "overflowed"
    await caller.rtp.heard(caller.rtp.received + 50, 5)
