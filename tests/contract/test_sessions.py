"""How a FastAGI session looks and behaves on the wire."""

import pytest

from tests.contract.stand import Stand, greeted, waiting

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="session")]


async def test_the_header_block_names_queue_query_channel_and_caller(stand: Stand) -> None:
    caller = await stand.call("sales", "lang=fr&priority=5")
    call = await stand.desk.next()
    await call.greet()

    channel = await stand.ami.event("Newchannel", Uniqueid=call.env["agi_uniqueid"])
    assert call.env["agi_network_script"] == "sales?lang=fr&priority=5"
    assert call.env["agi_request"] == f"agi://127.0.0.1:{stand.desk.port}/sales?lang=fr&priority=5"
    assert call.env["agi_channel"] == channel["Channel"]
    assert call.env["agi_channel"].startswith("PJSIP/trunk-a-")
    assert call.env["agi_callerid"] == channel["CallerIDNum"] == "+4930123456"
    assert (channel["ChannelState"], channel["ChannelStateDesc"]) == ("4", "Ring")
    assert call.args == ["", "", ""]
    await caller.hangup()


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        ("NOOP", "200 result=0"),
        ("NO SUCH COMMAND", "510 Invalid or unknown command"),
        ("GET VARIABLE NOT_SET", "200 result=0"),
        ("CHANNEL STATUS", "200 result=4"),
        ("EXEC NoSuchApplication x", "200 result=-2"),
        ("GET FULL VARIABLE ${CHANNEL(state)}|${DIALSTATUS}", "200 result=1 (Ring|)"),
    ],
)
async def test_a_command_before_the_answer_is_replied(stand: Stand, command: str, reply: str) -> None:
    caller, call = await greeted(stand)

    assert await call.ask(command) == reply
    await caller.hangup()


async def test_a_wrong_argument_count_shows_the_usage_in_several_lines(stand: Stand) -> None:
    caller, call = await greeted(stand)

    first = await call.ask("SET VARIABLE A")
    lines = [first]
    while lines[-1] != "520 End of proper usage.":
        lines.append(await call.line())
    assert first == "520-Invalid command syntax.  Proper usage follows:"
    await caller.hangup()


async def test_variables_keep_quotes_and_are_not_evaluated_when_set(stand: Stand) -> None:
    caller, call = await greeted(stand)

    assert await call.ask('SET VARIABLE Q "a \\"b\\" c"') == "200 result=1"
    assert await call.ask("SET VARIABLE EVIL ${CHANNEL(state)}") == "200 result=1"
    assert await call.ask("EXEC MSet ACD_CALL=c-1,ACD_JOINED=17") == "200 result=0"
    assert await call.ask("GET VARIABLE Q") == '200 result=1 (a "b" c)'
    assert await call.ask("GET VARIABLE EVIL") == "200 result=1 (${CHANNEL(state)})"
    assert await call.variable("${ACD_CALL}/${ACD_JOINED}") == "c-1/17"
    await caller.hangup()


async def test_a_second_command_in_one_write_waits_for_more_bytes(stand: Stand) -> None:
    caller, call = await greeted(stand)
    for name in ("v1", "v2", "v3", "v4"):
        await call.ask(f"SET VARIABLE {name} {name}")

    call.send(*(f"GET VARIABLE {name}" for name in ("v1", "v2", "v3")))
    assert await call.line() == "200 result=1 (v1)"
    with pytest.raises(TimeoutError):
        await call.line(within=0.2)
    call.send("GET VARIABLE v4")
    assert [await call.line() for _ in range(3)] == [f"200 result=1 ({name})" for name in ("v2", "v3", "v4")]
    await caller.hangup()


async def test_writing_a_command_cuts_a_stream_file_without_a_reply(stand: Stand) -> None:
    caller, call = await waiting(stand)

    call.send('STREAM FILE demo-congrats ""')
    with pytest.raises(TimeoutError):
        await call.line(within=0.2)
    assert await call.variable("${CHANNEL(state)}") == "Up"
    await caller.hangup()


@pytest.mark.parametrize("prompt", ["no-such-prompt", "../../etc/passwd"])
async def test_a_prompt_that_cannot_be_played_leaves_the_session_alive(stand: Stand, prompt: str) -> None:
    caller, call = await waiting(stand)

    assert await call.ask(f'STREAM FILE {prompt} ""') == "200 result=-1 endpos=0"
    assert await call.variable("${CHANNEL(state)}") == "Up"
    await caller.hangup()


async def test_an_escape_key_ends_a_stream_file_and_tells_ami(stand: Stand) -> None:
    caller, call = await waiting(stand)

    call.send('STREAM FILE demo-congrats "15"')
    with pytest.raises(TimeoutError):
        await call.line(within=0.2)
    await caller.press("1")
    reply = await call.line()
    assert reply is not None
    assert reply.startswith("200 result=49 endpos=")
    key = await stand.ami.event("DTMFEnd", Channel=call.env["agi_channel"])
    assert key["Digit"] == "1"
    await caller.hangup()


async def test_a_waiting_caller_who_leaves_ends_the_session_at_once(stand: Stand) -> None:
    caller, call = await waiting(stand)

    await caller.hangup()

    assert await call.rest() == ["HANGUP", "HANGUP"]
    request = await stand.ami.event("HangupRequest")
    assert request["Channel"] == call.env["agi_channel"]
    assert "Cause" not in request
    assert (await stand.ami.event("Hangup"))["Cause"] == "0"
