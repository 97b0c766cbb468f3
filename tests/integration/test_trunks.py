"""Trunk lines and the host on the real Asterisk: alarm and recovery, all lines in use, refused for want of room."""

import asyncio
import contextlib
import json
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from acd.core import facts as f
from acd.core.outcomes import BlockReason
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.pbx.folder import obtain
from tests.pbx.instance import Asterisk
from tests.pbx.settings import Settings
from tests.ua.behaviour import Ring
from tests.ua.phone import Phone

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

QUICK = {"wrap_up": "0s"}
ANN = {"ann": Who(phone="1001")}


@pytest_asyncio.fixture(loop_scope="session")
async def qualified() -> AsyncIterator[Centre]:
    """A centre whose Asterisk asks every contact each second whether it is there."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        agi_port = int(found.getsockname()[1])
    root = await asyncio.to_thread(obtain)
    settings = Settings(agi=f"127.0.0.1:{agi_port}", qualify=1)
    async with contextlib.AsyncExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="acd-"))
        asterisk = await opened.enter_async_context(Asterisk(root, settings))
        trunk = await opened.enter_async_context(Phone("trunk-a", server=asterisk.sip))
        centre = await opened.enter_async_context(Centre(asterisk, Path(folder), agi_port, trunk))
        yield centre
        trunk.unplugged = False
        print(centre.story(), trunk.ladder, sep="\n")


async def alarm(centre: Centre, nth: int, word: str) -> f.TrunkAlarm:
    """The nth change of a line's order, which must be this one."""
    found = await centre.fact(f.TrunkAlarm, nth=nth, within=15)
    assert (found.trunk, found.switch, found.line, found.alarm) == ("carrier", "pbx1", "PJSIP/trunk-a", word)
    return found


async def usable(centre: Centre) -> int:
    """Of the only group, as the API tells."""
    [group] = await centre.ask("/trunks")
    return int(group["usable"])


# ---------------------------------------------------------------- alarm and recovery


async def test_a_trunk_that_unregisters_is_an_alarm_and_in_order_again_once_it_registers(
    centre: Centre,
) -> None:
    await centre.trunk.register()
    await centre.open({"sales": QUICK}, ANN, capacity=4)
    await centre.trunk.unregister()
    await alarm(centre, 1, "Removed")
    shown = await centre.acd("trunks")
    status = await centre.acd("status")
    out_of_order = await usable(centre)
    await centre.trunk.register()
    await alarm(centre, 2, "")

    assert "carrier: PJSIP/trunk-a on pbx1 is out of order: Removed" in shown.stdout
    assert "1 of 1 lines out of order" in shown.stdout
    assert "lines    1 out of order" in status.stdout
    assert (out_of_order, await usable(centre)) == (0, 4)
    assert len(centre.facts(f.TrunkAlarm)) == 2


async def test_a_call_that_comes_by_a_line_out_of_order_is_let_in(centre: Centre) -> None:
    await centre.trunk.register()
    await centre.open({"sales": QUICK}, ANN, capacity=4)
    await centre.trunk.unregister()
    await alarm(centre, 1, "Removed")
    await centre.talk("ann")

    assert centre.facts(f.Blocked) == []
    assert centre.facts(f.TrunksBusy) == []


async def test_a_trunk_that_does_not_answer_is_an_alarm_until_it_does(qualified: Centre) -> None:
    await qualified.trunk.register()
    await qualified.open({"sales": QUICK}, ANN, capacity=4)
    qualified.trunk.unplugged = True
    await alarm(qualified, 1, "Unreachable")
    assert await usable(qualified) == 0
    qualified.trunk.unplugged = False
    await alarm(qualified, 2, "")

    assert await usable(qualified) == 4


async def test_what_happened_to_a_line_while_the_link_was_down_is_known_after_it(qualified: Centre) -> None:
    await qualified.trunk.register()
    await qualified.open({"sales": QUICK}, ANN, capacity=4)
    await qualified.link.cut()
    await qualified.fact(f.LinkLost, nth=2)
    qualified.trunk.unplugged = True
    await _device(qualified, "Unavailable")
    await qualified.link.mend()
    await alarm(qualified, 1, "UNAVAILABLE")
    await qualified.link.cut()
    qualified.trunk.unplugged = False
    await _device(qualified, "Not in use")
    await qualified.link.mend()
    await alarm(qualified, 2, "")

    assert len(qualified.facts(f.TrunkAlarm)) == 2


async def test_an_alarm_survives_a_killed_daemon_and_ends_when_the_line_is_back(qualified: Centre) -> None:
    await qualified.trunk.register()
    await qualified.open({"sales": QUICK}, ANN, capacity=4)
    qualified.trunk.unplugged = True
    await alarm(qualified, 1, "Unreachable")
    await qualified.kill_daemon()
    await qualified.start_daemon()
    still = await usable(qualified)
    await qualified.kill_daemon()
    qualified.trunk.unplugged = False
    await _device(qualified, "Not in use")
    await qualified.start_daemon()
    await alarm(qualified, 2, "")

    assert (still, await usable(qualified)) == (0, 4)


async def _device(centre: Centre, state: str) -> None:
    """Wait until Asterisk itself has noticed."""
    async with asyncio.timeout(15):
        while state not in await centre.pbx.cli("pjsip show endpoint trunk-a"):
            await asyncio.sleep(0.1)


# ---------------------------------------------------------------- all lines in use


async def test_a_full_group_is_told_with_its_length_and_the_refused_call_is_in_the_report(
    centre: Centre,
) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001"), "bob": Who(phone="1002")}, capacity=2)
    first, _ = await centre.talk("ann")
    await centre.talk("bob")
    full = await centre.fact(f.TrunksBusy)
    refused = await centre.call()
    assert await refused.final() == 503
    blocked = await centre.fact(f.Blocked)
    shown = await centre.acd("trunks")
    await asyncio.sleep(1)  # a length of the full time that the report must have
    await first.hangup()
    over = await centre.fact(f.TrunksBusy, nth=2)
    [group] = json.loads((await centre.acd("trunks", "report", "--json")).stdout)["groups"]
    text = await centre.acd("trunks", "report")

    assert (full.trunk, full.up, full.lasted_ms) == ("carrier", 2, 0)
    assert abs(over.lasted_ms - (over.at - full.at) // 1_000_000) <= 1
    assert over.lasted_ms >= 1000
    assert (blocked.reason, blocked.trunk) == (BlockReason.TRUNK_FULL, "carrier")
    assert "all busy for" in shown.stdout
    whole = group["whole"]
    assert (whole["arrived"], whole["refused"], whole["peak"], whole["all_busy_times"]) == (3, 1, 3, 1)
    assert abs(whole["all_busy_ms"] - over.lasted_ms) <= 5
    assert whole["seen"] == pytest.approx(1 / 3)
    assert whole["offered"] == pytest.approx(whole["carried"] * 1.5)
    assert sum(fact.up_ms for fact in centre.facts(f.TrunkUse)) >= 2 * over.lasted_ms
    assert "carrier: 2 lines, busiest from" in text.stdout


async def test_the_use_of_lines_counts_calls_that_are_no_business_of_ours(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, ANN)
    call = await centre.trunk.invite("900", headers={"X-Trunk": "trunk-a"})
    await call.answered()
    await centre.fact(f.TrunkPeak)
    await asyncio.sleep(0.5)  # the length of that call
    await call.hangup()
    [group] = (await centre.ask("/trunks/report"))["groups"]

    assert group["whole"]["arrived"] == 0
    assert sum(fact.up_ms for fact in centre.facts(f.TrunkUse)) >= 500


# ---------------------------------------------------------------- the host


async def test_a_host_at_its_limit_refuses_new_calls_and_takes_them_again_afterwards(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, ANN)
    await centre.stop_daemon()
    path = centre.directory / "acd.toml"
    text = path.read_text().replace("[agi]\n", "[agi]\nmax_sessions = 2\n")
    path.write_text(f"{text}\n[host]\nsessions = 50\nload = 0\nbegin_after = 1\nend_after = 1\n")
    await centre.start_daemon()
    centre.phone("ann").on_invite = Ring()
    waits = await centre.call()
    begun = await centre.fact(f.HostStrained)
    refused = await centre.call()
    assert await refused.final() == 503
    blocked = await centre.fact(f.Blocked)
    status = await centre.acd("status")
    await waits.hangup()
    await centre.fact(f.HostStrained, strained=False)
    await centre.call()
    await centre.fact(f.Queued, nth=2)

    assert (begun.limit, begun.value, begun.most, begun.strained) == ("sessions", 50.0, 50.0, True)
    assert blocked.reason is BlockReason.OVERLOAD
    assert "strained sessions 50 of at most 50: new calls are refused" in status.stdout
