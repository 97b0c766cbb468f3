"""Calls that wait for certain agents alone: always for a time, never for somebody who is not there."""

import pytest

from acd.core import facts as f
from acd.core.ids import AgentName, CallId
from acd.core.outcomes import OfferOutcome
from tests.unit.acd.core.stage import SECOND, Part, Stage, agent, queue

pytestmark = pytest.mark.unit
ANN, BOB = AgentName("ann"), AgentName("bob")
KNOWN = "+4930123456"
STICKY = queue(sticky=20 * SECOND, sticky_within=3_600 * SECOND, same_call_back_off=300 * SECOND)


def talk(stage: Stage, caller: str = KNOWN) -> str:
    call = stage.arrive(asking={"caller": caller})
    [name] = [name for name, rung in stage.rings().items() if rung == call]
    stage.answer(call)
    stage.wait(30).end_talk(call)
    return name


def busy(stage: Stage, name: str) -> CallId:
    call = stage.arrive(asking={"direct": AgentName(name)})
    assert stage.rings()[name] == call
    stage.answer(call)
    return call


def test_a_known_caller_waits_for_the_agent_of_the_last_talk_and_then_for_anybody() -> None:
    stage = Stage(STICKY, agent("ann"), agent("bob"))
    assert talk(stage) == "ann"
    assert talk(stage) == "ann", "though bob is idle for longer"
    assert stage.told(f.Offered)[-1].decision.rule == "preferred"
    busy(stage, "ann")
    call = stage.arrive(asking={"caller": KNOWN})
    assert stage.pass_time(19.9).rings() == {}
    assert stage.pass_time(0.1).rings() == {"bob": call}
    assert [fact.why for fact in stage.told(f.PreferenceEnded)] == ["its time is over"]


def test_the_last_agent_is_forgotten_after_a_while_and_remembered_over_a_restart() -> None:
    parts: list[Part] = [STICKY, agent("ann"), agent("bob")]
    stage = Stage(*parts)
    talk(stage)
    again = stage.restarted(*parts)
    assert talk(again) == "ann"
    again.wait(3_601)
    assert talk(again) == "bob"


@pytest.mark.parametrize("number", ["", "anonymous", "100", "+4930999"])
def test_numbers_that_do_not_tell_callers_apart_know_nobody(number: str) -> None:
    rule = queue(sticky=20 * SECOND, sticky_within=3_600 * SECOND, shared_numbers=("+4930999",))
    stage = Stage(rule, agent("ann"), agent("bob"))
    assert [talk(stage, number), talk(stage, number)] == ["ann", "bob"]


def test_nobody_is_waited_for_who_has_logged_out() -> None:
    stage = Stage(STICKY, agent("ann"), agent("bob"))
    talk(stage)
    stage.log_out("ann")
    assert talk(stage) == "bob"


def test_when_the_agent_leaves_the_waiting_call_goes_on_at_once() -> None:
    stage = Stage(STICKY, agent("ann"), agent("bob"))
    talk(stage)
    theirs = busy(stage, "ann")
    call = stage.arrive(asking={"caller": KNOWN})
    stage.log_out("ann")
    assert stage.rings() == {}
    stage.end_talk(theirs)
    assert stage.rings() == {"bob": call}


def test_of_preferred_agents_the_highest_score_who_is_free_is_rung() -> None:
    stage = Stage(queue(prefer_for=10 * SECOND), agent("ann"), agent("bob"), agent("cid"))
    prefer = ((ANN, 50), (BOB, 90))
    first = stage.arrive(asking={"prefer": prefer})
    second = stage.arrive(asking={"prefer": prefer})
    third = stage.arrive(asking={"prefer": prefer})
    assert stage.rings() == {"bob": first, "ann": second}
    stage.pass_time(10)
    assert stage.rings()["cid"] == third


def test_a_preferred_agent_must_be_able_to_serve() -> None:
    stage = Stage(queue(require={"fr": 5}), agent("ann", fr=2), agent("bob", fr=9))
    call = stage.arrive(asking={"prefer": ((ANN, 90),)})
    assert stage.rings() == {"bob": call}


def test_a_free_preferred_agent_takes_the_call_that_waits_for_them_by_its_place() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    for name in ("ann", "bob"):
        busy(stage, name)
    older = stage.wait(1).arrive()
    theirs = stage.wait(1).arrive(asking={"prefer": ((ANN, 90),)})
    talking = {fact.agent: fact.call for fact in stage.told(f.Answered)}
    stage.end_talk(talking[ANN])
    assert stage.rings() == {"ann": older}, "the other came first"
    stage.end_talk(talking[BOB])
    assert stage.rings() == {"ann": older}, "and bob is not the one it waits for"
    stage.answer(older)
    stage.end_talk(older)
    assert stage.rings() == {"ann": theirs}


def test_a_direct_call_rings_its_agent_whatever_they_serve_and_then_falls_back_to_the_queue() -> None:
    stage = Stage(queue(direct_for=15 * SECOND), agent("ann", "other", fr=1), agent("bob"))
    first = stage.arrive(asking={"direct": ANN})
    assert stage.rings() == {"ann": first}
    assert stage.told(f.Offered)[0].decision.rule == "direct"
    second = stage.arrive(asking={"direct": ANN})
    assert stage.pass_time(14).rings() == {"ann": first}
    assert stage.pass_time(1).rings() == {"ann": first, "bob": second}


def test_a_direct_call_that_its_agent_does_not_take_waits_for_the_time_to_be_over() -> None:
    stage = Stage(queue(direct_for=15 * SECOND), agent("ann", "other"), agent("bob"))
    call = stage.arrive(asking={"direct": ANN})
    stage.wait(5).fail(call, OfferOutcome.REJECTED)
    assert stage.rings() == {}
    assert stage.pass_time(10).rings() == {"bob": call}


@pytest.mark.parametrize("name", ["nobody", "ann"])
def test_a_direct_call_to_somebody_who_is_not_there_goes_to_the_queue_at_once(name: str) -> None:
    parts: list[Part] = [queue(), agent("ann", "other"), agent("bob")]
    stage = Stage(*parts, logged_in=False)
    stage.log_in("bob")
    call = stage.arrive(asking={"direct": AgentName(name)})
    assert stage.rings() == {"bob": call}


def test_preferences_go_on_after_a_restart() -> None:
    parts: list[Part] = [queue(direct_for=15 * SECOND), agent("ann", "other"), agent("bob")]
    stage = Stage(*parts)
    busy(stage, "ann")
    call = stage.arrive(asking={"direct": ANN})
    again = stage.wait(10).restarted(*parts)
    assert again.pass_time(4).rings() == {}
    assert again.pass_time(1).rings() == {"bob": call}
