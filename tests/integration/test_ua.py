"""The test user agent against the real Asterisk: what its phones see is what Asterisk did."""

import asyncio
from collections.abc import AsyncIterator, Coroutine

import pytest
import pytest_asyncio

from tests.contract.ami_client import AmiClient
from tests.pbx.errors import FolderError
from tests.pbx.folder import obtain
from tests.pbx.instance import Asterisk
from tests.pbx.settings import MANAGER_SECRET, TESTS_USER, Agent, Settings
from tests.ua import ladder
from tests.ua.behaviour import Answer, Redirect, Reject, Ring, Silent
from tests.ua.errors import RefusedError
from tests.ua.incoming import IncomingCall
from tests.ua.outgoing import OutgoingCall
from tests.ua.phone import Phone

pytestmark = [pytest.mark.integration, pytest.mark.asyncio(loop_scope="module")]

Phones = tuple[Phone, Phone, Phone]
DIALPLAN = """\
exten => _100X,1,Dial(PJSIP/${EXTEN},10,i)
exten => 900,1,Answer(,i)
 same => n,Echo()
"""
SETTINGS = Settings(
    agents=("1001", "1002", "1003", Agent(name="1004", password="secret")),
    trunks=("trunk-a",),
    hints={"lamp": "Custom:lamp", "_acd-.": "Custom:${EXTEN}"},
    dialplan=DIALPLAN,
    modules=("app_echo",),
    qualify=1,
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pbx() -> AsyncIterator[Asterisk]:
    try:
        root = await asyncio.to_thread(obtain)
    except FolderError as error:
        pytest.fail(str(error))
    async with Asterisk(root, SETTINGS) as asterisk:
        yield asterisk


@pytest_asyncio.fixture(loop_scope="module")
async def phones(pbx: Asterisk) -> AsyncIterator[Phones]:
    async with (
        Phone("1001", server=pbx.sip) as first,
        Phone("1002", server=pbx.sip) as second,
        Phone("1003", server=pbx.sip) as third,
    ):
        for phone in (first, second, third):
            await phone.register()
        yield first, second, third
        print(ladder.draw(first.ladder, second.ladder, third.ladder, names={pbx.sip: "asterisk"}))


async def talk(caller: Phone, callee: Phone) -> tuple[OutgoingCall, IncomingCall]:
    """A call through Asterisk, bridged: sound goes through; before that, a REFER ends with 400."""
    callee.on_invite = Answer()
    out = await caller.invite(callee.user)
    call = await callee.next_call()
    await out.answered()
    await call.answered()
    out.rtp.send = True
    await call.rtp.heard(1)
    return out, call


async def test_either_side_ends_a_call_and_the_other_sees_it(phones: Phones) -> None:
    alice, bob, _ = phones
    out, call = await talk(alice, bob)
    await call.hangup()
    ending = await out.ended()
    assert (ending.by, ending.how, ending.reason) == ("peer", "BYE", "Q.850;cause=16")

    out, call = await talk(alice, bob)
    await out.hangup()
    assert (await call.ended()).by == "peer"


@pytest.mark.parametrize(
    ("status", "final"),
    [
        (403, 503),
        (404, 503),
        (408, 503),
        (480, 480),
        (486, 486),
        (487, 503),
        (488, 503),
        (500, 503),
        (503, 503),
        (600, 486),
        (603, 503),
    ],
)
async def test_a_refusal_is_what_dial_makes_of_it(phones: Phones, status: int, final: int) -> None:
    alice, bob, _ = phones
    bob.on_invite = Reject(status)
    out = await alice.invite("1002")

    assert await out.final() == final


async def seen_direction(change: Coroutine[object, object, None], call: IncomingCall) -> str:
    """What Asterisk's description says after a re-INVITE of ours."""
    await change
    return call.remote.direction if call.remote is not None else "no description"


async def test_hold_and_resume_reach_asterisk_and_sound_goes_on(phones: Phones) -> None:
    alice, bob, _ = phones
    out, call = await talk(alice, bob)
    assert await seen_direction(call.hold(), call) == "recvonly"
    assert await seen_direction(call.resume(), call) == "sendrecv"
    await call.rtp.heard(call.rtp.received + 5)
    assert out.ending is None


async def test_a_key_is_passed_on_as_info(phones: Phones) -> None:
    alice, bob, _ = phones
    out, call = await talk(alice, bob)
    await call.dtmf("5")
    await alice.wire.changes.until(lambda: out.digits == "5", within=2, what="the key")


async def test_a_blind_transfer_is_told_and_the_third_phone_answers(phones: Phones) -> None:
    alice, bob, carol = phones
    carol.on_invite = Answer()
    out, call = await talk(alice, bob)
    transfer = await call.refer("1003")
    third = await carol.next_call()
    await third.answered()

    assert await transfer.final() == 200
    assert (await call.ended()).by == "us"
    await out.hangup()
    assert (await third.ended()).by == "peer"


async def test_an_attended_transfer_joins_the_other_two(phones: Phones) -> None:
    alice, bob, carol = phones
    out, call = await talk(alice, bob)
    await call.hold()
    consult, third = await talk(bob, carol)
    transfer = await call.refer_replaces(consult)

    assert await transfer.final() == 200
    await call.ended()
    await consult.ended()
    await third.rtp.heard(third.rtp.received + 5)
    await third.hangup()
    assert (await out.ended()).by == "peer"


async def test_a_cancel_brings_its_reason(phones: Phones) -> None:
    alice, bob, _ = phones
    bob.on_invite = Ring()
    out = await alice.invite("1002")
    await out.ringing()
    await out.hangup()
    call = await bob.next_call()
    await call.ended()

    assert call.cancelled
    assert call.cancel_reason.startswith("Q.850;cause=")


async def test_a_redirect_is_a_refusal_when_dial_says_so(phones: Phones) -> None:
    alice, bob, _ = phones
    bob.on_invite = Redirect("sip:900@127.0.0.1")
    out = await alice.invite("1002")

    assert await out.final() == 486


async def test_a_silent_phone_leaves_the_caller_to_give_up(phones: Phones) -> None:
    alice, bob, _ = phones
    bob.on_invite = Silent()
    out = await alice.invite("1002")
    await bob.next_call()
    await out.hangup()

    assert await out.final() == 487
    assert not [rung for rung in bob.ladder if rung.title.endswith(" INVITE")]


async def test_registration_and_calls_pass_digest_authentication(pbx: Asterisk) -> None:
    async with Phone("1004", server=pbx.sip, password="secret") as phone:
        await phone.register()
        call = await phone.invite("900")
        await call.answered()
        call.rtp.send = True
        await call.rtp.heard(3)
        await call.hold()
        await call.hangup()
        assert [one.status for one in phone.ladder.responses(401)] == [401, 401]


async def test_a_wrong_password_is_refused(pbx: Asterisk) -> None:
    async with Phone("1004", server=pbx.sip, password="wrong") as phone:
        with pytest.raises(RefusedError, match="401"):
            await phone.register()


async def test_a_phone_is_qualified_until_its_cable_is_out(pbx: Asterisk) -> None:
    async with Phone("1001", server=pbx.sip) as phone:
        await phone.register()
        await phone.wire.changes.until(
            lambda: bool(phone.ladder.received("OPTIONS")), within=3, what="a qualify"
        )
        assert "Avail" in await pbx.cli("pjsip show contacts")


async def set_lamp(pbx: Asterisk, name: str, state: str) -> None:
    async with AmiClient(pbx.manager[1], TESTS_USER, MANAGER_SECRET) as ami:
        answer = await ami.action("Setvar", Variable=f"DEVICE_STATE(Custom:{name})", Value=state)
        assert answer["Response"] == "Success", answer


@pytest.mark.parametrize("number", ["lamp", "acd-agent-ann"], ids=["of its own hint", "of a pattern's hint"])
@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ("dialog", {"RINGING": "early", "INUSE": "confirmed", "NOT_INUSE": "terminated"}),
        ("presence", {"RINGING": "Ringing", "INUSE": "On the phone", "NOT_INUSE": "Ready"}),
    ],
)
async def test_a_lamp_follows_its_device_state(
    pbx: Asterisk, phones: Phones, event: str, shown: dict[str, str], number: str
) -> None:
    alice, _, _ = phones
    await set_lamp(pbx, number, "NOT_INUSE")
    lamp = await alice.subscribe(number, event=event)
    await lamp.state(shown["NOT_INUSE"])
    for state in ("RINGING", "INUSE", "NOT_INUSE"):
        await set_lamp(pbx, number, state)
        await lamp.state(shown[state])
    await alice.unsubscribe(lamp)
    assert "0 active subscriptions" in await pbx.cli("pjsip show subscriptions inbound")


async def test_a_subscription_passes_digest_and_ends_with_the_phones_context(pbx: Asterisk) -> None:
    async with Phone("1004", server=pbx.sip, password="secret") as phone:
        lamp = await phone.subscribe("lamp")
        await lamp.state("terminated")
    # Asterisk asks for the digest of a first SUBSCRIBE only, not inside the dialog.
    assert [one.cseq_method for one in phone.ladder.responses(401)] == ["SUBSCRIBE"]
    assert lamp.over


async def test_a_lamp_nobody_knows_is_refused(phones: Phones) -> None:
    alice, _, _ = phones
    with pytest.raises(RefusedError, match="404"):
        await alice.subscribe("nobody")
    assert alice.subscriptions == []


async def test_a_message_reaches_the_phone_and_is_kept(pbx: Asterisk, phones: Phones) -> None:
    alice, _, _ = phones
    async with AmiClient(pbx.manager[1], TESTS_USER, MANAGER_SECRET) as ami:
        answer = await ami.action("MessageSend", To="pjsip:1001", From="supervisor", Body="Please call back")
        assert answer["Response"] == "Success", answer
    await alice.wire.changes.until(lambda: bool(alice.notices), within=3, what="the message")

    assert [(one.method, one.body) for one in alice.notices] == [("MESSAGE", b"Please call back")]
    assert alice.faults == []


async def test_a_trunk_needs_no_password_and_names_its_caller(pbx: Asterisk, phones: Phones) -> None:
    _, bob, _ = phones
    bob.on_invite = Answer()
    async with Phone("trunk-a", server=pbx.sip) as trunk:
        out = await trunk.invite(
            "1002", from_user="+4930", from_display="Doe", headers={"X-Trunk": "trunk-a"}
        )
        await out.answered()
        call = await bob.next_call()
        assert call.caller == "+4930"
        await out.hangup()
        await call.ended()
