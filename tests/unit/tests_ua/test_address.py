"""URIs, name-addr values and Replaces."""

import pytest

from tests.ua.address import (
    display_of,
    embedded_replaces,
    parse_uri,
    refer_to,
    replaces_header,
    untagged,
    uri_of,
)
from tests.ua.errors import MalformedMessageError

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "text",
    [
        "sip:127.0.0.1",
        "sip:1001@127.0.0.1:5070",
        "sip:+4930@127.0.0.1;user=phone",
        "sips:a@host:5061;transport=tls?X-A=1&X-B=2",
        "sip:1001@[::1]:5070",
    ],
)
def test_a_uri_survives_parsing(text: str) -> None:
    assert str(parse_uri(text)) == text


@pytest.mark.parametrize("text", ["", "1001", "http://x", "sip:", "sip:a@b:port"])
def test_what_is_no_uri_is_refused(text: str) -> None:
    with pytest.raises(MalformedMessageError, match="no SIP URI"):
        parse_uri(text)


def test_the_endpoint_defaults_to_port_5060() -> None:
    assert parse_uri("sip:a@10.0.0.1").endpoint == ("10.0.0.1", 5060)
    assert parse_uri("sip:a@10.0.0.1:7").endpoint == ("10.0.0.1", 7)


def test_names_and_uris_come_out_of_name_addr_values() -> None:
    value = '"Doe, \\"J\\"" <sip:a@b>;tag=x'

    assert display_of(value) == 'Doe, "J"'
    assert str(uri_of(value)) == "sip:a@b"
    assert untagged(value) == '"Doe, \\"J\\"" <sip:a@b>'
    assert untagged("sip:a@b;tag=x") == "<sip:a@b>"


def test_replaces_travels_encoded_inside_refer_to() -> None:
    replaces = replaces_header("id@host", to_tag="theirs", from_tag="ours")
    value = refer_to(parse_uri("sip:1002@127.0.0.1"), replaces=replaces)

    assert value == "<sip:1002@127.0.0.1?Replaces=id%40host%3Bto-tag%3Dtheirs%3Bfrom-tag%3Dours>"
    assert embedded_replaces(value) == "id@host;to-tag=theirs;from-tag=ours"
    assert embedded_replaces("<sip:900@127.0.0.1>") == ""
