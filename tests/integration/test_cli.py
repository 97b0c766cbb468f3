"""The command line beside a live floor: what an operator types and reads."""

import json
import signal

import pytest

from acd.core import facts as f
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Ring

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

QUICK = {"wrap_up": "0s"}


async def test_the_doctor_finds_the_shipped_set_up_sound(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    await centre.talk("ann")
    done = await centre.acd("doctor", "--config", str(centre.directory), "--json")
    rows = {row["subject"]: row for row in json.loads(done.stdout)}

    assert [row for row in rows.values() if row["verdict"] == "failed"] == []
    assert done.returncode == 0
    assert rows["FastAGI from Asterisk"]["verdict"] == "ok"
    where = f"pbx1 (127.0.0.1:{centre.link.port})"
    for subject in (
        *("login", "version", "CoreShowChannels", "DeviceStateList", "least privilege", "context acd-enter"),
        *("func_logic", "func_dialplan", "ACD_AGI", "clock"),
    ):
        assert rows[f"{where} {subject}"]["verdict"] == "ok", rows[f"{where} {subject}"]


async def test_the_doctor_names_what_is_wrong_and_the_fix(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    await centre.pbx.cli("dialplan set global ACD_AGI 127.0.0.1:9")
    await centre.pbx.cli("dialplan remove context acd-after")
    try:
        done = await centre.acd("doctor", "--config", str(centre.directory))
    finally:
        await centre.pbx.cli("dialplan reload")

    assert done.returncode == 1
    assert "[globals] ACD_AGI=<address of the daemon>" in done.stdout
    assert "-> `#include extensions_acd.conf`" in done.stdout


async def test_the_doctor_tells_a_wrong_secret_from_a_dead_asterisk(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    text = (centre.directory / "acd.toml").read_text()
    (centre.directory / "acd.toml").write_text(text.replace('secret = "', 'secret = "not-'))
    wrong_secret = await centre.acd("doctor", "--config", str(centre.directory))
    await centre.link.cut()
    dead = await centre.acd("doctor", "--config", str(centre.directory))

    assert "compare user and secret" in wrong_secret.stdout
    assert "start Asterisk" in dead.stdout


async def test_views_wishes_and_report_work_on_a_live_floor(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001"), "bob": Who(phone="1002")})
    centre.phone("ann").on_invite = Ring()
    await centre.call()
    offer = await centre.fact(f.Offered)

    assert "1 ringing" in (await centre.acd("status")).stdout
    assert "offered" in (await centre.acd("agents")).stdout
    assert offer.call in (await centre.acd("calls")).stdout
    assert "ann" in (await centre.acd("explain", "call", offer.call)).stdout
    assert (await centre.acd("agent", "pause", "bob", "--reason", "lunch")).stdout == "bob is paused\n"
    assert "bob: paused (lunch)" in (await centre.acd("explain", "agent", "bob")).stdout
    report = json.loads((await centre.acd("report", "--json")).stdout)
    assert report["balance"]["waiting_at_end"] == 1
    assert "sales" in (await centre.acd("report")).stdout
    assert (await centre.acd("report", "--csv")).stdout.startswith("dimension")


async def test_sighup_reloads_and_acd_reload_tells_the_problem(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    centre.write({"sales": QUICK, "billing": QUICK}, {"ann": Who(phone="1001")})
    centre.signal(signal.SIGHUP)
    await centre.fact(f.RulesApplied, queues=2)
    (centre.directory / "queues.toml").write_text("[queues.sales]\nring_timeout = 15\n")
    done = await centre.acd("reload")

    assert done.returncode == 1
    assert "queues.toml:2" in done.stdout
    assert 'write "15s"' in done.stdout


async def test_a_key_that_needs_a_restart_is_refused_by_name_and_nothing_is_applied(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    centre.write({"sales": QUICK | {"priority": 4}}, {"ann": Who(phone="1001")})
    text = (centre.directory / "acd.toml").read_text()
    (centre.directory / "acd.toml").write_text(text.replace("[agi]\n", '[agi]\nhost = "127.0.0.2"\n'))
    done = await centre.acd("reload")

    assert done.returncode == 1
    assert "needs a restart: agi.host" in done.stdout
    assert (await centre.ask("/status"))["generation"] == 1


async def test_changed_files_are_read_by_themselves_where_that_is_wished(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")}, watch=True)
    centre.write({"sales": QUICK, "billing": QUICK}, {"ann": Who(phone="1001")})

    await centre.fact(f.RulesApplied, queues=2)
