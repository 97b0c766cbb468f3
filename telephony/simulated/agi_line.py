"""Asterisk's side of the AGI wire, sans-I/O: the header block it sends, the lines it reads, the words it finds.

Written from res_agi.c's behaviour, apart from telephony/agi on purpose: two independent readings of one protocol
that agree are worth more than one that agrees with itself.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from telephony.simulated.channel import Channel

VERSION: Final = "22.10.0"
MAX_WORDS: Final = 128
STDIO_BUFFER: Final = 4096

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")


class CommandLines:
    """The stream of commands as Asterisk reads it: poll() on the socket, then one line through stdio.

    A line that came in the same segment as the one before it stays in stdio's buffer, where poll() does not see it,
    until more bytes come.
    """

    def __init__(self) -> None:
        self._socket = bytearray()
        self._stdio = bytearray()
        self._ended = False

    def feed(self, data: bytes) -> None:
        """Take bytes from the network."""
        self._socket += data

    def end(self) -> None:
        """Take the end of the stream."""
        self._ended = True

    @property
    def readable(self) -> bool:
        """Whether poll() would say so: new bytes, or the end."""
        return self._ended or bool(self._socket)

    def next(self) -> str | None:
        """Return the next command, "" at the end of the stream, None when there is nothing to read yet."""
        if not self.readable:
            return None
        if b"\n" not in self._stdio:
            self._stdio += self._socket[:STDIO_BUFFER]
            del self._socket[:STDIO_BUFFER]
        line, newline, rest = self._stdio.partition(b"\n")
        if newline:
            self._stdio = bytearray(rest)
            return line.decode(errors="replace") or " "
        if self._socket:
            return self.next()
        return "" if self._ended else None


def words(line: str) -> list[str]:
    """Split a command as Asterisk does: blanks part words, double quotes keep them, a backslash takes the next literally."""
    found: list[str] = []
    quoted = escaped = False
    between = True
    for char in line:
        if char == '"' and not escaped:
            quoted = not quoted
            if quoted and between:
                found.append("")
                between = False
        elif char in " \t" and not quoted and not escaped:
            between = True
        elif char == "\\" and not escaped:
            escaped = True
            continue
        elif between:
            if len(found) < MAX_WORDS - 1:
                found.append(char)
                between = False
        else:
            found[-1] += char
        escaped = False
    return found


def substitute(expression: str, value: Callable[[str], str]) -> str:
    """Replace each `${NAME}`, innermost first, by `value(NAME)`."""
    while True:
        replaced = _VARIABLE.sub(lambda match: value(match[1]).replace("${", "$ {"), expression)
        if replaced == expression:
            return replaced
        expression = replaced


def header_block(channel: Channel, agi: tuple[str, int], script: str, args: Sequence[str]) -> bytes:
    """Return the agi_ headers of a FastAGI session, ended by an empty line."""
    host, port = agi
    lines = [
        "agi_network: yes",
        f"agi_network_script: {script}",
        f"agi_request: agi://{host}:{port}/{script}",
        f"agi_channel: {channel.name}",
        "agi_language: en",
        f"agi_type: {channel.device.partition('/')[0]}",
        f"agi_uniqueid: {channel.uniqueid}",
        f"agi_version: {VERSION}",
        f"agi_callerid: {channel.caller_num or 'unknown'}",
        f"agi_calleridname: {channel.caller_name or 'unknown'}",
        "agi_callingpres: 0",
        "agi_callingani2: 0",
        "agi_callington: 0",
        "agi_callingtns: 0",
        f"agi_dnid: {channel.variables.get('DNID', '') or 'unknown'}",
        "agi_rdnis: unknown",
        "agi_context: acd-try",
        "agi_extension: s",
        "agi_priority: 2",
        "agi_enhanced: 0.0",
        "agi_accountcode: ",
        "agi_threadid: 0",
        *(f"agi_arg_{index}: {value}" for index, value in enumerate(args, 1)),
    ]
    return ("\n".join(lines) + "\n\n").encode()
