"""What one core of the simulated PBX can do: whole calls per second, events per second, and idle callers held.

A process of its own plays the daemon (FastAGI server and manager client, both discarding what they need not read), so
that the CPU measured here is the simulation's alone. A call is: header block, limit cleared, Answer, music, Dial, ring,
talk of 0 s, verdict, end; 17 events. Targets: 500 calls/s, 10,000 callers waiting at once.
Run: `python -m tests.bench.simulated_calls [--calls N] [--idle N] [--json FILE]`.
"""

import argparse
import asyncio
import contextlib
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import msgspec
import uvloop

from telephony.simulated.behaviours import Answers
from telephony.simulated.caller import Caller
from telephony.simulated.pbx import SimulatedPbx
from telephony.simulated.switch import Settings

AGENTS = 200
TOGETHER = 100
CALLS_PER_S = 500
IDLE = 10_000
SPARE_FILES = 200


class Row(msgspec.Struct):
    """One line of the table; `reference` and `ratio` stay empty: nothing comparable exists to run beside it."""

    measure: str
    value: float
    unit: str
    target: float | None
    ok: bool
    reference: float | None = None
    ratio: float | None = None


class Daemon(asyncio.Protocol):
    """The least that serves a call, or leaves it waiting: one command after each reply."""

    turn = 0

    def __init__(self, waiting: bool) -> None:
        Daemon.turn += 1
        dial = f"EXEC Dial PJSIP/{1001 + Daemon.turn % AGENTS},15,mgi"
        first = ["SET VARIABLE TIMEOUT(absolute) 0", "EXEC Answer ,i", "SET MUSIC ON"]
        commands = first if waiting else [*first, dial, "SET VARIABLE ACD_STATUS served"]
        self._commands = iter([f"{command}\n".encode() for command in commands])
        self._waiting = waiting
        self._greeted = False
        self._block = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if not self._greeted:
            self._block += data
            if not self._block.endswith(b"\n\n"):
                return
            self._greeted = True
        command = next(self._commands, b"")
        if command:
            self._transport.write(command)
        elif not self._waiting:
            self._transport.close()


async def _daemon(waiting: bool) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Daemon(waiting), "127.0.0.1", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    port = await loop.run_in_executor(None, sys.stdin.readline)
    reader, writer = await asyncio.open_connection("127.0.0.1", int(port))
    writer.write(b"Action: Login\r\nUsername: acd\r\nSecret: acd\r\n\r\n")
    while await reader.read(1 << 20):
        pass


@contextlib.contextmanager
def _other_process(*, waiting: bool) -> Iterator[subprocess.Popen[str]]:
    command = [
        sys.executable,
        "-m",
        "tests.bench.simulated_calls",
        "--daemon",
        "idle" if waiting else "serve",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _told(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


async def _with_login(process: subprocess.Popen[str], pbx: SimulatedPbx) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{pbx.ami_port}\n")
    process.stdin.flush()
    await pbx.manager.used.wait()


async def _calls(process: subprocess.Popen[str], count: int) -> list[Row]:
    async with SimulatedPbx(Settings(agi=("127.0.0.1", _told(process)))) as pbx:
        for number in range(1001, 1001 + AGENTS):
            pbx.phone(str(number), Answers(hangs_up_after=0.0))
        await _with_login(process, pbx)
        start, cpu = time.perf_counter(), time.process_time()
        left = iter(range(count))

        async def line() -> None:
            for _ in left:
                caller = pbx.call("sales")
                await caller.ended(60)
                assert caller.has_talked

        async with asyncio.TaskGroup() as group:
            for _ in range(TOGETHER):
                group.create_task(line())
        took, cpu = time.perf_counter() - start, time.process_time() - cpu
    return [
        Row("whole calls", count / took, "1/s", CALLS_PER_S, count / took >= CALLS_PER_S),
        Row("whole calls per second of CPU", count / cpu, "1/s", CALLS_PER_S, count / cpu >= CALLS_PER_S),
        Row("CPU per call", cpu / count * 1000, "ms", None, True),
    ]


def _resident() -> float:
    """Return the memory this process holds now, in KiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1024


async def _idle(process: subprocess.Popen[str], count: int) -> list[Row]:
    before = _resident()
    async with SimulatedPbx(Settings(agi=("127.0.0.1", _told(process)), greeting=60.0)) as pbx:
        await _with_login(process, pbx)
        start = time.perf_counter()
        callers: list[Caller] = []
        while len(callers) < count:
            callers += [pbx.call("sales") for _ in range(min(TOGETHER, count - len(callers)))]
            for caller in callers[-TOGETHER:]:
                await caller.answered(60)
        took = time.perf_counter() - start
        tasks = len(asyncio.all_tasks()) - 1
        grown = _resident() - before
        waiting = sum(caller.status == 200 and not caller.is_over for caller in callers)
    return [
        Row("callers waiting at once", waiting, "calls", IDLE, waiting >= min(IDLE, count)),
        Row("arrivals while they gather", count / took, "1/s", None, True),
        Row("memory per waiting caller", grown / count, "KiB", None, True),
        Row("tasks beside the bench itself", tasks, "tasks", 10, tasks <= 10),
    ]


def main() -> int:
    """Measure, print, and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--idle", type=int, default=IDLE)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--daemon", choices=["serve", "idle"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.daemon:
        uvloop.run(_daemon(options.daemon == "idle"))
        return 0
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    idle = min(options.idle, files - SPARE_FILES)
    # The idle callers first: a heap that whole calls have grown would hide what they need.
    with _other_process(waiting=True) as process:
        idle_rows = uvloop.run(_idle(process, idle))
    with _other_process(waiting=False) as process:
        rows = uvloop.run(_calls(process, options.calls)) + idle_rows
    for row in rows:
        target = "" if row.target is None else f"target {row.target:,.0f} {'ok' if row.ok else 'MISSED'}"
        print(f"{row.measure:32} {row.value:12,.1f} {row.unit:6} {target}")
    if options.json:
        options.json.write_bytes(msgspec.json.encode({"rows": rows}))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
