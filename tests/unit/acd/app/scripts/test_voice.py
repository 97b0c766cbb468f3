"""What scripts say and read, reply by reply."""

from collections.abc import Generator

import pytest

from acd.app.scripts.voice import HungUpError, ask, say
from telephony.agi.codec import AgiReply

pytestmark = pytest.mark.unit


def played(script: Generator[bytes, AgiReply, str], *results: str) -> tuple[list[str], str]:
    """What was said, and what the person keyed; the script must end with the last reply."""
    said, replies = [next(script).decode().strip()], list(results)
    while True:
        try:
            said.append(script.send(AgiReply(200, replies.pop(0))).decode().strip())
        except StopIteration as end:
            assert not replies
            return said, end.value


def test_sounds_follow_each_other_and_nothing_is_asked() -> None:
    script = say("one", "", "two")
    assert [line.decode().split()[2] for line in script] == ["one", "two"]


def test_digits_come_in_one_reply() -> None:
    assert played(ask(8, "pin"), "4711") == (["GET DATA pin 6000 8"], "4711")


def test_a_key_cuts_the_first_sound_and_counts() -> None:
    said, keyed = played(ask(4, "wrong", "pin"), "52", "711")
    assert said == ["STREAM FILE wrong 0123456789*#", 'GET DATA "" 6000 3']
    assert keyed == "4711"


def test_a_sound_that_is_missing_is_passed_over() -> None:
    said, keyed = played(ask(4, "wrong", "pin"), "-1", "1")
    assert (said[1], keyed) == ("GET DATA pin 6000 4", "1")


@pytest.mark.parametrize(("most", "key", "keyed"), [(4, "35", ""), (1, "53", "5")])
def test_one_key_may_be_all(most: int, key: str, keyed: str) -> None:
    assert played(ask(most, "wrong", "pin"), key)[1] == keyed


def test_a_hang_up_ends_the_question() -> None:
    script = ask(4, "pin")
    next(script)
    with pytest.raises(HungUpError):
        script.send(AgiReply(200, "-1"))
