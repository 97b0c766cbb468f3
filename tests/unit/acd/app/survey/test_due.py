"""Who is asked after a talk: by whom it ended, how long it was, the lot, the memory of numbers."""

import pytest

from acd.app.survey.due import due
from acd.core import facts as f
from acd.core.calls import Call
from acd.core.ids import AgentName, CallId, OfferId, QueueName, SwitchName, Uniqueid, WorkId
from acd.core.memory import MOST_SURVEYED, Memory
from acd.core.outcomes import EndedBy, SurveyOutcome
from config.centre import Queue
from config.schema import Settings
from config.survey import Question, QuestionKind, Survey
from config.values import Duration

pytestmark = pytest.mark.unit
ASKER = "+4930123456"
DAY_NS = 86_400_000_000_000
NOW = 100 * DAY_NS


def settings(*, sample: int = 100, not_again: str = "720h") -> Settings:
    survey = Survey(
        questions=(Question(id="satisfied", kind=QuestionKind.CSAT, prompt="survey/satisfied"),),
        sample=sample,
        not_again=Duration.parse(not_again),
    )
    return Settings(queues={"sales": Queue(survey="after"), "support": Queue()}, surveys={"after": survey})


def call(name: str = "c1", caller: str = ASKER, *, work: WorkId | None = None) -> Call:
    return Call(
        id=CallId(name),
        number=1,
        switch=SwitchName("pbx1"),
        channel="PJSIP/trunk-1",
        uniqueid=Uniqueid("1.1"),
        queue=QueueName("sales"),
        caller=caller,
        arrived=0,
        joined=0,
        entered=0,
        work=work,
    )


def talked(
    name: str = "c1", *, queue: str = "sales", by: EndedBy = EndedBy.AGENT, talk_ms: int = 60_000
) -> f.Talked:
    return f.Talked(
        at=NOW,
        generation=1,
        offer=OfferId("o1"),
        call=CallId(name),
        queue=QueueName(queue),
        agent=AgentName("ann"),
        talk_ms=talk_ms,
        hold_ms=0,
        by=by,
    )


def remembering(*facts: f.Fact, of: Call | None = None) -> Memory:
    memory = Memory()
    one = of or call()
    memory.calls[one.id] = one
    for fact in facts:
        memory.apply(fact)
    return memory


def offered(at: int, caller: str = ASKER) -> f.SurveyOffered:
    return f.SurveyOffered(
        at=at,
        generation=1,
        call=CallId("c0"),
        queue=QueueName("sales"),
        agent=AgentName("ann"),
        survey="after",
        caller=caller,
    )


def ended(outcome: SurveyOutcome, caller: str = ASKER) -> f.SurveyEnded:
    return f.SurveyEnded(
        at=1,
        generation=1,
        call=CallId("c0"),
        queue=QueueName("sales"),
        agent=AgentName("ann"),
        survey="after",
        outcome=outcome,
        answers=0,
        caller=caller,
    )


def test_who_stays_after_the_agent_s_hang_up_is_asked_about_that_agent() -> None:
    talk = due(talked(), settings(), remembering(), NOW)
    assert talk is not None
    assert (talk.survey, talk.agent, talk.caller) == ("after", "ann", ASKER)


@pytest.mark.parametrize("by", [by for by in EndedBy if by is not EndedBy.AGENT])
def test_nobody_is_asked_whose_talk_ended_otherwise(by: EndedBy) -> None:
    assert due(talked(by=by), settings(), remembering(), NOW) is None


def test_nobody_is_asked_after_a_short_talk_or_in_a_queue_without_a_survey() -> None:
    assert due(talked(talk_ms=9_999), settings(), remembering(), NOW) is None
    assert due(talked(talk_ms=10_000), settings(), remembering(), NOW) is not None
    assert due(talked(queue="support"), settings(), remembering(), NOW) is None


def test_a_piece_of_work_is_not_asked() -> None:
    assert due(talked(), settings(), remembering(of=call(work=WorkId("w1"))), NOW) is None


@pytest.mark.parametrize(("days", "asked"), [(29, False), (30, True)])
def test_a_number_is_asked_again_after_the_days_that_are_set(days: int, asked: bool) -> None:
    memory = remembering(offered(NOW - days * DAY_NS))
    assert (due(talked(), settings(), memory, NOW) is not None) is asked


def test_who_wants_none_is_never_asked_again_whatever_the_days() -> None:
    memory = remembering(offered(1), ended(SurveyOutcome.OPTED_OUT))
    assert due(talked(), settings(not_again="0s"), memory, NOW) is None


@pytest.mark.parametrize("outcome", [one for one in SurveyOutcome if one is not SurveyOutcome.OPTED_OUT])
def test_no_other_end_is_an_opt_out(outcome: SurveyOutcome) -> None:
    memory = remembering(ended(outcome))
    assert due(talked(), settings(), memory, NOW) is not None


def test_who_hides_the_number_is_not_taken_for_another_who_does() -> None:
    hidden = call(caller="anonymous")
    memory = remembering(offered(NOW, "anonymous"), ended(SurveyOutcome.OPTED_OUT, "anonymous"), of=hidden)
    assert due(talked(), settings(), memory, NOW) is not None


def test_the_share_that_is_set_is_drawn_and_the_same_again_in_a_replay() -> None:
    rules = settings(sample=20)
    names = [f"c{number}" for number in range(1000)]
    drawn = [name for name in names if due(talked(name), rules, remembering(of=call(name)), NOW)]
    assert 150 < len(drawn) < 250
    assert drawn == [name for name in names if due(talked(name), rules, remembering(of=call(name)), NOW)]


def test_the_memory_of_numbers_has_a_bound_and_forgets_the_oldest() -> None:
    memory = Memory()
    for number in range(MOST_SURVEYED + 10):
        memory.apply(offered(number, f"+49{number:09}"))
    assert len(memory.surveyed) == MOST_SURVEYED
    assert "+49000000009" not in memory.surveyed
    assert "+49000000010" in memory.surveyed
