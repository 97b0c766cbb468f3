"""The FastAGI wire, sans-I/O: bytes in, items out; a command and its arguments in, one line out.

Read with Asterisk's res_agi.c beside it: the header block is written by `setup_env`, commands are split by
`parse_args`, replies are documented at docs.asterisk.org, "AGI Commands". Every limit below has its reason.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum, unique
from typing import Final
from urllib.parse import unquote

import msgspec

MAX_HEADERS: Final = 64
"""Asterisk sends 21 and one per argument of AGI(); the dialplan we ship passes three."""
MAX_HEADER_LINE: Final = 4 * 1024
"""agi_request holds the route's whole query; an extension line of Asterisk is at most 8 KiB in all."""
MAX_HEADER_BLOCK: Final = 32 * 1024
"""A real block is below 1 KiB. With 256 ungreeted peers the bound on strangers' memory is 8 MiB."""
MAX_REPLY: Final = 32 * 1024
"""One reply with all its lines: the longest usage text is under 2 KiB, the rest is for variables."""
MAX_COMMAND: Final = 2047
"""Bytes of a command with its line feed. Asterisk before mid-2025 reads into 2,048 bytes (8,192 since) and takes
what does not fit as a command of its own, so a longer line would let an argument's tail run as a command."""
MAX_WORDS: Final = 127
"""Asterisk's argument vector; a quoted word beyond it is not checked there."""

_USAGE_END: Final = "520 End of proper usage."
_ENDPOS: Final = (
    b"STREAM FILE ",
    b"CONTROL STREAM FILE ",
    b"GET OPTION ",
    b"RECORD FILE ",
    b"SPEECH RECOGNIZE ",
)

_HEADER = re.compile(r"(agi_[a-z0-9_]+): ?(.*)", re.DOTALL)
_REPLY = re.compile(r"([1-5][0-9][0-9])(?: (.*))?", re.DOTALL)
_RESULT = re.compile(r"result=(\S*)(.*)", re.DOTALL)
_DATA = re.compile(r" \((.*)\)((?: \w+=.*)?)", re.DOTALL)
_DATA_END = re.compile(r".*\)(?: \w+=.*)?")
_ENDPOS_VALUE = re.compile(r" endpos=([0-9]{1,18})(?= |$)")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_COMMAND = re.compile(r"[A-Za-z0-9_]+(?: [A-Za-z0-9_]+)*")
_BARE = re.compile(r'[^ "\\]+')


@unique
class AgiFault(StrEnum):
    """What is wrong with a peer or its reply."""

    NOT_AGI = "not_agi"
    """The first line is no agi_ header: something else than Asterisk connected."""
    INCOMPLETE = "incomplete"
    """The header block lacks agi_channel or agi_uniqueid, so nothing could be tied to an AMI event."""
    TOO_MANY_HEADERS = "too_many_headers"
    LINE_TOO_LONG = "line_too_long"
    BLOCK_TOO_LARGE = "block_too_large"
    NUL = "nul"
    GARBAGE = "garbage"
    """A line that is neither a reply nor HANGUP. The session goes on."""
    UNEXPECTED = "unexpected"
    """A reply although no command was outstanding (found by the server). The session goes on."""
    TIMEOUT = "timeout"
    """No reply within the command's deadline (found by the server). The command is still outstanding."""
    STRAYS = "strays"
    """Too much garbage and too many unexpected replies (found by the server)."""
    NOT_READING = "not_reading"
    """The peer does not read what is sent to it (found by the server)."""


HARMLESS: frozenset[AgiFault] = frozenset({AgiFault.GARBAGE, AgiFault.UNEXPECTED, AgiFault.TIMEOUT})
"""Faults a session survives; after any other the codec takes nothing more."""


class AgiRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One call's header block.

    `network_script` is the queue: the path behind the host, percent-decoded. `parameters` are those of the query of
    agi_request, percent-decoded, the last of a name wins, `+` is a plus (the dialplan's URIENCODE writes %20).
    `callerid`, `calleridname` and `dnid` are empty where Asterisk says `unknown`. `args` are AGI()'s own arguments.
    `headers` are all of them as sent; the first of a name wins, so that a line feed smuggled into a caller's name
    cannot replace what stands before it. `malformed` counts the header lines and parameters that were left out.
    """

    network_script: str
    uniqueid: str
    channel: str
    callerid: str = ""
    calleridname: str = ""
    context: str = ""
    extension: str = ""
    dnid: str = ""
    language: str = ""
    args: tuple[str, ...] = ()
    parameters: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    malformed: int = 0


class AgiReply(msgspec.Struct, frozen=True):
    """The reply to one command.

    `200 result=R (DATA) endpos=N` gives result R (a string: GET DATA's digits may start with 0 or be empty), data and
    endpos (a file position in samples). Any other code has an empty result and its text as data: 510 unknown
    command, 511 not on a dead channel, 520 usage (all lines, without the first and the closing one).
    """

    code: int
    result: str = ""
    data: str = ""
    endpos: int | None = None


class AgiHangup(msgspec.Struct, frozen=True):
    """A HANGUP line: the channel this session drives is gone. Asterisk may say it twice."""


class AgiError(msgspec.Struct, frozen=True):
    """A fault, in words for a log line. It quotes nothing that the peer sent: that may be a caller's data."""

    fault: AgiFault
    detail: str = ""

    @property
    def fatal(self) -> bool:
        """Whether the connection is of no more use."""
        return self.fault not in HARMLESS


AgiItem = AgiRequest | AgiReply | AgiHangup | AgiError


class AgiCodec:
    """The receiving half of one connection: one header block, then replies and HANGUP lines.

    Items do not depend on how the bytes were cut into segments. Bytes that are no UTF-8 become U+FFFD.
    """

    def __init__(self) -> None:
        self._rest = b""
        """The line that has no end yet."""
        self._take: Callable[[str], AgiItem | None] = self._header
        self._longest = MAX_HEADER_LINE
        self._room = MAX_HEADER_BLOCK
        """Bytes that the block, or the reply with all its lines, may still have."""
        self._headers: dict[str, str] = {}
        self._malformed = 0
        self._lines: list[str] = []
        self._dead = False

    def feed(self, data: bytes) -> list[AgiItem]:
        """Take what arrived and return what it completes; after a fatal error always nothing."""
        items: list[AgiItem] = []
        if self._dead:
            return items
        *lines, self._rest = (self._rest + data).split(b"\n")
        for raw in lines:
            item = self._line(raw)
            if item is not None:
                items.append(item)
                if isinstance(item, AgiError) and item.fatal:
                    return self._die(items)
        if len(self._rest) > self._room or len(self._rest) > self._longest:
            items.append(self._oversize())
            return self._die(items)
        return items

    def _die(self, items: list[AgiItem]) -> list[AgiItem]:
        self._dead = True
        self._rest = b""
        return items

    def _line(self, raw: bytes) -> AgiItem | None:
        size = len(raw)
        if size > self._room or size > self._longest:
            return self._oversize()
        if b"\0" in raw:
            return AgiError(AgiFault.NUL, "a NUL byte: Asterisk never sends one")
        line = raw.removesuffix(b"\r").decode("utf-8", "replace")
        if line == "HANGUP":
            return AgiHangup()
        self._room -= size + 1
        return self._take(line)

    def _oversize(self) -> AgiError:
        """Name the limit that was crossed first, byte for byte, so that it does not depend on the segments."""
        if self._longest <= self._room:
            return AgiError(AgiFault.LINE_TOO_LONG, f"a line of more than {self._longest} bytes")
        return AgiError(AgiFault.BLOCK_TOO_LARGE, "a header block or reply of more than 32 KiB")

    def _header(self, line: str) -> AgiItem | None:
        match = _HEADER.fullmatch(line)
        if match is not None and match[1] not in self._headers:
            self._headers[match[1]] = match[2]
        elif not self._headers:
            return AgiError(AgiFault.NOT_AGI, "the first line is no agi_ header: this is not Asterisk")
        elif not line:
            self._expect_reply()
            return _request(self._headers, self._malformed)
        else:
            self._malformed += 1
        if len(self._headers) + self._malformed > MAX_HEADERS:
            return AgiError(AgiFault.TOO_MANY_HEADERS, f"more than {MAX_HEADERS} header lines")
        return None

    def _reply(self, line: str) -> AgiItem | None:
        if line.startswith("520-"):
            self._take = self._usage
            return None
        match = _REPLY.fullmatch(line)
        if match is None:
            self._expect_reply()
            return AgiError(AgiFault.GARBAGE, "a line that is neither a reply nor HANGUP")
        text = match[2] or ""
        if match[1] == "200" and _opens_data(text):
            self._take = self._value
            self._lines.append(line)
            return None
        self._expect_reply()
        return _reply(int(match[1]), text)

    def _usage(self, line: str) -> AgiItem | None:
        """Collect the usage text. Older releases put no line feed between it and its closing line."""
        if not line.endswith(_USAGE_END):
            self._lines.append(line)
            return None
        last = line.removesuffix(_USAGE_END)
        text = "\n".join([*self._lines, last] if last else self._lines)
        self._expect_reply()
        return AgiReply(520, data=text)

    def _value(self, line: str) -> AgiItem | None:
        """Collect a variable's value that holds line feeds, up to the line that ends with its parenthesis."""
        self._lines.append(line)
        if _DATA_END.fullmatch(line) is None:
            return None
        text = "\n".join(self._lines)
        self._expect_reply()
        return _reply(200, text.removeprefix("200 "))

    def _expect_reply(self) -> None:
        self._take = self._reply
        self._longest = self._room = MAX_REPLY
        self._lines = []


def encode(command: str, *args: str) -> bytes:
    r"""One command line: the command's words as they are, each argument quoted so that Asterisk sees it as one word.

    `encode("EXEC Dial", "PJSIP/1001,15,mgi")` gives `EXEC Dial PJSIP/1001,15,mgi\n`. An argument with a space, a
    double quote or a backslash goes in double quotes, the latter two behind a backslash; an empty one is `""`.
    Nothing is evaluated by Asterisk except in GET FULL VARIABLE: never put a caller's data into that.

    Raises ValueError naming the argument for control characters (a line feed would start a command of its own) and
    for lone surrogates, and for a line of more than 2,047 bytes or 127 words.
    """
    if _COMMAND.fullmatch(command) is None:
        raise ValueError(
            "an AGI command is made of words of letters, digits and _; pass what follows as arguments"
        )
    words = [command.encode(), *(_word(command, n, arg) for n, arg in enumerate(args, 1))]
    line = b" ".join(words) + b"\n"
    if len(line) > MAX_COMMAND:
        raise ValueError(
            f"{command} is {len(line)} bytes long, {MAX_COMMAND} is the most that Asterisk takes: shorten it"
        )
    if command.count(" ") + len(words) > MAX_WORDS:
        raise ValueError(f"{command} has more than {MAX_WORDS} words: join arguments by commas")
    return line


def is_stream(line: bytes) -> bool:
    """Whether a command line is a plain STREAM FILE, the one command that the next line cuts without a reply."""
    return line[:12].upper() == _ENDPOS[0]


def gives_endpos(line: bytes) -> bool:
    """Whether a command's own reply can carry endpos=, which makes it look like that of a STREAM FILE."""
    return line[:20].upper().startswith(_ENDPOS)


def _word(command: str, number: int, arg: str) -> bytes:
    if found := _CONTROL.search(arg):
        raise ValueError(
            f"argument {number} of {command} holds U+{ord(found[0]):04X} at {found.start()}: "
            "a command is one line without control characters, take it out"
        )
    if _BARE.fullmatch(arg) is None:
        arg = '"' + arg.replace("\\", "\\\\").replace('"', '\\"') + '"'
    try:
        return arg.encode()
    except UnicodeEncodeError:
        raise ValueError(
            f"argument {number} of {command} holds a lone surrogate: it cannot be sent as UTF-8"
        ) from None


def _opens_data(text: str) -> bool:
    match = _RESULT.fullmatch(text)
    return match is not None and match[2].startswith(" (") and _DATA.fullmatch(match[2]) is None


def _reply(code: int, text: str) -> AgiItem:
    if code != 200:
        return AgiReply(code, data=text)
    match = _RESULT.fullmatch(text)
    if match is None:
        return AgiError(AgiFault.GARBAGE, "a 200 reply without result=")
    data, rest = "", match[2]
    # Greedy up to the last parenthesis: a value such as `x) endpos=3` stays a value.
    if parts := _DATA.fullmatch(rest):
        data, rest = parts[1], parts[2]
    endpos = _ENDPOS_VALUE.search(rest)
    return AgiReply(200, match[1], data, int(endpos[1]) if endpos else None)


def _request(headers: dict[str, str], malformed: int) -> AgiItem:
    missing = [name for name in ("agi_channel", "agi_uniqueid") if not headers.get(name)]
    if missing:
        return AgiError(AgiFault.INCOMPLETE, f"the header block has no {' and no '.join(missing)}")
    script, query = _target(headers)
    parameters, bad = _parameters(query)
    return AgiRequest(
        network_script=script,
        uniqueid=headers["agi_uniqueid"],
        channel=headers["agi_channel"],
        callerid=_known(headers, "agi_callerid"),
        calleridname=_known(headers, "agi_calleridname"),
        context=headers.get("agi_context", ""),
        extension=headers.get("agi_extension", ""),
        dnid=_known(headers, "agi_dnid"),
        language=headers.get("agi_language", ""),
        args=_args(headers),
        parameters=parameters,
        headers=headers,
        malformed=malformed + bad,
    )


def _known(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    return "" if value == "unknown" else value


def _args(headers: Mapping[str, str]) -> tuple[str, ...]:
    args: list[str] = []
    while (arg := headers.get(f"agi_arg_{len(args) + 1}")) is not None:
        args.append(arg)
    return tuple(args)


def _target(headers: Mapping[str, str]) -> tuple[str, str]:
    """The queue and the query. agi_network_script is what stands behind the first slash, query and all."""
    path, _, query = headers.get("agi_network_script", "").partition("?")
    if "agi_request" in headers:
        query = headers["agi_request"].partition("?")[2]
    name = unquote(path)
    # Left as sent, it is an unknown queue that can be shown in a log line.
    return (path if _CONTROL.search(name) else name), query


def _parameters(query: str) -> tuple[dict[str, str], int]:
    parameters: dict[str, str] = {}
    malformed = 0
    for pair in filter(None, query.split("&")):
        name, equals, value = (unquote(part) for part in pair.partition("="))
        if not name or not equals or _BAD_ESCAPE.search(pair) or _CONTROL.search(name + value):
            malformed += 1
        else:
            parameters[name] = value
    return parameters, malformed
