"""Estimated waits: of those who compete for the same agents, never negative, never rising for a caller without cause."""

import pytest

from acd.core import events as ev
from acd.core import facts as f
from acd.core.estimate import expected_ms, told
from acd.core.ids import CallId
from tests.unit.acd.core.stage import SECOND, Part, Stage, agent, queue

pytestmark = pytest.mark.unit


def learned(stage: Stage, seconds: int, to: str = "sales") -> None:
    """Let talks of the queue last so long."""
    for _ in range(3):
        call = stage.arrive(to)
        stage.answer(call)
        stage.wait(seconds).end_talk(call)


def busy(stage: Stage, number: int, to: str = "sales") -> list[CallId]:
    calls = [stage.arrive(to) for _ in range(number)]
    for call in calls:
        stage.answer(call)
    return calls


def estimate(stage: Stage, call: CallId) -> int | None:
    where, key = stage.router.floor.line.where(call)
    return expected_ms(stage.router.floor, where, key)[0]


def test_the_wait_is_the_calls_before_it_times_the_handle_time_by_the_agents() -> None:
    stage = Stage(queue(wrap_up=0), agent("ann"), agent("bob"))
    learned(stage, 100)
    busy(stage, 2)
    first, second = stage.arrive(), stage.arrive()
    assert estimate(stage, first) == 50_000
    assert estimate(stage, second) == 100_000


def test_wrap_up_takes_agents_too() -> None:
    stage = Stage(queue(wrap_up=20 * SECOND), agent("ann"))
    call = stage.arrive()
    stage.answer(call)
    stage.wait(100).end_talk(call)
    waiting = stage.arrive()
    assert estimate(stage, waiting) == 120_000


def test_an_agent_of_two_queues_counts_half_for_each() -> None:
    stage = Stage(queue(), queue("b"), agent("ann", "sales", "b"), agent("bob"))
    learned(stage, 90)
    busy(stage, 2)
    assert estimate(stage, stage.arrive()) == 60_000


def test_only_agents_who_could_serve_this_call_count() -> None:
    stage = Stage(queue(), agent("ann", fr=5), agent("bob"))
    learned(stage, 100)
    busy(stage, 2)
    assert estimate(stage, stage.arrive(fr=3)) == 100_000
    assert estimate(stage, stage.arrive(fr=9)) is None, "nobody can"


def test_paused_agents_do_not_count_and_nobody_at_work_means_no_estimate() -> None:
    stage = Stage(queue(join_states=frozenset()), agent("ann"), agent("bob"))
    stage.pause("bob")
    learned(stage, 100)
    busy(stage, 1)
    call = stage.arrive()
    assert estimate(stage, call) == 100_000
    stage.log_out("ann")
    [talking] = [fact.offer for fact in stage.told(f.Answered)][-1:]
    assert talking


def test_what_a_caller_is_told_falls_or_stands_still_unless_there_is_a_cause() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    learned(stage, 100)
    [ann, _] = busy(stage, 2)
    first, mine = stage.arrive(), stage.arrive()
    floor = stage.router.floor
    assert told(floor, floor.calls[mine]) == 100_000
    stage.wait(60).fire_due()
    stage.play(ev.HoldStarted(at=stage.now, offer=stage.offer_of(ann)))
    assert told(floor, floor.calls[mine]) == 40_000
    stage.wait(70)
    stage.play(ev.HoldEnded(at=stage.now, offer=stage.offer_of(ann)))
    assert told(floor, floor.calls[mine]) == 0, "late, but never negative"
    stage.pause("bob")
    assert told(floor, floor.calls[mine]) == 0, "he is in a talk and may finish it"
    stage.hang_up(first)
    assert told(floor, floor.calls[mine]) == 0


def test_fewer_agents_or_more_before_the_call_are_a_cause() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"), agent("cid"))
    learned(stage, 100)
    stage.pause("cid")
    busy(stage, 2)
    mine = stage.arrive()
    floor = stage.router.floor
    assert told(floor, floor.calls[mine]) == 50_000
    stage.arrive(priority=5)
    assert told(floor, floor.calls[mine]) == 100_000


def test_prediction_and_outcome_are_both_facts() -> None:
    stage = Stage(queue(), agent("ann"))
    learned(stage, 100)
    [talking] = busy(stage, 1)
    mine = stage.arrive()
    stage.wait(80).end_talk(talking)
    stage.answer(mine)
    [queued] = [fact for fact in stage.told(f.Queued) if fact.call == mine]
    [answered] = [fact for fact in stage.told(f.Answered) if fact.call == mine]
    assert (queued.expected_ms, queued.ahead, answered.wait_ms) == (100_000, 0, 80_000)


def test_handle_times_are_remembered_over_a_restart() -> None:
    parts: list[Part] = [queue(), agent("ann")]
    stage = Stage(*parts)
    learned(stage, 100)
    busy(stage, 1)
    call = stage.arrive()
    assert estimate(stage.restarted(*parts), call) == 100_000
