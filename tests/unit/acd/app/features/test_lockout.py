"""Wrong PINs count by agent and by phone."""

import pytest

from acd.app.features import lockout
from acd.app.features.lockout import Lockout

pytestmark = pytest.mark.unit

S = 1_000_000_000
ANN, BOB, DESK = "agent ann", "agent bob", "phone 1001"


def test_either_key_locks() -> None:
    found = Lockout()
    found.wrong([ANN, DESK], 1 * S)
    found.wrong([BOB, DESK], 2 * S)
    assert found.locked([DESK], 3 * S, 2, 60 * S)
    assert not found.locked([ANN], 3 * S, 2, 60 * S)
    assert found.locked([ANN, DESK], 3 * S, 2, 60 * S)


def test_wrong_ones_count_for_a_while() -> None:
    found = Lockout()
    found.wrong([ANN], 0)
    found.wrong([ANN], 30 * S)
    assert found.locked([ANN], 59 * S, 2, 60 * S)
    assert not found.locked([ANN], 60 * S, 2, 60 * S)


def test_a_right_one_begins_anew() -> None:
    found = Lockout()
    found.wrong([ANN], 0)
    found.right([ANN])
    found.wrong([ANN], 1)
    assert not found.locked([ANN], 2, 2, 60 * S)


def test_keying_at_random_fills_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lockout, "KEPT", 3)
    found = Lockout()
    for number in range(10):
        found.wrong([f"agent {number}"], number)
    assert not found.locked(["agent 0"], 10, 1, 60 * S)
    assert found.locked(["agent 9"], 10, 1, 60 * S)
