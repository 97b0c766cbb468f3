"""Shifts on the real Asterisk: the end of a shift in a call, a shift that nobody came to, a schedule that is wrong."""

import datetime as dt
import json
from pathlib import Path

import pytest

from acd.core import facts as f
from acd.core.outcomes import Via
from tests.centre.centre import Who
from tests.centre.real import RealCentre as Centre

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]
ANN, BOB = Who(phone="1001"), Who(phone="1002", logged_in=False)
SHIFTS = '[shifts]\nfile = "shifts.csv"\nlog_out = true\n'


def schedule(folder: Path, *shifts: tuple[str, dt.datetime, dt.datetime]) -> None:
    rows = [f"{agent},{start.isoformat()},{end.isoformat()}\n" for agent, start, end in shifts]
    (folder / "shifts.csv").write_text("".join(["agent,start,end\n", *rows]))


def seconds_from_now(seconds: int) -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(seconds=seconds)


async def test_a_shift_that_ends_in_a_call_logs_out_after_it(centre: Centre) -> None:
    end = seconds_from_now(5)
    schedule(centre.directory, ("ann", end - dt.timedelta(hours=8), end))
    await centre.open({"sales": {"wrap_up": "0s"}}, {"ann": ANN}, more=SHIFTS)
    caller = await centre.call()
    await centre.fact(f.Answered, agent="ann")
    wished = await centre.fact(f.LogOutWished, agent="ann", wished=True)
    assert wished.at >= int(end.timestamp()) * 10**9
    assert centre.facts(f.LoggedOut) == []
    assert caller.ending is None

    await caller.hangup()
    gone = await centre.fact(f.LoggedOut, agent="ann")
    (ended,) = centre.facts(f.Ended)
    assert gone.at >= ended.at >= wished.at


async def test_a_shift_that_ends_without_a_call_logs_out_at_once_and_the_empty_one_is_told(
    centre: Centre,
) -> None:
    soon, end = seconds_from_now(4), seconds_from_now(6)
    schedule(centre.directory, ("ann", soon - dt.timedelta(hours=1), soon), ("bob", soon, end))
    await centre.open({"sales": {}}, {"ann": ANN, "bob": BOB}, more=SHIFTS)
    gone = await centre.fact(f.LoggedOut, agent="ann")
    absent = await centre.fact(f.OffShift)

    assert (gone.via, gone.reason) == (Via.SCHEDULE, "end of shift")
    assert (absent.agent, absent.kind, absent.planned, absent.by_ms) == (
        "bob",
        "absent",
        int(soon.timestamp()) * 10**9,
        2000,
    )


async def test_a_restart_tells_nothing_twice(centre: Centre) -> None:
    soon, end = seconds_from_now(3), seconds_from_now(5)
    schedule(centre.directory, ("bob", soon, end), ("ann", soon, end + dt.timedelta(seconds=6)))
    await centre.open({"sales": {}}, {"ann": ANN, "bob": BOB}, more=SHIFTS)
    await centre.fact(f.OffShift, agent="bob")
    await centre.kill_daemon()
    await centre.start_daemon()
    await centre.fact(f.LoggedOut, agent="ann")

    assert [(fact.agent, fact.kind) for fact in centre.facts(f.OffShift)] == [("bob", "absent")]


async def test_a_wrong_schedule_is_refused_with_line_and_advice(centre: Centre) -> None:
    now = seconds_from_now(0)
    schedule(centre.directory, ("anne", now, now + dt.timedelta(hours=8)))
    await centre.open({"sales": {}}, {"ann": ANN}, more=SHIFTS)
    log = centre.directory / "log"
    await centre.until(lambda: "schedule_refused" in log.read_text(), "the refusal")
    lines = [json.loads(line) for line in log.read_text().splitlines() if "schedule_refused" in line]

    assert [line["problems"] for line in lines] == [
        ['shifts.csv:2: error: unknown agent "anne" (did you mean "ann"?)']
    ]
