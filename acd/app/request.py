"""What a caller's AGI request asks for: the queue, and what this call needs beyond it.

`agi://HOST/QUEUE?need-fr=5&need-billing=3&priority=2`, with the arguments call id, parent call id and join time
that the dialplan keeps for a re-entry.
"""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from acd.core.ids import CallId, QueueName, SkillName
from acd.core.requirement import Requirement, requirement
from telephony.agi.codec import AgiRequest

NEED: Final = "need-"
LEVELS: Final = range(1, 11)
PRIORITIES: Final = range(-1000, 1001)
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,80}")
_NUMBER: Final = re.compile(r"-?[0-9]{1,19}")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """One request, understood; `ignored` names parameters that made no sense, which never keep a caller out."""

    queue: QueueName
    require: Requirement = ()
    priority: int = 0
    call: CallId | None = None
    parent: CallId | None = None
    joined: int | None = None
    switch: str = ""
    ignored: tuple[str, ...] = ()


def understand(request: AgiRequest) -> Asked:
    """Read a request."""
    needs: dict[SkillName, int] = {}
    ignored: list[str] = []
    for name, value in request.parameters.items():
        if name.startswith(NEED):
            level = _whole(value)
            if level in LEVELS:
                needs[SkillName(name.removeprefix(NEED))] = level
            else:
                ignored.append(name)
        elif name not in ("priority", "switch"):
            ignored.append(name)
    priority = _whole(request.parameters.get("priority", "0"))
    if priority not in PRIORITIES:
        ignored.append("priority")
        priority = 0
    arguments = [*request.args, "", "", ""][:3]
    return Asked(
        queue=QueueName(request.network_script),
        require=requirement(needs),
        priority=priority,
        call=_call(arguments[0]),
        parent=_call(arguments[1]),
        joined=_moment(arguments[2]),
        switch=_text(request.parameters, "switch"),
        ignored=tuple(ignored),
    )


def _whole(text: str) -> int:
    """A whole number, or one outside every range when it is none."""
    return int(text) if _NUMBER.fullmatch(text) else -(10**6) if text else 0


def _moment(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None


def _call(text: str) -> CallId | None:
    return CallId(text) if _ID.fullmatch(text) else None


def _text(parameters: Mapping[str, str], name: str) -> str:
    return parameters.get(name, "")
