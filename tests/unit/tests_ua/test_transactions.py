"""The transaction timers and matching of RFC 3261 section 17, with time as data."""

from typing import Literal

import pytest

from tests.ua.client_transaction import cancel_of
from tests.ua.message import Message, Request, Response, respond
from tests.ua.timing import NS, Timing
from tests.ua.transactions import (
    AckArrived,
    NotAcknowledged,
    RequestArrived,
    RequestTimedOut,
    ResponseArrived,
    Stray,
    Transactions,
    Upcall,
)

pytestmark = pytest.mark.unit

PEER = ("127.0.0.1", 5062)
MS = NS // 1000


def request(method: str, *, branch: str = "z9hG4bK-1", to_tag: str = "", seq: int = 1) -> Request:
    to = "<sip:b@h>" + (f";tag={to_tag}" if to_tag else "")
    headers = (
        ("Via", f"SIP/2.0/UDP 127.0.0.1:5070;rport;branch={branch}"),
        ("From", "<sip:a@h>;tag=a"),
        ("To", to),
        ("Call-ID", "one"),
        ("CSeq", f"{seq} {method}"),
    )
    return Request(method=method, uri="sip:b@h", headers=headers)


def run_until(
    layer: Transactions, end: int
) -> tuple[list[tuple[float, Message]], list[tuple[float, Upcall]]]:
    """Let time pass timer by timer: what was sent and reported, with its second."""
    sent: list[tuple[float, Message]] = []
    told: list[tuple[float, Upcall]] = []
    while (due := layer.next_due()) is not None and due <= end:
        told += [(due / NS, upcall) for upcall in layer.expire(due)]
        sent += [(due / NS, one.message) for one in layer.outbox]
        layer.outbox.clear()
    return sent, told


def title(message: Message) -> str:
    return message.method if isinstance(message, Request) else f"{message.status} {message.cseq_method}"


def drain(layer: Transactions) -> list[str]:
    titles = [title(one.message) for one in layer.outbox]
    layer.outbox.clear()
    return titles


@pytest.mark.parametrize(
    ("method", "moments"),
    [
        ("INVITE", [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]),
        ("REGISTER", [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]),
    ],
)
def test_an_unanswered_request_is_resent_and_given_up_after_64_t1(method: str, moments: list[float]) -> None:
    layer = Transactions(Timing())
    layer.request(request(method), PEER, 0)
    drain(layer)
    sent, told = run_until(layer, 60 * NS)

    assert [at for at, _ in sent] == moments
    assert told == [(32.0, RequestTimedOut(request(method)))]
    assert layer.next_due() is None


def test_a_provisional_stops_an_invite_but_only_slows_another_request() -> None:
    invite, register = request("INVITE"), request("REGISTER", branch="z9hG4bK-2")
    layer = Transactions(Timing())
    layer.request(invite, PEER, 0)
    layer.receive(respond(invite, 100), PEER, 100 * MS)
    assert layer.next_due() is None

    layer.request(register, PEER, 0)
    layer.receive(respond(register, 100), PEER, 100 * MS)
    assert layer.next_due() == 4 * NS + 100 * MS


def test_a_cancelled_invite_is_given_up_when_no_final_comes() -> None:
    invite = request("INVITE")
    layer = Transactions(Timing())
    layer.request(invite, PEER, 0)
    layer.receive(respond(invite, 180, to_tag="b"), PEER, NS)
    cancel = cancel_of(invite)
    layer.request(cancel, PEER, 2 * NS)
    layer.receive(respond(cancel, 200), PEER, 2 * NS)
    _, told = run_until(layer, 60 * NS)

    assert told == [(34.0, RequestTimedOut(invite))]


def test_a_failure_is_acknowledged_with_the_invites_branch_each_time_it_comes() -> None:
    invite = request("INVITE")
    layer = Transactions(Timing())
    layer.request(invite, PEER, 0)
    drain(layer)
    busy = respond(invite, 486, to_tag="b")

    assert layer.receive(busy, PEER, NS) == [ResponseArrived(invite, busy)]
    ack = layer.outbox[0].message
    assert isinstance(ack, Request)
    assert (ack.method, ack.branch, ack.to_tag, ack.cseq) == ("ACK", invite.branch, "b", 1)
    assert layer.receive(busy, PEER, 2 * NS) == []
    assert drain(layer) == ["ACK", "ACK"]


def test_a_repeated_2xx_gets_the_dialogs_ack_again() -> None:
    invite = request("INVITE")
    layer = Transactions(Timing())
    layer.request(invite, PEER, 0)
    answer = respond(invite, 200, to_tag="b")
    layer.receive(answer, PEER, NS)
    drain(layer)
    layer.acknowledge(invite, request("ACK", branch="z9hG4bK-9", to_tag="b"), PEER)

    assert layer.receive(answer, PEER, 2 * NS) == []
    assert layer.receive(respond(invite, 200, to_tag="other fork"), PEER, 2 * NS) == []
    assert drain(layer) == ["ACK", "ACK"]


def test_a_repeated_request_gets_the_last_response_and_is_reported_once() -> None:
    invite = request("INVITE")
    layer = Transactions(Timing())
    (arrived,) = layer.receive(invite, PEER, 0)
    assert isinstance(arrived, RequestArrived)
    assert layer.receive(invite, PEER, NS) == []
    assert drain(layer) == []

    layer.respond(arrived.request, respond(arrived.request, 180), NS)
    layer.receive(invite, PEER, 2 * NS)
    assert drain(layer) == ["180 INVITE", "180 INVITE"]


@pytest.mark.parametrize("status", [200, 486])
def test_an_invites_final_is_repeated_until_its_ack(status: int) -> None:
    layer = Transactions(Timing())
    invite = _answered(layer, status)
    drain(layer)
    sent, _ = run_until(layer, 8 * NS)
    assert [at for at, _ in sent] == [0.5, 1.5, 3.5, 7.5]

    ack = request("ACK", branch="z9hG4bK-9" if status == 200 else invite.branch, to_tag="b")
    assert layer.receive(ack, PEER, 8 * NS) == [AckArrived(invite, stamped(ack))]
    assert layer.receive(ack, PEER, 8 * NS) == []
    assert run_until(layer, 60 * NS) == ([], [])


def stamped(ack: Request) -> Request:
    """The ACK as the layer reports it: with its sender's address on the Via."""
    via = ack.get("Via").replace("rport;", "") + f";received={PEER[0]};rport={PEER[1]}"
    return Request(method="ACK", uri=ack.uri, headers=(("Via", via), *ack.headers[1:]))


@pytest.mark.parametrize("status", [200, 486])
def test_a_final_that_is_never_acknowledged_is_reported(status: int) -> None:
    layer = Transactions(Timing())
    invite = _answered(layer, status)
    _, told = run_until(layer, 60 * NS)

    assert told == [(32.0, NotAcknowledged(invite))]


def _answered(layer: Transactions, status: int) -> Request:
    (arrived,) = layer.receive(request("INVITE"), PEER, 0)
    assert isinstance(arrived, RequestArrived)
    layer.respond(arrived.request, respond(arrived.request, status, to_tag="b"), 0)
    return arrived.request


def test_a_second_final_response_is_not_sent() -> None:
    layer = Transactions(Timing())
    invite = _answered(layer, 200)
    layer.respond(invite, respond(invite, 487, to_tag="b"), 1)

    assert drain(layer) == ["200 INVITE"]


@pytest.mark.parametrize("kind", ["response", "ack"])
def test_what_belongs_to_nothing_is_a_stray(kind: Literal["response", "ack"]) -> None:
    layer = Transactions(Timing())
    message: Message = respond(request("BYE"), 200) if kind == "response" else request("ACK")
    (upcall,) = layer.receive(message, PEER, 0)

    assert isinstance(upcall, Stray)


def test_a_cancel_finds_its_invite_by_branch() -> None:
    layer = Transactions(Timing())
    invite = request("INVITE")
    layer.receive(invite, PEER, 0)

    found = layer.cancelled(cancel_of(invite))
    assert found is not None
    assert found.call_id == invite.call_id
    assert layer.cancelled(request("CANCEL", branch="z9hG4bK-other")) is None


def test_the_response_goes_where_the_request_came_from_and_says_so() -> None:
    layer = Transactions(Timing())
    (arrived,) = layer.receive(request("OPTIONS"), PEER, 0)
    assert isinstance(arrived, RequestArrived)
    layer.respond(arrived.request, respond(arrived.request, 200), 0)
    (datagram,) = layer.outbox

    assert datagram.to == PEER
    assert isinstance(datagram.message, Response)
    assert datagram.message.get("Via").endswith(f";received={PEER[0]};rport={PEER[1]}")
