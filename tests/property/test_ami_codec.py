"""Invariants of the AMI codec."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.ami.codec import AmiAction, AmiCodec, AmiMessage, encode

pytestmark = pytest.mark.property

WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,15}", fullmatch=True)
LINES = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=60)
KEYS = WORDS.filter(lambda key: key.lower() not in {"action", "actionid"})
ACTIONS = st.builds(
    AmiAction,
    WORDS,
    WORDS,
    st.dictionaries(KEYS, LINES | st.lists(LINES, min_size=1, max_size=3), max_size=5),
)
PIECES = st.sampled_from(
    [
        b"Event: Hold\r\n",
        b"Channel: M\xc3\xbcller\r\n",
        b"Response: Success\r\n",
        b"\r\n",
        b"\r",
        b"\n",
        b"\xff\x00",
        b"Key\r\n",
        b"ActionID: 1\r\n",
        b"Asterisk Call Manager/9\r\n",
    ]
)
STREAMS = st.lists(PIECES, max_size=40).map(b"".join)


def read(
    data: bytes, cuts: list[int], *, greeting: bool
) -> tuple[list[AmiMessage], dict[str, int], dict[str, int], str]:
    codec = AmiCodec({"Newstate"}, greeting=greeting)
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    messages = [m for start, end in itertools.pairwise(edges) for m in codec.feed(data[start:end])]
    return messages, codec.errors, codec.unread, codec.version


@given(data=STREAMS, cuts=st.lists(st.integers(min_value=0), max_size=30), greeting=st.booleans())
def test_any_chunking_gives_the_same_messages_and_counts(
    data: bytes, cuts: list[int], greeting: bool
) -> None:
    assert read(data, cuts, greeting=greeting) == read(data, [], greeting=greeting)


@given(data=st.binary(max_size=300), more=st.binary(max_size=300))
def test_no_input_raises_or_hides_a_following_message(data: bytes, more: bytes) -> None:
    codec = AmiCodec(greeting=False)
    codec.feed(data)
    codec.feed(more + b"\r\n\r\n")

    (message,) = codec.feed(b"Event: Hold\r\nChannel: a\r\n\r\n")

    assert message.headers == {"Event": "Hold", "Channel": "a"}


@given(action=ACTIONS)
def test_what_is_encoded_is_read_back(action: AmiAction) -> None:
    (message,) = AmiCodec(greeting=False).feed(encode(action))

    headers = {
        key: [value] if isinstance(value, str) else list(value) for key, value in action.headers.items()
    }
    assert message.text("Action") == action.name
    assert message.text("ActionID") == action.action_id
    assert {key: message.every(key) for key in headers} == headers


@given(
    name=LINES,
    key=WORDS | st.text(max_size=8),
    value=st.text(max_size=30),
    control=st.sampled_from(["\r", "\n", "\0", ""]),
)
def test_control_characters_never_reach_the_wire(name: str, key: str, value: str, control: str) -> None:
    try:
        wire = encode(AmiAction("Setvar", "1", {key: value + control + name}))
    except ValueError:
        return
    assert b"\0" not in wire
    assert wire.count(b"\r") == wire.count(b"\n") == wire.count(b"\r\n") == 4
    assert wire.find(b"\r\n\r\n") == len(wire) - 4
