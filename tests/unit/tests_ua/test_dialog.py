"""Dialogs: tags, sequence numbers, routes and targets."""

import pytest

from tests.ua.dialog import Dialog, Local, callee_dialog
from tests.ua.errors import MalformedMessageError
from tests.ua.message import Request, respond

pytestmark = pytest.mark.unit

ROUTES = ("<sip:10.0.0.1:5080;lr>", "<sip:10.0.0.2:5080;lr>")
INVITE = Request(
    method="INVITE",
    uri="sip:b@h",
    headers=(
        ("Via", "SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-1"),
        *(("Record-Route", route) for route in ROUTES),
        ("From", '"A" <sip:a@h>;tag=a'),
        ("To", "<sip:b@h>"),
        ("Call-ID", "one"),
        ("CSeq", "7 INVITE"),
        ("Contact", "<sip:a@127.0.0.1:5070>"),
    ),
)


def caller() -> Dialog:
    return Dialog(
        call_id="one", local="<sip:a@h>", remote="<sip:b@h>", local_tag="a", target="sip:b@127.0.0.1:5060"
    )


def test_the_callee_keeps_the_route_order_and_the_caller_reverses_it() -> None:
    callee = callee_dialog(INVITE, local_tag="b")
    dialog = caller()
    dialog.learn(respond(INVITE, 200, to_tag="b", headers=(("Contact", "<sip:b@127.0.0.1:5071>"),)))

    assert (callee.routes, callee.next_hop) == (ROUTES, ("10.0.0.1", 5080))
    assert (dialog.routes, dialog.next_hop) == (ROUTES[::-1], ("10.0.0.2", 5080))
    assert dialog.target == "sip:b@127.0.0.1:5071"


def test_requests_inside_carry_tags_routes_and_rising_numbers() -> None:
    dialog = callee_dialog(INVITE, local_tag="b")
    first = dialog.request("INFO", via="v", sender=Local(contact="<sip:b@x>"))
    second = dialog.request("BYE", via="v", sender=Local(contact="<sip:b@x>"))

    assert (first.from_tag, first.to_tag, first.get("To")) == ("b", "a", '"A" <sip:a@h>;tag=a')
    assert (first.uri, first.all("Route")) == ("sip:a@127.0.0.1:5070", ROUTES)
    assert (first.cseq, second.cseq) == (1, 2)


def test_an_ack_uses_the_invites_number_and_uses_none_up() -> None:
    dialog = caller()
    invite = dialog.request("INVITE", via="v", sender=Local(contact="c"))
    ack = dialog.request("ACK", via="v", sender=Local(contact="c"), seq=invite.cseq)

    assert ack.cseq == invite.cseq
    assert dialog.request("BYE", via="v", sender=Local(contact="c")).cseq == invite.cseq + 1


def test_a_number_that_goes_backwards_is_out_of_order() -> None:
    dialog = callee_dialog(INVITE, local_tag="b")

    assert not dialog.in_order(INVITE)


def test_an_untagged_provisional_teaches_nothing() -> None:
    dialog = caller()
    dialog.learn(respond(INVITE, 100))

    assert (dialog.remote_tag, dialog.routes) == ("", ())


def test_replaces_names_the_peers_tag_as_to_tag() -> None:
    assert callee_dialog(INVITE, local_tag="b").replaces == "one;to-tag=a;from-tag=b"


def test_an_invite_without_contact_opens_no_dialog() -> None:
    bare = Request(method="INVITE", uri=INVITE.uri, headers=INVITE.headers[:-1])
    with pytest.raises(MalformedMessageError, match="without a Contact"):
        callee_dialog(bare, local_tag="b")
