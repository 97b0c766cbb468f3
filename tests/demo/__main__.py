"""`python -m tests.demo`: start a PBX, the daemon, agents and callers; show them; print the numbers; stop everything."""

import argparse
import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
from rich.console import Console
from rich.live import Live

from acd.web.views import AgentView, CallView, DecisionView, QueueView, Status
from kpi.rendering import as_text
from tests.centre.centre import Centre, CentreError, Site
from tests.centre.output import writable
from tests.demo.floor import AGENTS, QUEUES, TRANSFER_TO
from tests.demo.people import callers, staff
from tests.demo.view import Picture, as_svg, draw, line
from tests.pbx.errors import PbxError
from tests.pbx.folder import obtain
from tests.pbx.instance import Asterisk
from tests.pbx.ports import free_port
from tests.pbx.settings import Settings, Trunk
from tests.ua.phone import Phone

LINE_EVERY_S = 5.0
DRAW_EVERY_S = 0.25


def say(step: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(f"demo: {step}\n")


@contextlib.asynccontextmanager
async def real(directory: Path) -> AsyncIterator[Centre]:
    """The floor on a real Asterisk, with SIP phones and SIPp callers."""
    say("looking for the Asterisk folder (made on the first run, about a minute)")
    root = await asyncio.to_thread(obtain)
    agi = free_port()
    settings = Settings(
        agents=tuple(who.phone for who in AGENTS.values()),
        trunks=(Trunk(name="trunk-a"),),
        agi=f"127.0.0.1:{agi}",
        numbers={TRANSFER_TO: "support"},
        verbose=0,
    )
    say("starting Asterisk")
    async with (
        Asterisk(root, settings) as pbx,
        Phone("trunk-a", server=pbx.sip) as trunk,
        Centre(Site.of(pbx), directory, agi, trunk) as centre,
    ):
        say("starting the daemon, registering the phones")
        await centre.open(QUEUES, AGENTS)
        async with staff(centre), callers(root, pbx.sip):
            yield centre


@contextlib.asynccontextmanager
async def simulated(directory: Path) -> AsyncIterator[Centre]:
    """The same daemon on the simulated PBX, which brings phones and callers of its own."""
    agi, secret = free_port(), secrets.token_hex(8)
    words = [sys.executable, "-m", "telephony.simulated", "--agi", f"127.0.0.1:{agi}", "--seconds", "86400"]
    words += [
        "--agents",
        str(len(AGENTS)),
        "--rate",
        "1",
        "--talk",
        "6",
        "--patience",
        "9",
        "--declines",
        "0.05",
    ]
    words += ["--ignores", "0.05", *(word for queue in (*QUEUES, "returns") for word in ("--queue", queue))]
    say("starting the simulated PBX")
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, env=os.environ | {"ACD_SIMULATED_SECRET": secret}
    )
    try:
        assert process.stdout is not None
        first = json.loads(await process.stdout.readline())
        site = Site(
            manager=("127.0.0.1", first["ami_port"]), secret=secret, lost_calls=directory / "lost-calls"
        )
        async with (
            Phone("trunk-a", server=("127.0.0.1", 9)) as nobody,
            Centre(site, directory, agi, nobody) as centre,
        ):
            say("starting the daemon")
            await centre.open(QUEUES, AGENTS, phones=False)
            yield centre
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def look(centre: Centre, until: float) -> Picture:
    """Ask the control API for everything the view shows."""
    left = max(0, round(until - asyncio.get_running_loop().time()))
    return Picture(
        status=msgspec.convert(await centre.ask("/status"), Status),
        queues=msgspec.convert(await centre.ask("/queues"), list[QueueView]),
        agents=msgspec.convert(await centre.ask("/agents"), list[AgentView]),
        calls=msgspec.convert(await centre.ask("/calls"), list[CallView]),
        decisions=msgspec.convert(await centre.ask("/decisions?limit=8"), list[DecisionView]),
        left_s=left,
    )


async def show(centre: Centre, seconds: float, stop: asyncio.Event) -> Picture:
    """The live view, or a line every five seconds without a terminal, until the time is up or `stop`."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    console = Console()
    live = Live(console=console, screen=False, auto_refresh=False) if console.is_terminal else None
    with live or contextlib.nullcontext():
        while loop.time() < until and not stop.is_set():
            picture = await look(centre, until)
            if live is not None:
                live.update(draw(picture), refresh=True)
            else:
                console.print(line(picture), highlight=False, soft_wrap=True)
            pause = min(DRAW_EVERY_S if live is not None else LINE_EVERY_S, max(0.0, until - loop.time()))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
    return await look(centre, until)


class Stop:
    """Ctrl-C: ends the view, and the numbers are printed; while things are still starting, everything."""

    def __init__(self, whole: "asyncio.Task[int] | None") -> None:
        self.wanted = asyncio.Event()
        self.started = False
        self._whole = whole

    def interrupt(self) -> None:
        """The signal came."""
        self.wanted.set()
        if not self.started and self._whole is not None:
            self._whole.cancel()


async def demo(options: argparse.Namespace) -> int:
    """The whole demo; the exit code."""
    stop = Stop(asyncio.current_task())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.interrupt)
    place = simulated if options.pbx == "simulated" else real
    with tempfile.TemporaryDirectory(prefix="acd-demo-") as folder:
        async with place(Path(folder)) as centre:
            stop.started = True
            last = await show(centre, options.seconds, stop.wanted)
            report = await centre.report()
    sys.stdout.write("\n" + as_text(report))
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2) + b"\n")
        say(f"numbers written to {options.json}")
    if options.picture is not None:
        options.picture.write_text(as_svg(last), encoding="utf-8")
    return 0 if report.balance.balanced else 1


def main() -> int:
    """Read the options and run; one line for what can't be had."""
    parser = argparse.ArgumentParser(prog="make demo")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pbx", choices=["asterisk", "simulated"], default="asterisk")
    parser.add_argument("--json", type=writable, help="write the final numbers, as `acd report --json`")
    parser.add_argument("--picture", type=writable, help="write the last view as SVG")
    try:
        return asyncio.run(demo(parser.parse_args()))
    except* PbxError as wrong:
        sys.stderr.write(f"demo: {wrong.exceptions[0]}\n")
    except* CentreError as wrong:
        sys.stderr.write(f"demo: {wrong.exceptions[0]}\n")
    except* (asyncio.CancelledError, KeyboardInterrupt):
        sys.stderr.write("demo: interrupted; everything it started is stopped\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
