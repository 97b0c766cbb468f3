"""The numbers of facts that the real router told, not of facts written for the purpose."""

import pytest

from acd.core import events as ev
from acd.core.ids import AgentName
from acd.core.outcomes import OfferOutcome
from kpi.counters import Dimension
from kpi.report import Report, build
from kpi.rows import Row
from tests.unit.acd.core.stage import SECOND, Stage, agent, queue
from tests.unit.kpi.test_accumulator import folded

pytestmark = pytest.mark.unit


def played() -> Stage:
    """Half a minute: ann is there from 1001 s on, bob from 1002 s; five callers, one of them still waiting."""
    stage = Stage(queue("sales", wrap_up=60 * SECOND), agent("ann"), agent("bob"))
    served = stage.arrive()
    stage.wait(3).answer(served)
    declined = stage.arrive()
    stage.wait(2).fail(declined, OfferOutcome.REJECTED)
    stage.wait(4).hang_up(declined)
    stage.wait(9).end_talk(served)
    stage.wait(5).play(ev.WrapUpFinished(at=stage.now, agent=AgentName("ann")))
    stage.arrive("nowhere")
    ringing = stage.arrive()
    stage.wait(5).hang_up(ringing)
    stage.arrive()
    return stage


def rows_of(stage: Stage) -> list[Row]:
    return folded(stage.facts).every_row(since=0, until=stage.now + 1, now=stage.now)


def report_of(stage: Stage) -> Report:
    return build(rows_of(stage), since=0, until=stage.now + 1)


def test_the_books_of_the_router_balance() -> None:
    report = report_of(played())

    assert report.balance.balanced
    assert report.unbalanced == []
    assert (report.balance.arrived, report.balance.blocked, report.balance.waiting_at_end) == (5, 1, 1)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("answered", 1),
        ("abandoned_waiting", 1),
        ("abandoned_ringing", 1),
        ("blocked_unknown_queue", 1),
        ("offers", 4),
        ("offers_ended", 3),
        ("offers_missed", 1),
        ("wait_answered_ms", 3_000),
        ("wait_abandoned_ms", 11_000),  # 6 + 5
        ("talk_ms", 15_000),
        ("wrap_up_ms", 5_000),
        ("handle_ms", 20_000),
        ("state_talking_ms", 15_000),
        ("state_wrap_up_ms", 5_000),
        ("staffed_ms", 57_000),  # ann 29, bob 28
    ],
)
def test_a_short_play_counts_as_worked_out_by_hand(name: str, expected: int) -> None:
    (everybody,) = (line for line in report_of(played()).lines if line.dimension is Dimension.ALL)

    assert everybody.figures[name] == expected


def test_agents_and_queues_count_the_same_talks() -> None:
    rows = rows_of(played())

    for name in ("answered", "handled", "talk_ms", "wrap_up_ms", "offers", "ring_ms"):
        by_kind = {
            kind: sum(getattr(row.counts, name) for row in rows if row.dimension is kind)
            for kind in (Dimension.QUEUE, Dimension.AGENT)
        }
        assert by_kind[Dimension.QUEUE] == by_kind[Dimension.AGENT]
