"""Reserve agents: called when the wait is long, let go when it is short, and not in between."""

import pytest

from acd.core import facts as f
from tests.unit.acd.core.stage import SECOND, Part, Stage, agent, queue, serving

pytestmark = pytest.mark.unit
RULE = queue(reserve_on=500 * SECOND, reserve_off=300 * SECOND)
"""A talk is taken to last 180 s: one agent and n waiting make a newcomer wait (n + 1) * 180 s."""


def scene() -> Stage:
    return Stage(RULE, agent("ann"), agent("rex", serving("sales", reserve=True)))


def told(stage: Stage) -> list[tuple[bool, int | None]]:
    return [(fact.on, fact.expected_ms) for fact in stage.told(f.ReserveChanged)]


def test_a_reserve_is_not_rung_while_the_wait_is_short() -> None:
    stage = scene()
    stage.answer(stage.arrive())
    stage.arrive()
    assert stage.rings() == {}
    assert told(stage) == []


def test_a_reserve_helps_out_from_the_threshold_on_and_takes_the_first_in_line() -> None:
    stage = scene()
    stage.answer(stage.arrive())
    first = stage.arrive()
    stage.arrive()
    assert told(stage) == [(True, 540_000)]
    assert stage.rings() == {"rex": first}


def test_it_goes_on_until_the_wait_is_under_the_lower_threshold() -> None:
    stage = scene()
    talking = stage.arrive()
    stage.answer(talking)
    calls = [stage.arrive() for _ in range(3)]
    assert stage.rings() == {"rex": calls[0]}
    stage.answer(calls[0])
    stage.wait(180).end_talk(calls[0])
    assert stage.rings() == {"rex": calls[1]}, "360 s: between the two thresholds"
    assert told(stage) == [(True, 540_000)]
    stage.hang_up(calls[2])
    assert told(stage) == [(True, 540_000), (False, 180_000)]
    stage.answer(calls[1])
    stage.wait(180).end_talk(calls[1])
    stage.arrive()
    assert stage.rings() == {}


def test_a_queue_that_nobody_else_is_there_for_calls_its_reserve_at_once() -> None:
    rule = queue(reserve_on=500 * SECOND, reserve_off=300 * SECOND, join_states=frozenset())
    stage = Stage(rule, agent("rex", serving("sales", reserve=True)))
    call = stage.arrive()
    assert stage.rings() == {"rex": call}


def test_a_reload_keeps_the_reserve_on_and_a_new_rule_begins_with_it_off() -> None:
    parts: list[Part] = [RULE, agent("ann"), agent("rex", serving("sales", reserve=True))]
    stage = Stage(*parts)
    stage.answer(stage.arrive())
    for _ in range(3):
        stage.arrive()
    rung = stage.rings()["rex"]
    stage.reload(*parts)
    stage.answer(rung)
    stage.wait(180).end_talk(rung)
    assert "rex" in stage.rings()


def test_it_is_called_when_agents_go_though_others_like_them_stay() -> None:
    alike = [agent(name) for name in ("ann", "bob", "cid", "dan")]
    stage = Stage(RULE, *alike, agent("rex", serving("sales", reserve=True)))
    talks = [stage.arrive() for _ in alike]
    for talk in talks:
        stage.answer(talk)
    first = stage.arrive()
    stage.arrive()
    for name in ("ann", "bob", "cid"):
        stage.pause(name)
    for talk in talks[:2]:
        stage.wait(180).end_talk(talk)
        assert stage.rings() == {}, "the wait is short enough for two"
    stage.wait(180).end_talk(talks[2])
    assert stage.rings() == {"rex": first}


def test_it_is_called_when_talks_turn_out_to_be_long() -> None:
    rule = queue(reserve_on=500 * SECOND, reserve_off=300 * SECOND, wrap_up=100 * SECOND)
    alike = [agent(name) for name in ("ann", "bob", "cid")]
    stage = Stage(rule, *alike, agent("rex", serving("sales", reserve=True)))
    talks = [stage.arrive() for _ in alike]
    for talk in talks:
        stage.answer(talk)
    first = stage.arrive()
    stage.wait(100).end_talk(talks[0])
    assert stage.rings() == {}
    stage.wait(10_000).end_talk(talks[1])
    assert stage.rings() == {"rex": first}
