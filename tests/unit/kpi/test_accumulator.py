"""The fold, against numbers worked out by hand from tests/unit/kpi/day.py."""

from typing import get_args

import msgspec
import pytest

from acd.core import facts as f
from acd.core.ids import AgentName, CallId, QueueName, SwitchName, TrunkGroup, Uniqueid
from acd.core.outcomes import AbandonStage, EndedBy, LeaveReason, TransferKind
from acd.core.states import AgentState
from kpi.accumulator import STEPS, Accumulator
from kpi.counters import Dimension
from kpi.ledger import LedgerState
from kpi.report import balance
from kpi.rows import Row
from kpi.slots import SLOT_NS, slot_of
from tests.unit.kpi.day import EIGHT, PBX, SALES, Day, moment, morning

pytestmark = pytest.mark.unit

UNCOUNTED = {
    f.CallingAllowed,
    f.LineMade,
    f.WorkDeferred,
    f.WorkTranscribed,
    f.TextSent,
    f.IvrStarted,
    f.Misread,
    f.PlaceRestored,
    f.StepTaken,
    f.Reordered,
    f.Picked,
    f.PreferenceEnded,
    f.Advice,
    f.Starved,
    f.ReserveChanged,
    f.Returned,
    f.SessionEnded,
    f.HeldCaller,
    f.TookBack,
    f.LoggedOut,
    f.WrapUpStarted,
    f.BackedOff,
    f.LogInRefused,
    f.LogOutWished,
    f.PauseOverrun,
    f.WrapUpWished,
    f.WrapUpExtended,
    f.HelpWanted,
    f.MaliciousCall,
    f.Audited,
    f.SupervisionStarted,
    f.SupervisionEnded,
    f.RecordingStarted,
    f.RecordingPaused,
    f.RecordingResumed,
    f.RecordingEnded,
    f.RecordingHeld,
    f.RecordingDeleted,
    f.HostStrained,
    f.RulesApplied,
    f.QueueSwitched,
    f.EngineStarted,
    f.EngineStopped,
    f.LinkLost,
    f.LinkSynced,
    f.Stale,
    f.Refuted,
}
"""Told again, with its length, by the fact that ends it, or nothing a counter counts."""

NOW = moment(1200)
FIRST, SECOND_SLOT = slot_of(EIGHT), slot_of(EIGHT) + 1

EXPECTED: dict[tuple[str, int], dict[str, int]] = {
    ("nowhere", FIRST): {"arrived": 1, "blocked": 1, "blocked_unknown_queue": 1, "ended": 1},
    ("sales", FIRST): {
        "arrived": 12,
        "blocked": 6,
        "blocked_queue_full": 1,
        "blocked_nobody_logged_in": 1,
        "blocked_closed": 1,
        "blocked_trunk_full": 1,
        "blocked_overload": 1,
        "blocked_engine_down": 1,
        "offered": 6,
        "answered": 2,
        "abandoned_waiting": 1,
        "abandoned_ringing": 1,
        "left": 1,
        "left_lost_by_platform": 1,
        "waiting_at_end": 1,
        "oldest_wait_ms": 20_000,  # 880-900
        "backlog": 1,
        "first_responses": 2,
        "first_response_ms": 34_000,  # 4 + 30
        "ended": 11,
        "transferred_out_calls": 1,
        "duration_ms": 240_000,  # 100 + 100 + 3 + 25 + 12 s
        "wait_answered_ms": 34_000,  # 4 + 30
        "wait_abandoned_ms": 28_000,  # 3 + 25
        "wait_left_ms": 12_000,
        "wait_max_ms": 30_000,
        "offers": 5,
        "offer_answered": 2,
        "offer_no_answer": 1,
        "offer_caller_left": 1,
        "ring_ms": 51_000,  # 3 + 14 + 10 + 24
        "handled": 2,
        "held_talks": 1,
        "ended_by_caller": 1,
        "ended_by_transfer": 1,
        "talk_ms": 180_000,  # 80 + 100
        "hold_ms": 20_000,
        "wrap_ups": 2,
        "wrap_up_ms": 15_000,  # 10 + 5
        "transferred_blind": 1,
        "transferred_to_queue": 1,
    },
    ("sales", SECOND_SLOT): {
        "arrived": 1,
        "offered": 1,
        "answered": 1,
        "waiting_at_start": 1,
        "waiting_at_end": 1,
        "oldest_wait_ms": 10_000,  # 1190-now
        "backlog": 1,
        "first_responses": 1,
        "first_response_ms": 25_000,
        "ended": 1,
        "transferred_out_calls": 1,
        "duration_ms": 100_000,
        "wait_answered_ms": 25_000,
        "wait_max_ms": 25_000,
        "offer_answered": 1,
        "ring_ms": 14_000,
        "handled": 1,
        "ended_by_transfer": 1,
        "talk_ms": 100_000,
        "transferred_attended": 1,
    },
    ("ann", FIRST): {
        "answered": 1,
        "offers": 3,
        "offer_answered": 1,
        "offer_caller_left": 1,
        "ring_ms": 27_000,
        "handled": 1,
        "held_talks": 1,
        "ended_by_caller": 1,
        "talk_ms": 80_000,
        "hold_ms": 20_000,
        "wrap_ups": 1,
        "wrap_up_ms": 10_000,
        "state_ready_ms": 751_000,  # 0-10, 124-300, 325-890
        "state_offered_ms": 39_000,  # 10-14, 300-325, 890-900
        "state_talking_ms": 100_000,  # 14-114
        "state_wrap_up_ms": 10_000,  # 114-124
    },
    ("ann", SECOND_SLOT): {
        "answered": 1,
        "offer_answered": 1,
        "ring_ms": 14_000,
        "handled": 1,
        "ended_by_transfer": 1,
        "talk_ms": 100_000,
        "transferred_attended": 1,
        "state_offered_ms": 5_000,  # 900-905
        "state_talking_ms": 100_000,  # 905-1005
        "state_wrap_up_ms": 195_000,  # 1005-now
    },
    ("bob", FIRST): {
        "answered": 1,
        "offers": 2,
        "offer_answered": 1,
        "offer_no_answer": 1,
        "ring_ms": 24_000,
        "handled": 1,
        "ended_by_transfer": 1,
        "talk_ms": 100_000,
        "wrap_ups": 1,
        "wrap_up_ms": 5_000,
        "transferred_blind": 1,
        "transferred_to_queue": 1,
        "state_ready_ms": 366_000,  # 0-20, 35-36, 155-500
        "state_offered_ms": 29_000,  # 20-35, 36-50
        "state_talking_ms": 100_000,
        "state_wrap_up_ms": 5_000,
        "state_paused_ms": 400_000,  # 500-900
    },
    ("bob", SECOND_SLOT): {"state_paused_ms": 300_000},
    ("carrier", FIRST): {
        "arrived": 13,
        "blocked": 7,
        "blocked_unknown_queue": 1,
        "blocked_queue_full": 1,
        "blocked_nobody_logged_in": 1,
        "blocked_closed": 1,
        "blocked_trunk_full": 1,
        "blocked_overload": 1,
        "blocked_engine_down": 1,
        "ended": 12,
        "duration_ms": 240_000,
        "peak": 2,
    },
    ("carrier", SECOND_SLOT): {"arrived": 1, "ended": 1, "duration_ms": 100_000},
}


def folded(facts: list[f.Fact]) -> Accumulator:
    accumulator = Accumulator()
    for fact in facts:
        accumulator.apply(fact)
    return accumulator


def counted(row: Row) -> dict[str, int]:
    """What is not 0."""
    counts: dict[str, int] = msgspec.to_builtins(row.counts)
    return counts


def everything(accumulator: Accumulator, now: int = NOW) -> list[Row]:
    return accumulator.every_row(since=EIGHT, until=now, now=now)


def test_a_morning_counts_as_worked_out_by_hand() -> None:
    rows = everything(folded(morning()))

    assert {(row.name, row.slot): counted(row) for row in rows} == EXPECTED


def test_waits_are_kept_as_histograms() -> None:
    rows = folded(morning()).rows(dimension=Dimension.QUEUE, since=EIGHT, until=EIGHT + SLOT_NS, now=NOW)

    sales = next(row for row in rows if row.name == SALES)
    assert sales.answered_waits == {4_000: 1, 30_000: 1}
    assert sales.abandoned_waits == {3_000: 1, 25_000: 1}


def test_all_adds_calls_of_queues_and_time_of_agents() -> None:
    first, second = folded(morning()).rows(dimension=Dimension.ALL, since=EIGHT, until=NOW, now=NOW)

    assert (first.counts.arrived, first.counts.handled, first.counts.wait_max_ms) == (13, 2, 30_000)
    assert first.counts.state_ready_ms == 1_117_000
    assert (second.counts.waiting_at_start, second.counts.state_paused_ms) == (1, 300_000)


def test_every_kind_of_fact_is_counted_or_known_not_to_be() -> None:
    assert set(STEPS) | UNCOUNTED == set(get_args(f.AnyFact))
    assert not set(STEPS) & UNCOUNTED


def test_a_fact_that_counts_nothing_still_closes_the_slot() -> None:
    accumulator = folded(morning())
    accumulator.take_dirty()

    accumulator.apply(f.LinkSynced(at=moment(1801), switch=PBX))

    assert {(row.name, row.slot) for row in accumulator.take_dirty()} == {
        ("ann", SECOND_SLOT),
        ("bob", SECOND_SLOT),
        (SALES, SECOND_SLOT),
        (SALES, SECOND_SLOT + 1),
    }


def test_a_tick_closes_the_slot_without_any_fact() -> None:
    accumulator = folded(morning())
    accumulator.take_dirty()

    accumulator.tick(moment(1801))

    assert (SALES, SECOND_SLOT + 1) in {(row.name, row.slot) for row in accumulator.take_dirty()}


def test_reading_changes_nothing() -> None:
    accumulator = folded(morning())
    before = accumulator.state()

    everything(accumulator, now=moment(5000))

    assert accumulator.state() == before


def test_a_state_still_open_reaches_into_every_slot_until_now() -> None:
    rows = everything(folded(morning()), now=moment(2 * 900 + 60))

    paused = [row.counts.state_paused_ms for row in rows if row.name == "bob"]
    assert paused == [400_000, 900_000, 60_000]
    waiting = [(row.counts.waiting_at_start, row.counts.waiting_at_end) for row in rows if row.name == SALES]
    assert waiting == [(0, 1), (1, 1), (1, 1)]


def test_an_offline_agent_costs_no_rows() -> None:
    day = Day()
    day.state(0, "ann", AgentState.OFFLINE, AgentState.READY, lasted=5_000)
    day.state(10, "ann", AgentState.READY, AgentState.OFFLINE)

    rows = everything(folded(day.facts), now=moment(9_000))

    assert [(row.slot, counted(row)) for row in rows] == [(FIRST, {"state_ready_ms": 10_000})]


def test_a_state_begun_before_the_ledger_counts_by_its_own_length() -> None:
    day = Day()
    day.state(100, "ann", AgentState.READY, AgentState.PAUSED, lasted=100)

    rows = everything(folded(day.facts), now=moment(100))

    assert [counted(row) for row in rows] == [{"state_ready_ms": 100_000}]


def test_a_clock_set_back_counts_no_time_twice() -> None:
    day = Day()
    day.state(0, "ann", AgentState.OFFLINE, AgentState.READY)
    day.state(200, "ann", AgentState.READY, AgentState.PAUSED)
    day.state(150, "ann", AgentState.PAUSED, AgentState.READY)

    rows = everything(folded(day.facts), now=moment(300))

    assert [counted(row) for row in rows] == [{"state_ready_ms": 300_000}]


def test_after_a_clock_set_back_the_newest_slot_knows_who_waits() -> None:
    day = Day()
    call = day.queue(1000)
    day.abandon(800, call, AbandonStage.WAITING, wait=0)

    old, new = (row for row in everything(folded(day.facts)) if row.name == SALES)

    assert counted(old) == {"abandoned_waiting": 1, "ended": 1}
    assert counted(new) == {"arrived": 1, "offered": 1}


def test_an_answer_without_a_waiting_call_leaves_the_line_alone() -> None:
    day = Day()
    call = day.queue(0)
    day.answer(5, call, "ann", wait=5, ring=2)
    day.answer(5, call, "ann", wait=5, ring=2)

    sales = next(row for row in everything(folded(day.facts)) if row.name == SALES)

    assert (sales.counts.answered, sales.counts.waiting_at_end) == (2, 0)


@pytest.mark.parametrize("by", EndedBy)
def test_who_ended_a_talk_is_counted(by: EndedBy) -> None:
    day = Day()
    day.talked(5, day.queue(0), "ann", talk=5, by=by)

    sales, ann = (next(row for row in everything(folded(day.facts)) if row.name == n) for n in (SALES, "ann"))

    assert getattr(sales.counts, f"ended_by_{by}") == getattr(ann.counts, f"ended_by_{by}") == 1


@pytest.mark.parametrize("kind", TransferKind)
def test_a_transfer_into_a_queue_is_counted_by_kind_and_as_a_destination(kind: TransferKind) -> None:
    day = Day()
    day.transfer(5, day.queue(0), "ann", kind, into=day.queue(5))

    ann = next(row for row in everything(folded(day.facts)) if row.name == "ann")

    assert counted(ann) == {f"transferred_{kind}": 1, "transferred_to_queue": 1}


# ---------------------------------------------------------------- the snapshot and the store's share


def test_the_state_survives_json() -> None:
    accumulator = folded(morning())

    state = msgspec.json.decode(msgspec.json.encode(accumulator.state()), type=LedgerState)

    assert everything(Accumulator.from_state(state)) == everything(accumulator)


def test_rows_are_dirty_once() -> None:
    accumulator = folded(morning())

    taken = accumulator.take_dirty()

    assert {(row.name, row.slot) for row in taken} == set(EXPECTED) - {("bob", SECOND_SLOT)}
    assert accumulator.take_dirty() == []


def test_a_taken_row_does_not_change_any_more() -> None:
    accumulator = folded(morning())
    before = {(row.name, row.slot): row for row in accumulator.take_dirty()}
    sales = before[SALES, SECOND_SLOT]
    arrived = sales.counts.arrived

    day = Day()
    day.arrive(1195)
    accumulator.apply(day.facts[0])

    assert sales.counts.arrived == arrived
    again = next(row for row in accumulator.take_dirty() if row.name == SALES)
    assert again.counts.arrived == arrived + 1


def test_a_restored_accumulator_counts_every_row_as_changed() -> None:
    accumulator = folded(morning())
    accumulator.take_dirty()

    restored = Accumulator.from_state(accumulator.state())

    assert len(restored.take_dirty()) == len(EXPECTED) - 1


def test_stored_slots_can_be_forgotten() -> None:
    accumulator = folded(morning())
    accumulator.take_dirty()

    accumulator.forget(moment(900))

    assert {row.slot for row in everything(accumulator)} == {SECOND_SLOT}


def test_rows_not_stored_yet_are_not_forgotten() -> None:
    accumulator = folded(morning())

    accumulator.forget(moment(900))

    assert {row.slot for row in accumulator.take_dirty()} == {FIRST, SECOND_SLOT}


def test_the_present_slot_is_never_forgotten() -> None:
    accumulator = folded(morning())
    accumulator.take_dirty()

    accumulator.forget(moment(900_000))

    assert {row.slot for row in everything(accumulator)} == {SECOND_SLOT}


def test_a_late_fact_of_a_forgotten_slot_counts_in_the_oldest_kept() -> None:
    accumulator = folded(morning())
    accumulator.take_dirty()
    accumulator.forget(moment(900))
    day = Day()
    day.arrive(100)
    day.state(100, AgentName("eve"), AgentState.READY, AgentState.OFFLINE, lasted=100)

    for fact in day.facts:
        accumulator.apply(fact)

    assert {(row.name, row.slot) for row in accumulator.take_dirty()} == {
        (SALES, SECOND_SLOT),
        ("carrier", SECOND_SLOT),
    }


def test_a_call_that_goes_on_to_another_queue_is_accounted_for_in_both() -> None:
    at = EIGHT
    call, sales, back = CallId("c1"), QueueName("sales"), QueueName("back")
    facts: list[f.Fact] = [
        f.Arrived(
            at=at, call=call, queue=sales, switch=SwitchName("pbx1"), channel="x", uniqueid=Uniqueid("1")
        ),
        f.Queued(at=at, call=call, queue=sales, joined=at),
        f.Left(at=at, call=call, queue=sales, reason=LeaveReason.OVERFLOWED, wait_ms=20_000),
        f.Queued(at=at, call=call, queue=back, joined=at, moved_from=sales),
        f.Abandoned(at=at, call=call, queue=back, stage=AbandonStage.WAITING, wait_ms=30_000),
    ]
    rows = {row.name: counted(row) for row in everything(folded(facts))}
    assert rows["sales"] == {
        "arrived": 1,
        "offered": 1,
        "left": 1,
        "left_overflowed": 1,
        "wait_left_ms": 20_000,
    }
    assert rows["back"] == {
        "offered": 1,
        "moved_in": 1,
        "abandoned_waiting": 1,
        "wait_abandoned_ms": 30_000,
        "wait_max_ms": 30_000,
    }
    for counts in rows.values():
        assert balance(counts | {"abandoned": counts.get("abandoned_waiting", 0)}).balanced


def test_lines_in_use_full_and_out_of_order_are_added_up() -> None:
    numbers = Accumulator()
    lines = TrunkGroup("carrier")
    told: list[f.Fact] = [
        f.TrunksBusy(at=moment(10), trunk=lines, up=30),
        f.TrunksBusy(at=moment(30), trunk=lines, up=29, lasted_ms=20_000),
        f.TrunkAlarm(
            at=moment(31), trunk=lines, switch=SwitchName("pbx1"), line="DAHDI/1", alarm="Red Alarm"
        ),
        f.TrunkAlarm(at=moment(41), trunk=lines, switch=SwitchName("pbx1"), line="DAHDI/1"),
        f.TrunkUse(at=moment(60), trunk=lines, up_ms=1_700_000, busy_ms=20_000, out_of_order_ms=10_000),
        f.TrunkUse(at=moment(120), trunk=lines, up_ms=100_000),
    ]
    for fact in told:
        numbers.apply(fact)
    [row] = numbers.rows(dimension=Dimension.TRUNK, since=moment(0), until=NOW, now=NOW)

    assert msgspec.structs.asdict(row.counts) | {
        "carried_ms": 1_800_000,
        "all_busy_ms": 20_000,
        "all_busy_times": 1,
        "alarms": 1,
        "out_of_order_ms": 10_000,
    } == msgspec.structs.asdict(row.counts)
