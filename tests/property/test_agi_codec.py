"""What holds for every FastAGI byte stream and every command."""

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from telephony.agi.codec import MAX_COMMAND, AgiCodec, AgiItem, AgiRequest, encode

pytestmark = pytest.mark.property

BLOCK = b"agi_network: yes\nagi_channel: PJSIP/\xc3\xbc-1\nagi_uniqueid: 1.1\nagi_request: agi://h/q?a=1\n\n"
LINES = st.sampled_from(
    [
        b"200 result=0",
        b"200 result=1 (M\xc3\xbcller)",
        b"200 result=1 (two",
        b"lines)",
        b"200 result=0 endpos=800",
        b"510 Invalid or unknown command",
        b"520-Invalid command syntax.  Proper usage follows:",
        b"Usage: X",
        b"520 End of proper usage.",
        b"HANGUP",
        b"HANGUP\r",
        b"",
        b"\0",
        b"\xff\xfe",
        b"agi_extension: s",
        b"x" * 5000,
        b"y" * 33_000,
    ]
) | st.binary(max_size=20)
STREAMS = st.tuples(
    st.sampled_from([BLOCK, BLOCK[:-1], b"", b"agi_x: 1\n", b"agi_z: " + b"z" * 4000 + b"\n"]),
    st.lists(LINES, max_size=12),
    st.sampled_from([b"\n", b""]),
).map(lambda parts: parts[0] + b"\n".join(parts[1]) + parts[2])


@given(STREAMS, st.lists(st.integers(0, 40_000), max_size=30))
@example(BLOCK + b"520-U\n" + b"a\n" * 15_000 + b"x" * 5_000, [20_000, 32_000, 34_000])
def test_any_chunking_gives_the_same_items(stream: bytes, cuts: list[int]) -> None:
    whole = AgiCodec().feed(stream)
    edges = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    codec = AgiCodec()
    parts: list[AgiItem] = []
    for start, end in itertools.pairwise(edges):
        parts += codec.feed(stream[start:end])
    assert parts == whole


@given(STREAMS)
def test_byte_by_byte_gives_the_same_items(stream: bytes) -> None:
    stream = stream[-6_000:]
    codec = AgiCodec()
    assert [item for n in range(len(stream)) for item in codec.feed(stream[n : n + 1])] == AgiCodec().feed(
        stream
    )


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=8))
def test_percent_encoded_parameters_come_back(parameters: dict[str, str]) -> None:
    def escaped(text: str) -> str:
        return "".join(f"%{byte:02X}" for byte in text.encode())

    query = "&".join(f"{escaped(name)}={escaped(value)}" for name, value in parameters.items())
    if len(query) > 4_000:
        return
    (item,) = AgiCodec().feed(BLOCK[:-1].replace(b"a=1", query.encode()) + b"\n")
    assert isinstance(item, AgiRequest)
    clean = {
        name: value
        for name, value in parameters.items()
        if all(" " <= char != "\x7f" for char in name + value)
    }
    assert len(item.parameters) + item.malformed == len(parameters)
    assert clean.items() <= item.parameters.items()


def asterisk_words(line: str) -> list[str]:
    """Split a command as Asterisk is documented to.

    Blanks divide words, double quotes keep them together (a pair of them alone is an empty word), a backslash takes
    the next character as it is.
    """
    words: list[str] = []
    quoted = escaped = False
    between = True
    for char in line:
        if char == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                words.append("")
                between = False
        elif char in " \t" and not (quoted or escaped):
            between = True
        elif char == "\\" and not escaped:
            escaped = True
            continue
        else:
            if between:
                words.append("")
                between = False
            words[-1] += char
        escaped = False
    return words


WORDS = st.lists(
    st.text(max_size=40) | st.sampled_from(["", " ", '"', "\\", '\\"', 'a" b', "\\ ", "x\\"]), max_size=8
)


@given(st.sampled_from(["NOOP", "EXEC Dial", "SET VARIABLE"]), WORDS)
@example("SET VARIABLE", ["Q", "a\nEXEC System reboot"])
def test_a_command_is_refused_or_read_by_asterisk_word_for_word(command: str, args: list[str]) -> None:
    try:
        line = encode(command, *args)
    except ValueError:
        assert any(
            char < " " or char == "\x7f" or "\ud800" <= char <= "\udfff" for arg in args for char in arg
        )
        return
    assert line.endswith(b"\n")
    assert not any(byte < 0x20 or byte == 0x7F for byte in line[:-1])
    assert len(line) <= MAX_COMMAND
    assert asterisk_words(line[:-1].decode()) == [*command.split(" "), *args]
