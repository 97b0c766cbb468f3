"""What a survey asks and what an answer is worth. Pure."""

from collections.abc import Callable, Generator
from typing import Final, NamedTuple

from acd.app.scripts.asking import Missing, keys_after, say
from acd.app.scripts.voice import Script
from acd.core.outcomes import SurveyOutcome
from config.survey import Question, QuestionKind, Survey
from telephony.agi.codec import AgiReply


class Scale(NamedTuple):
    """The answers to one kind of question."""

    least: int
    most: int
    keys: int
    """Two where ten is an answer: closed by # or by silence after one."""


SCALES: Final = {
    QuestionKind.CSAT: Scale(1, 5, 1),
    QuestionKind.NPS: Scale(0, 10, 2),
    QuestionKind.CES: Scale(1, 10, 2),
    QuestionKind.RESOLVED: Scale(1, 2, 1),
}
Answered = Callable[[Question, int], None]
Over = Callable[[SurveyOutcome, int], None]


def score(kind: QuestionKind, keys: str) -> int | None:
    """What was keyed as a score; None for what is no answer. Yes is 1, no is 0."""
    scale = SCALES[kind]
    digits = keys.rstrip("#")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > scale.keys:
        return None
    value = int(digits)
    if not scale.least <= value <= scale.most:
        return None
    return 2 - value if kind is QuestionKind.RESOLVED else value


def asked(survey: Survey, missing: Missing, wrong: tuple[str, ...], answered: Answered, over: Over) -> Script:
    """Ask everything; tell each answer and the end, whatever ends it."""
    answers, outcome = 0, SurveyOutcome.DECLINED
    try:
        yield from say(missing, survey.intro)
        for question in survey.questions:
            found = yield from _ask(survey, question, missing, wrong)
            if found is None:
                outcome = SurveyOutcome.OPTED_OUT
                return
            if found >= 0:
                answers += 1
                answered(question, found)
        # Before the thanks, which nobody has to listen to.
        outcome = SurveyOutcome.COMPLETE if answers == len(survey.questions) else SurveyOutcome.NO_INPUT
        yield from say(missing, survey.thanks)
    finally:
        partial = answers and outcome in (SurveyOutcome.DECLINED, SurveyOutcome.NO_INPUT)
        over(SurveyOutcome.PARTIAL if partial else outcome, answers)


PASSED_OVER: Final = -1


def _ask(
    survey: Survey, question: Question, missing: Missing, wrong: tuple[str, ...]
) -> Generator[bytes, AgiReply, int | None]:
    """The score; PASSED_OVER after silence or wrong keys; None when the caller wants no surveys at all."""
    for _ in range(survey.tries):
        keys = yield from keys_after(
            missing, (question.prompt,), SCALES[question.kind].keys, int(survey.timeout)
        )
        if keys.startswith(survey.opt_out):
            return None
        found = score(question.kind, keys)
        if found is not None:
            return found
        if keys:
            yield from say(missing, *wrong)
    return PASSED_OVER
