"""How fast facts become numbers: `python tests/bench/kpi_facts.py [--json FILE]`.

A busy day is played to the accumulator: 40 queues, 1,000 agents, and per call the facts that the router tells. Writing
and reading the store are measured beside it. Each figure is the best of three runs, to keep other work on the
machine out of it.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from acd.core import facts as f
from acd.core.outcomes import AbandonStage, BlockReason, EndedBy
from acd.core.states import AgentState
from kpi.accumulator import Accumulator
from kpi.report import build
from kpi.store import Store, read_rows
from tests.unit.kpi.day import EIGHT, Day, moment

CALLS = 20_000
AGENTS = 1_000
QUEUES = 40
PACE = 0.25
"""Seconds between calls."""
RUNS = 3


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the table and of the JSON."""

    measure: str
    value: float
    unit: str
    reference: float | None = None
    ratio: float | None = None
    target: float | None = None
    ok: bool | None = None


def busy_day() -> list[f.Fact]:
    """Of ten calls one is blocked, one abandoned, eight are talked to; a quarter of the first offers is missed."""
    day = Day()
    for number in range(AGENTS):
        day.state(0, f"agent{number}", AgentState.OFFLINE, AgentState.READY)
    for number in range(CALLS):
        _call(day, number, 1 + number * PACE)
    return [_spread(fact, number) for number, fact in enumerate(day.facts)]


def _call(day: Day, number: int, at: float) -> None:
    agent = f"agent{number % AGENTS}"
    if number % 10 == 0:
        day.block(at, BlockReason.QUEUE_FULL)
        return
    call = day.queue(at)
    if number % 10 == 1:
        day.abandon(at, call, AbandonStage.WAITING, wait=number % 90)
        return
    day.offer(at, call, agent)
    day.answer(at, call, agent, wait=number % 90, ring=3)
    day.talked(at, call, agent, talk=number % 400, by=EndedBy.AGENT, hold=number % 2)
    day.wrapped_up(at, call, agent, lasting=10)


def _spread(fact: f.Fact, number: int) -> f.Fact:
    """The same fact of one of many queues."""
    if not hasattr(fact, "queue") or isinstance(fact, f.StateChanged):
        return fact
    call = str(getattr(fact, "call", f"c{number}"))
    return msgspec.structs.replace(fact, queue=f"queue{int(call[1:]) % QUEUES}")


def best(run: Callable[[], float]) -> float:
    """The shortest of the runs, seconds."""
    return min(run() for _ in range(RUNS))


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time that the work takes in this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def fold(facts: list[f.Fact]) -> Accumulator:
    """The numbers of those facts."""
    accumulator = Accumulator()
    apply = accumulator.apply
    for fact in facts:
        apply(fact)
    return accumulator


def measures() -> list[Measure]:
    """All figures of this bench."""
    facts = busy_day()
    per_second = len(facts) / best(lambda: timed(lambda: fold(facts)))
    rows = fold(facts).take_dirty()
    end = moment(2 + CALLS * PACE)
    whole = build(rows, since=EIGHT, until=end)
    if not whole.balance.balanced or whole.balance.arrived != CALLS:
        sys.exit(f"the numbers are wrong, so their speed means nothing: {whole.balance}")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "kpi.sqlite"
        store = Store(path, on_trouble=sys.exit, batch=0.0)
        store.start()

        def write() -> float:
            began = time.perf_counter()
            store.put(rows, "1")
            if not store.flush(60.0):
                sys.exit("the store did not write within a minute")
            return time.perf_counter() - began

        written = len(rows) / best(write)
        store.stop(10.0)
        stored = best(lambda: timed(lambda: read_rows(path, since=EIGHT, until=end)))
        reported = best(
            lambda: timed(
                lambda: build(read_rows(path, since=EIGHT, until=end), since=EIGHT, until=end, minutes=30)
            )
        )
    return [
        Measure(
            measure="accumulator, facts a second",
            value=round(per_second),
            unit="facts/s",
            target=200_000,
            ok=per_second >= 200_000,
        ),
        Measure(measure="accumulator, one fact", value=round(1e6 / per_second, 2), unit="us", target=5.0, ok=per_second >= 200_000),
        Measure(measure=f"store, rows written a second (batch of {len(rows)})", value=round(written), unit="rows/s"),
        Measure(measure=f"store, {len(rows)} rows read", value=round(stored * 1000, 1), unit="ms"),
        Measure(measure="store to 30-minute report", value=round(reported * 1000, 1), unit="ms"),
    ]  # fmt: skip


def main() -> int:
    """Print the table; 1 if a target was missed."""
    arguments = argparse.ArgumentParser(description="How fast facts become numbers.")
    arguments.add_argument("--json", type=Path, help="write the rows there as well")
    options = arguments.parse_args()
    rows = measures()
    for row in rows:
        verdict = "" if row.ok is None else f"  target {row.target:,.0f}: {'met' if row.ok else 'MISSED'}"
        print(f"{row.measure:<52} {row.value:>12,.1f} {row.unit}{verdict}")
    if options.json is not None:
        options.json.write_bytes(msgspec.json.encode({"rows": rows}) + b"\n")
    return 0 if all(row.ok is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
