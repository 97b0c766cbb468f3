"""Dialogues with a caller who waits, as generators: a question is yielded, the keys are sent back. Pure.

A dialogue ends with what was chosen, or None: the caller waits on. It is dropped the moment a phone rings for the call.
"""

from collections.abc import Callable, Generator, Iterable
from typing import Final

import msgspec

from config.ways import KeyMenu, Way

TRIES: Final = 3
LONGEST_KEYED: Final = 40
"""What a caller keys beyond it is passed over."""


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Sounds, then so many keys: `most` 0 is a statement, 1 one key, more are closed by # or by silence."""

    sounds: tuple[str, ...]
    most: int = 1
    silence_ms: int = 6_000


class Chosen(msgspec.Struct, frozen=True, kw_only=True):
    """A way out, by which key; a callback with its number."""

    way: Way
    key: str = ""
    number: str = ""


Dialogue = Generator[Question, str, Chosen | None]
Say = Callable[[str], tuple[str, ...]]
"""A sentence of telephony.speech.dialogues, or a number with a plus, as sounds."""


def menu(rule: KeyMenu, say: Say) -> Dialogue:
    """More keys behind a key."""
    for _ in range(rule.tries):
        key = yield Question(sounds=rule.prompts, silence_ms=int(rule.timeout))
        way = rule.keys.get(key)
        if way is not None:
            return Chosen(way=way, key=key)
        if key:
            yield Question(sounds=say("wrong-key"), most=0)
    return None


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """What a callback may be to: the caller's own number ("" when it is none), and what a keyed one comes to ("" likewise)."""

    own: str
    allowed: Callable[[str], str]
    ask: bool


def callback(numbers: Numbers, say: Say, key: str = "") -> Dialogue:
    """Own number or another, read back and confirmed."""
    number = numbers.own
    for _ in range(TRIES):
        if not number:
            number = yield from _keyed(numbers, say)
            if not number:
                continue
        sentence = "callback-confirm" if numbers.ask else "callback-accept"
        sounds = (*say("callback-number"), *say(number), *say(sentence))
        answer = yield Question(sounds=sounds)
        if answer == "1":
            yield Question(sounds=say("callback-taken"), most=0)
            return Chosen(way=Way(callback=True), key=key, number=number)
        if answer == "*":
            return None
        if answer == "2" and numbers.ask:
            number = ""
        elif answer:
            yield Question(sounds=say("wrong-key"), most=0)
    return None


def _keyed(numbers: Numbers, say: Say) -> Generator[Question, str, str]:
    if not numbers.ask:
        yield Question(sounds=say("callback-refused"), most=0)
        return ""
    keyed = yield Question(sounds=say("callback-key"), most=LONGEST_KEYED)
    number = numbers.allowed(keyed) if keyed else ""
    if keyed and not number:
        yield Question(sounds=say("callback-refused"), most=0)
    return number


def begins_with(number: str, beginnings: Iterable[str]) -> bool:
    """Whether a number in E.164 begins with one of these, written with or without a plus."""
    return any(number.removeprefix("+").startswith(start.removeprefix("+")) for start in beginnings)
