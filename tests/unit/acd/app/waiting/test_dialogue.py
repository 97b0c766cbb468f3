"""What is asked of callers who wait, answer by answer; and which numbers may be called."""

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec
import pytest

from acd.app.waiting.allowed import allowed
from acd.app.waiting.dialogue import Chosen, Dialogue, Numbers, Question, callback, menu, next_showing
from config.ways import Callback, KeyMenu, Way
from telephony.numbers import Numbering

pytestmark = pytest.mark.unit
GERMANY = Numbering(country="49")
RULE = Callback(dial="PJSIP/{number}@trunk", deny=("+49900",))
BOX = Way(voicemail="200")


def say(text: str) -> tuple[str, ...]:
    return (text,)


def numbers(own: str = "+4930111", *, ask: bool = True) -> Numbers:
    return Numbers(own=own, allowed=lambda keyed: allowed(keyed, RULE, GERMANY), ask=ask)


def played(dialogue: Dialogue, *answers: str) -> tuple[list[str], Chosen | None]:
    """What is heard when these keys are pressed, statements aside; and what is chosen."""
    heard, left = [], list(answers)
    question: Question = next(dialogue)
    while True:
        heard.append(" ".join(question.sounds))
        try:
            question = dialogue.send(left.pop(0) if question.most and left else "")
        except StopIteration as over:
            return heard, over.value


def test_the_own_number_is_read_back_and_confirmed() -> None:
    heard, chosen = played(callback(numbers(), say, "1"), "1")
    assert heard == ["callback-number +4930111 callback-confirm", "callback-taken"]
    assert chosen == Chosen(way=Way(callback=True), key="1", number="+4930111")


def test_another_number_is_keyed_and_read_back() -> None:
    heard, chosen = played(callback(numbers(), say), "2", "030654321", "1")
    assert heard[1:3] == ["callback-key", "callback-number +4930654321 callback-confirm"]
    assert chosen is not None
    assert chosen.number == "+4930654321"


def test_who_has_no_number_of_their_own_keys_one() -> None:
    heard, _ = played(callback(numbers(own=""), say), "030654321", "*")
    assert heard == ["callback-key", "callback-number +4930654321 callback-confirm"]


def test_a_number_that_may_not_be_called_is_refused_three_times_at_most() -> None:
    heard, chosen = played(callback(numbers(own=""), say), "0900123456", "123", "0" * 40)
    assert heard == ["callback-key", "callback-refused"] * 3
    assert chosen is None


def test_where_no_other_number_may_be_keyed_it_is_not_offered() -> None:
    heard, chosen = played(callback(numbers(ask=False), say), "2", "*")
    assert heard[0].endswith("callback-accept")
    assert heard[1] == "wrong-key"
    assert chosen is None
    assert played(callback(numbers(own="", ask=False), say))[0] == ["callback-refused"] * 3


def test_silence_asks_again_and_then_lets_the_caller_wait() -> None:
    heard, chosen = played(callback(numbers(), say))
    assert len(heard) == 3
    assert chosen is None


def test_a_menu_says_what_is_wrong_and_ends_by_itself() -> None:
    rule = KeyMenu(prompts=("menu",), keys={"3": BOX}, tries=2)
    assert played(menu(rule, say), "7", "3") == (["menu", "wrong-key", "menu"], Chosen(way=BOX, key="3"))
    assert played(menu(rule, say)) == (["menu", "menu"], None)


@pytest.mark.parametrize(
    ("number", "full"),
    [
        ("030123456", "+4930123456"),
        ("+4930123456", "+4930123456"),
        ("004930123456", "+4930123456"),
        ("0033142000000", ""),
        ("0900123456", ""),
        ("+49900123456", ""),
        ("110", ""),
        ("", ""),
        ("anonymous", ""),
        ("0" * 40, ""),
        ("+49301234567890123", ""),
        ("030123456;sip", ""),
        ("030123456\r\nAction: Originate", ""),
        ("٠٣٠١٢٣٤٥٦", ""),
    ],
)
def test_only_numbers_of_the_country_and_none_that_cost_may_be_called(number: str, full: str) -> None:
    assert allowed(number, RULE, GERMANY) == full


def test_a_list_counts_instead_of_the_country() -> None:
    rule = Callback(dial="PJSIP/{number}@trunk", allow=("+33", "+4930"))
    assert allowed("0033142000000", rule, GERMANY) == "+33142000000"
    assert allowed("089123456", rule, GERMANY) == ""
    assert allowed("+33142000000", rule, Numbering()) == "+33142000000"


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("keyed", "now", "shown"),
    [
        ("1430", "2026-11-23T10:00", "2026-11-23T14:30+01:00"),
        ("0900", "2026-11-23T10:00", "2026-11-24T09:00+01:00"),
        ("0230", "2026-03-28T10:00", "2026-03-30T02:30+02:00"),  # put forward over it on the 29th
        ("2400", "2026-11-23T10:00", ""),
        ("0960", "2026-11-23T10:00", ""),
        ("930", "2026-11-23T10:00", ""),
        ("٠٩٠٠", "2026-11-23T10:00", ""),
    ],
)
def test_a_keyed_time_is_the_next_at_which_the_clock_shows_it(keyed: str, now: str, shown: str) -> None:
    found = next_showing(keyed, dt.datetime.fromisoformat(now).replace(tzinfo=BERLIN))
    assert ("" if found is None else found.isoformat(timespec="minutes")) == shown


def test_a_time_is_read_back_and_confirmed() -> None:
    asked = msgspec.structs.replace(numbers(), when=lambda keyed: (7, ("time",)) if keyed == "1430" else None)
    heard, chosen = played(callback(asked, say), "1", "2", "9999", "1430", "1")
    assert heard[1:6] == [
        "callback-when",
        "callback-time",
        "not-possible",
        "callback-time",
        "time callback-right",
    ]
    assert chosen is not None
    assert chosen.due == 7
    assert played(callback(asked, say), "1", "1")[1] == Chosen(way=Way(callback=True), number="+4930111")
