"""An Asterisk manager as far as a starting daemon asks: run inside the machine by its own Python, alone.

`python3 manager.py SECRET-FILE`. The login is checked; the lists that a daemon reads after it are held back until
SIGUSR1, so that a test sees what the daemon says of itself meanwhile. Each action is a line on standard output.
"""

import asyncio
import signal
import sys
from pathlib import Path

PORT = 5038
BOOTED = "Event: FullyBooted\r\nPrivilege: system,all\r\nUptime: 5\r\nLastReload: 5\r\nStatus: Fully Booted\r\n\r\n"


class Manager:
    """What its sessions share."""

    def __init__(self, secret: str) -> None:
        """`secret` is what a login must bring."""
        self.secret = secret
        self.lists_may_go = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Talk to one client until it leaves."""
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        try:
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                action = dict(line.partition(": ")[::2] for line in text.split("\r\n"))
                print("asked", action["Action"], flush=True)
                writer.write((await self.answer(action)).encode())
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def answer(self, action: dict[str, str]) -> str:
        """Return the whole answer to one action."""
        name, given_id = action["Action"], f"ActionID: {action.get('ActionID', '')}\r\n"
        if name == "Login":
            if action.get("Secret") != self.secret:
                return f"Response: Error\r\n{given_id}Message: Authentication failed\r\n\r\n"
            return f"Response: Success\r\n{given_id}Message: Authentication accepted\r\n\r\n{BOOTED}"
        if name in {"CoreShowChannels", "DeviceStateList"}:
            await self.lists_may_go.wait()
            start = f"Response: Success\r\n{given_id}EventList: start\r\nMessage: Listing follows\r\n\r\n"
            return f"{start}Event: {name}Complete\r\n{given_id}EventList: Complete\r\nListItems: 0\r\n\r\n"
        return f"Response: Success\r\n{given_id}Ping: Pong\r\n\r\n"


async def main(manager: Manager) -> None:
    """Serve until ended."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, manager.lists_may_go.set)
    server = await asyncio.start_server(manager.serve, "127.0.0.1", PORT)
    await server.serve_forever()


asyncio.run(main(Manager(Path(sys.argv[1]).read_text(encoding="utf-8").strip())))
