"""How a free agent chooses among queues: levels, delays, and the four ways to be fair."""

from typing import Any

import pytest

from acd.core import facts as f
from acd.core.ids import CallId, QueueName
from acd.core.outcomes import Choose
from acd.core.rules import AgentRule
from tests.unit.acd.core.stage import SECOND, Part, Stage, agent, queue, serving, with_

pytestmark = pytest.mark.unit
A, B = QueueName("a"), QueueName("b")


def shared(choose: Choose, **fields: Any) -> AgentRule:
    return with_(agent("ann", "a", "b"), choose=choose, **fields)


def queues(a: dict[str, Any], b: dict[str, Any]) -> list[Part]:
    return [queue(name, join_states=frozenset(), **fields) for name, fields in (("a", a), ("b", b))]


def scene(ann: AgentRule, a: dict[str, Any] | None = None, b: dict[str, Any] | None = None) -> Stage:
    return Stage(*queues(a or {}, b or {}), ann, logged_in=False)


def takes(stage: Stage) -> CallId:
    stage.log_in("ann")
    return stage.rings()["ann"]


def test_by_order_the_queue_does_not_matter() -> None:
    stage = scene(shared(Choose.ORDER), b={"target": SECOND})
    first = stage.arrive("a")
    stage.wait(1).arrive("b")
    assert takes(stage) == first


def test_greatest_need_is_the_wait_in_proportion_to_the_target() -> None:
    stage = scene(shared(Choose.GREATEST_NEED), a={"target": 60 * SECOND}, b={"target": 10 * SECOND})
    stage.arrive("a")
    hasty = stage.wait(20).arrive("b")
    stage.wait(10)
    assert takes(stage) == hasty, "11 s of 10 are more than 31 s of 60"
    assert stage.told(f.Offered)[0].decision.chose == "greatest_need"


def test_service_level_serves_the_call_that_will_be_late_first() -> None:
    stage = scene(shared(Choose.SERVICE_LEVEL), a={"target": 60 * SECOND}, b={"target": 20 * SECOND})
    old = stage.arrive("a")
    stage.wait(45).arrive("b")
    assert takes(stage) == old, "15 s are left to it, 20 s to the other"


def test_weight_is_strict_and_blocks_nobody_who_can_be_served() -> None:
    stage = scene(shared(Choose.WEIGHT), b={"weight": 2, "require": {"fr": 5}})
    plain = stage.arrive("a")
    stage.wait(1).arrive("b")
    assert takes(stage) == plain, "the heavier queue's caller asks for what she can't do"


def test_percent_keeps_to_the_shares_of_the_group() -> None:
    ann = shared(Choose.PERCENT, shares=((A, 70), (B, 30)), shares_of="front")
    stage = scene(ann)
    for _ in range(30):
        stage.arrive("a")
        stage.arrive("b")
    stage.log_in("ann")
    for _ in range(19):
        [call] = stage.rings().values()
        stage.answer(call)
        stage.end_talk(call)
    taken = [fact.queue for fact in stage.told(f.Offered)]
    assert (taken.count(A), taken.count(B)) == (14, 6)


def test_the_shares_of_percent_are_remembered_over_a_restart() -> None:
    ann = shared(Choose.PERCENT, shares=((A, 50), (B, 50)), shares_of="front")
    stage = scene(ann)
    calls = [stage.arrive("a"), stage.arrive("a"), stage.arrive("b"), stage.arrive("b")]
    first = takes(stage)
    stage.answer(first)
    assert first == calls[0]
    again = stage.restarted(*queues({}, {}), ann)
    again.end_talk(first)
    assert again.rings() == {"ann": calls[2]}


def test_levels_come_before_everything_else() -> None:
    ann = with_(agent("ann", serving("a", level=2), serving("b", level=1)), choose=Choose.GREATEST_NEED)
    stage = scene(ann, a={"priority": 9})
    stage.arrive("a")
    mine = stage.wait(30).arrive("b")
    assert takes(stage) == mine


def test_an_agent_with_a_delay_is_there_for_calls_that_waited_so_long() -> None:
    stage = Stage(
        *queues({}, {}),
        agent("ann", serving("a"), serving("b", delay=20 * SECOND)),
    )
    call = stage.arrive("b")
    assert stage.pass_time(19.9).rings() == {}
    assert stage.pass_time(0.1).rings() == {"ann": call}


def test_a_delay_counts_credit_and_earlier_queues_as_waiting() -> None:
    stage = Stage(*queues({}, {}), agent("ann", serving("b", delay=20 * SECOND)))
    call = stage.arrive("b", asking={"credit": 15 * SECOND})
    assert stage.pass_time(5).rings() == {"ann": call}


def test_a_delay_holds_young_calls_back_and_not_the_old_ones_behind_them() -> None:
    stage = Stage(
        *queues({}, {}),
        agent("ann", serving("b", delay=20 * SECOND)),
        logged_in=False,
    )
    old = stage.arrive("b")
    stage.pass_time(25)
    stage.arrive("b", priority=5)
    stage.log_in("ann")
    assert stage.rings() == {"ann": old}
