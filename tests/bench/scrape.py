"""What a scrape costs: its length, and how long the routing loop's thread is kept waiting meanwhile.

`python -m tests.bench.scrape`: 200 queues, 2,000 agents, 1,000 waiting, every histogram filled; seconds.
"""

import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Final

from acd.app.outlets.follower import Place
from acd.app.outlets.metrics_door import Counting, Saved
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.states import AgentState
from kpi.metrics import Spread, State, Waiting, label_text
from kpi.openmetrics import Moment

QUEUES: Final = tuple(f"queue-{number}" for number in range(200))
AGENTS: Final = 2000
SCRAPES: Final = 20


def state() -> State:
    """A big floor after a long day."""
    bounds = (*range(100, 1000, 5), *range(1000, 10_000, 50), *range(10_000, 100_000, 500))
    spread = dict.fromkeys(bounds, 3)
    made = State(
        agents={AgentName(f"a{number}"): AgentState.READY for number in range(AGENTS)},
        waiting={CallId(f"c{n}"): Waiting(QueueName(QUEUES[n % 200]), 0) for n in range(1000)},
    )
    for queue in QUEUES:
        for outcome in ("answered", "abandoned", "left"):
            waits = made.spreads.setdefault("acd_wait_seconds", {})
            waits[label_text({"queue": queue, "outcome": outcome})] = Spread(dict(spread), 1)
        for family in ("acd_talk_seconds", "acd_hold_seconds", "acd_wrapup_seconds"):
            made.spreads.setdefault(family, {})[label_text({"queue": queue})] = Spread(dict(spread), 1)
    return made


class Loop(threading.Thread):
    """Stands for the routing loop: wakes each half millisecond and notes how late it was."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.late: list[float] = []
        self.on = True

    def run(self) -> None:
        while self.on:
            due = time.perf_counter() + 0.0005
            time.sleep(0.0005)
            self.late.append(time.perf_counter() - due)


def main() -> int:
    """Measure and print."""
    members = {f"a{number}": (QUEUES[number % 200], QUEUES[number * 7 % 200]) for number in range(AGENTS)}
    moment = Moment(now=10**12, queues=QUEUES, members=members)
    with tempfile.TemporaryDirectory() as folder:
        counting = Counting(
            Path(folder), Path(folder) / "m.json", lambda: Saved(place=Place(), state=state())
        )
        quiet, busy, took, page = Loop(), Loop(), [], b""
        quiet.start()
        time.sleep(2)
        quiet.on = False
        busy.start()
        for _ in range(SCRAPES):
            began = time.perf_counter()
            page = counting.page(moment, classic=False)
            took.append(time.perf_counter() - began)
        busy.on = False
    lates = [f"{1000 * at:.2f}" for at in (max(quiet.late), median(busy.late), max(busy.late))]
    sys.stdout.write(
        f"page: {len(page) // 1000} kB in {1000 * median(took):.0f} ms\n"
        f"the loop's thread is late by at most {lates[0]} ms without, {lates[1]} (median) and {lates[2]} ms with scrapes\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
