"""`scarce.py LOOP`: a server out of file descriptors. Prints JSON: CPU seconds of one second of that, served after.

A process of its own, because the limit is the process's.
"""

import asyncio
import contextlib
import json
import resource
import socket
import subprocess
import sys
import time

import uvloop

from tests.unit.telephony.agi.peers import Asterisk, Recorder, serving

CROWD = """
import socket, sys, time
peers = [socket.create_connection(("127.0.0.1", int(sys.argv[1]))) for _ in range(40)]
print("up", flush=True)
sys.stdin.read()
"""


async def measure() -> dict[str, object]:
    """Use every descriptor up, see what the server costs meanwhile, give them back, be served."""
    asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
    recorder = Recorder()
    async with serving(recorder) as server:
        before = await Asterisk.call(server.address)
        await recorder.until("started")
        crowd = subprocess.Popen(  # noqa: ASYNC220 - before anything is measured
            [sys.executable, "-c", CROWD, str(server.address[1])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        kept: list[socket.socket] = []
        with contextlib.suppress(OSError):
            while True:
                kept.append(socket.socket())
        begun = time.process_time()
        await asyncio.sleep(1)
        cpu = time.process_time() - begun
        recorder.sessions[0].send(b"NOOP\n")
        meanwhile = await before.line() == b"NOOP\n"
        for each in kept:
            each.close()
        crowd.communicate()
        await asyncio.sleep(1.1)
        after = await Asterisk.call(server.address)
        await recorder.until("started", 2)
        await before.close()
        await after.close()
    return {
        "cpu": cpu,
        "meanwhile": meanwhile,
        "after": len(recorder.sessions),
    }


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop if sys.argv[1] == "uvloop" else None) as runner:
        print(json.dumps(runner.run(measure())))
