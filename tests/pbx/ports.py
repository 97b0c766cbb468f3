"""Ports of one instance: a block of numbers that no other instance on this machine uses.

RTP needs a contiguous range, which binding port 0 cannot give. So a block is claimed: its first UDP port stays bound by
us as long as the instance lives, and everything else of the block is Asterisk's, across restarts too.
"""

import contextlib
import random
import socket
from pathlib import Path
from typing import Final, Self

from tests.pbx.errors import InstanceError

DAEMON_PORTS: Final = range(2_000, 10_000)
FIRST: Final = 10_000
LAST: Final = 32_000
"""Below the range from which Linux takes ports for bind(0), so that the tests' own sockets stay out of the way."""
SPAN: Final = 2_000
"""One call with two legs takes four RTP ports; the bench has about 150 up at once."""


class PortBlock:
    """SIP, AMI and RTP ports on 127.0.0.1, ours until `release()`."""

    def __init__(self, claim: socket.socket) -> None:
        self._claim = claim
        self.base: int = claim.getsockname()[1]

    @property
    def sip(self) -> int:
        """The SIP port, UDP and TCP."""
        return self.base + 2

    @property
    def manager(self) -> int:
        """The AMI port."""
        return self.base + 4

    @property
    def rtp(self) -> tuple[int, int]:
        """First and last RTP port."""
        return self.base + 10, self.base + SPAN - 1

    @classmethod
    def claim(cls) -> Self:
        """Return the first free block; InstanceError when there is none."""
        for base in range(FIRST, LAST - SPAN + 1, SPAN):
            claimed = _bind(socket.SOCK_DGRAM, base)
            if claimed is None:
                continue
            block = cls(claimed)
            if block.is_free():
                return block
            block.release()
        raise InstanceError(
            f"no free block of {SPAN} ports from {FIRST} to {LAST}: end other test runs first"
        )

    def is_free(self) -> bool:
        """Tell whether nobody else listens on the SIP and AMI ports."""
        wanted = (
            (socket.SOCK_DGRAM, self.sip),
            (socket.SOCK_STREAM, self.sip),
            (socket.SOCK_STREAM, self.manager),
        )
        for kind, port in wanted:
            probe = _bind(kind, port)
            if probe is None:
                return False
            probe.close()
        return True

    def release(self) -> None:
        """Give the block back. Calling it again does nothing."""
        self._claim.close()


def _bind(kind: socket.SocketKind, port: int) -> socket.socket | None:
    sock = socket.socket(socket.AF_INET, kind)
    if kind is socket.SOCK_STREAM:
        # As Asterisk itself does: a connection of the last run in TIME_WAIT is no reason to look elsewhere.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind(("127.0.0.1", port))
    except OSError:
        sock.close()
        return None
    return sock


def free_port() -> int:
    """A TCP port on loopback that nothing listens on now, for a daemon.

    Below the blocks and below the range that Linux takes outgoing connections from: any client of this machine could
    otherwise sit on it by the time a daemon is started again.
    """
    for port in random.sample(DAEMON_PORTS, len(DAEMON_PORTS)):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise InstanceError("no free TCP port between 2,000 and 9,999: what listens on all of them?")


def free_udp_port() -> int:
    """Return a UDP port of 127.0.0.1 that was free a moment ago, for a program that binds it itself."""
    return _free(socket.SOCK_DGRAM)


def _free(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def is_bound(port: int) -> bool:
    """Tell whether some program has this UDP port of 127.0.0.1 open. Looks only: a try to bind could be in its way."""
    local = {f"0100007F:{port:04X}", f"00000000:{port:04X}"}
    with Path("/proc/net/udp").open(encoding="ascii") as table:
        return any(row.split()[1] in local for row in table)
