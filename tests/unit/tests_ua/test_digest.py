"""Digest answers against the worked examples of RFC 2617 and RFC 2069 (with its published correction)."""

import pytest

from tests.ua.digest import Credentials, answer, parameters
from tests.ua.errors import MalformedMessageError

pytestmark = pytest.mark.unit

NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"


def test_the_example_of_rfc_2617_section_3_5() -> None:
    challenge = (
        f'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="{NONCE}", '
        'opaque="5ccc069c403ebaf9f0171e9517f40e41"'
    )
    who = Credentials("Mufasa", "Circle Of Life")
    given = parameters(answer(challenge, who, method="GET", uri="/dir/index.html", cnonce="0a4f113b"))

    assert given["response"] == "6629fae49393a05397450978507c4ef1"
    assert (given["qop"], given["nc"], given["opaque"]) == (
        "auth",
        "00000001",
        "5ccc069c403ebaf9f0171e9517f40e41",
    )


def test_without_qop_the_answer_has_no_counter() -> None:
    challenge = f'Digest realm="testrealm@host.com", nonce="{NONCE}"'
    who = Credentials("Mufasa", "CircleOfLife")
    given = parameters(answer(challenge, who, method="GET", uri="/dir/index.html", cnonce="unused"))

    assert given["response"] == "1949323746fe6a43ef61f9606e7febea"
    assert "nc" not in given


@pytest.mark.parametrize(
    ("challenge", "complaint"),
    [
        ('Basic realm="x"', "scheme 'Basic'"),
        ('Digest realm="x", nonce="y", algorithm=SHA-256', "'SHA-256' is not MD5"),
        ('Digest realm="x", nonce="y", qop="auth-int"', "does not allow auth"),
    ],
)
def test_what_we_cannot_answer_is_refused(challenge: str, complaint: str) -> None:
    with pytest.raises(MalformedMessageError, match=complaint):
        answer(challenge, Credentials("a", "b"), method="REGISTER", uri="sip:x", cnonce="c")
