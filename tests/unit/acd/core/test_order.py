"""The one order of the line, and what moves a call in it."""

from typing import Any

import pytest

from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, CallId
from acd.core.outcomes import Choose, OfferOutcome, PhoneState
from tests.unit.acd.core.stage import SECOND, Part, Stage, agent, queue, with_

pytestmark = pytest.mark.unit


def line(stage: Stage) -> list[CallId]:
    return stage.router.floor.in_order()


def waiting(**fields: Any) -> Stage:
    return Stage(queue(join_states=frozenset(), **fields), agent("ann"), logged_in=False)


def test_a_higher_priority_is_served_first_and_a_change_counts_at_once() -> None:
    stage = waiting()
    calls = [stage.arrive(), stage.wait(1).arrive(), stage.wait(1).arrive(priority=1)]
    assert line(stage) == [calls[2], calls[0], calls[1]]
    stage.play(ev.PriorityChanged(at=stage.now, call=calls[1], priority=2))
    assert line(stage) == [calls[1], calls[2], calls[0]]
    stage.log_in("ann")
    assert stage.rings() == {"ann": calls[1]}


def test_priority_grows_with_time_where_the_queue_lets_it() -> None:
    parts: list[Part] = [
        queue("slow", ageing=500, join_states=frozenset()),
        queue("fast", join_states=frozenset()),
    ]
    stage = Stage(*parts, agent("ann", "slow", "fast"), logged_in=False)
    old = stage.arrive("slow")
    stage.wait(121)
    urgent = stage.arrive("fast", priority=1)
    assert line(stage) == [old, urgent], "half a point a minute: 1.008 after 121 s"
    stage.hang_up(old)
    young = stage.arrive("slow")
    assert line(stage) == [urgent, young]
    assert line(stage.wait(119)) == [urgent, young]
    stage.wait(2).phone("nobody", PhoneState.FREE)
    assert line(stage) == [young, urgent], "it has overtaken by waiting alone"
    stage.log_in("ann")
    assert stage.rings() == {"ann": young}


def test_time_spent_elsewhere_counts_for_the_order_and_not_for_the_wait() -> None:
    stage = waiting()
    first = stage.arrive()
    credited = stage.wait(5).arrive(asking={"credit": 30 * SECOND})
    assert line(stage) == [credited, first]
    stage.wait(10).log_in("ann")
    stage.answer(credited)
    assert stage.told(f.Answered)[0].wait_ms == 11_000


@pytest.mark.parametrize(("position", "place"), [(1, 0), (2, 1), (3, 2), (9, 3)])
def test_a_call_may_enter_at_a_position(position: int, place: int) -> None:
    stage = waiting()
    calls = [stage.arrive(), stage.wait(1).arrive(), stage.wait(1).arrive()]
    call = stage.wait(1).arrive(asking={"position": position})
    calls.insert(place, call)
    assert line(stage) == calls


def test_a_position_does_not_pass_those_of_a_higher_priority() -> None:
    stage = waiting()
    vip, plain = stage.arrive(priority=5), stage.wait(1).arrive()
    call = stage.wait(1).arrive(asking={"position": 1})
    assert line(stage) == [vip, call, plain]


def test_a_person_moves_a_waiting_call_forward_and_back() -> None:
    stage = waiting()
    a, b, c = [stage.wait(1).arrive() for _ in range(3)]
    stage.play(ev.PositionChanged(at=stage.now, call=c, position=1))
    assert line(stage) == [c, a, b]
    stage.play(ev.PositionChanged(at=stage.now, call=c, position=2))
    assert line(stage) == [a, c, b]
    stage.play(ev.PositionChanged(at=stage.now, call=a, position=9))
    assert line(stage) == [c, b, a]


def test_the_order_survives_a_restart_with_priorities_and_credits() -> None:
    parts: list[Part] = [queue(join_states=frozenset(), ageing=300), agent("ann")]
    stage = Stage(*parts, logged_in=False)
    calls = [stage.wait(3).arrive(priority=n % 3, asking={"credit": n * 7 * SECOND}) for n in range(7)]
    stage.play(ev.PriorityChanged(at=stage.now, call=calls[3], priority=2))
    before = line(stage)
    assert line(stage.restarted(*parts)) == before


def test_a_reload_of_priority_or_ageing_reorders_those_who_wait() -> None:
    parts: list[Part] = [queue("a", join_states=frozenset()), queue("b", join_states=frozenset())]
    stage = Stage(*parts)
    first, second = stage.arrive("a"), stage.wait(1).arrive("b")
    assert line(stage) == [first, second]
    stage.reload(parts[0], queue("b", join_states=frozenset(), priority=1))
    assert line(stage) == [second, first]


def test_a_call_that_others_overtake_again_and_again_is_told_of() -> None:
    low, high = queue("low", join_states=frozenset()), queue("high", weight=9, join_states=frozenset())
    ann = with_(agent("ann", "low", "high"), choose=Choose.WEIGHT)
    stage = Stage(low, high, ann, logged_in=False)
    starving = stage.arrive("low")
    for _ in range(21):
        stage.wait(1).arrive("high")
    stage.log_in("ann")
    for _ in range(20):
        [call] = stage.rings().values()
        stage.answer(call)
        stage.end_talk(call)
    assert [(fact.call, fact.overtaken) for fact in stage.told(f.Starved)] == [(starving, 20)]


def test_classes_that_nobody_waits_in_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acd.core.waiting.MOST_EMPTY", 3)
    stage = waiting()
    first, second = stage.arrive(fr=1), stage.arrive()
    for level in range(2, 11):
        stage.hang_up(stage.arrive(de=level))
        stage.hang_up(stage.arrive(it=level))
    last = stage.arrive(en=1)
    floor = stage.router.floor
    assert len(floor.line.classes) <= 3 + 2 * 3 + 1
    assert line(stage) == [first, second, last]
    assert floor.line.ahead(floor.calls[last].queue, floor.line.where(last)[1]) == 2
    stage.log_in("ann")
    assert stage.rings() == {"ann": second}


def test_a_picked_call_waits_for_its_agent_alone_and_for_a_while() -> None:
    stage = Stage(queue(direct_for=20 * SECOND), agent("ann"), agent("bob", "other"))
    busy = stage.arrive()
    stage.answer(busy)
    call = stage.arrive()
    stage.play(ev.CallPicked(at=stage.now, call=call, agent=AgentName("bob")))
    assert stage.rings() == {"bob": call}, "whatever bob serves"
    stage.play(ev.CallPicked(at=stage.now, call=call, agent=AgentName("bob")))
    assert stage.told(f.Stale)[-1].why == "is being rung for it"
    stage.play(ev.CallPicked(at=stage.now, call=call, agent=AgentName("ann")))
    stage.fail(call, OfferOutcome.RESCINDED)
    assert stage.rings() == {}, "ann talks"
    assert stage.restarted(
        queue(direct_for=20 * SECOND), agent("ann"), agent("bob", "other")
    ).router.floor.calls[call].direct == AgentName("ann")
    stage.end_talk(busy)
    assert stage.rings() == {"ann": call}


def test_a_call_is_not_picked_for_who_is_not_there() -> None:
    stage = waiting()
    call = stage.arrive()
    stage.play(ev.CallPicked(at=stage.now, call=call, agent=AgentName("ann")))
    assert stage.told(f.Stale)[-1].why == "is not at work there"
    stage.log_in("ann")
    assert stage.rings() == {"ann": call}
