"""Two of our user agents over loopback, on both event loops."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.ua import ladder
from tests.ua.behaviour import Answer, Redirect, Reject, Ring, Silent
from tests.ua.errors import NotSeenError, RefusedError, WrongStateError
from tests.ua.phone import Phone
from tests.ua.timing import NS, Timing

pytestmark = pytest.mark.unit

NOWHERE = ("127.0.0.1", 9)
QUICK = Timing(t1=NS // 200, t2=NS // 25, t4=NS // 20)
Pair = tuple[Phone, Phone]


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with (
        Phone("bob", server=NOWHERE) as bob,
        Phone("alice", server=bob.address, display="Alice") as alice,
    ):
        yield alice, bob


async def test_the_caller_ends_an_answered_call(pair: Pair) -> None:
    alice, bob = pair
    bob.on_invite = Answer()
    out = await alice.invite("bob", from_user="+4930", headers={"X-Test": "1"})
    await out.answered()
    call = await bob.next_call()
    await call.answered()
    await out.hangup()
    ending = await call.ended()

    assert (call.caller, call.invite.get("X-Test")) == ("+4930", "1")
    assert (ending.by, ending.how) == ("peer", "BYE")
    assert out.ending is not None
    assert (out.ending.by, out.ending.how) == ("us", "BYE")
    assert call.invited_at <= call.rang_at <= call.answered_at <= call.ended_at
    assert bob.ladder.titles() == ["< INVITE", "> 180 INVITE", "> 200 INVITE", "< ACK", "< BYE", "> 200 BYE"]


async def test_the_callee_ends_an_answered_call(pair: Pair) -> None:
    alice, bob = pair
    out = await alice.invite("bob")
    call = await bob.next_call()
    await out.ringing()
    await call.answer()
    await call.hangup()

    assert (await out.ended()).by == "peer"
    assert out.rang_at > 0


@pytest.mark.parametrize("status", [403, 404, 408, 480, 486, 487, 488, 500, 503, 600, 603])
async def test_a_refusal_reaches_the_caller_and_is_acknowledged(pair: Pair, status: int) -> None:
    alice, bob = pair
    bob.on_invite = Reject(status, ring=False)
    out = await alice.invite("bob")

    assert await out.final() == status
    with pytest.raises(RefusedError, match=str(status)):
        await out.answered()
    call = await bob.next_call()
    await bob.wire.changes.until(lambda: call.acknowledged, within=1, what="ACK")
    assert bob.ladder.titles() == ["< INVITE", f"> {status} INVITE", "< ACK"]


async def test_the_test_may_reject_by_hand(pair: Pair) -> None:
    alice, bob = pair
    out = await alice.invite("bob")
    call = await bob.next_call()
    await call.reject(486)

    assert await out.final() == 486
    with pytest.raises(WrongStateError, match="a call that is ended can no longer be answered"):
        call.pick_up()


async def test_a_cancel_says_its_reason_and_the_phone_stops_ringing(pair: Pair) -> None:
    alice, bob = pair
    out = await alice.invite("bob")
    await out.ringing()
    await out.hangup(reason='SIP;cause=200;text="Call completed elsewhere"')
    call = await bob.next_call()
    ending = await call.ended()

    assert call.cancelled
    assert call.cancel_reason == ending.reason == 'SIP;cause=200;text="Call completed elsewhere"'
    assert await out.final() == 487
    assert out.ending is not None
    assert (out.ending.by, out.ending.how) == ("us", "CANCEL")


async def test_hanging_up_a_ringing_phone_declines(pair: Pair) -> None:
    alice, bob = pair
    out = await alice.invite("bob")
    await (await bob.next_call()).hangup()

    assert await out.final() == 603


async def test_hold_and_resume_are_seen_by_the_other_side(pair: Pair) -> None:
    alice, bob = pair
    bob.on_invite = Answer()
    out = await alice.invite("bob")
    await out.answered()
    call = await bob.next_call()
    await call.answered()
    await call.hold()
    assert (out.held_by_peer, out.direction, call.direction) == (True, "recvonly", "sendonly")

    await call.resume()
    assert (out.held_by_peer, out.direction, call.direction) == (False, "sendrecv", "sendrecv")


async def test_keys_travel_as_info(pair: Pair) -> None:
    alice, bob = pair
    bob.on_invite = Answer()
    out = await alice.invite("bob")
    await out.answered()
    call = await bob.next_call()
    await out.dtmf("4*#")

    assert call.digits == "4*#"
    assert call.requests[0].body == b"Signal=4\r\nDuration=160\r\n"


async def test_silence_is_sent_to_the_port_in_the_description_and_counted(pair: Pair) -> None:
    alice, bob = pair
    bob.on_invite = Answer()
    out = await alice.invite("bob")
    await out.answered()
    call = await bob.next_call()
    out.rtp.send = True
    await call.rtp.heard(3, within=2)
    out.rtp.send = False

    assert call.rtp.received >= 3
    assert out.rtp.received == 0


async def test_a_redirect_names_its_target(pair: Pair) -> None:
    alice, bob = pair
    bob.on_invite = Redirect("sip:900@127.0.0.1")
    out = await alice.invite("bob")

    assert await out.final() == 302
    assert out.final_response is not None
    assert out.final_response.get("Contact") == "<sip:900@127.0.0.1>"


async def test_a_script_is_used_up_before_the_standing_behaviour(pair: Pair) -> None:
    alice, bob = pair
    bob.script.extend([Reject(486), Reject(603)])
    bob.on_invite = lambda call: Reject(480) if call.caller == "x" else Reject(404)
    finals = [await (await alice.invite("bob", from_user=user)).final() for user in ("x", "x", "x", "y")]

    assert finals == [486, 603, 480, 404]


async def test_a_delayed_answer_comes_when_it_is_due_and_not_after_a_cancel(pair: Pair) -> None:
    alice, bob = pair
    bob.on_invite = Answer(after=0.03)
    await (await alice.invite("bob")).answered()
    call = await bob.next_call()
    assert call.answered_at - call.rang_at >= 30_000_000

    bob.on_invite = Answer(after=0.03)
    out = await alice.invite("bob")
    await out.ringing()
    await out.hangup()
    cancelled = await bob.next_call()
    assert cancelled._later is None
    assert cancelled.answered_at == 0


async def test_a_silent_phone_sends_nothing_and_the_caller_gives_up() -> None:
    async with Phone("bob", server=NOWHERE) as bob, Phone("alice", server=bob.address, timing=QUICK) as alice:
        bob.on_invite = Silent()
        out = await alice.invite("bob")
        assert await out.final(within=2) == 408
        assert set(bob.ladder.titles(repeated=True)) == {"< INVITE"}
        assert len(bob.ladder) > 2


async def test_an_unplugged_phone_does_not_even_answer_options() -> None:
    async with Phone("bob", server=NOWHERE) as bob, Phone("alice", server=bob.address, timing=QUICK) as alice:
        assert (await alice.options()).status == 200
        bob.unplugged = True
        with pytest.raises(RefusedError, match="without any answer"):
            await alice.options()


async def test_a_wait_that_fails_shows_the_ladder(pair: Pair) -> None:
    alice, bob = pair
    out = await alice.invite("bob")
    with pytest.raises(NotSeenError, match=r"(?s)an answer: not seen within 0.02 s.*180 INVITE"):
        await out.answered(within=0.02)
    assert "INVITE" in ladder.draw(alice.ladder, bob.ladder)


async def test_leaving_the_context_hangs_up_what_is_left() -> None:
    async with Phone("bob", server=NOWHERE, on_invite=Answer()) as bob:
        async with Phone("alice", server=bob.address) as alice:
            await (await alice.invite("bob")).answered()
            bob.on_invite = Ring()
            await (await alice.invite("bob")).ringing()
        talking, ringing = await bob.next_call(), await bob.next_call()

        assert (await talking.ended()).how == "BYE"
        assert (await ringing.ended()).how == "CANCEL"


async def test_120_phones_talk_at_once() -> None:
    async with asyncio.TaskGroup() as group, Phone("hub", server=NOWHERE, on_invite=Answer()) as hub:
        done = [group.create_task(_one_call(f"p{number}", hub.address)) for number in range(120)]
        await asyncio.gather(*done)
        assert len(hub.calls) == 120


async def _one_call(user: str, hub: tuple[str, int]) -> None:
    async with Phone(user, server=hub) as phone:
        call = await phone.invite("hub")
        await call.answered()
        await call.hangup()
