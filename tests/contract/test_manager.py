"""The manager's actions, as the shipped user may ask them."""

import pytest

from tests.contract.ami_client import AmiClient
from tests.contract.stand import ECHO, Stand, greeted, talking, waiting

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="session")]


@pytest.mark.parametrize(
    ("action", "headers", "message"),
    [
        ("Hangup", {"Channel": "PJSIP/nobody-1"}, "No such channel"),
        ("Hangup", {}, "No channel specified"),
        ("Getvar", {"Channel": "PJSIP/nobody-1", "Variable": "X"}, "No such channel"),
        ("Setvar", {"Channel": "PJSIP/nobody-1", "Variable": "X", "Value": "1"}, "No such channel"),
        ("Redirect", {"Channel": "PJSIP/nobody-1"}, "Context not specified"),
        ("ControlPlayback", {"Channel": "PJSIP/nobody-1", "Control": "stop"}, "No such channel"),
        ("Command", {"Command": "core show version"}, "Permission denied"),
        ("MixMonitor", {"Channel": "Local/1@x"}, "Permission denied"),
        ("PJSIPShowEndpoints", {}, "Permission denied"),
        ("Filter", {"Operation": "Add", "Filter": "Event: X"}, "Permission denied"),
        ("Nope", {}, "Invalid/unknown command: Nope. Use Action: ListCommands to show available commands."),
    ],
)
async def test_an_action_that_cannot_be_done_is_an_error_in_asterisks_words(
    stand: Stand, action: str, headers: dict[str, str], message: str
) -> None:
    response = await stand.ami.action(action, **headers)

    assert (response["Response"], response["Message"]) == ("Error", message)


async def test_a_wrong_secret_is_denied_and_the_link_closed(stand: Stand) -> None:
    with pytest.raises(AssertionError, match="Authentication failed"):
        async with AmiClient(stand.ami.port, "acd", "wrong"):
            pass


async def test_ping_is_answered(stand: Stand) -> None:
    response = await stand.ami.action("Ping")

    assert (response["Response"], response["Ping"]) == ("Success", "Pong")
    assert float(response["Timestamp"]) > 0


async def test_a_login_is_followed_by_fully_booted(stand: Stand) -> None:
    event = await stand.ami.event("FullyBooted")

    assert event["Status"] == "Fully Booted"


async def test_a_variable_is_set_and_read_on_a_callers_channel(stand: Stand) -> None:
    caller, call = await waiting(stand)
    channel = call.env["agi_channel"]

    assert (await stand.ami.action("Setvar", Channel=channel, Variable="ACD_NOTE", Value="a b"))[
        "Response"
    ] == "Success"

    got = await stand.ami.action("Getvar", Channel=channel, Variable="ACD_NOTE")
    assert (got["Variable"], got["Value"]) == ("ACD_NOTE", "a b")
    assert await call.variable("${ACD_NOTE}") == "a b"
    await caller.hangup()


async def test_hanging_up_a_waiting_caller_makes_no_hangup_request(stand: Stand) -> None:
    caller, call = await waiting(stand)

    assert (await stand.ami.action("Hangup", Channel=call.env["agi_channel"]))["Response"] == "Success"

    assert await call.rest() == ["HANGUP", "HANGUP"]
    await caller.ended()
    assert (await stand.ami.event("Hangup", Channel=call.env["agi_channel"]))["Cause"] == "0"
    assert not stand.ami.named("HangupRequest")


async def test_hanging_up_an_unanswered_caller_with_a_cause_refuses_the_call(stand: Stand) -> None:
    caller, call = await greeted(stand)

    await stand.ami.action("Hangup", Channel=call.env["agi_channel"], Cause="34")

    assert await caller.final() == 503
    assert await call.rest() == ["HANGUP", "HANGUP"]


async def test_agi_hangup_ends_the_call(stand: Stand) -> None:
    caller, call = await waiting(stand)

    call.send("HANGUP")

    assert await call.rest() == ["200 result=1", "HANGUP", "HANGUP"]
    await caller.ended()
    assert (await stand.ami.event("Hangup"))["Cause"] == "0"


async def test_a_redirect_takes_the_caller_out_of_the_talk(stand: Stand) -> None:
    caller, call = await talking(stand)
    channel = call.env["agi_channel"]

    moved = await stand.ami.action(
        "Redirect", Channel=channel, Context="from-trunk", Exten=ECHO, Priority="1"
    )

    assert moved["Response"] == "Success"
    assert await call.rest() == ["200 result=0", "HANGUP", "HANGUP"]
    assert (await stand.ami.event("Hangup"))["Channel"].startswith("PJSIP/1001-")
    await caller.hangup()


async def test_stopping_the_playback_ends_the_prompt(stand: Stand) -> None:
    caller, call = await waiting(stand)
    call.send('STREAM FILE demo-congrats ""')
    with pytest.raises(TimeoutError):
        await call.line(within=0.2)

    stopped = await stand.ami.action("ControlPlayback", Channel=call.env["agi_channel"], Control="stop")

    assert stopped["Response"] == "Success"
    reply = await call.line()
    assert reply is not None
    assert reply.startswith("200 result=0 endpos=")
    await caller.hangup()


async def test_a_trunk_is_in_use_while_a_call_is_up(stand: Stand) -> None:
    caller, _ = await waiting(stand)

    await stand.ami.event("DeviceStateChange", Device="PJSIP/trunk-a", State="INUSE")
    await caller.hangup()
    await stand.ami.event("DeviceStateChange", Device="PJSIP/trunk-a", State="UNAVAILABLE")


async def test_no_event_comes_that_the_shipped_filter_does_not_name(stand: Stand) -> None:
    caller, call = await talking(stand)
    await stand.phone("1001").hangup()
    await call.line()
    await caller.hangup()
    await stand.ami.action("Ping")

    assert {event["Event"] for event in stand.ami.events} <= {
        "BridgeEnter", "ContactStatus", "DeviceStateChange", "DialBegin", "DialEnd", "DialState",
        "FullyBooted", "Hangup", "HangupRequest", "Newchannel",
    }  # fmt: skip
