"""What is wrong and where, before anybody knows the file and the line. Pure."""

import difflib
import functools
import re
from collections.abc import Iterable
from enum import Enum
from typing import Final

import msgspec
from msgspec import Struct

Path = tuple[str | int, ...]
"""Keys from the top; a number is the place in an array of tables, from 0."""

_BARE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_SHOWN: Final = 60  # characters of an operator's own text that a message repeats


class Severity(Enum):
    """An error keeps the configuration from being used, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


class Finding(Struct, frozen=True, kw_only=True):
    """One mistake: the place, what is wrong there, and what to write instead when that is known."""

    path: Path
    message: str
    hint: str | None = None
    severity: Severity = Severity.ERROR
    line: int | None = None
    """Where the finder knows it better than the path does, counted from 1."""


def path_text(path: Path) -> str:
    """Write a path as TOML would: `queues.sales.title`, `switch[0].host`, `queues."a.b".title`."""
    text = ""
    for part in path:
        match part:
            case int():
                text += f"[{part}]"
            case _:
                text += ("." if text else "") + (part if _BARE.fullmatch(part) else quoted(part))
    return text


def quoted(text: str) -> str:
    """Return the text in double quotes, shortened, control characters escaped."""
    short = str(text) if len(text) <= _SHOWN else text[:_SHOWN] + "…"  # msgspec knows no subclasses
    return msgspec.json.encode(short).decode()


def shown(value: object) -> str:
    """Return a value read from TOML as a message repeats it; tables and arrays are only named."""
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value) if abs(value) < 1 << 64 else "a number too large"
        case float():
            return str(value)
        case str():
            return quoted(value)
        case dict():
            return "a table"
        case list():
            return "an array"
        case _:
            return "a date or time"


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return a hint that names the most similar known word, or None when nothing is near."""
    return _did_you_mean(word[:64], frozenset(known))


# One misspelt skill often stands in a thousand agents.
@functools.lru_cache(maxsize=256)
def _did_you_mean(word: str, known: frozenset[str]) -> str | None:
    near = difflib.get_close_matches(word, sorted(known), n=1)
    return f"did you mean {quoted(near[0])}?" if near else None
