"""`python -m telephony.simulated`: a PBX with phones and callers, for a daemon to be tried on.

The first line on stdout is JSON with the manager port; the last one, JSON too, says how the callers fared. Callers
come once somebody has logged in to the manager. SIGINT or SIGTERM ends it early, with the last line.
"""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

import msgspec

from telephony.simulated.caller import Caller
from telephony.simulated.manager_user import shipped_user
from telephony.simulated.pbx import SimulatedPbx
from telephony.simulated.switch import Settings
from telephony.simulated.workload import Workload, drive, staff, tally


def arguments() -> argparse.ArgumentParser:
    """Return the command line; every duration is in seconds of simulated time."""
    parser = argparse.ArgumentParser(prog="python -m telephony.simulated", description=__doc__)
    parser.add_argument("--agi", default="127.0.0.1:4573", metavar="HOST:PORT", help="the daemon's FastAGI")
    parser.add_argument("--ami-port", type=int, default=0, help="manager port on loopback, 0 for a free one")
    parser.add_argument("--username", default="acd")
    parser.add_argument("--secret-file", type=Path, help="else the variable ACD_SIMULATED_SECRET, else `acd`")
    parser.add_argument("--spool", type=Path, help="folder for lost calls, as acd_lost_call.py writes them")
    parser.add_argument("--grace", type=float, default=30.0, help="ACD_GRACE of the dialplan")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster than real time")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--queue", action="append", help="may be repeated; default sales")
    parser.add_argument("--query", default="", help="ACD_QUERY of each call")
    parser.add_argument("--trunk", default="trunk-a")
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--first", type=int, default=1001, help="number of the first phone")
    parser.add_argument("--rate", type=float, default=5.0, help="calls a second")
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--answer-after", type=float, default=1.0)
    parser.add_argument("--talk", type=float, default=10.0)
    parser.add_argument("--patience", type=float, default=60.0)
    parser.add_argument("--declines", type=float, default=0.0, help="share of rings refused with 486")
    parser.add_argument("--ignores", type=float, default=0.0, help="share of rings not answered")
    return parser


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isdecimal():
        raise ValueError(f"--agi is {text!r}; write HOST:PORT, such as 127.0.0.1:4573")
    return host.strip("[]"), int(port)


def _secret(file: Path | None) -> str:
    if file is not None:
        return file.read_text(encoding="utf-8").strip()
    return os.environ.get("ACD_SIMULATED_SECRET", "acd")


def _say(line: object) -> None:
    sys.stdout.write(msgspec.json.encode(line).decode() + "\n")
    sys.stdout.flush()


async def _day(pbx: SimulatedPbx, workload: Workload, callers: list[Caller], speed: float) -> None:
    await pbx.manager.used.wait(timeout=None)
    await drive(pbx, workload, callers, speed)


async def serve(options: argparse.Namespace) -> None:
    """Be the PBX the options describe."""
    workload = Workload(
        queues=tuple(options.queue or ("sales",)),
        agents=options.agents,
        rate=options.rate,
        seconds=options.seconds,
        first=options.first,
        trunk=options.trunk,
        query=options.query,
        answer_after=options.answer_after,
        talk=options.talk,
        patience=options.patience,
        declines=options.declines,
        ignores=options.ignores,
        seed=options.seed,
    )
    settings = Settings(agi=_address(options.agi), spool=options.spool, grace=options.grace)
    user = shipped_user(options.username, _secret(options.secret_file))
    pbx = SimulatedPbx(settings, user, ami_port=options.ami_port, speed=options.speed, seed=options.seed)
    async with pbx, asyncio.TaskGroup() as group:
        staff(pbx, workload)
        callers: list[Caller] = []
        _say({"ami_port": pbx.ami_port, "agents": [phone.number for phone in pbx.switch.phones.values()]})
        day = group.create_task(_day(pbx, workload, callers, options.speed))
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, day.cancel)
        await asyncio.wait([day])
        _say(tally(callers))


def main() -> int:
    """Run until the day is over; 2 for options that make no sense."""
    try:
        asyncio.run(serve(arguments().parse_args()))
    except (ValueError, OSError) as error:
        sys.stderr.write(f"telephony.simulated: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
