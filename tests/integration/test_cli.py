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


# ---------------------------------------------------------------- a change that is tried


async def test_a_dry_run_tells_who_would_be_stranded_and_changes_nothing(centre: Centre) -> None:
    await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": Who(phone="1001", skills={"fr": 5})})
    await centre.talk("ann")
    await centre.call()
    waiting = await centre.fact(f.Queued, nth=2)
    harder = {"sales": {"wrap_up": "0s", "require": {"fr": 9}}}
    centre.write(harder, {"ann": Who(phone="1001", skills={"fr": 5})})
    told = await centre.acd("reload", "--dry-run")
    assert told.returncode == 0, told.stderr
    assert f"1 waiting calls that no agent could serve any more: {waiting.call}" in told.stdout
    assert "added queues.sales.require" in told.stdout
    assert len(centre.facts(f.RulesApplied)) == 1


async def test_a_change_that_nobody_confirms_is_taken_back_and_one_that_is_confirmed_stays(
    centre: Centre,
) -> None:
    agents = {"ann": Who(phone="1001")}
    await centre.open({"sales": {"wrap_up": "0s"}}, agents)
    centre.write({"sales": {"wrap_up": "9s"}}, agents)
    applied = await centre.acd("reload", "--confirm", "1s")
    assert "taken back in 1.0s unless you say: acd confirm" in applied.stdout
    second = await centre.acd("reload")
    assert second.returncode == 1
    assert "a change waits to be confirmed" in second.stderr
    await centre.fact(f.RulesApplied, nth=3)
    await centre.until(lambda: "reload_taken_back" in (centre.directory / "log").read_text(), "the log")
    assert (await centre.acd("confirm")).returncode == 1
    assert (await centre.acd("reload", "--confirm", "1m")).returncode == 0
    kept = await centre.acd("confirm")
    assert "generation 4 stays in force" in kept.stdout
    assert len(centre.facts(f.RulesApplied)) == 4


async def test_waiting_calls_are_moved_raised_and_taken_out_by_hand(centre: Centre) -> None:
    await centre.open(
        {"sales": {"wrap_up": "0s"}, "back": {}},
        {"ann": Who(phone="1001"), "bob": Who(phone="1002", queues=("back",))},
    )
    await centre.talk("ann")
    for nth in (2, 3, 4):
        await centre.call()
        await centre.fact(f.Queued, nth=nth)
    first, second, third = [fact.call for fact in centre.facts(f.Queued)][1:]
    raised = await centre.acd("call", "priority", third, "5")
    assert raised.stdout == f"{third} in sales: waiting, place 1\n"
    placed = await centre.acd("call", "position", second, "1")
    assert placed.stdout == f"{second} in sales: waiting, place 2\n", "behind the higher priority"
    moved = await centre.acd("call", "move", first, "back")
    assert moved.returncode == 0, moved.stderr
    assert (await centre.fact(f.Answered, nth=2)).agent == "bob"
    gone = await centre.acd("call", "withdraw", third)
    assert gone.stdout == f"{third} in sales: ended\n"
    story = await centre.acd("explain", "call", third)
    assert "call_left queue=sales reason=withdrawn" in story.stdout
    assert (await centre.acd("call", "withdraw", third)).returncode == 1
    await centre.until(lambda: centre.callers[3].ended_at is not None, "the dialplan to end the call")
