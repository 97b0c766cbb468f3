"""What a caller's AGI request asks for: the queue, and what this call needs beyond it.

`agi://HOST/QUEUE?need-fr=5&need=billing%3E%3D3%20or%20vip&lang=fr&priority=2`, with the arguments call id, parent call id and
join time that the dialplan keeps for a re-entry. Nothing in a request ever keeps a caller out: what makes no sense is
left out and told.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from acd.core.expression import ExpressionError, read
from acd.core.ids import AgentName, CallId, QueueName
from acd.core.requirement import ANYBODY, Requirement, TooComplexError, both
from telephony.agi.codec import AgiRequest

NEED: Final = "need-"
LEVELS: Final = range(1, 11)
SCORES: Final = range(1, 101)
COMMON_SCORE: Final = 50
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,80}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,19}")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}")
_VARIABLE: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
_VALUE: Final = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request, understood; `ignored` names parameters that made no sense, which never keep a caller out."""

    queue: QueueName
    require: Requirement = ANYBODY
    variables: Mapping[str, str] = {}
    priority: int = 0
    credit: int = 0
    """Nanoseconds."""
    position: int | None = None
    prefer: tuple[tuple[AgentName, int], ...] = ()
    direct: AgentName | None = None
    call: CallId | None = None
    parent: CallId | None = None
    joined: int | None = None
    switch: str = ""
    ignored: tuple[str, ...] = ()


class _Reading(msgspec.Struct):
    """What has been read so far."""

    require: Requirement = ANYBODY
    variables: dict[str, str] = {}
    priority: int = 0
    credit: int = 0
    position: int | None = None
    prefer: tuple[tuple[AgentName, int], ...] = ()
    direct: AgentName | None = None


def understand(request: AgiRequest) -> Asked:
    """Read a request."""
    reading, ignored = _Reading(), []
    for name, value in request.parameters.items():
        if name != "switch" and not _take(reading, name, value):
            ignored.append(name)
    arguments = [*request.args, "", "", ""][:3]
    return Asked(
        queue=QueueName(request.network_script),
        require=reading.require,
        variables=reading.variables,
        priority=reading.priority,
        credit=reading.credit,
        position=reading.position,
        prefer=reading.prefer,
        direct=reading.direct,
        call=_call(arguments[0]),
        parent=_call(arguments[1]),
        joined=_moment(arguments[2]),
        switch=request.parameters.get("switch", ""),
        ignored=tuple(ignored),
    )


def _take(reading: _Reading, name: str, value: str) -> bool:
    """Take one parameter in. False: it makes no sense."""
    if name.startswith(NEED):
        level, wanted = _whole(value, LEVELS), name.removeprefix(NEED)
        named = level is not None and _NAME.fullmatch(wanted) is not None
        return named and _expression(reading, f"{wanted} >= {level}")
    known = _KNOWN.get(name)
    if known is not None:
        return known(reading, value)
    if _VARIABLE.fullmatch(name) and _VALUE.fullmatch(value):
        reading.variables[name] = value
        return True
    return False


def _need(reading: _Reading, need: Requirement) -> bool:
    try:
        reading.require = both(reading.require, need)
    except TooComplexError:
        return False
    return True


def _expression(reading: _Reading, value: str) -> bool:
    try:
        expression = read(value)
        return not expression.variables and _need(reading, expression.resolve({}))
    except ExpressionError:
        return False


def _priority(reading: _Reading, value: str) -> bool:
    priority = _whole(value, range(-1000, 1001))
    reading.priority = priority or 0
    return priority is not None


def _credit(reading: _Reading, value: str) -> bool:
    seconds = _whole(value, range(86_401))
    reading.credit = (seconds or 0) * 1_000_000_000
    return seconds is not None


def _position(reading: _Reading, value: str) -> bool:
    reading.position = _whole(value, range(1, 100_001))
    return reading.position is not None


def _prefer(reading: _Reading, value: str) -> bool:
    """`ann:90,bob`: agents with scores from 1 to 100."""
    found: list[tuple[AgentName, int]] = []
    for part in value.split(","):
        name, _, text = part.partition(":")
        score = _whole(text, SCORES) if text else COMMON_SCORE
        if score is None or not _NAME.fullmatch(name):
            return False
        found.append((AgentName(name), score))
    reading.prefer = tuple(dict(found).items())
    return True


def _direct(reading: _Reading, value: str) -> bool:
    reading.direct = AgentName(value) if _NAME.fullmatch(value) else None
    return reading.direct is not None


_KNOWN: Final[Mapping[str, Callable[[_Reading, str], bool]]] = {
    "need": _expression,
    "priority": _priority,
    "credit": _credit,
    "position": _position,
    "prefer": _prefer,
    "agent": _direct,
}


def _whole(text: str, allowed: range) -> int | None:
    """A whole number within a range, or None."""
    number = int(text) if _NUMBER.fullmatch(text) else None
    return number if number is not None and number in allowed else None


def _moment(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _call(text: str) -> CallId | None:
    return CallId(text) if _ID.fullmatch(text) else None
