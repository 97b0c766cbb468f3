"""The table of counters covers the vocabulary of the core, and every row of it is real."""

import pytest

from acd.core.outcomes import BlockReason, EndedBy, LeaveReason, OfferOutcome, TransferKind
from acd.core.states import AgentState
from kpi.counters import CATALOGUE, Counters, Dimension, Merge, names_of

pytestmark = pytest.mark.unit

FAMILIES = [
    *(f"blocked_{reason}" for reason in BlockReason),
    *(f"left_{reason}" for reason in LeaveReason),
    *(f"offer_{outcome}" for outcome in OfferOutcome),
    *(f"ended_by_{by}" for by in EndedBy),
    *(f"transferred_{kind}" for kind in TransferKind),
    *(f"state_{state}_ms" for state in AgentState if state is not AgentState.OFFLINE),
]


@pytest.mark.parametrize("name", FAMILIES)
def test_every_word_of_the_core_has_its_counter(name: str) -> None:
    assert name in CATALOGUE


def test_the_table_is_the_row() -> None:
    assert tuple(CATALOGUE) == Counters.__struct_fields__


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_counter_says_what_it_is(name: str) -> None:
    counter = CATALOGUE[name]

    assert counter.meaning
    assert (counter.unit == "ms") == name.endswith("_ms")
    assert counter.homes


def test_a_trunk_has_no_waits_and_no_totals() -> None:
    assert set(names_of(Dimension.TRUNK)) & {"peak", "duration_ms", "wait_max_ms"} == {"peak", "duration_ms"}
    assert "peak" not in names_of(Dimension.ALL)


def test_only_what_is_no_sum_merges_otherwise() -> None:
    others = {name: counter.merge for name, counter in CATALOGUE.items() if counter.merge is not Merge.SUM}

    assert others == {
        "waiting_at_start": Merge.FIRST,
        "waiting_at_end": Merge.LAST,
        "backlog": Merge.LAST,
        "backlog_12h": Merge.LAST,
        "backlog_24h": Merge.LAST,
        "backlog_72h": Merge.LAST,
        "oldest_wait_ms": Merge.LATEST,
        "peak": Merge.MAX,
        "wait_max_ms": Merge.MAX,
    }
