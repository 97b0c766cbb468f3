"""Session descriptions."""

import pytest

from tests.ua.errors import MalformedMessageError
from tests.ua.sdp import MIRRORED, Audio, common_payloads, parse, render

pytestmark = pytest.mark.unit


def test_what_we_render_we_parse() -> None:
    ours = Audio(host="127.0.0.1", port=4000, payloads=(8, 0), direction="sendonly")

    assert parse(render(ours, session=1, version=2)) == ours


def test_the_streams_own_address_and_direction_win_and_other_streams_are_ignored() -> None:
    body = (
        b"v=0\r\nc=IN IP4 10.0.0.1\r\na=inactive\r\n"
        b"m=video 5000 RTP/AVP 96\r\nc=IN IP4 10.0.0.2\r\na=sendonly\r\n"
        b"m=audio 6000/2 RTP/AVP 0 101\r\nc=IN IP4 10.0.0.3\r\na=recvonly\r\n"
        b"m=audio 7000 RTP/AVP 8\r\nc=IN IP4 10.0.0.4\r\n"
    )

    assert parse(body) == Audio(host="10.0.0.3", port=6000, payloads=(0, 101), direction="recvonly")


def test_only_what_both_can_decode_is_common() -> None:
    assert common_payloads(Audio(host="h", port=1, payloads=(9, 8, 101, 0))) == (8, 0)


def test_mirroring_twice_changes_nothing() -> None:
    assert {way: MIRRORED[MIRRORED[way]] for way in MIRRORED} == {way: way for way in MIRRORED}


@pytest.mark.parametrize(
    "body", [b"", b"v=0\r\nc=IN IP4 h\r\n", b"m=audio 1 RTP/AVP 0\r\n", b"c=IN IP4 h\r\nm=audio\r\n"]
)
def test_a_description_without_usable_audio_is_refused(body: bytes) -> None:
    with pytest.raises(MalformedMessageError):
        parse(body)
