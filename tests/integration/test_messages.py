"""Messages and dialogues outside of the line on the real Asterisk: recorded, given to agents as work, turned into text."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from acd.core import facts as f
from acd.core.outcomes import WorkKind, WorkOutcome
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Ring
from tests.ua.outgoing import OutgoingCall

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]
ANN = {"ann": Who(phone="1001")}
GERMANY = '[numbers]\ncountry = "49"\n'
OWN = "+4930123456"
CALLBACK: dict[str, Any] = {"dial": "PJSIP/{number}@trunk-a"}


async def opened(centre: Centre, **queue: Any) -> None:
    """A queue that takes messages by key 3, whose agent is away for a moment."""
    sales = {"wrap_up": "0s", "keys": {"3": {"message": True}}, "callback": CALLBACK} | queue
    await centre.open({"sales": sales}, ANN, more=GERMANY)
    await centre.trunk.register()
    centre.trunk.on_invite = Ring()
    await centre.acd("agent", "pause", "ann")


async def recording(centre: Centre) -> OutgoingCall:
    """A caller who presses 3 and speaks."""
    caller = await centre.call("sales", caller=OWN)
    await centre.fact(f.Queued)
    await caller.answered()
    await caller.dtmf("3")
    await centre.fact(f.Ended)
    caller.rtp.send = True
    await centre.until(lambda: files(centre), "the recording to begin")
    await caller.rtp.heard(caller.rtp.received, 5)
    return caller


def files(centre: Centre) -> list[Path]:
    """Messages as Asterisk has written them."""
    folder = Path(centre.site.recordings).parent / "acd-messages"
    return sorted(path for path in folder.glob("*.wav")) if folder.exists() else []


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def no_messages(centre: Centre) -> AsyncIterator[None]:
    """Those of the test before are none of this one's."""
    for path in files(centre):
        path.unlink()
    yield


async def spoken(seconds: float) -> None:
    """Speaking takes its time: what is recorded is as long as it is."""
    await asyncio.sleep(seconds)


async def shown(centre: Centre, application: str) -> None:
    """A channel is in that application."""
    async with asyncio.timeout(20):
        while application not in await centre.pbx.cli("core show channels concise"):
            await asyncio.sleep(0.1)


async def test_a_message_is_work_for_an_agent_at_the_callers_place(centre: Centre) -> None:
    await opened(centre)
    caller = await recording(centre)
    await spoken(1.5)
    await caller.dtmf("#")
    await caller.dtmf("1")
    added = await centre.fact(f.WorkAdded, within=15)
    assert (added.kind, added.number) == (WorkKind.MESSAGE, OWN)
    assert added.joined == (await centre.fact(f.Queued)).joined
    assert [path.with_suffix("").name for path in files(centre)] == [added.work]

    await centre.acd("agent", "resume", "ann")

    phone = await centre.phones["1001"].next_call(8)
    await centre.fact(f.WorkReached)
    await phone.rtp.heard(50, 5)
    await phone.hangup()
    assert (await centre.fact(f.WorkEnded)).outcome is WorkOutcome.DONE


async def test_who_hangs_up_after_speaking_has_left_a_message(centre: Centre) -> None:
    await opened(centre)
    caller = await recording(centre)
    await spoken(1.5)
    await caller.hangup()
    assert (await centre.fact(f.WorkAdded)).kind is WorkKind.MESSAGE


async def test_who_hangs_up_without_speaking_has_not(centre: Centre) -> None:
    await opened(centre, message={"least": "5s"})
    caller = await recording(centre)
    await caller.hangup()
    await centre.until(lambda: caller.ended_at, "the end")
    assert centre.facts(f.WorkAdded) == []


async def test_an_agent_calls_back_from_a_message_by_a_key(centre: Centre) -> None:
    await opened(centre)
    caller = await recording(centre)
    await spoken(1.2)
    await caller.hangup()
    await centre.fact(f.WorkAdded)
    await centre.acd("agent", "resume", "ann")
    phone = await centre.phones["1001"].next_call(8)
    await centre.fact(f.WorkReached)
    await shown(centre, "!Read!")
    await phone.dtmf("2")
    customer = await centre.trunk.next_call(8)
    assert OWN in customer.invite.uri
    await customer.answer()
    await customer.hangup()
    assert (await centre.fact(f.WorkEnded)).outcome is WorkOutcome.DONE


async def test_a_message_is_turned_into_text_by_a_program(centre: Centre) -> None:
    program = [sys.executable, "-c", "import os, sys; print('bytes', os.path.getsize(sys.argv[1]) > 1000)"]
    await opened(centre, message={"transcribe": {"command": program}})
    caller = await recording(centre)
    await spoken(1.5)
    await caller.hangup()
    assert (await centre.fact(f.WorkTranscribed)).text == "bytes True"
    (view,) = json.loads((await centre.acd("callbacks", "--json")).stdout)
    assert view["text"] == "bytes True"


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ([sys.executable, "-c", "import time; time.sleep(60)"], "no text within 1s"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "ended with 3"),
        (["/no/such/program"], "FileNotFoundError"),
    ],
)
async def test_a_program_that_hangs_or_fails_costs_no_message(
    centre: Centre, command: list[str], why: str
) -> None:
    await opened(centre, message={"transcribe": {"command": command, "deadline": "1s"}})
    caller = await recording(centre)
    await spoken(1.2)
    await caller.hangup()
    assert why in (await centre.fact(f.WorkTranscribed)).why
    assert len(json.loads((await centre.acd("callbacks", "--json")).stdout)) == 1


async def test_who_finds_the_queue_closed_may_ask_to_be_called_back(centre: Centre) -> None:
    await opened(centre, open=False, overflow={"closed": {"callback": True}})
    caller = await centre.call("sales", caller=OWN)
    await caller.answered()
    await centre.fact(f.Blocked)
    await caller.rtp.heard(20, 5)
    await caller.dtmf("1")
    added = await centre.fact(f.WorkAdded)
    assert (added.kind, added.number) == (WorkKind.CALLBACK, OWN)
    await centre.acd("agent", "resume", "ann")
    customer = await centre.trunk.next_call(8)
    await customer.answer()
    await centre.fact(f.WorkReached)


async def test_a_box_of_voicemail_takes_the_call(centre: Centre) -> None:
    await opened(centre, open=False, overflow={"closed": {"voicemail": "200@default"}})
    caller = await centre.call("sales", caller=OWN)
    await caller.answered()
    await caller.rtp.heard(50, 5)
    assert (await centre.fact(f.Diverted)).target == "200@default"
