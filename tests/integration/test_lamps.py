"""Lamps: what a phone with BLF keys is told of agents and queues."""

import asyncio
import contextlib
import tempfile
from pathlib import Path

import pytest

from acd.core import facts as f
from tests.centre.centre import Centre, Who
from tests.centre.real import RealCentre
from tests.pbx.folder import obtain
from tests.pbx.instance import Asterisk
from tests.pbx.ports import free_port
from tests.pbx.settings import Settings
from tests.ua.behaviour import Reject, Ring
from tests.ua.phone import Phone

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

LAMPS = "[features]\nlamps = true\n"
LIT, BLINKS, DARK = "confirmed", "early", "terminated"


async def test_a_phone_sees_what_an_agent_does(centre: Centre) -> None:
    await centre.open({"sales": {"wrap_up_mode": "discretionary"}}, {"ann": Who(phone="1001")}, more=LAMPS)
    await centre.fact(f.StateChanged, agent="ann", after="ready")
    watcher = centre.phones["1001"]
    agent, pause = await watcher.subscribe("acd-agent-ann"), await watcher.subscribe("acd-pause-ann")
    queue, free = await watcher.subscribe("acd-queue-sales"), await watcher.subscribe("acd-free-sales")
    await agent.state(DARK)
    await free.state(LIT)
    await queue.state(DARK)

    watcher.script.append(Ring())
    caller = await centre.call("sales")
    await agent.state(BLINKS)
    await queue.state(BLINKS)
    await free.state(DARK)
    phone = await watcher.next_call(8)
    await phone.answer()
    await agent.state(LIT)
    await queue.state(LIT)
    await caller.hangup()
    await centre.fact(f.WrapUpStarted)
    await centre.acd("agent", "pause", "ann")
    await pause.state(LIT)
    await centre.acd("agent", "ready", "ann")
    await centre.acd("agent", "resume", "ann")
    await pause.state(DARK)
    await agent.state(DARK)


async def test_a_missed_call_blinks_until_offers_come_again(centre: Centre) -> None:
    queues = {"sales": {"back_off": {"rejected": "2s"}, "same_call_back_off": "1h"}}
    await centre.open(queues, {"ann": Who(phone="1001")}, more=LAMPS)
    watcher = centre.phones["1001"]
    missed = await watcher.subscribe("acd-missed-ann")
    watcher.script.append(Reject(603))
    await centre.call("sales")
    await missed.state(BLINKS)
    shown = await centre.acd("agents", "--json")
    assert '"missed":"rejected"' in shown.stdout
    await missed.state(DARK)


async def test_a_missed_call_blinks_no_longer_than_its_back_off_though_the_daemon_was_killed(
    centre: Centre,
) -> None:
    queues = {"sales": {"back_off": {"rejected": "3s"}, "same_call_back_off": "1h"}}
    await centre.open(queues, {"ann": Who(phone="1001")}, more=LAMPS)
    watcher = centre.phones["1001"]
    missed = await watcher.subscribe("acd-missed-ann")
    watcher.script.append(Reject(603))
    caller = await centre.call("sales")
    await missed.state(BLINKS)
    await caller.hangup()

    await centre.kill_daemon()
    await centre.start_daemon()

    await missed.state(DARK)


async def test_lamps_are_set_anew_when_the_link_is_back(centre: Centre) -> None:
    await centre.open({"sales": {}}, {"ann": Who(phone="1001")}, more=LAMPS)
    watcher = centre.phones["1001"]
    pause = await watcher.subscribe("acd-pause-ann")
    await pause.state(DARK)
    await centre.link.cut()
    await centre.fact(f.LinkLost, nth=2)
    await centre.acd("agent", "pause", "ann")
    await centre.link.mend()
    await pause.state(LIT)


async def test_lamps_of_what_a_reload_removes_go_out(centre: Centre) -> None:
    queues: dict[str, dict[str, object]] = {"sales": {}, "back": {}}
    agents = {"ann": Who(phone="1001", queues=("back",)), "bob": Who(phone="1002")}
    await centre.open(queues, agents, more=LAMPS)
    watcher = centre.phones["1002"]
    pause, free = await watcher.subscribe("acd-pause-ann"), await watcher.subscribe("acd-free-back")
    await free.state(LIT)
    bob = await watcher.subscribe("acd-free-sales")
    await bob.state(LIT)
    agents["bob"] = Who(phone="1002", queues=("sales", "back"))
    centre.write(queues, agents)
    assert (await centre.acd("reload")).returncode == 0
    await centre.acd("agent", "pause", "ann")
    await pause.state(LIT)

    centre.write({"sales": {}}, {"bob": Who(phone="1002")})
    assert (await centre.acd("reload")).returncode == 0

    await pause.state(DARK)
    await free.state(DARK)


async def test_lamps_and_phones_are_right_again_after_asterisk_was_killed_and_started() -> None:
    agi_port = free_port()
    root = await asyncio.to_thread(obtain)
    async with contextlib.AsyncExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="acd-"))
        asterisk = await opened.enter_async_context(Asterisk(root, Settings(agi=f"127.0.0.1:{agi_port}")))
        trunk = await opened.enter_async_context(Phone("trunk-a", server=asterisk.sip))
        centre = await opened.enter_async_context(RealCentre(asterisk, Path(folder), agi_port, trunk))
        await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": Who(phone="1001")}, more=LAMPS)
        watcher = centre.phones["1001"]
        before = await watcher.subscribe("acd-pause-ann")
        await before.state(DARK)
        caller, _ = await centre.talk("ann")

        await asterisk.kill()
        centre.callers.remove(caller)  # nobody is there to be told of its end
        caller.drop()
        await centre.fact(f.LinkLost, nth=2, within=15)
        assert (await centre.acd("agent", "pause", "ann")).returncode == 0
        await asterisk.restart()
        await centre.fact(f.LinkSynced, nth=2, within=30)
        await centre.fact(f.Talked, agent="ann")  # nobody talks on without a switch

        await watcher.register()
        after = await watcher.subscribe("acd-pause-ann")
        await after.state(LIT)
        await centre.fact(f.StateChanged, agent="ann", after="paused")
        await centre.acd("agent", "resume", "ann")
        await after.state(DARK)
        await centre.fact(f.StateChanged, agent="ann", before="paused", after="ready")
        await centre.call("sales")
        await centre.fact(f.Answered, agent="ann", nth=2)


async def test_help_and_a_pause_that_is_too_long_blink(centre: Centre) -> None:
    people = '[pauses.lunch]\nkey = "1"\nlimit = "1s"\n'
    await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": Who(phone="1001")}, more=LAMPS, people=people)
    watcher = centre.phones["1001"]
    help_, pause = await watcher.subscribe("acd-help-ann"), await watcher.subscribe("acd-pause-ann")
    caller, _ = await centre.talk("ann")
    assert (await centre.acd("agent", "help", "ann")).returncode == 0
    await help_.state(BLINKS)
    await centre.acd("agent", "pause", "ann", "--reason", "lunch")
    await pause.state(LIT)
    await caller.hangup()
    await help_.state(DARK)

    overrun = await centre.fact(f.PauseOverrun, agent="ann", reason="lunch")
    took_effect = await centre.fact(f.StateChanged, agent="ann", after="paused")
    assert overrun.at - took_effect.at >= 1_000_000_000
    await pause.state(BLINKS)
    assert (await centre.acd("agent", "resume", "ann")).returncode == 0
    await pause.state(DARK)
