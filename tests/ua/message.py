"""SIP messages as values: one UDP datagram in, one out (RFC 3261 sections 7, 18.3 and 20). Pure."""

import re
from typing import Final

import msgspec

from tests.ua.errors import MalformedMessageError

VERSION: Final = "SIP/2.0"
BRANCH_COOKIE: Final = "z9hG4bK"

Header = tuple[str, str]

# RFC 3261 section 7.3.3, 3515, 3892, 3903, 4028, 6665: the one-letter names a peer may use.
COMPACT: Final = {
    "b": "Referred-By",
    "c": "Content-Type",
    "e": "Content-Encoding",
    "f": "From",
    "i": "Call-ID",
    "k": "Supported",
    "l": "Content-Length",
    "m": "Contact",
    "o": "Event",
    "r": "Refer-To",
    "s": "Subject",
    "t": "To",
    "u": "Allow-Events",
    "v": "Via",
    "x": "Session-Expires",
}
# Headers whose order and number carry meaning here and that a peer may fold into one line with commas.
LISTED: Final = frozenset({"via", "route", "record-route", "contact"})
REQUIRED: Final = ("Via", "From", "To", "Call-ID", "CSeq")

PHRASES: Final = {
    100: "Trying",
    180: "Ringing",
    183: "Session Progress",
    200: "OK",
    202: "Accepted",
    302: "Moved Temporarily",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    415: "Unsupported Media Type",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    489: "Bad Event",
    491: "Request Pending",
    500: "Server Internal Error",
    503: "Service Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
    606: "Not Acceptable",
}


class _Headed(msgspec.Struct, frozen=True, kw_only=True):
    """What requests and responses share: ordered headers under their long names, and a body."""

    headers: tuple[Header, ...]
    body: bytes = b""

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a header, in order; an empty tuple when it is absent."""
        wanted = name.lower()
        return tuple(value for key, value in self.headers if key.lower() == wanted)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a header, or `default`."""
        values = self.all(name)
        return values[0] if values else default

    @property
    def call_id(self) -> str:
        return self.get("Call-ID")

    @property
    def cseq(self) -> int:
        return int(self.get("CSeq").split()[0])

    @property
    def cseq_method(self) -> str:
        return self.get("CSeq").split()[1]

    @property
    def branch(self) -> str:
        """The transaction's name: the `branch` of the topmost Via."""
        return param(self.get("Via"), "branch")

    @property
    def sent_by(self) -> str:
        """Host and port of the topmost Via, as written there."""
        return self.get("Via").split(";", 1)[0].split(None, 1)[1].strip()

    @property
    def from_tag(self) -> str:
        return tag(self.get("From"))

    @property
    def to_tag(self) -> str:
        return tag(self.get("To"))


class Request(_Headed, frozen=True, kw_only=True):
    """One SIP request."""

    method: str
    uri: str

    @property
    def start_line(self) -> str:
        return f"{self.method} {self.uri} {VERSION}"


class Response(_Headed, frozen=True, kw_only=True):
    """One SIP response; `phrase` is the text after the status code."""

    status: int
    phrase: str = ""

    @property
    def start_line(self) -> str:
        return f"{VERSION} {self.status} {self.phrase}"


Message = Request | Response


def param(value: str, name: str) -> str:
    """A `;name=value` parameter of a header that has no quoted text before it; "" when absent."""
    for part in value.split(";")[1:]:
        key, _, content = part.partition("=")
        if key.strip().lower() == name:
            return content.strip()
    return ""


def tag(value: str) -> str:
    """The tag of a From or To value: parameters inside the angle brackets belong to the URI, not to the header."""
    return param(";" + value.rpartition(">")[2].partition(";")[2], "tag")


def replace_header(message: Request, name: str, value: str) -> Request:
    """The same request with the first header of that name holding `value`."""
    headers = list(message.headers)
    at = next(index for index, (key, _) in enumerate(headers) if key.lower() == name.lower())
    headers[at] = (headers[at][0], value)
    return msgspec.structs.replace(message, headers=tuple(headers))


def respond(
    request: Request,
    status: int,
    *,
    to_tag: str = "",
    headers: tuple[Header, ...] = (),
    body: bytes = b"",
    phrase: str = "",
) -> Response:
    """The response to `request` (RFC 3261 section 8.2.6): Via, From, To, Call-ID and CSeq copied, To tagged.

    Record-Route is copied where a dialog may come of it (section 12.1.1).
    """
    to = request.get("To")
    if to_tag and not tag(to):
        to = f"{to};tag={to_tag}"
    copied = [("Via", value) for value in request.all("Via")]
    copied += [
        ("From", request.get("From")),
        ("To", to),
        ("Call-ID", request.call_id),
        ("CSeq", request.get("CSeq")),
    ]
    if 100 < status < 300:
        copied += [("Record-Route", value) for value in request.all("Record-Route")]
    text = phrase or PHRASES.get(status, "Unnamed")
    return Response(status=status, phrase=text, headers=(*copied, *headers), body=body)


def render(message: Message) -> bytes:
    """The datagram; Content-Length is always computed, never taken from the headers."""
    lines = [message.start_line]
    lines += [f"{name}: {value}" for name, value in message.headers if name.lower() != "content-length"]
    lines.append(f"Content-Length: {len(message.body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + message.body


def parse(datagram: bytes) -> Message:
    """One datagram as a message; bytes beyond Content-Length are dropped (RFC 3261 section 18.3).

    Raises MalformedMessageError on a bad start line, header, CSeq or Content-Length, and on a missing mandatory header.
    """
    head, blank, body = datagram.partition(b"\r\n\r\n")
    if not blank:
        raise MalformedMessageError("no empty line after the headers")
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        raise MalformedMessageError(f"headers are not UTF-8: {error}") from None
    start, _, rest = text.partition("\r\n")
    headers = tuple(_headers(rest))
    return _checked(_started(start, headers, _sized(headers, body)))


def _headers(text: str) -> list[Header]:
    found: list[Header] = []
    for line in re.sub(r"\r\n[ \t]+", " ", text).split("\r\n") if text else ():
        name, colon, value = line.partition(":")
        name = name.strip()
        if not colon or not name:
            raise MalformedMessageError(f"header line without a name: {line!r}")
        name = COMPACT.get(name.lower(), name)
        values = split_list(value) if name.lower() in LISTED else [value.strip()]
        found += [(name, one) for one in values]
    return found


def split_list(value: str) -> list[str]:
    """A comma-separated header value cut at the commas outside quotes and angle brackets."""
    items, start, quoted, bracketed = [], 0, False, False
    for at, char in enumerate(value):
        if char == '"' and value[at - 1 : at] != "\\":
            quoted = not quoted
        elif not quoted and char in "<>":
            bracketed = char == "<"
        elif char == "," and not quoted and not bracketed:
            items.append(value[start:at].strip())
            start = at + 1
    return [*items, value[start:].strip()]


def _sized(headers: tuple[Header, ...], body: bytes) -> bytes:
    stated = next((value for name, value in headers if name.lower() == "content-length"), None)
    if stated is None:
        return body
    if not stated.isdecimal() or int(stated) > len(body):
        raise MalformedMessageError(f"Content-Length {stated!r} for a body of {len(body)} bytes")
    return body[: int(stated)]


def _started(start: str, headers: tuple[Header, ...], body: bytes) -> Message:
    words = start.split(" ", 2)
    if len(words) >= 2 and words[0] == VERSION and re.fullmatch("[1-6][0-9][0-9]", words[1]):
        phrase = words[2] if len(words) == 3 else ""
        return Response(status=int(words[1]), phrase=phrase, headers=headers, body=body)
    if len(words) == 3 and words[2] == VERSION and words[0].isascii() and words[0].isupper():
        return Request(method=words[0], uri=words[1], headers=headers, body=body)
    raise MalformedMessageError(f"neither a request line nor a status line: {start!r}")


def _checked(message: Message) -> Message:
    missing = [name for name in REQUIRED if not message.get(name)]
    if missing:
        raise MalformedMessageError(f"missing header: {', '.join(missing)}")
    if not re.fullmatch(r"[0-9]{1,10}[ \t]+[A-Z]+", message.get("CSeq")):
        raise MalformedMessageError(f"CSeq {message.get('CSeq')!r} is not a number and a method")
    if isinstance(message, Request) and message.method != message.cseq_method:
        raise MalformedMessageError(f"{message.method} carries CSeq {message.get('CSeq')!r}")
    if len(message.get("Via").split(";", 1)[0].split(None, 1)) != 2:
        raise MalformedMessageError(f"Via {message.get('Via')!r} names no sender")
    return message
