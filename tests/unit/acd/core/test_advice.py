"""An outside program that chooses: followed when it answers in time, done without when it does not."""

import pytest

from acd.core import commands as cmd
from acd.core import events as ev
from acd.core import facts as f
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.rules import QueueRule, Step
from acd.core.timers import Timer, TimerKind
from tests.unit.acd.core.stage import SECOND, Stage, agent, queue

pytestmark = pytest.mark.unit
RULE = queue(ask=True, ask_deadline=SECOND // 2)


def scene() -> tuple[Stage, CallId]:
    stage = Stage(RULE, agent("ann"), agent("bob"), agent("cid", "other"))
    return stage, stage.arrive()


def advise(stage: Stage, call: CallId, name: str | None, number: int = 1, why: str = "") -> None:
    agent_name = None if name is None else AgentName(name)
    stage.play(ev.Advised(at=stage.now, call=call, number=number, agent=agent_name, why=why))


def test_the_free_agents_who_can_serve_are_handed_over_and_the_answer_is_followed() -> None:
    stage, call = scene()
    [ask] = [command for command in stage.commands if isinstance(command, cmd.Ask)]
    assert (ask.call, ask.number, ask.agents, ask.deadline) == (call, 1, ("ann", "bob"), 500)
    assert stage.rings() == {}
    advise(stage, call, "bob")
    assert stage.rings() == {"bob": call}
    assert stage.told(f.Offered)[0].decision.rule == "advice"
    assert [(fact.agent, fact.why) for fact in stage.told(f.Advice)] == [("bob", "")]


def test_without_an_answer_in_time_the_strategy_decides() -> None:
    stage, call = scene()
    assert stage.pass_time(0.5).rings() == {"ann": call}
    assert [(fact.agent, fact.why) for fact in stage.told(f.Advice)] == [(None, "no answer in time")]
    advise(stage, call, "bob")
    assert stage.rings() == {"ann": call}
    assert len(stage.told(f.Stale)) == 1


@pytest.mark.parametrize("name", ["cid", "nobody", None])
def test_an_answer_that_can_t_be_followed_lets_the_strategy_decide(name: str | None) -> None:
    stage, call = scene()
    advise(stage, call, name, why="" if name else "error 500")
    assert stage.rings() == {"ann": call}
    assert stage.told(f.Advice)[0].why


def test_an_agent_who_took_another_call_meanwhile_is_not_rung_twice() -> None:
    stage, call = scene()
    other = stage.arrive(asking={"direct": AgentName("bob")})
    assert stage.rings() == {"bob": other}
    advise(stage, call, "bob")
    assert stage.rings() == {"bob": other, "ann": call}


def test_where_there_is_no_choice_nobody_is_asked() -> None:
    stage = Stage(RULE, agent("ann"))
    call = stage.arrive()
    assert stage.rings() == {"ann": call}


def test_a_caller_who_hangs_up_meanwhile_ends_the_question() -> None:
    stage, call = scene()
    stage.hang_up(call)
    advise(stage, call, "ann")
    assert stage.rings() == {}
    stage.fire(Timer(TimerKind.ASK, call))
    assert len(stage.told(f.Ended)) == 1


def test_the_call_asked_about_keeps_its_place_and_holds_nobody_up() -> None:
    stage, call = scene()
    stage.play(ev.SessionLost(at=stage.now, call=call))
    advise(stage, call, "ann")
    assert stage.rings() == {}
    stage.play(ev.CallReturned(at=stage.now, call=call))
    assert stage.rings() == {"ann": call}, (
        "the answer came while the call was out of reach: the strategy decides"
    )


def test_a_call_that_was_moved_while_it_was_asked_about_goes_there_whatever_the_answer() -> None:
    stage = Stage(RULE, queue("other"), agent("ann"), agent("bob"))
    call = stage.arrive()
    stage.play(ev.CallMoved(at=stage.now, call=call, queue=QueueName("other")))
    advise(stage, call, "bob")
    assert stage.router.floor.calls[call].queue == "other"
    assert stage.rings() == {}


def test_a_call_that_has_waited_too_long_when_the_answer_comes_is_let_go() -> None:
    rule = queue(ask=True, ask_deadline=5 * SECOND, max_wait=10 * SECOND, max_offers=1)
    stage = Stage(rule, agent("ann"), agent("bob"), agent("cid"))
    first = stage.arrive(asking={"direct": AgentName("ann")})
    call = stage.arrive()
    stage.pass_time(9)
    stage.answer(first)
    assert stage.router.floor.calls[call].asking
    stage.pass_time(2)
    advise(stage, call, "bob")
    assert call not in stage.router.floor.calls


def test_new_steps_count_for_a_call_that_is_being_asked_about() -> None:
    def asking(*steps: Step) -> QueueRule:
        return queue(ask=True, ask_deadline=60 * SECOND, max_offers=1, steps=steps)

    others = (queue("other", join_states=frozenset()), agent("ann"), agent("bob"), agent("cid"))
    stage = Stage(asking(Step(after=SECOND), Step(after=2 * SECOND)), *others)
    first = stage.arrive(asking={"direct": AgentName("ann")})
    call = stage.arrive()
    stage.pass_time(3)
    stage.answer(first)
    assert stage.router.floor.calls[call].asking
    stage.reload(asking(Step(after=900 * SECOND, queue=QueueName("other"))), *others)
    advise(stage, call, None)
    assert stage.router.floor.calls[call].queue == "sales", "its only step is not due yet"
