"""Pauses between tries."""

import random

import pytest

from telephony.ami.backoff import Backoff

pytestmark = pytest.mark.unit


def test_pauses_double_up_to_the_cap_and_keep_to_the_upper_half() -> None:
    backoff = Backoff(0.25, 10.0, random.Random(1))
    ceilings = [0.25, 0.5, 1, 2, 4, 8, 10, 10]

    assert all(ceiling / 2 <= backoff.pause() <= ceiling for ceiling in ceilings)


def test_two_daemons_do_not_come_back_in_step() -> None:
    first, second = (Backoff(1.0, 10.0, random.Random(seed)) for seed in (1, 2))

    assert [first.pause() for _ in range(3)] != [second.pause() for _ in range(3)]


def test_a_long_outage_stays_at_the_cap_and_a_reset_starts_again() -> None:
    backoff = Backoff(0.25, 10.0, random.Random(1))
    for _ in range(5000):
        backoff.pause()

    assert backoff.ceiling == 10.0
    backoff.reset()
    assert backoff.ceiling == 0.25
