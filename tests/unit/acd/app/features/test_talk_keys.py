"""Keys in a talk."""

import pytest

from acd.app.features.talk_keys import TalkKeys
from acd.core.ids import OfferId

pytestmark = pytest.mark.unit

MEANINGS = {"help": "*4", "record": "#12"}
TALK, OTHER = OfferId("c1.1"), OfferId("c2.1")
S = 1_000_000_000


def meant(keys: str, *, talk: OfferId = TALK, gap: int = S) -> list[str]:
    found = TalkKeys()
    return [name for n, key in enumerate(keys) if (name := found.pressed(talk, key, n * gap, MEANINGS))]


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        ("*4", ["help"]),
        ("**4", ["help"]),
        ("1*42#12", ["help", "record"]),
        ("4*", []),
        ("*4*4", ["help"] * 2),
    ],
)
def test_a_sequence_means_something_whatever_came_before(keys: str, names: list[str]) -> None:
    assert meant(keys) == names


def test_keys_far_apart_belong_to_nothing() -> None:
    assert meant("*4", gap=4 * S) == []


def test_talks_are_apart() -> None:
    keys = TalkKeys()
    assert keys.pressed(TALK, "*", 0, MEANINGS) == ""
    assert keys.pressed(OTHER, "4", 0, MEANINGS) == ""
    assert keys.pressed(TALK, "4", 0, MEANINGS) == "help"
