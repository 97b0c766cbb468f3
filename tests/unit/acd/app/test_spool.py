"""Calls of an outage become blocked demand, once."""

import json
from pathlib import Path

import pytest

from acd.app.spool import LostCall, facts_of, lost_calls
from acd.core import facts as f
from acd.core.ids import SwitchName
from acd.core.outcomes import BlockReason

pytestmark = pytest.mark.unit

PBX = SwitchName("pbx1")


def spooled(directory: Path, name: str, **fields: object) -> None:
    record = {"queue": "sales", "at": 1_795_398_545.5, "uniqueid": "1.1", "caller": "+49"} | fields
    (directory / name).write_text(json.dumps(record), encoding="utf-8")


def test_a_lost_call_is_blocked_by_the_engine_s_absence_at_its_own_time(tmp_path: Path) -> None:
    spooled(tmp_path, "1.json")

    [(path, lost)] = lost_calls(tmp_path)
    arrived, blocked, ended = facts_of(lost, PBX, 3, known=False)
    assert path.name == "1.json"
    assert isinstance(arrived, f.Arrived)
    assert isinstance(blocked, f.Blocked)
    assert isinstance(ended, f.Ended)
    assert blocked.reason is BlockReason.ENGINE_DOWN
    assert {arrived.at, blocked.at, ended.at} == {1_795_398_545_500_000_000}


def test_a_call_the_journal_knows_is_not_counted_again() -> None:
    assert facts_of(LostCall(queue="sales", at=1.0, call="c1"), PBX, 1, known=True) == []


def test_half_a_file_is_put_aside_and_the_rest_is_read(tmp_path: Path) -> None:
    spooled(tmp_path, "2.json")
    (tmp_path / "1.json").write_text('{"queue":')

    assert [path.name for path, _ in lost_calls(tmp_path)] == ["2.json"]
    assert (tmp_path / "1.bad").exists()


def test_no_spool_is_no_trouble(tmp_path: Path) -> None:
    assert list(lost_calls(tmp_path / "none")) == []
