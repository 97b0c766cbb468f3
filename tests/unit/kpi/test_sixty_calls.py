"""Four hours of sixty calls, with every disposition; the report was worked out by hand from the table.

| calls | arrive | become | wait | ring | talk | hold | wrap-up |
|---|---|---|---|---|---|---|---|
| 20 | each 10 min from 8:00 | answered by ann | 8 s (10), 24 s (10) | 4 s | 120 s | 30 s (4) | 15 s |
| 15 | each 10 min from 8:05 | answered by bob; 3 blind (1 into a queue), 2 attended transfers | 20 s (9), 40 s (6) | 5 s | 60 s | | |
| 4 | from 10:30, each 2 min | given up waiting | 3 s | | | | |
| 2 | | given up waiting, bob missed the offer | 12 s | 10 s | | | |
| 4 | | given up while bob's phone rang | 30 s | 20 s | | | |
| 5 | | left: timed out, no agents, key (bob missed these three), redirected, lost | 60 s | 10 s (3) | | | |
| 8 | from 11:40 | blocked, each reason once | | | | | |
| 2 | 11:50, 11:55 | still wait at 12:00 | | | | | |

Ann is logged in for four hours; bob too, at lunch (unpaid) from 11:00 to 11:30. Ann's callers are ten, each calls twice, 100
minutes apart; bob's show no number. Ann flags 12 calls as resolved, then 4 as not, with topics in turn.
"""

import pytest

from acd.core import facts as f
from acd.core.ids import AgentName
from acd.core.outcomes import AbandonStage, BlockReason, EndedBy, LeaveReason, OfferOutcome, TransferKind
from acd.core.states import AgentState
from kpi.accumulator import Accumulator
from kpi.counters import Dimension
from kpi.definitions import Thresholds
from kpi.report import Line, Report, build
from tests.unit.kpi.day import EIGHT, SALES, Day, moment

pytestmark = pytest.mark.unit

MINUTE, NOON = 60, 4 * 3600
MISSED = (
    OfferOutcome.NO_ANSWER,
    OfferOutcome.NO_ANSWER,
    OfferOutcome.REJECTED,
    OfferOutcome.BUSY,
    OfferOutcome.UNREACHABLE,
)
LEFT = (
    LeaveReason.TIMED_OUT,
    LeaveReason.NO_AGENTS,
    LeaveReason.KEY,
    LeaveReason.REDIRECTED,
    LeaveReason.LOST_BY_PLATFORM,
)


def _answered_by_ann(day: Day, number: int) -> None:
    at, wait, hold = number * 10 * MINUTE, 24 if number % 2 else 8, 0 if number % 5 else 30
    call = day.queue(at, caller=f"+49{number % 10}")
    day.offer(at + wait - 4, call, "ann", wait=wait - 4)
    day.answer(at + wait, call, "ann", wait=wait, ring=4)
    over = at + wait + 120 + hold
    day.talked(over, call, "ann", talk=120, hold=hold, by=EndedBy.CALLER)
    if number < 16:
        day.facts.append(
            f.Classified(
                at=moment(over + 5),
                call=call,
                queue=SALES,
                agent=AgentName("ann"),
                topic="prices" if number % 2 else "bills",
                resolved=number < 12,
            )
        )
    day.wrapped_up(over + 15, call, "ann", lasting=15)


def _answered_by_bob(day: Day, number: int) -> None:
    at, wait = (5 + number * 10) * MINUTE, 20 if number < 9 else 40
    call = day.queue(at)
    day.offer(at + wait - 5, call, "bob", wait=wait - 5)
    day.answer(at + wait, call, "bob", wait=wait, ring=5)
    over = at + wait + 60
    if number < 5:
        day.transfer(
            over,
            call,
            "bob",
            TransferKind.BLIND if number < 3 else TransferKind.ATTENDED,
            call if not number else None,
        )
    day.talked(over, call, "bob", talk=60, by=EndedBy.TRANSFER if number < 5 else EndedBy.AGENT)
    day.state(over, "bob", AgentState.WRAP_UP, AgentState.READY)


def _unserved(day: Day, number: int) -> None:
    at = (150 + number * 2) * MINUTE
    call = day.queue(at)
    missed = {4: 0, 5: 1, 10: 2, 11: 3, 12: 4}.get(number)
    if missed is not None:
        day.offer(at, call, "bob")
        day.fail(at + 10, call, "bob", MISSED[missed], ring=10)
    if number < 4:
        day.abandon(at + 3, call, AbandonStage.WAITING, wait=3)
    elif number < 6:
        day.abandon(at + 12, call, AbandonStage.WAITING, wait=12)
    elif number < 10:
        day.offer(at + 10, call, "bob", wait=10)
        day.fail(at + 30, call, "bob", OfferOutcome.CALLER_LEFT, ring=20)
        day.abandon(at + 30, call, AbandonStage.RINGING, wait=30)
    else:
        day.leave(at + 60, call, LEFT[number - 10], wait=60)


def _sixty() -> list[f.Fact]:
    day = Day()
    for agent in ("ann", "bob"):
        day.state(0, agent, AgentState.OFFLINE, AgentState.READY)
    for number in range(20):
        _answered_by_ann(day, number)
    for number in range(15):
        _answered_by_bob(day, number)
    for number in range(15):
        _unserved(day, number)
    bob = AgentName("bob")
    day.facts.append(f.Paused(at=moment(180 * MINUTE), agent=bob, reason="lunch", paid=False))
    day.state(180 * MINUTE, "bob", AgentState.READY, AgentState.PAUSED)
    day.facts.append(f.Resumed(at=moment(210 * MINUTE), agent=bob, reason="lunch"))
    day.state(210 * MINUTE, "bob", AgentState.PAUSED, AgentState.READY)
    for number, reason in enumerate(BlockReason):
        day.block((220 + number) * MINUTE, reason)
    day.queue(230 * MINUTE)
    day.queue(235 * MINUTE)
    return sorted(day.facts, key=lambda fact: fact.at)


def _report(minutes: int | None = None, **thresholds: int) -> Report:
    numbers = Accumulator()
    for fact in _sixty():
        numbers.apply(fact)
    rows = numbers.every_row(since=EIGHT, until=moment(NOON), now=moment(NOON))
    return build(rows, since=EIGHT, until=moment(NOON), minutes=minutes, thresholds=Thresholds(**thresholds))


REPORT = _report()


def _line(name: str, dimension: Dimension, report: Report = REPORT) -> Line:
    return next(line for line in report.lines if (line.name, line.dimension) == (name, dimension))


ALL = _line("all", Dimension.ALL)

FIGURES = {
    "arrived": 60,  # 20 + 15 + 4 + 2 + 4 + 5 + 8 + 2
    "blocked": 8,
    "offered": 52,
    "answered": 35,
    "abandoned": 10,
    "abandoned_waiting": 6,
    "abandoned_ringing": 4,
    "left": 5,
    "waiting_at_end": 2,
    "answered_within": 19,  # 10 of ann's, 9 of bob's
    "abandoned_within": 6,
    "abandoned_short": 4,
    "wait_answered_ms": 740_000,  # 10 x 8 + 10 x 24 + 9 x 20 + 6 x 40
    "wait_abandoned_ms": 156_000,  # 4 x 3 + 2 x 12 + 4 x 30
    "wait_left_ms": 300_000,
    "wait_max_ms": 40_000,
    "oldest_wait_ms": 600_000,
    "backlog": 2,
    "talk_ms": 3_300_000,  # 20 x 120 + 15 x 60
    "hold_ms": 120_000,
    "wrap_up_ms": 300_000,
    "handle_ms": 3_720_000,
    "ring_ms": 285_000,  # 20 x 4 + 15 x 5 + 5 x 10 + 4 x 20
    "offers_ended": 44,
    "offers_missed": 5,
    "transferred": 5,
    "transferred_to_queue": 1,
    "contacts_known": 20,
    "returned_within": 10,
    "classified": 16,
    "flagged_resolved": 12,
    "staffed_ms": 28_800_000,
    "state_offered_ms": 285_000,
    "state_talking_ms": 3_420_000,  # hold too: 2400 + 120 + 900
    "state_wrap_up_ms": 300_000,
    "state_paused_ms": 1_800_000,
    "paused_unpaid_ms": 1_800_000,
    "state_ready_ms": 22_995_000,  # the rest
}

KPIS = {
    "service_level": 19 / 48,
    "service_level_ignore": 19 / 46,
    "service_level_negative": 19 / 52,
    "service_level_positive": 25 / 52,
    "service_level_only_handled": 19 / 35,
    "service_level_after_threshold": 19 / 39,  # 35 + 4 who gave up after 20 s
    "service_level_without_flow_out": 19 / 41,  # 35 + 10 - 4 short
    "service_level_with_flow_out": 19 / 46,  # and 5 who left
    "service_level_completed": 25 / 45,
    "service_level_arrived": 19 / 56,
    "service_level_with_blocked": 19 / 58,  # 35 + 10 + 5 + 8
    "asa_ms": 740_000 / 35,
    "average_first_response_ms": 740_000 / 35,
    "average_wait_ms": 1_196_000 / 50,
    "average_abandoned_wait_ms": 15_600,
    "aht_ms": 3_720_000 / 35,
    "average_talk_ms": 3_300_000 / 35,
    "average_hold_ms": 120_000 / 35,
    "average_hold_of_held_ms": 30_000,
    "average_wrap_up_ms": 300_000 / 35,
    "average_ring_ms": 285_000 / 44,
    "abandonment_rate": 10 / 52,
    "abandonment_rate_without_short": 6 / 48,
    "abandonment_rate_of_ended": 10 / 45,
    "abandoned_waiting_share": 0.6,
    "abandoned_ringing_share": 0.4,
    "abandonment_rate_at_peak": 10 / 24,  # 10:00: 6 of ann's, 3 of bob's, 15 unserved
    "offered_at_peak": 24,
    "blocked_rate": 8 / 60,
    "blocked_by_rules_rate": 5 / 60,
    "blocked_by_capacity_rate": 2 / 60,
    "blocked_by_outage_rate": 1 / 60,
    "transfer_rate": 5 / 35,
    "transferred_call_rate": 5 / 35,
    "transfer_rate_blind": 3 / 35,
    "transfer_rate_attended": 2 / 35,
    "transfer_rate_to_queue": 1 / 35,
    "missed_offer_rate": 5 / 44,
    "contacts_per_staffed_hour": 35 / 8,
    "contacts_per_unpaused_hour": 35 / 7.5,
    "occupancy_unpaused": 3_720 / 27_000,
    "occupancy_staffed": 3_720 / 28_800,
    "occupancy_paid": 3_720 / 27_000,
    "talking_staffed": 3_420 / 28_800,
    "productive_share": 27_000 / 28_800,
    "paused_share": 1_800 / 28_800,
    "repeat_call_rate": 0.5,
    "next_issue_avoidance": 0.5,
    "fcr_by_repeat": 0.5,
    "interactions_per_case": 2.0,
    "fcr_by_flag": 12 / 35,
    "fcr_by_flag_of_flagged": 0.75,
    "wait_p50_ms": 20_000,  # the 18th of 8 x 10, 20 x 9, 24 x 10, 40 x 6
    "wait_p80_ms": 24_000,
    "wait_p90_ms": 40_000,
    "handle_p50_ms": 135_000,  # the 18th of 60 x 15, 135 x 16, 165 x 4
    "handle_p90_ms": 165_000,
    "cost_per_call": None,
    "churn_rate": None,
}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_the_day(name: str) -> None:
    assert ALL.figures[name] == FIGURES[name]


@pytest.mark.parametrize("name", KPIS)
def test_a_kpi_of_the_day(name: str) -> None:
    assert ALL.kpis[name] == (None if KPIS[name] is None else pytest.approx(KPIS[name]))


def test_the_agents_of_the_day() -> None:
    ann, bob = _line("ann", Dimension.AGENT), _line("bob", Dimension.AGENT)

    assert ann.kpis["fcr_by_flag"] == 0.6
    assert ann.kpis["aht_ms"] == 141_000  # (2400 + 120 + 300) / 20
    assert bob.kpis["aht_ms"] == 60_000
    assert bob.labels == {"pause:lunch": 1_800_000}
    assert ann.labels == {
        "topic:bills": 8,
        "topic:prices": 8,
        "topic_resolved:bills": 6,
        "topic_resolved:prices": 6,
    }


def test_every_reason_stands_in_the_report() -> None:
    assert [ALL.figures[f"blocked_{reason}"] for reason in BlockReason] == [1] * 8
    assert [ALL.figures[f"left_{reason}"] for reason in LEFT] == [1] * 5


def test_the_day_adds_up_in_every_slot_and_by_the_hour() -> None:
    for minutes in (15, 60, None):
        report = _report(minutes)
        assert report.balance.balanced
        assert report.unbalanced == []
    hours = [line for line in _report(60).lines if line.dimension is Dimension.ALL]
    assert [line.figures["offered"] for line in hours] == [12, 12, 24, 4]


def test_other_thresholds_are_asked_of_the_same_day() -> None:
    strict = _line(
        "all", Dimension.ALL, _report(service_level_ms=8_000, short_abandon_ms=0, repeat_ms=3_600_000)
    )

    assert strict.kpis["service_level"] == pytest.approx(10 / 52)
    assert strict.kpis["repeat_call_rate"] == 0.0
