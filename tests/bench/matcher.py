"""`make bench-matcher`: what routing costs in one process, by size, against a heap and against a naive scan.

A life is arrive, offer, answer, end, wrap-up, ready: four events in, with all commands, facts, decisions and indexes. The
garbage collector runs as in the daemon (acd.app.daemon): frozen after the start, with its thresholds.
"""

import gc
import heapq
import json
import statistics
import sys
import time
import tracemalloc
from pathlib import Path
from unittest import mock

import msgspec

from acd.core import offering
from acd.core.facts import Decision
from acd.core.outcomes import Strategy
from acd.core.requirement import satisfied
from acd.core.validation import validate
from tests.bench.matcher_scene import Scene, Size

LIVES = 10_000
BIG = Size(agents=10_000, waiting=100_000, profiles=500, classes=200)
SMALL = Size(agents=100, waiting=1_000, profiles=50, classes=20)
SURPLUS = Size(agents=10_000, waiting=0, profiles=500, classes=200)
WORST = Size(agents=10_000, waiting=100_000, profiles=10_000, classes=1_000)
WIDE = Size(agents=10_000, waiting=100_000, profiles=500, classes=1_000, queues=1_000)
KINDS = ("arrive", "answer", "end", "ready")


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One measure; `met` is None for what has no target."""

    name: str
    value: float
    unit: str
    target: str = ""
    met: bool | None = None


def lived(size: Size, lives: int = LIVES) -> tuple[float, dict[str, list[float]]]:
    """Microseconds of a life, and all events' seconds by kind."""
    scene = Scene(size)
    gc.collect()
    gc.freeze()
    for _ in range(lives // 10):
        scene.life()
    scene.forget()
    for _ in range(lives):
        scene.life()
    validate_some(scene)
    return sum(statistics.fmean(scene.spent[kind]) for kind in KINDS) * 1e6, scene.spent


def validate_some(scene: Scene) -> None:
    """The scene is what it claims to be: a bench of a broken floor would be fast too."""
    floor = scene.router.floor
    if scene.size.waiting <= SMALL.waiting:
        validate(floor)
    if not len(floor.line) >= scene.size.waiting * 0.8:
        raise AssertionError(f"only {len(floor.line)} of {scene.size.waiting} still wait")


def quantile(values: list[float], part: float) -> float:
    """Microseconds."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1e6


def show_events(title: str, size: Size, spent: dict[str, list[float]]) -> None:
    """p50 and p99 of each kind of event."""
    print(f"\n{title}: {size}")
    for kind in KINDS:
        p50, p99 = quantile(spent[kind], 0.5), quantile(spent[kind], 0.99)
        print(f"  {kind:<8} p50 {p50:7.1f}   p99 {p99:7.1f} us")


def heap_floor(waiting: int = BIG.waiting) -> float:
    """A bare heap: push a caller, pop the first. No facts, no skills. Microseconds a call."""
    heap = [(number, f"c{number}") for number in range(waiting)]
    before = time.perf_counter()
    for number in range(LIVES):
        heapq.heappush(heap, (waiting + number, "c"))
        heapq.heappop(heap)
    return (time.perf_counter() - before) / LIVES * 1e6


def naive_scan(scene: Scene, waiting: int = 2_000) -> float:
    """Every waiting call looked at for one free agent; microseconds, counted on a part and stretched to the line."""
    floor = scene.router.floor
    calls = [floor.calls[call] for call in floor.in_order()[:waiting]]
    agent = next(iter(floor.rules.agents.values()))
    before = time.perf_counter()
    fitting = [c for c in calls if c.queue in agent.queues and satisfied(c.need, agent.skills)]
    first = min(fitting, key=lambda call: (call.place, call.number), default=None)
    spent = time.perf_counter() - before
    return spent * 1e6 * len(floor.line) / max(1, len(calls)) if first is not None or calls else 0.0


NO_DECISION = Decision(rule="none")


def no_decision(*_: object) -> Decision:
    """In place of acd.core.decisions.decision; a Mock would cost more than what is measured."""
    return NO_DECISION


def trace_share(size: Size, lives: int = LIVES // 2) -> float:
    """The part of a life that keeping the decision costs: with it, and with a constant in its place, by turns."""
    scene = Scene(size)
    gc.collect()
    gc.freeze()
    totals = {True: 0.0, False: 0.0}
    for turn in range(10):
        for kept in (True, False) if turn % 2 else (False, True):
            scene.forget()
            if kept:
                for _ in range(lives // 10):
                    scene.life()
            else:
                with mock.patch.object(offering, "decision", new=no_decision):
                    for _ in range(lives // 10):
                        scene.life()
            totals[kept] += sum(statistics.fmean(scene.spent[kind]) for kind in KINDS)
    return totals[True] / totals[False] - 1


def memory_per_call(calls: int = 50_000) -> float:
    """Bytes that one waiting call takes, with its place in every index."""
    scene = Scene(Size(agents=10, waiting=0, profiles=2, classes=200))
    events = [scene.arrival() for _ in range(calls)]
    for name in scene.rules.agents:
        scene.router.floor.ready.discard(name)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    for event in events:
        scene.router.handle(event)
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return (after - before) / calls


def longest_slice() -> tuple[float, int]:
    """Milliseconds of the longest slice of a reload that changes every queue, and how many there are."""
    scene = Scene(WIDE)
    gc.collect()
    gc.freeze()
    worst, number = 0.0, 0
    for generation in (2, 3, 4):
        queues = {
            name: msgspec.structs.replace(rule, priority=generation)
            for name, rule in scene.rules.queues.items()
        }
        slices = scene.reload(msgspec.structs.replace(scene.rules, generation=generation, queues=queues))
        worst, number = max(worst, *slices), len(slices)
    return worst * 1e3, number


def rows() -> list[Row]:
    """Everything, in the order of the issue's table."""
    found: list[Row] = []

    def row(name: str, value: float, unit: str, target: str = "", *, met: bool | None = None) -> None:
        found.append(Row(name=name, value=value, unit=unit, target=target, met=met))
        verdict = "" if met is None else "met" if met else "MISSED"
        print(f"{name:<58} {value:10.2f} {unit:<6} {target:<12} {verdict}")

    heap, (small, _) = heap_floor(), lived(SMALL)
    big, spent = lived(BIG)
    show_events("calls wait", BIG, spent)
    surplus, spent_surplus = lived(SURPLUS)
    show_events("agents are free", SURPLUS, spent_surplus)
    print()
    row("life of a call, calls wait", big, "us", "<= 60", met=big <= 60)
    row("life of a call, agents are free", surplus, "us", "<= 60", met=surplus <= 60)
    row("the same at 100 agents, 1,000 waiting", small, "us")
    row("big against small", big / small, "x", "<= 2", met=big / small <= 2)
    row("a bare heap's push and pop", heap, "us")
    row("life against the heap", big / heap, "x")
    naive = naive_scan(Scene(BIG))
    row("a naive scan for one free agent", naive, "us")
    row("naive scan against a life", naive / big, "x")
    _, spent_worst = lived(WORST, LIVES // 2)
    show_events("worst case", WORST, spent_worst)
    p99 = max(quantile(spent_worst[kind], 0.99) for kind in KINDS) / 1e3
    row("worst case, p99 of an event", p99, "ms", "<= 1", met=p99 <= 1)
    free, spent_free = lived(msgspec.structs.replace(WORST, waiting=0), LIVES // 2)
    p99 = max(quantile(spent_free[kind], 0.99) for kind in KINDS) / 1e3
    row("worst case with all agents free, p99 of an event", p99, "ms", "<= 1", met=p99 <= 1)
    row("worst case with all agents free, a life", free, "us")
    size = memory_per_call() / 1e3
    row("a waiting call in memory", size, "kB", "<= 2", met=size <= 2)
    occupied, _ = lived(msgspec.structs.replace(BIG, strategy=Strategy.LEAST_OCCUPIED))
    row("least occupied against the first row", occupied / big, "x", "<= 2", met=occupied / big <= 2)
    longest, slices = longest_slice()
    row(f"reload of 1,000 queues, longest of {slices} slices", longest, "ms", "<= 50", met=longest <= 50)
    share = trace_share(BIG) * 100
    row("decision kept, calls wait", share, "%", "<= 20", met=share <= 20)
    share = trace_share(SURPLUS) * 100
    row("decision kept, agents are free", share, "%", "<= 20", met=share <= 20)
    return found


def main() -> None:
    """Run; `--json FILE` writes the rows besides."""
    gc.set_threshold(50_000, 20, 100)
    found = rows()
    if "--json" in sys.argv:
        text = json.dumps(msgspec.to_builtins(found), indent=1)
        Path(sys.argv[sys.argv.index("--json") + 1]).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
