"""The wire between daemon and AMI, to be cut: a TCP forwarder on a port of its own."""

import asyncio
import contextlib


class Link:
    """Forwards to `target`; `cut` drops every connection and refuses new ones until `mend`."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def start(self) -> None:
        """Listen; the port stays the same over cuts."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Drop what is up and listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._open):
            writer.transport.abort()
        self._open.clear()

    async def mend(self) -> None:
        """Listen again."""
        await self.start()

    async def stop(self) -> None:
        """End for good."""
        await self.cut()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, thither = await asyncio.open_connection(*self._target)
        except OSError:
            writer.close()
            return
        self._open |= {writer, thither}
        with contextlib.suppress(OSError, asyncio.CancelledError):
            async with asyncio.TaskGroup() as both:
                both.create_task(_pump(reader, thither))
                both.create_task(_pump(there, writer))
        for end in (writer, thither):
            self._open.discard(end)
            end.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    if not writer.transport.is_closing():
        writer.close()


class Silence:
    """A server that takes connections and never says a word."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._server: asyncio.Server | None = None
        self._taken: list[asyncio.BaseTransport] = []

    async def __aenter__(self) -> None:
        listener = self

        class Mute(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                listener._taken.append(transport)

        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(Mute, "127.0.0.1", self._port)

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
        for transport in self._taken:
            transport.close()
