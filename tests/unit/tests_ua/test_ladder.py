"""The record of a user agent and its picture."""

import pytest

from tests.ua.ladder import Ladder, draw
from tests.ua.message import Request, render, respond

pytestmark = pytest.mark.unit

OPTIONS = Request(
    method="OPTIONS",
    uri="sip:b@h",
    headers=(
        ("Via", "SIP/2.0/UDP 127.0.0.1:1;branch=z9hG4bK-1"),
        ("From", "<sip:a@h>;tag=a"),
        ("To", "<sip:b@h>"),
        ("Call-ID", "one"),
        ("CSeq", "1 OPTIONS"),
    ),
)
ANSWER = respond(OPTIONS, 200, to_tag="b")
A, B = ("127.0.0.1", 1), ("127.0.0.1", 2)


def pair() -> tuple[Ladder, Ladder]:
    """Two ladders of one exchange in which the request went twice."""
    a, b = Ladder("alice"), Ladder("bob")
    a.address, b.address = A, B
    for at in (0, 5_000_000):
        a.note(OPTIONS, render(OPTIONS), at=at, outgoing=True, peer=B)
        b.note(OPTIONS, render(OPTIONS), at=at + 100_000, outgoing=False, peer=A)
    b.note(ANSWER, render(ANSWER), at=6_000_000, outgoing=True, peer=A)
    a.note(ANSWER, render(ANSWER), at=6_100_000, outgoing=False, peer=B)
    return a, b


def test_titles_leave_repetitions_out_unless_asked() -> None:
    a, _ = pair()

    assert a.titles() == ["> OPTIONS", "< 200 OPTIONS"]
    assert a.titles(repeated=True) == ["> OPTIONS", "> OPTIONS", "< 200 OPTIONS"]
    assert a.sent("OPTIONS") == [OPTIONS]
    assert a.received("OPTIONS") == []
    assert a.responses(200) == [ANSWER]


def test_one_ladder_shows_its_peers_by_address() -> None:
    a, _ = pair()
    head, first, second, third = draw(a).splitlines()

    assert head.split() == ["alice", "127.0.0.1:2"]
    assert first.replace("-", "").split() == ["0.000", "|", "OPTIONS", ">|"]
    assert "OPTIONS*" in second
    assert third.replace("-", "").split() == ["6.100", "|<", "200", "OPTIONS", "|"]


def test_a_message_between_two_ladders_is_drawn_once() -> None:
    a, b = pair()

    assert len(draw(a, b).splitlines()) == 4
    assert draw(a, b).splitlines()[0].split() == ["alice", "bob"]


def test_strangers_can_be_named() -> None:
    a, _ = pair()

    assert draw(a, names={B: "asterisk"}).splitlines()[0].split() == ["alice", "asterisk"]


def test_an_empty_ladder_draws_only_its_owner() -> None:
    ladder = Ladder("alice")

    assert draw(ladder).split() == ["alice"]
