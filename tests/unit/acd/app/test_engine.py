"""One event at a time: facts are on disk before commands go out, and one call's trouble is not the others'."""

from pathlib import Path

import pytest

from acd.app.clock import EngineClock
from acd.app.engine import Engine
from acd.app.journal import Journal
from acd.app.segments import segments
from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import CallId, QueueName, SwitchName, Uniqueid
from acd.core.memory import Memory
from acd.core.router import Router
from tests.unit.acd.core.stage import PBX, agent, queue, rules

pytestmark = pytest.mark.unit


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    journal = Journal(tmp_path)
    memory, _ = journal.load(Memory, Memory)
    engine = Engine(Router(strict=False), memory, journal, EngineClock())
    engine.handle(ev.RulesChanged(at=1, rules=rules(queue(join_states=frozenset()), agent("ann"))))
    return engine


def arrival(call: str) -> ev.CallArrived:
    return ev.CallArrived(
        at=2,
        call=CallId(call),
        switch=SwitchName(PBX),
        channel="x",
        uniqueid=Uniqueid("1"),
        queue=QueueName("sales"),
    )


def on_disk(engine: Engine) -> str:
    return segments(engine.journal.directory)[-1].read_text(encoding="utf-8")


def test_what_was_decided_is_on_disk_before_it_is_carried_out(engine: Engine) -> None:
    seen: list[bool] = []
    engine.carry_out = lambda _: seen.append('"fact":"call_queued"' in on_disk(engine))
    engine.handle(arrival("c1"))

    assert seen == [True]


def test_an_event_from_within_an_effect_waits_its_turn(engine: Engine) -> None:
    order: list[str] = []

    def carry_out(command: cmd.Command) -> None:
        if isinstance(command, cmd.Hold) and command.call == "c1":
            engine.handle(arrival("c2"))
            order.append("after c1's effect")

    engine.carry_out = carry_out
    engine.watch(lambda fact: order.append(fact.call) if isinstance(fact, f.Queued) else None)
    engine.handle(arrival("c1"))

    assert order == ["c1", "after c1's effect", "c2"]


def test_a_command_that_fails_keeps_none_of_the_others_back(engine: Engine) -> None:
    done: list[str] = []

    def carry_out(command: cmd.Command) -> None:
        done.append(type(command).__name__)
        raise RuntimeError("broken wire")

    engine.carry_out = carry_out
    engine.handle(arrival("c1"))
    engine.handle(arrival("c2"))

    assert done == ["Hold", "Hold"]


def test_the_memory_follows_every_fact(engine: Engine) -> None:
    engine.handle(arrival("c1"))

    assert engine.memory.calls.keys() == {"c1"}


def test_a_clock_never_starts_behind_the_journal() -> None:
    future = EngineClock().now() + 10**15

    assert EngineClock(not_before=future).now() > future
