"""EXEC Dial on the caller's session: replies, events and what the phones see."""

import asyncio

import pytest

from telephony.simulated.behaviours import Answers, Dead, Redirects, Rejects, Rings, Unregistered
from tests.contract.stand import ECHO, Stand, greeted, ringing, talking, waiting

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="session")]

OUTCOME = "${DIALSTATUS}|${HANGUPCAUSE}"
ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere", Q.850;cause=26'
"""Both Reason headers of the CANCEL; the first keeps the call out of the phone's missed calls."""


@pytest.mark.parametrize(("options", "reply"), [("mgi", "200 result=0"), ("mi", "200 result=-1")])
async def test_an_agent_who_hangs_up_leaves_the_session_alive(stand: Stand, options: str, reply: str) -> None:
    caller, call = await talking(stand, options=options)

    await stand.phone("1001").hangup()

    assert await call.line() == reply
    assert await call.variable("${DIALSTATUS}|${CHANNEL(state)}") == "ANSWER|Up"
    await caller.hangup()


async def test_a_talk_tells_its_story_in_order(stand: Stand) -> None:
    caller, call = await talking(stand)
    await stand.phone("1001").hangup()
    assert await call.line() == "200 result=0"
    await stand.ami.event("Hangup")

    leg = stand.ami.named("DialBegin")[0]["DestChannel"]
    story = [
        event["Event"]
        for event in stand.ami.events
        if leg in (event.get("Channel"), event.get("DestChannel"))
    ]
    assert " ".join(story) == "Newchannel DialBegin DialState DialEnd BridgeEnter HangupRequest Hangup"
    await caller.hangup()


async def test_both_ends_of_a_talk_share_bridge_and_linked_id(stand: Stand) -> None:
    caller, call = await talking(stand)

    channels = await stand.ami.items("CoreShowChannels", "CoreShowChannelsComplete")

    assert {channel["Application"] for channel in channels} == {"Dial", "AppDial"}
    assert len({channel["BridgeId"] for channel in channels}) == 1
    assert {channel["Linkedid"] for channel in channels} == {call.env["agi_uniqueid"]}
    assert {channel["ChannelStateDesc"] for channel in channels} == {"Up"}
    await caller.hangup()


async def test_a_caller_who_ends_the_talk_ends_the_session(stand: Stand) -> None:
    caller, call = await talking(stand)

    await caller.hangup()

    assert await call.rest() == ["200 result=-1", "HANGUP", "HANGUP"]
    request = await stand.ami.event("HangupRequest")
    assert request["Channel"] == call.env["agi_channel"]


async def test_a_caller_who_leaves_while_it_rings_shows_a_missed_call(stand: Stand) -> None:
    caller, call, leg = await ringing(stand)

    await caller.hangup()

    assert await call.rest() == ["200 result=-1", "HANGUP", "HANGUP"]
    assert await stand.phone("1001").cancelled() == "Q.850;cause=16"
    assert (await stand.ami.event("DialEnd", DestChannel=leg))["DialStatus"] == "CANCEL"


@pytest.mark.parametrize(
    ("code", "dial_end", "dialstatus", "cause"),
    [
        (403, "NOANSWER", "CHANUNAVAIL", "21"),
        (404, "NOANSWER", "CHANUNAVAIL", "1"),
        (408, "NOANSWER", "CHANUNAVAIL", "18"),
        (480, "NOANSWER", "NOANSWER", "19"),
        (486, "BUSY", "BUSY", "17"),
        (487, "NOANSWER", "CHANUNAVAIL", "127"),
        (488, "NOANSWER", "CHANUNAVAIL", "58"),
        (500, "NOANSWER", "CHANUNAVAIL", "38"),
        (503, "CONGESTION", "CONGESTION", "34"),
        (600, "BUSY", "BUSY", "17"),
        (603, "NOANSWER", "CHANUNAVAIL", "21"),
    ],
)
async def test_a_refusal_leaves_its_own_trace(
    stand: Stand, code: int, dial_end: str, dialstatus: str, cause: str
) -> None:
    caller, call = await waiting(stand)
    await stand.phone("1001").will(Rejects(code))

    assert await call.dial("PJSIP/1001") == "200 result=0"

    assert await call.variable("${DIALSTATUS}") == dialstatus
    end = await stand.ami.event("DialEnd")
    assert end["DialStatus"] == dial_end
    leg = end["DestChannel"]
    assert (await stand.ami.event("Hangup", Channel=leg))["Cause"] == cause
    assert [event["DialStatus"] for event in stand.ami.named("DialState", DestChannel=leg)] == ["RINGING"]
    await caller.hangup()


async def test_a_ring_that_times_out_is_no_answer_with_cause_0(stand: Stand) -> None:
    caller, call = await waiting(stand)
    await stand.phone("1001").will(Rings())

    assert await call.dial("PJSIP/1001", 0.5) == "200 result=0"

    assert await call.variable("${DIALSTATUS}") == "NOANSWER"
    end = await stand.ami.event("DialEnd")
    assert end["DialStatus"] == "NOANSWER"
    assert (await stand.ami.event("Hangup", Channel=end["DestChannel"]))["Cause"] == "0"
    await caller.hangup()


async def test_a_dead_phone_takes_the_whole_ring_time_and_never_rings(stand: Stand) -> None:
    caller, call = await waiting(stand)
    await stand.phone("1001").will(Dead())

    start = asyncio.get_running_loop().time()
    assert await call.dial("PJSIP/1001", 0.6) == "200 result=0"

    assert asyncio.get_running_loop().time() - start > 0.5
    assert await call.variable("${DIALSTATUS}") == "NOANSWER"
    end = await stand.ami.event("DialEnd", DialStatus="NOANSWER")
    assert (await stand.ami.event("Hangup", Channel=end["DestChannel"]))["Cause"] == "0"
    assert not stand.ami.named("DialState", DialStatus="RINGING")
    await caller.hangup()


async def test_a_phone_without_contact_leaves_no_trace(stand: Stand) -> None:
    caller, call = await waiting(stand)
    await stand.phone("1001").will(Unregistered())
    await stand.ami.event("ContactStatus", ContactStatus="Removed")

    assert await call.dial("PJSIP/1001") == "200 result=0"

    assert await call.variable(OUTCOME) == "CHANUNAVAIL|3"
    await stand.ami.action("Ping")
    assert not stand.ami.named("DialBegin", "DialEnd", "Hangup")
    await caller.hangup()


async def test_an_unknown_endpoint_leaves_no_trace(stand: Stand) -> None:
    caller, call = await waiting(stand)

    assert await call.dial("PJSIP/9999") == "200 result=0"

    assert await call.variable("${DIALSTATUS}") == "CHANUNAVAIL"
    assert not stand.ami.named("DialBegin", "DialEnd", "Hangup")
    await caller.hangup()


async def test_a_302_under_option_i_is_a_refusal(stand: Stand) -> None:
    caller, call = await waiting(stand)
    await stand.phone("1001").will(Redirects(ECHO))

    assert await call.dial("PJSIP/1001") == "200 result=0"

    assert await call.variable("${DIALSTATUS}") == "BUSY"
    first = await stand.ami.event("DialEnd", DialStatus="CANCEL")
    assert first["Forward"] == ECHO
    second = await stand.ami.event("DialEnd", DialStatus="BUSY")
    assert second["DestChannel"] == first["DestChannel"]
    gone = await stand.ami.event("Hangup", Channel=first["DestChannel"])
    assert gone["Cause"] in {"23", "0"}, "Asterisk's Dial and its SIP stack race for who hangs the leg up"
    await caller.hangup()


async def test_a_302_without_option_i_takes_the_caller_away(stand: Stand) -> None:
    caller, call = await waiting(stand)
    await stand.phone("1001").will(Redirects(ECHO))

    call.send("EXEC Dial PJSIP/1001,10,mg")

    assert (await stand.ami.event("DialEnd", DialStatus="CANCEL"))["Forward"] == ECHO
    answered = await stand.ami.event("DialEnd", DialStatus="ANSWER")
    assert answered["DestChannel"].startswith(f"Local/{ECHO}@")
    await caller.hangup()
    assert await call.rest() == ["200 result=-1", "HANGUP", "HANGUP"]


@pytest.mark.parametrize(
    ("cause", "reason", "dialstatus", "hangupcause"),
    [
        ("26", ELSEWHERE, "CHANUNAVAIL", "26"),
        ("16", "Q.850;cause=16", "NOANSWER", "16"),
        ("", "Q.850;cause=0", "CHANUNAVAIL", "0"),
    ],
)
async def test_a_rescind_frees_the_phone_and_keeps_the_caller(
    stand: Stand, cause: str, reason: str, dialstatus: str, hangupcause: str
) -> None:
    caller, call, leg = await ringing(stand)
    headers = {"Channel": leg} | ({"Cause": cause} if cause else {})

    assert (await stand.ami.action("Hangup", **headers))["Response"] == "Success"

    assert await call.line() == "200 result=0"
    assert await call.variable(OUTCOME) == f"{dialstatus}|{hangupcause}"
    assert await stand.phone("1001").cancelled() == reason
    assert (await stand.ami.event("DialEnd", DestChannel=leg))["DialStatus"] == "NOANSWER"
    assert (await stand.ami.event("Hangup", Channel=leg))["Cause"] == hangupcause
    await stand.phone("1002").will(Rings())
    call.send("EXEC Dial PJSIP/1002,10,mgi")
    await stand.ami.event("DialState", DialStatus="RINGING")
    await caller.hangup()


async def test_a_rescind_that_lost_the_race_ends_the_talk_and_keeps_the_caller(stand: Stand) -> None:
    caller, call, leg = await ringing(stand)
    await stand.phone("1001").answer()
    await stand.ami.event("DialEnd", DialStatus="ANSWER")

    await stand.ami.action("Hangup", Channel=leg, Cause="26")

    assert await call.line() == "200 result=0"
    assert await call.variable("${DIALSTATUS}|${CHANNEL(state)}") == "ANSWER|Up"
    assert await call.ask("NOOP") == "200 result=0"
    await caller.hangup()


async def test_ringing_all_cancels_the_losers_as_completed_elsewhere(stand: Stand) -> None:
    caller, call = await waiting(stand)
    await stand.phone("1001").will(Rings())
    await stand.phone("1002").will(Rings())
    await stand.phone("1003").will(Unregistered())
    call.send("EXEC Dial PJSIP/1001&PJSIP/1002&PJSIP/1003,10,mgi")
    await stand.ami.event("DialState", DialStatus="RINGING")
    await stand.ami.event("DialState", DialStatus="RINGING")

    await stand.phone("1002").answer()

    won = await stand.ami.event("DialEnd", DialStatus="ANSWER")
    lost = await stand.ami.event("DialEnd", DialStatus="CANCEL")
    assert won["DestChannel"].startswith("PJSIP/1002-")
    assert (await stand.ami.event("Hangup", Channel=lost["DestChannel"]))["Cause"] == "26"
    assert await stand.phone("1001").cancelled() == ELSEWHERE
    assert not [event for event in stand.ami.events if event.get("DestChannel", "").startswith("PJSIP/1003-")]
    await caller.hangup()


async def test_a_phone_that_refuses_or_is_rescinded_leaves_the_others_ringing(stand: Stand) -> None:
    caller, call = await waiting(stand)
    await stand.phone("1001").will(Rings())
    await stand.phone("1002").will(Rings())
    await stand.phone("1003").will(Rejects(486))
    call.send("EXEC Dial PJSIP/1001&PJSIP/1002&PJSIP/1003,10,mgi")
    refused = await stand.ami.event("DialEnd", DialStatus="BUSY")
    assert refused["DestChannel"].startswith("PJSIP/1003-")
    legs = [(await stand.ami.event("DialState", DialStatus="RINGING"))["DestChannel"] for _ in range(3)]
    rescinded = next(leg for leg in legs if leg.startswith("PJSIP/1001-"))

    await stand.ami.action("Hangup", Channel=rescinded, Cause="26")

    assert (await stand.ami.event("DialEnd", DestChannel=rescinded))["DialStatus"] == "NOANSWER"
    assert await stand.phone("1001").cancelled() == ELSEWHERE
    await stand.phone("1002").answer()
    won = await stand.ami.event("DialEnd", DialStatus="ANSWER")
    assert won["DestChannel"].startswith("PJSIP/1002-")
    await caller.hangup()
    assert (await call.rest())[0] == "200 result=-1"


async def test_a_dial_ends_when_the_last_of_its_phones_has_refused(stand: Stand) -> None:
    caller, call = await waiting(stand)
    await stand.phone("1001").will(Rejects(486))
    await stand.phone("1002").will(Rejects(603))

    assert await call.dial("PJSIP/1001&PJSIP/1002") == "200 result=0"

    assert await call.variable("${DIALSTATUS}") == "BUSY"
    ends = [event["DialStatus"] for event in stand.ami.named("DialEnd")]
    assert sorted(ends) == ["BUSY", "NOANSWER"]
    await caller.hangup()


async def test_ringing_before_the_answer_answers_the_caller_with_the_agent(stand: Stand) -> None:
    caller, call = await greeted(stand)
    await stand.phone("1001").will(Rings())

    assert await call.dial("PJSIP/1001", 0.5, "rgi") == "200 result=0"
    assert await call.variable("${CHANNEL(state)}|${DIALSTATUS}") == "Ring|NOANSWER"
    assert await caller.provisional() == [180]
    await stand.phone("1001").will(Answers())
    call.send("EXEC Dial PJSIP/1001,10,rgi")

    assert await caller.final() == 200
    await stand.ami.event("DialEnd", DialStatus="ANSWER")
    await caller.hangup()


async def test_music_before_the_answer_is_early_media(stand: Stand) -> None:
    caller, call = await greeted(stand)
    await stand.phone("1001").will(Rings())

    assert await call.dial("PJSIP/1001", 0.4, "mgi") == "200 result=0"

    assert await caller.provisional() == [183]
    await caller.hangup()


async def test_hold_and_resume_are_told_on_the_agents_channel(stand: Stand) -> None:
    caller, call = await talking(stand)
    leg = stand.ami.named("DialBegin")[0]["DestChannel"]

    await stand.phone("1001").hold()
    await stand.ami.event("Hold", Channel=leg)
    await stand.phone("1001").resume()
    await stand.ami.event("Unhold", Channel=leg)
    await caller.hangup()
    assert (await call.rest())[0] == "200 result=-1"


async def test_a_phone_is_busy_from_the_ring_to_the_end_of_the_talk(stand: Stand) -> None:
    caller, _, _ = await ringing(stand)

    await stand.ami.event("DeviceStateChange", Device="PJSIP/1001", State="BUSY")
    states = await stand.ami.items("DeviceStateList", "DeviceStateListComplete")
    assert {state["Device"]: state["State"] for state in states}["PJSIP/1001"] == "BUSY"
    await caller.hangup()
    await stand.ami.event("DeviceStateChange", Device="PJSIP/1001", State="NOT_INUSE")


async def test_a_call_between_others_makes_a_phone_busy_without_any_dial(stand: Stand) -> None:
    consult = await stand.phone("1001").consult(ECHO)

    await stand.ami.event("DeviceStateChange", Device="PJSIP/1001", State="BUSY")
    assert await consult.final() == 200
    await consult.hangup()
    await stand.ami.event("DeviceStateChange", Device="PJSIP/1001", State="NOT_INUSE")
    assert not stand.ami.named("DialBegin")


async def test_a_phone_that_unregisters_is_unavailable(stand: Stand) -> None:
    await stand.phone("1001").will(Unregistered())

    gone = await stand.ami.event("ContactStatus", ContactStatus="Removed")
    assert (gone["AOR"], gone["EndpointName"]) == ("1001", "1001")
    await stand.ami.event("DeviceStateChange", Device="PJSIP/1001", State="UNAVAILABLE")
