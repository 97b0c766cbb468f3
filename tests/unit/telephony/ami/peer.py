"""A fake Asterisk manager on a loopback port, scripted to the byte, and ways to wait without sleeping for luck."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import cast

GREETING = b"Asterisk Call Manager/9.0.0\r\n"
BOOTED = b"Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 5\r\nLastReload: 5\r\nStatus: Fully Booted\r\n\r\n"

Answer = Callable[[dict[str, str]], bytes]


def ok(action: dict[str, str], *lines: str) -> bytes:
    """Return a Success response to `action`, further lines included."""
    return "\r\n".join(["Response: Success", f"ActionID: {action['ActionID']}", *lines, "", ""]).encode()


def done(action: dict[str, str]) -> bytes:
    """Return a plain Success response to `action`."""
    return ok(action, "Message: done")


def refused(action: dict[str, str], why: str) -> bytes:
    """Return an Error response to `action`."""
    return f"Response: Error\r\nActionID: {action['ActionID']}\r\nMessage: {why}\r\n\r\n".encode()


def silence(_action: dict[str, str]) -> bytes:
    """Answer nothing at all."""
    return b""


async def until(condition: Callable[[], object], what: str, seconds: float = 5.0) -> None:
    """Wait for `condition`, an AssertionError naming `what` when it does not come true in time."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while not condition():
        assert loop.time() < end, f"never happened: {what}"
        await asyncio.sleep(0.001)


class Connection(asyncio.Protocol):
    """One client's connection as the peer sees it: everything received, and a way to write exact bytes."""

    def __init__(self, peer: "Peer") -> None:
        self.peer = peer
        self.received = bytearray()
        self.actions: list[dict[str, str]] = []
        self.open = False
        self._parsed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.open = True
        self.peer.connections.append(self)
        self.write(self.peer.greeting)

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n", self._parsed)) >= 0:
            lines = self.received[self._parsed : end].decode().split("\r\n")
            self._parsed = end + 4
            action = dict(line.partition(": ")[::2] for line in lines)
            self.actions.append(action)
            self.write(self.peer.answer(action))

    def write(self, data: bytes) -> None:
        """Send exactly these bytes."""
        if data and self.open:
            self.transport.write(data)

    def names(self) -> list[str]:
        """Return the names of the actions received, without logins and pings."""
        return [name for action in self.actions if (name := action["Action"]) not in {"Login", "Ping"}]


class Peer:
    """Answers every action with Success unless `answers` has its name; Login is followed by FullyBooted."""

    def __init__(self) -> None:
        self.port = 0
        self.greeting = GREETING
        self.answers: dict[str, Answer] = {"Login": lambda action: ok(action, "Message: ok") + BOOTED}
        self.connections: list[Connection] = []
        self._server: asyncio.Server | None = None

    def answer(self, action: dict[str, str]) -> bytes:
        """Return what the peer says to `action`."""
        return self.answers.get(action["Action"], done)(action)

    @property
    def last(self) -> Connection:
        """The newest connection."""
        return self.connections[-1]

    async def listen(self) -> None:
        """Open the port, the same one again after `vanish`."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self), "127.0.0.1", self.port, reuse_address=True
        )
        self.port = self._server.sockets[0].getsockname()[1]

    def vanish(self) -> None:
        """Close the port and cut every connection."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for connection in self.connections:
            if connection.open:
                connection.transport.abort()


@asynccontextmanager
async def listening() -> AsyncIterator[Peer]:
    """Give a peer that listens."""
    peer = Peer()
    await peer.listen()
    try:
        yield peer
    finally:
        peer.vanish()
        await until(lambda: not any(one.open for one in peer.connections), "the peer's connections closed")
