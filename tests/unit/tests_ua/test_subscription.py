"""Lamps: what a phone does with a SUBSCRIBE and its NOTIFYs, against a peer played by hand."""

import asyncio

import pytest

from tests.ua.address import Endpoint
from tests.ua.digest import ANSWERED_BY
from tests.ua.errors import MalformedMessageError, NotSeenError, RefusedError
from tests.ua.message import Header, Request
from tests.ua.phone import Phone
from tests.ua.subscription import BODIES, Subscription, read_state
from tests.ua.timing import NS, Timing
from tests.unit.tests_ua.wire_peer import WirePeer

pytestmark = pytest.mark.unit

QUICK = Timing(t1=NS // 100, t2=NS // 25, t4=NS // 20)
CHALLENGE = 'Digest realm="asterisk", nonce="n1", qop="auth"'


def dialog_info(*states: str) -> bytes:
    found = "".join(f'<dialog id="{n}"><state>{state}</state></dialog>' for n, state in enumerate(states))
    return (
        f'<dialog-info xmlns="urn:ietf:params:xml:ns:dialog-info" version="0">{found}</dialog-info>'.encode()
    )


def notify_of(subscribe: Request, body: bytes, *headers: Header, seq: int, contact: Endpoint) -> Request:
    """A NOTIFY in the dialog that a SUBSCRIBE opened."""
    given = {name for name, _ in headers}
    usual = (
        ("Event", "dialog"),
        ("Content-Type", BODIES["dialog"]),
        ("Subscription-State", "active;expires=300"),
    )
    fixed = (
        ("Via", f"SIP/2.0/UDP {contact[0]}:{contact[1]};rport;branch=z9hG4bK-n{seq}"),
        ("From", "<sip:lamp@127.0.0.1>;tag=peer"),
        ("To", subscribe.get("From")),
        ("Call-ID", subscribe.call_id),
        ("CSeq", f"{seq} NOTIFY"),
        ("Contact", f"<sip:peer@{contact[0]}:{contact[1]}>"),
    )
    all_headers = (*fixed, *headers, *(pair for pair in usual if pair[0] not in given))
    return Request(method="NOTIFY", uri="sip:1001@127.0.0.1", headers=all_headers, body=body)


async def subscribed(phone: Phone, peer: WirePeer) -> tuple[Subscription, Request]:
    """An accepted subscription and the SUBSCRIBE it came from."""
    async with asyncio.TaskGroup() as group:
        subscribing = group.create_task(phone.subscribe("lamp"))
        subscribe = await peer.request("SUBSCRIBE")
        peer.reply(subscribe, 200, ("Expires", "300"))
    return subscribing.result(), subscribe


@pytest.mark.parametrize("status", [401, 407])
async def test_a_subscription_answers_a_challenge(status: int) -> None:
    async with (
        WirePeer() as peer,
        Phone("1001", server=peer.address, password="secret", timing=QUICK) as phone,
    ):
        async with asyncio.TaskGroup() as group:
            group.create_task(phone.subscribe("lamp"))
            first = await peer.request("SUBSCRIBE")
            peer.reply(first, status, (ANSWERED_BY[status][0], CHALLENGE))
            second = await peer.request("SUBSCRIBE")
            peer.reply(second, 202)
        phone.unplugged = True

    assert (second.get("Event"), second.get("Accept")) == ("dialog", "application/dialog-info+xml")
    assert second.get(ANSWERED_BY[status][1]).startswith("Digest ")
    assert second.cseq == first.cseq + 1


async def test_each_notify_is_answered_and_its_state_kept() -> None:
    async with WirePeer() as peer, Phone("1001", server=peer.address, timing=QUICK) as phone:
        lamp, subscribe = await subscribed(phone, peer)
        for seq, state in enumerate(("terminated", "early", "confirmed"), start=1):
            peer.send(notify_of(subscribe, dialog_info(state), seq=seq, contact=peer.address))
            await peer.response(200)
            await lamp.state(state)
        phone.unplugged = True

    assert lamp.states == ["terminated", "early", "confirmed"]


async def test_a_notify_may_overtake_the_answer_to_the_subscribe() -> None:
    async with WirePeer() as peer, Phone("1001", server=peer.address, timing=QUICK) as phone:
        async with asyncio.TaskGroup() as group:
            subscribing = group.create_task(phone.subscribe("lamp"))
            subscribe = await peer.request("SUBSCRIBE")
            peer.send(notify_of(subscribe, dialog_info("early"), seq=1, contact=peer.address))
            await peer.response(200)
            peer.reply(subscribe, 200)
        phone.unplugged = True

    assert subscribing.result().states == ["early"]


async def test_leaving_the_context_unsubscribes_and_awaits_the_last_notify() -> None:
    async with WirePeer() as peer, asyncio.TaskGroup() as group:
        async with Phone("1001", server=peer.address, timing=QUICK) as phone:
            lamp, first = await subscribed(phone, peer)

            async def end() -> Request:
                last = await peer.request("SUBSCRIBE")
                peer.reply(last, 200, ("Expires", "0"))
                gone = ("Subscription-State", "terminated;reason=timeout")
                peer.send(notify_of(first, b"", gone, seq=1, contact=peer.address))
                await peer.response(200)
                return last

            ending = group.create_task(end())
        last = await ending

    assert (last.get("Expires"), last.call_id, last.to_tag) == ("0", first.call_id, "peer")
    assert lamp.over


async def test_a_subscription_the_peer_ended_is_not_ended_again() -> None:
    async with WirePeer() as peer, Phone("1001", server=peer.address, timing=QUICK) as phone:
        lamp, subscribe = await subscribed(phone, peer)
        gone = ("Subscription-State", "terminated;reason=noresource")
        peer.send(notify_of(subscribe, b"", gone, seq=1, contact=peer.address))
        await lamp.ended()

    assert len(phone.ladder.sent("SUBSCRIBE")) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ((("Event", "presence"),), 489),
        ((("Content-Type", "text/plain"),), 415),
    ],
    ids=["of another event", "with another body"],
)
async def test_a_notify_that_was_not_asked_for_is_refused(headers: tuple[Header, ...], status: int) -> None:
    async with WirePeer() as peer, Phone("1001", server=peer.address, timing=QUICK) as phone:
        lamp, subscribe = await subscribed(phone, peer)
        peer.send(notify_of(subscribe, dialog_info("early"), *headers, seq=1, contact=peer.address))
        await peer.response(status)
        phone.unplugged = True

    assert lamp.states == []


async def test_a_refused_subscription_is_an_error_and_forgotten() -> None:
    async with WirePeer() as peer, Phone("1001", server=peer.address, timing=QUICK) as phone:
        subscribing = asyncio.gather(phone.subscribe("lamp"), return_exceptions=True)
        peer.reply(await peer.request("SUBSCRIBE"), 404)
        refused = (await subscribing)[0]

        assert isinstance(refused, RefusedError)
        assert refused.status == 404
        assert phone.subscriptions == []


async def test_a_state_that_does_not_come_is_told_with_those_that_did() -> None:
    async with WirePeer() as peer, Phone("1001", server=peer.address, timing=QUICK) as phone:
        lamp, subscribe = await subscribed(phone, peer)
        peer.send(notify_of(subscribe, dialog_info("early"), seq=1, contact=peer.address))
        await lamp.state("early")
        with pytest.raises(NotSeenError) as missed:
            await lamp.state("confirmed", within=0.01)
        phone.unplugged = True

    assert missed.value.__notes__ == ["states seen: ['early']"]


@pytest.mark.parametrize(
    ("event", "body", "state"),
    [
        ("dialog", dialog_info(), "terminated"),
        ("dialog", dialog_info("confirmed", "early"), "early"),
        ("dialog", dialog_info("terminated", "confirmed"), "confirmed"),
        ("presence", b'<presence xmlns="p"><note>Ringing</note><basic>open</basic></presence>', "Ringing"),
        ("presence", b'<presence xmlns="p"><tuple><basic>closed</basic></tuple></presence>', "closed"),
    ],
    ids=["no dialog", "one rings", "one is left", "a note", "no note"],
)
def test_a_body_says_one_state(event: str, body: bytes, state: str) -> None:
    assert read_state(event, body) == state


@pytest.mark.parametrize(
    ("event", "body", "wrong"),
    [
        ("dialog", b"<dialog-info", "no XML"),
        ("dialog", dialog_info("sleeping"), "sleeping"),
        ("presence", b"<presence/>", "neither"),
    ],
)
def test_a_body_that_cannot_be_read_is_an_error(event: str, body: bytes, wrong: str) -> None:
    with pytest.raises(MalformedMessageError, match=wrong):
        read_state(event, body)
