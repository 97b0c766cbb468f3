"""Whatever happened: the numbers are the same by every road, and they add up."""

from itertools import groupby, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core import facts as f
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.outcomes import AbandonStage, BlockReason, EndedBy, LeaveReason, OfferOutcome, TransferKind
from acd.core.states import AgentState
from kpi.accumulator import Accumulator
from kpi.counters import Dimension
from kpi.histogram import bucket, merge, tally, within
from kpi.ledger import LedgerState
from kpi.report import build
from kpi.rows import Row, roll_up
from kpi.slots import SLOT_MS, clip, slot_of
from kpi.store import Store, read_rows
from tests.unit.kpi.day import EIGHT, Day, moment

pytestmark = pytest.mark.property

AGENTS = ("ann", "bob", "cem")
QUEUES = ("sales", "help")
LATER = 200_000.0
"""Seconds after eight: past the end of every generated day."""
waits = st.integers(0, 5_000_000)


@st.composite
def days(draw: st.DrawFn) -> list[f.Fact]:
    """A day of lawful facts: calls arrive, wait, are talked to or lost; agents change states; hours may pass quietly."""
    day = Day()
    states = dict.fromkeys(AGENTS, AgentState.OFFLINE)
    waiting: list[CallId] = []
    at = draw(st.floats(0, 2000))
    for _ in range(draw(st.integers(0, 30))):
        at += draw(st.sampled_from((0.0, 0.001, 1.5, 40.0, 899.999, 3600.0)))
        agent = draw(st.sampled_from(AGENTS))
        match draw(st.sampled_from((0, 1, 2, 3, 4, 5, 6, 7, 8, 9) if waiting else (0, 1, 2, 3, 9))):
            case 0 | 1:
                waiting.append(
                    day.queue(
                        at,
                        trunk=draw(st.sampled_from((None, "carrier"))),
                        caller=draw(st.sampled_from(("", "+1", "+2"))),
                        dialled=draw(st.sampled_from(("", "100"))),
                        needs=draw(st.sampled_from(("", "fr >= 5 and billing"))),
                    )
                )
            case 2:
                day.block(at, draw(st.sampled_from(BlockReason)), draw(st.sampled_from(QUEUES)))
            case 3 | 4:
                after = draw(st.sampled_from(AgentState))
                if after is not states[agent]:
                    day.state(at, agent, states[agent], after)
                    states[agent] = after
            case 5:
                day.abandon(at, waiting.pop(), draw(st.sampled_from(AbandonStage)), draw(waits) / 1000)
            case 6:
                day.leave(at, waiting.pop(), draw(st.sampled_from(LeaveReason)), draw(waits) / 1000)
            case 7:
                day.facts.extend(_served(draw, at, waiting.pop(), agent))
            case 8:
                day.facts.extend(_missed(draw, at, waiting[-1], agent))
            case _:
                day.facts.append(_rested(draw, at, agent))
    return day.facts


def _served(draw: st.DrawFn, at: float, call: CallId, agent: str) -> list[f.Fact]:
    part = Day()
    part.answer(at, call, agent, wait=draw(waits) / 1000, ring=1)
    by = draw(st.sampled_from(EndedBy))
    if by is EndedBy.TRANSFER:
        part.transfer(at, call, agent, draw(st.sampled_from(TransferKind)))
    part.talked(at, call, agent, talk=draw(waits) / 1000, by=by, hold=draw(waits) / 1000)
    if draw(st.booleans()):
        part.wrapped_up(at, call, agent, lasting=draw(waits) / 1000)
    for topic in draw(st.lists(st.sampled_from(("bills", "prices")), max_size=2)):
        part.facts.append(
            f.Classified(
                at=moment(at),
                call=call,
                queue=QueueName("sales"),
                agent=AgentName(agent),
                topic=topic,
                resolved=draw(st.sampled_from((None, True, False))),
            )
        )
    return [fact for fact in part.facts if not isinstance(fact, f.StateChanged)]


def _rested(draw: st.DrawFn, at: float, agent: str) -> f.Fact:
    who, reason = AgentName(agent), draw(st.sampled_from(("lunch", "training")))
    if draw(st.booleans()):
        return f.Resumed(at=moment(at), agent=who, reason=reason)
    return f.Paused(
        at=moment(at), agent=who, reason=reason, paid=draw(st.booleans()), productive=draw(st.booleans())
    )


def _missed(draw: st.DrawFn, at: float, call: CallId, agent: str) -> list[f.Fact]:
    part = Day()
    part.offer(at, call, agent)
    part.fail(at, call, agent, draw(st.sampled_from(OfferOutcome)), ring=draw(waits) / 1000)
    return [fact for fact in part.facts if not isinstance(fact, f.StateChanged)]


def folded(facts: list[f.Fact], start: LedgerState | None = None) -> Accumulator:
    accumulator = Accumulator() if start is None else Accumulator.from_state(start)
    for fact in facts:
        accumulator.apply(fact)
    return accumulator


def everything(accumulator: Accumulator) -> list[Row]:
    return accumulator.every_row(since=EIGHT, until=moment(LATER), now=moment(LATER))


@settings(deadline=None)
@given(facts=days(), data=st.data())
def test_a_fold_interrupted_anywhere_is_the_same_fold(facts: list[f.Fact], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(facts)))
    snapshot = msgspec.json.encode(folded(facts[:cut]).state())

    resumed = folded(facts[cut:], msgspec.json.decode(snapshot, type=LedgerState))

    assert resumed.state() == folded(facts).state()


@settings(max_examples=40, deadline=None)
@given(facts=days(), data=st.data())
def test_ticks_reads_and_forgetting_change_no_number(facts: list[f.Fact], data: st.DataObject) -> None:
    busy = Accumulator()
    kept: dict[tuple[int, Dimension, str], Row] = {}
    for fact, following in pairwise([*facts, f.EngineStopped(at=moment(LATER))]):
        busy.apply(fact)
        if data.draw(st.booleans()):
            busy.tick(data.draw(st.integers(fact.at, following.at)))
            everything(busy)
        kept |= {(row.slot, row.dimension, row.name): row for row in busy.take_dirty()}
        busy.forget(fact.at)
    busy.tick(moment(LATER))
    kept |= {(row.slot, row.dimension, row.name): row for row in busy.take_dirty()}

    plain = folded(facts)
    plain.tick(moment(LATER))
    assert [kept[key] for key in sorted(kept)] == everything_stored(plain)


def everything_stored(accumulator: Accumulator) -> list[Row]:
    return sorted(accumulator.take_dirty(), key=lambda row: (row.slot, row.dimension, row.name))


@settings(max_examples=25, deadline=None)
@given(facts=days(), data=st.data())
def test_the_store_after_a_crash_and_a_replay_holds_the_live_numbers(
    facts: list[f.Fact], data: st.DataObject
) -> None:
    """The snapshot is older than the last commit, and what came after the commit is lost with the process."""
    snapshot_at = data.draw(st.integers(0, len(facts)))
    committed_at = data.draw(st.integers(snapshot_at, len(facts)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "kpi.sqlite"
        snapshot = folded(facts[:snapshot_at]).state()
        _commit(path, folded(facts[:committed_at]), committed_at)

        replayed = folded(facts[snapshot_at:], snapshot)
        replayed.tick(moment(LATER))
        _commit(path, replayed, len(facts))

        live = folded(facts)
        live.tick(moment(LATER))
        stored = read_rows(path, since=EIGHT, until=moment(LATER) + 1)
        assert sorted(stored, key=lambda row: (row.slot, row.dimension, row.name)) == everything_stored(live)


COUNTED_IN_ANY_ORDER = (
    *("arrived", "blocked", "offered", "answered", "abandoned_waiting", "abandoned_ringing", "left", "ended"),
    *("wait_answered_ms", "wait_abandoned_ms", "wait_left_ms", "wait_max_ms", "duration_ms"),
    *("offers", "offer_no_answer", "offer_busy", "ring_ms", "handled", "talk_ms", "hold_ms", "wrap_up_ms"),
    *("transferred_blind", "transferred_attended", "ended_by_caller", "held_talks"),
)


@settings(max_examples=40, deadline=None)
@given(facts=days(), data=st.data())
def test_event_time_counts_do_not_depend_on_the_order_of_facts(
    facts: list[f.Fact], data: st.DataObject
) -> None:
    """A fact counts in the slot of its own `at`, however late it is told."""
    shuffled = data.draw(st.permutations(facts))

    assert _counted(folded(list(shuffled))) == _counted(folded(facts))


def _counted(accumulator: Accumulator) -> dict[tuple[int, str, str], list[object]]:
    found = {}
    for row in everything(accumulator):
        if row.dimension in (Dimension.QUEUE, Dimension.AGENT, Dimension.TRUNK):
            maps = (row.answered_waits, row.abandoned_waits, row.rings, row.talks)
            values = [*(getattr(row.counts, name) for name in COUNTED_IN_ANY_ORDER), *maps]
            if any(values):
                found[row.slot, row.dimension.value, row.name] = values
    return found


@settings(max_examples=40, deadline=None)
@given(facts=days(), data=st.data())
def test_facts_of_one_moment_may_come_in_any_order_that_keeps_each_calls_and_agents(
    facts: list[f.Fact], data: st.DataObject
) -> None:
    mixed: list[f.Fact] = []
    for _, same in groupby(facts, key=lambda fact: fact.at):
        strands = _strands(list(same))
        while strands:
            strand = data.draw(st.sampled_from(strands))
            mixed.append(strand.pop(0))
            strands = [strand for strand in strands if strand]

    one, other = folded(mixed).state(), folded(facts).state()
    assert sorted(one.rows, key=_key) == sorted(other.rows, key=_key)
    assert (one.waiting, one.agents, one.memory) == (other.waiting, other.agents, other.memory)


def _strands(facts: list[f.Fact]) -> list[list[f.Fact]]:
    """Facts that name no call, agent or caller in common are in different strands."""
    strands: list[tuple[set[object], list[f.Fact]]] = []
    for fact in facts:
        names = {getattr(fact, name, None) for name in ("call", "agent", "caller")} - {None, ""}
        joined = [strand for strand in strands if strand[0] & names]
        rest = [strand for strand in strands if not strand[0] & names]
        told = sorted((one for strand in joined for one in strand[1]), key=facts.index)
        strands = [*rest, (names.union(*(strand[0] for strand in joined)), [*told, fact])]
    return [strand[1] for strand in strands]


def _key(row: Row) -> tuple[int, str, str]:
    return row.slot, row.dimension.value, row.name


def _commit(path: Path, accumulator: Accumulator, position: int) -> None:
    troubles: list[str] = []
    store = Store(path, on_trouble=troubles.append, batch=0.0)
    store.start()
    store.put(accumulator.take_dirty(), str(position))
    assert store.stop(10.0)
    assert not troubles


@settings(max_examples=40, deadline=None)
@given(facts=days())
def test_every_call_is_accounted_for_in_every_period(facts: list[f.Fact]) -> None:
    for minutes in (15, 60, None):
        report = build(everything(folded(facts)), since=EIGHT, until=moment(LATER), minutes=minutes)

        assert report.balance.balanced
        assert report.unbalanced == []


@settings(deadline=None)
@given(facts=days())
def test_agents_states_fill_the_time_they_were_logged_in(facts: list[f.Fact]) -> None:
    logged_in: dict[str, int] = dict.fromkeys(AGENTS, 0)
    changes = [fact for fact in facts if isinstance(fact, f.StateChanged)]
    for agent in AGENTS:
        own = [fact for fact in changes if fact.agent == agent]
        ends = [*(fact.at for fact in own[1:]), moment(LATER)]
        for fact, end in zip(own, ends, strict=False):
            if fact.after is not AgentState.OFFLINE:
                logged_in[agent] += end // 1_000_000 - fact.at // 1_000_000

    rows = [row for row in everything(folded(facts)) if row.dimension is Dimension.AGENT]
    for row in rows:
        assert 0 <= staffed(row) <= SLOT_MS
    assert {agent: sum(staffed(row) for row in rows if row.name == agent) for agent in AGENTS} == logged_in


def staffed(row: Row) -> int:
    return sum(
        value for name, value in msgspec.structs.asdict(row.counts).items() if name.startswith("state_")
    )


@settings(deadline=None)
@given(facts=days())
def test_rolling_up_by_steps_is_rolling_up_at_once(facts: list[f.Fact]) -> None:
    rows = everything(folded(facts))
    first = slot_of(EIGHT)

    hours = roll_up(roll_up(rows, first=first, minutes=30), first=first, minutes=60)

    assert hours == roll_up(rows, first=first, minutes=60)
    assert roll_up(hours, first=first, minutes=None) == roll_up(rows, first=first, minutes=None)


# ---------------------------------------------------------------- the parts


@settings(deadline=None)
@given(begin=st.integers(0, 10**10), length=st.integers(0, 50 * SLOT_MS))
def test_the_parts_of_a_span_add_up_and_lie_in_their_slots(begin: int, length: int) -> None:
    parts = list(clip(begin, begin + length))

    assert sum(lasted for _, lasted in parts) == length
    assert all(0 < lasted <= SLOT_MS for _, lasted in parts)
    assert all(later == earlier + 1 for (earlier, _), (later, _) in pairwise(parts))
    assert not parts or parts[0][0] == begin // SLOT_MS


@settings(deadline=None)
@given(wait=st.integers(0, 10**9))
def test_a_bucket_is_less_than_a_hundredth_off_and_its_own_bucket(wait: int) -> None:
    bound = bucket(wait)

    assert wait <= bound
    assert (bound - wait) * 100 < max(wait, 1)
    assert bucket(bound) == bound


@settings(deadline=None)
@given(one=st.lists(waits), other=st.lists(waits))
def test_merged_histograms_are_the_histogram_of_both(one: list[int], other: list[int]) -> None:
    merged: dict[int, int] = {}
    second: dict[int, int] = {}
    both: dict[int, int] = {}
    for histogram, values in ((merged, one), (second, other), (both, one + other)):
        for wait in values:
            tally(histogram, wait)

    merge(merged, second)

    assert merged == both


@settings(deadline=None)
@given(values=st.lists(waits), digits=st.integers(0, 999), zeros=st.integers(0, 4))
def test_a_threshold_of_three_digits_is_exact(values: list[int], digits: int, zeros: int) -> None:
    threshold = digits * 10**zeros
    histogram: dict[int, int] = {}
    for wait in values:
        tally(histogram, wait)

    assert within(histogram, threshold) == sum(wait <= threshold for wait in values)
