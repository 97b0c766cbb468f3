"""Dialogues with a caller who waits, as generators: a question is yielded, the keys are sent back. Pure.

A dialogue ends with what was chosen, or None: the caller waits on. It is dropped the moment a phone rings for the call.
"""

import datetime as dt
from collections.abc import Callable, Generator, Iterable
from typing import Final

import msgspec

from config.ways import KeyMenu, Way

TRIES: Final = 3
LAST_HOUR: Final = 23
LAST_MINUTE: Final = 59
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
    due: int = 0
    """When the callback is wanted, nanoseconds since the epoch; 0: as soon as may be."""


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


def refused(say: Say) -> Dialogue:
    """What was chosen is not to be had: the caller waits on."""
    yield Question(sounds=say("not-possible"), most=0)
    return None


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """What a callback may be to: the caller's own number ("" when it is none), and what a keyed one comes to ("" likewise)."""

    own: str
    allowed: Callable[[str], str]
    ask: bool
    when: Callable[[str], tuple[int, tuple[str, ...]] | None] | None = None
    """Four digits to a moment (nanoseconds since the epoch) and how it is said; None for no time, or one at which nobody
    calls. Without the function callers are not asked."""


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
            due = yield from _when(numbers, say)
            yield Question(sounds=say("callback-taken"), most=0)
            return Chosen(way=Way(callback=True), key=key, number=number, due=due)
        if answer == "*":
            return None
        if answer == "2" and numbers.ask:
            number = ""
        elif answer:
            yield Question(sounds=say("wrong-key"), most=0)
    return None


def _when(numbers: Numbers, say: Say) -> Generator[Question, str, int]:
    """As soon as may be, unless a time is keyed and confirmed."""
    if numbers.when is None or (yield Question(sounds=say("callback-when"))) != "2":
        return 0
    for _ in range(TRIES):
        keyed = yield Question(sounds=say("callback-time"), most=4)
        moment = numbers.when(keyed)
        if moment is None:
            yield Question(sounds=say("not-possible"), most=0)
            continue
        due, spoken = moment
        if (yield Question(sounds=(*spoken, *say("callback-right")))) == "1":
            return due
    return 0


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


def next_showing(keyed: str, now: dt.datetime) -> dt.datetime | None:
    """When a clock in the zone of `now` shows "1430" next; None for what is no time. An hour that does not exist is passed over."""
    if (
        len(keyed) != len("hhmm")
        or not (keyed.isascii() and keyed.isdecimal())
        or int(keyed[:2]) > LAST_HOUR
        or int(keyed[2:]) > LAST_MINUTE
    ):
        return None
    for days in range(3):
        day = now.date() + dt.timedelta(days=days)
        wall = dt.datetime.combine(day, dt.time(int(keyed[:2]), int(keyed[2:])), now.tzinfo)
        real = wall.astimezone(dt.UTC).astimezone(now.tzinfo)
        if real.time() == wall.time() and wall > now:
            return wall
    return None
