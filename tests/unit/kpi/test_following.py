"""Numbers that take more than one fact, by small stories."""

from typing import Any

import pytest

from acd.core import facts as f
from acd.core.ids import AgentName, CallId, PhoneName, QueueName, Uniqueid, WorkId
from acd.core.outcomes import AbandonStage, Disposition, EndedBy, OfferOutcome, WorkKind, WorkOutcome
from acd.core.states import AgentState
from kpi.accumulator import Accumulator
from kpi.counters import Dimension
from kpi.definitions import Thresholds
from kpi.following import skills_in
from kpi.histogram import percentile
from kpi.report import Line, Report, build
from kpi.rows import Row
from tests.unit.kpi.day import EIGHT, PBX, SALES, Day, moment, ms

pytestmark = pytest.mark.unit

HOUR = 3600.0
DAY = 24 * HOUR


class Story(Day):
    """A day whose calls have callers and numbers they dialled."""

    def call(self, at: float, caller: str = "", **more: Any) -> CallId:
        """Arrives and joins at once."""
        needs = more.pop("needs", "")
        call = CallId(f"s{next(self._numbers)}")
        self.tell(
            f.Arrived(
                at=moment(at),
                call=call,
                queue=SALES,
                switch=PBX,
                channel="",
                uniqueid=Uniqueid(""),
                caller=caller,
                **more,
            )
        )
        self.tell(f.Queued(at=moment(at), call=call, queue=SALES, joined=moment(at), needs=needs))
        return call

    def serve(
        self, at: float, caller: str = "", agent: str = "ann", *, talk: float = 60, **more: Any
    ) -> CallId:
        """A call that waits ten seconds, is talked to and ends."""
        call = self.call(at, caller, **more)
        self.answer(at + 10, call, agent, wait=10, ring=4)
        self.talked(at + 10 + talk, call, agent, talk=talk, by=EndedBy.CALLER)
        return call

    def give_up(self, at: float, caller: str = "") -> CallId:
        """A call that is abandoned after three seconds."""
        call = self.call(at, caller)
        self.abandon(at + 3, call, AbandonStage.WAITING, wait=3)
        return call

    def tell(self, *facts: f.Fact) -> None:
        """Any facts."""
        self.facts.extend(facts)

    def say(self, at: float, call: CallId, agent: str = "ann", **said: Any) -> None:
        self.tell(f.Classified(at=moment(at), call=call, queue=SALES, agent=AgentName(agent), **said))

    def pause(self, at: float, agent: str, reason: str, **how: Any) -> None:
        self.tell(f.Paused(at=moment(at), agent=AgentName(agent), reason=reason, **how))

    def resume(self, at: float, agent: str, reason: str) -> None:
        self.tell(f.Resumed(at=moment(at), agent=AgentName(agent), reason=reason))


def folded(story: Day) -> Accumulator:
    accumulator = Accumulator()
    for fact in sorted(story.facts, key=lambda fact: fact.at):
        accumulator.apply(fact)
    return accumulator


def rows_of(story: Day, until: float) -> list[Row]:
    return folded(story).every_row(since=EIGHT, until=moment(until), now=moment(until))


def report(story: Day, until: float = HOUR, now: float | None = None, **thresholds: int) -> Report:
    rows = rows_of(story, until if now is None else now)
    return build(
        rows,
        since=EIGHT,
        until=moment(until),
        thresholds=Thresholds(**thresholds),
        now=None if now is None else moment(now),
    )


def line(of: Report, dimension: Dimension = Dimension.QUEUE, name: str = SALES) -> Line:
    return next(line for line in of.lines if (line.dimension, line.name) == (dimension, name))


def agent(of: Report, name: str = "ann") -> Line:
    return line(of, Dimension.AGENT, name)


# ---------------------------------------------------------------- repeat calls


def test_a_caller_who_calls_again_is_a_repeat_of_who_was_served() -> None:
    story = Story()
    story.serve(0, "+1")
    story.serve(100, "+2", "bob")
    story.serve(1000, "+1", "bob")

    found = report(story)

    assert line(found).figures["contacts_known"] == 3
    assert line(found).figures["returned_within"] == 1
    assert line(found).kpis["repeat_call_rate"] == pytest.approx(1 / 3)
    assert line(found).kpis["next_issue_avoidance"] == pytest.approx(2 / 3)
    assert agent(found).kpis["fcr_by_repeat"] == 0.0
    assert agent(found, "bob").kpis["fcr_by_repeat"] == 1.0
    assert line(found, Dimension.ALL, "all").kpis["fcr_by_repeat"] == pytest.approx(2 / 3)


def test_concerns_of_the_source_tom_betty_and_john_twice() -> None:
    """Four calls, three callers; 4 / 3 calls for a concern."""
    story = Story()
    for at, caller in ((0, "tom"), (100, "betty"), (200, "john"), (900, "john")):
        story.serve(at, caller)

    assert line(report(story)).kpis["interactions_per_case"] == pytest.approx(4 / 3)


@pytest.mark.parametrize("caller", ["", "anonymous", "Unknown", " private "])
def test_unknown_callers_are_on_neither_side(caller: str) -> None:
    story = Story()
    story.serve(0, caller)
    story.serve(1000, caller)

    found = line(report(story))

    assert (found.figures["answered"], found.figures["contacts_known"]) == (2, 0)
    assert found.kpis["repeat_call_rate"] is None


def test_calls_given_up_before_the_next_answer_are_one_repeat_together() -> None:
    story = Story()
    story.serve(0, "+1")
    story.give_up(600, "+1")
    story.give_up(660, "+1")
    story.serve(720, "+1")

    assert line(report(story)).figures["returned_within"] == 1


def test_who_only_gave_up_before_is_no_repeat() -> None:
    story = Story()
    story.give_up(0, "+1")
    story.serve(600, "+1")

    assert line(report(story)).figures["returned_within"] == 0


def test_transfers_and_callbacks_are_no_repeats() -> None:
    story = Story()
    first = story.serve(0, "+1")
    story.serve(80, "+1", "bob", parent=first)
    story.call(200, "+1", work=WorkId("w1"))

    found = line(report(story)).figures

    assert (found["contacts_known"], found["returned_within"]) == (1, 0)


def test_the_window_is_asked_for_afterwards() -> None:
    story = Story()
    story.serve(0, "+1")
    story.serve(3 * HOUR, "+1")

    within = [
        line(report(story, 4 * HOUR, repeat_ms=ms(hours * HOUR))).figures["returned_within"]
        for hours in (1, 2, 3, 24)
    ]

    assert within == [0, 0, 1, 1]


def test_first_call_resolution_is_of_the_contacts_day_and_provisional_until_the_window_is_over() -> None:
    story = Story()
    story.serve(0, "+1")
    story.serve(100, "+2")
    before = report(story, HOUR, 2 * HOUR)
    story.serve(2 * DAY, "+1")

    after = report(story, HOUR, 2 * DAY + HOUR)
    settled = report(story, HOUR, 9 * DAY)

    assert (line(before).kpis["fcr_by_repeat"], before.provisional_since) == (1.0, before.since)
    assert line(after).kpis["fcr_by_repeat"] == 0.5
    assert line(after).kpis["repeat_call_rate"] == 0.0
    assert after.provisional_since == after.since
    assert settled.provisional_since == ""


def test_a_caller_is_forgotten_after_seven_days() -> None:
    story = Story()
    story.serve(0, "+1")
    story.serve(7 * DAY + HOUR, "+1")
    accumulator = folded(story)

    assert sum(sum(row.returns.values()) for row in accumulator.take_dirty()) == 0
    assert list(accumulator.state().memory.callers) == ["+1"]


# ---------------------------------------------------------------- what agents say


def test_36_of_50_calls_solved_are_72_percent() -> None:
    story = Story()
    for number in range(50):
        call = story.serve(number * 80)
        story.say(number * 80 + 71, call, resolved=number < 36)

    found = agent(report(story, 2 * HOUR))

    assert found.figures["answered"] == 50
    assert found.kpis["fcr_by_flag"] == pytest.approx(0.72)


def test_what_was_said_last_of_a_call_counts() -> None:
    story = Story()
    call = story.serve(0)
    story.say(75, call, topic="bills", code="done", resolved=True)
    story.say(80, call, topic="prices")
    story.say(85, call, resolved=False)

    found = line(report(story))

    assert found.labels == {"code:done": 1, "topic:prices": 1}
    assert [found.figures[name] for name in ("classified", "flagged_resolved", "flagged_unresolved")] == [
        1,
        0,
        1,
    ]


def test_cases_are_counted_by_topic() -> None:
    story = Story()
    for number, topic in enumerate(("bills", "bills", "prices")):
        story.say(number * 100 + 75, story.serve(number * 100), topic=topic, resolved=number == 0)

    expected = {"topic:bills": 2, "topic:prices": 1, "topic_resolved:bills": 1}
    found = report(story)
    assert line(found).labels == agent(found).labels == line(found, Dimension.ALL, "all").labels == expected


# ---------------------------------------------------------------- times


def test_handle_time_has_the_wrap_up_whether_there_was_one_or_not() -> None:
    story = Story()
    first = story.serve(0, talk=60)
    story.wrapped_up(90, first, "ann", lasting=20)
    story.serve(200, talk=30)
    story.state(240, "ann", AgentState.TALKING, AgentState.READY)

    row = next(row for row in rows_of(story, HOUR) if row.dimension is Dimension.QUEUE)

    assert row.handles == {80_000: 1, 30_000: 1}
    assert row.talks == {60_000: 1, 30_000: 1}


def test_percentiles_are_of_the_nearest_rank() -> None:
    waits = {bound * 1000: 1 for bound in range(1, 101)}

    assert [percentile(waits, percent) for percent in (50, 80, 90, 95, 100)] == [
        50_000,
        80_000,
        90_000,
        95_000,
        100_000,
    ]
    assert percentile({}, 90) is None
    assert percentile({5_000: 1}, 50) == 5_000


def test_a_report_has_percentiles_of_waits_rings_and_talks() -> None:
    story = Story()
    for number in range(10):
        story.serve(number * 100, talk=10 * (number + 1))

    found = line(report(story)).kpis

    assert (found["wait_p90_ms"], found["talk_p50_ms"], found["talk_p90_ms"]) == (10_000, 50_000, 90_000)
    assert found["ring_p50_ms"] == 4_000
    assert found["abandoned_wait_p50_ms"] is None


def test_first_response_is_the_first_answer_on_the_line_or_by_callback() -> None:
    story = Story()
    first = story.serve(0)
    story.serve(80, parent=first)
    story.tell(
        f.WorkReached(
            at=moment(300),
            work=WorkId("w"),
            call=CallId("x"),
            queue=SALES,
            kind=WorkKind.CALLBACK,
            waited_ms=ms(290),
        )
    )

    assert line(report(story)).kpis["average_first_response_ms"] == 150_000


def test_the_longest_wait_now_is_of_who_waits_now() -> None:
    story = Story()
    story.give_up(0)
    story.call(100)
    story.call(150)

    found = [line(report(story, at)).figures["oldest_wait_ms"] for at in (160, 200)]

    assert found == [60_000, 100_000]


# ---------------------------------------------------------------- backlog


def test_the_backlog_is_who_waits_and_who_is_owed_a_callback_by_age() -> None:
    story = Story()
    work = f.WorkAdded(
        at=moment(0),
        work=WorkId("w1"),
        kind=WorkKind.CALLBACK,
        queue=SALES,
        switch=PBX,
        number="+1",
        joined=moment(0),
        due=0,
        expires=0,
    )
    story.tell(work)
    story.call(60, "+1", work=WorkId("w1"))
    story.call(13 * HOUR)
    ended = f.WorkEnded(
        at=moment(80 * HOUR),
        work=WorkId("w1"),
        queue=SALES,
        kind=WorkKind.CALLBACK,
        outcome=WorkOutcome.DONE,
        attempts=1,
        lasted_ms=0,
    )
    story.tell(ended)

    def backlog(hours: float) -> list[int]:
        figures = line(report(story, hours * HOUR)).figures
        return [figures[name] for name in ("backlog", "backlog_12h", "backlog_24h", "backlog_72h")]

    accumulator = Accumulator()
    for fact in story.facts[:-1]:
        accumulator.apply(fact)
    rows = accumulator.every_row(since=EIGHT, until=moment(79 * HOUR), now=moment(79 * HOUR))
    open_still = build(rows, since=EIGHT, until=moment(79 * HOUR))

    assert line(open_still).figures["backlog_72h"] == 1
    assert [line(open_still).figures[name] for name in ("backlog", "backlog_24h")] == [2, 2]
    assert backlog(81) == [1, 1, 1, 0]


# ---------------------------------------------------------------- agents


def test_pauses_are_told_apart_by_reason_pay_and_use() -> None:
    story = Story()
    story.state(0, "ann", AgentState.OFFLINE, AgentState.READY)
    story.pause(100, "ann", "lunch", paid=False)
    story.state(100, "ann", AgentState.READY, AgentState.PAUSED)
    story.resume(400, "ann", "lunch")
    story.pause(400, "ann", "training", productive=True)
    story.resume(1000, "ann", "training")
    story.state(1000, "ann", AgentState.PAUSED, AgentState.READY)

    found = agent(report(story, 1200))

    assert found.labels == {"pause:lunch": 300_000, "pause:training": 600_000}
    assert [found.figures[f"paused_{kind}_ms"] for kind in ("unpaid", "productive")] == [300_000, 600_000]
    assert found.figures["state_paused_ms"] == 900_000
    assert found.kpis["productive_share"] == pytest.approx(900 / 1200)
    assert found.kpis["average_pause_ms"] == 450_000


def test_a_pause_asked_for_in_a_call_counts_from_its_end() -> None:
    story = Story()
    story.state(0, "ann", AgentState.OFFLINE, AgentState.TALKING)
    story.pause(50, "ann", "lunch")
    story.state(100, "ann", AgentState.TALKING, AgentState.PAUSED)

    assert agent(report(story, 160)).labels == {"pause:lunch": 60_000}


def test_shifts_that_were_not_as_planned_are_counted() -> None:
    story = Story()
    for kind, by in (("late", 600), ("late", 300), ("early", 120), ("overtime", 60), ("absent", 1800)):
        story.tell(f.OffShift(at=moment(1), agent=AgentName("ann"), kind=kind, planned=0, by_ms=ms(by)))

    found = agent(report(story))

    assert found.figures["shifts_off"] == 5
    assert found.kpis["average_lateness_ms"] == 450_000


def test_agents_of_a_team_add_up() -> None:
    story = Story()
    for name, team in (("ann", "north"), ("bob", "north"), ("cem", "")):
        story.tell(f.LoggedIn(at=moment(0), agent=AgentName(name), phone=PhoneName("PJSIP/1"), team=team))
        story.state(0, name, AgentState.OFFLINE, AgentState.READY)
        story.serve(100, agent=name)

    found = report(story, 600)

    teams = [line for line in found.lines if line.dimension is Dimension.TEAM]
    assert [(line.name, line.figures["handled"], line.figures["staffed_ms"]) for line in teams] == [
        ("north", 2, 1_200_000)
    ]


# ---------------------------------------------------------------- rows beside the queue's


def test_calls_count_by_the_number_dialled_and_by_skill() -> None:
    story = Story()
    call = story.serve(0, dialled="+4930100", needs="fr >= 5 and billing", talk=50)
    story.wrapped_up(90, call, "ann", lasting=10)
    story.give_up(200)
    waits = story.call(300, dialled="+4930100")
    story.abandon(303, waits, AbandonStage.WAITING, wait=3)

    found = report(story)

    dialled = line(found, Dimension.DNIS, "+4930100")
    assert [dialled.figures[name] for name in ("arrived", "offered", "answered", "abandoned")] == [2, 2, 1, 1]
    for skill in ("billing", "fr"):
        own = line(found, Dimension.SKILL, skill)
        assert (own.figures["offered"], own.kpis["aht_ms"], own.kpis["service_level"]) == (1, 60_000, 1.0)
        assert "arrived" not in own.figures


def test_an_expression_that_makes_no_sense_any_more_asks_for_no_skill() -> None:
    assert skills_in("fr >= ") == ()


# ---------------------------------------------------------------- the busiest hour


def test_abandonment_at_the_peak_is_of_the_busiest_hour() -> None:
    story = Story()
    for number in range(3):
        story.serve(number * 100)
    story.give_up(HOUR)
    for number in range(4):
        (story.give_up if number < 2 else story.serve)(2 * HOUR + number * 100)

    found = line(report(story, 4 * HOUR)).kpis

    assert (found["offered_at_peak"], found["abandonment_rate_at_peak"]) == (4, 0.5)


def test_missed_offers_are_a_share_of_those_that_ended() -> None:
    story = Story()
    call = story.call(0)
    story.offer(1, call, "ann")
    story.fail(10, call, "ann", OfferOutcome.NO_ANSWER, ring=9)
    story.answer(20, call, "ann", wait=20, ring=5)
    story.end(30, call, Disposition.ANSWERED, EndedBy.CALLER, 10, queue=QueueName("sales"))

    assert agent(report(story)).kpis["missed_offer_rate"] == 0.5
