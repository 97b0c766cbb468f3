"""A daemon small enough to read: answers, plays music, dials one phone of a list, and says the call was served."""

import asyncio
from collections.abc import Sequence


class SmallDaemon:
    """A FastAGI server that dials `phones` in turn for every caller. `served` counts talks that took place."""

    def __init__(self, phones: Sequence[str]) -> None:
        self.port = 0
        self.served = 0
        self._phones = phones
        self._turn = 0

    async def open(self) -> asyncio.Server:
        """Listen on a free port of loopback."""
        server = await asyncio.start_server(self._session, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (await reader.readline()).strip():
                pass
            for command in ("SET VARIABLE TIMEOUT(absolute) 0", "EXEC Answer ,i", "SET MUSIC ON"):
                await _ask(reader, writer, command)
            while True:
                phone = self._phones[self._turn % len(self._phones)]
                self._turn += 1
                await _ask(reader, writer, f"EXEC Dial PJSIP/{phone},15,mgi")
                if "(ANSWER)" in await _ask(reader, writer, "GET VARIABLE DIALSTATUS"):
                    break
            await _ask(reader, writer, "SET VARIABLE ACD_STATUS served")
            self.served += 1
        except ConnectionError:
            pass
        finally:
            writer.close()


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, command: str) -> str:
    writer.write(command.encode() + b"\n")
    reply = (await reader.readline()).decode()
    if not reply.startswith("200 "):
        raise ConnectionResetError(reply)
    return reply
