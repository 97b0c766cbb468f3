"""The FastAGI codec, form by form. What holds for all inputs is in tests/property/test_agi_codec.py."""

import pytest

from telephony.agi.codec import (
    MAX_COMMAND,
    MAX_HEADER_BLOCK,
    MAX_HEADER_LINE,
    MAX_HEADERS,
    MAX_REPLY,
    AgiCodec,
    AgiError,
    AgiFault,
    AgiHangup,
    AgiItem,
    AgiReply,
    AgiRequest,
    encode,
    gives_endpos,
    is_stream,
)

pytestmark = pytest.mark.unit

BLOCK = (
    b"agi_network: yes\n"
    b"agi_network_script: sales%20eu?lang=fr&priority=5\n"
    b"agi_request: agi://127.0.0.1:4573/sales%20eu?lang=fr&priority=5\n"
    b"agi_channel: PJSIP/trunk-a-0000001f\n"
    b"agi_language: en\n"
    b"agi_type: PJSIP\n"
    b"agi_uniqueid: 1795400000.31\n"
    b"agi_version: 22.10.0\n"
    b"agi_callerid: +4912345\n"
    b"agi_calleridname: M\xc3\xbcller: Sohn\n"
    b"agi_dnid: unknown\n"
    b"agi_context: acd-try\n"
    b"agi_extension: s\n"
    b"agi_arg_1: c1\n"
    b"agi_arg_2: \n"
    b"agi_arg_3: 17\n"
)
SHORT = b"agi_network: yes\nagi_channel: PJSIP/a-1\nagi_uniqueid: 1.1\n"


def request_of(block: bytes) -> AgiRequest:
    (item,) = AgiCodec().feed(block + b"\n")
    assert isinstance(item, AgiRequest)
    return item


def greeted() -> AgiCodec:
    codec = AgiCodec()
    codec.feed(SHORT + b"\n")
    return codec


def fault_of(items: list[AgiItem]) -> AgiFault:
    (item,) = items
    assert isinstance(item, AgiError)
    return item.fault


def test_a_header_block_becomes_one_request() -> None:
    request = request_of(BLOCK)
    assert request.network_script == "sales eu"
    assert request.parameters == {"lang": "fr", "priority": "5"}
    assert (request.uniqueid, request.channel) == ("1795400000.31", "PJSIP/trunk-a-0000001f")
    assert (request.callerid, request.calleridname, request.dnid) == ("+4912345", "Müller: Sohn", "")
    assert (request.context, request.extension, request.language) == ("acd-try", "s", "en")
    assert request.args == ("c1", "", "17")
    assert request.headers["agi_version"] == "22.10.0"
    assert request.malformed == 0


@pytest.mark.parametrize(
    ("query", "parameters", "malformed"),
    [
        (b"", {}, 0),
        (b"&&", {}, 0),
        (b"a=1&a=2", {"a": "2"}, 0),
        (b"a=", {"a": ""}, 0),
        (b"n=a%26b%3Dc%25", {"n": "a&b=c%"}, 0),
        (b"n=+49%2B1", {"n": "+49+1"}, 0),
        (b"n=x=y", {"n": "x=y"}, 0),
        (b"alone&=1&b=%zz&c=%0a&d=%00&e=1", {"e": "1"}, 5),
        (b"n=%FF", {"n": "\ufffd"}, 0),
    ],
)
def test_parameters_are_decoded_and_broken_ones_counted(
    query: bytes, parameters: dict[str, str], malformed: int
) -> None:
    request = request_of(SHORT + b"agi_request: agi://h/q?" + query + b"\n")
    assert request.parameters == parameters
    assert request.malformed == malformed


def test_the_query_of_the_script_stands_in_for_a_missing_request_line() -> None:
    request = request_of(SHORT + b"agi_network_script: q?a=1\n")
    assert (request.network_script, request.parameters) == ("q", {"a": "1"})


def test_a_queue_name_with_control_characters_stays_as_it_was_sent() -> None:
    assert request_of(SHORT + b"agi_network_script: q%0AX\n").network_script == "q%0AX"


def test_the_first_header_of_a_name_wins_and_odd_lines_are_counted() -> None:
    request = request_of(SHORT + b"agi_calleridname: a\nforged\nagi_channel: PJSIP/other-1\n")
    assert request.channel == "PJSIP/a-1"
    assert request.malformed == 2


def test_carriage_returns_at_line_ends_are_tolerated() -> None:
    (item,) = AgiCodec().feed((SHORT + b"\n").replace(b"\n", b"\r\n"))
    assert isinstance(item, AgiRequest)
    assert item.uniqueid == "1.1"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"GET / HTTP/1.1\r\n", AgiFault.NOT_AGI),
        (b"\n", AgiFault.NOT_AGI),
        (b"\x16\x03\x01\x02\x00\n", AgiFault.NUL),
        (b"agi_channel: x\n\n", AgiFault.INCOMPLETE),
        (b"agi_uniqueid: 1\nagi_channel: \n\n", AgiFault.INCOMPLETE),
        (b"agi_x: a\0b\n", AgiFault.NUL),
        (b"agi_x: " + b"y" * MAX_HEADER_LINE, AgiFault.LINE_TOO_LONG),
        (b"".join(b"agi_%d: x\n" % n for n in range(MAX_HEADERS + 1)), AgiFault.TOO_MANY_HEADERS),
        (b"agi_x: x\n" + b"junk\n" * MAX_HEADERS, AgiFault.TOO_MANY_HEADERS),
        (b"".join(b"agi_%d: %s\n" % (n, b"y" * 4000) for n in range(9)), AgiFault.BLOCK_TOO_LARGE),
    ],
)
def test_a_bad_header_block_ends_in_one_fatal_error(data: bytes, fault: AgiFault) -> None:
    codec = AgiCodec()
    assert fault_of(codec.feed(data)) is fault
    assert codec.feed(BLOCK + b"\n") == []


def test_limits_leave_the_largest_allowed_block_through() -> None:
    lines = [b"agi_%d: x\n" % n for n in range(MAX_HEADERS - 3)]
    assert len(request_of(SHORT + b"".join(lines)).headers) == MAX_HEADERS
    long = b"agi_long: " + b"y" * (MAX_HEADER_LINE - 10) + b"\n"
    assert len(request_of(SHORT + long).headers["agi_long"]) == MAX_HEADER_LINE - 10
    assert MAX_HEADER_BLOCK > 7 * MAX_HEADER_LINE


@pytest.mark.parametrize(
    ("line", "reply"),
    [
        (b"200 result=0", AgiReply(200, "0")),
        (b"200 result=-1", AgiReply(200, "-1")),
        (b"200 result=", AgiReply(200, "")),
        (b"200 result= (timeout)", AgiReply(200, "", "timeout")),
        (b"200 result=0042", AgiReply(200, "0042")),
        (b"200 result=1 (ANSWER)", AgiReply(200, "1", "ANSWER")),
        (b"200 result=1 ()", AgiReply(200, "1", "")),
        (b"200 result=1 (hangup)", AgiReply(200, "1", "hangup")),
        (b"200 result=1 (a) (b))", AgiReply(200, "1", "a) (b)")),
        (b"200 result=1 (x) endpos=3)", AgiReply(200, "1", "x) endpos=3")),
        (b"200 result=49 endpos=2240", AgiReply(200, "49", "", 2240)),
        (b"200 result=-1 (hangup) endpos=7", AgiReply(200, "-1", "hangup", 7)),
        (b"200 result=1 (digit) digit=5 endpos=80", AgiReply(200, "1", "digit", 80)),
        (b"200 result=1 (speech) endpos=9 results=1 score0=5", AgiReply(200, "1", "speech", 9)),
        (b"200 result=0 endpos=" + b"9" * 5000, AgiReply(200, "0")),
        (b"200 result=1 (M\xc3\xbcll\xff)", AgiReply(200, "1", "Müll\ufffd")),
        (b"100 result=0 Trying...", AgiReply(100, data="result=0 Trying...")),
        (b"503 result=-2 Memory allocation failure", AgiReply(503, data="result=-2 Memory allocation failure")),
        (b"510 Invalid or unknown command", AgiReply(510, data="Invalid or unknown command")),
        (b"511 Command Not Permitted on a dead channel", AgiReply(511, data="Command Not Permitted on a dead channel")),
        (b"520 Invalid command syntax.  Proper usage not available.", AgiReply(520, data="Invalid command syntax.  Proper usage not available.")),
        (b"520-Proper usage follows:\nUsage: X\n 200 result=1\n\n520 End of proper usage.", AgiReply(520, data="Usage: X\n 200 result=1\n")),
        (b"520-Proper usage follows:\nUsage: X520 End of proper usage.", AgiReply(520, data="Usage: X")),
        (b"200 result=1 (one\ntwo\n) endpos=x)", AgiReply(200, "1", "one\ntwo\n) endpos=x")),
    ],
)  # fmt: skip
def test_every_form_of_reply_is_one_reply(line: bytes, reply: AgiReply) -> None:
    assert greeted().feed(line + b"\n200 result=77\n") == [reply, AgiReply(200, "77")]


@pytest.mark.parametrize(
    ("before", "after", "items"),
    [
        (b"", b"", [AgiHangup()]),
        (b"200 result=0\n", b"200 result=1\n", [AgiReply(200, "0"), AgiHangup(), AgiReply(200, "1")]),
        (b"520-Usage:\nA\n", b"B\n520 End of proper usage.\n", [AgiHangup(), AgiReply(520, data="A\nB")]),
        (b"200 result=1 (a\n", b"b)\n", [AgiHangup(), AgiReply(200, "1", "a\nb")]),
        (b"", b"HANGUP\n", [AgiHangup(), AgiHangup()]),
    ],
)
def test_a_hangup_line_is_seen_wherever_it_comes(before: bytes, after: bytes, items: list[AgiItem]) -> None:
    assert greeted().feed(before + b"HANGUP\n" + after) == items


@pytest.mark.parametrize(
    "line", [b"", b"hello", b"HANGUP now", b"hangup", b"2000 x", b"511-x", b"200 nothing", b"\xff\xfe"]
)
def test_garbage_between_replies_is_an_error_that_ends_nothing(line: bytes) -> None:
    error, reply = greeted().feed(line + b"\n200 result=1\n")
    assert isinstance(error, AgiError)
    assert (error.fault, error.fatal) == (AgiFault.GARBAGE, False)
    assert reply == AgiReply(200, "1")


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"200 result=1 (\0)\n", AgiFault.NUL),
        (b"200 result=1 (" + b"x" * MAX_REPLY, AgiFault.LINE_TOO_LONG),
        (b"520-Usage\n" + b"y" * 99 + b"\n" + b"x" * MAX_REPLY, AgiFault.BLOCK_TOO_LARGE),
        (b"200 result=1 (a\n" + b"y\n" * MAX_REPLY, AgiFault.BLOCK_TOO_LARGE),
    ],
)
def test_an_impossible_reply_is_fatal(data: bytes, fault: AgiFault) -> None:
    codec = greeted()
    assert fault_of(codec.feed(data)) is fault
    assert codec.feed(b"200 result=0\n") == []


def test_an_endless_half_line_is_cut_off_at_the_limit() -> None:
    codec = AgiCodec()
    items = [item for _ in range(MAX_HEADER_LINE + 1) for item in codec.feed(b"a")]
    assert fault_of(items) is AgiFault.LINE_TOO_LONG


def test_errors_do_not_quote_the_peer() -> None:
    (error,) = greeted().feed(b"+4912345 Mustermann\n")
    assert "4912345" not in repr(error)


@pytest.mark.parametrize(
    ("command", "args", "line"),
    [
        ("ANSWER", (), b"ANSWER\n"),
        ("EXEC Dial", ("PJSIP/1001,15,mgi",), b"EXEC Dial PJSIP/1001,15,mgi\n"),
        ("EXEC Answer", (",i",), b"EXEC Answer ,i\n"),
        ("SET MUSIC ON", (), b"SET MUSIC ON\n"),
        ("SET VARIABLE", ("Q", 'a "b" c'), b'SET VARIABLE Q "a \\"b\\" c"\n'),
        ("SET VARIABLE", ("Q", ""), b'SET VARIABLE Q ""\n'),
        ("SET VARIABLE", ("Q", "a\\b"), b'SET VARIABLE Q "a\\\\b"\n'),
        ("SET VARIABLE", ("Q", "Müller"), "SET VARIABLE Q Müller\n".encode()),
        ("STREAM FILE", ("hello", ""), b'STREAM FILE hello ""\n'),
        ("GET FULL VARIABLE", ("${DIALSTATUS}",), b"GET FULL VARIABLE ${DIALSTATUS}\n"),
    ],
)
def test_a_command_becomes_one_line(command: str, args: tuple[str, ...], line: bytes) -> None:
    assert encode(command, *args) == line


@pytest.mark.parametrize(
    ("command", "args", "says"),
    [
        ("SET VARIABLE", ("Q", "a\nEXEC System reboot"), r"argument 2 of SET VARIABLE holds U\+000A at 1"),
        ("SET VARIABLE", ("Q\r", "a"), r"argument 1 of SET VARIABLE holds U\+000D"),
        ("SET VARIABLE", ("Q", "\0"), r"argument 2 of SET VARIABLE holds U\+0000"),
        ("SET VARIABLE", ("Q", "\t"), r"U\+0009"),
        ("SET VARIABLE", ("Q", "\udc80"), "argument 2 of SET VARIABLE holds a lone surrogate"),
        ("SET VARIABLE Q a\nANSWER", (), "made of words"),
        ("", (), "made of words"),
        ('EXEC "Dial"', (), "made of words"),
        ("SET VARIABLE", ("Q", "x" * MAX_COMMAND), "2047 is the most"),
        ("EXEC Dial", ("a",) * 126, "more than 127 words"),
    ],
)
def test_what_cannot_be_one_line_is_refused_by_name(command: str, args: tuple[str, ...], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        encode(command, *args)


def test_a_refusal_does_not_quote_the_value() -> None:
    with pytest.raises(ValueError, match="argument 1") as caught:
        encode("EXEC Dial", "+4912345\n")
    assert "4912345" not in str(caught.value)


def test_the_longest_command_and_the_most_words_pass() -> None:
    assert len(encode("NOOP", "x" * (MAX_COMMAND - 6))) == MAX_COMMAND
    assert encode("EXEC Dial", *["a"] * 125).count(b" ") == 126


@pytest.mark.parametrize(
    ("line", "stream", "endpos"),
    [
        (b"STREAM FILE a b\n", True, True),
        (b"stream file a b\n", True, True),
        (b"CONTROL STREAM FILE a b\n", False, True),
        (b"GET OPTION a b\n", False, True),
        (b"RECORD FILE a wav #\n", False, True),
        (b"EXEC Dial x\n", False, False),
        (b"STREAM FILES\n", False, False),
    ],
)
def test_commands_that_carry_endpos_are_known(line: bytes, *, stream: bool, endpos: bool) -> None:
    assert (is_stream(line), gives_endpos(line)) == (stream, endpos)
