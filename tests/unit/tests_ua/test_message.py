"""Parsing and rendering of SIP datagrams."""

import pytest

from tests.ua.errors import MalformedMessageError
from tests.ua.message import Request, Response, parse, render, respond, split_list, tag

pytestmark = pytest.mark.unit

INVITE = (
    b"INVITE sip:1001@127.0.0.1:5070 SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 127.0.0.1:5062;rport;branch=z9hG4bK-1, SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK-0\r\n"
    b'f: "Doe, J; x" <sip:+4930@127.0.0.1;tag=inner>;tag=abc\r\n'
    b"t: <sip:1001@127.0.0.1>\r\n"
    b"i: one@host\r\n"
    b"CSeq: 7  INVITE\r\n"
    b"Subject: folded\r\n  over two lines\r\n"
    b"m: <sip:asterisk@127.0.0.1:5062>\r\n"
    b"l: 4\r\n\r\nbodyrest"
)


def test_compact_names_folding_and_lists_are_understood() -> None:
    invite = parse(INVITE)

    assert isinstance(invite, Request)
    assert (invite.method, invite.uri) == ("INVITE", "sip:1001@127.0.0.1:5070")
    assert len(invite.all("via")) == 2
    assert (invite.branch, invite.sent_by) == ("z9hG4bK-1", "127.0.0.1:5062")
    assert (invite.call_id, invite.cseq, invite.cseq_method) == ("one@host", 7, "INVITE")
    assert (invite.from_tag, invite.to_tag) == ("abc", "")
    assert invite.get("Subject") == "folded over two lines"


def test_bytes_beyond_content_length_are_dropped() -> None:
    assert parse(INVITE).body == b"body"


def test_rendering_then_parsing_gives_the_same_message() -> None:
    invite = parse(INVITE)
    again = parse(render(invite))

    assert isinstance(again, Request)
    assert again.body == invite.body
    assert [one for one in again.headers if one[0] != "Content-Length"] == [
        one for one in invite.headers if one[0] != "Content-Length"
    ]


def test_a_status_line_may_have_no_phrase() -> None:
    response = parse(INVITE.replace(b"INVITE sip:1001@127.0.0.1:5070 SIP/2.0", b"SIP/2.0 200", 1))

    assert isinstance(response, Response)
    assert (response.status, response.phrase) == (200, "")


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (b"\r\n\r\n", b"\r\n", "no empty line"),
        (b"SIP/2.0\r\nv", b"SIP/3.0\r\nv", "neither a request line nor a status line"),
        (b"l: 4", b"l: 400", "Content-Length '400' for a body of 8 bytes"),
        (b"l: 4", b"l: -1", "Content-Length '-1'"),
        (b"i: one@host\r\n", b"", "missing header: Call-ID"),
        (b"CSeq: 7  INVITE", b"CSeq: seven INVITE", "not a number and a method"),
        (b"CSeq: 7  INVITE", b"CSeq: 7 BYE", "INVITE carries CSeq '7 BYE'"),
        (b"i: one@host", b"i one@host", "header line without a name"),
        (b"t: <sip", b"t: \xff<sip", "not UTF-8"),
        (b"v: SIP/2.0/UDP 127.0.0.1:5062", b"v: SIP/2.0/UDP", "names no sender"),
    ],
)
def test_what_is_no_sip_is_refused_with_its_reason(old: bytes, new: bytes, complaint: str) -> None:
    with pytest.raises(MalformedMessageError, match=complaint.replace("(", r"\(")):
        parse(INVITE.replace(old, new, 1))


def test_a_response_copies_what_section_8_2_6_names_and_tags_to_once() -> None:
    invite = parse(INVITE.replace(b"i: one", b"Record-Route: <sip:p;lr>\r\ni: one"))
    assert isinstance(invite, Request)
    response = respond(invite, 180, to_tag="mine")

    assert response.all("Via") == invite.all("Via")
    assert response.to_tag == "mine"
    assert response.all("Record-Route") == ("<sip:p;lr>",)
    assert respond(invite, 486, to_tag="mine").all("Record-Route") == ()


def test_a_tag_inside_the_uri_is_not_the_headers_tag() -> None:
    assert tag("<sip:a@b;tag=uri>") == ""
    assert tag("sip:a@b;tag=bare") == "bare"


def test_commas_inside_quotes_and_brackets_separate_nothing() -> None:
    assert split_list('"a, b" <sip:c,d@e>, <sip:f>') == ['"a, b" <sip:c,d@e>', "<sip:f>"]
