"""A peer without a state machine: the test writes every SIP line it sends, and reads every one it gets."""

import asyncio
from types import TracebackType
from typing import Self

from tests.ua.address import Endpoint
from tests.ua.message import Header, Message, Request, Response, parse, render, respond

DEADLINE_S = 2.0


class WirePeer(asyncio.DatagramProtocol):
    """A bare UDP socket on loopback; nothing is answered, repeated or checked unless the test does it.

    Retransmissions are passed over, so that a busy machine fails no test; one that is about them sets `repeats`.
    """

    def __init__(self) -> None:
        self.repeats = False
        self._seen: set[bytes] = set()
        self.address: Endpoint = ("", 0)
        self.peer: Endpoint = ("", 0)
        self._inbox: asyncio.Queue[Message] = asyncio.Queue()
        self._transport: asyncio.DatagramTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=("127.0.0.1", 0))
        bound = self._transport.get_extra_info("sockname")
        self.address = (bound[0], bound[1])
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._transport is not None:
            self._transport.close()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.peer = (addr[0], addr[1])
        if self.repeats or data not in self._seen:
            self._inbox.put_nowait(parse(data))
        self._seen.add(data)

    def send(self, message: Message | bytes, to: Endpoint | None = None) -> None:
        """Send to whoever spoke last, or to `to`."""
        assert self._transport is not None
        self._transport.sendto(message if isinstance(message, bytes) else render(message), to or self.peer)

    async def anything(self) -> Message:
        """The next datagram."""
        return await asyncio.wait_for(self._inbox.get(), DEADLINE_S)

    async def request(self, method: str) -> Request:
        """The next datagram, which must be that request."""
        message = await self.anything()
        assert isinstance(message, Request), message
        assert message.method == method
        return message

    async def response(self, status: int) -> Response:
        """The next datagram, which must be a response with that status."""
        message = await self.anything()
        assert isinstance(message, Response), message
        assert message.status == status
        return message

    def reply(
        self, request: Request, status: int, *headers: Header, body: bytes = b"", contact: str = ""
    ) -> None:
        """Answer by hand, with our Contact."""
        host, port = self.address
        own = ("Contact", contact or f"<sip:peer@{host}:{port}>")
        self.send(respond(request, status, to_tag="peer", headers=(own, *headers), body=body))

    def invite(self, *headers: Header, branch: str = "z9hG4bK-p1", body: bytes = b"") -> Request:
        """An INVITE of ours without anything in it that the test does not give."""
        return self.outgoing("INVITE", *headers, branch=branch, body=body)

    def outgoing(
        self, method: str, *headers: Header, branch: str, to_tag: str = "", seq: int = 1, body: bytes = b""
    ) -> Request:
        """Any request of ours in the one dialog this peer keeps."""
        host, port = self.address
        fixed = (
            ("Via", f"SIP/2.0/UDP {host}:{port};rport;branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", "<sip:peer@127.0.0.1>;tag=peer"),
            ("To", "<sip:bob@127.0.0.1>" + (f";tag={to_tag}" if to_tag else "")),
            ("Call-ID", "peer-call"),
            ("CSeq", f"{seq} {method}"),
            ("Contact", f"<sip:peer@{host}:{port}>"),
        )
        return Request(method=method, uri="sip:bob@127.0.0.1", headers=(*fixed, *headers), body=body)
