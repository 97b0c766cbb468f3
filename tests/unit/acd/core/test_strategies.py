"""Each strategy chooses as it says, and goes on doing so over a reload."""

from collections import Counter
from typing import Any

import pytest

from acd.core import facts as f
from acd.core.outcomes import OfferOutcome, PhoneState, Strategy
from tests.unit.acd.core.stage import SECOND, Part, Stage, agent, queue, with_

pytestmark = pytest.mark.unit
MINUTE = 60 * SECOND


def served(stage: Stage, minutes: float = 1) -> str:
    """One call from arrival to its end; who took it."""
    call = stage.arrive()
    [name] = [agent for agent, rung in stage.rings().items() if rung == call]
    stage.answer(call)
    stage.wait(60 * minutes)
    stage.end_talk(call)
    return name


def first(strategy: Strategy, *agents: Part, **fields: Any) -> Stage:
    return Stage(queue(strategy=strategy, **fields), *agents)


def test_most_skilled_rings_the_highest_sum_over_the_skills_asked_for() -> None:
    stage = Stage(queue(require={"fr": 1}), agent("ann", fr=5, de=9), agent("bob", fr=6), agent("cid", fr=6))
    assert [served(stage), served(stage), served(stage)] == ["bob", "cid", "bob"]


def test_least_skilled_keeps_the_expert_free() -> None:
    stage = Stage(
        queue(require={"fr": 3}, strategy=Strategy.LEAST_SKILLED),
        agent("ann", fr=9),
        agent("bob", fr=3),
        agent("cid", fr=2),
    )
    first_call = stage.arrive()
    second = stage.arrive()
    assert stage.rings() == {"bob": first_call, "ann": second}


def test_longest_idle_may_count_calls_of_the_agent_s_own() -> None:
    for counts, expected in ((False, "ann"), (True, "bob")):
        stage = first(Strategy.LONGEST_IDLE, agent("ann"), agent("bob"), idle_counts_direct=counts)
        stage.wait(10)
        stage.phone("ann", PhoneState.BUSY)
        stage.wait(10)
        stage.phone("ann", PhoneState.FREE)
        assert served(stage) == expected


def test_least_occupied_rings_who_was_busy_least_however_long_ago_they_spoke() -> None:
    stage = first(Strategy.LEAST_OCCUPIED, agent("ann"), agent("bob"))
    assert served(stage, minutes=20) == "ann"
    assert served(stage, minutes=1) == "bob"
    stage.wait(60)
    assert served(stage) == "bob", "bob spoke last, but a minute of twenty"


def test_a_break_does_not_make_an_agent_less_occupied() -> None:
    stage = first(Strategy.LEAST_OCCUPIED, agent("ann"), agent("bob"))
    ann = stage.router.floor.agents
    served(stage, minutes=30)
    name = next(iter(ann))
    before = stage.router.floor.occupied(ann[name])
    stage.pause("ann")
    stage.wait(7_200)
    stage.resume("ann")
    assert stage.router.floor.occupied(ann[name]) == pytest.approx(before)


def test_the_occupied_share_of_a_decision_is_the_agent_s_own() -> None:
    stage = first(Strategy.LEAST_OCCUPIED, agent("ann"))
    served(stage, minutes=60)
    served(stage)
    assert [fact.decision.value for fact in stage.told(f.Offered)] == [0.0, pytest.approx(0.632, abs=0.001)]


def test_fewest_calls_counts_only_those_within_the_window() -> None:
    stage = first(Strategy.FEWEST_CALLS, agent("ann"), agent("bob"))
    assert [served(stage), served(stage), served(stage)] == ["ann", "bob", "ann"]
    stage.wait(3_700)
    assert served(stage) == "bob", "all calls are out of the window: the longest idle"
    assert served(stage) == "ann"


def test_answers_leave_the_window_while_agents_are_free() -> None:
    stage = first(Strategy.FEWEST_CALLS, agent("ann"), agent("bob"))
    served(stage, 0.1)
    stage.wait(1_800)
    assert [served(stage, 0.1), served(stage, 0.1)] == ["bob", "ann"]
    stage.wait(1_850)
    call = stage.arrive()
    assert stage.rings() == {"bob": call}, "both have one call left, bob spoke earlier"


def test_round_robin_goes_round_and_remembers_the_place_over_a_reload_and_a_restart() -> None:
    parts: list[Part] = [queue(strategy=Strategy.ROUND_ROBIN), agent("ann"), agent("bob"), agent("cid")]
    stage = Stage(*parts)
    assert [served(stage), served(stage)] == ["ann", "bob"]
    stage.reload(*parts)
    assert served(stage) == "cid"
    assert served(stage) == "ann"
    again = stage.restarted(*parts)
    assert served(again) == "bob"


def test_round_robin_does_not_stay_with_the_agent_who_does_not_answer() -> None:
    stage = first(Strategy.ROUND_ROBIN, agent("ann"), agent("bob"), agent("cid"))
    call = stage.arrive()
    stage.fail(call, OfferOutcome.NO_ANSWER)
    assert stage.rings() == {"bob": call}


def test_linear_rings_the_first_in_the_list_who_is_free() -> None:
    stage = first(Strategy.LINEAR, agent("zoe"), agent("ann"), agent("bob"))
    calls = [stage.arrive(), stage.arrive()]
    assert stage.rings() == {"zoe": calls[0], "ann": calls[1]}
    assert [served(stage)] == ["bob"]


def test_random_follows_the_weights_and_the_seed() -> None:
    stage = first(Strategy.RANDOM, with_(agent("ann"), weight=3), with_(agent("bob"), weight=1))
    drawn = [served(stage) for _ in range(200)]
    counts = Counter(drawn)
    assert 120 <= counts["ann"] <= 180
    again = first(Strategy.RANDOM, with_(agent("ann"), weight=3), with_(agent("bob"), weight=1))
    assert [served(again) for _ in range(200)] == drawn


def test_a_strategy_changed_while_calls_wait_counts_from_the_next_match_on() -> None:
    ann, bob = agent("ann", fr=9), agent("bob", fr=3)
    stage = Stage(queue(require={"fr": 1}), ann, bob)
    busy = [stage.arrive(), stage.arrive()]
    waiting = stage.arrive()
    stage.reload(queue(require={"fr": 1}, strategy=Strategy.LINEAR), bob, ann)
    assert stage.state("ann") == "offered"
    for call in busy:
        stage.answer(call)
        stage.end_talk(call)
    assert waiting in stage.rings().values()
    stage.hang_up(waiting)
    assert served(stage) == "bob"


@pytest.mark.parametrize("strategy", list(Strategy))
def test_whatever_the_strategy_ties_go_to_the_longest_idle_and_nobody_waits_beside_a_free_agent(
    strategy: Strategy,
) -> None:
    stage = first(strategy, agent("bob"), agent("ann"), agent("cid", "other"), agent("dan"))
    calls = [stage.arrive() for _ in range(2)]
    assert set(stage.rings().values()) <= set(calls)
    assert "cid" not in stage.rings()
