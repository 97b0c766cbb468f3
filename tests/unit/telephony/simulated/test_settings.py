"""What the simulation refuses, and how it draws."""

import random

import pytest

from telephony.simulated.behaviours import Answers, Mixed, Rejects, Rings, pick
from telephony.simulated.manager_user import passes, shipped_user
from telephony.simulated.pace import Pace
from telephony.simulated.workload import Workload

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Answers(after=-1), "0 or more"),
        (lambda: Answers(spread=1.5), "spread between 0 and 1"),
        (lambda: Rejects(499), "cannot refuse with 499"),
        (lambda: Mixed(()), "weights"),
        (lambda: Pace(0), "speed is 0"),
        (lambda: Workload(queues=()), "needs a queue"),
        (lambda: Workload(queues=("s",), declines=0.7, ignores=0.7), "at most 1 together"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_words(make: object, message: str) -> None:
    assert callable(make)

    with pytest.raises(ValueError, match=message):
        make()


def test_a_spread_stays_within_its_bounds() -> None:
    rng = random.Random(1)
    answers = Answers(spread=0.5)

    drawn = [answers.draw(10.0, rng) for _ in range(1000)]

    assert min(drawn) >= 5.0
    assert max(drawn) <= 15.0
    assert max(drawn) - min(drawn) > 9.0


def test_mixed_behaviours_are_drawn_by_weight() -> None:
    rng = random.Random(1)
    mixed = Mixed(((9.0, Answers()), (1.0, Rings())))

    drawn = [pick(mixed, rng) for _ in range(1000)]

    assert 50 < drawn.count(Rings()) < 150


def test_the_shipped_manager_user_reads_just_the_events_it_names() -> None:
    user = shipped_user("acd", "x")

    assert passes(user, "Hangup")
    assert passes(user, "ContactStatus")
    assert not passes(user, "VarSet")
    assert not passes(user, "Newexten")
    assert user.may(frozenset({"call"}))
    assert not user.may(frozenset({"command"}))
