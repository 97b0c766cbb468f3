"""What a survey asks, key by key, and how it ends."""

import pytest

from acd.app.scripts.voice import HungUpError, Script
from acd.app.survey.questions import asked, score
from acd.core.outcomes import SurveyOutcome
from config.survey import Question, QuestionKind, Survey
from telephony.agi.codec import AgiReply

pytestmark = pytest.mark.unit
SURVEY = Survey(
    intro="survey/intro",
    thanks="survey/thanks",
    questions=(
        Question(id="satisfied", kind=QuestionKind.CSAT, prompt="survey/satisfied"),
        Question(id="recommend", kind=QuestionKind.NPS, prompt="survey/recommend"),
    ),
)
GONE = "gone"


def played(
    survey: Survey, *keys: str, leaves_at: str = ""
) -> tuple[list[str], list[tuple[str, int]], tuple[SurveyOutcome, int]]:
    """What is said to a caller who keys these (GONE, or the sound `leaves_at`: hangs up), the answers, and the end."""
    said: list[str] = []
    answers: list[tuple[str, int]] = []
    over: list[tuple[SurveyOutcome, int]] = []
    left = list(keys)
    script: Script = asked(
        survey,
        lambda _sound: None,
        ("wrong",),
        lambda question, found: answers.append((question.id, found)),
        lambda outcome, number: over.append((outcome, number)),
    )
    reply: AgiReply | None = None
    try:
        while True:
            line = next(script) if reply is None else script.send(reply)
            assert isinstance(line, bytes)
            words = line.decode().split()
            said.append(words[2])
            reply = AgiReply(200, "0")
            if words[2] == leaves_at:
                script.close()
                break
            if words[0] == "GET":
                key = left.pop(0) if left else ""
                if key == GONE:
                    script.close()
                    break
                reply = AgiReply(200, key, "timeout" if not key else "")
    except (StopIteration, HungUpError):
        pass
    return said, answers, over[0]


def test_all_is_asked_and_every_answer_told() -> None:
    said, answers, over = played(SURVEY, "5", "10")
    assert said == ["survey/intro", "survey/satisfied", "survey/recommend", "survey/thanks"]
    assert answers == [("satisfied", 5), ("recommend", 10)]
    assert over == (SurveyOutcome.COMPLETE, 2)


def test_a_wrong_key_is_said_and_the_question_asked_again_then_passed_over() -> None:
    said, answers, over = played(SURVEY, "7", "8", "9")
    assert said[1:5] == ["survey/satisfied", "wrong", "survey/satisfied", "wrong"]
    assert answers == [("recommend", 9)]
    assert over == (SurveyOutcome.PARTIAL, 1)


@pytest.mark.parametrize(
    ("keys", "over"),
    [
        ((GONE,), (SurveyOutcome.DECLINED, 0)),
        (("4", GONE), (SurveyOutcome.PARTIAL, 1)),
        (("*",), (SurveyOutcome.OPTED_OUT, 0)),
        (("4", "*"), (SurveyOutcome.OPTED_OUT, 1)),
        ((), (SurveyOutcome.NO_INPUT, 0)),
    ],
)
def test_however_it_ends_the_end_is_told_once(keys: tuple[str, ...], over: tuple[SurveyOutcome, int]) -> None:
    assert played(SURVEY, *keys)[2] == over


def test_who_has_answered_all_need_not_hear_the_thanks() -> None:
    assert played(SURVEY, "4", "9", leaves_at="survey/thanks")[2] == (SurveyOutcome.COMPLETE, 2)


def test_a_survey_without_greeting_and_thanks_has_only_questions() -> None:
    bare = Survey(questions=SURVEY.questions)
    assert played(bare, "4", "9")[0] == ["survey/satisfied", "survey/recommend"]


def test_who_leaves_during_the_greeting_has_declined() -> None:
    assert played(SURVEY, leaves_at="survey/intro")[2] == (SurveyOutcome.DECLINED, 0)


@pytest.mark.parametrize(
    ("kind", "keys", "found"),
    [
        (QuestionKind.CSAT, "1", 1),
        (QuestionKind.CSAT, "0", None),
        (QuestionKind.CSAT, "6", None),
        (QuestionKind.NPS, "0", 0),
        (QuestionKind.NPS, "10", 10),
        (QuestionKind.NPS, "7#", 7),
        (QuestionKind.NPS, "11", None),
        (QuestionKind.CES, "10", 10),
        (QuestionKind.CES, "0", None),
        (QuestionKind.RESOLVED, "1", 1),
        (QuestionKind.RESOLVED, "2", 0),
        (QuestionKind.RESOLVED, "3", None),
        (QuestionKind.NPS, "", None),
        (QuestionKind.NPS, "\u0667", None),
    ],
)
def test_what_is_keyed_is_worth_this(kind: QuestionKind, keys: str, found: int | None) -> None:
    assert score(kind, keys) == found
