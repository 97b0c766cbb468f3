"""The daemon against app_queue: same Asterisk, same phones, same callers, one run. README.md says what is measured how.

`python -m tests.bench.routing [--rounds N] [--json FILE]`, as root; about three minutes and a half.
"""

import argparse
import asyncio
import contextlib
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tests.bench.routing_arms import (
    AGENTS,
    BUSY,
    FREE,
    PHONES,
    QUEUES,
    AcdArm,
    Arm,
    Load,
    Spent,
    settings,
)
from tests.bench.routing_rows import Round, rows, table
from tests.bench.routing_times import Ports, Story, idle_gaps, ring_latencies, tell
from tests.bench.routing_wire import Wire, WireError
from tests.centre.centre import Centre, CentreError, Site
from tests.centre.output import writable
from tests.pbx.errors import PbxError
from tests.pbx.folder import obtain
from tests.pbx.instance import Asterisk
from tests.pbx.ports import free_port, free_udp_port
from tests.pbx.sipp import Plan, Sipp
from tests.ua.phone import Phone

WARM_UP: Final = 10
"""Callers of each run whose ring latency does not count."""
QUIET_S: Final = 5.0


class BenchError(RuntimeError):
    """A run did not do what it must, so that its figures would mean nothing."""


class Bench:
    """One Asterisk and what is measured on it."""

    def __init__(self, root: Path, pbx: Asterisk, phones: int) -> None:
        self.root = root
        self.pbx = pbx
        self.phones = phones

    async def round(self, arm: Arm) -> Round:
        """Both loads on one arm."""
        async with arm.at_work():
            free, free_cost = await self.load(arm, FREE)
            busy, busy_cost = await self.load(arm, BUSY)
        return Round(
            ring=ring_latencies(free, skip=WARM_UP),
            gap=idle_gaps(busy, waiting=len(PHONES)),
            waited=ring_latencies(busy),
            asterisk_free=1000 * free_cost.asterisk / FREE.calls,
            asterisk_busy=1000 * busy_cost.asterisk / BUSY.calls,
            daemon_free=1000 * free_cost.daemon / FREE.calls,
            daemon_busy=1000 * busy_cost.daemon / BUSY.calls,
        )

    async def load(self, arm: Arm, load: Load) -> tuple[Story, Spent]:
        """Run one load to its end; what was on the wire, and the processor time it took."""
        talk = {"RING_MS": load.ring_ms, "TALK_MS": load.talk_ms}
        plan = Plan(
            scenario="caller",
            values={"HOLD_MS": 600_000},
            server=self.pbx.sip,
            to=arm.name,
            calls=load.calls,
            rate=load.rate,
            limit=load.calls,
        )
        async with Sipp(self.root, Plan(scenario="agent", values=talk, port=self.phones)):
            with Wire(self.pbx.sip[1]).watching() as wire:
                before = arm.spent()
                async with Sipp(self.root, plan) as callers:
                    tally = await callers.finished(load.within)
                    if tally.answered != load.calls or tally.ended_by_peer != load.calls:
                        raise BenchError(f"{arm.name}, {load.name}: not all callers were served: {tally}")
                    ports = Ports(self.pbx.sip[1], callers.port, self.phones)
                await self.quiet()
                after = arm.spent()
        cost = Spent(asterisk=after.asterisk - before.asterisk, daemon=after.daemon - before.daemon)
        story = tell(wire.seen, ports)
        if not len(story.answered) == len(story.rung) == len(story.ends) == load.calls:
            raise BenchError(
                f"{arm.name}, {load.name}: the wire shows {len(story.rung)} of {load.calls} calls"
            )
        return story, cost

    async def quiet(self) -> None:
        """Return when no channel is left."""
        try:
            async with asyncio.timeout(QUIET_S):
                while "\n0 active channels" not in "\n" + await self.pbx.cli("core show channels count"):
                    await asyncio.sleep(0.1)
        except TimeoutError:
            raise BenchError(f"channels are still up {QUIET_S} s after the last call") from None


@contextlib.asynccontextmanager
async def floor() -> AsyncIterator[tuple[Bench, Sequence[Arm]]]:
    """Asterisk up, the daemon configured and once started; both arms."""
    root = await asyncio.to_thread(obtain)
    agi, phones = free_port(), free_udp_port()
    with tempfile.TemporaryDirectory(prefix="acd-bench-") as folder:
        async with (
            Asterisk(root, settings(agi, phones)) as pbx,
            Phone("trunk-a", server=pbx.sip) as trunk,
            Centre(Site.of(pbx), Path(folder), agi, trunk, direct=True) as centre,
        ):
            await centre.open(QUEUES, AGENTS, capacity=1000, phones=False)
            await centre.stop_daemon()
            yield Bench(root, pbx, phones), (AcdArm(centre, pbx.pid), Arm(centre, pbx.pid))


def order(arms: Sequence[Arm], rounds: int) -> list[Arm]:
    """A B B A A B …: whatever drifts, drifts for both."""
    return [arm for number in range(rounds) for arm in (arms if number % 2 == 0 else arms[::-1])]


async def bench(rounds: int) -> dict[str, list[Round]]:
    """All rounds of both arms, by name."""
    found: dict[str, list[Round]] = {}
    async with floor() as (stand, arms):
        turns = order(arms, rounds)
        for number, arm in enumerate(turns, 1):
            sys.stderr.write(f"bench: {number} of {len(turns)}: {arm.name}\n")
            found.setdefault(arm.name, []).append(await stand.round(arm))
    return found


def main() -> int:
    """Run, print the table, write the rows; 1 if a target was missed, 2 if nothing could be measured."""
    parser = argparse.ArgumentParser(description="The daemon against app_queue on one Asterisk.")
    parser.add_argument("--rounds", type=int, choices=range(1, 10), default=2, help="of each arm")
    parser.add_argument("--json", type=writable, help="write the rows there as well")
    options = parser.parse_args()
    try:
        found = rows(asyncio.run(bench(options.rounds)))
    except (PbxError, CentreError, WireError, BenchError) as error:
        sys.stderr.write(f"bench: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("bench: interrupted; everything it started is stopped\n")
        return 130
    sys.stdout.write(table(found))
    if options.json is not None:
        options.json.write_bytes(msgspec.json.format(msgspec.json.encode({"rows": found}), indent=2) + b"\n")
    return 1 if any(row.ok is False for row in found) else 0


if __name__ == "__main__":
    sys.exit(main())
