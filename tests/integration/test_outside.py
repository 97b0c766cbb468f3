"""What the daemon claims, checked from outside by an AMI client of another make: pyst2's `asterisk.manager`."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from asterisk.manager import Manager

from acd.core import facts as f
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.pbx.settings import MANAGER_SECRET, TESTS_USER
from tests.ua.behaviour import Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]


@pytest_asyncio.fixture(loop_scope="session")
async def outside(centre: Centre) -> AsyncIterator[Manager]:
    """Logged in as the user who may see everything; its calls block, so they run in threads."""
    manager = Manager()
    host, port = centre.pbx.manager
    await asyncio.to_thread(manager.connect, host, port)
    await asyncio.to_thread(manager.login, TESTS_USER, MANAGER_SECRET)
    yield manager
    await asyncio.to_thread(manager.close)


async def variable(outside: Manager, channel: str, name: str) -> str:
    """A variable of a channel, as Asterisk has it."""
    response = await asyncio.to_thread(
        outside.send_action, {"Action": "Getvar", "Channel": channel, "Variable": name}
    )
    return str(response.headers.get("Value", ""))


async def test_the_call_id_and_join_time_stand_on_the_caller_s_channel(
    centre: Centre, outside: Manager
) -> None:
    await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": Who(phone="1001")})
    centre.phone("ann").on_invite = Ring()
    await centre.call()
    queued = await centre.fact(f.Queued)
    await centre.phone("ann").next_call()
    arrived = centre.facts(f.Arrived)[0]

    assert await variable(outside, arrived.channel, "ACD_CALL") == queued.call
    assert await variable(outside, arrived.channel, "ACD_JOINED") == str(queued.joined)
    assert await variable(outside, arrived.channel, "TIMEOUT(absolute)") in ("0", "0.000")
    assert await variable(outside, arrived.channel, "ACD_STATUS") == ""


async def test_agent_and_caller_are_in_one_bridge_while_the_daemon_says_they_talk(
    centre: Centre, outside: Manager
) -> None:
    await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": Who(phone="1001")})
    await centre.talk("ann")
    [call] = await centre.ask("/calls")
    answered = centre.facts(f.Answered)[0]
    caller = await variable(outside, call["channel"], "BRIDGEPEER")
    agent = await variable(outside, answered.leg_channel, "BRIDGEPEER")

    assert (call["state"], call["agent"]) == ("talking", "ann")
    assert (caller, agent) == (answered.leg_channel, call["channel"])
