"""Opening hours and queues closed by hand, on the real Asterisk: who is refused, who hears what, who is still served."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from acd.core import facts as f
from acd.core.outcomes import BlockReason, LeaveReason, SwitchedBy
from tests.centre.centre import Who
from tests.centre.keys import keyed
from tests.centre.real import RealCentre as Centre
from tests.ua.behaviour import Ring
from tests.ua.outgoing import OutgoingCall
from tests.ua.tone import share

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="session")]
ANN = {"ann": Who(phone="1001")}
EVE = '[supervisors.eve]\nnumber = "900"\npin = "4711"\nmay = ["calls"]\n'
TONE = "acd-test/short"
LONG = "acd-test/tone"


def hours(*, closed: bool, more: str = "") -> str:
    """Hours that are now, or that are not."""
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    spans = "" if closed else "".join(f'{day} = ["00:00-24:00"]\n' for day in days)
    far = 'dates = { "2100-01-01" = ["08:00-09:00"] }\n'
    return f'[hours.office]\ntimezone = "Europe/Berlin"\n{spans}{far}{more}'


async def opened(centre: Centre, *, closed: bool, more: str = "", **queue: Any) -> None:
    """A queue with hours; its agent is away for a moment."""
    queues = {"sales": {"wrap_up": "0s", "number": "77"} | queue}
    await centre.open(queues, ANN, people=EVE)
    rewrite(centre, hours(closed=closed, more=more))
    await centre.acd("reload")
    await centre.acd("agent", "pause", "ann")


def rewrite(centre: Centre, text: str) -> None:
    """Let the queue have these hours from the next reload on."""
    path = centre.directory / "queues.toml"
    own = path.read_text().partition("[hours.")[0]
    own = own if 'hours = "office"' in own else own.rstrip() + '\nhours = "office"\n'
    path.write_text(own + text)


async def waiting(centre: Centre, number: int) -> list[OutgoingCall]:
    """So many callers who wait."""
    callers = []
    for nth in range(1, number + 1):
        callers.append(await centre.call("sales", caller=f"+493012340{nth}"))
        await centre.fact(f.Queued, nth=nth)
        await callers[-1].answered()
    return callers


async def door(centre: Centre) -> dict[str, Any]:
    found: list[dict[str, Any]] = json.loads((await centre.acd("queue", "list", "--json")).stdout)
    return found[0]


async def test_out_of_hours_callers_are_refused_by_a_status(centre: Centre) -> None:
    await opened(centre, closed=True)
    switched = await centre.fact(f.QueueSwitched)
    assert (switched.closed, switched.by) == (True, SwitchedBy.HOURS)
    assert (
        switched.until / 1e9 == pytest.approx(dt.datetime(2100, 1, 1, 7, tzinfo=dt.UTC).timestamp(), abs=2)
        or not switched.until
    )
    caller = await centre.call("sales")
    await caller.ended()
    assert (await centre.fact(f.Blocked)).reason is BlockReason.CLOSED
    assert caller.ending is not None
    assert caller.ending.status == 480


async def test_or_hear_a_message_where_there_is_one(centre: Centre) -> None:
    await opened(centre, closed=True, closed_message=TONE)
    caller = await centre.call("sales")
    await caller.answered()
    await caller.rtp.sounds(lambda frames: share(frames) > 0.8, 5, "the message")
    await caller.ended()
    assert (await centre.fact(f.Blocked)).reason is BlockReason.CLOSED


async def test_a_reload_opens_and_closes_at_once(centre: Centre) -> None:
    await opened(centre, closed=True)
    await centre.fact(f.QueueSwitched, closed=True)
    rewrite(centre, hours(closed=False))
    await centre.acd("reload")
    await centre.fact(f.QueueSwitched, closed=False, by=SwitchedBy.HOURS)
    (caller,) = await waiting(centre, 1)
    await caller.hangup()


async def test_at_closing_time_five_who_wait_are_served_to_the_end(centre: Centre) -> None:
    await opened(centre, closed=False)
    callers = await waiting(centre, 5)
    await centre.acd("queue", "close", "sales")
    late = await centre.call("sales")
    await late.ended()
    await centre.acd("agent", "resume", "ann")
    for nth, caller in enumerate(callers, 1):
        await centre.fact(f.Answered, nth=nth)
        await caller.hangup()
    assert centre.facts(f.Left) == []
    assert len(centre.facts(f.Blocked)) == 1


async def test_or_leave_at_once_with_a_message_but_for_the_one_who_is_being_rung(centre: Centre) -> None:
    await opened(centre, closed=False, at_closing="leave", closed_message=TONE)
    callers = await waiting(centre, 5)
    centre.phones["1001"].on_invite = Ring()
    await centre.acd("agent", "resume", "ann")
    phone = await centre.phones["1001"].next_call(8)
    await centre.acd("queue", "close", "sales")
    for caller in callers[1:]:
        await caller.rtp.sounds(lambda frames: share(frames) > 0.8, 5, "the message")
        await caller.ended()
    assert [fact.reason for fact in centre.facts(f.Left)] == [LeaveReason.CLOSED] * 4
    await phone.answer()
    await centre.fact(f.Answered)
    await callers[0].hangup()


async def test_or_leave_after_a_grace(centre: Centre) -> None:
    await opened(centre, closed=False, at_closing="leave", closing_grace="1s")
    (caller,) = await waiting(centre, 1)
    await centre.acd("queue", "close", "sales")
    closed = await centre.fact(f.QueueSwitched, closed=True)
    left = await centre.fact(f.Left)
    assert (left.at - closed.at) / 1e9 >= 1.0
    await caller.ended()


async def test_a_queue_closed_by_hand_says_who_and_opens_by_itself(centre: Centre) -> None:
    await opened(centre, closed=False)
    done = await centre.acd("queue", "close", "sales", "--for", "1s", "--message", LONG, "--as", "eve")
    assert "sales is closed by eve until" in done.stdout, done.stderr
    caller = await centre.call("sales")
    await caller.answered()
    await caller.rtp.sounds(lambda frames: share(frames) > 0.8, 5, "the message")
    await caller.hangup()
    opened_again = await centre.fact(f.QueueSwitched, closed=False)
    assert opened_again.by is SwitchedBy.TIME
    assert (await door(centre))["open"]
    assert [fact.act for fact in centre.facts(f.Audited, actor="eve")] == ["close"]


async def test_a_restart_keeps_it_closed(centre: Centre) -> None:
    await opened(centre, closed=False)
    await centre.acd("queue", "close", "sales")
    await centre.fact(f.QueueSwitched)
    await centre.kill_daemon()
    await centre.start_daemon()
    view = await door(centre)
    assert (view["open"], view["by_hand"]) == (False, True)
    assert "is open" in (await centre.acd("queue", "open", "sales")).stdout
    twice = await centre.acd("queue", "open", "sales")
    assert "nobody has closed sales" in twice.stderr


async def test_who_may_not_close_is_refused(centre: Centre) -> None:
    await opened(centre, closed=False)
    refused = await centre.acd("queue", "close", "sales", "--as", "mallory")
    assert "is no supervisor" in refused.stderr
    assert centre.facts(f.QueueSwitched) == []
    unknown = await centre.acd("queue", "close", "nowhere")
    assert "there is no queue 'nowhere'" in unknown.stderr


@pytest.mark.parametrize(("pin", "closes"), [("4711", True), ("0000", False)])
async def test_a_supervisor_closes_it_by_a_code_and_pin(centre: Centre, pin: str, closes: bool) -> None:
    await opened(centre, closed=False)
    call = await keyed(centre, "1001", "*48977", "900#", f"{pin}#")
    if closes:
        switched = await centre.fact(f.QueueSwitched)
        assert (switched.who, switched.closed) == ("eve", True)
    else:
        await centre.fact(f.LogInRefused)
        assert centre.facts(f.QueueSwitched) == []
    await call.hangup()


async def test_a_file_of_holidays_that_breaks_leaves_the_last_good_one(centre: Centre) -> None:
    today = dt.datetime.now(dt.UTC).date()
    lines = (
        "BEGIN:VCALENDAR",
        "BEGIN:VEVENT",
        f"DTSTART;VALUE=DATE:{today - dt.timedelta(days=1):%Y%m%d}",
        f"DTEND;VALUE=DATE:{today + dt.timedelta(days=2):%Y%m%d}",
        "SUMMARY:Feast",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    )
    path = Path(centre.directory) / "feasts.ics"
    path.write_text("\r\n".join(lines))
    await opened(centre, closed=False, more='holidays = "feasts.ics"\n')
    assert (await centre.fact(f.QueueSwitched)).closed
    path.write_text("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n")
    await centre.acd("reload")
    log = centre.directory / "log"
    await centre.until(lambda: "holidays_not_read" in log.read_text(), "the warning")
    assert not (await door(centre))["open"]
