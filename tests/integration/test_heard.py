"""What callers hear, by the frames on the wire: a prompt is a tone, music is none."""

import time
from typing import Any

import pytest

from acd.core import facts as f
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Ring
from tests.ua.outgoing import OutgoingCall
from tests.ua.tone import share

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]
LONG, SHORT = "acd-test/tone", "acd-test/short"
"""Thirty seconds, and one."""


def tone(frames: list[bytes]) -> bool:
    """A prompt."""
    return share(frames) > 0.8


def music(frames: list[bytes]) -> bool:
    """Something, but no prompt."""
    return len(set(b"".join(frames))) > 8 and share(frames) < 0.3


async def waiting(centre: Centre, **queue: Any) -> OutgoingCall:
    """A caller whose agent is away for a moment."""
    await centre.open(
        {"sales": queue, "support": {}}, {"ann": Who(phone="1001", queues=("sales", "support"))}
    )
    await centre.acd("agent", "pause", "ann")
    caller = await centre.call("sales")
    await centre.fact(f.Queued)
    await caller.answered()
    return caller


async def test_music_is_heard_then_a_message_then_music_again(centre: Centre) -> None:
    rule = {"messages": [SHORT], "first": "2s", "every": "1h"}
    caller = await waiting(centre, announcements=rule)
    await caller.rtp.sounds(music, 5, "music")
    await caller.rtp.sounds(tone, 5, "the message")
    await caller.rtp.sounds(music, 5, "music again")


async def test_a_message_is_cut_the_moment_an_agent_is_found(centre: Centre) -> None:
    caller = await waiting(centre, announcements={"join": LONG})
    await caller.rtp.sounds(tone, 5, "the message")
    centre.phones["1001"].on_invite = Ring()

    await centre.acd("agent", "resume", "ann")

    phone = await centre.phones["1001"].next_call(8)
    found = (await centre.fact(f.Offered)).at
    assert abs(time.time_ns() - found) < 5e9
    await caller.rtp.sounds(lambda frames: not tone(frames), 2, "the end of the message")
    await phone.answer()
    await centre.fact(f.Answered)


async def test_another_music_is_heard_from_a_step_on(centre: Centre) -> None:
    steps = [{"after": "2s", "music": "tone"}]
    caller = await waiting(centre, steps=steps, skip_steps="never")
    await caller.rtp.sounds(music, 5, "music")
    await caller.rtp.sounds(tone, 5, "the step's music")


async def test_a_key_cuts_what_is_said_in_a_menu(centre: Centre) -> None:
    menu = {"prompts": [LONG], "keys": {"3": {"queue": "support"}}}
    caller = await waiting(centre, keys={"9": {"menu": "more"}}, menus={"more": menu})
    await caller.rtp.sounds(music, 5, "music")
    await caller.dtmf("9")
    await caller.rtp.sounds(tone, 5, "the menu")
    await caller.dtmf("3")
    await caller.rtp.sounds(music, 5, "music in the other queue")
    assert (await centre.fact(f.Queued, moved_from="sales")).queue == "support"


async def test_music_of_the_queue_is_heard(centre: Centre) -> None:
    caller = await waiting(centre, music="tone")
    await caller.rtp.sounds(tone, 5, "the queue's music")
