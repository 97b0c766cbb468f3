"""A daemon's FastAGI end, by hand: the test says every command and sees every line."""

import asyncio
import contextlib
from types import TracebackType
from typing import Self

WITHIN = 5.0


class AgiCall:
    """One FastAGI session. `env` is the header block, `args` AGI()'s own arguments."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.env: dict[str, str] = {}
        self._reader = reader
        self._writer = writer

    async def read_env(self) -> None:
        """Take the header block."""
        while line := (await self._reader.readline()).decode().rstrip("\n"):
            key, _, value = line.partition(":")
            self.env[key] = value.removeprefix(" ")

    @property
    def args(self) -> list[str]:
        """The arguments after the address, in order."""
        return [value for key, value in self.env.items() if key.startswith("agi_arg_")]

    def send(self, *lines: str) -> None:
        """Write commands in one segment, without waiting for their replies."""
        self._writer.write("".join(f"{line}\n" for line in lines).encode())

    async def line(self, within: float = WITHIN) -> str | None:
        """Return the next line, None at the end of the stream."""
        raw = await asyncio.wait_for(self._reader.readline(), within)
        return raw.decode(errors="replace").rstrip("\n") if raw else None

    async def ask(self, command: str, within: float = WITHIN) -> str | None:
        """Send one command and return its reply."""
        self.send(command)
        return await self.line(within)

    async def rest(self, within: float = WITHIN) -> list[str]:
        """Return every line up to the end of the stream."""
        raw = await asyncio.wait_for(self._reader.read(), within)
        return raw.decode().splitlines()

    async def greet(self) -> None:
        """Clear the dialplan's limit: a daemon's first command."""
        assert await self.ask("SET VARIABLE TIMEOUT(absolute) 0") == "200 result=1"

    async def dial(
        self, targets: str, seconds: float = 10, options: str = "mgi", within: float = 15
    ) -> str | None:
        """Ring, and return what EXEC replies."""
        return await self.ask(f"EXEC Dial {targets},{seconds},{options}", within)

    async def variable(self, expression: str) -> str:
        """Return the value of `${NAME}` expressions; the reply's text without its parentheses."""
        reply = await self.ask(f"GET FULL VARIABLE {expression}")
        assert reply is not None
        assert reply.startswith("200 result=1 ("), reply
        return reply.removeprefix("200 result=1 (").removesuffix(")")

    def close(self) -> None:
        """Close the session, as a daemon does that is done with the call."""
        self._writer.close()

    def abort(self) -> None:
        """Reset the connection, as a daemon does that is killed."""
        self._writer.transport.abort()


class AgiDesk:
    """A FastAGI server on a free port of loopback."""

    def __init__(self) -> None:
        self._server: asyncio.Server | None = None
        self._calls: asyncio.Queue[AgiCall] = asyncio.Queue()
        self._open: list[AgiCall] = []
        self.port = 0

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shut()
        self.clear()

    async def open(self) -> None:
        """Listen, on the same port as before when there was one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def shut(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def clear(self) -> None:
        """Reset every session, and forget those nobody took."""
        for call in self._open:
            call.abort()
        self._open.clear()
        while not self._calls.empty():
            self._calls.get_nowait()

    async def next(self, within: float = WITHIN) -> AgiCall:
        """Return the next session."""
        return await asyncio.wait_for(self._calls.get(), within)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        call = AgiCall(reader, writer)
        self._open.append(call)
        with contextlib.suppress(ConnectionError):
            await call.read_env()
            self._calls.put_nowait(call)
