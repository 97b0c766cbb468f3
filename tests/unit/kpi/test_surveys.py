"""Surveys counted: of the queue and of the agent, and the scores' formulas."""

import pytest

from acd.core import facts as f
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.outcomes import SurveyOutcome
from kpi.accumulator import Accumulator
from kpi.counters import Dimension
from kpi.definitions import Thresholds, figures, kpis
from kpi.rows import Row

pytestmark = pytest.mark.unit
SLOT = 900_000_000_000
CALL, SALES, ANN = CallId("c1"), QueueName("sales"), AgentName("ann")


def numbers(*answers: tuple[str, int], ends: tuple[SurveyOutcome, ...] = ()) -> Accumulator:
    found = Accumulator()
    for kind, score in answers:
        found.apply(
            f.SurveyAnswered(
                at=1, call=CALL, queue=SALES, agent=ANN, survey="s", question="q", kind=kind, score=score
            )
        )
    for outcome in ends:
        found.apply(f.SurveyOffered(at=1, call=CALL, queue=SALES, agent=ANN, survey="s"))
        found.apply(
            f.SurveyEnded(
                at=2,
                call=CALL,
                queue=SALES,
                agent=ANN,
                survey="s",
                outcome=outcome,
                answers=_answers(outcome),
            )
        )
    return found


def _answers(outcome: SurveyOutcome) -> int:
    return {SurveyOutcome.COMPLETE: 3, SurveyOutcome.PARTIAL: 1}.get(outcome, 0)


def row(found: Accumulator, dimension: Dimension) -> Row:
    (only,) = found.rows(dimension=dimension, since=0, until=SLOT, now=2)
    return only


def told(found: Accumulator, dimension: Dimension = Dimension.QUEUE) -> dict[str, float | None]:
    return kpis(dimension, figures(row(found, dimension), Thresholds()))


@pytest.mark.parametrize("dimension", [Dimension.QUEUE, Dimension.AGENT])
def test_scores_are_the_named_formulas_for_queue_and_agent(dimension: Dimension) -> None:
    found = numbers(
        *[("csat", score) for score in (1, 3, 4, 5)],
        *[("nps", score) for score in (0, 6, 7, 8, 9, 10, 10)],
        *[("ces", score) for score in (1, 10)],
        *[("resolved", score) for score in (1, 1, 0)],
    )
    scores = told(found, dimension)
    assert scores["csat"] == pytest.approx(2 / 4)
    assert scores["csat_mean"] == pytest.approx(13 / 4)
    assert scores["nps"] == pytest.approx((3 - 2) / 7)
    assert scores["ces"] == pytest.approx(5.5)
    assert scores["resolved_by_survey"] == pytest.approx(2 / 3)


def test_more_who_would_not_recommend_make_a_score_below_zero() -> None:
    found = numbers(("nps", 2), ("nps", 3), ("nps", 9))
    assert told(found)["nps"] == pytest.approx(-1 / 3)


def test_an_answer_at_least_is_a_response_and_an_opt_out_is_counted() -> None:
    found = numbers(ends=tuple(SurveyOutcome))
    counts = row(found, Dimension.QUEUE).counts
    assert (counts.surveys_offered, counts.surveys_answered, counts.surveys_opted_out) == (5, 2, 1)
    assert told(found)["survey_response_rate"] == pytest.approx(2 / 5)
