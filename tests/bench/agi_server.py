"""FastAGI sessions per second and time per command: our server against panoramisk's, alternating in one run.

Each server is a process of its own on uvloop; this process plays Asterisk: 22 headers, then it answers 5 commands a
session. A command's time is from a reply's write to the next command's arrival, so it holds both ways over loopback.
Run: `python -m tests.bench.agi_server [--sessions N] [--rounds N] [--json FILE]`.
"""

import argparse
import asyncio
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec
import uvloop
from panoramisk import fast_agi

from telephony.agi.codec import AgiError, AgiReply, encode
from telephony.agi.server import AgiServer, AgiSession

COMMANDS = 5
TOGETHER = 100
BLOCK = (
    b"agi_network: yes\nagi_network_script: sales\nagi_request: agi://127.0.0.1:4573/sales?\n"
    b"agi_channel: PJSIP/trunk-a-0000001f\nagi_language: en\nagi_type: PJSIP\nagi_uniqueid: 1795400000.31\n"
    b"agi_version: 22.10.0\nagi_callerid: 0301234567\nagi_calleridname: unknown\nagi_callingpres: 0\n"
    b"agi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\nagi_dnid: 100\nagi_rdnis: unknown\n"
    b"agi_context: acd-try\nagi_extension: s\nagi_priority: 2\nagi_enhanced: 0.0\nagi_accountcode: \n"
    b"agi_threadid: 139871\n\n"
)


class Script:
    """Our listener: five commands, then the end."""

    line = encode("GET VARIABLE", "ACD_CALL")

    def __init__(self) -> None:
        self._left: dict[str, int] = {}

    def session_started(self, session: AgiSession) -> None:
        self._left[session.id] = COMMANDS
        self._next(session)

    def replied(self, session: AgiSession, reply: AgiReply) -> None:
        self._next(session)

    def failed(self, session: AgiSession, error: AgiError) -> None:
        sys.exit(f"the bench's client is at fault: {error}")

    def hung_up(self, session: AgiSession) -> None:
        pass

    def closed(self, session: AgiSession) -> None:
        del self._left[session.id]

    def _next(self, session: AgiSession) -> None:
        if self._left[session.id] == 0:
            session.close()
            return
        self._left[session.id] -= 1
        session.send(self.line)


def fail(_session: AgiSession, error: Exception) -> None:
    """A mistake in the script ends the bench."""
    raise error


async def ours() -> None:
    """Serve until killed."""
    server = AgiServer(Script(), clock=time.monotonic_ns, report=fail)
    await server.start(port=0)
    print(server.address[1], flush=True)
    await asyncio.get_running_loop().create_future()


async def stock() -> None:
    """Serve the same with panoramisk."""

    async def route(request: fast_agi.Request) -> None:
        for _ in range(COMMANDS):
            await request.send_command("GET VARIABLE ACD_CALL")

    application = fast_agi.Application(loop=asyncio.get_running_loop())
    application.add_route("sales", route)
    server = await asyncio.start_server(application.handler, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


SERVERS = {"ours": ours, "stock": stock}


class Caller(asyncio.Protocol):
    """One call after the other on its own connection, until the common budget is used up."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._spoke = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)
        self._say(BLOCK)

    def data_received(self, data: bytes) -> None:
        self._run.times.append(time.perf_counter() - self._spoke)
        self._say(b"200 result=1 (c1)\n")

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.one_over()

    def _say(self, data: bytes) -> None:
        assert self._transport is not None
        self._spoke = time.perf_counter()
        self._transport.write(data)


class Run:
    """So many sessions at a given concurrency against one port."""

    def __init__(self, port: int, sessions: int, together: int) -> None:
        self.times: list[float] = []
        self._port = port
        self._sessions = sessions
        self._free = asyncio.Semaphore(together)

    def one_over(self) -> None:
        """A session has ended."""
        self._free.release()

    async def measure(self) -> float:
        """Sessions per second."""
        loop = asyncio.get_running_loop()
        together = self._free._value
        begun = time.perf_counter()
        for _ in range(self._sessions):
            await self._free.acquire()
            await loop.create_connection(lambda: Caller(self), "127.0.0.1", self._port)
        for _ in range(together):
            await self._free.acquire()
        assert len(self.times) == self._sessions * COMMANDS
        return self._sessions / (time.perf_counter() - begun)


@contextlib.contextmanager
def serving(name: str) -> Iterator[int]:
    """Run one server's process; give its port."""
    command = [sys.executable, "-m", "tests.bench.agi_server", "--serve", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


class Figures(msgspec.Struct):
    """One server's figures, one of each a round."""

    rate: list[float] = []
    p50: list[float] = []
    p99: list[float] = []


async def measure(sessions: int, rounds: int) -> dict[str, Figures]:
    """Both servers, in turn."""
    figures = {name: Figures() for name in SERVERS}
    for number in range(rounds):
        for name in sorted(SERVERS, reverse=bool(number % 2)):
            with serving(name) as port:
                await Run(port, 200, 10).measure()
                figures[name].rate.append(await Run(port, sessions, TOGETHER).measure())
                alone = Run(port, sessions // 5, 1)
                await alone.measure()
                cuts = statistics.quantiles(alone.times, n=100)
                figures[name].p50.append(cuts[49] * 1e3)
                figures[name].p99.append(cuts[98] * 1e3)
    return figures


class Row(msgspec.Struct):
    """One line of the table; `ratio` is ours to the reference's."""

    measure: str
    value: float
    unit: str
    reference: float
    ratio: float
    target: str
    ok: bool


def rows(figures: dict[str, Figures]) -> list[Row]:
    """Medians over the rounds. The target: nothing is paid for the limits and the early hang-up."""
    table = []
    for field, label, unit, more_is_better in (
        ("rate", f"FastAGI sessions of {COMMANDS} commands, {TOGETHER} at once", "1/s", True),
        ("p50", "FastAGI command round trip, one call, p50", "ms", False),
        ("p99", "FastAGI command round trip, one call, p99", "ms", False),
    ):
        value, reference = (statistics.median(getattr(figures[name], field)) for name in ("ours", "stock"))
        ratio = value / reference
        ok = ratio >= 1 if more_is_better else ratio <= 1
        target = "ratio >= 1" if more_is_better else "ratio <= 1"
        table.append(Row(label, round(value, 4), unit, round(reference, 4), round(ratio, 3), target, ok))
    return table


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--serve", choices=SERVERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        uvloop.run(SERVERS[options.serve]())
        return
    table = rows(uvloop.run(measure(options.sessions, options.rounds)))
    print(f"{'measure':<52}{'ours':>10}{'panoramisk':>12}{'ratio':>8}  target")
    for row in table:
        print(
            f"{row.measure:<52}{row.value:>10g}{row.reference:>12g}{row.ratio:>8.2f}  "
            f"{row.target} {'ok' if row.ok else 'MISSED'}"
        )
    if options.json:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode({"rows": table})))


if __name__ == "__main__":
    main()
