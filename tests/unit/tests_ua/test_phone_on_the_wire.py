"""One user agent against a peer that the test plays by hand."""

import asyncio
from collections.abc import AsyncIterator, Coroutine

import pytest

from tests.ua import sdp
from tests.ua.address import embedded_replaces
from tests.ua.behaviour import Answer, Ring
from tests.ua.digest import Credentials, expected, parameters
from tests.ua.errors import MalformedMessageError, RefusedError
from tests.ua.message import Header, Request
from tests.ua.outgoing import OutgoingCall
from tests.ua.phone import Phone
from tests.ua.timing import NS, Timing
from tests.unit.tests_ua.wire_peer import WirePeer

pytestmark = pytest.mark.unit

WHO = Credentials("1001", "secret")
QUICK = Timing(t1=NS // 100, t2=NS // 25, t4=NS // 20)
OFFER = sdp.render(sdp.Audio(host="127.0.0.1", port=4000), session=1, version=1)
SDP: Header = ("Content-Type", "application/sdp")
CHALLENGE = 'Digest realm="asterisk", nonce="n1", qop="auth"'
REFER_STATE: tuple[Header, ...] = (("Event", "refer"), ("Content-Type", "message/sipfrag"))
Ends = tuple[Phone, WirePeer]


@pytest.fixture
async def ends() -> AsyncIterator[Ends]:
    """A phone whose server is the peer; at the end its cable is pulled, so that it says no goodbye."""
    async with (
        WirePeer() as peer,
        Phone("1001", server=peer.address, password="secret", timing=QUICK) as phone,
    ):
        yield phone, peer
        phone.unplugged = True


def right_answer(request: Request, header: str) -> bool:
    """What a registrar checks."""
    given = parameters(request.get(header))
    ours = expected(
        given, WHO, method=request.method, uri=request.uri, cnonce=given["cnonce"], qop=given["qop"]
    )
    return given["username"] == WHO.user and given["response"] == ours


async def connected(phone: Phone, peer: WirePeer, *headers: Header) -> OutgoingCall:
    """An answered call of the phone to the peer."""
    call = await phone.invite("peer")
    peer.reply(await peer.request("INVITE"), 200, SDP, *headers, body=OFFER)
    await peer.request("ACK")
    return call


def inside(
    peer: WirePeer, call: OutgoingCall, method: str, *headers: Header, seq: int, body: bytes = b""
) -> Request:
    """Send a request of the peer's in the phone's call."""
    plain = peer.outgoing(
        method, *headers, branch=f"z9hG4bK-in{seq}", to_tag=call.dialog.local_tag, seq=seq, body=body
    )
    request = Request(
        method=method,
        uri=plain.uri,
        headers=tuple(
            (name, call.dialog.call_id if name == "Call-ID" else value) for name, value in plain.headers
        ),
        body=body,
    )
    peer.send(request)
    return request


async def test_registration_answers_the_challenge_and_takes_itself_back(ends: Ends) -> None:
    phone, peer = ends
    for expires, act in (("300", phone.register), ("0", phone.unregister)):
        async with asyncio.TaskGroup() as group:
            acting = group.create_task(act())
            first = await peer.request("REGISTER")
            peer.reply(first, 401, ("WWW-Authenticate", CHALLENGE))
            second = await peer.request("REGISTER")
            peer.reply(second, 200)
        assert acting.result().status == 200
        assert right_answer(second, "Authorization")
        assert (second.call_id, second.from_tag, second.cseq) == (
            first.call_id,
            first.from_tag,
            first.cseq + 1,
        )
        assert second.branch != first.branch
        assert (second.get("Expires"), second.get("Contact")) == (expires, f"<{phone.uri}>")


async def test_a_second_challenge_is_a_refusal(ends: Ends) -> None:
    phone, peer = ends
    async with asyncio.TaskGroup() as group:
        registering = group.create_task(_status_of(phone.register()))
        for _ in range(2):
            peer.reply(await peer.request("REGISTER"), 401, ("WWW-Authenticate", CHALLENGE))

    assert registering.result() == 401


async def _status_of(doomed: Coroutine[object, object, object]) -> int:
    with pytest.raises(RefusedError) as refused:
        await doomed
    return refused.value.status


@pytest.mark.parametrize(
    ("status", "asked", "answering"),
    [(401, "WWW-Authenticate", "Authorization"), (407, "Proxy-Authenticate", "Proxy-Authorization")],
)
async def test_a_challenged_invite_is_acknowledged_and_sent_anew(
    ends: Ends, status: int, asked: str, answering: str
) -> None:
    phone, peer = ends
    call = await phone.invite("900")
    first = await peer.request("INVITE")
    peer.reply(first, status, (asked, CHALLENGE))
    ack = await peer.request("ACK")
    second = await peer.request("INVITE")

    assert (ack.branch, ack.cseq) == (first.branch, first.cseq)
    assert right_answer(second, answering)
    assert (second.cseq, second.call_id) == (first.cseq + 1, first.call_id)
    assert second.branch != first.branch
    peer.reply(second, 486)
    assert await call.final() == 486


async def test_a_2xx_is_acknowledged_along_the_recorded_route_and_again_when_repeated(ends: Ends) -> None:
    phone, peer = ends
    peer.repeats = True
    call = await phone.invite("900")
    invite = await peer.request("INVITE")
    route = f"<sip:{peer.address[0]}:{peer.address[1]};lr>"
    for _ in range(2):
        peer.reply(invite, 200, ("Record-Route", route), SDP, body=OFFER, contact="<sip:far@192.0.2.1:5099>")
        ack = await _skip_repeats(peer, "ACK")
        assert (ack.uri, ack.get("Route")) == ("sip:far@192.0.2.1:5099", route)
        assert (ack.cseq, ack.to_tag) == (invite.cseq, "peer")
        assert ack.branch != invite.branch
    assert call.state == "answered"
    assert phone.ladder.titles(repeated=True)[-2:] == ["< 200 INVITE", "> ACK"]


async def test_a_cancel_waits_for_a_provisional_response(ends: Ends) -> None:
    phone, peer = ends
    peer.repeats = True
    call = await phone.invite("900")
    invite = await peer.request("INVITE")
    async with asyncio.TaskGroup() as group:
        group.create_task(call.hangup())
        await peer.request("INVITE")  # repeated by T1: nothing else may be sent yet
        peer.reply(invite, 180)
        cancel = await _skip_repeats(peer, "CANCEL")
        peer.reply(cancel, 200)
        peer.reply(invite, 487)
        await peer.request("ACK")

    assert (cancel.branch, cancel.uri, cancel.cseq) == (invite.branch, invite.uri, invite.cseq)
    assert call.ending is not None
    assert (call.ending.by, call.ending.how) == ("us", "CANCEL")


async def _skip_repeats(peer: WirePeer, method: str) -> Request:
    """The next request of that method; INVITE repetitions already on their way are passed over."""
    while True:
        message = await peer.anything()
        if isinstance(message, Request) and message.method == method:
            return message
        assert isinstance(message, Request)
        assert message.method == "INVITE"


async def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_ended(ends: Ends) -> None:
    phone, peer = ends
    call = await phone.invite("900")
    invite = await peer.request("INVITE")
    peer.reply(invite, 180)
    await call.ringing()
    async with asyncio.TaskGroup() as group:
        group.create_task(call.hangup())
        cancel = await peer.request("CANCEL")
        peer.reply(invite, 200, SDP, body=OFFER)
        peer.reply(cancel, 200)
        await peer.request("ACK")
        peer.reply(await peer.request("BYE"), 200)

    assert call.ending is not None
    assert call.ending.how == "BYE"


async def test_our_200_is_repeated_until_the_ack(ends: Ends) -> None:
    phone, peer = ends
    peer.repeats = True
    phone.on_invite = Answer(ring=False)
    peer.send(peer.invite(SDP, body=OFFER), phone.address)
    first = await peer.response(200)
    second = await peer.response(200)
    assert first == second

    peer.send(peer.outgoing("ACK", branch="z9hG4bK-ack", to_tag=first.to_tag))
    call = await phone.next_call()
    await call.answered()
    assert call.acknowledged


async def test_a_200_that_nobody_acknowledges_ends_with_a_bye(ends: Ends) -> None:
    phone, peer = ends
    phone.on_invite = Answer(ring=False)
    peer.send(peer.invite(SDP, body=OFFER), phone.address)
    call = await phone.next_call()

    assert (await call.ended(within=2)).how == "timeout"
    assert len(phone.ladder.sent("BYE")) == 1


async def test_an_offer_in_the_200_is_answered_in_the_ack(ends: Ends) -> None:
    phone, peer = ends
    phone.on_invite = Answer(ring=False)
    peer.send(peer.invite(), phone.address)
    answer = await peer.response(200)
    assert sdp.parse(answer.body).payloads == (0, 8)

    peer.send(peer.outgoing("ACK", SDP, branch="z9hG4bK-ack", to_tag=answer.to_tag, body=OFFER))
    call = await phone.next_call()
    await call.answered()
    assert call.remote == sdp.parse(OFFER)
    assert call.rtp.peer == ("127.0.0.1", 4000)


@pytest.mark.parametrize("leaves", [True, False])
async def test_a_blind_transfer_follows_its_notifications_and_leaves_if_told(
    ends: Ends, leaves: bool
) -> None:
    phone, peer = ends
    call = await connected(phone, peer)
    call.leaves_once_transferred = leaves
    async with asyncio.TaskGroup() as group:
        referring = group.create_task(call.refer("900"))
        refer = await peer.request("REFER")
        peer.reply(refer, 202)
    transfer = referring.result()
    host, port = peer.address
    assert refer.get("Refer-To") == f"<sip:900@{host}:{port}>"

    for seq, line in ((1, b"SIP/2.0 100 Trying\r\n"), (2, b"SIP/2.0 200 OK\r\n")):
        state = "terminated;reason=noresource" if seq == 2 else "active"
        inside(peer, call, "NOTIFY", *REFER_STATE, ("Subscription-State", state), seq=seq, body=line)
        await peer.response(200)
    assert await transfer.final() == 200
    assert (transfer.fragments, transfer.over) == (["SIP/2.0 100 Trying", "SIP/2.0 200 OK"], True)
    assert len(phone.ladder.sent("BYE")) == leaves
    assert call.state == ("ended" if leaves else "answered")


async def test_a_notification_after_the_bye_still_counts(ends: Ends) -> None:
    phone, peer = ends
    call = await connected(phone, peer)
    async with asyncio.TaskGroup() as group:
        referring = group.create_task(call.refer("900"))
        peer.reply(await peer.request("REFER"), 202)
    inside(peer, call, "BYE", ("Reason", "Q.850;cause=16"), seq=1)
    await peer.response(200)
    inside(
        peer,
        call,
        "NOTIFY",
        *REFER_STATE,
        ("Subscription-State", "terminated"),
        seq=2,
        body=b"SIP/2.0 200 OK\r\n",
    )
    await peer.response(200)

    assert (await call.ended()).reason == "Q.850;cause=16"
    assert await referring.result().final() == 200


async def test_a_refused_refer_is_told(ends: Ends) -> None:
    phone, peer = ends
    call = await connected(phone, peer)
    async with asyncio.TaskGroup() as group:
        referring = group.create_task(_status_of(call.refer("900")))
        peer.reply(await peer.request("REFER"), 603)

    assert referring.result() == 603


async def test_an_attended_transfer_names_the_other_call(ends: Ends) -> None:
    phone, peer = ends
    call = await connected(phone, peer)
    consult = await connected(phone, peer)
    async with asyncio.TaskGroup() as group:
        group.create_task(call.refer_replaces(consult))
        refer = await peer.request("REFER")
        peer.reply(refer, 202)

    replaces = embedded_replaces(refer.get("Refer-To"))
    assert replaces == f"{consult.dialog.call_id};to-tag=peer;from-tag={consult.dialog.local_tag}"
    assert refer.call_id == call.dialog.call_id


async def test_a_call_may_replace_another(ends: Ends) -> None:
    phone, peer = ends
    call = await connected(phone, peer)
    await phone.invite("900", replaces=call)
    invite = await peer.request("INVITE")

    assert invite.get("Replaces") == call.dialog.replaces
    assert invite.get("Require") == "replaces"


@pytest.mark.parametrize(
    ("method", "headers", "body", "status"),
    [
        ("OPTIONS", (), b"", 200),
        ("UPDATE", (), b"", 200),
        ("UPDATE", (SDP,), OFFER, 200),
        ("INVITE", (SDP,), OFFER, 200),
        ("INVITE", (), b"", 200),
        ("INVITE", (SDP,), OFFER.replace(b"AVP 0 8", b"AVP 9"), 488),
        ("INFO", (("Content-Type", "application/dtmf-relay"),), b"Signal=5\r\nDuration=160\r\n", 200),
        ("NOTIFY", (("Event", "refer"),), b"", 489),
        ("REFER", (("Refer-To", "<sip:1@h>"),), b"", 405),
        ("BYE", (), b"", 200),
    ],
)
async def test_requests_inside_a_call_get_the_right_answer(
    ends: Ends, method: str, headers: tuple[Header, ...], body: bytes, status: int
) -> None:
    phone, peer = ends
    call = await connected(phone, peer)
    inside(peer, call, method, *headers, seq=1, body=body)
    response = await peer.response(status)

    assert [one.method for one in call.requests] == [method]
    described = method == "INVITE" or bool(body and method == "UPDATE")
    assert bool(response.body) == (described and status == 200)


async def test_a_request_out_of_order_gets_500_and_one_outside_any_call_481(ends: Ends) -> None:
    phone, peer = ends
    call = await connected(phone, peer)
    inside(peer, call, "INFO", seq=5)
    await peer.response(200)
    inside(peer, call, "INFO", seq=4)
    await peer.response(500)
    peer.send(peer.outgoing("BYE", branch="z9hG4bK-lost", to_tag="nobody"))
    await peer.response(481)


async def test_a_reinvite_that_crosses_ours_gets_491(ends: Ends) -> None:
    phone, peer = ends
    call = await connected(phone, peer)
    async with asyncio.TaskGroup() as group:
        group.create_task(call.hold())
        ours = await peer.request("INVITE")
        inside(peer, call, "INVITE", SDP, seq=1, body=OFFER)
        await peer.response(491)
        peer.reply(ours, 200, SDP, body=OFFER.replace(b"sendrecv", b"recvonly"))
        ack = await peer.request("ACK")

    assert ack.cseq == ours.cseq
    assert sdp.parse(ours.body).direction == "sendonly"
    assert call.remote is not None
    assert call.remote.direction == "recvonly"


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("OPTIONS", (), 200),
        ("NOTIFY", (("Event", "message-summary"),), 200),
        ("MESSAGE", (), 200),
        ("SUBSCRIBE", (), 405),
        ("CANCEL", (), 481),
        ("INVITE", (("Require", "100rel"),), 420),
    ],
)
async def test_requests_outside_a_call_get_the_right_answer(
    ends: Ends, method: str, headers: tuple[Header, ...], status: int
) -> None:
    phone, peer = ends
    peer.send(peer.outgoing(method, *headers, branch="z9hG4bK-out"), phone.address)
    await peer.response(status)


async def test_a_message_outside_a_call_is_kept_with_its_body(ends: Ends) -> None:
    phone, peer = ends
    plain: Header = ("Content-Type", "text/plain")
    peer.send(peer.outgoing("MESSAGE", plain, branch="z9hG4bK-m", body=b"Call me"), phone.address)
    await peer.response(200)

    assert [(one.method, one.body) for one in phone.notices] == [("MESSAGE", b"Call me")]


async def test_a_cancel_after_the_answer_changes_nothing(ends: Ends) -> None:
    phone, peer = ends
    phone.on_invite = Answer(ring=False)
    invite = peer.invite(SDP, body=OFFER)
    peer.send(invite, phone.address)
    answer = await peer.response(200)
    peer.send(peer.outgoing("CANCEL", branch=invite.branch))
    assert (await peer.response(200)).cseq_method == "CANCEL"
    peer.send(peer.outgoing("ACK", branch="z9hG4bK-ack", to_tag=answer.to_tag))
    call = await phone.next_call()
    await call.answered()

    assert call.state == "answered"


async def test_a_repeated_invite_rings_once(ends: Ends) -> None:
    phone, peer = ends
    peer.repeats = True
    phone.on_invite = Ring()
    for _ in range(2):
        peer.send(peer.invite(SDP, body=OFFER), phone.address)
        await peer.response(180)

    assert len(phone.calls) == 1


async def test_garbage_is_a_fault_that_closing_raises() -> None:
    async with WirePeer() as peer:
        phone = await Phone("1001", server=peer.address).__aenter__()
        peer.send(b"\r\n\r\n", phone.address)  # a keep-alive is none
        peer.send(b"HELLO\r\n\r\n", phone.address)
        await phone.wire.changes.until(lambda: bool(phone.faults), within=2, what="the fault")
        with pytest.raises(ExceptionGroup) as raised:
            await phone.__aexit__(None, None, None)

    assert raised.group_contains(MalformedMessageError, match="HELLO")
    assert len(raised.value.exceptions) == 1
