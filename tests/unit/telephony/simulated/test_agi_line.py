"""Asterisk's reading of the AGI wire."""

import pytest

from telephony.simulated.agi_line import CommandLines, header_block, substitute, words
from telephony.simulated.channel import Channel

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("NOOP", ["NOOP"]),
        ("EXEC Answer ,i", ["EXEC", "Answer", ",i"]),
        ('SET VARIABLE Q "a b"', ["SET", "VARIABLE", "Q", "a b"]),
        ('SET VARIABLE Q "a \\"b\\" c"', ["SET", "VARIABLE", "Q", 'a "b" c']),
        ('STREAM FILE x ""', ["STREAM", "FILE", "x", ""]),
        ("a\\ b c", ["a b", "c"]),
        ("a\\\\b", ["a\\b"]),
        ("  lead \t tabs ", ["lead", "tabs"]),
        ('one" two"', ["one two"]),
        ("", []),
    ],
)
def test_a_line_is_split_as_asterisk_splits_it(line: str, expected: list[str]) -> None:
    assert words(line) == expected


def test_words_beyond_the_argument_vector_are_dropped() -> None:
    assert len(words(" ".join(["x"] * 300))) == 127


def test_a_second_line_of_one_segment_is_read_only_when_more_bytes_come() -> None:
    lines = CommandLines()
    lines.feed(b"one\ntwo\nthree\n")

    assert lines.next() == "one"
    assert lines.next() is None
    lines.feed(b"four\n")
    assert [lines.next() for _ in range(4)] == ["two", "three", "four", None]


def test_half_a_line_waits_for_its_end() -> None:
    lines = CommandLines()
    lines.feed(b"NO")

    assert lines.next() is None
    lines.feed(b"OP\n")
    assert lines.next() == "NOOP"


def test_the_end_of_the_stream_is_an_empty_command() -> None:
    lines = CommandLines()
    lines.feed(b"NOOP\n")
    lines.end()

    assert [lines.next(), lines.next()] == ["NOOP", ""]


def test_an_empty_line_is_not_the_end_of_the_stream() -> None:
    lines = CommandLines()
    lines.feed(b"\n")

    assert lines.next() == " "


def test_a_line_longer_than_stdios_buffer_is_taken_whole() -> None:
    lines = CommandLines()
    lines.feed(b"x" * 10_000 + b"\n")

    assert lines.next() == "x" * 10_000


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("${A}|${B}", "1|"),
        ("plain", "plain"),
        ("${${NAME}}", "1"),
        ("${EVIL}", "$ {A}"),
        ("${A", "${A"),
    ],
)
def test_variables_are_substituted_once(expression: str, expected: str) -> None:
    values = {"A": "1", "NAME": "A", "EVIL": "${A}"}

    assert substitute(expression, lambda name: values.get(name, "")) == expected


def test_the_header_block_ends_with_an_empty_line_and_numbers_its_arguments() -> None:
    channel = Channel("PJSIP/trunk-a", serial=3, born=1700000000.5, state="Ring")
    block = header_block(channel, ("127.0.0.1", 4573), "sales?lang=fr", ["c-1", "", "17"]).decode()

    assert block.startswith("agi_network: yes\nagi_network_script: sales?lang=fr\n")
    assert "agi_uniqueid: 1700000000.3\n" in block
    assert "agi_callerid: unknown\n" in block
    assert block.endswith("agi_arg_1: c-1\nagi_arg_2: \nagi_arg_3: 17\n\n")
