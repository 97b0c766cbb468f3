"""Prometheus' page of a daemon with real calls: the numbers are those of the calls, also after `kill -9`."""

import asyncio
import urllib.request

import pytest

from acd.core import facts as f
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.pbx.ports import free_port

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]


async def samples(port: int) -> dict[str, float]:
    def read() -> str:
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/metrics", headers={"Accept": "application/openmetrics-text"}
        )
        with urllib.request.urlopen(asked, timeout=5) as answer:
            return str(answer.read(), "utf-8")

    lines = (await asyncio.to_thread(read)).splitlines()
    return {name: float(value) for name, _, value in (s.rpartition(" ") for s in lines if s[0] != "#")}


async def reaches(port: int, name: str, value: float) -> dict[str, float]:
    async with asyncio.timeout(5):
        while (found := await samples(port)).get(name) != value:
            await asyncio.sleep(0.05)
    return found


async def test_numbers_are_those_of_the_calls_and_never_fall(centre: Centre) -> None:
    port = free_port()
    await centre.open(
        {"sales": {"wrap_up": "0s"}},
        {"ann": Who(phone="1001")},
        more=f'[metrics]\nlisten = "127.0.0.1:{port}"\n',
    )
    _, phone = await centre.talk("ann")
    waits = await centre.call()
    await centre.fact(f.Queued, nth=2)

    found = await reaches(port, 'acd_calls_waiting{queue="sales"}', 1)
    assert found['acd_calls_offered_total{queue="sales"}'] == 2
    assert found['acd_calls_answered_total{queue="sales"}'] == 1
    assert found['acd_agents{queue="sales",state="talking"}'] == 1
    assert found['acd_ami_connected{switch="pbx1"}'] == 1
    assert found['acd_oldest_wait_seconds{queue="sales"}'] < 10
    assert found["acd_route_decision_seconds_count"] > 2
    await waits.hangup()
    await reaches(port, 'acd_calls_abandoned_total{queue="sales",stage="waiting"}', 1)

    await centre.kill_daemon()
    await centre.start_daemon()
    await phone.hangup()
    await centre.fact(f.Talked)
    found = await reaches(port, 'acd_talk_seconds_count{queue="sales"}', 1)
    assert found['acd_calls_offered_total{queue="sales"}'] == 2
    assert found['acd_calls_abandoned_total{queue="sales",stage="waiting"}'] == 1
    assert found['acd_starts_total{last_end="killed"}'] == 1
    assert found["acd_facts_total"] == len(centre.all_facts())
    await reaches(port, 'acd_outlet_behind_facts{outlet="metrics"}', 0)
    assert found['acd_outlet_failing{outlet="metrics"}'] == 0

    centre.write({"sales": {"strategy": "nonsense"}}, {"ann": Who(phone="1001")})
    await centre.ask("/reload", method="POST")
    await reaches(port, "acd_config_last_reload_success", 0)
