"""The one audio stream of a session description (RFC 4566, offer and answer as in RFC 3264). Pure."""

from typing import Final, Literal, get_args

import msgspec

from tests.ua.errors import MalformedMessageError

Direction = Literal["sendrecv", "sendonly", "recvonly", "inactive"]

CONTENT_TYPE: Final = "application/sdp"
# What we say to an offer of that direction: who may not send to us gets no send from us either (RFC 3264 section 6.1).
MIRRORED: Final[dict[Direction, Direction]] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
ENCODINGS: Final = {0: "PCMU/8000", 8: "PCMA/8000"}


class Audio(msgspec.Struct, frozen=True, kw_only=True):
    """Where one side takes its audio, what it can decode and which way it flows, from that side's view."""

    host: str
    port: int
    payloads: tuple[int, ...] = (0, 8)
    direction: Direction = "sendrecv"


def render(audio: Audio, *, session: int, version: int) -> bytes:
    """A description with that stream; `version` grows by one with each change (RFC 3264 section 8)."""
    lines = [
        "v=0",
        f"o=- {session} {version} IN IP4 {audio.host}",
        "s=-",
        f"c=IN IP4 {audio.host}",
        "t=0 0",
        f"m=audio {audio.port} RTP/AVP {' '.join(map(str, audio.payloads))}",
    ]
    lines += [f"a=rtpmap:{number} {ENCODINGS[number]}" for number in audio.payloads]
    return "\r\n".join([*lines, "a=ptime:20", f"a={audio.direction}", ""]).encode()


def parse(body: bytes) -> Audio:
    """The first audio stream; its own `c=` and direction win over the session's.

    Raises MalformedMessageError when there is no audio stream or no address for it.
    """
    host, port, direction = "", -1, "sendrecv"
    payloads: tuple[int, ...] = ()
    section = "session"
    for line in body.decode(errors="replace").splitlines():
        if line.startswith("m="):
            if port >= 0:
                break
            section = line[2:].split(" ", 1)[0]
            if section == "audio":
                port, payloads = _media(line)
        elif section in {"session", "audio"}:
            host = line.rsplit(" ", 1)[-1] if line.startswith("c=") else host
            direction = line[2:] if line[2:] in get_args(Direction) else direction
    if port < 0 or not host:
        raise MalformedMessageError("session description without an audio stream and its address")
    return msgspec.convert({"host": host, "port": port, "payloads": payloads, "direction": direction}, Audio)


def common_payloads(offered: Audio) -> tuple[int, ...]:
    """Those of the offer that we can encode, in the offer's order."""
    return tuple(number for number in offered.payloads if number in ENCODINGS)


def _media(line: str) -> tuple[int, tuple[int, ...]]:
    words = line[2:].split()
    try:
        return int(words[1].partition("/")[0]), tuple(map(int, words[3:]))
    except (IndexError, ValueError):
        raise MalformedMessageError(f"media line {line!r}") from None
