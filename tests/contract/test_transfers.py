"""REFER by an agent's phone: event order, who is named, and what each AGI session gets."""

import pytest

from telephony.simulated.behaviours import Answers
from tests.contract.agi_desk import AgiCall
from tests.contract.stand import ECHO, SUPPORT, Stand, talking

pytestmark = [pytest.mark.contract, pytest.mark.asyncio(loop_scope="session")]


def _leg(stand: Stand) -> str:
    return stand.ami.named("DialBegin")[0]["DestChannel"]


async def _support(stand: Stand) -> AgiCall:
    """Take the consult's session in queue support, and let it wait with music."""
    call = await stand.desk.next()
    assert call.env["agi_network_script"].startswith("support")
    await call.greet()
    assert await call.ask("EXEC Answer ,i") == "200 result=0"
    assert await call.ask("SET MUSIC ON") == "200 result=0"
    return call


async def test_a_blind_transfer_ends_the_session_and_names_both_channels(stand: Stand) -> None:
    caller, call = await talking(stand)
    leg, bridge = _leg(stand), stand.ami.named("BridgeEnter")[0]["BridgeUniqueid"]

    await stand.phone("1001").blind_transfer(ECHO)

    transfer = await stand.ami.event("BlindTransfer")
    assert transfer["Result"] == "Success"
    assert transfer["TransfererChannel"] == leg
    assert transfer["TransfereeChannel"] == call.env["agi_channel"]
    assert transfer["TransfereeUniqueid"] == call.env["agi_uniqueid"]
    assert transfer["Extension"] == ECHO
    assert transfer["BridgeUniqueid"] == bridge
    assert await call.rest() == ["200 result=0", "HANGUP", "HANGUP"]
    await stand.ami.event("Hangup", Channel=leg)
    # Three threads tell: after the Unhold the order is not the same each time, not even the agent's Hangup is last.
    story = [event["Event"] for event in stand.ami.events if event["Event"] in _TRANSFER_STORY]
    assert story[0] == "Unhold"
    assert sorted(story[1:]) == ["BlindTransfer", "Hangup"]
    await caller.hangup()
    await caller.ended()


_TRANSFER_STORY = {"Unhold", "BlindTransfer", "AttendedTransfer", "Hangup"}


async def test_a_blind_transfer_to_a_phone_rings_it_without_the_daemon(stand: Stand) -> None:
    caller, call = await talking(stand)
    await stand.phone("1002").will(Answers())

    await stand.phone("1001").blind_transfer("1002")

    assert await call.rest() == ["200 result=0", "HANGUP", "HANGUP"]
    answered = await stand.ami.event("DialEnd", DialStatus="ANSWER")
    assert answered["DestChannel"].startswith("PJSIP/1002-")
    assert answered["Channel"] == call.env["agi_channel"]
    await caller.hangup()


async def test_a_blind_transfer_to_another_queue_starts_a_new_session_on_the_same_channel(
    stand: Stand,
) -> None:
    caller, call = await talking(stand, before="EXEC MSet ACD_CALL=c-9,ACD_JOINED=1700000000")

    await stand.phone("1001").blind_transfer(SUPPORT)

    again = await stand.desk.next()
    assert again.env["agi_network_script"].startswith("support")
    assert again.env["agi_uniqueid"] == call.env["agi_uniqueid"]
    assert again.env["agi_channel"] == call.env["agi_channel"]
    assert again.args == ["", "c-9", ""]
    await again.greet()
    assert await again.variable("${DIALSTATUS}|${ACD_STATUS}|${CHANNEL(state)}") == "||Up"
    assert (await again.variable("${BLINDTRANSFER}")).startswith("PJSIP/1001-")
    await caller.hangup()


async def test_an_attended_transfer_to_an_agent_keeps_the_session_inside_dial(stand: Stand) -> None:
    caller, call = await talking(stand)
    first = _leg(stand)
    await stand.phone("1002").will(Answers())
    consult = await stand.phone("1001").consult("1002")
    answered = await stand.ami.event("DialEnd", DialStatus="ANSWER")
    second = answered["Channel"]
    await stand.ami.event("BridgeEnter", Channel=second)
    consult_bridge = (await stand.ami.event("BridgeEnter", Channel=answered["DestChannel"]))["BridgeUniqueid"]

    await stand.phone("1001").attended_transfer(consult)

    transfer = await stand.ami.event("AttendedTransfer")
    assert (transfer["Result"], transfer["DestType"]) == ("Success", "Bridge")
    assert transfer["DestBridgeUniqueid"] == consult_bridge
    assert transfer["OrigTransfererChannel"] == first
    assert transfer["SecondTransfererChannel"] == second
    assert transfer["TransfereeChannel"] == call.env["agi_channel"]
    await stand.ami.event("Hangup", Channel=first)
    await stand.ami.event("Hangup", Channel=second)
    with pytest.raises(TimeoutError):
        await call.line(within=0.3)
    await stand.phone("1002").hangup()
    assert await call.line() == "200 result=0"
    status, peer = (await call.variable("${DIALSTATUS}|${DIALEDPEERNAME}")).split("|")
    assert (status, peer) == ("ANSWER", first)
    await caller.hangup()


async def test_an_attended_transfer_into_a_waiting_queue_swaps_the_sessions(stand: Stand) -> None:
    caller, call = await talking(stand)
    first = _leg(stand)
    consult = await stand.phone("1001").consult(SUPPORT)
    support = await _support(stand)

    await stand.phone("1001").attended_transfer(consult)

    transfer = await stand.ami.event("AttendedTransfer")
    assert (transfer["Result"], transfer["DestType"], transfer["DestApp"]) == ("Success", "App", "AGI")
    assert transfer["OrigTransfererChannel"] == first
    assert transfer["SecondTransfererChannel"] == support.env["agi_channel"]
    assert transfer["TransfereeChannel"] == call.env["agi_channel"]
    assert await call.rest() == ["200 result=-1", "HANGUP", "HANGUP"]
    swapped = await support.variable("${CHANNEL(name)}|${UNIQUEID}")
    assert swapped == f"{call.env['agi_channel']}|{call.env['agi_uniqueid']}"
    await stand.phone("1002").will(Answers())
    support.send("EXEC Dial PJSIP/1002,10,mgi")
    answered = await stand.ami.event("DialEnd", DialStatus="ANSWER")
    assert answered["Channel"] == call.env["agi_channel"]
    await caller.hangup()
    assert await support.rest() == ["200 result=-1", "HANGUP", "HANGUP"]


async def test_an_attended_transfer_into_a_queue_after_its_agent_answered_joins_the_talk(
    stand: Stand,
) -> None:
    caller, call = await talking(stand)
    consult = await stand.phone("1001").consult(SUPPORT)
    support = await _support(stand)
    await stand.phone("1002").will(Answers())
    support.send("EXEC Dial PJSIP/1002,10,mgi")
    await stand.ami.event("DialEnd", DialStatus="ANSWER")
    await stand.ami.event("BridgeEnter", Channel=support.env["agi_channel"])

    await stand.phone("1001").attended_transfer(consult)

    transfer = await stand.ami.event("AttendedTransfer")
    assert transfer["DestType"] == "Bridge"
    assert transfer["SecondTransfererChannel"] == support.env["agi_channel"]
    # Asterisk replies 0 now and then: only the transfer event and HANGUP tell it from an agent's end.
    reply, *ends = await support.rest()
    assert reply in {"200 result=-1", "200 result=0"}
    assert ends == ["HANGUP", "HANGUP"]
    await stand.phone("1002").hangup()
    assert await call.line() == "200 result=0"
    await caller.hangup()
