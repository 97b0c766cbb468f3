"""Strains of the host as facts, by a source of measures that a test writes; and one real measure."""

import asyncio
import contextlib
from pathlib import Path

import pytest

from acd.app.clock import EngineClock
from acd.app.engine import Engine
from acd.app.host import HostWatch, ThisHost, limits, open_files
from acd.app.journal import Journal
from acd.core import facts as f
from acd.core.memory import Memory
from acd.core.router import Router
from config.host import Host as Settings
from config.values import Duration
from hardware.host import Measure
from hardware.trouble import Trouble

pytestmark = pytest.mark.unit

CALM = Measure(loop_lag=1, cpu=5, load=50, open_files=2, sessions=1)
LATE = Measure(loop_lag=400, cpu=5, load=50, open_files=2, sessions=1)


class Written:
    """Measures one after the other; then the end."""

    def __init__(self, *measures: Measure) -> None:
        self.measures = list(measures)

    async def measure(self) -> Measure:
        if not self.measures:
            raise asyncio.CancelledError
        return self.measures.pop(0)


def engine(directory: Path) -> tuple[Engine, list[f.HostStrained]]:
    journal, memory = Journal(directory), Memory()
    journal.load(Memory, Memory)
    found = Engine(Router.recalled(memory.copy(), strict=True), memory, journal, EngineClock())
    told: list[f.HostStrained] = []
    found.watch(lambda fact: told.append(fact) if isinstance(fact, f.HostStrained) else None)
    return found, told


async def run(watch: HostWatch) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await watch.run()


async def test_a_late_loop_refuses_calls_and_says_so_once(tmp_path: Path) -> None:
    over, told = engine(tmp_path)
    watch = HostWatch(over, Written(*[LATE] * 5), Settings())
    assert not watch.overloaded
    await run(watch)

    assert watch.overloaded
    assert [(fact.limit, fact.value, fact.most, fact.strained) for fact in told] == [
        ("loop_lag", 400, 250, True)
    ]


async def test_relief_lets_them_in_again(tmp_path: Path) -> None:
    over, told = engine(tmp_path)
    watch = HostWatch(over, Written(*[LATE] * 3, *[CALM] * 4), Settings(end_after=4))
    await run(watch)

    assert not watch.overloaded
    assert [fact.strained for fact in told] == [True, False]


async def test_a_limit_of_zero_is_none(tmp_path: Path) -> None:
    over, told = engine(tmp_path)
    watch = HostWatch(over, Written(*[LATE] * 9), Settings(loop_lag=Duration(0)))
    await run(watch)

    assert (watch.overloaded, told) == (False, [])
    assert "loop_lag" not in limits(Settings(loop_lag=Duration(0))).most


async def test_a_reload_that_takes_the_limit_away_ends_the_strain(tmp_path: Path) -> None:
    over, told = engine(tmp_path)
    watch = HostWatch(over, Written(*[LATE] * 3), Settings())
    await run(watch)
    watch.configure(Settings(loop_lag=Duration(0)))

    assert [fact.strained for fact in told] == [True, False]
    assert not watch.overloaded


def test_a_strain_that_outlived_the_daemon_is_told_to_be_over(tmp_path: Path) -> None:
    over, told = engine(tmp_path)
    trouble = Trouble(strained={"cpu": 95.0})
    over.watch(trouble.apply)
    HostWatch(over, Written(), Settings()).recall(trouble)

    assert [(fact.limit, fact.strained) for fact in told] == [("cpu", False)]
    assert trouble.strained == {}


async def test_this_host_is_measured_in_per_cent_of_what_there_is() -> None:
    found = await ThisHost(lambda: 5, 20).measure()

    assert found.sessions == 25
    assert 0 <= found.cpu < 1000
    assert found.loop_lag >= 0
    assert 0 < found.open_files <= 100
    assert found.load >= 0


def test_an_open_file_counts(tmp_path: Path) -> None:
    before = open_files()
    with contextlib.ExitStack() as files:
        for number in range(50):
            files.enter_context((tmp_path / str(number)).open("w"))
        assert open_files() > before
