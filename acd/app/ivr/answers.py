"""What a look-up answered, held against what the configuration says it may be. Pure."""

import re
from collections.abc import Mapping
from typing import Final

from config.ivr_nodes import Answer, AnswerType

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_YES_NO: Final = {True: "yes", False: "no"}
"""1 and 0 are keys of it too: SQL has no other truth."""


class MisfitError(Exception):
    """The answer is not as it must be; the text names the field and repeats nothing of it."""


def values_of(answer: Mapping[str, Answer], got: object) -> dict[str, str]:
    """Variables and their values, of a decoded JSON object or a row. Raises MisfitError."""
    if not isinstance(got, dict):
        raise MisfitError("the answer is no object")
    return {name: _value(rule, rule.field or name, got) for name, rule in answer.items()}


def _value(rule: Answer, field: str, got: object) -> str:
    found = _inside(got, field)
    if found is None:
        if rule.required:
            raise MisfitError(f"{field} is missing")
        return ""
    match rule.type:
        case AnswerType.WHOLE:
            return _whole(rule, field, found)
        case AnswerType.YES_NO:
            return _yes_no(field, found)
        case AnswerType.TEXT:
            return _text(rule, field, found)


def _inside(got: object, field: str) -> object:
    """A field of the object itself, or along the dots into objects in it."""
    if isinstance(got, dict) and field in got:
        return got[field]
    for part in field.split("."):
        if not isinstance(got, dict):
            return None
        got = got.get(part)
    return got


def _text(rule: Answer, field: str, found: object) -> str:
    if not isinstance(found, str) or _CONTROL.search(found):
        raise MisfitError(f"{field} is no text of one line")
    if len(found) > rule.longest:
        raise MisfitError(f"{field} is longer than {rule.longest} characters")
    if rule.allowed and found not in rule.allowed:
        raise MisfitError(f"{field} is none of those allowed")
    return found


def _whole(rule: Answer, field: str, found: object) -> str:
    if not isinstance(found, int) or isinstance(found, bool):
        raise MisfitError(f"{field} is no whole number")
    if not rule.lowest <= found <= rule.highest:
        raise MisfitError(f"{field} is not from {rule.lowest} to {rule.highest}")
    return str(found)


def _yes_no(field: str, found: object) -> str:
    if not isinstance(found, int) or found not in _YES_NO:
        raise MisfitError(f"{field} is neither true nor false")
    return _YES_NO[bool(found)]
