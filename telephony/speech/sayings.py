"""What a shell asks for: a number, a place in line, a span, a moment, as prompts in the order they are heard.

`lang` is a language tag, or a `Choice` where the site has another default than English. What comes back is a tuple of
prompts that also tells whose grammar spoke (`Said.choice`). Numbers out of range raise ValueError.
"""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum, unique
from typing import Final

from telephony.speech.grammar import LARGEST, LARGEST_ORDINAL, Prompt
from telephony.speech.registry import Choice, choose
from telephony.speech.rounding import DEFAULT, Precision, Rounding, rounded

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2099


@unique
class Gender(StrEnum):
    """Of the noun that is counted. Without one the number stands alone, as in counting."""

    ALONE = ""
    MASCULINE = ".m"
    FEMININE = ".f"
    NEUTER = ".n"


@unique
class Case(StrEnum):
    """Of the number; languages that don't have it pass over it."""

    NOMINATIVE = ""
    ACCUSATIVE = ".acc"
    GENITIVE = ".gen"


class Said(tuple[Prompt, ...]):  # noqa: SLOT001 - a tuple can't have slots of its own
    """Prompts in order, and whose grammar they are of."""

    choice: Choice


def say_number(
    number: int, lang: str | Choice, *, gender: Gender = Gender.ALONE, case: Case = Case.NOMINATIVE
) -> Said:
    """A cardinal, 0 to 999,999,999."""
    choice = _choice(lang)
    name = choice.grammar.form("cardinal", gender, case)
    return _said(choice, choice.grammar.number(name, _within(number, 0, LARGEST)))


def say_ordinal(number: int, lang: str | Choice, *, gender: Gender = Gender.ALONE) -> Said:
    """A place, 1 to 999."""
    choice = _choice(lang)
    name = choice.grammar.form("ordinal", gender, Case.NOMINATIVE)
    return _said(choice, choice.grammar.number(name, _within(number, 1, LARGEST_ORDINAL)))


def say_digits(number: str, lang: str | Choice) -> Said:
    """A telephone number key by key: 0-9, plus, star and pound. Raises ValueError for anything else."""
    choice = _choice(lang)
    if not set(number) <= set("0123456789+*#"):
        raise ValueError("only 0-9, +, * and # can be said key by key")
    grammar = choice.grammar
    spoken = (
        grammar.number("digit", int(key)) if key.isdecimal() else grammar.phrase(key, {}) for key in number
    )
    return _said(choice, (prompt for each in spoken for prompt in each))


def say_sentence(name: str, lang: str | Choice) -> Said:
    """A whole sentence of telephony.speech.dialogues, such as "callback-taken"."""
    choice = _choice(lang)
    return _said(choice, choice.grammar.phrase(name, {}))


def say_position(place: int, lang: str | Choice, *, limit: int = LARGEST_ORDINAL) -> Said:
    """The place in line as a sentence: the first is next, one beyond the limit (2 to 999) is told as "more than"."""
    choice = _choice(lang)
    most = _within(limit, 2, LARGEST_ORDINAL)
    if _within(place, 1, LARGEST) == 1:
        return _said(choice, choice.grammar.phrase("next", {}))
    name = "position" if place <= most else "position-more-than"
    return _said(choice, choice.grammar.phrase(name, {"n": min(place, most)}))


def say_duration(seconds: float, lang: str | Choice, *, rounding: Rounding = DEFAULT) -> Said:
    """A span: "about three minutes", "one hour twenty minutes", "less than a minute"; up to 999,999,999 seconds."""
    choice = _choice(lang)
    span = rounded(seconds, rounding)
    name = "duration" if span.precision is Precision.EXACTLY else span.precision.value
    return _said(choice, choice.grammar.number(name, _within(span.seconds, 0, LARGEST)))


def say_wait(seconds: float, lang: str | Choice, *, rounding: Rounding = DEFAULT) -> Said:
    """The expected wait as a sentence."""
    choice = _choice(lang)
    span = rounded(seconds, rounding)
    return _said(
        choice, choice.grammar.phrase(f"wait-{span.precision}", {"n": _within(span.seconds, 0, LARGEST)})
    )


def say_time(time: dt.time, lang: str | Choice) -> Said:
    """The time of day, to the minute, by twelve or by twenty-four hours as the language has it."""
    choice = _choice(lang)
    return _said(choice, choice.grammar.number("time", _minute(time)))


def say_date(date: dt.date, lang: str | Choice, *, year: bool = False) -> Said:
    """Day of the week, day and month; with the year, 1900 to 2099."""
    choice = _choice(lang)
    fields = _fields(date)
    if year:
        fields["year"] = _within(date.year, FIRST_YEAR, LAST_YEAR)
    return _said(choice, choice.grammar.phrase("date-year" if year else "date", fields))


def say_moment(moment: dt.datetime, lang: str | Choice, *, today: dt.date) -> Said:
    """A day and a time; `today` is the caller's date, as `moment` is the caller's local time."""
    choice = _choice(lang)
    name = {0: "today", 1: "tomorrow"}.get((moment.date() - today).days, "moment")
    return _said(choice, choice.grammar.phrase(name, {**_fields(moment), "time": _minute(moment.time())}))


def _choice(lang: str | Choice) -> Choice:
    return lang if isinstance(lang, Choice) else choose(lang)


def _said(choice: Choice, prompts: Iterable[Prompt]) -> Said:
    said = Said(prompts)
    said.choice = choice
    return said


def _within(number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise ValueError(f"{number} can't be said here: give {least} to {most}")
    return number


def _minute(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _fields(date: dt.date) -> dict[str, int]:
    """As the tables count: Sunday is 0, January is 0."""
    return {"weekday": date.isoweekday() % 7, "day": date.day, "month": date.month - 1}
