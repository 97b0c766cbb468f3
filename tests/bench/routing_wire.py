"""SIP as it passes on the loopback, with the kernel's time on each message.

A passive packet socket sees what Asterisk, callers and phones say to each other. So both arms of the bench are timed alike, and
how fast the bench itself reads does not count. Needs root.
"""

import asyncio
import contextlib
import ctypes
import socket
import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from tests.ua.address import uri_of
from tests.ua.message import Message, Request, parse

ETH_P_IP: Final = 0x0800
"""Bound to one protocol, a packet socket sees what comes in; on the loopback that is everything, once."""
SO_ATTACH_FILTER: Final = 26
SO_RCVBUFFORCE: Final = 33
SO_TIMESTAMPNS: Final = 35
SOL_PACKET: Final = 263
PACKET_STATISTICS: Final = 6
BUFFER: Final = 32 * 1024 * 1024
TIMESPEC: Final = struct.Struct("@ll")


class WireError(RuntimeError):
    """The wire could not be watched, or not all of it was seen."""


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One SIP message. `at` in nanoseconds of the kernel's clock; ports are the sender's and the receiver's."""

    at: int
    source: int
    target: int
    message: Message


def udp_on_port(port: int) -> bytes:
    """Classic BPF for IPv4 from the network header on: UDP, not a later fragment, `port` on either side.

    Without it the music for waiting callers, 50 packets a second each, would come along.
    """
    program = (
        (0x30, 0, 0, 9),  # ldb [9]: protocol
        (0x15, 0, 8, socket.IPPROTO_UDP),  # jeq, else drop
        (0x28, 0, 0, 6),  # ldh [6]: fragment offset
        (0x45, 6, 0, 0x1FFF),  # jset: drop
        (0xB1, 0, 0, 0),  # ldxb 4*([0]&0xf): length of the IP header
        (0x48, 0, 0, 0),  # ldh [x+0]: source port
        (0x15, 2, 0, port),
        (0x48, 0, 0, 2),  # ldh [x+2]: target port
        (0x15, 0, 1, port),
        (0x06, 0, 0, 0xFFFF),  # take
        (0x06, 0, 0, 0),  # drop
    )
    return b"".join(struct.pack("=HBBI", *step) for step in program)


class Wire:
    """Watches one SIP port of 127.0.0.1 while the context lasts; `seen` grows."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.seen: list[Seen] = []

    @contextlib.contextmanager
    def watching(self) -> Iterator["Wire"]:
        """Open the socket and read it in the running loop; WireError when messages were lost meanwhile."""
        with _packet_socket(self.port) as packets:
            loop = asyncio.get_running_loop()
            loop.add_reader(packets, self._read, packets)
            try:
                yield self
                self._read(packets)
                _no_drops(packets)
            finally:
                loop.remove_reader(packets)

    def _read(self, packets: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                data, ancillary, _, _ = packets.recvmsg(65_536, 64)
                self._take(data, _time(ancillary))

    def _take(self, packet: bytes, at: int) -> None:
        header = 4 * (packet[0] & 0xF)
        source, target = struct.unpack_from("!HH", packet, header)
        payload = packet[header + 8 :]
        if payload.strip():  # an empty line keeps a mapping alive, it is no message
            self.seen.append(Seen(at=at, source=source, target=target, message=parse(payload)))


def _packet_socket(port: int) -> socket.socket:
    try:
        packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    except PermissionError:
        raise WireError("watching the loopback needs root (CAP_NET_RAW): run `make bench` as root") from None
    program = udp_on_port(port)
    steps = ctypes.create_string_buffer(program, len(program))
    packets.setsockopt(
        socket.SOL_SOCKET,
        SO_ATTACH_FILTER,
        struct.pack("@HP", len(program) // 8, ctypes.addressof(steps)),
    )
    packets.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    packets.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, BUFFER)
    packets.setblocking(False)
    packets.bind(("lo", ETH_P_IP))
    return packets


def _time(ancillary: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
            seconds, nanoseconds = TIMESPEC.unpack(data)
            return int(seconds) * 1_000_000_000 + int(nanoseconds)
    raise WireError("the kernel gave no time with a packet")


def _no_drops(packets: socket.socket) -> None:
    _, dropped = struct.unpack("@II", packets.getsockopt(SOL_PACKET, PACKET_STATISTICS, 8))
    if dropped:
        raise WireError(
            f"{dropped} packets were not seen: the figures would be wrong; run it on a quieter machine"
        )


def is_request(message: Message, method: str) -> bool:
    """Whether it is a request of that method."""
    return isinstance(message, Request) and message.method == method


def caller_number(message: Message) -> str:
    """The user part of From."""
    return uri_of(message.get("From")).user
