"""What stands in an IVR's nodes: variables, keys, masks of digits, texts with variables in them. Pure."""

import re
from collections.abc import Iterator
from typing import Annotated, Final

from msgspec import Meta

from config.values import Duration
from config.working import Sound

Variable = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_]{0,31}\Z",
        extra={"expects": "a variable's name of 1 to 32 characters from a-z 0-9 _ that begins with a letter"},
    ),
]
Key = Annotated[str, Meta(pattern=r"^[0-9*#]\Z", extra={"expects": "one key of 0-9 * #"})]
Mask = Annotated[
    str,
    Meta(
        pattern=r"^[0-9XZN]{1,40}\.?\Z",
        extra={"expects": "digits, X for 0-9, Z for 1-9, N for 2-9, and a last . for one or more: 49XXXX."},
    ),
]
Text = Annotated[
    str,
    Meta(
        pattern=r"^[^\x00-\x1f\x7f]{0,200}\Z",
        extra={"expects": "one line of at most 200 characters, with {variable} where a variable stands"},
    ),
]
Parameter = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_.-]{0,63}\Z",
        extra={"expects": "a parameter of ACD_QUERY, such as need-fr, need, prefer, lang"},
    ),
]
Url = Annotated[
    str,
    Meta(
        pattern=r"^https?://[^\s\x00-\x1f\x7f]{1,500}\Z",
        extra={"expects": "an address that begins with http:// or https://"},
    ),
]
Word = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_*#.+-]{1,80}\Z",
        extra={"expects": "1 to 80 characters from A-Z a-z 0-9 _ * # . + -"},
    ),
]
Prompts = tuple[Sound, ...]

GIVEN: Final = ("caller", "dialled", "language")
"""Variables that every call brings."""
_PLACE: Final = re.compile(r"\{([a-z][a-z0-9_]{0,31})\}")
_NAMED: Final = re.compile(r":([a-z][a-z0-9_]{0,31})")
_DIGITS: Final = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": "[0-9]+"}
WAIT: Final = {"at_least": "1s", "at_most": "1m"}
TIMEOUT: Final = Duration(5_000)


def used(text: str) -> Iterator[str]:
    """The variables that a text names, as {variable}."""
    return (found[1] for found in _PLACE.finditer(text))


def stray(text: str) -> bool:
    """Whether a brace is left that belongs to no variable."""
    return bool(set("{}") & set(_PLACE.sub("", text)))


def bound(query: str) -> tuple[str, ...]:
    """The variables that an SQL query names, as :variable, each once."""
    return tuple(dict.fromkeys(_NAMED.findall(query)))


def fits(mask: str, digits: str) -> bool:
    """Whether digits are as a mask says."""
    return re.fullmatch("".join(_DIGITS.get(each, each) for each in mask), digits) is not None


def split(text: str) -> list[str]:
    """Text and names of variables by turns, text first."""
    return _PLACE.split(text)
