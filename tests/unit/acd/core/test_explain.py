"""Explanations: every offer and every non-offer has a reason, and the README shows what is printed."""

from pathlib import Path

import pytest

from acd.cli import tables
from acd.core import events as ev
from acd.core import explain
from acd.core import facts as f
from acd.core.explain import explain_agent, explain_call
from acd.core.expression import read
from acd.core.ids import AgentName, CallId
from acd.core.outcomes import OfferOutcome
from acd.core.rules import Step
from acd.web.views import CallStory, DecisionView
from tests.unit.acd.core.stage import SECOND, Stage, agent, queue, serving

pytestmark = pytest.mark.unit
README = Path(explain.__file__).parent / "README.md"


def call_text(stage: Stage, call: CallId) -> str:
    """What `acd explain call` prints."""
    offers = tuple(
        DecisionView(
            at=fact.at,
            offer=fact.offer,
            call=fact.call,
            queue=fact.queue,
            agent=fact.agent,
            wait_ms=fact.wait_ms,
            outcome=next((e.outcome.value for e in stage.told(f.OfferEnded) if e.offer == fact.offer), ""),
            decision=fact.decision,
        )
        for fact in stage.told(f.Offered)
        if fact.call == call
    )
    now = explain_call(stage.router.floor, call, stage.now)
    return tables.call_story(CallStory(call=call, now=now, offers=offers))


def agent_text(stage: Stage, name: str) -> str:
    """What `acd explain agent` prints."""
    story = explain_agent(stage.router.floor, AgentName(name), stage.now)
    assert story is not None
    return tables.agent_story(story)


def idle_while_four_wait() -> Stage:
    """Ann is free and four callers wait: each for another reason is not hers."""
    stage = Stage(
        queue("french", require={"fr": 7}),
        queue("sales", reserve_on=3_600 * SECOND, reserve_off=300 * SECOND),
        queue("support"),
        agent("ann", "french", serving("sales", reserve=True), serving("support", delay=30 * SECOND), fr=5),
        agent("bob", "french", "sales", "support", fr=9),
    )
    busy = stage.arrive("sales")
    stage.answer(busy)
    stage.arrive("french")
    stage.arrive("sales")
    stage.arrive("support")
    stage.arrive("french", vip=1)
    stage.wait(12)
    return stage


def relaxing() -> tuple[Stage, CallId]:
    """A call that waits for its next step, after an agent declined it."""
    steps = (Step(after=60 * SECOND, require=read("fr >= 3")),)
    stage = Stage(
        queue(require={"fr": 7}, steps=steps), agent("ann", fr=8), agent("bob", fr=4), agent("cid", fr=9)
    )
    talking = stage.arrive()
    stage.answer(talking)
    call = stage.wait(4).arrive()
    stage.wait(3).fail(call, OfferOutcome.REJECTED)
    stage.wait(5)
    return stage, call


def chosen() -> tuple[Stage, CallId]:
    """A call that had a choice of three."""
    stage = Stage(
        queue(require={"fr": 5}),
        agent("ann", fr=7),
        agent("bob", fr=7),
        agent("cid", fr=6),
        agent("dan", fr=2),
    )
    stage.pause("cid")
    return stage, stage.wait(61).arrive()


def test_the_readme_shows_why_ann_is_idle_while_four_wait() -> None:
    text = agent_text(idle_while_four_wait(), "ann")
    assert text in README.read_text(encoding="utf-8"), text
    assert len(text.splitlines()) == 5


def test_the_readme_shows_why_a_call_waits() -> None:
    stage, call = relaxing()
    text = call_text(stage, call)
    assert text in README.read_text(encoding="utf-8"), text


def test_the_readme_shows_why_this_agent() -> None:
    stage, call = chosen()
    text = call_text(stage, call)
    assert text in README.read_text(encoding="utf-8"), text


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("ready", "ready for a call"),
        ("paused", "paused (lunch)"),
        ("offline", "offline"),
        ("talking", "talking"),
        ("back-off", "held back for 10000 ms after a missed offer"),
        ("link", "the link to pbx1 is down"),
    ],
)
def test_every_state_of_an_agent_has_its_words(what: str, expected: str) -> None:
    stage = Stage(queue(), agent("ann"))
    match what:
        case "paused":
            stage.pause("ann")
        case "offline":
            stage.log_out("ann")
        case "talking":
            stage.answer(stage.arrive())
        case "back-off":
            call = stage.arrive()
            stage.fail(call, OfferOutcome.NO_ANSWER)
            stage.hang_up(call)
        case "link":
            stage.play(
                ev.SwitchLost(at=stage.now, switch=stage.router.floor.agents[AgentName("ann")].rule.switch)
            )
    assert agent_text(stage, "ann") == f"ann: {expected}"


def test_a_call_that_waits_for_certain_agents_says_for_whom() -> None:
    stage = Stage(queue(), agent("ann"), agent("bob"))
    stage.answer(stage.arrive(asking={"direct": AgentName("ann")}))
    call = stage.arrive(asking={"direct": AgentName("ann")})
    assert "waits for ann first" in call_text(stage, call)
    assert "bob: the call waits for ann first" in call_text(stage, call)


def test_a_limit_of_ringing_phones_is_named() -> None:
    stage = Stage(queue(max_offers=1), agent("ann"), agent("bob"))
    stage.arrive()
    assert "bob: free, but 1 phones ring for sales already" in call_text(stage, stage.arrive())
