"""The codec's limits, its tolerance of bad input, and what it refuses to encode."""

import pytest

from telephony.ami.codec import MAX_LINE, MAX_MESSAGE, AmiAction, AmiCodec, encode

pytestmark = pytest.mark.unit

GOOD = b"Event: Hold\r\nChannel: a\r\n\r\n"
LONG_LINE = b"Event: Hold\r\nX: " + b"x" * (MAX_LINE + 1) + b"\r\nChannel: a\r\n\r\n"
LONG_MESSAGE = b"Event: Hold\r\nX: " + b"x" * (MAX_MESSAGE + 1) + b"\r\n\r\n"


def channels(codec: AmiCodec, data: bytes) -> list[str]:
    return [message.text("Channel") for message in codec.feed(data)]


@pytest.mark.parametrize(
    ("data", "channels_read", "errors"),
    [
        (GOOD, ["a"], {}),
        (b"\r\n\r\n" + GOOD + b"\r\n" + GOOD, ["a", "a"], {}),
        (b"Event: Hold\r\nno colon\r\nChannel: a\r\n\r\n", ["a"], {"bad_line": 1}),
        (b"Event: Hold\r\n: no key\r\nChannel: a\r\n\r\n", ["a"], {"bad_line": 1}),
        (b"\x00\xff\xfe garbage\r\n\r\n" + GOOD, ["a"], {"bad_line": 1, "not_a_message": 1}),
        (b"Channel: x\r\n\r\n" + GOOD, ["a"], {"not_a_message": 1}),
        (LONG_LINE + GOOD, ["a", "a"], {"line_too_long": 1}),
        (LONG_MESSAGE + GOOD, ["a"], {"message_too_long": 1}),
        (b"Event: Hold\r\nChannel: a\xffb\r\n\r\n", ["a\ufffdb"], {}),
        (b"Event: Hold\r\nChannel:\r\n\r\n", [""], {}),
    ],
)
@pytest.mark.parametrize("size", [1 << 30, 4096, 7])
def test_bad_input_is_counted_and_costs_no_good_message(
    data: bytes, channels_read: list[str], errors: dict[str, int], size: int
) -> None:
    codec = AmiCodec(greeting=False)

    read = [channel for at in range(0, len(data), size) for channel in channels(codec, data[at : at + size])]

    assert (read, codec.errors) == (channels_read, errors)


def test_an_endless_message_is_bounded_in_memory() -> None:
    codec = AmiCodec(greeting=False)

    for _ in range(40):
        codec.feed(b"x" * 65536)

    assert codec.errors == {"message_too_long": 1}
    assert len(codec._buffer) <= MAX_MESSAGE


@pytest.mark.parametrize("noise", [b"SSH-2.0-OpenSSH\r\n", b"x" * 5000 + b"\r\n"])
def test_lines_before_the_greeting_are_errors_and_the_greeting_still_counts(noise: bytes) -> None:
    codec = AmiCodec()

    assert codec.feed(noise) == []
    assert not codec.greeted
    assert channels(codec, b"Asterisk Call Manager/9.0.0\r\n" + GOOD) == ["a"]
    assert (codec.greeted, codec.version, codec.errors) == (True, "9.0.0", {"no_greeting": 1})


def test_unread_events_are_only_counted_unless_they_answer_an_action() -> None:
    codec = AmiCodec({"Hold"}, greeting=False)
    asked = b"Event: VarSet\r\nActionID: 7\r\n\r\n"

    read = codec.feed(b"Event: VarSet\r\nValue: x\r\n\r\n" * 3 + asked + GOOD)

    assert [message.text("Event") for message in read] == ["VarSet", "Hold"]
    assert codec.unread == {"VarSet": 3}


def test_distinct_unread_names_are_bounded() -> None:
    codec = AmiCodec({"Hold"}, greeting=False)

    codec.feed(b"".join(b"Event: E%d\r\nX: y\r\n\r\n" % number for number in range(2000)))

    assert len(codec.unread) <= 513
    assert sum(codec.unread.values()) == 2000


def test_a_repeated_header_keeps_all_its_values_in_order() -> None:
    (message,) = AmiCodec(greeting=False).feed(
        b"Response: Success\r\nOutput: a\r\nOutput: \r\nOutput: b: c\r\n\r\n"
    )

    assert message.every("Output") == ["a", "", "b: c"]
    assert message.text("Output") == "b: c"
    assert (message.every("None"), message.text("None")) == ([], "")


def test_an_action_is_written_with_its_name_and_id_first() -> None:
    action = AmiAction("Originate", "7", {"Channel": "PJSIP/1001", "Variable": ["a=1", "b=ü"]})

    wire = "Action: Originate\r\nActionID: 7\r\nChannel: PJSIP/1001\r\nVariable: a=1\r\nVariable: b=ü\r\n\r\n"
    assert encode(action) == wire.encode()


@pytest.mark.parametrize(
    ("action", "named"),
    [
        (AmiAction("A\r\nB", "1"), "'Action'"),
        (AmiAction("A", "1\n"), "'ActionID'"),
        (AmiAction("A", "1", {"Value": "a\rb"}), "'Value'"),
        (AmiAction("A", "1", {"Value": ["a", "b\nc"]}), "'Value'"),
        (AmiAction("A", "1", {"Value": "a\0b"}), "'Value'"),
        (AmiAction("A", "1", {"Va\nlue": "a"}), "plain word"),
        (AmiAction("A", "1", {"Va: lue": "a"}), "colons"),
        (AmiAction("A", "1", {"": "a"}), "plain word"),
        (AmiAction("A", "1", {"ACTIONID": "2"}), "set by the link"),
        (AmiAction("A", "1", {"Value": "\ud800"}), "Unicode"),
        (AmiAction("A", "1", {"Value": "x" * 1016}), "1023 bytes"),
        (AmiAction("A", "1", {"Value": ["x"] * 127}), "129 lines"),
    ],
)
def test_what_asterisk_would_misread_or_drop_is_refused_by_name(action: AmiAction, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        encode(action)


def test_a_refused_value_is_not_repeated_in_the_error() -> None:
    with pytest.raises(ValueError, match="'Secret'") as caught:
        encode(AmiAction("Login", "1", {"Secret": "hush\n"}))

    assert "hush" not in str(caught.value)
