"""What is said to a waiting caller, and when."""

from collections import Counter

import pytest

from acd.app.announcement import Plan, Said
from acd.core.ids import CallId
from config.announcing import Announcements, Order
from config.values import Duration

pytestmark = pytest.mark.unit

S = 1_000_000_000
MESSAGES = ("a", "b", "c")


def plan(*, joined: bool = False, call: str = "c1", **rule: object) -> Plan:
    found = Plan.made(CallId(call), Announcements(**rule), 0, joined=joined)  # type: ignore[arg-type]  # a row's fields
    assert found is not None
    return found


def test_a_queue_that_says_nothing_has_no_plan() -> None:
    assert Plan.made(CallId("c1"), Announcements(), 0) is None
    assert Plan.made(CallId("c1"), Announcements(join="hello"), 0, joined=True) is None


def test_the_greeting_is_said_at_once_and_gaps_count_from_the_end() -> None:
    found = plan(join="hello", messages=MESSAGES, first=Duration(10_000), every=Duration(30_000))
    assert found.due == 0
    found.over(4 * S)
    assert found.due == 14 * S
    found.next_message()
    found.over(20 * S)
    assert found.due == 50 * S


def test_a_greeting_alone_is_all() -> None:
    found = plan(join="hello")
    found.over(3 * S)
    assert found.due is None


def test_who_was_greeted_before_waits_for_the_first_message() -> None:
    assert plan(join="hello", messages=MESSAGES, joined=True).due == 20 * S


def test_messages_come_in_turn() -> None:
    found = plan(messages=MESSAGES)
    assert [found.next_message() for _ in range(5)] == ["a", "b", "c", "a", "b"]


def test_shuffled_messages_come_each_once_and_otherwise_for_each_caller() -> None:
    orders = set()
    for number in range(20):
        found = plan(messages=MESSAGES, order=Order.SHUFFLE, call=f"c{number}")
        first, second = ([found.next_message() for _ in MESSAGES] for _ in range(2))
        assert Counter(first) == Counter(second) == Counter(MESSAGES)
        orders.add(tuple(first))
    assert len(orders) > 1


def test_the_place_is_said_when_it_has_changed() -> None:
    found = plan(position=True, position_most=5)
    assert found.news(9, None) == Said(place=5, place_more=True)
    assert found.news(8, None) == Said()
    assert found.news(5, None) == Said(place=5)
    assert found.news(5, None) == Said()
    assert found.news(1, None) == Said(place=1)


def test_the_wait_is_rounded_up_and_has_a_limit() -> None:
    found = plan(wait=True, wait_step=Duration(300_000), wait_most=Duration(1_200_000))
    assert found.news(3, 61_000) == Said(minutes=5)
    assert found.news(3, 299_000) == Said()
    assert found.news(3, 301_000) == Said(minutes=10)
    assert found.news(3, 5_000_000) == Said(minutes=20, minutes_more=True)
    assert found.news(3, None) == Said()
    assert found.news(3, 0) == Said(minutes=5)


def test_everything_is_said_again_where_that_is_wanted() -> None:
    found = plan(position=True, wait=True, only_when_changed=False)
    assert found.news(2, 30_000) == found.news(2, 30_000) == Said(place=2, minutes=1)


def test_what_is_not_wanted_is_not_said() -> None:
    assert plan(messages=MESSAGES).news(3, 60_000) == Said()
