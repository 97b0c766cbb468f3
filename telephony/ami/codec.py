"""AMI framing and encoding, sans-I/O: bytes in, messages out; an action in, bytes out.

Wire form (Asterisk page "AMI v2 Specification"): one greeting line, then messages of `Key: Value` lines, each line
ended by CRLF and each message by an empty line. Keys may repeat. Text is UTF-8.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

import msgspec

Headers: TypeAlias = Mapping[str, str | Sequence[str]]

EOL = b"\r\n"
END = b"\r\n\r\n"
GREETING = b"Asterisk Call Manager"

# Asterisk itself drops a client at 4 MB of backlog; the largest sane message is a CLI dump of a big PBX.
MAX_MESSAGE = 1024 * 1024
# A channel variable may be long; nothing the daemon reads comes near this.
MAX_LINE = 64 * 1024
# "Asterisk Call Manager/9.0.0" has 27 bytes; whoever sends far more is some other service.
MAX_GREETING = 1024
# An event name is a few words; distinct unread names are capped so that a hostile peer cannot grow the table.
MAX_NAMES = 512
# main/manager.c reads an action through a 1,024 byte window, CRLF included, and drops what is longer …
MAX_ACTION_LINE = 1022
# … and refuses an action of more lines than AST_MAX_MANHEADERS. Both verified on a real 22.10: 1,023 and 129 fail.
MAX_ACTION_LINES = 128

_FORBIDDEN = ("\r", "\n", "\0")
_RESERVED = frozenset({"action", "actionid"})


class AmiMessage(msgspec.Struct, frozen=True):
    """One message as it came. A key that occurs more than once holds the list of its values, in order."""

    headers: dict[str, str | list[str]]

    def text(self, key: str) -> str:
        """Return the value of `key` (exact case), the last one if it is repeated, or "" when absent."""
        value = self.headers.get(key, "")
        return value if isinstance(value, str) else value[-1]

    def every(self, key: str) -> list[str]:
        """Return all values of `key`, in order; empty when absent."""
        value = self.headers.get(key, [])
        return [value] if isinstance(value, str) else list(value)


class AmiAction(msgspec.Struct, frozen=True):
    """What a client asks: the action's name, the id its response will carry, and further headers."""

    name: str
    action_id: str
    headers: Headers = {}


def encode(action: AmiAction) -> bytes:
    """Encode an action as UTF-8 bytes, `Action` and `ActionID` first, a sequence as a repeated header.

    Raises ValueError, naming the header but never its value (it may be a secret), for CR, LF or NUL anywhere, a
    malformed or reserved key, a line over 1,022 bytes or more than 128 lines: Asterisk would drop those.
    """
    lines = [_line("Action", action.name), _line("ActionID", action.action_id)]
    for key, value in action.headers.items():
        if key.lower() in _RESERVED:
            raise ValueError(f"AMI header {key!r} is set by the link; pass the action's name and id as such")
        values = (value,) if isinstance(value, str) else value
        lines.extend(_line(key, item) for item in values)
    if len(lines) > MAX_ACTION_LINES:
        raise ValueError(
            f"AMI action {action.name!r} has {len(lines)} lines, Asterisk takes {MAX_ACTION_LINES}"
        )
    return EOL.join(lines) + END


def _line(key: str, value: str) -> bytes:
    if not key or not key.isascii() or not key.isprintable() or ":" in key or " " in key:
        raise ValueError(
            f"AMI header name {key!r} is not a plain word; remove blanks, colons and control characters"
        )
    if any(char in value for char in _FORBIDDEN):
        raise ValueError(
            f"AMI header {key!r} has a line break or NUL in its value; one line of text is allowed"
        )
    try:
        line = f"{key}: {value}".encode()
    except UnicodeEncodeError:
        raise ValueError(f"AMI header {key!r} has a value that is no valid Unicode text") from None
    if len(line) > MAX_ACTION_LINE:
        raise ValueError(
            f"AMI header {key!r} makes a line of {len(line)} bytes, Asterisk takes {MAX_ACTION_LINE}"
        )
    return line


class AmiCodec:
    """Incremental reader of one AMI connection.

    `wanted` names the events that are read; of others only the name is looked at and counted in `unread`, unless
    they carry an ActionID (a list result). None reads all. `greeting=False` reads a side that sends none (actions).
    Bad input is counted in `errors` by kind and skipped; nothing here raises and no input ends the stream.
    """

    def __init__(self, wanted: Iterable[str] | None = None, *, greeting: bool = True) -> None:
        self._wanted = None if wanted is None else frozenset(name.encode() for name in wanted)
        self._buffer = bytearray()
        self._overlong = False
        self._greeted = not greeting
        self.version = ""
        self.unread: dict[str, int] = {}
        self.errors: dict[str, int] = {}

    @property
    def greeted(self) -> bool:
        """Whether the greeting line has been seen: only then is the peer known to speak AMI."""
        return self._greeted

    def feed(self, data: bytes) -> list[AmiMessage]:
        """Take the next bytes, return the messages they complete. Any chunking gives the same messages."""
        searched = max(0, len(self._buffer) - len(END) + 1)
        self._buffer += data
        if not self._greeted:
            if not self._greet():
                return []
            searched = 0
        if self._buffer.find(END, searched) < 0:
            self._bound_rest()
            return []
        *frames, rest = bytes(self._buffer).split(END)
        self._buffer = bytearray(rest)
        if self._overlong:
            self._overlong = False
            del frames[0]
        self._bound_rest()
        return [message for frame in frames if (message := self._message(frame)) is not None]

    def _greet(self) -> bool:
        """Consume whole lines up to the greeting; each other line is an error."""
        while (end := self._buffer.find(EOL)) >= 0:
            line = bytes(self._buffer[:end])
            del self._buffer[: end + len(EOL)]
            if line.startswith(GREETING) and not self._overlong and end <= MAX_GREETING:
                self.version = line.partition(b"/")[2].decode(errors="replace").strip()
                self._greeted = True
                return True
            self._overlong = False
            self._err("no_greeting")
        if len(self._buffer) > MAX_GREETING + 1:
            self._overlong = True
            del self._buffer[:-1]
        return False

    def _bound_rest(self) -> None:
        """Drop an unfinished message that is already too long, keeping what may be the start of its end."""
        kept = len(END) - 1
        if len(self._buffer) > MAX_MESSAGE + kept:
            if not self._overlong:
                self._err("message_too_long")
            self._overlong = True
            del self._buffer[:-kept]

    def _message(self, frame: bytes) -> AmiMessage | None:
        if frame.startswith(EOL):
            frame = frame.lstrip(EOL)
        if not frame:
            return None
        if len(frame) > MAX_MESSAGE:
            self._err("message_too_long")
            return None
        if self._wanted is not None and frame.startswith(b"Event: "):
            end = frame.find(EOL)
            name = frame[7:end] if end >= 0 else frame[7:]
            if name not in self._wanted and b"\r\nActionID: " not in frame:
                self._count_unread(name)
                return None
        return self._parse(frame)

    def _parse(self, frame: bytes) -> AmiMessage | None:
        headers: dict[str, str | list[str]] = {}
        if len(frame) > MAX_LINE:
            frame = EOL.join(line for line in frame.split(EOL) if self._short(line))
        for line in frame.decode(errors="replace").split("\r\n"):
            key, colon, value = line.partition(":")
            if not colon or not key:
                self._err("bad_line")
                continue
            value = value.removeprefix(" ")
            known = headers.get(key)
            if known is None:
                headers[key] = value
            elif isinstance(known, list):
                known.append(value)
            else:
                headers[key] = [known, value]
        if "Event" in headers or "Response" in headers or "Action" in headers:
            return AmiMessage(headers)
        self._err("not_a_message")
        return None

    def _short(self, line: bytes) -> bool:
        if len(line) <= MAX_LINE:
            return True
        self._err("line_too_long")
        return False

    def _count_unread(self, raw: bytes) -> None:
        name = raw[:80].decode(errors="replace")
        if name not in self.unread and len(self.unread) >= MAX_NAMES:
            name = "(others)"
        self.unread[name] = self.unread.get(name, 0) + 1

    def _err(self, kind: str) -> None:
        self.errors[kind] = self.errors.get(kind, 0) + 1
