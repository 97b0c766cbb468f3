"""What new rules would do, told before they are in force."""

import pytest

from acd.core.expression import read
from acd.core.impact import Impact, survey
from acd.core.rules import Step
from tests.unit.acd.core.stage import SECOND, Part, Stage, agent, queue, rules

pytestmark = pytest.mark.unit


def tried(stage: Stage, *parts: Part) -> Impact:
    looking = survey(stage.router.floor, rules(*parts, generation=0))
    while True:
        try:
            next(looking)
        except StopIteration as done:
            impact: Impact = done.value
            return impact


def test_calls_that_nobody_could_serve_any_more_are_named() -> None:
    stage = Stage(queue(), agent("ann", fr=5))
    stage.answer(stage.arrive())
    waiting = stage.arrive()
    impact = tried(stage, queue(require={"fr": 9}), agent("ann", fr=5))
    assert (impact.stranded, impact.stranded_total) == ((waiting,), 1)
    assert impact.hopeless == ("sales: no agent has fr >= 9",)
    assert stage.router.floor.rules.generation == 1, "nothing was applied"


def test_a_later_step_that_somebody_satisfies_strands_nobody() -> None:
    stage = Stage(queue(), agent("ann", fr=5))
    stage.answer(stage.arrive())
    stage.arrive()
    steps = (Step(after=20 * SECOND, require=read("fr >= 3")),)
    assert tried(stage, queue(require={"fr": 9}, steps=steps), agent("ann", fr=5)).stranded_total == 0


def test_calls_that_only_absent_agents_could_serve_are_counted() -> None:
    parts: list[Part] = [queue(), agent("ann"), agent("bob", vip=1)]
    stage = Stage(*parts, logged_in=False)
    stage.log_in("ann")
    stage.answer(stage.arrive())
    stage.arrive()
    impact = tried(stage, queue(require={"vip": 1}), agent("ann"), agent("bob", vip=1))
    assert (impact.stranded_total, impact.unstaffed_total) == (0, 1)


def test_queues_that_agents_lose_and_gain_and_that_go_are_named() -> None:
    stage = Stage(queue("a"), queue("b"), agent("ann", "a"), agent("bob", "b"))
    impact = tried(stage, queue("a"), agent("ann"), agent("cid", "a"))
    assert impact.losing == {"ann": ("a",), "bob": ("b",)}
    assert impact.gaining == {"ann": ("sales",), "cid": ("a",)}
    assert impact.draining == ("b",)
