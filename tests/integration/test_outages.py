"""Link and daemon lost and back, and the sums that must hold (cases 13-15 of the issue)."""

import asyncio
import json
import random
from typing import Any

import pytest

from acd.core import facts as f
from acd.core.outcomes import BlockReason, EndedBy
from kpi.accumulator import Accumulator
from kpi.counters import Dimension
from kpi.report import Report, build
from tests.centre.centre import Who
from tests.centre.link import Silence
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Answer, Ring
from tests.ua.outgoing import OutgoingCall

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]

QUICK = {"wrap_up": "0s"}


async def test_case_13_the_ami_link_is_cut_and_back_with_calls_up_and_waiting(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001"), "bob": Who(phone="1002")})
    _, stays = await centre.talk("ann")
    _, ends = await centre.talk("bob")
    waiting = []
    for number in range(3):
        waiting.append(await centre.call(caller=f"+492{number}"))
        await centre.fact(f.Queued, nth=number + 3)
    await centre.link.cut()
    await centre.fact(f.LinkLost, nth=2)
    await ends.hangup()
    await waiting[1].hangup()
    await centre.fact(f.Abandoned)
    await asyncio.sleep(3)  # the length of the cut
    await centre.link.mend()
    await centre.fact(f.LinkSynced, nth=2, within=15)
    third = await centre.fact(f.Answered, nth=3)

    line = [fact.call for fact in centre.facts(f.Queued)]
    assert third.call == line[2]
    assert stays.ending is None
    await stays.hangup()
    fourth = await centre.fact(f.Answered, nth=4)
    assert fourth.call == line[4]
    await centre.hang_up_all()
    await _settled(centre, 5)
    assert len(centre.facts(f.Talked)) == len(centre.facts(f.Answered)) == 4


@pytest.mark.parametrize("clean", [False, True], ids=["kill -9", "orderly restart"])
async def test_case_14_a_restart_leaves_talkers_undisturbed_and_the_line_in_order(
    centre: Centre, clean: bool
) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001"), "bob": Who(phone="1002")})
    _, goes_on = await centre.talk("ann")
    served, ends_meanwhile = await centre.talk("bob")
    for number in range(4):
        await centre.call(caller=f"+493{number}")
        await centre.fact(f.Queued, nth=number + 3)
    await (centre.stop_daemon() if clean else centre.kill_daemon())
    assert goes_on.ending is None
    await ends_meanwhile.hangup()
    await served.ended()
    await asyncio.sleep(0.5)  # an outage of a length that the recorded end must not have
    await centre.start_daemon()
    line = [fact.call for fact in centre.facts(f.Queued)][2:]
    first = await centre.fact(f.Answered, nth=3)
    await goes_on.hangup()
    second = await centre.fact(f.Answered, nth=4)

    assert [first.call, second.call] == line[:2]
    [meanwhile] = centre.facts(f.Talked, agent="bob")
    [through] = centre.facts(f.Talked, agent="ann")
    assert (meanwhile.estimated, meanwhile.by, through.by) == (False, EndedBy.AGENT, EndedBy.AGENT)
    assert meanwhile.talk_ms < meanwhile.at // 1_000_000 - centre.facts(f.Answered)[1].at // 1_000_000 - 400
    assert len(centre.facts(f.Arrived)) == 6
    assert {fact.call for fact in centre.facts(f.Returned)} == set(line)
    assert centre.facts(f.EngineStarted)[-1].clean is clean
    await centre.hang_up_all()
    await _settled(centre, 6)
    figures = await centre.figures("queue", "sales")
    assert (figures["offered"], figures["answered"], figures["handled"]) == (6, 4, 4)


async def test_case_14_a_phone_that_rings_through_the_restart_can_be_answered(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    centre.phone("ann").on_invite = Ring()
    await centre.call()
    ringing = await centre.phone("ann").next_call()
    await centre.kill_daemon()
    await centre.start_daemon()
    await ringing.answer()
    answered = await centre.fact(f.Answered)
    await ringing.hangup()
    talked = await centre.fact(f.Talked)

    assert (answered.agent, talked.by, talked.estimated) == ("ann", EndedBy.AGENT, False)
    assert len(centre.facts(f.Arrived)) == 1
    await _settled(centre, 1)


async def test_log_ins_pauses_and_wrap_ups_survive_a_restart(centre: Centre) -> None:
    agents = {
        "ann": Who(phone="1001"),
        "bob": Who(phone="1002", logged_in=False),
        "cid": Who(phone="1003"),
    }
    await centre.open({"sales": {"wrap_up": "2s"}}, agents)
    await centre.ask("/agents/bob/login", method="POST")
    await centre.ask("/agents/bob/pause", method="POST", body={"reason": "lunch"})
    await centre.ask("/agents/cid/logout", method="POST")
    caller, _ = await centre.talk("ann")
    await caller.hangup()
    started = await centre.fact(f.WrapUpStarted)
    await centre.kill_daemon()
    await centre.start_daemon()
    states = {view["name"]: (view["state"], view["reason"]) for view in await centre.ask("/agents")}
    ended = await centre.fact(f.WrapUpEnded)

    assert states == {"ann": ("wrap_up", ""), "bob": ("paused", "lunch"), "cid": ("offline", "")}
    assert abs(ended.at - started.until) < 100_000_000


async def test_callers_who_meet_no_daemon_are_told_sorry_and_counted_as_blocked(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    await centre.stop_daemon()
    await centre.pbx.cli("dialplan set global ACD_GRACE 1")
    try:
        caller = await centre.call()
        await caller.answered()
        caller_ended = await caller.ended(within=15)
    finally:
        await centre.pbx.cli("dialplan set global ACD_GRACE 30")
    assert caller_ended.by == "peer"
    await centre.start_daemon()

    [blocked] = centre.facts(f.Blocked)
    assert (blocked.reason, blocked.queue) == (BlockReason.ENGINE_DOWN, "sales")
    assert list(centre.pbx.lost_calls.glob("*.json")) == []


async def test_a_daemon_that_is_silent_costs_a_caller_two_seconds(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    await centre.kill_daemon()
    async with Silence(centre.agi_port):
        caller = await centre.call()
        await caller.answered()
        assert caller.answered_at
        waited = caller.answered_at - caller.invited_at
    await centre.start_daemon()

    assert 1.9e9 < waited < 3.5e9
    assert (await centre.fact(f.Answered)).agent == "ann"


async def test_a_second_daemon_on_the_same_state_refuses_to_start(centre: Centre) -> None:
    await centre.open({"sales": QUICK}, {"ann": Who(phone="1001")})
    pid = centre.daemon_pid
    second = await centre.run_again()

    assert second.returncode == 1
    assert f"is in use by the daemon with process id {pid}" in second.stderr


# ---------------------------------------------------------------- case 15


async def test_case_15_a_hundred_callers_and_twenty_agents_add_up(centre: Centre) -> None:
    dice = random.Random(15)
    names = [f"a{number}" for number in range(1001, 1021)]
    await centre.open({"sales": QUICK | {"max_waiting": 40}}, {name: Who(phone=name[1:]) for name in names})
    for name in names:
        centre.phone(name).on_invite = Answer(after=dice.uniform(0.02, 0.3))

    async def one(number: int) -> None:
        await asyncio.sleep(number * 0.03)
        call = await centre.call(caller=f"+4955{number}")
        await asyncio.sleep(dice.choice([0.05, 0.3, 0.8, 1.5]))
        await _hang_up(call)

    async with asyncio.TaskGroup() as callers:
        for number in range(100):
            callers.create_task(one(number), name=f"caller {number}")
    await centre.fact(f.Ended, nth=100, within=20)
    report = await centre.report()

    balance = report.balance
    assert balance.arrived == 100
    assert balance.arrived == balance.blocked + balance.offered
    assert balance.offered == balance.answered + balance.abandoned + balance.left
    assert balance.balanced, report.unbalanced
    assert balance.answered == len(centre.facts(f.Answered)) == len(centre.facts(f.Talked)) > 20
    assert balance.abandoned == len(centre.facts(f.Abandoned)) > 0
    assert centre.facts(f.Refuted) == []
    assert _replayed(centre) == _comparable(report)
    print(json.dumps({"balance": [balance.answered, balance.abandoned, balance.blocked]}))
    await _audited(centre)
    await centre.stop_daemon()
    compared = {check["name"].partition(" (")[0]: check["compared"] for check in await _audited(centre)}
    assert compared["calls add up"] == 100
    assert compared["state time = login time"] == 20
    assert compared["stored = replayed"] > 20
    assert compared["live = replayed"] > 20


async def _audited(centre: Centre) -> list[dict[str, Any]]:
    """`acd audit` finds no difference; what it proved."""
    done = await centre.acd("audit", "--config", str(centre.directory), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    checks: list[dict[str, Any]] = json.loads(done.stdout)["checks"]
    return checks


async def _hang_up(call: OutgoingCall) -> None:
    """As a person does, whatever state the call is in."""
    if (not call.ended_at and call.final_response is None) or (not call.ended_at and call.answered_at):
        await call.hangup()


def _replayed(centre: Centre) -> dict[tuple[str, str], dict[str, int]]:
    """The same figures, folded anew from the journal."""
    facts = centre.all_facts()
    numbers = Accumulator()
    for fact in facts:
        numbers.apply(fact)
    now = facts[-1].at + 1
    since = now - now % 86_400_000_000_000
    return _comparable(build(numbers.every_row(since=since, until=now, now=now), since=since, until=now))


def _comparable(report: Report) -> dict[tuple[str, str], dict[str, int]]:
    """Figures of queues and trunks by name; agents' time runs on while reports are made."""
    return {
        (line.dimension, line.name): line.figures
        for line in report.lines
        if line.dimension in (Dimension.QUEUE, Dimension.TRUNK)
    }


async def _settled(centre: Centre, calls: int) -> None:
    """Every call has its one end, and the report balances."""
    await centre.fact(f.Ended, nth=calls)
    assert len({fact.call for fact in centre.facts(f.Ended)}) == calls
    report = await centre.report()
    assert report.balance.balanced, report.unbalanced
    await _audited(centre)
