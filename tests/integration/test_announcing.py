"""What callers hear while they wait, and that it never keeps them from an agent."""

import pytest

from acd.core import facts as f
from tests.centre.centre import Centre, Who
from tests.ua.behaviour import Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

LONG = "demo-congrats"
"""About thirty seconds, of the core sounds."""


async def test_an_agent_who_becomes_free_is_rung_in_the_middle_of_a_message(centre: Centre) -> None:
    queue = {"announcements": {"join": LONG}}
    await centre.open({"sales": queue}, {"ann": Who(phone="1001")})
    await centre.acd("agent", "pause", "ann")
    centre.phones["1001"].script.append(Ring())
    caller = await centre.call("sales")
    await caller.rtp.heard(50, 5)

    await centre.acd("agent", "resume", "ann")

    phone = await centre.phones["1001"].next_call(8)
    rung = await centre.fact(f.Offered)
    resumed = await centre.fact(f.Resumed)
    assert rung.at == resumed.at, "the same step"
    await phone.answer()
    await centre.fact(f.Answered)
    heard = caller.rtp.received
    phone.rtp.send = True
    await caller.rtp.heard(heard + 20, 5)


async def test_messages_place_and_wait_are_said_and_music_goes_on(centre: Centre) -> None:
    rule = {
        "messages": ["beep", "no-such-sound"],
        "first": "1s",
        "every": "5s",
        "position": True,
        "wait": True,
    }
    await centre.open({"sales": {"announcements": rule}}, {"ann": Who(phone="1001")})
    await centre.acd("agent", "pause", "ann")
    caller = await centre.call("sales")
    await centre.fact(f.Queued)

    await caller.rtp.heard(100, 10)
    await centre.until(
        lambda: "sound_missing" in (centre.directory / "log").read_text(), "the second message", 20
    )
    heard = caller.rtp.received
    await caller.rtp.heard(heard + 50, 5)
    assert (centre.directory / "log").read_text().count("sound_missing") == 1


async def test_a_key_lets_a_caller_go_in_the_middle_of_a_message(centre: Centre) -> None:
    queue = {"announcements": {"join": LONG}, "exit_keys": "0"}
    await centre.open({"sales": queue}, {"ann": Who(phone="1001")})
    await centre.acd("agent", "pause", "ann")
    caller = await centre.call("sales")
    await caller.rtp.heard(50, 5)

    await caller.dtmf("0")

    left = await centre.fact(f.Left)
    assert left.reason.value == "key"
    await caller.ended()


async def test_a_caller_who_hangs_up_in_a_message_has_abandoned(centre: Centre) -> None:
    await centre.open({"sales": {"announcements": {"join": LONG}}}, {"ann": Who(phone="1001")})
    await centre.acd("agent", "pause", "ann")
    caller = await centre.call("sales")
    await caller.rtp.heard(50, 5)
    await caller.hangup()
    assert (await centre.fact(f.Abandoned)).stage.value == "waiting"
