"""Wait until an Asterisk has booted: its AMI says FullyBooted to a client that just logged in."""

import asyncio
import contextlib
from typing import Final

from tests.pbx.child import Child
from tests.pbx.errors import InstanceError
from tests.pbx.settings import MANAGER_SECRET, TESTS_USER

LOGIN: Final = f"Action: Login\r\nUsername: {TESTS_USER}\r\nSecret: {MANAGER_SECRET}\r\n\r\n".encode()
LOOK_AGAIN_S: Final = 0.02


async def await_booted(child: Child, port: int, *, within: float) -> None:
    """Return once FullyBooted came; InstanceError when the process ended, refused the login or took too long."""
    try:
        async with asyncio.timeout(within):
            while child.returncode is None:
                with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                    await _log_in(port)
                    return
                await asyncio.sleep(LOOK_AGAIN_S)
    except TimeoutError:
        raise InstanceError(f"Asterisk did not finish booting within {within} s") from None
    raise InstanceError(f"Asterisk ended while starting (exit code {child.returncode})")


async def _log_in(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(LOGIN)
        while True:
            block = await reader.readuntil(b"\r\n\r\n")
            if b"Response: Error" in block:
                raise InstanceError(
                    f"the manager refused the login of user {TESTS_USER!r}: {block.decode()!r}"
                )
            if b"Event: FullyBooted" in block:
                return
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
