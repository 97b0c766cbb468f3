"""Dialogues before the queue, counted by their ends."""

import pytest

from acd.core import facts as f
from acd.core.dialogues import DialogueEnd, LookupEnd
from acd.core.ids import SwitchName, Uniqueid
from kpi.accumulator import Accumulator
from kpi.counters import Dimension

pytestmark = pytest.mark.unit

SLOT = 900_000_000_000
PBX = SwitchName("pbx1")


def ended(outcome: DialogueEnd) -> f.IvrEnded:
    return f.IvrEnded(
        at=1, ivr="main", switch=PBX, uniqueid=Uniqueid("1.1"), outcome=outcome, node="x", lasted_ms=1_000
    )


def asked(outcome: LookupEnd) -> f.LookupDone:
    return f.LookupDone(
        at=1, ivr="main", switch=PBX, uniqueid=Uniqueid("1.1"), node="who", outcome=outcome, took_ms=3
    )


def test_each_end_and_each_question_counts_once() -> None:
    numbers = Accumulator()
    for outcome in (*DialogueEnd, DialogueEnd.CONTAINED):
        numbers.apply(ended(outcome))
    for answer in LookupEnd:
        numbers.apply(asked(answer))

    (row,) = numbers.rows(dimension=Dimension.IVR, since=0, until=SLOT, now=2)

    assert row.name == "main"
    for outcome in DialogueEnd:
        expected = 2 if outcome is DialogueEnd.CONTAINED else 1
        assert getattr(row.counts, f"dialogues_{outcome}") == expected
    assert (row.counts.dialogue_ms, row.counts.lookups, row.counts.lookups_failed) == (7_000, 5, 3)
