"""`freeze.py SERVER`: does a peer that connects and leaves stop the event loop? Prints how often a heartbeat beat.

A process of its own, because a frozen loop cannot be stopped from inside: panoramisk's spins without yielding.
"""

import asyncio
import sys
import time

from tests.unit.telephony.agi.contenders import CONTENDERS


async def measure(name: str) -> int:
    """Beats of a 5 ms heartbeat in the 300 ms after a peer has come and gone."""
    async with CONTENDERS[name]([]) as contender:
        reader, writer = await asyncio.open_connection(*contender.address)
        writer.close()
        await writer.wait_closed()
        del reader
        beats = 0
        end = time.monotonic() + 0.3
        while time.monotonic() < end:
            await asyncio.sleep(0.005)
            beats += 1
        return beats


if __name__ == "__main__":
    print(asyncio.run(measure(sys.argv[1])))
