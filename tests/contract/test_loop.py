"""The shipped dialplan's loop: what happens while the daemon is silent, away, or done."""

import asyncio

import pytest

from tests.contract.stand import Stand, greeted, talking, waiting

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="session")]


async def test_a_silent_daemon_costs_the_caller_two_seconds(stand: Stand) -> None:
    clock = asyncio.get_running_loop().time
    caller = await stand.call()
    silent = await stand.desk.next()
    start = clock()

    assert await silent.rest() == ["HANGUP", "HANGUP"]
    assert 1.8 < clock() - start < 2.6
    call = await stand.desk.next()
    await call.greet()
    assert await caller.final() == 200
    assert await call.ask("CHANNEL STATUS") == "200 result=6"
    await caller.hangup()


async def test_the_first_command_clears_the_limit(stand: Stand) -> None:
    caller, call = await greeted(stand)

    with pytest.raises(TimeoutError):
        await call.line(within=2.4)
    assert await call.ask("NOOP") == "200 result=0"
    await caller.hangup()


async def test_a_lost_daemon_is_asked_again_with_call_id_and_join_time(stand: Stand) -> None:
    caller, call = await waiting(stand)
    await call.ask("EXEC MSet ACD_CALL=c-7,ACD_JOINED=1700000000")

    call.abort()
    again = await stand.desk.next()

    assert again.args == ["c-7", "", "1700000000"]
    assert again.env["agi_uniqueid"] == call.env["agi_uniqueid"]
    await again.greet()
    await caller.hangup()


async def test_a_refused_connection_is_tried_again(stand: Stand) -> None:
    stand.desk.shut()
    caller = await stand.call()
    assert await caller.final() == 200
    await stand.desk.open()

    call = await stand.desk.next()
    await call.greet()
    await caller.hangup()


async def test_a_verdict_ends_the_loop(stand: Stand) -> None:
    caller, call = await waiting(stand)
    await call.ask("SET VARIABLE ACD_STATUS served")

    call.close()

    await caller.ended()


async def test_a_talk_outlives_the_daemon_and_its_caller_is_not_queued_again(stand: Stand) -> None:
    caller, call = await talking(stand)

    call.abort()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stand.ami.event("HangupRequest", within=60), 0.5)
    await stand.phone("1001").hangup()
    await caller.ended()

    with pytest.raises(TimeoutError):
        await stand.desk.next(within=0.6)


@pytest.mark.parametrize("code", [403, 404, 429, 480, 486, 503, 600, 603, 608])
async def test_a_call_is_refused_before_the_answer_with_the_status_asked_for(stand: Stand, code: int) -> None:
    caller, call = await greeted(stand)
    await call.ask("SET VARIABLE ACD_STATUS refused")

    call.send(f"EXEC PJSIPHangup {code}")

    assert await caller.final() == code
    assert (await call.rest())[-2:] == ["HANGUP", "HANGUP"]


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (1, 404), (3, 404), (16, 603), (17, 486), (18, 408), (19, 480), (20, 480), (21, 403), (27, 502), (31, 480),
        (34, 503), (38, 500), (41, 603), (42, 503), (44, 603), (50, 603), (55, 603), (57, 603), (58, 488), (63, 603),
        (88, 603), (127, 500),
    ],
)  # fmt: skip
async def test_a_hangup_cause_before_the_answer_becomes_its_sip_status(
    stand: Stand, cause: int, code: int
) -> None:
    caller, call = await greeted(stand)
    await call.ask("SET VARIABLE ACD_STATUS refused")

    call.send(f"EXEC Hangup {cause}")

    assert await caller.final() == code
    assert await call.rest() == ["200 result=-1", "HANGUP", "HANGUP"]
